//! The contract beside its frozen versions.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use exhibit::plugin::CONTRACT;
use wit_component::semver_check;
use wit_parser::{Resolve, WorldId};

/// The contract itself.
const CURRENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit");

/// The folder of a frozen version.
pub(crate) fn folder(version: &str) -> PathBuf {
    Path::new(CURRENT).join("frozen").join(version)
}

/// The contract in this folder, by `rename` said to be of another version; and its world `plugin`.
pub(crate) fn read(resolve: &mut Resolve, folder: &Path, rename: impl Fn(&str) -> String) -> Result<WorldId> {
    let renamed = tempfile::tempdir()?;
    for file in files(folder)? {
        let text = fs::read_to_string(folder.join(&file))?;
        fs::write(renamed.path().join(&file), rename(&text))?;
    }
    let (package, _) = resolve.push_dir(renamed.path())?;
    resolve.select_world(&[package], Some("plugin"))
}

fn files(folder: &Path) -> Result<Vec<String>> {
    let mut files = vec![];
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".wit") {
            files.push(name);
        }
    }
    files.sort();
    ensure!(!files.is_empty(), "no contract in {}", folder.display());
    Ok(files)
}

/// Each frozen version, with the newest text of its line: the contract itself, where it is of that line.
fn with_the_newest_of_their_lines() -> Result<Vec<(PathBuf, PathBuf)>> {
    let line = |version: &str| version.rsplit_once('.').map(|(line, _)| line.to_owned());
    let mut versions = vec![];
    for entry in fs::read_dir(Path::new(CURRENT).join("frozen"))? {
        versions.push(entry?.file_name().to_string_lossy().into_owned());
    }
    ensure!(!versions.is_empty(), "no version is frozen");
    let last =
        |of: &String| versions.iter().filter(|it| line(it) == line(of)).max_by_key(|it| patch(it)).cloned();
    let newest = |of: &String| match last(of) {
        Some(last) if line(of) != line(CONTRACT) => folder(&last),
        _ => PathBuf::from(CURRENT),
    };
    Ok(versions.iter().map(|it| (folder(it), newest(it))).collect())
}

fn patch(version: &str) -> Option<u64> {
    version.rsplit_once('.')?.1.parse().ok()
}

/// Whether a plugin of one world does where the other one is asked for.
fn serves(offered: &Path, asked: &Path, change: impl Fn(&str) -> String) -> Result<()> {
    let mut resolve = Resolve::default();
    // Two packages of one name and version cannot be read side by side. The check leaves versions out.
    let of = |text: &str, version: &str| {
        let (package, rest) = text.split_once('@').unwrap_or((text, ""));
        let (_, rest) = rest.split_once(';').unwrap_or(("", rest));
        format!("{package}@{version};{rest}")
    };
    let offered = read(&mut resolve, offered, |it| of(&change(it), "7.0.0"))?;
    let asked = read(&mut resolve, asked, |it| of(it, "8.0.0"))?;
    semver_check(resolve, offered, asked)
}

#[test]
fn within_a_line_the_world_stays_as_it_is() -> Result<()> {
    for (frozen, newest) in with_the_newest_of_their_lines()? {
        let (old, new) = (frozen.display(), newest.display());
        serves(&newest, &frozen, str::to_owned)
            .with_context(|| format!("a plugin of {new} does not do for a host of {old}"))?;
        serves(&frozen, &newest, str::to_owned)
            .with_context(|| format!("a plugin of {old} does not do for a host of {new}"))?;
    }
    Ok(())
}

#[test]
fn what_would_break_a_plugin_is_seen() -> Result<()> {
    let frozen = folder("0.1.0");
    let changes = [
        ("a new field", "    end: instant,", "    end: instant,\n    zone: string,"),
        ("a new case", "enum method { get, post }", "enum method { get, post, put }"),
        ("another type", "    seconds: u32,", "    seconds: u64,"),
        ("another name", "waited: func();", "has-waited: func();"),
        ("a function less", "    interrupted: func();\n", ""),
    ];
    for (what, before, after) in changes {
        let change = |text: &str| text.replace(before, after);
        let seen = serves(&frozen, &frozen, change);
        assert!(seen.is_err(), "{what} goes unseen");
    }
    serves(&frozen, &frozen, |text| text.replace("/// For how long.", "/// For how long at least."))?;
    Ok(())
}

#[test]
fn the_contract_says_which_version_it_is() -> Result<()> {
    let package = format!("package exhibit:plugin@{CONTRACT};");
    for file in files(Path::new(CURRENT))? {
        let text = fs::read_to_string(Path::new(CURRENT).join(&file))?;
        assert!(text.starts_with(&package), "{file} does not begin with {package}");
    }
    Ok(())
}
