//! Tests held against proofs, from end to end: the real binary, real files.

mod altered;
mod elsewhere;
mod followed;
mod places;
mod reports;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;
mod verdicts;

use anyhow::Result;
use exhibit_simulator::World;

use self::stage::Stage;

/// The simulator's now, in the arguments of a call.
const AS_OF: [&str; 2] = ["--as-of", "2026-11-01"];

/// A stage with a few users and assets, which the tests know.
async fn stage() -> Result<Stage> {
    let world =
        World { assets: 40, users: 12, scans: 5, compliance_scans: 5, tickets: 20, ..World::default() };
    Stage::new(world).await
}

/// A file of one test of users: those who signed in so many days ago at most.
fn signed_in(stage: &Stage, days: u32) -> Result<String> {
    let path = stage.path("tests.toml");
    let text = format!(
        "version = 1\n\
         [[test]]\n\
         name = \"signed-in\"\n\
         proof = \"users\"\n\
         label = \"Users signed in lately\"\n\
         controls = [\"soc2:cc6.2\"]\n\
         scope = [{{ field = \"status\", operator = \"equals\", value = \"Active\" }}]\n\
         case = [{{ all = [{{ field = \"last-login\", operator = \"is-at-most-days-ago\", days = {days} }}] }}]\n"
    );
    std::fs::write(&path, text)?;
    Ok(path.display().to_string())
}
