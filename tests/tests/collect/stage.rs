//! The binary as a process of its own, a source to call, and what is left behind.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::{Simulator, World};
use serde_json::Value as Json;
use tokio::process::Command;
use tokio::time::timeout;

/// No call of a test takes longer; one that hangs must not hold up all others.
const PATIENCE: Duration = Duration::from_secs(120);
/// The variables that tests keep credentials in.
pub(crate) const USERNAME: &str = "EXHIBIT_TEST_USERNAME";
/// See [`USERNAME`].
pub(crate) const PASSWORD: &str = "EXHIBIT_TEST_PASSWORD";

/// A source, and a folder for what is collected from it.
pub(crate) struct Stage {
    /// The source.
    pub(crate) source: Simulator,
    /// The login that the source takes.
    pub(crate) login: (String, String),
    /// Environment variables of the calls, beside the login.
    pub(crate) environment: Vec<(String, String)>,
    /// Where the API is said to be; the source itself, where nothing else is said.
    pub(crate) origin: String,
    /// Compiled plugins are shared by all tests: compiling takes longer than most of them.
    cache: PathBuf,
    folder: tempfile::TempDir,
}

/// What became of a call.
#[derive(Debug)]
pub(crate) struct Called {
    /// The exit code; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Stage {
    /// With a source of this world.
    pub(crate) async fn new(world: World) -> Result<Self> {
        let login = (world.username.clone(), world.password.clone());
        let source = Simulator::start(world).await?;
        let origin = source.url();
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        let folder = tempfile::tempdir()?;
        Ok(Self { source, login, environment: Vec::new(), origin, cache, folder })
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `exhibit collect` of a proof type into `name`, with further arguments.
    pub(crate) async fn collect(&self, proof: &str, name: &str, further: &[&str]) -> Result<Called> {
        let out = self.path(name).display().to_string();
        let mut arguments = vec!["collect", proof, "--out", &out];
        arguments.extend(further);
        self.connected(&arguments).await
    }

    /// A command that connects to the source.
    pub(crate) async fn connected(&self, arguments: &[&str]) -> Result<Called> {
        self.ended(self.connecting(arguments), &arguments.join(" ")).await
    }

    /// A command that connects to the source, not yet started.
    pub(crate) fn connecting(&self, arguments: &[&str]) -> Command {
        let (origin, gateway, username, password) = (
            format!("api={}", self.origin),
            format!("gateway={}", self.origin),
            format!("username=env:{USERNAME}"),
            format!("password=env:{PASSWORD}"),
        );
        let mut all = arguments.to_vec();
        all.extend([
            "--set",
            "platform=US2",
            "--origin",
            &origin,
            "--origin",
            &gateway,
            "--secret",
            &username,
            "--secret",
            &password,
        ]);
        self.command(&all)
    }

    /// The proof types of the built-in plugin, in the order of its manifest.
    pub(crate) async fn types(&self) -> Result<Vec<String>> {
        let called = self.exhibit(&["types", "--json"]).await?.ended_with(0)?;
        let types: Vec<Json> = serde_json::from_str(&called.stdout)?;
        let names = types.iter().map(|it| it["name"].as_str().context("a name").map(str::to_owned));
        let names: Vec<String> = names.collect::<Result<_>>()?;
        ensure!(!names.is_empty(), "it collects nothing");
        Ok(names)
    }

    /// Any command.
    pub(crate) async fn exhibit(&self, arguments: &[&str]) -> Result<Called> {
        self.ended(self.command(arguments), &arguments.join(" ")).await
    }

    async fn ended(&self, mut command: Command, what: &str) -> Result<Called> {
        let output = timeout(PATIENCE, command.output());
        let output = output.await.with_context(|| format!("`{what}` does not end"))??;
        Ok(Called {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }

    /// A line that was printed for people to type.
    pub(crate) async fn shell(&self, line: &str) -> Result<Called> {
        let mut command = Command::new("sh");
        command
            .args(["-c", line])
            .current_dir(self.folder.path())
            .env("XDG_CACHE_HOME", &self.cache)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        self.ended(command, line).await
    }

    /// Any command, not yet started. It is killed when it is dropped.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exhibit-tested"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("XDG_CACHE_HOME", &self.cache)
            .env(USERNAME, &self.login.0)
            .env(PASSWORD, &self.login.1)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// What was kept in `name`.
    pub(crate) fn kept(&self, name: &str) -> Kept {
        Kept(self.path(name))
    }

    /// Whether nothing at all was kept, not even in part.
    pub(crate) fn nothing_kept(&self) -> Result<()> {
        let left: Vec<_> =
            std::fs::read_dir(self.folder.path())?.filter_map(Result::ok).map(|it| it.file_name()).collect();
        ensure!(left.is_empty(), "left behind: {left:?}");
        Ok(())
    }
}

impl Called {
    /// This call, where it ended with this exit code.
    pub(crate) fn ended_with(self, code: i32) -> Result<Self> {
        ensure!(
            self.code == Some(code),
            "exit code {:?}, expected {code}\n{}\n{}",
            self.code,
            self.stdout,
            self.stderr
        );
        Ok(self)
    }
}

/// A folder of evidence.
#[derive(Debug)]
pub(crate) struct Kept(PathBuf);

impl Kept {
    /// A file of it, as text; what is in it, where it is compressed.
    pub(crate) fn text(&self, name: &str) -> Result<String> {
        let bytes = std::fs::read(self.0.join(name)).with_context(|| format!("reading {name}"))?;
        Ok(String::from_utf8(if name.ends_with(".zst") { zstd::decode_all(&bytes[..])? } else { bytes })?)
    }

    /// `proof.json`.
    pub(crate) fn proof(&self) -> Result<Json> {
        Ok(serde_json::from_str(&self.text("proof.json")?)?)
    }

    /// `rows.ndjson.zst`, a value a row.
    pub(crate) fn rows(&self) -> Result<Vec<Json>> {
        self.text("rows.ndjson.zst")?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }

    /// `answers/index.ndjson`, a value an answer.
    pub(crate) fn answers(&self) -> Result<Vec<Json>> {
        self.text("answers/index.ndjson")?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }

    /// The body of an answer, uncompressed.
    pub(crate) fn answer(&self, file: &str) -> Result<Vec<u8>> {
        let path = self.0.join("answers").join(file);
        Ok(zstd::decode_all(
            std::fs::File::open(&path).with_context(|| format!("opening {}", path.display()))?,
        )?)
    }

    /// Every file of it, by its path within, with its bytes; answers uncompressed.
    pub(crate) fn files(&self) -> Result<Vec<(PathBuf, Vec<u8>)>> {
        let mut files = Vec::new();
        for folder in [self.0.clone(), self.0.join("answers")] {
            for entry in std::fs::read_dir(&folder)?.filter_map(Result::ok) {
                let path = entry.path();
                if path.is_file() {
                    let bytes = std::fs::read(&path)?;
                    let bytes = if path.extension().is_some_and(|it| it == "zst") {
                        zstd::decode_all(bytes.as_slice())?
                    } else {
                        bytes
                    };
                    files.push((path, bytes));
                }
            }
        }
        Ok(files)
    }
}
