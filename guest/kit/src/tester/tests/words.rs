//! What a condition is called where a row did not meet it.

use super::super::{days, field, test};
use super::{asking, on_day, open, text};
use crate::contract::testing::{Operand, Operator};
use crate::contract::types::Value;

/// What was wanted of this value, which does not meet the condition.
fn wanted(name: &str, operator: Operator, operand: impl Into<Operand>, value: Value) -> String {
    let mut tester = open(asking(name, operator, operand.into())).expect("makes sense");
    let row =
        tester.fields().iter().map(|it| if it == name { value.clone() } else { Value::Absent }).collect();
    tester.observe(&[row]).expect("looks").findings.remove(0).wanted
}

#[test]
fn a_condition_reads_as_the_end_of_a_sentence() {
    use Operator::*;
    let number = Value::Integer;
    assert_eq!(wanted("text", IsEmpty, (), text("a")), "is empty");
    assert_eq!(wanted("text", IsNotEmpty, (), Value::Empty), "is not empty");
    assert_eq!(wanted("boolean", IsTrue, (), Value::Boolean(false)), "is true");
    assert_eq!(wanted("boolean", IsFalse, (), Value::Boolean(true)), "is false");
    assert_eq!(wanted("text", Equals, "a", text("b")), "is \"a\"");
    assert_eq!(wanted("text", DoesNotEqual, "a", text("a")), "is not \"a\"");
    assert_eq!(wanted("text", Contains, "a", text("b")), "contains \"a\"");
    assert_eq!(wanted("text", DoesNotContain, "a", text("a")), "does not contain \"a\"");
    assert_eq!(wanted("text", MatchesRegex, "^a$", text("b")), "matches \"^a$\"");
    assert_eq!(wanted("text", DoesNotMatchRegex, "^a$", text("a")), "does not match \"^a$\"");
    assert_eq!(wanted("integer", LessThan, 5, number(5)), "is less than 5");
    assert_eq!(wanted("integer", AtMost, 5, number(6)), "is at most 5");
    assert_eq!(wanted("integer", GreaterThan, 5, number(5)), "is greater than 5");
    assert_eq!(wanted("integer", AtLeast, 5, number(4)), "is at least 5");
    assert_eq!(wanted("instant", IsBefore, on_day(0), on_day(0)), "is before 2026-11-01");
    assert_eq!(wanted("instant", IsAfter, on_day(0), on_day(0)), "is after 2026-11-01");
    assert_eq!(wanted("instant", IsAfter, field("instant-2"), on_day(0)), "is after \"instant-2\"");
    assert_eq!(
        wanted("instant", IsLessThanDaysFromNow, days(30), on_day(30)),
        "is less than 30 days from now"
    );
    assert_eq!(wanted("instant", IsAtLeastDaysFromNow, days(1), on_day(0)), "is at least 1 day from now");
    assert_eq!(wanted("instant", IsMoreThanDaysAgo, days(90), on_day(0)), "is more than 90 days ago");
    assert_eq!(wanted("instant", IsAtMostDaysAgo, days(90), on_day(-91)), "is at most 90 days ago");
}

#[test]
fn a_test_names_the_controls_that_it_is_evidence_for() {
    assert_eq!(
        test("t", "", "").controls(&["soc2:cc7.1", "cis-8.1:7.5"]).controls,
        ["soc2:cc7.1", "cis-8.1:7.5"]
    );
}
