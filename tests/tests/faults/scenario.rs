//! The commands whose calls fail, what they begin with, and what comes after them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::World;
use tokio::process::Command;
use tokio::time::timeout;

use crate::call::{Call, Injection};
use crate::shim::Shim;
use crate::stage::{Called, Stage};

/// No command takes longer; where one does, it hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Stands for the name of the evidence in the store.
const NAME: &str = "NAME";

/// A command, and the exit codes that it may have.
type Step = (&'static [&'static str], &'static [i32]);

/// A command, what is there before it, and what is run after it.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    template: &'static str,
    pub(crate) command: &'static [&'static str],
    /// How it ends where nothing fails.
    pub(crate) ends: &'static [i32],
    pub(crate) then: &'static [Step],
}

const COLLECT: &[&str] = &["collect", "users", "--out", "ev", "--test", "suggested", "--sign", "file:key"];
const INTO_STORE: &[&str] =
    &["collect", "users", "--store", "st", "--test", "suggested", "--sign", "file:key"];
const TEST: &[&str] = &["test", "ev", "--sign", "file:key"];
const TEST_IN_STORE: &[&str] = &["test", "st/evidence/NAME", "--sign", "file:key"];
const PRUNE: &[&str] = &["evidence", "prune", "st", "--evidence", NAME, "--confirm", "--sign", "file:key"];
const BUNDLE: &[&str] = &["bundle", "ev", "--out", "b.exhibit.tar"];
const VERIFY: &[&str] = &["verify", "ev", "--key", "key.pub"];
const VERIFY_STORE: &[&str] = &["verify", "st", "--key", "key.pub"];
const VERIFY_BUNDLE: &[&str] = &["verify", "b.exhibit.tar", "--key", "key.pub"];

/// A test of the suggested ones fails over the users of the simulator, so a run of them ends with 1. What is there already is
/// not made again, which is 2. What a killed run of tests leaves within evidence is a fault until the next one removes it.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "collect into a folder",
        template: "empty",
        command: COLLECT,
        ends: &[1],
        then: &[(COLLECT, &[1, 2]), (VERIFY, &[0])],
    },
    Scenario {
        name: "collect into a store",
        template: "store",
        command: INTO_STORE,
        ends: &[1],
        then: &[(VERIFY_STORE, &[0]), (INTO_STORE, &[1]), (VERIFY_STORE, &[0])],
    },
    Scenario {
        name: "test in a folder",
        template: "folder",
        command: TEST,
        ends: &[1],
        then: &[(TEST, &[1]), (VERIFY, &[0])],
    },
    Scenario {
        name: "test in a store",
        template: "store",
        command: TEST_IN_STORE,
        ends: &[1],
        then: &[(TEST_IN_STORE, &[1]), (VERIFY_STORE, &[0])],
    },
    Scenario {
        name: "prune",
        template: "store",
        command: PRUNE,
        ends: &[0],
        then: &[(VERIFY_STORE, &[0]), (PRUNE, &[0, 2]), (INTO_STORE, &[1]), (VERIFY_STORE, &[0])],
    },
    Scenario {
        name: "bundle",
        template: "folder",
        command: BUNDLE,
        ends: &[0],
        then: &[(BUNDLE, &[0, 2]), (VERIFY_BUNDLE, &[0])],
    },
    Scenario {
        name: "verify a folder",
        template: "folder",
        command: VERIFY,
        ends: &[0],
        then: &[(VERIFY, &[0])],
    },
    Scenario {
        name: "verify a bundle",
        template: "folder",
        command: &["verify", "old.exhibit.tar", "--key", "key.pub"],
        ends: &[0],
        then: &[(&["verify", "old.exhibit.tar", "--key", "key.pub"], &[0])],
    },
    Scenario {
        name: "verify a store",
        template: "store",
        command: VERIFY_STORE,
        ends: &[0],
        then: &[(VERIFY_STORE, &[0])],
    },
];

/// Where commands run, each time from the same beginning.
pub(crate) struct Workshop {
    shim: Shim,
    stage: Stage,
    /// The name of the evidence in the store.
    name: String,
}

