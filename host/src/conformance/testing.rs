//! The tester: what it takes, what it refuses, and whether it judges rows one by one.

use super::AS_OF;
use super::dice::Dice;
use crate::checks::{Fault, Verdict};
use crate::plugin::contract::catalog::ProofType;
use crate::plugin::contract::testing::{
    Condition, EmptyRule, Operand, Operator, Outcome, Report, Test, TestCase,
};
use crate::plugin::contract::types::{Error, Kind, Row, Value};
use crate::plugin::{Plugin, PluginError};

/// Made-up rows: each kind's values meet each other.
const ROWS: usize = 60;
/// How many rows are handed over at once: all, one, and a number that divides nothing.
const BATCHES: [usize; 3] = [ROWS, 1, 7];
/// No type has such a field.
const NO_FIELD: &str = "there-is-no-such-field";

/// Takes the plugin's own tests, and refuses what makes no sense.
pub(super) async fn takes_tests(plugin: &Plugin, proof_type: &ProofType) -> Verdict {
    let mut faults = Vec::new();
    let tests = tests(proof_type);
    if let Err(error) = plugin.tester(&proof_type.name, &tests, AS_OF).await {
        let next = "mend the suggested tests, or the tester";
        faults.push(Fault { what: format!("it refuses its own tests: {error}"), next: next.to_owned() });
    }
    match plugin.tester(&proof_type.name, &[asking(NO_FIELD)], AS_OF).await {
        Err(PluginError::Said(Error::Invalid(_))) => {}
        Err(error) => faults.push(Fault {
            what: format!("a test of an unknown field: {error}"),
            next: "refuse it as `invalid`".to_owned(),
        }),
        Ok(_) => faults.push(Fault {
            what: "it takes a test of a field that it does not have".to_owned(),
            next: "refuse it as `invalid`, with a subject that points at the place".to_owned(),
        }),
    }
    Verdict::of(faults, format!("{} of its own, and one of an unknown field", tests.len()))
}

/// The same rows come to the same, however they are handed over.
pub(super) async fn judges_row_by_row(plugin: &Plugin, proof_type: &ProofType) -> Verdict {
    let next = "judge each row by itself, and keep nothing of it but counts";
    let mut first: Option<(Vec<Outcome>, Vec<Report>)> = None;
    for batch in BATCHES {
        let judged = match judged(plugin, proof_type, batch).await {
            Ok(judged) => judged,
            Err(error) => return Verdict::failed(error.to_string(), next),
        };
        if first.get_or_insert_with(|| judged.clone()) != &judged {
            let what = format!("rows handed over {batch} at a time come to something else than all at once");
            return Verdict::failed(what, next);
        }
    }
    Verdict::of(vec![], format!("{ROWS} made-up rows, {BATCHES:?} at a time"))
}

async fn judged(
    plugin: &Plugin,
    proof_type: &ProofType,
    batch: usize,
) -> Result<(Vec<Outcome>, Vec<Report>), PluginError> {
    let mut tester = plugin.tester(&proof_type.name, &tests(proof_type), AS_OF).await?;
    let kinds: Vec<Kind> = tester
        .fields()
        .iter()
        .filter_map(|name| proof_type.fields.iter().find(|it| it.name == *name))
        .map(|it| it.kind)
        .collect();
    let mut outcomes = Vec::new();
    for rows in rows(&kinds).chunks(batch) {
        outcomes.extend(tester.observe(rows).await?.outcomes);
    }
    Ok((outcomes, tester.finish().await?))
}

/// The plugin's own tests, or one that any tester must understand.
fn tests(proof_type: &ProofType) -> Vec<Test> {
    match (proof_type.suggested.as_slice(), proof_type.fields.first()) {
        ([], Some(field)) => vec![asking(&field.name)],
        (suggested, _) => suggested.to_vec(),
    }
}

fn asking(field: &str) -> Test {
    let condition =
        Condition { field: field.to_owned(), operator: Operator::IsNotEmpty, operand: Operand::None };
    Test {
        name: "made-up".to_owned(),
        label: "Made up".to_owned(),
        help: String::new(),
        scope: vec![],
        cases: vec![TestCase { label: String::new(), conditions: vec![condition] }],
        threshold: 10_000,
        when_empty: EmptyRule::Fail,
        controls: vec![],
    }
}

/// Rows of these kinds, the same each time, in which nothing is sometimes said.
fn rows(kinds: &[Kind]) -> Vec<Row> {
    let mut dice = Dice::new(1);
    let mut row = || kinds.iter().map(|kind| value(*kind, &mut dice)).collect();
    (0..ROWS).map(|_| row()).collect()
}

fn value(kind: Kind, dice: &mut Dice) -> Value {
    let (roll, number) = (dice.below(6), dice.below(1_000));
    let days = i64::try_from(number).unwrap_or(0);
    match (roll, kind) {
        (0, _) => Value::Absent,
        (1, _) => Value::Empty,
        (_, Kind::Text) => Value::Text(format!("text {number}")),
        (_, Kind::Integer) => Value::Integer(days),
        (_, Kind::Number) => Value::Number(days as f64 / 8.0),
        (_, Kind::Boolean) => Value::Boolean(number % 2 == 0),
        (_, Kind::Instant) => Value::Instant(AS_OF - days * 86_400_000),
        (_, Kind::Duration) => Value::Duration(number as u64),
        (_, Kind::Texts) => Value::Texts((0..number % 4).map(|it| format!("text {it}")).collect()),
    }
}
