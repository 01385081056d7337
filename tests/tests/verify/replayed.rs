//! Evidence that is as it was.

use anyhow::Result;
use exhibit_simulator::{Fault, Rule, World};

use crate::stage::Stage;
use crate::{without_digests, without_the_day};

#[tokio::test(flavor = "multi_thread")]
async fn every_proof_is_made_again_byte_for_byte() -> Result<()> {
    let stage = Stage::new(World { assets: 300, users: 12, scans: 30, ..World::default() }).await?;
    for proof in &stage.types().await? {
        let further = ["--as-of", "2026-11-01", "--set", "page-size=100", "--test", "suggested"];
        stage.collect(proof, proof, &further).await?.ended_with(1)?;
        stage.exhibit(&["verify", proof]).await?.ended_with(0)?;
    }
    let called = stage.exhibit(&["verify", "users"]).await?.ended_with(0)?;
    let said = without_digests(&called.stdout).replace(&stage.source.url(), "http://source");
    let said = without_the_day(&said);
    insta::assert_snapshot!(said, @"
    ✔ verified, but not signed: anyone with write access could have replaced all of it; 9 checks passed; with warnings
    warning: ages and what is overdue are as of 2026-11-01T00:00:00Z, and the source was asked on …
    warning: the answers are of http://source, and not of https://qualysapi.qg2.apps.qualys.com, which the settings stand for

    ✔ pass  proof: proof.json says what was collected, and how [users, 12 rows, as of 2026-11-01T00:00:00Z]
    ? skip  signature: a trusted key signed it
            not signed: anyone with write access could replace it
    ✔ pass  files: every file is as it was written, and none was added [12 files]
    ✔ pass  runs: no run of tests was removed, swapped, renumbered or copied [1 run]
    ? skip  run signature: a trusted key signed the run of tests (run 1)
            not signed: anyone with write access could replace it
    ✔ pass  answers: every answer is as the source gave it [1 answer]
    ✔ pass  table: proof.csv shows what the rows say [12 rows]
    ✔ pass  record: proof.json says what follows from the answers and the rows [as stated: account, host version, beginning, settings that no request shows, headers of answers, requests, retries, waits, expiry, interruptions, the address of the source's page]
    ✔ pass  plugin: the plugin that collected it is trusted [qualys 0.1.0 (…)]
    ✔ pass  replay: the answers give the rows, byte for byte [1 answer, 12 rows]
    ✔ pass  tests: the tests give the same results again (run 1) [3 tests, as of 2026-11-01T00:00:00Z; as stated: that time]
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_network_did_does_not_show() -> Result<()> {
    let stage = Stage::new(World { assets: 500, ..World::default() }).await?;
    let further = ["--as-of", "2026-11-01", "--set", "page-size=50"];
    for (name, page, bytes) in [("first", 1, 0), ("second", 2, 700), ("later", 7, 20_000)] {
        stage.source.faults().set(vec![Rule::on_request(page, Fault::ResetAt(bytes))]);
        stage.collect("assets", name, &further).await?.ended_with(0)?;
        assert_eq!(stage.kept(name).proof()?["counts"]["retries"], 1, "{name}");
        stage.exhibit(&["verify", name]).await?.ended_with(0)?;
    }
    Ok(())
}
