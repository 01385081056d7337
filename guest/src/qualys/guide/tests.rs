//! The guide is held against the manifest, and its steps against what messages say.

use super::*;
use crate::catalog::manifest;
use crate::qualys::platforms;

/// What a terminal shows without breaking a line.
const COLUMNS: usize = 80;

/// The text without its line breaks.
fn unbroken() -> String {
    TEXT.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Names and needs of all that can be collected or done.
fn needs() -> Vec<(String, Vec<String>)> {
    let manifest = manifest();
    let types = manifest.proof_types.into_iter().map(|it| (it.name, it.needs));
    types.chain(manifest.operations.into_iter().map(|it| (it.name, it.needs))).collect()
}

/// The rows of the table whose head begins so.
fn table(head: &str) -> Vec<Vec<&'static str>> {
    let lines = TEXT.lines().skip_while(|it| !it.starts_with(head)).skip(2);
    let rows = lines.take_while(|it| it.starts_with('|'));
    rows.map(|it| it.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn the_steps_that_messages_name_are_those_of_the_guide() {
    let headings: Vec<&str> = TEXT.lines().filter_map(|it| it.strip_prefix("### ")).collect();
    let steps: Vec<String> =
        Step::ALL.iter().map(|(step, title)| format!("{}. {title}", step.number())).collect();
    assert_eq!(headings, steps);
    assert_eq!(Step::SignIn.to_string(), "step 7 of the guide, Sign in once");
}

#[test]
fn the_table_of_roles_has_a_row_for_all_that_can_be_collected_or_done() {
    let rows = table("| proof type or operation |");
    let named: Vec<&str> = rows.iter().map(|it| it[0].trim_matches('`')).collect();
    let known = needs();
    assert_eq!(named, known.iter().map(|it| it.0.as_str()).collect::<Vec<_>>());
    for row in &rows {
        assert_eq!(row.len(), 8, "{row:?}");
        for cell in &row[1..] {
            let legend = format!("\n- {cell}: ");
            assert!(TEXT.contains(&legend), "{row:?}: {cell} is not explained");
        }
    }
}

#[test]
fn the_guide_says_what_each_needs_as_the_manifest_does() {
    let text = unbroken();
    for (name, needs) in needs() {
        let said = format!("- `{name}`: {}.", needs.join("; "));
        assert!(text.contains(&said), "missing in QUALYS.md: {said}");
    }
}

#[test]
fn the_guide_names_the_console_of_each_platform() {
    let rows = table("| platform |");
    let rows: Vec<(String, String)> =
        rows.iter().map(|it| (it[0].to_owned(), it[1].trim_matches('`').to_owned())).collect();
    assert_eq!(rows, platforms::consoles());
}

#[test]
fn the_guide_fits_a_terminal() {
    for line in TEXT.lines() {
        assert!(line.chars().count() <= COLUMNS, "{line}");
    }
}
