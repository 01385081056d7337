//! What an operation would send, and what it reported, as text for people.

use exhibit_plugin::catalog::{Field, Manifest, Operation};
use exhibit_plugin::collection::{Body, Effect, Method, Request};
use exhibit_plugin::types::{Row, Value};
use exhibit_records::OperationOutcome;
use exhibit_rows::Shown;

use crate::failure::Failure;
use crate::text::{aligned, parameters, value};

/// All operations.
pub(super) fn list(manifest: &Manifest) -> String {
    if manifest.operations.is_empty() {
        return "The plugin has no operations.\n".to_owned();
    }
    let lines = manifest.operations.iter().map(|it| vec![it.name.clone(), it.label.clone()]);
    let list = aligned(&lines.collect::<Vec<_>>());
    format!("{list}\n`operate NAME` says what one takes. Nothing is sent unless it is confirmed.\n")
}

/// The operation of this name.
pub(super) fn find<'a>(manifest: &'a Manifest, name: &str) -> Result<&'a Operation, Failure> {
    manifest.operations.iter().find(|it| it.name == name).ok_or_else(|| {
        let known: Vec<&str> = manifest.operations.iter().map(|it| it.name.as_str()).collect();
        Failure::call(format!("unknown operation `{name}`: choose from {}", known.join(", ")))
            .next("`operate` says what each of them does")
    })
}

/// What an operation takes and reports.
pub(super) fn describe(it: &Operation) -> String {
    let mut text = format!("{} ({})\n\n{}\n", it.label, it.name, it.help);
    text.push_str(&format!("\nConfirmed with --confirm and the value of `{}`.\n", it.confirm));
    text.extend(it.needs.iter().map(|it| format!("Needs: {it}\n")));
    text.push_str("\nGiven with --with NAME=VALUE:\n");
    text.push_str(&parameters(&it.parameters));
    text.push_str("\nReports:\n");
    let fields = it.fields.iter().map(|it| vec![format!("  {}", it.name), it.label.clone()]);
    text.push_str(&aligned(&fields.collect::<Vec<_>>()));
    text
}

/// What would be changed, and the request, unsigned.
pub(super) fn proposal(operation: &Operation, request: &Request, origin: &str) -> String {
    let mut text = format!("{}: nothing was sent yet.\n", operation.label);
    if let Effect::Write(change) = &request.effect {
        text.push_str(&format!("\n{}\n", Shown::lines(&change.summary)));
        text.push_str(&pairs(&change.details));
    }
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    text.push_str(&format!("\n{method} {origin}{}\n", Shown::line(&request.path)));
    text.push_str(&pairs(&request.query));
    match &request.body {
        Body::None => {}
        Body::Form(form) => text.push_str(&pairs(form)),
        Body::Content(content) => {
            let body = String::from_utf8_lossy(&content.bytes);
            text.push_str(&format!("{}\n\n{}\n", Shown::line(&content.media_type), Shown::lines(&body)));
        }
    }
    text
}

fn pairs(all: &[(String, String)]) -> String {
    aligned(&all.iter().map(|(name, value)| vec![format!("  {name}"), value.clone()]).collect::<Vec<_>>())
}

/// What is to be added to a call to send what it showed.
pub(super) fn missing(allowed: bool, confirm: &str, has_out: bool) -> String {
    let mut missing = Vec::new();
    if !allowed {
        missing.push("--allow-operate".to_owned());
    }
    missing.push(format!("--confirm {}", quoted(confirm)));
    if !has_out {
        missing.push("--out DIR".to_owned());
    }
    missing.join(" ")
}

/// The value as one word of a shell.
pub(super) fn quoted(value: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_./:@,+".contains(it);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// The first line of a report.
pub(super) fn verdict(operation: &Operation, outcome: Option<OperationOutcome>) -> String {
    let how = match outcome {
        None => "ended",
        Some(OperationOutcome::Done) => "done",
        Some(OperationOutcome::NotDone) => "NOT done",
        Some(OperationOutcome::Unknown) => "UNKNOWN whether it was done",
    };
    format!("{}: {how}", operation.label)
}

/// A report, field by field: what is not said needs no line.
pub(super) fn report(fields: &[Field], row: &Row) -> String {
    let said = fields
        .iter()
        .zip(row)
        .filter(|(field, value)| field.shown && !matches!(value, Value::Absent | Value::Empty));
    aligned(&said.map(|(field, it)| vec![format!("  {}", field.label), value(it)]).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shown_as_a_shell_takes_it() {
        assert_eq!(
            missing(false, "Weekly servers", false),
            "--allow-operate --confirm 'Weekly servers' --out DIR"
        );
        assert_eq!(missing(true, "it's", true), r"--confirm 'it'\''s'");
        assert_eq!(missing(true, "quays4jd", true), "--confirm quays4jd");
        assert_eq!(missing(true, "", true), "--confirm ''");
    }
}
