//! `exhibit plugin new`, as a new author would try it: what it writes builds, passes its own tests,
//! collects from its own source, and keeps the contract.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A first build compiles the kit and all that is under it, twice: in the sandbox's language and natively.
const PATIENCE: Duration = Duration::from_secs(1_200);

/// What the author's source is at.
const REVISION: &str = "0123abcd";

struct Author {
    folder: tempfile::TempDir,
}

impl Author {
    /// A command in the author's folder, with builds kept from one run of the tests to the next.
    fn command(&self, program: impl AsRef<Path>) -> Command {
        let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let mut command = Command::new(program.as_ref());
        // A variable of the outer cargo would be one of the inner one's, too.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("RUSTFLAGS")
                || text.starts_with("CARGO_ENCODED")
                || text.starts_with("CARGO_BUILD")
            {
                command.env_remove(&name);
            }
        }
        command
            .current_dir(self.folder.path())
            .env("CARGO_TARGET_DIR", temporary.join("new-plugin"))
            .env("XDG_CACHE_HOME", temporary.join("cache"))
            // What earlier runs trusted under this name is another plugin as soon as the template changes.
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("EXHIBIT_REVISION", REVISION)
            .env("ACME_ONE_USERNAME", "demo")
            .env("ACME_ONE_PASSWORD", "demo")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, program: impl AsRef<Path>, arguments: &[&str], code: i32) -> Result<String> {
        let output = timeout(PATIENCE, self.command(program).args(arguments).output());
        let output = output.await.with_context(|| format!("{arguments:?} does not end"))??;
        let (stdout, stderr) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
        ensure!(output.status.code() == Some(code), "{arguments:?}: {}\n{stdout}\n{stderr}", output.status);
        Ok(stdout)
    }

    async fn exhibit(&self, arguments: &[&str], code: i32) -> Result<String> {
        self.run(env!("CARGO_BIN_EXE_exhibit-tested"), arguments, code).await
    }

    /// The example that answers, and where it listens.
    async fn source(&self) -> Result<(Child, String)> {
        let manifest = self.folder.path().join("acme-one/Cargo.toml");
        let mut command = self.command(cargo());
        command
            .args(["run", "--quiet", "--example", "source", "--manifest-path"])
            .arg(manifest)
            .args(["--", "0"]);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        let line = timeout(PATIENCE, lines.next_line()).await.context("it does not listen")??;
        let url = line.context("it ended")?.strip_prefix("listening on ").context("an address")?.to_owned();
        Ok((child, url))
    }
}

fn cargo() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_plugin_builds_collects_and_tests() -> Result<()> {
    let author = Author { folder: tempfile::tempdir()? };
    let output = author.exhibit(&["plugin", "new", "acme-one"], 0).await?;
    assert!(output.contains("acme-one/build.sh"), "{output}");
    // It is never written over.
    author.exhibit(&["plugin", "new", "acme-one"], 2).await?;

    let manifest = author.folder.path().join("acme-one/Cargo.toml");
    let written = std::fs::read_to_string(&manifest)?;
    std::fs::write(&manifest, written.replace("# license = ", "license = "))?;
    let built = author.run(author.folder.path().join("acme-one/build.sh"), &[], 0).await?;
    let built = built.lines().last().unwrap_or_default();
    let (said, packages) = built.rsplit_once(", ").context("what it is built of")?;
    assert_eq!(
        said,
        format!(
            "built acme-one.wasm: version 0.1.0, licence MIT OR Apache-2.0, no source, revision {REVISION}"
        )
    );
    assert!(packages.ends_with(" packages"), "{packages}");
    let manifest = ["--manifest-path", "acme-one/Cargo.toml"];
    let tested = author.run(cargo(), &["test", "--quiet", manifest[0], manifest[1]], 0).await?;
    assert!(tested.contains("4 passed"), "{tested}");

    let plugin = "acme-one/acme-one.wasm";
    let shown = author.exhibit(&["plugin", "show", plugin], 0).await?;
    assert!(shown.starts_with("acme-one 0.1.0: Acme One, for Acme One"), "{shown}");
    let said = format!(
        "\nSays that it was built as version 0.1.0, revision {REVISION}, licence MIT OR Apache-2.0\n"
    );
    assert!(shown.contains(&said), "{shown}");
    let listed: serde_json::Value =
        serde_json::from_str(&author.exhibit(&["plugin", "show", plugin, "--json"], 0).await?)?;
    let listed = listed["build"]["packages"].as_array().context("a list of packages")?;
    assert_eq!(packages, format!("{} packages", listed.len()));
    for name in ["acme-one", "exhibit-plugin", "serde_json"] {
        assert!(listed.iter().any(|it| it["name"] == name), "{name}");
    }
    // What builds it is not in it.
    assert!(listed.iter().all(|it| it["name"] != "exhibit-package"), "{listed:?}");

    // Nor are the places of this machine: messages of what is built in name their files.
    let component = std::fs::read(author.folder.path().join(plugin))?;
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).context("a home")?;
    for place in [author.folder.path(), &home] {
        let place = place.display().to_string();
        assert_eq!(memchr::memmem::find(&component, place.as_bytes()), None, "{place}");
    }

    let (_source, url) = author.source().await?;
    let origin = format!("api={url}");
    let mut collect = vec!["collect", "users", "--plugin", plugin, "--origin", &origin, "--out", "evidence"];
    collect.extend(["--secret", "username=env:ACME_ONE_USERNAME"]);
    collect.extend(["--secret", "password=env:ACME_ONE_PASSWORD"]);
    author.exhibit(&collect, 0).await?;
    let rows = std::fs::read(author.folder.path().join("evidence/rows.ndjson.zst"))?;
    let rows = String::from_utf8(zstd::decode_all(&rows[..])?)?;
    insta::assert_snapshot!(rows, @r#"
    {"id":"1","login":"ada","email":"ada@example.com","active":true,"second-factor":true,"last-login":"2026-01-30T09:15:00Z","groups":["admins","staff"]}
    {"id":"2","login":"bob","email":"bob@example.com","active":true,"second-factor":false,"last-login":null,"groups":null}
    {"id":"3","login":"eve","email":"eve@example.com","active":false,"last-login":"2025-06-01T12:00:00Z","groups":["staff"]}
    "#);

    let checked = author.exhibit(&["plugin", "check", plugin, "--evidence", "evidence"], 0).await?;
    assert!(checked.contains("checks passed") && !checked.contains("\n? skip"), "{checked}");
    Ok(())
}
