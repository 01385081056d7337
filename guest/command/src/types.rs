//! What can be collected.

use std::io::Write;

use exhibit_plugin::catalog::{Manifest, Parameter, ProofType, ProvenTime};
use exhibit_plugin::types::Kind;

use crate::arguments;
use crate::exit;
use crate::failure::{Failure, written};
use crate::table;

/// Lists the proof types, or describes the one of this name.
pub(crate) fn run(manifest: &Manifest, name: Option<&str>, out: &mut dyn Write) -> Result<u8, Failure> {
    let text = match name {
        None => list(manifest),
        Some(name) => describe(manifest, arguments::proof_type(manifest, name)?),
    };
    written(out.write_all(text.as_bytes()))?;
    Ok(exit::OK)
}

fn list(manifest: &Manifest) -> String {
    let width = manifest.proof_types.iter().map(|it| it.name.len()).max().unwrap_or_default();
    manifest.proof_types.iter().map(|it| format!("{:width$}  {}\n", it.name, it.label)).collect()
}

/// What a proof with a window says of which time.
fn proves(it: ProvenTime) -> &'static str {
    match it {
        ProvenTime::Events => {
            "A proof shows what happened in it, as far as it is over when the source is asked."
        }
        ProvenTime::State => {
            "It is a filter: a proof shows how things stand when it is collected, and nothing of that time."
        }
        ProvenTime::Nothing => {
            "The plugin does not say which time a proof then covers, so none counts as covered."
        }
    }
}

fn describe(manifest: &Manifest, it: &ProofType) -> String {
    let mut text = format!("{} ({})\n\n{}\n", it.label, it.name, it.help);
    match &it.window {
        Some(window) => text.push_str(&format!("\nWindow: {}\n{}\n", window.help, proves(window.proves))),
        None => text.push_str("\nWindow: none; the proof shows the current state\n"),
    }
    for need in &it.needs {
        text.push_str(&format!("Needs: {need}\n"));
    }
    let fields = it.fields.iter().map(|it| (it.name.as_str(), kind(it.kind), it.label.as_str()));
    section(&mut text, "Fields", fields);
    let parameter = |it: &'_ Parameter| (it.name.clone(), it.kind, it.label.clone());
    let criteria: Vec<_> = it.criteria.iter().map(parameter).collect();
    let settings: Vec<_> = manifest.settings.iter().map(parameter).collect();
    for (title, parameters) in [("Criteria, for --with", criteria), ("Settings, for --set", settings)] {
        let lines = parameters.iter().map(|(name, of, label)| (name.as_str(), kind(*of), label.as_str()));
        section(&mut text, title, lines);
    }
    let tests = it.suggested.iter().map(|it| (it.name.as_str(), "", it.label.as_str()));
    section(&mut text, "Suggested tests", tests);
    text
}

fn section<'a>(text: &mut String, title: &str, lines: impl Iterator<Item = (&'a str, &'a str, &'a str)>) {
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        return;
    }
    let names = lines.iter().map(|it| it.0.len()).max().unwrap_or_default();
    let kinds = lines.iter().map(|it| it.1.len()).max().unwrap_or_default();
    text.push_str(&format!("\n{title}:\n"));
    for (name, kind, label) in lines {
        let gap = if kinds == 0 { "" } else { "  " };
        text.push_str(&format!("  {name:names$}  {kind:kinds$}{gap}{label}\n"));
    }
}

fn kind(kind: Kind) -> &'static str {
    table::kind(kind).name()
}
