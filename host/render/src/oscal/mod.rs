//! OSCAL 1.2 assessment results: an observation for each test, a finding for each control that tests
//! are evidence for, and the evidence with its hashes in the back matter.
//!
//! Identifiers are made of what they identify, so the same evidence gives the same document, and a row
//! is the same inventory item in each proof of the same source.

mod controls;
mod identity;
mod rows;

use std::io::Write as _;

use exhibit::format;
use exhibit::testing::{FINDINGS, TABLE, VERDICTS};
use exhibit_records::{Digest, Tested, Verdict};
use serde_json::{Value as Json, json};

use self::controls::Control;
use self::identity::{Identities, tool};
use self::rows::NamedRow;
use super::entries::{Entries, ROWS};
use super::error::RenderError;
use super::order::{Order, Out};
use super::subject::KeptRun;
use super::{Subject, about};

const VERSION: &str = "1.2.1";
const MEDIA_TYPES: [(&str, &str); 5] = [
    (".json", "application/json"),
    (".ndjson", "application/x-ndjson"),
    (".zst", "application/zstd"),
    (".csv", "text/csv"),
    (".toml", "application/toml"),
];

pub(super) fn write(
    subject: &Subject,
    order: &Order,
    entries: &mut Entries,
    out: &mut Out<'_>,
) -> Result<(), RenderError> {
    let run = subject.run.as_ref().ok_or(RenderError::Untested("OSCAL"))?;
    // What is left to read is held against its digest.
    for entry in entries {
        entry?;
    }
    let named = rows::named(subject, run, order)?;
    let document = Document { subject, order, run, identities: Identities::of(subject, run, order) };
    let document = json!({ "assessment-results": document.json(&named) });
    let refuse = |error: serde_json::Error| RenderError::Write(error.into());
    serde_json::to_writer_pretty(&mut *out, &document).map_err(refuse)?;
    out.write_all(b"\n").map_err(RenderError::Write)
}

struct Document<'a> {
    subject: &'a Subject,
    order: &'a Order,
    run: &'a KeptRun,
    identities: Identities,
}

