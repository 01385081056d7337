//! Evidence that lies in several places at once, with all digests made right again: what passes carries a warning, or names
//! what it says as stated.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use exhibit::checks::{Report, Verdict};
use exhibit_records::Proof;
use exhibit_simulator::World;
use serde_json::{Value as Json, json};

use crate::tampered::{Subject, as_written, line_as_written, wrong};

/// What a verifier is to notice.
enum Wanted {
    /// These checks do not pass.
    Wrong(&'static [&'static str]),
    /// All pass, with a warning that has these words.
    Warned(&'static str),
    /// All pass, and this check says that this is as stated.
    Stated(&'static str, &'static str),
}

/// The evidence of a liar, in the making.
struct Lie<'a> {
    subject: &'a Subject,
    proof: Json,
    index: Vec<Json>,
}

impl Lie<'_> {
    /// Names a version of the plugin that does not exist, and brings none.
    fn of_another_plugin(&mut self) -> Result<()> {
        self.proof["plugin"]["digest"] = json!(format!("sha256:{}", "ab".repeat(32)));
        self.proof["plugin"]["version"] = json!("7.0.0");
        let parts = self.proof["parts"].as_array_mut().context("parts")?;
        parts.retain(|it| it["path"] != "plugin.wasm.zst");
        let kept = self.subject.copy.join("plugin.wasm.zst");
        if kept.exists() {
            fs::remove_file(kept)?;
        }
        // The runs of tests were judged by it, too.
        fs::remove_dir_all(self.subject.copy.join("tests"))?;
        self.proof["parts"]
            .as_array_mut()
            .context("parts")?
            .retain(|it| !it["path"].as_str().is_some_and(|it| it.starts_with("tests/")));
        Ok(())
    }

    fn without_dates(&mut self) -> Result<()> {
        for line in &mut self.index {
            let headers = line["headers"].as_array_mut().context("headers")?;
            headers.retain(|it| it[0] != "date");
        }
        self.proof.as_object_mut().context("a record")?.remove("clock-offset");
        let notes = self.proof["host-notes"].as_array_mut().context("notes")?;
        notes.retain(|it| !it.as_str().is_some_and(|it| it.starts_with("The clock")));
        Ok(())
    }

    async fn verified(self) -> Result<Report> {
        let lines: String = self.index.iter().map(line_as_written).collect::<Result<_>>()?;
        fs::write(self.subject.copy.join("answers/index.ndjson"), lines)?;
        fs::write(self.subject.copy.join("proof.json"), as_written::<Proof>(&self.proof)?)?;
        self.subject.seal()?;
        self.subject.verified().await
    }
}

