//! A proof, as a person sees it after it was collected.

use std::io;
use std::path::Path;

use exhibit::contract::types::Row;
use exhibit::evidence::{ABSENT, read};
use exhibit::format::{count, counted};
use exhibit_records::{Argument, Completeness, Proof, ProvenTime};
use serde_json::Value as Json;

use super::cells::cell;
use super::table::{self, Column};
use super::terminal::{shown, shown_lines};

/// Rejected records are named one by one up to here; all of them are counted.
const REJECTIONS: usize = 3;

/// What is shown of a proof: its first rows, how many there are, how complete it is, and
/// what a reader must know. `source` is the label of the plugin's manifest.
pub(super) fn proof(
    folder: &Path,
    proof: &Proof,
    source: &str,
    rows: usize,
    width: Option<u16>,
) -> io::Result<String> {
    let first: Vec<Row> = read::rows(folder, proof)?.take(rows).collect::<io::Result<_>>()?;
    let kind = &proof.proof_type;
    let places = exhibit_rows::shown_fields(kind.fields.iter().map(|it| it.shown));
    let columns: Vec<Column> = places
        .iter()
        .map(|&it| &kind.fields[it])
        .map(|it| {
            Column::new(shown(&it.label)).numeric(matches!(&*it.kind, "integer" | "number" | "duration"))
        })
        .collect();
    let cells: Vec<Vec<String>> =
        first.iter().map(|row| places.iter().filter_map(|&it| row.get(it)).map(cell).collect()).collect();
    let absent = cells.iter().flatten().any(|it| it == ABSENT);
    let instants = !first.is_empty() && places.iter().any(|&it| kind.fields[it].kind == "instant");

    let mut lines = vec![shown(&kind.label)];
    if first.is_empty() {
        lines.push(nothing(&proof.completeness, &proof.job.criteria, source));
    } else {
        lines.push(table::glance(&columns, cells, width));
    }
    let more = proof.rows.saturating_sub(first.len() as u64);
    if more > 0 {
        lines.push(format!("… and {} more", count(more)));
    }
    lines.push(String::new());
    lines.push(total(proof, instants));
    lines.extend(criteria(&proof.job.criteria).map(|it| format!("Criteria: {it}.")));
    lines.push(completeness(&proof.completeness, source));
    if absent {
        lines.push(format!(
            "{ABSENT}: the source did not say, or a note says why it is missing; that is not the same as nothing (–)."
        ));
    }
    lines.extend(
        proof
            .rejections
            .first
            .iter()
            .take(REJECTIONS)
            .map(|it| format!("Rejected: {}: {}", shown(&it.subject), shown(&it.reason))),
    );
    lines.extend(proof.notes.iter().chain(&proof.host_notes).map(|it| format!("Note: {}", shown_lines(it))));
    if let Some(link) = &kind.link
        && let Some(url) = &link.url
    {
        lines.push(format!("At the source: {}", shown(url)));
        lines.extend(link.note.iter().map(|it| format!("  {}", shown_lines(it))));
    }
    Ok(lines.join("\n"))
}

/// Why there is no row, and what may be wrong with the question.
fn nothing(it: &Completeness, asked: &[Argument], source: &str) -> String {
    let why = match it.received {
        0 => format!("No rows: {} returned an empty list.", shown(source)),
        1 => "No rows: the one record received was not kept.".to_owned(),
        received => format!("No rows: none of the {} records received was kept.", count(received)),
    };
    match criteria(asked) {
        None => why,
        Some(criteria) => format!(
            "{why}\nOnly this was asked for: {criteria}. A misspelt value, or one that {} does not know, gives the same \
             empty list.",
            shown(source)
        ),
    }
}

/// What the proof is narrowed down to, such as `tags = prod, eu`. `None` where it is not.
pub(super) fn criteria(all: &[Argument]) -> Option<String> {
    let value = |it: &Json| match it {
        Json::String(text) => text.clone(),
        Json::Array(all) => {
            let texts: Vec<String> =
                all.iter().map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).collect();
            texts.join(", ")
        }
        other => other.to_string(),
    };
    let said: Vec<String> = all.iter().map(|it| format!("{} = {}", it.name, value(&it.value))).collect();
    (!said.is_empty()).then(|| shown(&said.join("; ")))
}