impl Document<'_> {
    fn json(&self, named: &[NamedRow]) -> Json {
        let plan = format!("{}/tests.toml", self.run.folder);
        let plan = if self.resources().iter().any(|it| it.0 == plan) { plan } else { self.run_path() };
        json!({
            "uuid": self.identities.document(),
            "metadata": self.metadata(),
            "import-ap": { "href": self.reference(&plan), "remarks": "The tests that were run." },
            "results": [self.result(named)],
            "back-matter": { "resources": self.back_matter() },
        })
    }

    fn metadata(&self) -> Json {
        let mut metadata = json!({
            "title": format!("Test results: {}", format::line(&self.subject.proof.proof_type.label)),
            "last-modified": self.run.run.made,
            "version": self.subject.digest.to_string(),
            "oscal-version": VERSION,
        });
        let redacted = about::limits(self.subject, self.order);
        let redacted: Vec<String> = redacted.iter().map(|it| format!("{}: {}", it.term, it.text)).collect();
        if !redacted.is_empty() {
            metadata["remarks"] = json!(redacted.join("\n"));
        }
        metadata
    }

    fn result(&self, named: &[NamedRow]) -> Json {
        let proof = &self.subject.proof;
        let controls = controls::of(&self.run.run.tests);
        let facts = about::facts(self.subject, self.order);
        let facts: Vec<String> = facts.iter().map(|it| format!("{}: {}", it.term, it.text)).collect();
        let mut result = json!({
            "uuid": self.identities.within("result", ""),
            "title": format::line(&proof.proof_type.label),
            "description": format::line(&proof.proof_type.help),
            "start": proof.first_answer.as_ref().unwrap_or(&proof.job.as_of),
            "end": self.run.run.made,
            "local-definitions": self.definitions(named),
            "reviewed-controls": { "control-selections": controls::selections(&controls) },
            "remarks": facts.join("\n"),
        });
        // Neither may be there and empty.
        let observations: Vec<Json> =
            self.run.run.tests.iter().map(|it| self.observation(it, named)).collect();
        if !observations.is_empty() {
            result["observations"] = json!(observations);
        }
        let findings: Vec<Json> = controls.iter().map(|it| self.finding(it)).collect();
        if !findings.is_empty() {
            result["findings"] = json!(findings);
        }
        result
    }

    fn definitions(&self, named: &[NamedRow]) -> Json {
        let plugin = &self.run.run.plugin;
        let title = format!("{} {}", plugin.id, plugin.version);
        let mut definitions = json!({
            "assessment-assets": {
                "components": [{
                    "uuid": tool(plugin),
                    "type": "software",
                    "title": title,
                    "description": format!(
                        "The plugin {title} ({}), run in a sandbox by Exhibit {}.", plugin.digest, self.run.run.host
                    ),
                    "status": { "state": "operational" },
                }],
                "assessment-platforms": [{
                    "uuid": self.identities.within("platform", ""),
                    "title": format!("Exhibit {}", self.run.run.host),
                    "uses-components": [{ "component-uuid": tool(plugin) }],
                }],
            },
        });
        if !named.is_empty() {
            let item = |it: &NamedRow| json!({ "uuid": it.uuid, "description": it.label });
            definitions["inventory-items"] = named.iter().map(item).collect();
        }
        definitions
    }

    fn observation(&self, test: &Tested, named: &[NamedRow]) -> Json {
        let parts = [ROWS.to_owned(), self.run_path(), format!("{}/{FINDINGS}", self.run.folder)];
        let evidence = parts.iter().filter(|path| self.resources().iter().any(|it| it.0 == **path));
        let evidence =
            evidence.map(|path| json!({ "href": self.reference(path), "description": described(path) }));
        let mut observation = json!({
            "uuid": self.identities.within("observation", &test.name),
            "title": format::line(&test.label),
            "description": format::line(&test.message),
            "methods": ["TEST"],
            "origins": [{ "actors": [{ "type": "tool", "actor-uuid": tool(&self.run.run.plugin) }] }],
            "relevant-evidence": Json::from_iter(evidence),
            "collected": self.subject.proof.last_answer.as_ref().unwrap_or(&self.subject.proof.job.as_of),
            "remarks": counts(test),
        });
        let failing = named.iter().filter(|it| it.tests.contains(&test.name));
        let subjects: Vec<Json> = failing
            .map(|it| json!({ "subject-uuid": it.uuid, "type": "inventory-item", "title": it.label }))
            .collect();
        if !subjects.is_empty() {
            observation["subjects"] = json!(subjects);
        }
        observation
    }

    fn finding(&self, control: &Control<'_>) -> Json {
        let outcomes: Vec<String> =
            control.tests.iter().map(|it| format!("{}: {}", it.name, it.outcome.word())).collect();
        let (state, reason) = match control.verdict() {
            Verdict::Pass => ("satisfied", "pass"),
            Verdict::Fail => ("not-satisfied", "fail"),
            Verdict::Inconclusive | Verdict::NotApplicable => ("not-satisfied", "other"),
        };
        let observation =
            |it: &&Tested| json!({ "observation-uuid": self.identities.within("observation", &it.name) });
        json!({
            "uuid": self.identities.within("finding", control.name),
            "title": format::line(control.name),
            "description": format!("Results of the tests for this control: {}.", outcomes.join(", ")),
            "target": {
                "type": "objective-id",
                "target-id": control.id(),
                "status": { "state": state, "reason": reason },
            },
            "related-observations": Json::from_iter(control.tests.iter().map(observation)),
        })
    }

    /// Each file of the evidence, and its digest.
    fn resources(&self) -> Vec<(String, Digest)> {
        let proof = &self.subject.proof;
        let mut all = vec![("proof.json".to_owned(), self.subject.digest)];
        all.extend(proof.parts.iter().map(|it| (it.path.clone(), it.digest)));
        if !all.iter().any(|it| it.0 == self.run_path()) {
            all.push((self.run_path(), self.run.digest));
        }
        let parts = self.run.run.parts.iter();
        all.extend(parts.map(|it| (format!("{}/{}", self.run.folder, it.path), it.digest)));
        all
    }

    fn back_matter(&self) -> Json {
        let resource = |(path, digest): (String, Digest)| {
            let mut link =
                json!({ "href": path, "hashes": [{ "algorithm": "SHA-256", "value": digest.hex() }] });
            if let Some((_, media_type)) = MEDIA_TYPES.iter().find(|(end, _)| path.ends_with(end)) {
                link["media-type"] = json!(media_type);
            }
            json!({
                "uuid": self.identities.within("resource", &path),
                "title": path,
                "description": described(&path),
                "rlinks": [link],
            })
        };
        self.resources().into_iter().map(resource).collect()
    }

    fn reference(&self, path: &str) -> String {
        format!("#{}", self.identities.within("resource", path))
    }

    fn run_path(&self) -> String {
        format!("{}/run.json", self.run.folder)
    }
}

fn counts(test: &Tested) -> String {
    format!(
        "In scope: {}. Passed: {}. Failed: {}. Not judged: {}. Out of scope: {}. {}",
        test.counted,
        test.passed,
        test.failed,
        test.inconclusive,
        test.not_applicable,
        format::line(&test.why)
    )
}

/// What is in a file of the evidence.
fn described(path: &str) -> &'static str {
    match path.rsplit('/').next().unwrap_or(path) {
        "proof.json" => {
            "What the proof is, how it was made, how complete it is, and the digests of its files."
        }
        ROWS => "The rows that were collected, a JSON object a line.",
        "proof.csv" => "The shown columns of the rows.",
        "index.ndjson" => "What the source was asked, and the digests of its answers as they came.",
        "run.json" => "The tests and their results.",
        "tests.toml" => "The tests themselves.",
        VERDICTS => "The verdict of each test on each row.",
        FINDINGS | TABLE => "Why rows did not pass.",
        "history.ndjson.zst" => "Rows that ever failed, and since when.",
        _ => "A file of the evidence.",
    }
}

#[cfg(test)]
mod tests;
