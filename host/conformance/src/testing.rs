//! How a plugin tests rows: what it takes, what it refuses, and that what it says of a row depends on
//! nothing but the row.

use exhibit::checks::{Fault, Verdict};
use exhibit::contract::catalog::{Field, ProofType};
use exhibit::contract::testing::{Condition, EmptyRule, Operand, Operator, Outcome, Report, Test, TestCase};
use exhibit::contract::types::{Error, Kind, Row, Value};
use exhibit::plugin::{Plugin, PluginError};
use exhibit_rows::Shown;

use super::synthetic::{self, AS_OF};

/// Made-up rows: enough that each kind is there in each way next to each other.
const ROWS: usize = 200;
/// How rows are handed over: one by one, by a number that divides nothing, and all at once.
const BATCHES: [usize; 3] = [1, 7, ROWS];
/// A tester may bound how many tests it takes at once.
const TESTS_AT_ONCE: usize = 100;
/// A field that no proof type has.
const UNKNOWN: &str = "there-is-no-such-field";
/// All rows, in hundredths of a percent.
const ALL: u32 = 10_000;

/// What it suggests, it takes; and what makes no sense, it refuses, and says where.
pub(super) async fn takes_tests(plugin: &Plugin, proof: &ProofType) -> Verdict {
    let mut faults = Vec::new();
    for (whose, next, tests) in [
        ("suggested", "suggest tests of fields and operators that there are", proof.suggested.clone()),
        ("plain", "take every operator that the contract has for the field's kind", plain(proof)),
    ] {
        for (test, error) in sorted(plugin, proof, tests).await.refused {
            let what = format!("the {whose} test {} is refused: {error}", test.name);
            faults.push(Fault { what, next: next.into() });
        }
    }
    let nonsense = nonsense(proof);
    let tried = format!(
        "suggested: {}, plain: {}, nonsense: {}",
        proof.suggested.len(),
        plain(proof).len(),
        nonsense.len()
    );
    for (what, test) in nonsense {
        let how = match plugin.tester(&proof.name, &[test], AS_OF).await {
            Err(PluginError::Said(Error::Invalid(problem))) => match problem.subject.as_deref() {
                Some(subject) if subject.starts_with("/0/") => continue,
                Some(subject) => format!("is refused, but not at its place: at `{}`", Shown::line(subject)),
                None => "is refused, but the error does not name its place".to_owned(),
            },
            Err(error) => format!("ends in another error: {error}"),
            Ok(_) => "is accepted".to_owned(),
        };
        let next =
            "answer `invalid`, with the place as the problem's subject: `/0/cases/0/conditions/0/field`";
        faults.push(Fault { what: format!("{what} {how}"), next: next.into() });
    }
    Verdict::of(faults, tried)
}

/// What the source did not say is inconclusive, and what it said to be nothing is empty.
pub(super) async fn tells_absent_from_empty(plugin: &Plugin, proof: &ProofType) -> Verdict {
    let mut faults = Vec::new();
    let mut tried = 0;
    for field in &proof.fields {
        let test = there(field);
        // That it is refused is another check's to say.
        if !sorted(plugin, proof, vec![test.clone()]).await.refused.is_empty() {
            continue;
        }
        tried += 1;
        let rows = |fields: &[String]| {
            [Value::Absent, Value::Empty, synthetic::something(field.kind)]
                .map(|it| synthetic::row(fields, field, &it))
                .to_vec()
        };
        // One by one: that rows beside it are let count is another check's to say, too.
        let (what, next) = match observed(plugin, proof, &[test], rows, 1).await {
            Ok(Seen { outcomes, .. }) => match outcomes[..] {
                [Outcome::Inconclusive, Outcome::Fail, Outcome::Pass] => continue,
                _ => (
                    format!(
                        "`is-not-empty` of {} gives {} where it is absent, empty and present",
                        field.name,
                        words(&outcomes)
                    ),
                    "answer inconclusive where the value is absent, fail where it is empty, and pass else",
                ),
            },
            Err(error) => {
                (format!("testing {}: {error}", field.name), "judge any row, whatever is absent or empty")
            }
        };
        faults.push(Fault { what, next: next.into() });
    }
    if tried == 0 {
        return Verdict::skipped("it takes no test of whether a field is empty");
    }
    Verdict::of(faults, format!("fields: {tried}, each absent, empty and there"))
}

fn words(outcomes: &[Outcome]) -> String {
    let words: Vec<&str> = outcomes.iter().map(|it| exhibit_records::Verdict::from(*it).word()).collect();
    words.join(", ")
}

/// What comes of a row does not depend on the rows beside it.
pub(super) async fn judges_each_row_by_itself(plugin: &Plugin, proof: &ProofType) -> Verdict {
    let mut tests = plain(proof);
    tests.retain(|it| proof.suggested.iter().all(|other| other.name != it.name));
    tests.splice(0..0, proof.suggested.iter().cloned());
    tests.truncate(TESTS_AT_ONCE);
    let tests = sorted(plugin, proof, tests).await.taken;
    if tests.is_empty() {
        return Verdict::skipped("it takes none of the tests that were tried");
    }
    let rows = |fields: &[String]| synthetic::rows(proof, fields, ROWS);
    let mut first: Option<Seen> = None;
    let mut faults = Vec::new();
    for size in BATCHES {
        let seen = match observed(plugin, proof, &tests, rows, size).await {
            Ok(seen) => seen,
            Err(error) => {
                let what = format!("made-up rows, {size} at a time: {error}");
                return Verdict::failed(what, "judge any row of the proof type, whatever it holds");
            }
        };
        match &first {
            None => first = Some(seen),
            Some(one_by_one) => faults.extend(differs(one_by_one, &seen, &tests).map(|how| Fault {
                what: format!("rows handed over {size} at a time and one by one: {how}"),
                next: "keep nothing of a row but what its outcome adds to the counts".into(),
            })),
        }
    }
    let sizes = BATCHES.map(|it| it.to_string()).join(", ");
    Verdict::of(faults, format!("{ROWS} made-up rows by {} tests, {sizes} at a time", tests.len()))
}

