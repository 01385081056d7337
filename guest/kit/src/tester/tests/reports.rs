//! What is said of a test over all rows.

use super::super::{condition, test};
use super::{open, text};
use crate::contract::testing::{EmptyRule, Operator, Outcome, Report};
use crate::contract::types::{Row, Value};

/// The report on rows that are in scope where the first value is `in`, and pass where the second is above 0.
fn report(rule: EmptyRule, rows: &[(&str, Value)]) -> Report {
    let test = test("t", "", "")
        .of(condition("text", Operator::Equals, "in"))
        .passes("", [condition("integer", Operator::GreaterThan, 0)])
        .when_empty(rule);
    let rows: Vec<Row> = rows.iter().map(|(scope, value)| vec![text(scope), value.clone()]).collect();
    let mut tester = open(test).expect("makes sense");
    tester.observe(&rows).expect("looks");
    tester.finish().remove(0)
}

#[test]
fn the_rule_for_no_rows_decides_nothing_where_there_are_rows() {
    let (good, bad) = (Value::Integer(1), Value::Integer(0));
    for rule in [EmptyRule::Fail, EmptyRule::Pass, EmptyRule::Inconclusive] {
        let outcome = |value: &Value| report(rule, &[("in", value.clone())]).outcome;
        assert_eq!(outcome(&good), Outcome::Pass, "{rule:?}");
        assert_eq!(outcome(&bad), Outcome::Fail, "{rule:?}");
        assert_eq!(outcome(&Value::Absent), Outcome::Inconclusive, "{rule:?}");
    }
}

#[test]
fn rows_out_of_scope_are_counted_and_are_no_rows() {
    let (good, out) = (("in", Value::Integer(1)), ("out", Value::Integer(0)));
    let of = |rows: &[(&str, Value)]| {
        let it = report(EmptyRule::Pass, rows);
        (it.outcome, it.counted, it.not_applicable, it.message)
    };
    let pass =
        |counted, not_applicable, message: &str| (Outcome::Pass, counted, not_applicable, message.to_owned());
    assert_eq!(of(&[]), pass(0, 0, "The proof has no rows, so the test passes."));
    assert_eq!(
        of(std::slice::from_ref(&out)),
        pass(0, 1, "The only row is out of scope, so the test passes.")
    );
    assert_eq!(
        of(&[out.clone(), out.clone(), out.clone()]),
        pass(0, 3, "All 3 rows are out of scope, so the test passes.")
    );
    assert_eq!(of(&[out, good.clone()]), pass(1, 1, "The only row in scope passes."));
    assert_eq!(of(&[good.clone(), good.clone(), good]), pass(3, 0, "All 3 rows in scope pass."));
}

#[test]
fn a_report_says_how_many_rows_fail_and_are_inconclusive() {
    let said = |passed: usize, failed: usize, inconclusive: usize| {
        let rows = [
            vec![("in", Value::Integer(1)); passed],
            vec![("in", Value::Integer(0)); failed],
            vec![("in", Value::Absent); inconclusive],
        ];
        report(EmptyRule::Fail, &rows.concat()).message
    };
    assert_eq!(said(0, 1, 0), "1 of 1 row fails (0.00 % pass; 100 % required).");
    assert_eq!(said(1, 2, 0), "2 of 3 rows fail (33.33 % pass; 100 % required).");
    assert_eq!(said(0, 0, 1), "1 of 1 row is inconclusive (0.00 % pass; 100 % required).");
    assert_eq!(said(1, 0, 2), "2 of 3 rows are inconclusive (33.33 % pass; 100 % required).");
    assert_eq!(said(0, 2, 1), "2 of 3 rows fail and 1 is inconclusive (0.00 % pass; 100 % required).");
    assert_eq!(said(0, 1, 2), "1 of 3 rows fails and 2 are inconclusive (0.00 % pass; 100 % required).");
}