fn total(proof: &Proof, instants: bool) -> String {
    let rows = counted(proof.rows, "row", "rows");
    let pages = counted(proof.pages.into(), "page", "pages");
    let asked = proof.job.window.as_ref().filter(|_| proof.proves() == ProvenTime::Nothing);
    let window = match (proof.proven_span(), proof.filter(), asked) {
        (Some(it), _, _) => format!(" from {} to before {}", day(&it.start), day(&it.end)),
        (None, Some(it), _) => format!(", filtered by {} to before {}", day(&it.start), day(&it.end)),
        (None, None, Some(it)) => {
            format!(
                ", asked for {} to before {} (which time it proves is not known)",
                day(&it.start),
                day(&it.end)
            )
        }
        (None, None, None) => String::new(),
    };
    let utc = if instants { "; times are UTC" } else { "" };
    format!("{rows} from {pages}{window}, as of {}{utc}.", day(&proof.job.as_of))
}

/// The date alone of an instant that begins a day.
fn day(instant: &str) -> &str {
    instant.strip_suffix("T00:00:00Z").unwrap_or(instant)
}

/// Whether all that was there is here.
fn completeness(it: &Completeness, source: &str) -> String {
    let mut parts = vec![format!("{} kept", count(it.kept))];
    for (number, what) in
        [(it.rejected, "rejected"), (it.duplicates, "duplicate"), (it.outside_window, "outside the window")]
    {
        if number > 0 {
            parts.push(format!("{} {what}", count(number)));
        }
    }
    if let Some(repeated) = it.repeated_keys.filter(|it| *it > 0) {
        parts.push(format!("of the kept, {} with the key of another row", count(repeated)));
    }
    let received = format!("{} received: {}", counted(it.received, "record", "records"), parts.join(", "));
    let source = shown(source);
    match it.declared {
        None => format!("{received}. {source} reports no total, so completeness cannot be cross-checked."),
        Some(declared) if it.complete == Some(true) => {
            format!("{received}. {source} reports the same total, {}.", count(declared))
        }
        Some(declared) => format!("{received}. BUT {source} reports a total of {}.", count(declared)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(declared: Option<u64>, kept: u64, rejected: u64) -> Completeness {
        let received = kept + rejected;
        let complete = declared.map(|it| it == received);
        Completeness {
            declared,
            complete,
            received,
            kept,
            rejected,
            duplicates: 0,
            outside_window: 0,
            repeated_keys: None,
        }
    }

    #[test]
    fn says_whether_all_that_was_there_is_here() {
        let examples =
            [example(None, 1_000, 0), example(Some(1_000), 1_000, 0), example(Some(1_002), 1_000, 1)];
        insta::assert_snapshot!(examples.each_ref().map(|it| completeness(it, "Demo")).join("\n"), @"
        1,000 records received: 1,000 kept. Demo reports no total, so completeness cannot be cross-checked.
        1,000 records received: 1,000 kept. Demo reports the same total, 1,000.
        1,001 records received: 1,000 kept, 1 rejected. BUT Demo reports a total of 1,002.
        ");
    }

    fn argument(name: &str, value: Json) -> Argument {
        Argument { name: name.to_owned(), kind: None, value }
    }

    #[test]
    fn nothing_kept_is_not_nothing_there() {
        let examples = [example(None, 0, 0), example(None, 0, 1), example(None, 0, 1_200)];
        let said = examples.map(|completeness| nothing(&completeness, &[], "Demo"));
        insta::assert_snapshot!(said.join("\n"), @"
        No rows: Demo returned an empty list.
        No rows: the one record received was not kept.
        No rows: none of the 1,200 records received was kept.
        ");
    }

    #[test]
    fn an_empty_proof_says_what_was_asked_for() {
        let tags = argument("tags", Json::from(vec!["Prodd"]));
        let said = nothing(&example(None, 0, 0), &[tags], "Demo");
        insta::assert_snapshot!(said, @"
        No rows: Demo returned an empty list.
        Only this was asked for: tags = Prodd. A misspelt value, or one that Demo does not know, gives the same empty list.
        ");
    }

    #[test]
    fn criteria_are_said_as_they_were_given() {
        let all = [
            argument("tags", Json::from(vec!["prod", "eu west"])),
            argument("owner", Json::from("ada\u{1b}[31m")),
            argument("active", Json::from(true)),
        ];
        assert_eq!(criteria(&[]), None);
        let said = criteria(&all).expect("some");
        assert!(
            said.starts_with("tags = prod, eu west; owner = ada") && said.ends_with("; active = true"),
            "{said}"
        );
        assert!(!said.contains('\u{1b}'));
    }
}
