//! Stores of evidence, from end to end: the real binary, real files, a log that notices.

mod altered;
mod bucket;
mod coverage;
#[cfg(target_os = "linux")]
#[path = "../collect/high_water.rs"]
mod high_water;
mod life;
#[cfg(unix)]
mod locks;
mod many;
mod objects;
mod pruned;
mod resumed;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;
#[path = "../collect/tree.rs"]
mod tree;
mod unfinished;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use exhibit_simulator::World;
use serde_json::Value as Json;

use stage::{Called, Stage};

/// A source, and a store in the folder `store`, signed with `key.pem`.
pub(crate) struct Kept {
    pub(crate) stage: Stage,
}

impl Kept {
    /// An empty store.
    pub(crate) async fn new() -> Result<Self> {
        Self::of(World { users: 3, ..World::default() }).await
    }

    /// An empty store, and a source of this world.
    pub(crate) async fn of(world: World) -> Result<Self> {
        let stage = Stage::new(world).await?;
        stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
        let init = ["evidence", "init", "store", "--name", "example.com/evidence", "--sign", "file:key.pem"];
        stage.exhibit(&init).await?.ended_with(0)?;
        Ok(Self { stage })
    }

    /// Collects into the store.
    pub(crate) async fn collect(&self, proof: &str, as_of: &str, further: &[&str]) -> Result<Called> {
        let mut arguments =
            vec!["collect", proof, "--store", "store", "--sign", "file:key.pem", "--as-of", as_of];
        arguments.extend(further);
        self.stage.connected(&arguments).await
    }

    /// Verifies the store, and all that is in it.
    pub(crate) async fn verify(&self) -> Result<Called> {
        self.stage.exhibit(&["verify", "store", "--key", "key.pem.pub"]).await
    }

    /// What the store lists.
    pub(crate) async fn list(&self, as_of: &str) -> Result<Vec<Json>> {
        let arguments = ["evidence", "list", "store", "--all", "--as-of", as_of, "--json"];
        let called = self.stage.exhibit(&arguments).await?.ended_with(0)?;
        Ok(serde_json::from_str(&called.stdout)?)
    }

    /// The folders of its evidence, in the order of their names.
    pub(crate) fn folders(&self) -> Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(self.stage.path("store/evidence"))?;
        let mut folders: Vec<PathBuf> = entries.map(|it| Ok(it?.path())).collect::<Result<_>>()?;
        folders.sort();
        Ok(folders)
    }

    /// The only one of them.
    pub(crate) fn folder(&self) -> Result<PathBuf> {
        self.folders()?.pop().context("evidence in the store")
    }
}

/// The text with `…` for what differs from run to run: the digits that make a name of evidence its own.
pub(crate) fn without_names(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("Z-") {
        let (before, after) = rest.split_at(at + 2);
        let digits = after.chars().take_while(char::is_ascii_hexdigit).count();
        out.push_str(before);
        out.push_str(if digits == 8 { "…" } else { &after[..digits] });
        rest = &after[digits..];
    }
    out + rest
}
