//! The inventory of certificates, as a team works from it: collected, merged, worked on, built again.

#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;

mod killed;
mod work;

use anyhow::{Context as _, Result};
use exhibit_databases::Postgres;
use exhibit_simulator::{Simulator, World};
use serde_json::Value as Json;

use self::stage::{Called, Stage};

/// The day on which the certificates of the simulator are looked at.
const AS_OF: [&str; 2] = ["--as-of", "2026-11-01"];

fn world(certificates: u64) -> World {
    World { certificates, rate_limit: 1_000_000, concurrency_limit: 10, ..World::default() }
}

/// A source, a store with its key, and a state database.
struct Team {
    stage: Stage,
    state: String,
}

impl Team {
    async fn new(certificates: u64, state: Option<String>) -> Result<Self> {
        let mut stage = Stage::new(world(certificates)).await?;
        let state = state.unwrap_or_else(|| format!("sqlite:{}", stage.path("state.sqlite").display()));
        stage.environment.push(("USER".to_owned(), "ada".to_owned()));
        stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
        let init = ["evidence", "init", "store", "--name", "example.com/ev", "--sign", "file:key.pem"];
        stage.exhibit(&init).await?.ended_with(0)?;
        Ok(Self { stage, state })
    }

    /// From now on the source has so many certificates; it is the same account.
    async fn changes_to(&mut self, certificates: u64) -> Result<()> {
        self.stage.source = Simulator::start(world(certificates)).await?;
        self.stage.origin = self.stage.source.url();
        Ok(())
    }

    async fn sync(&self, further: &[&str]) -> Result<Json> {
        let mut arguments = self.sync_arguments();
        arguments.extend(further);
        read(self.stage.connected(&arguments).await?)
    }

    fn sync_arguments(&self) -> Vec<&str> {
        let mut all = vec!["certificates", "sync", "--store", "store", "--sign", "file:key.pem"];
        all.extend(["--account", "acme", "--json", "--state", &self.state]);
        all.extend(AS_OF);
        all
    }

    /// `exhibit certificates …`, as JSON.
    async fn certificates(&self, arguments: &[&str]) -> Result<Json> {
        read(self.call(arguments).await?)
    }

    async fn call(&self, arguments: &[&str]) -> Result<Called> {
        let mut all = vec!["certificates"];
        all.extend(arguments);
        all.extend(["--json", "--state", &self.state]);
        all.extend(AS_OF);
        self.stage.exhibit(&all).await
    }

    /// All items, without what differs from database to database: when they were seen.
    async fn items(&self) -> Result<Vec<Json>> {
        let mut items = self.certificates(&["list"]).await?;
        let items = items.as_array_mut().context("a list")?;
        for it in items.iter_mut() {
            it.as_object_mut().context("an item")?.remove("last-seen");
        }
        Ok(std::mem::take(items))
    }
}

fn read(called: Called) -> Result<Json> {
    let called = called.ended_with(0)?;
    serde_json::from_str(&called.stdout).with_context(|| called.stdout.clone())
}

/// How many stand like this.
async fn standing(team: &Team, status: &str) -> Result<usize> {
    let listed = team.certificates(&["list", "--status", status]).await?;
    Ok(listed.as_array().context("a list")?.len())
}

/// A database of each kind: of PostgreSQL where that is there.
fn servers() -> Result<Option<Postgres>> {
    Postgres::start()
}
