//! Which line a component is run by, and what is said where there is none.

use super::super::v0_1::V0_1;
use super::super::{CONTRACT, LINES, Line, choose};
use super::made_up::MadeUp;

const BOTH: &[&dyn Line] = &[&V0_1, &MadeUp];

fn exports(of: &[(&str, &str)]) -> Vec<String> {
    of.iter().map(|(interface, version)| format!("exhibit:plugin/{interface}@{version}")).collect()
}

/// All interfaces of the contract in each of these versions.
fn whole(versions: &[&str]) -> Vec<String> {
    let of = |version| exports(&["types", "catalog", "collection", "testing"].map(|it| (it, version)));
    versions.iter().flat_map(|it| of(*it)).collect()
}

/// The version of the line, or the error.
fn chosen(exports: &[String], lines: &[&'static dyn Line]) -> String {
    choose(exports, lines).map_or_else(|error| error.to_string(), |it| it.version().to_owned())
}

#[test]
fn a_component_is_run_by_the_newest_line_that_it_has_as_a_whole() {
    assert_eq!(chosen(&whole(&["0.1.7"]), LINES), "0.1.0");
    assert_eq!(chosen(&whole(&["0.1.0", "0.2.3"]), LINES), CONTRACT);
    assert_eq!(chosen(&whole(&["0.0.9"]), BOTH), "0.0.9");
    assert_eq!(chosen(&whole(&["0.0.9", "0.1.0", "0.2.0"]), BOTH), "0.1.0");
    let half = [whole(&["0.0.9"]), exports(&[("catalog", "0.1.0"), ("collection", "0.1.0")])].concat();
    assert_eq!(chosen(&half, BOTH), "0.0.9");
}

#[test]
fn the_line_0_1_is_there_whatever_the_newest_is() {
    assert!(LINES.iter().any(|it| crate::plugin::version::is_of_line("0.1.0", it.version())));
    assert_eq!(chosen(&whole(&["0.1.0"]), &[&V0_1]), "0.1.0");
}

#[test]
fn another_line_is_refused_with_the_lines_that_run_and_what_to_do() {
    let said = |versions: &[&str], lines| chosen(&whole(versions), lines);
    let said = [
        said(&["0.3.0"], LINES),
        said(&["1.0.0"], BOTH),
        said(&["0.3.0-draft"], LINES),
        said(&["0.0.8"], LINES),
        said(&["0.0.8", "0.0.10"], BOTH),
        said(&["0.1.0-draft"], BOTH),
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    the plugin is of line 0.3 of the contract (version 0.3.0), and this host runs lines 0.1 and 0.2: update this program to a version that runs the plugin's
    the plugin is of line 1 of the contract (version 1.0.0), and this host runs lines 0.0.9 and 0.1: update this program to a version that runs the plugin's
    the plugin is of the draft 0.3.0-draft of the contract, which is of no line, and this host runs lines 0.1 and 0.2: update this program to a version that runs the plugin's
    the plugin is of line 0.0.8 of the contract, and this host runs lines 0.1 and 0.2: rebuild the plugin against such a line, or use an older exhibit
    the plugin is of line 0.0.10 of the contract, and this host runs lines 0.0.9 and 0.1: rebuild the plugin against such a line, or use an older exhibit
    the plugin is of the draft 0.1.0-draft of the contract, which is of no line, and this host runs lines 0.0.9 and 0.1: rebuild the plugin against such a line, or use an older exhibit
    ");
}

#[test]
fn half_a_contract_is_none() {
    let said = [
        chosen(&exports(&[("catalog", "0.1.0"), ("collection", "0.1.0")]), LINES),
        chosen(&exports(&[("catalog", "0.2.0"), ("collection", "0.3.0"), ("testing", "0.3.0")]), LINES),
        chosen(&exports(&[("catalog", "0.0.9"), ("collection", "0.1.0"), ("testing", "0.1.0")]), BOTH),
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    the component exports no `exhibit:plugin/testing`, so it is no plugin; it should export the world `exhibit:plugin/plugin@0.2.0`
    the plugin is of line 0.3 of the contract (version 0.3.0), and this host runs lines 0.1 and 0.2: update this program to a version that runs the plugin's
    the component exports no `exhibit:plugin/catalog@0.2.0`, so it is no plugin; it should export the world `exhibit:plugin/plugin@0.2.0`
    ");
}