type Change = fn(&mut Lie<'_>) -> Result<()>;

/// What is changed, how, and what is to be noticed.
const LIES: [(&str, Change, Wanted); 13] = [
    ("nothing", |_| Ok(()), Wanted::Warned("answers are of")),
    (
        "a version of the plugin that does not exist",
        |lie| lie.of_another_plugin(),
        Wanted::Warned("made the rows in its place"),
    ),
    (
        "the same, and another title",
        |lie| {
            lie.proof["type"]["label"] = json!("List of users with MFA");
            lie.of_another_plugin()
        },
        Wanted::Wrong(&["plugin"]),
    ),
    (
        "the same, and names of persons that are not personal",
        |lie| {
            for field in lie.proof["type"]["fields"].as_array_mut().context("fields")? {
                field["personal"] = json!(false);
            }
            lie.of_another_plugin()
        },
        Wanted::Wrong(&["plugin"]),
    ),
    (
        "secrets were replaced, and no note says so",
        |lie| {
            lie.index[0]["redacted"] = json!(5);
            Ok(())
        },
        Wanted::Wrong(&["record"]),
    ),
    (
        "values were blanked, and no note says so",
        |lie| {
            lie.index[0]["blanked"] = json!({ "DOCTYPE": 1 });
            Ok(())
        },
        Wanted::Wrong(&["record"]),
    ),
    (
        "values were blanked of a name that the plugin does not give",
        |lie| {
            lie.index[0]["blanked"] = json!({ "MADE_UP": 1 });
            lie.proof["host-notes"].as_array_mut().context("notes")?.push(json!(
                "The source listed 1 value that must not be kept in the recorded answers, by the names that the plugin gives: MADE_UP (1). It \
                 was replaced by [blanked] before the plugin saw the answers."
            ));
            Ok(())
        },
        Wanted::Wrong(&["record"]),
    ),
    (
        "no note on what counts as now",
        |lie| {
            lie.proof["host-notes"] = json!([]);
            Ok(())
        },
        Wanted::Wrong(&["record"]),
    ),
    (
        "answers without a date",
        |lie| lie.without_dates(),
        Wanted::Warned("no answer has a date of its source"),
    ),
    (
        "an answer from before the one before it",
        |lie| {
            let last = lie.index.last_mut().context("answers")?;
            let day_before = last["received"].as_str().context("a time")?.replacen("2026", "2025", 1);
            last["received"] = json!(day_before);
            lie.proof["last-answer"] = json!(day_before);
            lie.without_dates()
        },
        Wanted::Warned("is said to have come before the one before it"),
    ),
    (
        "an origin that was not asked",
        |lie| {
            let origins = lie.proof["origins"].as_array_mut().context("origins")?;
            origins.push(json!({ "name": "idp", "url": "https://idp.example" }));
            Ok(())
        },
        Wanted::Stated("record", "origins that no answer is of (https://idp.example)"),
    ),
    (
        "a page elsewhere",
        |lie| {
            lie.proof["type"]["link"]["url"] = json!("https://evil.example/login");
            Ok(())
        },
        Wanted::Warned("https://evil.example/login"),
    ),
    (
        "tests that were fixed",
        |lie| {
            let file = lie.subject.copy.join("tests/0001/run.json");
            let mut run: Json = serde_json::from_slice(&fs::read(&file)?)?;
            run["tests"][0]["since"] = json!({
                "evidence": "users-2026-q3", "run": 1, "as-of": "2026-07-01T00:00:00Z", "edited": false, "new": 0,
                "still-failing": 0, "reopened": 0, "unclear": 0, "fixed": 412, "out-of-scope": 0, "gone": 0,
            });
            fs::write(file, as_written::<exhibit_records::Run>(&run)?)?;
            Ok(())
        },
        Wanted::Stated("tests", "what changed since earlier runs"),
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_said_to_be_stated_or_carries_a_warning() -> Result<()> {
    let world = World { assets: 120, ..World::default() };
    let subject = Subject::new("assets", world, &["--set", "page-size=50"]).await?;
    for (what, change, wanted) in LIES {
        subject.again()?;
        let index = fs::read_to_string(subject.copy.join("answers/index.ndjson"))?;
        let index = index.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let mut lie = Lie { subject: &subject, proof: subject.json("proof.json")?, index };
        change(&mut lie).with_context(|| what.to_owned())?;
        let report = lie.verified().await.with_context(|| what.to_owned())?;
        let wrong = wrong(&report);
        match wanted {
            Wanted::Wrong(names) => {
                ensure!(names.iter().all(|it| wrong.iter().any(|name| name == it)), "{what}: {report:#?}");
            }
            Wanted::Warned(words) => {
                ensure!(wrong.is_empty(), "{what}: {wrong:?}: {report:#?}");
                ensure!(report.warnings.iter().any(|it| it.contains(words)), "{what}: {:?}", report.warnings);
            }
            Wanted::Stated(name, words) => {
                ensure!(wrong.is_empty(), "{what}: {wrong:?}: {report:#?}");
                let check = report.checks.iter().find(|it| it.name == name).context("a check")?;
                ensure!(
                    matches!(&check.verdict, Verdict::Passed { tried } if tried.contains(words)),
                    "{what}: {check:?}"
                );
            }
        }
    }
    Ok(())
}
