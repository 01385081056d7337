//! `exhibit export`, from end to end: evidence that was collected, tested and signed, in every format.

mod formats;
mod page;
mod persons;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;

use anyhow::Result;
use exhibit_simulator::World;

use self::stage::Stage;

/// So many there are.
const USERS: u64 = 12;

/// A stage with the signed and tested evidence `users` and `assets`.
async fn exported() -> Result<Stage> {
    let stage = Stage::new(World { users: USERS, assets: 30, ..World::default() }).await?;
    stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
    for proof in ["users", "assets"] {
        let further = ["--as-of", "2026-11-01", "--sign", "file:key.pem"];
        stage.collect(proof, proof, &further).await?.ended_with(0)?;
        // Whether they pass is no concern of these tests.
        stage.exhibit(&["test", proof, "--as-of", "2026-11-01", "--sign", "file:key.pem"]).await?;
    }
    Ok(stage)
}

/// Exports evidence into a file, and gives its bytes.
async fn export(stage: &Stage, proof: &str, file: &str, further: &[&str]) -> Result<Vec<u8>> {
    let mut arguments = vec!["export", proof, "--out", file];
    arguments.extend(further);
    stage.exhibit(&arguments).await?.ended_with(0)?;
    Ok(std::fs::read(stage.path(file))?)
}
