//! What the command writes is what the host keeps.

use std::path::Path;

use anyhow::Result;
use exhibit_simulator::{Fault, Rule, World};

use crate::runtime::{COMMAND, Ran, Runtime, ran};

/// Far enough from the simulator's own time that none of its records is as new.
const LATER: &str = "2036-01-01";

fn text(ran: &Ran) -> String {
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_and_table_are_the_hosts_to_the_byte() -> Result<()> {
    let Some(runtime) = Runtime::new(World { assets: 300, ..World::default() }).await? else { return Ok(()) };
    let window = ["--from", "2026-01-01", "--to", LATER];
    for proof in &runtime.stage.types().await? {
        let proof = proof.as_str();
        let further = match proof {
            "assets" => &["--set", "page-size=70"][..],
            "detections" => &["--set", "detection-page-size=70"],
            // Where nothing else is said, those of the last 30 days are collected.
            "vm-scans" | "pc-scans" | "was-scans" => &window,
            _ => &[],
        };
        let further = [further, &["--as-of", LATER]].concat();
        runtime.stage.collect(proof, proof, &further).await?.ended_with(0)?;
        let kept = runtime.stage.kept(proof);
        let all = [[proof].as_slice(), &further].concat();
        let lines = runtime.collect(&all).await?.ended_with(0)?;
        assert!(!lines.stdout.is_empty(), "{proof}");
        assert_eq!(text(&lines), kept.text("rows.ndjson.zst")?, "{proof}");
        let table = runtime.collect(&[all.as_slice(), &["--csv"]].concat()).await?.ended_with(0)?;
        assert_eq!(text(&table), kept.text("proof.csv")?, "{proof}");
        for note in kept.proof()?["notes"].as_array().into_iter().flatten() {
            let note = note.as_str().unwrap_or_default();
            assert!(lines.stderr.contains(note), "{proof}: {note}\n{}", lines.stderr);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_breaks_off_leaves_nothing() -> Result<()> {
    let Some(runtime) = Runtime::new(World { assets: 300, ..World::default() }).await? else { return Ok(()) };
    let whole = runtime.collect(&["assets"]).await?.ended_with(0)?;
    runtime.stage.source.faults().set([Rule::times(2, Fault::ResetAt(100_000))]);
    let broken = runtime.collect(&["assets"]).await?.ended_with(0)?;
    assert_eq!(text(&broken), text(&whole));
    assert!(broken.stderr.contains("was interrupted"), "{}", broken.stderr);
    assert!(broken.stderr.contains("attempt 3"), "{}", broken.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_and_has_an_exit_code() -> Result<()> {
    let Some(mut runtime) = Runtime::new(World::default()).await? else { return Ok(()) };
    runtime
        .stage
        .source
        .faults()
        .set([Rule::always(Fault::RedirectTo("https://sso.example/?token=1".to_owned()))]);
    let redirected = runtime.collect(&["users"]).await?.ended_with(3)?;
    assert!(redirected.stderr.contains("redirected to https://sso.example/;"), "{}", redirected.stderr);
    runtime.stage.source.faults().set([Rule::always(Fault::AccountExpired)]);
    let expired = runtime.collect(&["users"]).await?.ended_with(3)?;
    assert!(expired.stderr.contains("the account has expired"), "{}", expired.stderr);
    assert!(expired.stdout.is_empty());
    runtime.stage.source.faults().clear();

    let nameless = runtime.collect(&["userz"]).await?.ended_with(2)?;
    assert!(nameless.stderr.contains("unknown proof type `userz`: choose from "), "{}", nameless.stderr);
    let unset = runtime.command(Path::new(COMMAND), &[], &["collect", "users", "--set", "platform=US2"]);
    let unset = ran(unset).await?.ended_with(2)?;
    assert!(unset.stderr.contains("pass it with --env QUALYS_USERNAME"), "{}", unset.stderr);

    let password = runtime.stage.login.1.clone();
    runtime.stage.login.1 = "hunter2".to_owned();
    let refused = runtime.collect(&["users"]).await?.ended_with(3)?;
    assert!(!refused.stderr.contains("hunter2"), "{}", refused.stderr);
    runtime.stage.login.1 = password;
    runtime.stage.origin = "http://192.0.2.1".to_owned();
    let plain = runtime.collect(&["users"]).await?.ended_with(2)?;
    assert!(plain.stderr.contains("not https"), "{}", plain.stderr);
    Ok(())
}
