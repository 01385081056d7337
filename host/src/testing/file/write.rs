//! Tests as a file, to start one's own from.

use exhibit_rows::Shown;
use exhibit_rows::text::is_invisible;

use crate::contract::catalog::ProofType;
use crate::contract::settings;
use crate::contract::testing::{Condition, EmptyRule, Operand, Test, TestCase};
use crate::contract::types::Value;
use crate::evidence::format_instant;

use super::literal::holds;
use super::operator::Operator;
use super::threshold;
use super::written::VERSION;

/// The tests of a proof type as a commented file, which reads back as the same tests. One that
/// no file can say, since it makes no sense, is left out, and a comment says so. `about` are lines for its head:
/// how people get the schema that it names, and what checks it.
pub fn write(proof_type: &ProofType, tests: &[Test], about: &[&str]) -> String {
    let mut text = head(proof_type, about);
    for it in tests {
        match test(&proof_type.name, it) {
            Some(written) => text.push_str(&written),
            None => text.push_str(&format!(
                "\n# The test {} is left out: it holds a field against what cannot be written here.\n",
                Shown::line(&it.name)
            )),
        }
    }
    if tests.is_empty() {
        text.push_str(&example(proof_type));
    }
    text
}

fn head(proof_type: &ProofType, about: &[&str]) -> String {
    let name = Shown::line(&proof_type.name);
    let mut text = format!(
        "#:schema tests.schema.json\n\
         # Tests of {name}: {}.\n",
        Shown::line(&proof_type.label),
    );
    for line in about {
        text.push_str(&format!("# {line}\n"));
    }
    text.push_str(&format!("#\n# Fields of {name}, and what they hold:\n"));
    let widest = proof_type.fields.iter().map(|it| it.name.len()).max().unwrap_or_default();
    for field in &proof_type.fields {
        let name = Shown::line(&field.name).to_string();
        text.push_str(&format!("#   {name:widest$}  {}\n", holds(field.kind)));
    }
    text.push_str(&format!("\nversion = {VERSION}\n"));
    text
}

/// What a test looks like, where none exists yet.
fn example(proof_type: &ProofType) -> String {
    let field = proof_type.key.first().map_or("name", String::as_str);
    let example = Test {
        name: "all-are-named".to_owned(),
        label: "What is so when it passes".to_owned(),
        help: "Why it matters.".to_owned(),
        scope: Vec::new(),
        cases: vec![TestCase {
            label: String::new(),
            conditions: vec![Condition {
                field: field.to_owned(),
                operator: Operator::IsNotEmpty.into(),
                operand: Operand::None,
            }],
        }],
        threshold: threshold::ALL,
        when_empty: EmptyRule::Fail,
        controls: vec!["soc2:cc6.2".to_owned()],
    };
    let written = test(&proof_type.name, &example).unwrap_or_default();
    let commented = written.trim_start().lines().map(|it| format!("# {it}").trim_end().to_owned() + "\n");
    format!("\n# Nothing is suggested for it. A test looks like this:\n#\n{}", commented.collect::<String>())
}

fn test(proof: &str, test: &Test) -> Option<String> {
    let mut text = format!("\n[[test]]\nname = {}\nproof = {}\n", string(&test.name), string(proof));
    let mut add = |key: &str, value: String| text.push_str(&format!("{key} = {value}\n"));
    add("label", string(&test.label));
    if !test.help.is_empty() {
        add("why", string(&test.help));
    }
    if !test.controls.is_empty() {
        add("controls", list(test.controls.iter().map(|it| string(it)).collect()));
    }
    if test.threshold != threshold::ALL {
        add("threshold", string(&threshold::write(test.threshold)));
    }
    match test.when_empty {
        EmptyRule::Fail => {}
        EmptyRule::Pass => add("when-empty", string("pass")),
        EmptyRule::Inconclusive => add("when-empty", string("inconclusive")),
    }
    if !test.scope.is_empty() {
        add("scope", conditions(&test.scope)?);
    }
    for case in &test.cases {
        text.push_str("\n[[test.case]]\n");
        if !case.label.is_empty() {
            text.push_str(&format!("label = {}\n", string(&case.label)));
        }
        text.push_str(&format!("all = {}\n", conditions(&case.conditions)?));
    }
    Some(text)
}

fn conditions(all: &[Condition]) -> Option<String> {
    all.iter().map(condition).collect::<Option<Vec<_>>>().map(list)
}

fn condition(condition: &Condition) -> Option<String> {
    let operand = match &condition.operand {
        Operand::None => String::new(),
        Operand::Value(it) => format!(", value = {}", value(it)?),
        Operand::Field(other) => format!(", other = {}", string(other)),
        Operand::Days(days) => format!(", days = {days}"),
    };
    let operator = Operator::from(condition.operator).name();
    Some(format!("{{ field = {}, operator = {}{operand} }}", string(&condition.field), string(&operator)))
}

fn value(value: &Value) -> Option<String> {
    Some(match value {
        Value::Absent | Value::Empty => return None,
        Value::Text(text) => string(text),
        Value::Integer(number) => number.to_string(),
        // As Rust writes it for itself it has a point or an exponent, so that it is no integer.
        Value::Number(number) => number.is_finite().then(|| format!("{number:?}"))?,
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Instant(at) => {
            let text = format_instant(*at);
            let text = text.strip_suffix("T00:00:00Z").unwrap_or(&text).to_owned();
            (settings::instant(&text) == Some(*at)).then_some(text)?
        }
        // TOML has whole numbers up to here.
        Value::Duration(seconds) => i64::try_from(*seconds).ok()?.to_string(),
        Value::Texts(texts) => list(texts.iter().map(|it| string(it)).collect()),
    })
}

/// On a line where there is one thing in it or little, on lines of their own where there is
/// more.
fn list(items: Vec<String>) -> String {
    const LINE_CHARS: usize = 80;
    let chars: usize = items.iter().map(|it| it.chars().count() + ", ".len()).sum();
    if items.len() <= 1 || (chars <= LINE_CHARS && !items.iter().any(|it| it.starts_with('{'))) {
        return format!("[{}]", items.join(", "));
    }
    let lines: String = items.iter().map(|it| format!("  {it},\n")).collect();
    format!("[\n{lines}]")
}

/// As people would write it: in single quotes what has backslashes, as expressions do. What
/// cannot be seen is written as its code point, since this is read in terminals, too.
fn string(text: &str) -> String {
    let plain = !text.chars().any(is_invisible);
    if plain && text.contains(['\\', '"']) && !text.contains('\'') {
        return format!("'{text}'");
    }
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for char in text.chars() {
        match char {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            char if is_invisible(char) => written.push_str(&format!("\\U{:08X}", u32::from(char))),
            char => written.push(char),
        }
    }
    written.push('"');
    written
}
