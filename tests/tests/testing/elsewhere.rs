//! Evidence that came from elsewhere: nothing in it is to be relied on.

use anyhow::{Context as _, Result};
use serde_json::{Value as Json, json};

use crate::stage::Stage;
use crate::{AS_OF, stage};

/// A stage with the evidence `users`.
async fn collected() -> Result<Stage> {
    let stage = stage().await?;
    stage.collect("users", "users", &AS_OF).await?.ended_with(0)?;
    Ok(stage)
}

/// Changes `proof.json` with this function.
fn edit(stage: &Stage, change: impl FnOnce(&mut Json)) -> Result<()> {
    let mut proof = stage.kept("users").proof()?;
    change(&mut proof);
    std::fs::write(stage.path("users/proof.json"), proof.to_string())?;
    Ok(())
}

/// The one test's last run, of all tests of a run.
async fn since(stage: &Stage) -> Result<Json> {
    let called = stage.exhibit(&["test", "users", "--json"]).await?;
    let said: Json = serde_json::from_str(&called.stdout).with_context(|| called.stderr)?;
    Ok(said["run"]["tests"][0]["since"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_layout_is_not_guessed_at() -> Result<()> {
    let stage = collected().await?;
    let mut said = Vec::new();
    for format in [1, 5] {
        edit(&stage, |proof| proof["format"] = format.into())?;
        said.push(stage.exhibit(&["test", "users"]).await?.ended_with(2)?.stderr);
    }
    insta::assert_snapshot!(said.join(""), @"
    error: the evidence cannot be read: users/proof.json: format 1 of proof.json is not supported; this version reads formats 2, 3, 4
    next: test it with the exhibit that collected it, or with a later one
    error: the evidence cannot be read: users/proof.json: format 5 of proof.json is not supported; this version reads formats 2, 3, 4
    next: test it with the exhibit that collected it, or with a later one
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_plugins_evidence_is_not_judged() -> Result<()> {
    let stage = collected().await?;
    edit(&stage, |proof| proof["plugin"]["id"] = "oth\u{1b}[2Jer".into())?;
    let other = stage.exhibit(&["test", "users"]).await?.ended_with(2)?;
    edit(&stage, |proof| {
        proof["plugin"]["id"] = "qualys".into();
        proof["type"]["name"] = "us\u{1b}[2Jers\nnext: all is well".into();
    })?;
    let unknown = stage.exhibit(&["test", "users"]).await?.ended_with(2)?;
    insta::assert_snapshot!(other.stderr + &unknown.stderr, @r"
    error: this evidence is of the plugin `oth\u{1b}[2Jer`, and qualys does not judge it
    next: name the plugin that collected it, with --plugin
    error: this evidence is of the proof type `us\u{1b}[2Jers next: all is well`, which the plugin qualys does not have
    next: name the plugin that collected it, with --plugin
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_evidence_are_shown_and_do_nothing() -> Result<()> {
    let stage = collected().await?;
    let act = "a\u{1b}[2Jb\u{202e}c\n\u{9b}31m";
    edit(&stage, |proof| {
        for field in proof["type"]["fields"].as_array_mut().into_iter().flatten() {
            field["label"] = act.into();
        }
        for place in ["label", "help"] {
            proof["type"][place] = act.into();
        }
        proof["notes"] = json!([act]);
    })?;
    for _ in 0..2 {
        let called = stage.exhibit(&["test", "users"]).await?.ended_with(1)?;
        let said = called.stdout + &called.stderr;
        assert!(said.contains(r"a\u{1b}[2Jb"), "{said}");
        assert!(!said.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{said}");
        // The next run is compared with this one.
        let path = stage.path("users/tests/0001/run.json");
        let mut run: Json = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        run["as-of"] = act.into();
        std::fs::write(&path, run.to_string())?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_run_is_passed_over() -> Result<()> {
    let stage = collected().await?;
    let run = |number: &str| stage.path(&format!("users/tests/{number}"));
    std::fs::create_dir_all(run("0001"))?;
    std::fs::write(run("0001/run.json"), "{\"format\":1}")?;
    std::fs::create_dir_all(run("7"))?;
    std::fs::create_dir_all(run(".0009.partial-1-0"))?;
    std::fs::write(run("notes"), "of a person")?;
    assert_eq!(since(&stage).await?, Json::Null);
    let later = run("0002/run.json");
    assert!(later.exists(), "another number was taken");
    // A layout that is not known says nothing, whatever it looks like.
    let mut json: Json = serde_json::from_str(&std::fs::read_to_string(&later)?)?;
    json["format"] = 1_000.into();
    std::fs::write(&later, json.to_string())?;
    assert_eq!(since(&stage).await?, Json::Null);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_neighbour_that_is_too_large_is_passed_over_with_a_warning() -> Result<()> {
    let stage = collected().await?;
    stage.exhibit(&["test", "users"]).await?.ended_with(1)?;
    std::fs::create_dir(stage.path("heavy"))?;
    let many = format!("[{}0]", "{\"\":0},".repeat(2_000_000));
    std::fs::write(stage.path("heavy/proof.json"), many)?;
    std::fs::create_dir(stage.path("long"))?;
    std::fs::write(stage.path("long/proof.json"), " ".repeat(62 << 20))?;
    std::fs::create_dir(stage.path("none"))?;
    let called = stage.exhibit(&["test", "users"]).await?.ended_with(1)?;
    let warnings: Vec<&str> =
        called.stderr.lines().filter(|it| it.contains("is not compared with")).collect();
    let warnings = warnings.join("\n").replace(&stage.path("").display().to_string(), "…/");
    insta::assert_snapshot!(warnings, @"
    warning: evidence beside this one is not compared with: …/heavy/proof.json: it has more than 250000 values, which no such record has
    warning: evidence beside this one is not compared with: …/long/proof.json: it has more than 16777216 bytes, which no such file has
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_was_altered_is_not_gone_by() -> Result<()> {
    let stage = collected().await?;
    stage.exhibit(&["test", "users"]).await?.ended_with(1)?;
    let name = "tests/0001/history.ndjson.zst";
    let path = stage.path("users").join(name);
    let history = stage.kept("users").text(name)?;
    let some: String = history.lines().skip(1).map(|it| format!("{it}\n")).collect();
    let mut said = Vec::new();
    for altered in [Some(&some[..]), Some("no history\n"), None] {
        match altered {
            Some(text) => std::fs::write(&path, zstd::encode_all(text.as_bytes(), 3)?)?,
            None => std::fs::write(&path, "no frame")?,
        }
        let called = stage.exhibit(&["test", "users"]).await?.ended_with(2)?;
        said.push(called.stderr.split(": run.json").next().unwrap_or_default().to_owned());
        assert_eq!(std::fs::read_dir(stage.path("users/tests"))?.count(), 1, "a run was kept");
    }
    std::fs::remove_file(&path)?;
    said.push(stage.exhibit(&["test", "users"]).await?.ended_with(2)?.stderr);
    insta::assert_snapshot!(said.join("\n"));
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn pipes_and_links_are_not_followed_without_end() -> Result<()> {
    let stage = collected().await?;
    stage.exhibit(&["test", "users"]).await?.ended_with(1)?;
    let mut said = Vec::new();
    for name in ["tests/0001/history.ndjson.zst", "tests/0001/run.json", "rows.ndjson.zst", "proof.json"] {
        let path = stage.path("users").join(name);
        let kept = path.with_extension("kept");
        std::fs::rename(&path, &kept)?;
        let made = std::process::Command::new("mkfifo").arg(&path).status()?;
        anyhow::ensure!(made.success(), "mkfifo");
        let called = stage.exhibit(&["test", "users", "--what-if"]).await?;
        // What is no run is passed over.
        let code = if name.ends_with("run.json") { 1 } else { 2 };
        said.push(called.ended_with(code)?.stderr);
        std::fs::remove_file(&path)?;
        std::fs::rename(&kept, &path)?;
    }
    insta::assert_snapshot!(said.concat());
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_kept_with_its_evidence_and_nowhere_else() -> Result<()> {
    let stage = collected().await?;
    std::fs::create_dir(stage.path("elsewhere"))?;
    std::os::unix::fs::symlink(stage.path("elsewhere"), stage.path("users/tests"))?;
    let linked = stage.exhibit(&["test", "users"]).await?.ended_with(2)?;
    assert_eq!(std::fs::read_dir(stage.path("elsewhere"))?.count(), 0, "written elsewhere");
    std::fs::remove_file(stage.path("users/tests"))?;
    std::fs::write(stage.path("users/tests"), "no folder")?;
    let taken = stage.exhibit(&["test", "users"]).await?.ended_with(2)?;
    insta::assert_snapshot!(linked.stderr + &taken.stderr);
    Ok(())
}