/// Tests by what became of them when they were given to the plugin.
struct Sorted {
    taken: Vec<Test>,
    refused: Vec<(Test, PluginError)>,
}

async fn sorted(plugin: &Plugin, proof: &ProofType, tests: Vec<Test>) -> Sorted {
    // All at once where it takes them: a session for each of a hundred fields takes its time.
    if tests.len() <= TESTS_AT_ONCE && plugin.tester(&proof.name, &tests, AS_OF).await.is_ok() {
        return Sorted { taken: tests, refused: Vec::new() };
    }
    let mut sorted = Sorted { taken: Vec::new(), refused: Vec::new() };
    for test in tests {
        match plugin.tester(&proof.name, std::slice::from_ref(&test), AS_OF).await {
            Ok(_) => sorted.taken.push(test),
            Err(error) => sorted.refused.push((test, error)),
        }
    }
    sorted
}

/// What was seen of all rows.
struct Seen {
    outcomes: Vec<Outcome>,
    /// The row, the test, the field, and what was wanted of it.
    findings: Vec<(usize, u32, String, String)>,
    reports: Vec<Report>,
}

async fn observed(
    plugin: &Plugin,
    proof: &ProofType,
    tests: &[Test],
    rows: impl Fn(&[String]) -> Vec<Row>,
    size: usize,
) -> Result<Seen, PluginError> {
    let mut tester = plugin.tester(&proof.name, tests, AS_OF).await?;
    let rows = rows(tester.fields());
    let (mut outcomes, mut findings) = (Vec::new(), Vec::new());
    for (batch, rows) in rows.chunks(size).enumerate() {
        let seen = tester.observe(rows).await?;
        outcomes.extend(seen.outcomes);
        for it in seen.findings {
            let row = batch * size + usize::try_from(it.row).unwrap_or(usize::MAX);
            findings.push((row, it.test, it.field, it.wanted));
        }
    }
    Ok(Seen { outcomes, findings, reports: tester.finish().await? })
}

fn differs(one: &Seen, other: &Seen, tests: &[Test]) -> Option<String> {
    let at = one.outcomes.iter().zip(&other.outcomes).position(|(one, other)| one != other);
    if let (Some(at), count @ 1..) = (at, tests.len()) {
        let name = tests.get(at % count).map_or("", |it| it.name.as_str());
        return Some(format!("row {} has another verdict in the test {name}", at / count + 1));
    }
    if one.findings != other.findings {
        return Some("the findings differ".to_owned());
    }
    (one.reports != other.reports).then(|| "the reports differ".to_owned())
}

/// For each field, a test by an operator of its kind, and whether it is not empty.
fn plain(proof: &ProofType) -> Vec<Test> {
    proof.fields.iter().flat_map(|field| [of_kind(field), there(field)]).collect()
}

fn of_kind(field: &Field) -> Test {
    let (operator, operand) = match field.kind {
        Kind::Text | Kind::Texts => (Operator::Contains, Operand::Value(Value::Text("a".to_owned()))),
        Kind::Integer => (Operator::AtLeast, Operand::Value(Value::Integer(0))),
        Kind::Number => (Operator::AtLeast, Operand::Value(Value::Number(0.0))),
        Kind::Duration => (Operator::AtLeast, Operand::Value(Value::Duration(60))),
        Kind::Boolean => (Operator::IsTrue, Operand::None),
        Kind::Instant => (Operator::IsAtMostDaysAgo, Operand::Days(90)),
    };
    asking(&format!("{}-is-right", field.name), operator, operand, &field.name)
}

fn there(field: &Field) -> Test {
    asking(&format!("{}-is-there", field.name), Operator::IsNotEmpty, Operand::None, &field.name)
}

/// What the contract says to refuse, each in words.
fn nonsense(proof: &ProofType) -> Vec<(&'static str, Test)> {
    let mut tests =
        vec![("a test of an unknown field", asking("unknown", Operator::IsNotEmpty, Operand::None, UNKNOWN))];
    if let Some(field) = proof.fields.iter().find(|it| it.kind != Kind::Boolean) {
        let test = asking("no-boolean", Operator::IsTrue, Operand::None, &field.name);
        tests.push(("an operator that the field's kind does not have", test));
    }
    if let Some(field) = proof.fields.iter().find(|it| matches!(it.kind, Kind::Text | Kind::Texts)) {
        let open = Operand::Value(Value::Text("(".to_owned()));
        let test = asking("no-expression", Operator::MatchesRegex, open, &field.name);
        tests.push(("an invalid regular expression", test));
    }
    tests
}

fn asking(name: &str, operator: Operator, operand: Operand, field: &str) -> Test {
    let condition = Condition { field: field.to_owned(), operator, operand };
    Test {
        name: name.to_owned(),
        label: name.to_owned(),
        help: String::new(),
        scope: vec![],
        cases: vec![TestCase { label: "it holds".to_owned(), conditions: vec![condition] }],
        threshold: ALL,
        when_empty: EmptyRule::Fail,
        controls: vec![],
    }
}
