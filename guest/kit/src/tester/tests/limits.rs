//! How much can be tested at once.

use super::super::{Tester, condition, test};
use super::{AS_OF, proof_type};
use crate::contract::testing::{Condition, Operator, Test};

/// So many tests, each with so many conditions.
fn many(tests: usize, conditions: usize) -> Vec<Test> {
    let is_empty = |_| condition("text", Operator::IsEmpty, ());
    let all = |at| test(&format!("t{at}"), "", "").passes("", (0..conditions).map(is_empty));
    (0..tests).map(all).collect()
}

/// What is said about tests that are too many; `None` where they are taken.
fn refusal(tests: &[Test]) -> Option<String> {
    Tester::open(&proof_type(), tests, AS_OF).err().map(|it| it.problem().message.clone())
}

#[test]
fn two_hundred_tests_are_taken_and_no_more() {
    assert_eq!(refusal(&many(200, 1)), None);
    let message = "too many tests: 201, and the limit is 200";
    assert_eq!(refusal(&many(201, 1)).as_deref(), Some(message));
    assert_eq!(refusal(&many(300, 1)).as_deref(), Some("too many tests: 300, and the limit is 200"));
}

#[test]
fn two_thousand_conditions_are_taken_in_all_tests_together() {
    let message = "too many conditions: the limit is 2000 in all tests together";
    assert_eq!(refusal(&many(1, 2_000)), None);
    assert_eq!(refusal(&many(200, 10)), None);
    assert_eq!(refusal(&many(1, 2_001)).as_deref(), Some(message));
    assert_eq!(refusal(&many(200, 11)).as_deref(), Some(message));
    // Those of the scope count, too.
    let scope =
        |it: Condition| many(200, 10).into_iter().map(move |test| test.of(it.clone())).collect::<Vec<_>>();
    assert_eq!(refusal(&scope(condition("text", Operator::IsEmpty, ()))).as_deref(), Some(message));
}
