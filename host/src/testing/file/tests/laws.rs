//! What holds of every file.

use proptest::prelude::*;

use crate::contract::testing::{Condition, EmptyRule, Operand, Test, TestCase};
use crate::contract::types::{Kind, Value};
use crate::testing::file::operator::{Operator, Takes};

use super::examples::{KINDS, everything, suite, users};
use super::*;

#[test]
fn what_is_written_reads_back_whatever_is_asked() {
    let text = write(&users(), &everything(), &[]);
    assert_eq!(suite(&text).map_err(|it| it.to_string()).expect("reads").tests(), everything(), "{text}");
}

/// Milliseconds of the years 1 to 9998.
const INSTANTS: std::ops::Range<i64> = -62_135_596_800_000..253_370_764_800_000;

fn value(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::Text => any::<String>().prop_map(Value::Text).boxed(),
        Kind::Integer => any::<i64>().prop_map(Value::Integer).boxed(),
        Kind::Number => {
            any::<f64>().prop_filter("finite", |it| it.is_finite()).prop_map(Value::Number).boxed()
        }
        Kind::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        Kind::Instant => prop_oneof![
            INSTANTS.prop_map(Value::Instant),
            INSTANTS.prop_map(|it| Value::Instant(it.div_euclid(86_400_000) * 86_400_000)),
        ]
        .boxed(),
        Kind::Duration => (0..=i64::MAX as u64).prop_map(Value::Duration).boxed(),
        Kind::Texts => prop::collection::vec(any::<String>(), 0..4).prop_map(Value::Texts).boxed(),
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    let asked = (prop::sample::select(KINDS.to_vec()), prop::sample::select(Operator::ALL.to_vec()));
    let asked = asked.prop_filter("makes sense", |(kind, operator)| operator.fits(*kind));
    asked.prop_flat_map(|(kind, operator)| {
        let field = users().fields.into_iter().find(|it| it.kind == kind).expect("one of each kind").name;
        let operand = match operator.takes() {
            Takes::Nothing => Just(Operand::None).boxed(),
            Takes::Days => any::<u32>().prop_map(Operand::Days).boxed(),
            Takes::Text => value(Kind::Text).prop_map(Operand::Value).boxed(),
            Takes::ValueOrOther => {
                prop_oneof![value(kind).prop_map(Operand::Value), Just(Operand::Field(field.clone())),]
                    .boxed()
            }
        };
        operand.prop_map(move |operand| Condition {
            field: field.clone(),
            operator: operator.into(),
            operand,
        })
    })
}

fn test() -> impl Strategy<Value = Test> {
    let case = ("\\PC{0,20}", prop::collection::vec(condition(), 1..4));
    let case = case.prop_map(|(label, conditions)| TestCase { label: seen(&label), conditions });
    let empty = prop::sample::select(vec![EmptyRule::Fail, EmptyRule::Pass, EmptyRule::Inconclusive]);
    (
        "[a-z0-9-]{1,20}",
        "\\PC{0,40}",
        "(\\PC{0,40}\n){0,3}",
        prop::collection::vec(condition(), 0..3),
        prop::collection::vec(case, 1..4),
        0..=10_000_u32,
        empty,
        prop::collection::vec("[a-z0-9:.-]{1,20}", 0..4),
    )
        .prop_map(|(name, label, help, scope, cases, threshold, when_empty, controls)| Test {
            name,
            label: seen(&label),
            help: help.split('\n').map(seen).collect::<Vec<_>>().join("\n"),
            scope,
            cases,
            threshold,
            when_empty,
            controls,
        })
}

fn seen(text: &str) -> String {
    text.chars().filter(|it| !exhibit_rows::text::is_invisible(*it)).collect()
}

proptest! {
    #[test]
    fn what_is_written_reads_back(test in test()) {
        let text = write(&users(), std::slice::from_ref(&test), &[]);
        let read = suite(&text).map_err(|it| TestCaseError::fail(format!("{it}\n{text}")))?;
        prop_assert_eq!(read.tests(), &[test], "{}", text);
    }

    #[test]
    fn what_is_written_shows_what_it_says(test in test()) {
        let text = write(&users(), &[test], &[]);
        let unseen = text.chars().find(|it| *it != '\n' && exhibit_rows::text::is_invisible(*it));
        prop_assert_eq!(unseen, None);
    }

    #[test]
    fn no_text_is_too_much_for_the_reader(text in any::<String>()) {
        drop(suite(&text));
        drop(suite(&format!("version = 1\n{text}")));
    }

    /// Files that are nearly right get further than texts at random.
    #[test]
    fn no_slip_of_the_finger_is_too_much_for_the_reader(at in any::<prop::sample::Index>(), cut in 0..30_usize, put in "[\\[\\]{}\"'=,.#\n a-z0-9-]{0,8}") {
        let mut chars: Vec<char> = write(&users(), &everything(), &[]).chars().collect();
        let at = at.index(chars.len());
        let end = (at + cut).min(chars.len());
        chars.splice(at..end, put.chars());
        if let Err(error) = suite(&chars.into_iter().collect::<String>()) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn any_pointer_of_a_plugin_is_some_place(pointer in "(/(0|1|7|cases|scope|conditions|threshold|operand|field|ä)){0,7}") {
        use crate::contract::types::{Error, Problem};
        let suite = suite(&write(&users(), &everything(), &[])).expect("reads");
        let subject = Some(pointer);
        let error = Error::Invalid(Problem { message: "no".to_owned(), remedy: None, code: None, subject });
        prop_assert!(matches!(suite.explain(&error), SuiteError::Senseless(_)));
    }
}
