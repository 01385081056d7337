//! Other programs.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// What a program prints. One that fails is an error, with its last words.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let program = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("{program} does not start"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let last_words = errors.trim().lines().last().unwrap_or_default();
    ensure!(output.status.success(), "{program} failed: {last_words}");
    Ok(String::from_utf8(output.stdout)?)
}
