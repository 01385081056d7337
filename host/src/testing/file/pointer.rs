//! What a tester's pointer, such as `/0/cases/1/conditions/0/operand`, points at in a file.

use std::ops::Range;

use toml::Spanned;

use super::written::{Condition, Test};

/// Which of the tests it is about.
pub(super) fn test(pointer: &str) -> Option<usize> {
    pointer.strip_prefix('/')?.split('/').next()?.parse().ok()
}

/// The bytes that it points at, or as near as can be found: a plugin may point anywhere. And
/// what usually helps there.
pub(super) fn resolve(pointer: &str, test: &Spanned<Test>) -> (Range<usize>, Option<&'static str>) {
    let it = test.get_ref();
    let parts: Vec<&str> = pointer.split('/').skip(2).collect();
    let index = |text: &str| text.parse::<usize>().ok();
    match parts.as_slice() {
        ["threshold", ..] => (it.threshold.as_ref().map_or(test.span(), Spanned::span), None),
        ["scope", at, rest @ ..] => match index(at).and_then(|at| it.scope.get(at)) {
            Some(condition) => part(condition, rest),
            None => (test.span(), None),
        },
        ["cases", at, rest @ ..] => match (index(at).and_then(|at| it.case.get_ref().get(at)), rest) {
            (Some(case), ["conditions", at, rest @ ..]) => {
                match index(at).and_then(|at| case.all.get_ref().get(at)) {
                    Some(condition) => part(condition, rest),
                    None => (case.all.span(), None),
                }
            }
            (Some(case), _) => (case.all.span(), None),
            (None, _) => (it.case.span(), None),
        },
        ["cases"] => (it.case.span(), None),
        _ => (it.name.span(), None),
    }
}

fn part(condition: &Spanned<Condition>, rest: &[&str]) -> (Range<usize>, Option<&'static str>) {
    let Condition { field, operator, value, days, other } = condition.get_ref();
    match rest {
        ["field", ..] => (field.span(), None),
        ["operator", ..] => (operator.span(), None),
        ["operand", ..] => {
            let written = [
                value.as_ref().map(Spanned::span),
                days.as_ref().map(Spanned::span),
                other.as_ref().map(Spanned::span),
            ];
            let span = written.into_iter().flatten().next().unwrap_or(operator.span());
            let simpler = "write a simpler expression: no repeat within a repeat, and ^ and $ for the ends";
            (span, operator.get_ref().takes_expression().then_some(simpler))
        }
        _ => (condition.span(), None),
    }
}
