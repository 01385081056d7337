//! Searches, whatever their answers say of further pages.

use anyhow::Result;
use exhibit_simulator::{Fault, Rule, World};

use crate::stage::Stage;

/// All scans that the simulator has.
const ARGUMENTS: [&str; 6] = ["--as-of", "2026-11-01", "--from", "2020-01-01", "--to", "2026-11-02"];

/// Two pages of scans.
async fn stage() -> Result<Stage> {
    Stage::new(World { was_scans: 1_100, rate_limit: 100_000, ..World::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_say_it_in_another_way_or_not_at_all() -> Result<()> {
    let stage = stage().await?;
    stage.collect("was-scans", "calm", &ARGUMENTS).await?.ended_with(0)?;
    let calm = stage.kept("calm");
    assert_eq!((calm.rows()?.len(), calm.answers()?.len()), (1_100, 2));
    for (name, fault, answers) in [
        ("text", Fault::MoreAsText, 2),
        // One more page, without records, shows that there are no more.
        ("unsaid", Fault::MoreUnsaid, 3),
        // The first page is refused, and the others are asked for in the size that passed.
        ("parts", Fault::PageAbove { records: 250, status: 413 }, 1 + 5),
    ] {
        stage.source.faults().set([Rule::always(fault)]);
        stage.collect("was-scans", name, &ARGUMENTS).await?.ended_with(0)?;
        let rough = stage.kept(name);
        assert!(calm.text("rows.ndjson.zst")? == rough.text("rows.ndjson.zst")?, "{name}: the rows differ");
        assert_eq!(rough.answers()?.len(), answers, "{name}");
        stage.exhibit(&["verify", name]).await?.ended_with(0)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_do_not_lead_on_end_the_collection() -> Result<()> {
    let stage = stage().await?;
    for (name, fault, why) in [
        ("refused", Fault::InvalidRequest, "Qualys refused the request: \"Criteria: Invalid value"),
        ("id", Fault::StuckLastId, "lastId is 0, but the last record in the answer is"),
        ("page", Fault::StuckPaging, "the list does not ascend"),
    ] {
        stage.source.faults().set([Rule::always(fault)]);
        let called = stage.collect("was-scans", name, &ARGUMENTS).await?.ended_with(3)?;
        let said = called.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(why), "{name}: {}", called.stderr);
        assert!(!stage.path(name).exists(), "{name}: a part of a list is no evidence");
    }
    Ok(())
}
