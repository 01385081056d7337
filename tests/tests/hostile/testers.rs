//! Testers that misbehave, with the real binary: each ends in an error that says so, no run is
//! kept, and the evidence is what it was.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, ensure};
use exhibit_simulator::World;

use crate::binary::{Called, PASSWORD, Stage, USERNAME};
use crate::source::Source;
use crate::stage::plain;

/// The binary, a source for it, and evidence of that.
struct Kept {
    stage: Stage,
    source: Source,
}

impl Kept {
    async fn new() -> Result<Self> {
        // Of the stage's own source nothing is wanted here.
        let world =
            World { assets: 1, users: 1, scans: 1, compliance_scans: 1, tickets: 1, ..World::default() };
        let mut stage = Stage::new(world).await?;
        let state = stage.path("state").display().to_string();
        stage.environment.push(("XDG_STATE_HOME".to_owned(), state));
        let it = Self { stage, source: Source::start().await? };
        it.collect("things", &[]).await?.ended_with(0)?;
        Ok(it)
    }

    async fn collect(&self, name: &str, further: &[&str]) -> Result<Called> {
        let origin = format!("api={}", self.source.origin());
        let [username, password] =
            [("username", USERNAME), ("password", PASSWORD)].map(|(name, it)| format!("{name}=env:{it}"));
        let mut arguments = vec!["collect", "things", "--plugin", env!("HOSTILE_PLUGIN"), "--out", name];
        arguments.extend(["--set", "evil=nothing", "--origin", &origin, "--as-of", "2026-11-01"]);
        arguments.extend(["--secret", &username, "--secret", &password]);
        arguments.extend(further);
        self.stage.exhibit(&arguments).await
    }

    /// A file of one test, whose name tells the tester what to do wrong.
    fn test(&self, evil: &str) -> Result<String> {
        let text = format!(
            "version = 1\n\
             [[test]]\n\
             name = \"{evil}\"\n\
             proof = \"things\"\n\
             label = \"Named\"\n\
             case = [{{ all = [{{ field = \"name\", operator = \"is-not-empty\" }}] }}]\n"
        );
        let file = format!("{evil}.toml");
        std::fs::write(self.stage.path(&file), text)?;
        Ok(file)
    }

    /// What testing the evidence ends in.
    async fn tested(&self, evil: &str) -> Result<Called> {
        let file = self.test(evil)?;
        let arguments = ["test", "things", "--plugin", env!("HOSTILE_PLUGIN"), "--test", &file];
        self.stage.exhibit(&arguments).await
    }

    /// What testing ends in that must fail, and must leave the evidence as it was.
    async fn refused(&self, evil: &str) -> Result<String> {
        let before = files(&self.stage.path("things"))?;
        let said = self.tested(evil).await?.ended_with(3)?.stderr;
        ensure!(files(&self.stage.path("things"))? == before, "{evil} changed the evidence");
        Ok(format!("{evil}: {}", plainly(&said)))
    }

    /// The same, of a collection that tests at once: what was collected is kept, without a run.
    async fn refused_at_once(&self, evil: &str) -> Result<String> {
        let file = self.test(evil)?;
        let said = self.collect(evil, &["--test", &file]).await?.ended_with(3)?.stderr;
        let [kept, expected] = [evil, "things"].map(|it| files(&self.stage.path(it)));
        let (kept, expected) = (kept?, expected?);
        for name in ["rows.ndjson.zst", "proof.csv"] {
            ensure!(kept.get(name) == expected.get(name), "{evil}: {name} is not as it should be");
        }
        ensure!(kept.keys().eq(expected.keys()), "{evil}: {:?}", kept.keys());
        let proof = self.stage.kept(evil).proof()?;
        ensure!(!proof["parts"].to_string().contains("tests/"), "{evil}: a run is listed: {proof}");
        Ok(plainly(&said))
    }

    async fn all_refused(&self, evils: &[&str]) -> Result<String> {
        let mut ends = Vec::new();
        for evil in evils {
            ends.push(self.refused(evil).await?);
        }
        Ok(ends.join("\n"))
    }
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder)?.display().to_string(), std::fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

