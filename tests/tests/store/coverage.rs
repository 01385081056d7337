//! What each proof type of the plugin proves of which time, with and without a window.

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::World;
use serde_json::Value as Json;

use crate::Kept;

/// A window of the past, and a time around it.
const OCTOBER: [&str; 4] = ["--from", "2026-10-01", "--to", "2026-11-01"];
const YEAR: [&str; 4] = ["--from", "2026-01-01", "--to", "2100-01-01"];

/// What the manifest says that a proof of each type proves: `events` or `state`; and whether it has a window.
async fn types(kept: &Kept) -> Result<Vec<(String, String, bool)>> {
    let called =
        kept.stage.exhibit(&["types", "--plugin", env!("QUALYS_PLUGIN"), "--json"]).await?.ended_with(0)?;
    let types: Vec<Json> = serde_json::from_str(&called.stdout)?;
    let text = |it: &Json| it.as_str().unwrap_or_default().to_owned();
    ensure!(!types.is_empty(), "{called:?}");
    Ok(types.iter().map(|it| (text(&it["name"]), text(&it["proves"]), !it["window"].is_null())).collect())
}

/// The intervals that are covered, as days.
async fn covered(kept: &Kept, proof: &str) -> Result<Vec<Vec<(String, String)>>> {
    covered_as_of(kept, proof, &day(0)?).await
}

/// The same, where the end of this day counts as now.
async fn covered_as_of(kept: &Kept, proof: &str, day: &str) -> Result<Vec<Vec<(String, String)>>> {
    let now = format!("{day}T23:59:59Z");
    let coverage = [&["evidence", "coverage", "store", proof, "--json", "--as-of", &now], &YEAR[..]].concat();
    let called = kept.stage.exhibit(&coverage).await?.ended_with(1)?;
    let groups: Vec<Json> = serde_json::from_str(&called.stdout)?;
    let day = |it: &Json| it.as_str().unwrap_or_default().chars().take(10).collect::<String>();
    let of = |group: &Json| {
        let all = group["stretches"].as_array().cloned().unwrap_or_default();
        let covered = all.into_iter().filter(|it| it["evidence"].as_array().is_some_and(|it| !it.is_empty()));
        covered.map(|it| (day(&it["start"]), day(&it["end"]))).collect()
    };
    Ok(groups.iter().map(of).collect())
}

/// Today, by the clock that the program has, and the day so many days from it.
fn day(from_now: i64) -> Result<String> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let millis = i64::try_from(now.as_millis())? + from_now * 24 * 60 * 60 * 1000;
    Ok(exhibit::evidence::format_instant(millis).chars().take(10).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_of_the_past_is_covered_by_events_alone() -> Result<()> {
    let kept = Kept::new().await?;
    for (proof, proves, has_window) in types(&kept).await? {
        let called = kept.collect(&proof, "2026-11-02", &OCTOBER).await?;
        if !has_window {
            let called = called.ended_with(2)?;
            ensure!(called.stderr.contains("takes no window"), "{called:?}");
            continue;
        }
        called.ended_with(0)?;
        let covered = covered(&kept, &proof).await?.concat();
        let [(start, end)] = &covered[..] else { anyhow::bail!("{proof}: {covered:?}") };
        match proves.as_str() {
            "events" => assert_eq!((start.as_str(), end.as_str()), ("2026-10-01", "2026-11-01"), "{proof}"),
            // What is so now, whatever was asked for.
            "state" => assert!(*start == day(0)? || *start == day(-1)?, "{proof}: {start}"),
            other => anyhow::bail!("{proof} proves {other}"),
        }
    }
    kept.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_a_clock_that_was_wrong_covers_nothing_and_says_so() -> Result<()> {
    // The source's clock stands at the beginning of November, and ours has gone on.
    let kept = Kept::of(World { users: 3, dated: true, ..World::default() }).await?;
    let called = kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    ensure!(called.stderr.contains("The clock of the machine that collected this was"), "{called:?}");
    assert_eq!(covered(&kept, "users").await?.concat(), []);
    let coverage = [&["evidence", "coverage", "store", "users"], &YEAR[..]].concat();
    let called = kept.stage.exhibit(&coverage).await?.ended_with(1)?;
    ensure!(called.stdout.contains("the clock of the machine that collected it was wrong"), "{called:?}");
    let called = kept.verify().await?.ended_with(0)?;
    ensure!(called.stdout.contains("after the date that the source gave it"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_window_events_cover_the_past_and_a_state_the_time_to_come() -> Result<()> {
    let kept = Kept::new().await?;
    let today = day(0)?;
    for (proof, proves, _) in types(&kept).await? {
        kept.collect(&proof, &today, &["--good-for", "30"]).await?.ended_with(0)?;
        let later = covered_as_of(&kept, &proof, &day(31)?).await?.concat();
        let expected = match proves.as_str() {
            "events" => (day(-30)?, today.clone()),
            _ => (today.clone(), day(30)?),
        };
        assert_eq!(later, [expected], "{proof}");
        // No time in the future is proven.
        let covered = covered(&kept, &proof).await?.concat();
        assert!(covered.iter().all(|it| it.1 == today), "{proof}: {covered:?}");
    }
    kept.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_is_not_over_is_covered_as_far_as_it_was_and_one_of_the_future_is_refused() -> Result<()>
{
    let kept = Kept::new().await?;
    let (before, today, after, later) = (day(-10)?, day(0)?, day(10)?, day(20)?);
    for (proof, proves, _) in types(&kept).await?.into_iter().filter(|it| it.2) {
        let called =
            kept.collect(&proof, &today, &["--from", &after, "--to", &later]).await?.ended_with(2)?;
        ensure!(called.stderr.contains("nothing of it has happened yet"), "{called:?}");
        kept.collect(&proof, &today, &["--from", &before, "--to", &after]).await?.ended_with(0)?;
        if proves == "events" {
            let covered = covered(&kept, &proof).await?.concat();
            let [(start, end)] = &covered[..] else { anyhow::bail!("{proof}: {covered:?}") };
            assert_eq!(*start, before, "{proof}");
            assert!(*end == today || *end == day(0)?, "{proof}: {end}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_a_window_filters_is_not_the_whole_list() -> Result<()> {
    let kept = Kept::new().await?;
    let (proof, _, _) =
        types(&kept).await?.into_iter().find(|it| it.1 == "state" && it.2).context("a type with a filter")?;
    kept.collect(&proof, "2026-11-02", &[]).await?.ended_with(0)?;
    let called = kept.collect(&proof, "2026-11-02", &OCTOBER).await?.ended_with(0)?;
    ensure!(called.stdout.contains("filtered by 2026-10-01 to before 2026-11-01"), "{called:?}");
    let listed = kept.list("2026-11-03").await?;
    ensure!(
        listed.iter().all(|it| it["state"] == "current"),
        "neither takes the place of the other: {listed:?}"
    );
    assert_eq!(covered(&kept, &proof).await?.len(), 2, "they are shown apart");
    Ok(())
}
