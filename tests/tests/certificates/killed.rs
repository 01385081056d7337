//! Two at once, and killed at any moment: the inventory is that of merges one after the other.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::{AS_OF, Team, servers};

/// Merges that are killed in each run, and by how many steps of time they are apart. The bar is 200.
const KILLS: u64 = 8;
const ALL: u64 = 600;

fn kills() -> u64 {
    std::env::var("EXHIBIT_TEST_KILLS").ok().and_then(|it| it.parse().ok()).unwrap_or(KILLS)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_merges_lose_and_double_nothing_over_sqlite() -> Result<()> {
    killed(&Team::new(ALL, None).await?, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_merges_lose_and_double_nothing_over_postgresql() -> Result<()> {
    let Some(server) = servers()? else { return Ok(()) };
    let other = server.database("other")?;
    killed(&Team::new(ALL, Some(server.database("killed")?)).await?, Some(other)).await
}

async fn killed(team: &Team, other: Option<String>) -> Result<()> {
    let collect = ["collect", "certificates", "--out", "evidence"];
    team.stage.connected(&[&collect[..], &AS_OF].concat()).await?.ended_with(0)?;
    let merge = ["certificates", "merge", "evidence", "--json", "--state"];
    // How long it takes undisturbed, in a database of its own.
    let other = other.unwrap_or_else(|| format!("sqlite:{}", team.stage.path("other.sqlite").display()));
    let began = std::time::Instant::now();
    team.stage.exhibit(&[&merge[..], &[&other], &AS_OF].concat()).await?.ended_with(0)?;
    let whole = began.elapsed();
    let undisturbed = Team { stage: crate::stage::Stage::new(super::world(1)).await?, state: other };
    let wanted = undisturbed.items().await?;
    ensure!(wanted.len() as u64 == ALL);

    let kills = kills();
    for moment in 0..kills {
        let mut child = team.stage.command(&[&merge[..], &[&team.state], &AS_OF].concat()).spawn()?;
        let after = whole.mul_f64(moment as f64 / kills as f64);
        // It may have ended by then; what is merged stays.
        if tokio::time::timeout(after.max(Duration::from_millis(1)), child.wait()).await.is_err() {
            child.start_kill()?;
            child.wait().await?;
        }
    }
    // Two at once, undisturbed.
    let arguments = [&merge[..], &[&team.state], &AS_OF].concat();
    let (one, two) = tokio::join!(team.stage.exhibit(&arguments), team.stage.exhibit(&arguments));
    one?.ended_with(0)?;
    two?.ended_with(0)?;
    ensure!(team.items().await? == wanted, "the inventory is another one");
    let errors = team.certificates(&["errors"]).await?;
    ensure!(errors == serde_json::json!([]), "{errors}");
    Ok(())
}
