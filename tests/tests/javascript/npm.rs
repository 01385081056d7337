//! Packages of npm, installed outside the repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use exhibit_skipped::skip;
use tokio::process::Command;

use crate::process::{ended, kept};

/// Two hundred packages through a slow mirror.
const INSTALL: Duration = Duration::from_secs(400);
/// A version is printed at once.
const VERSION: Duration = Duration::from_secs(30);
/// What can run what jco makes.
const MIN_NODE: u32 = 20;
/// In npm's words: there is no way to the registry.
const UNREACHABLE: [&str; 7] = [
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENETUNREACH",
    "ENOTFOUND",
    "ERR_SOCKET_TIMEOUT",
    "ETIMEDOUT",
];

/// A folder of `tests/javascript`, as it is in the repository.
pub(crate) fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("javascript").join(name)
}

/// Whether there is a Node that is new enough; where not, the caller's test is skipped.
pub(crate) async fn node() -> Result<bool> {
    let mut node = Command::new("node");
    node.arg("--version");
    let Ok(ended) = ended(node, VERSION).await else {
        return Ok(skip("node", "it does not start").map(|()| false)?);
    };
    let version = ended.stdout.trim();
    let major = version.trim_start_matches('v').split('.').next().and_then(|it| it.parse::<u32>().ok());
    match major {
        Some(major) if major >= MIN_NODE => Ok(true),
        _ => {
            skip("node", format!("it is {version}, and has to be {MIN_NODE} or newer"))?;
            Ok(false)
        }
    }
}

/// A copy of a folder of `tests/javascript` with its packages installed; `None` where the caller's test
/// is skipped.
pub(crate) async fn installed(name: &str) -> Result<Option<PathBuf>> {
    if !node().await? {
        return Ok(None);
    }
    let (from, folder) = (source(name), kept(name));
    copy(&from, &folder)?;
    let (wanted, mark) = (fs::read(from.join("package.json"))?, folder.join(".installed"));
    if fs::read(&mark).is_ok_and(|it| it == wanted) {
        return Ok(Some(folder));
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"])
        .current_dir(&folder);
    let Ok(ended) = ended(npm, INSTALL).await else {
        skip("npm", "it does not start, or does not end")?;
        return Ok(None);
    };
    if ended.code != Some(0) {
        if UNREACHABLE.iter().any(|it| ended.stderr.contains(it)) {
            skip("npm", "it does not reach its registry")?;
            return Ok(None);
        }
        bail!("npm install in {}: {}", folder.display(), ended.stderr);
    }
    fs::write(mark, wanted)?;
    Ok(Some(folder))
}

/// `node` with this script of the folder, not yet started.
pub(crate) fn script(folder: &Path, name: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(name).current_dir(folder);
    command
}

/// Copies files over what is there, which has its packages beside them.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type()?.is_dir() {
            if name != "node_modules" {
                copy(&path, &to.join(name))?;
            }
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
