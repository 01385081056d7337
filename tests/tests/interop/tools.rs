//! Tools of others, installed once for all tests and kept between runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use exhibit_skipped::skip;
use serde_json::json;
use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// Some hundred packages over a slow line. Where it takes longer, there is no usable network.
const INSTALLING: Duration = Duration::from_secs(400);
/// No call of a tool takes longer.
const PATIENCE: Duration = Duration::from_secs(120);
/// In a folder of packages, once all of them are there: which.
const INSTALLED: &str = "installed";

/// Tests of one process that need the same packages install them once.
static INSTALLATION: Mutex<()> = Mutex::const_new(());

/// Packages of PyPI, for scripts that import them.
pub(crate) struct Python(PathBuf);

/// Packages of npm, for scripts of theirs.
pub(crate) struct Node(PathBuf);

impl Python {
    /// With what Python has itself. `None` where there is no Python: the caller's test is skipped then.
    pub(crate) async fn alone() -> Result<Option<Self>> {
        let mut python = Command::new("python3");
        python.arg("--version");
        match run(python).await {
            Ok(_) => Ok(Some(Self(PathBuf::new()))),
            Err(why) => {
                skip("python3", why)?;
                Ok(None)
            }
        }
    }

    /// With these packages, each with its version, in a folder of this name. `None` where they cannot be
    /// installed: the caller's test is skipped then.
    pub(crate) async fn with(name: &str, packages: &[&str]) -> Result<Option<Self>> {
        let install = async |folder: &Path| {
            let mut pip = Command::new("python3");
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .args(["--no-warn-script-location", "--target"])
                .arg(folder)
                .args(packages);
            run_within(INSTALLING, pip).await.map(drop)
        };
        match installed(&format!("python-{name}"), &packages.join(" "), install).await? {
            Ok(folder) => Ok(Some(Self(folder))),
            Err(why) => {
                skip("pip", format!("{} cannot be installed: {why}", packages.join(" and ")))?;
                Ok(None)
            }
        }
    }

    /// Python with this script, not yet started. It ends when it is dropped.
    pub(crate) fn script(&self, script: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("python3");
        command
            .args(["-c", script])
            .args(arguments)
            .env("PYTHONPATH", &self.0)
            // What lies in the current folder is no package.
            .env("PYTHONSAFEPATH", "1")
            .kill_on_drop(true);
        command
    }

    /// What this script prints.
    ///
    /// # Errors
    /// Where it fails: with what it wrote to standard error.
    pub(crate) async fn run(&self, script: &str, arguments: &[&str]) -> Result<String> {
        run(self.script(script, arguments)).await.map_err(anyhow::Error::msg)
    }
}

impl Node {
    /// With this package of this version, in a folder of its name. `None` where it cannot be installed: the
    /// caller's test is skipped then.
    pub(crate) async fn with(package: &str, version: &str) -> Result<Option<Self>> {
        let mut node = Command::new("node");
        node.arg("--version");
        if let Err(why) = run(node).await {
            skip("node", why)?;
            return Ok(None);
        }
        let wanted = json!({ "private": true, "dependencies": { package: version } }).to_string();
        let install = async |folder: &Path| {
            let manifest = folder.join("package.json");
            fs::write(&manifest, &wanted).map_err(|error| format!("{}: {error}", manifest.display()))?;
            let mut npm = Command::new("npm");
            npm.args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"])
                .current_dir(folder);
            run_within(INSTALLING, npm).await.map(drop)
        };
        match installed(&format!("node-{package}"), &wanted, install).await? {
            Ok(folder) => Ok(Some(Self(folder))),
            Err(why) => {
                skip("npm", format!("{package} {version} cannot be installed: {why}"))?;
                Ok(None)
            }
        }
    }

    /// Node with this file of the packages, not yet started. It ends when it is dropped.
    pub(crate) fn program(&self, file: &str) -> Command {
        let mut command = Command::new("node");
        command.arg(self.0.join("node_modules").join(file)).kill_on_drop(true);
        command
    }

    /// What this script prints, an ES module that needs no package.
    ///
    /// # Errors
    /// Where it fails: with what it wrote to standard error.
    pub(crate) async fn run(&self, script: &str, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("node");
        command.args(["--input-type=module", "--eval", script, "--"]).args(arguments);
        run(command).await.map_err(anyhow::Error::msg)
    }
}

/// What a program prints; the error says what it wrote, or why it did not run.
pub(crate) async fn run(command: Command) -> Result<String, String> {
    run_within(PATIENCE, command).await
}

async fn run_within(patience: Duration, mut command: Command) -> Result<String, String> {
    let program = command.as_std().get_program().display().to_string();
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = timeout(patience, output)
        .await
        .map_err(|_| format!("{program} takes too long"))?
        .map_err(|error| format!("{program} does not run: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// The folder of this name in the target directory, in which `wanted` is installed; or why it cannot be.
async fn installed(
    name: &str,
    wanted: &str,
    install: impl AsyncFnOnce(&Path) -> Result<(), String>,
) -> Result<Result<PathBuf, String>> {
    let _alone = INSTALLATION.lock().await;
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop");
    let folder = all.join(name);
    let is_there = || fs::read_to_string(folder.join(INSTALLED)).is_ok_and(|it| it == wanted);
    if is_there() {
        return Ok(Ok(folder));
    }
    fs::create_dir_all(&all)?;
    // Another process may install the same: what takes the folder's place is whole.
    let staged = tempfile::Builder::new().prefix(&format!("{name}.")).tempdir_in(&all)?;
    if let Err(why) = install(staged.path()).await {
        return Ok(Err(why));
    }
    fs::write(staged.path().join(INSTALLED), wanted)?;
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    match fs::rename(staged.path(), &folder) {
        Ok(()) => drop(staged.keep()),
        Err(error) if !is_there() => return Err(error).context("the packages that were installed"),
        Err(_) => {}
    }
    Ok(Ok(folder))
}
