//! The controls that tests are evidence for, such as `nist-800-53r5:ra-5`: a framework, and a control of it.

use std::collections::BTreeMap;

use exhibit::format;
use exhibit_records::{Tested, Verdict};
use serde_json::{Value as Json, json};

/// A control, and the tests that are evidence for it.
pub(super) struct Control<'a> {
    /// As the tests have it.
    pub(super) name: &'a str,
    pub(super) tests: Vec<&'a Tested>,
}

/// The controls of some tests, in the order of their names.
pub(super) fn of(tests: &[Tested]) -> Vec<Control<'_>> {
    let mut all: BTreeMap<&str, Vec<&Tested>> = BTreeMap::new();
    for test in tests {
        for control in &test.controls {
            let tests = all.entry(control).or_default();
            if !tests.iter().any(|it| it.name == test.name) {
                tests.push(test);
            }
        }
    }
    all.into_iter().map(|(name, tests)| Control { name, tests }).collect()
}

/// The controls as OSCAL selects them: a selection for each framework.
pub(super) fn selections(controls: &[Control<'_>]) -> Json {
    let mut frameworks: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    for control in controls {
        let all = frameworks.entry(control.framework()).or_default();
        all.push(json!({ "control-id": control.id() }));
    }
    if frameworks.is_empty() {
        return json!([{ "description": "The tests name no control." }]);
    }
    let selection = |(framework, controls): (&str, Vec<Json>)| {
        let description = match framework {
            "" => "Controls of no named framework".to_owned(),
            framework => format!("Controls of {}", format::line(framework)),
        };
        json!({ "description": description, "include-controls": controls })
    };
    frameworks.into_iter().map(selection).collect()
}

impl<'a> Control<'a> {
    fn framework(&self) -> &'a str {
        self.name.split_once(':').map_or("", |(framework, _)| framework)
    }

    /// As a catalogue has it, `ra-5`. Where OSCAL takes no such identifier (it begins with a letter or
    /// an underscore), with an underscore before it and for what it does not take.
    pub(super) fn id(&self) -> String {
        let id = self.name.split_once(':').map_or(self.name, |(_, id)| id);
        let fits = |it: char| it.is_alphanumeric() || matches!(it, '.' | '-' | '_');
        let id: String = id.chars().map(|it| if fits(it) { it } else { '_' }).collect();
        let begins = id.starts_with(|it: char| it.is_alphabetic() || it == '_');
        if begins { id } else { format!("_{id}") }
    }

    /// What the tests came to together: satisfied only where all of them passed.
    pub(super) fn verdict(&self) -> Verdict {
        let any = |wanted| self.tests.iter().any(|it| it.outcome == wanted);
        [Verdict::Fail, Verdict::Inconclusive, Verdict::NotApplicable]
            .into_iter()
            .find(|it| any(*it))
            .unwrap_or(Verdict::Pass)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_control_gets_an_identifier_that_oscal_takes() {
        let id = |name| Control { name, tests: vec![] }.id();
        assert_eq!(id("nist-800-53r5:ra-5"), "ra-5");
        assert_eq!(id("pci-dss-4.0.1:11.3.1"), "_11.3.1");
        assert_eq!(id("own rule/7"), "own_rule_7");
        assert_eq!(id("x:"), "_");
    }
}
