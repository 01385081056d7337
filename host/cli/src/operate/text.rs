//! What a person is shown of operations: what there is, what one takes, what it would send, and how it went.

use std::io;
use std::path::Path;

use exhibit::contract::Manifest;
use exhibit::contract::catalog::Operation;
use exhibit::contract::collection::{Body, Effect, Method, Request};
use exhibit::contract::types::Setting;
use exhibit::evidence::{ABSENT, read};
use exhibit::run;
use exhibit_records::{OperationOutcome, Proof};

use super::super::cells::cell;
use super::super::failure::Failure;
use super::super::output::{OperationOutput, json};
use super::super::table::{self, Column};
use super::super::terminal::{Terminal, shown, shown_lines};
use super::super::types;
use super::super::wrap::wrap;

/// An operation reports a row, or some.
const SHOWN_ROWS: usize = 10;
/// What is not said of it needs no line.
const UNSAID: [&str; 2] = [ABSENT, "–"];

/// The value that confirms an operation: it says what is done.
pub(super) fn confirmed(operation: &Operation, parameters: &[Setting]) -> String {
    let value = parameters.iter().find(|it| it.name == operation.confirm);
    value.map(|it| run::as_text(&it.value)).unwrap_or_default()
}

/// The same with the label of its parameter, such as Title `Weekly servers`.
pub(super) fn subject(operation: &Operation, parameters: &[Setting]) -> String {
    let parameter = operation.parameters.iter().find(|it| it.name == operation.confirm);
    let label = parameter.map_or(operation.confirm.as_str(), |it| it.label.as_str());
    format!("{label} `{}`", confirmed(operation, parameters))
}

/// What would be changed, and the request.
pub(crate) fn dry_run(operation: &Operation, request: &Request, origin: &str, width: Option<u16>) -> String {
    let mut parts = vec![format!("{}: nothing was sent yet.", shown(&operation.label))];
    if let Effect::Write(change) = &request.effect {
        let summary = wrap(&shown_lines(&change.summary), width);
        let rows = change.details.iter().map(|(label, text)| vec![shown(label), shown(text)]).collect();
        let columns = ["What", "Value"].map(Column::new);
        parts.push([summary, table::render(&columns, rows, width)].join("\n\n"));
    }
    parts.push(written(request, origin, width));
    parts.join("\n\n")
}

/// The request as it would be sent.
fn written(request: &Request, origin: &str, width: Option<u16>) -> String {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let mut lines = vec![format!("{method} {}{}", shown(origin), shown(&request.path))];
    let mut pairs = request.query.clone();
    match &request.body {
        Body::None => {}
        Body::Form(form) => pairs.extend(form.iter().cloned()),
        Body::Content(content) => {
            let body = String::from_utf8_lossy(&content.bytes);
            lines.push(format!("{}\n{}", shown(&content.media_type), shown_lines(&body)));
        }
    }
    if !pairs.is_empty() {
        let rows = pairs.iter().map(|(name, value)| vec![shown(name), shown(value)]).collect();
        lines.push(table::render(&["Parameter", "Value"].map(Column::new), rows, width));
    }
    lines.join("\n\n")
}

/// What a report says, field by field.
pub(super) fn report(folder: &Path, proof: &Proof, width: Option<u16>) -> io::Result<String> {
    let mut parts = Vec::new();
    for row in read::rows(folder, proof)?.take(SHOWN_ROWS) {
        let row = row?;
        let cells = proof.proof_type.fields.iter().zip(&row).filter(|(field, _)| field.shown);
        let cells = cells.map(|(field, value)| vec![shown(&field.label), cell(value)]);
        let said = cells.filter(|it| !UNSAID.contains(&it[1].as_str())).collect();
        parts.push(table::render(&["Report", ""].map(Column::new), said, width));
    }
    let notes = proof.notes.iter().chain(&proof.host_notes);
    parts.extend(notes.map(|it| wrap(&format!("Note: {}", shown_lines(it)), width)));
    Ok(parts.join("\n\n"))
}

/// The first line of a report.
pub(super) fn verdict(outcome: Option<OperationOutcome>, operation: &Operation) -> String {
    let how = match outcome {
        None => "ended",
        Some(OperationOutcome::Done) => "done",
        Some(OperationOutcome::NotDone) => "NOT done",
        Some(OperationOutcome::Unknown) => "UNKNOWN whether it was done",
    };
    format!("{}: {how}", shown(&operation.label))
}

pub(super) fn list(manifest: &Manifest, terminal: &Terminal) -> Result<String, Failure> {
    if terminal.json() {
        return Ok(json(&manifest.operations.iter().map(OperationOutput::from).collect::<Vec<_>>())?);
    }
    if manifest.operations.is_empty() {
        return Ok("The plugin has no operations.".to_owned());
    }
    let columns = ["Operation", "What it does", "Needs"].map(Column::new);
    let row = |it: &Operation| vec![shown(&it.name), shown(&it.label), shown(&it.needs.join("; "))];
    let table = table::render(&columns, manifest.operations.iter().map(row).collect(), terminal.width());
    let more = "`exhibit operate NAME` says what one takes. Nothing is sent unless it is confirmed.";
    Ok(format!("{table}\n\n{}", wrap(more, terminal.width())))
}

pub(super) fn describe(it: &Operation, width: Option<u16>) -> String {
    let about = format!("{}: {}\n{}", shown(&it.name), shown(&it.label), shown_lines(&it.help));
    let mut parts = vec![wrap(&about, width)];
    parts.push(format!("Given with --with NAME=VALUE:\n{}", types::parameters(&it.parameters, width)));
    let mut facts = vec![format!("Confirmed with --confirm and the value of `{}`.", shown(&it.confirm))];
    facts.extend(it.needs.iter().map(|it| format!("Needs: {}", shown(it))));
    parts.push(wrap(&facts.join("\n"), width));
    let columns = ["Reports", "Label", "Help"].map(Column::new);
    let rows = it.fields.iter().map(|it| vec![shown(&it.name), shown(&it.label), shown(&it.help)]).collect();
    parts.push(table::render(&columns, rows, width));
    parts.join("\n\n")
}
