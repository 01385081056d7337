//! Every operator, of every kind, on every sort of value; and the laws that hold.

mod limits;
mod reports;
mod words;

use proptest::prelude::*;

use super::report::Counts;
use super::*;
use crate::contract::catalog::{Field, ProofType};
use crate::contract::testing::{EmptyRule, Operand, Operator, Outcome, Test};
use crate::contract::types::{Error, Instant, Kind, Row, Value};

const DAY: i64 = 86_400_000;
/// 2026-11-01, at noon: what counts is the day.
const AS_OF: Instant = 1_793_491_200_000 + DAY / 2;

const KINDS: [Kind; 7] =
    [Kind::Text, Kind::Integer, Kind::Number, Kind::Boolean, Kind::Instant, Kind::Duration, Kind::Texts];

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Boolean => "boolean",
        Kind::Instant => "instant",
        Kind::Duration => "duration",
        Kind::Texts => "texts",
    }
}

/// A proof type with two fields of each kind, such as `text` and `text-2`.
fn proof_type() -> ProofType {
    let field = |name: String, kind| Field {
        aliases: vec![format!("old-{name}")],
        label: name.clone(),
        name,
        kind,
        help: String::new(),
        shown: true,
        personal: false,
    };
    ProofType {
        name: "things".to_owned(),
        label: "Things".to_owned(),
        help: String::new(),
        fields: KINDS
            .into_iter()
            .flat_map(|it| [field(name(it).to_owned(), it), field(format!("{}-2", name(it)), it)])
            .collect(),
        key: Vec::new(),
        criteria: Vec::new(),
        window: None,
        changes: Err("Its source is not asked for changes.".to_owned()),
        needs: Vec::new(),
        link: None,
        schedule: "0 6 * * *".to_owned(),
        suggested: Vec::new(),
        blanked: Vec::new(),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn on_day(days: i64) -> Value {
    Value::Instant(AS_OF + days * DAY)
}

/// A test with one condition.
fn asking(field: &str, operator: Operator, operand: Operand) -> Test {
    test("t", "", "").passes("", [condition(field, operator, operand)])
}

fn open(test: Test) -> Result<Tester, Error> {
    Tester::open(&proof_type(), &[test], AS_OF)
}

fn refused(test: Test) -> (String, String) {
    let problem = open(test).expect_err("refused").problem().clone();
    (problem.message, problem.subject.unwrap_or_default())
}

/// The outcome of one row with one value.
fn outcome(field: &str, operator: Operator, operand: Operand, value: Value) -> Outcome {
    let mut tester = open(asking(field, operator, operand)).expect("makes sense");
    tester.observe(&[vec![value]]).expect("looks").outcomes[0]
}

/// For each operator and a kind that has it: what it is held against, a value of which it
/// holds, and one of which it does not; and whether it holds of `empty`.
fn table() -> Vec<(Operator, Kind, Operand, Value, Value, bool)> {
    use Kind::{Boolean, Duration, Instant, Integer, Number, Text, Texts};
    use Operator::*;
    let value = Operand::Value;
    let texts = |it: &[&str]| Value::Texts(it.iter().map(|it| (*it).to_owned()).collect());
    vec![
        (IsEmpty, Text, Operand::None, Value::Empty, text("a"), true),
        (IsEmpty, Integer, Operand::None, Value::Empty, Value::Integer(0), true),
        (IsEmpty, Number, Operand::None, Value::Empty, Value::Number(0.0), true),
        (IsEmpty, Boolean, Operand::None, Value::Empty, Value::Boolean(false), true),
        (IsEmpty, Instant, Operand::None, Value::Empty, on_day(0), true),
        (IsEmpty, Duration, Operand::None, Value::Empty, Value::Duration(0), true),
        (IsEmpty, Texts, Operand::None, Value::Empty, texts(&["a"]), true),
        (IsNotEmpty, Text, Operand::None, text("a"), Value::Empty, false),
        (IsNotEmpty, Integer, Operand::None, Value::Integer(0), Value::Empty, false),
        (IsNotEmpty, Number, Operand::None, Value::Number(0.0), Value::Empty, false),
        (IsNotEmpty, Boolean, Operand::None, Value::Boolean(false), Value::Empty, false),
        (IsNotEmpty, Instant, Operand::None, on_day(0), Value::Empty, false),
        (IsNotEmpty, Duration, Operand::None, Value::Duration(0), Value::Empty, false),
        (IsNotEmpty, Texts, Operand::None, texts(&["a"]), Value::Empty, false),
        (Equals, Text, value(text("a")), text("a"), text("A"), false),
        (Equals, Integer, value(Value::Integer(1)), Value::Integer(1), Value::Integer(2), false),
        (Equals, Number, value(Value::Number(1.5)), Value::Number(1.5), Value::Number(1.6), false),
        (Equals, Instant, value(on_day(0)), Value::Instant(AS_OF + DAY / 3), on_day(1), false),
        (Equals, Duration, value(Value::Duration(60)), Value::Duration(60), Value::Duration(61), false),
        (Equals, Texts, value(texts(&["a", "b"])), texts(&["a", "b"]), texts(&["b", "a"]), false),
        (DoesNotEqual, Text, value(text("a")), text("b"), text("a"), true),
        (DoesNotEqual, Integer, value(Value::Integer(1)), Value::Integer(2), Value::Integer(1), true),
        (DoesNotEqual, Number, value(Value::Number(1.5)), Value::Number(2.5), Value::Number(1.5), true),
        (DoesNotEqual, Instant, value(on_day(0)), on_day(-1), on_day(0), true),
        (DoesNotEqual, Duration, value(Value::Duration(60)), Value::Duration(1), Value::Duration(60), true),
        (DoesNotEqual, Texts, value(texts(&["a"])), texts(&["b"]), texts(&["a"]), true),
        (Contains, Text, value(text("b")), text("abc"), text("ABC"), false),
        (Contains, Texts, value(text("b")), texts(&["a", "b"]), texts(&["abc"]), false),
        (DoesNotContain, Text, value(text("b")), text("ac"), text("abc"), true),
        (DoesNotContain, Texts, value(text("b")), texts(&["abc"]), texts(&["b"]), true),
        (MatchesRegex, Text, value(text("^a.c$")), text("abc"), text("xabc"), false),
        (MatchesRegex, Texts, value(text("^Env:")), texts(&["x", "Env:1"]), texts(&["x"]), false),
        (DoesNotMatchRegex, Text, value(text("(?i)b")), text("ac"), text("aBc"), true),
        (DoesNotMatchRegex, Texts, value(text("b")), texts(&["a"]), texts(&["a", "b"]), true),
        (LessThan, Integer, value(Value::Integer(5)), Value::Integer(4), Value::Integer(5), false),
        (LessThan, Number, value(Value::Number(5.0)), Value::Number(4.9), Value::Number(5.0), false),
        (LessThan, Duration, value(Value::Duration(5)), Value::Duration(4), Value::Duration(5), false),
        (AtMost, Integer, value(Value::Integer(5)), Value::Integer(5), Value::Integer(6), false),
        (AtMost, Number, value(Value::Number(5.0)), Value::Number(5.0), Value::Number(5.1), false),
        (AtMost, Duration, value(Value::Duration(5)), Value::Duration(5), Value::Duration(6), false),
        (GreaterThan, Integer, value(Value::Integer(5)), Value::Integer(6), Value::Integer(5), false),
        (GreaterThan, Number, value(Value::Number(5.0)), Value::Number(5.1), Value::Number(5.0), false),
        (GreaterThan, Duration, value(Value::Duration(5)), Value::Duration(6), Value::Duration(5), false),
        (AtLeast, Integer, value(Value::Integer(5)), Value::Integer(5), Value::Integer(4), false),
        (AtLeast, Number, value(Value::Number(5.0)), Value::Number(5.0), Value::Number(4.9), false),
        (AtLeast, Duration, value(Value::Duration(5)), Value::Duration(5), Value::Duration(4), false),
        (IsBefore, Instant, value(on_day(0)), on_day(-1), Value::Instant(AS_OF - DAY / 2), false),
        (IsAfter, Instant, value(on_day(0)), on_day(1), Value::Instant(AS_OF + DAY / 3), false),
        (IsLessThanDaysFromNow, Instant, days(30), on_day(29), on_day(30), false),
        (IsLessThanDaysFromNow, Instant, days(30), on_day(-99), on_day(31), false),
        (IsAtLeastDaysFromNow, Instant, days(30), on_day(30), on_day(29), false),
        (IsMoreThanDaysAgo, Instant, days(90), on_day(-91), on_day(-90), false),
        (IsAtMostDaysAgo, Instant, days(90), on_day(-90), on_day(-91), false),
        (IsTrue, Boolean, Operand::None, Value::Boolean(true), Value::Boolean(false), false),
        (IsFalse, Boolean, Operand::None, Value::Boolean(false), Value::Boolean(true), false),
    ]
}

#[test]
fn every_operator_of_every_kind() {
    for (operator, kind, operand, good, bad, of_empty) in table() {
        let comes_to = |value| outcome(name(kind), operator, operand.clone(), value);
        let shown = format!("{} {}", name(kind), operator.name());
        assert_eq!(comes_to(good), Outcome::Pass, "{shown}");
        assert_eq!(comes_to(bad), Outcome::Fail, "{shown}");
        let expected = if of_empty { Outcome::Pass } else { Outcome::Fail };
        assert_eq!(comes_to(Value::Empty), expected, "{shown}, empty");
        assert_eq!(comes_to(Value::Absent), Outcome::Inconclusive, "{shown}, absent");
        let wrong = if kind == Kind::Text { Value::Integer(1) } else { text("1") };
        assert_eq!(comes_to(wrong), Outcome::Inconclusive, "{shown}, another kind");
    }
}

#[test]
fn the_table_leaves_nothing_out() {
    let table = table();
    for operator in super::operators::ALL {
        for kind in KINDS {
            let listed = table.iter().any(|it| (it.0, it.1) == (operator, kind));
            assert_eq!(operator.fits(kind), listed, "{} of {}", operator.name(), name(kind));
        }
    }
}

#[test]
fn no_other_kind_has_an_operator() {
    for operator in super::operators::ALL {
        for kind in KINDS.into_iter().filter(|it| !operator.fits(*it)) {
            let (message, place) = refused(asking(name(kind), operator, Operand::None));
            assert!(message.contains("does not apply to it"), "{message}");
            assert_eq!(place, "/0/cases/0/conditions/0/operator");
        }
    }
}

#[test]
fn fields_are_held_against_each_other() {
    let later = asking("instant", Operator::IsAfter, field("instant-2"));
    let mut tester = open(later).expect("makes sense");
    assert_eq!(tester.fields(), ["instant", "instant-2"]);
    let rows: [Row; 5] = [
        vec![on_day(2), on_day(1)],
        vec![on_day(1), on_day(1)],
        vec![on_day(1), Value::Empty],
        vec![on_day(1), Value::Absent],
        vec![Value::Absent, on_day(1)],
    ];
    use Outcome::{Fail, Inconclusive, Pass};
    let outcomes = tester.observe(&rows).expect("looks").outcomes;
    assert_eq!(outcomes, [Pass, Fail, Fail, Inconclusive, Inconclusive]);
}

#[test]
fn a_former_name_still_works() {
    let tester = open(asking("old-text", Operator::IsEmpty, Operand::None)).expect("makes sense");
    assert_eq!(tester.fields(), ["text"], "by the name that it has now");
}

#[test]
fn refusals_point_at_the_place_and_name_the_fix() {
    let asks = |field: &str, operator, operand: Operand| refused(asking(field, operator, operand));
    assert_eq!(
        asks("txet", Operator::IsEmpty, Operand::None),
        (
            "unknown field \"txet\"; did you mean \"text\"?".to_owned(),
            "/0/cases/0/conditions/0/field".to_owned()
        )
    );
    assert_eq!(
        asks("boolean", Operator::Equals, text("x").into()).0,
        "the field \"boolean\" is true or false, and the operator \"equals\" does not apply to it. Operators that \
         apply: is-empty, is-not-empty, is-true, is-false"
    );
    assert_eq!(
        asks("integer", Operator::LessThan, text("5").into()).0,
        "the operator \"less-than\" on the field \"integer\" takes a whole number, or another field of that kind"
    );
    assert_eq!(
        asks("integer", Operator::LessThan, field("number")).0,
        "\"integer\" is a whole number and \"number\" is a number: only fields of the same kind can be compared"
    );
    assert_eq!(
        asks("text", Operator::IsEmpty, text("x").into()).0,
        "the operator \"is-empty\" on the field \"text\" takes no operand"
    );
    assert_eq!(
        asks("instant", Operator::IsMoreThanDaysAgo, days(400_000)).0,
        "the operator \"is-more-than-days-ago\" on the field \"instant\" takes a number of days up to 365000"
    );
    for bomb in ["(", "(a{1000}){1000}", &"(".repeat(100), "a{99999999}"] {
        let (message, place) = asks("text", Operator::MatchesRegex, text(bomb).into());
        assert!(message.starts_with("the regular expression cannot be used"), "{message}");
        assert_eq!(place, "/0/cases/0/conditions/0/operand");
    }
    let greedy = asking("text", Operator::IsEmpty, Operand::None).threshold(10_001);
    assert_eq!(refused(greedy).1, "/0/threshold");
    assert_eq!(refused(test("t", "", "")).1, "/0/cases");
    let twice =
        [asking("text", Operator::IsEmpty, Operand::None), asking("text", Operator::IsEmpty, Operand::None)];
    assert!(Tester::open(&proof_type(), &twice, AS_OF).is_err(), "one name, two tests");
}

#[test]
fn expressions_take_linear_time() {
    let evil = asking("text", Operator::MatchesRegex, text("^(a+)+$").into());
    let mut tester = open(evil).expect("makes sense");
    let row = vec![text(&format!("{}!", "a".repeat(10_000)))];
    assert_eq!(tester.observe(&[row]).expect("looks").outcomes, [Outcome::Fail]);
}

#[test]
fn scope_decides_which_rows_count() {
    let test = test("t", "", "")
        .of(condition("text", Operator::Equals, "Active"))
        .passes("", [condition("integer", Operator::AtLeast, 1)]);
    let mut tester = open(test).expect("makes sense");
    let rows: [Row; 5] = [
        vec![text("Active"), Value::Integer(1)],
        vec![text("Active"), Value::Integer(0)],
        vec![text("Inactive"), Value::Integer(0)],
        vec![text("Inactive"), Value::Absent],
        vec![Value::Absent, Value::Integer(1)],
    ];
    use Outcome::{Fail, Inconclusive, NotApplicable, Pass};
    let outcomes = tester.observe(&rows).expect("looks").outcomes;
    assert_eq!(outcomes, [Pass, Fail, NotApplicable, NotApplicable, Inconclusive]);
    let report = &tester.finish()[0];
    assert_eq!(report.outcome, Fail);
    assert_eq!(report.message, "1 of 3 rows fails and 1 is inconclusive (33.33 % pass; 100 % required).");
}

#[test]
fn findings_say_what_each_case_stumbled_on() {
    let test = test("t", "", "")
        .passes("fast", [condition("duration", Operator::AtMost, Value::Duration(60))])
        .passes(
            "excused",
            [condition("text", Operator::IsNotEmpty, ()), condition("text", Operator::DoesNotEqual, "later")],
        );
    let mut tester = open(test).expect("makes sense");
    let findings = tester.observe(&[vec![Value::Duration(61), text("later")]]).expect("looks").findings;
    let said: Vec<String> =
        findings.iter().map(|it| format!("{}: {:?}, wanted: {}", it.field, it.seen, it.wanted)).collect();
    assert_eq!(
        said,
        [
            "duration: Value::Duration(61), wanted: is at most 1 minute",
            "text: Value::Text(\"later\"), wanted: is not \"later\"",
        ]
    );
}

#[test]
fn a_proof_without_rows_is_what_the_test_says() {
    let comes_to = |rule| {
        let test = asking("text", Operator::IsEmpty, Operand::None).when_empty(rule);
        let report = open(test).expect("makes sense").finish().remove(0);
        (report.outcome, report.message)
    };
    assert_eq!(
        comes_to(EmptyRule::Fail),
        (Outcome::Fail, "The proof has no rows, so the test fails.".to_owned())
    );
    assert_eq!(comes_to(EmptyRule::Pass).0, Outcome::Pass);
    assert_eq!(comes_to(EmptyRule::Inconclusive).0, Outcome::Inconclusive);
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let value = prop_oneof![
        Just(Value::Absent),
        Just(Value::Empty),
        (0_i64..4).prop_map(Value::Integer),
        Just(text("not a number")),
    ];
    prop::collection::vec(prop::collection::vec(value, 2), 0..30)
}

/// Two conditions, on both columns.
fn pair() -> [crate::contract::testing::Condition; 2] {
    [condition("integer", Operator::LessThan, 2), condition("integer-2", Operator::GreaterThan, 1)]
}

fn opposite() -> [crate::contract::testing::Condition; 2] {
    [condition("integer", Operator::AtLeast, 2), condition("integer-2", Operator::AtMost, 1)]
}

proptest! {
    #[test]
    fn the_threshold_is_its_formula(
        passed in 0_u64..2_000, failed in 0_u64..2_000, inconclusive in 0_u64..50, threshold in 0_u32..=10_000,
    ) {
        let counts = Counts { passed, failed, inconclusive, not_applicable: 7 };
        let counted = passed + failed + inconclusive;
        let outcome = counts.outcome(threshold, EmptyRule::Fail);
        let reached = |passed: u64| passed * 10_000 >= u64::from(threshold) * counted;
        let expected = if counted == 0 {
            Outcome::Fail
        } else if reached(passed) {
            Outcome::Pass
        } else if reached(passed + inconclusive) {
            Outcome::Inconclusive
        } else {
            Outcome::Fail
        };
        prop_assert_eq!(outcome, expected);
    }

    /// What is not in the scope `a and b` is in `not a`, or in `not b`.
    #[test]
    fn de_morgan_holds_of_scopes(rows in rows()) {
        // Empty is neither less nor greater, so the opposite holds of dates and numbers only.
        let rows: Vec<Row> = rows.into_iter().filter(|row| !row.contains(&Value::Empty)).collect();
        let both = pair().into_iter().fold(test("both", "", ""), Test::of).passes("", pair());
        let [not_a, not_b] = opposite();
        let either = test("either", "", "").passes("", [not_a]).passes("", [not_b]);
        let mut tester = Tester::open(&proof_type(), &[both, either], AS_OF).expect("makes sense");
        for outcomes in tester.observe(&rows).expect("looks").outcomes.chunks(2) {
            prop_assert_eq!(outcomes[0] == Outcome::NotApplicable, outcomes[1] == Outcome::Pass);
            prop_assert_eq!(outcomes[0] == Outcome::Inconclusive, outcomes[1] == Outcome::Inconclusive);
        }
    }

    #[test]
    fn neither_the_order_of_rows_nor_batches_matter(mut rows in rows(), size in 1_usize..10) {
        let reports = |rows: &[Row], size: usize| {
            let test = test("t", "", "").passes("", pair());
            let mut tester = open(test).expect("makes sense");
            let mut outcomes = Vec::new();
            for batch in rows.chunks(size) {
                outcomes.extend(tester.observe(batch).expect("looks").outcomes);
            }
            (outcomes, tester.finish())
        };
        let (whole, report) = reports(&rows, usize::MAX);
        prop_assert_eq!(&reports(&rows, size), &(whole, report.clone()));
        rows.reverse();
        prop_assert_eq!(reports(&rows, usize::MAX).1, report);
    }
}
