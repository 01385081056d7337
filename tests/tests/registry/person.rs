//! Whoever pushes and pulls: the real binary, with a cache and a memory of its own.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value as Json;
use tokio::process::Command;
use tokio::time::timeout;

use crate::registry::{PASSWORD, USERNAME};

/// No call takes longer; one that hangs must not hold up all others.
const PATIENCE: Duration = Duration::from_secs(120);
/// How name and password are given.
pub(crate) const LOGIN: [&str; 4] =
    ["--username", "env:REGISTRY_USERNAME", "--password", "env:REGISTRY_PASSWORD"];

pub(crate) struct Person {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) home: tempfile::TempDir,
    /// Environment variables beside the usual ones.
    pub(crate) environment: Vec<(&'static str, String)>,
}

impl Person {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()?, home: tempfile::tempdir()?, environment: vec![] })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Standard output where the call ends with 0, and else standard error.
    pub(crate) async fn exhibit(&self, arguments: &[&str], code: i32) -> Result<String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exhibit-tested"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.home.path())
            .env("REGISTRY_USERNAME", USERNAME)
            .env("REGISTRY_PASSWORD", PASSWORD)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = timeout(PATIENCE, command.output()).await.context("it does not end")??;
        let said = String::from_utf8(if code == 0 { output.stdout } else { output.stderr.clone() })?;
        let trouble = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code() == Some(code), "{arguments:?} ended with {}: {trouble}", output.status);
        ensure!(!said.contains("canary") && !trouble.contains("canary"), "a secret is shown");
        Ok(said)
    }

    /// Pushes this component. Gives what JSON says.
    pub(crate) async fn push(&self, component: &str, reference: &str, further: &[&str]) -> Result<Json> {
        let call = [&["plugin", "push", component, reference, "--json"], further].concat();
        Ok(serde_json::from_str(&self.exhibit(&call, 0).await?)?)
    }

    /// Pulls into the folder.
    pub(crate) async fn pull(&self, reference: &str, further: &[&str], code: i32) -> Result<String> {
        self.exhibit(&[&["plugin", "pull", reference], further].concat(), code).await
    }
}