impl Workshop {
    pub(crate) async fn new(shim: Shim) -> Result<Self> {
        let stage = Stage::new(World { rate_limit: 1_000_000, ..World::default() }).await?;
        let mut it = Self { shim, stage, name: String::new() };
        it.clear()?;
        it.must(&["keys", "new", "--out", "key"], 0).await?;
        it.save("empty")?;
        it.must(COLLECT, 1).await?;
        it.must(&["bundle", "ev", "--out", "old.exhibit.tar"], 0).await?;
        it.save("folder")?;
        it.restore("empty")?;
        it.must(&["evidence", "init", "st", "--name", "example.com/st", "--sign", "file:key"], 0).await?;
        it.must(INTO_STORE, 1).await?;
        let mut there = fs::read_dir(it.work().join("st/evidence"))?;
        let first = there.next().context("evidence in the store")??;
        it.name = first.file_name().to_string_lossy().into_owned();
        it.must(TEST_IN_STORE, 1).await?;
        it.must(INTO_STORE, 1).await?;
        it.save("store")?;
        Ok(it)
    }

    /// All that the commands read and write is below this: their folder, and those for temporary files and for state.
    fn root(&self) -> PathBuf {
        self.stage.path("root")
    }

    fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    fn clear(&self) -> Result<()> {
        if self.root().exists() {
            fs::remove_dir_all(self.root())?;
        }
        for folder in ["work", "tmp", "home"] {
            fs::create_dir_all(self.root().join(folder))?;
        }
        Ok(())
    }

    fn save(&self, template: &str) -> Result<()> {
        copy(&self.root(), &self.stage.path(template))
    }

    fn restore(&self, template: &str) -> Result<()> {
        fs::remove_dir_all(self.root())?;
        copy(&self.stage.path(template), &self.root())
    }

    async fn must(&self, command: &[&str], code: i32) -> Result<()> {
        self.run(command, None).await?.ended_with(code).map(drop)
    }

    /// All is as it is before this command.
    pub(crate) fn begin(&self, scenario: &Scenario) -> Result<()> {
        self.restore(scenario.template)
    }

    /// The calls of a command in which nothing fails.
    pub(crate) async fn calls(&self, scenario: &Scenario) -> Result<Vec<Call>> {
        self.begin(scenario)?;
        let called = self.ended(self.shimmed(scenario.command, "0", "0")).await?;
        ensure!(called.code.is_some_and(|it| scenario.ends.contains(&it)), "{}: {called:?}", scenario.name);
        Call::parse(&fs::read_to_string(self.log())?)
    }

    /// A command, in which one call fails.
    pub(crate) async fn run(&self, command: &[&str], injection: Option<&Injection>) -> Result<Called> {
        self.ended(match injection {
            Some(it) => self.shimmed(command, &it.call.number.to_string(), it.action),
            None => self.plain(command),
        })
        .await
    }

    /// What no command leaves behind for good.
    pub(crate) fn left(&self) -> Result<Vec<PathBuf>> {
        let mut left = Vec::new();
        find(&self.root(), &mut left)?;
        Ok(left)
    }

    fn log(&self) -> PathBuf {
        self.stage.path("calls")
    }

    fn shimmed(&self, command: &[&str], number: &str, action: &str) -> Command {
        let plain = self.plain(command);
        let plain = plain.as_std();
        let mut shimmed = Command::new(self.shim.program());
        shimmed
            .arg(self.root())
            .arg(self.log())
            .args([number, action])
            .arg(plain.get_program())
            .args(plain.get_args())
            .env_clear()
            .envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.here(shimmed)
    }

    fn plain(&self, command: &[&str]) -> Command {
        let named: Vec<String> = command.iter().map(|it| it.replace(NAME, &self.name)).collect();
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        let mut command = if named.first() == Some(&"collect") {
            self.stage.connecting(&[&named[..], &["--as-of", "2026-11-01"]].concat())
        } else {
            self.stage.command(&named)
        };
        command
            .env("TMPDIR", self.root().join("tmp"))
            .env("HOME", self.root().join("home"))
            .env("XDG_STATE_HOME", self.root().join("home"))
            // The shim reads the paths of calls in the memory of the process.
            .env("EXHIBIT_TESTED_IN_THE_OPEN", "1");
        self.here(command)
    }

    fn here(&self, mut command: Command) -> Command {
        command.current_dir(self.work()).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    async fn ended(&self, mut command: Command) -> Result<Called> {
        let output = timeout(PATIENCE, command.output()).await.context("it does not end")??;
        Ok(Called {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }
}

/// Names that only unfinished work has.
fn find(folder: &Path, left: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_in = |name: &str| folder.file_name().is_some_and(|it| it == name);
        if name.starts_with('.') || name == "aside" || is_in("begun") || is_in("tmp") {
            left.push(entry.path());
        } else if entry.file_type()?.is_dir() {
            find(&entry.path(), left)?;
        }
    }
    Ok(())
}

/// A folder with all in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &there)?;
        } else {
            fs::copy(entry.path(), &there)?;
        }
    }
    Ok(())
}