/// The error, without what differs from machine to machine. How long a call was let run depends on
/// how busy that is: ticks and the clock on the wall both end it.
fn plainly(said: &str) -> String {
    let lines: Vec<&str> = said.lines().filter(|it| !it.starts_with("warning: ")).collect();
    let said = plain(&lines.join("\n"));
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    match said.split_once(" within ") {
        Some((before, after)) => {
            format!(
                "{before} within N{}",
                after.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.')
            )
        }
        None => said.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_and_findings_are_of_what_was_given() -> Result<()> {
    let evils = [
        "too-few-outcomes",
        "too-many-outcomes",
        "outcomes-in-millions",
        "faults-without-a-reason",
        "cannot-tell-and-not-why",
        "finds-something-in-a-row-that-passes",
        "finds-something-in-no-row",
        "finds-something-of-no-test",
        "finds-something-in-a-field-that-is-not",
        "finds-something-in-a-field-not-given",
        "finds-more-than-there-is",
        "sees-what-is-not-there",
        "sees-no-number",
        "wants-too-much",
    ];
    insta::assert_snapshot!(Kept::new().await?.all_refused(&evils).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_follow_from_the_rows() -> Result<()> {
    let evils = [
        "reports-on-too-few",
        "reports-on-too-many",
        "reports-on-another",
        "reports-other-counts",
        "reports-another-sum",
        "reports-rows-out-of-scope",
        "reports-another-outcome",
        "reports-without-end",
    ];
    insta::assert_snapshot!(Kept::new().await?.all_refused(&evils).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tester_wants_fields_that_there_are() -> Result<()> {
    let evils = ["wants-a-field-that-is-not", "wants-a-field-twice"];
    insta::assert_snapshot!(Kept::new().await?.all_refused(&evils).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_do_not_end_are_ended() -> Result<()> {
    // Each takes seconds, and none may see another's half a run in its evidence.
    let ended = async |evil| Kept::new().await?.refused(evil).await;
    let (open, fields, observe, finish) = tokio::try_join!(
        ended("loops-in-open"),
        ended("loops-in-fields"),
        ended("loops-in-observe"),
        ended("loops-in-finish")
    )?;
    insta::assert_snapshot!([open, fields, observe, finish].join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_and_panics_end_a_tester() -> Result<()> {
    let kept = Kept::new().await?;
    let mut ends = Vec::new();
    for call in ["open", "observe", "finish"] {
        // What it writes when it has no more memory is its standard library's affair.
        let end = kept.refused(&format!("eats-in-{call}")).await?;
        ends.push(end.split("; it wrote: ").next().unwrap_or_default().to_owned());
        ends.push(kept.refused(&format!("panics-in-{call}")).await?);
    }
    insta::assert_snapshot!(ends.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_tester_are_shown_and_do_nothing() -> Result<()> {
    let kept = Kept::new().await?;
    let mut said = vec![kept.all_refused(&["denies-in-open", "denies-in-observe"]).await?];
    // A test that is refused is for who wrote it to mend.
    for evil in ["refuses-in-open", "points-nowhere-in-open", "refuses-in-observe"] {
        said.push(kept.tested(evil).await?.ended_with(2)?.stderr.trim_end().to_owned());
    }
    let well = kept.tested("reports-in-words-that-act").await?.ended_with(0)?;
    assert!(!well.stdout.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{}", well.stdout);
    let file = kept.test("reports-in-words-that-act")?;
    let arguments = ["test", "things", "--plugin", env!("HOSTILE_PLUGIN"), "--test", &file];
    let report = [&arguments[..], &["--junit", "report.xml"]].concat();
    kept.stage.exhibit(&report).await?.ended_with(0)?;
    let report = std::fs::read_to_string(kept.stage.path("report.xml"))?;
    assert!(!report.contains(['\u{1b}', '\u{7}']), "{report}");
    insta::assert_snapshot!(said.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_collected_is_kept_without_a_run() -> Result<()> {
    let kept = Kept::new().await?;
    let evils = [
        "too-many-outcomes",
        "faults-without-a-reason",
        "sees-what-is-not-there",
        "reports-other-counts",
        "panics-in-observe",
        "panics-in-finish",
        "denies-in-observe",
    ];
    let mut ends = Vec::new();
    for evil in evils {
        ends.push(kept.refused_at_once(evil).await?);
    }
    insta::assert_snapshot!(ends.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tester_that_cannot_begin_is_known_before_anything_is_asked() -> Result<()> {
    let kept = Kept::new().await?;
    for evil in ["denies-in-open", "panics-in-open", "wants-a-field-twice"] {
        let file = kept.test(evil)?;
        let said = kept.collect(evil, &["--test", &file]).await?.ended_with(3)?.stderr;
        assert!(!kept.stage.path(evil).exists(), "{evil}: {said}");
    }
    Ok(())
}
