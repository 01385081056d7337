//! Metadata of a component beside the contract, in custom sections: version,
//! description, licences and source as text, under the names that `wasm-tools metadata` gives them,
//! and what is built into it in `.dep-v0`, as `cargo auditable` writes it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

/// The section that tools for known weaknesses look for.
const DEPENDENCIES: &str = ".dep-v0";
/// Of zlib: a kilobyte gains nothing from more.
const COMPRESSION: u8 = 6;
/// The kind of a section that no runtime reads.
const CUSTOM_SECTION: u8 = 0;

/// The sections that say what a package says of itself, and the revision that it was built from, where
/// that is known. `package` is what `cargo metadata` says of it.
pub(crate) fn facts(package: &Json, revision: Option<&str>) -> Vec<u8> {
    let authors: Vec<&str> =
        package["authors"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let mut sections = vec![];
    let texts = [
        ("authors", (!authors.is_empty()).then(|| authors.join(", "))),
        ("description", text(&package["description"])),
        ("licenses", text(&package["license"])),
        ("source", text(&package["repository"])),
        ("homepage", text(&package["homepage"])),
        ("revision", revision.map(str::to_owned)),
        ("version", text(&package["version"])),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            sections.extend(section(name, text.as_bytes()));
        }
    }
    sections
}

fn text(json: &Json) -> Option<String> {
    json.as_str().map(str::to_owned)
}

/// The section that lists what is built in.
pub(crate) fn dependencies(list: &Json) -> Vec<u8> {
    section(
        DEPENDENCIES,
        &miniz_oxide::deflate::compress_to_vec_zlib(list.to_string().as_bytes(), COMPRESSION),
    )
}

/// A package's name, version and the kind of place that it comes from. Never the place itself: that
/// may be a path of the machine that builds.
type Package<'a> = (&'a str, &'a str, &'static str);

/// What is built in. `tree` is what `cargo tree --prefix depth --format {p}` says.
pub(crate) fn list(tree: &str) -> Option<Json> {
    let mut edges: BTreeMap<Package<'_>, BTreeSet<Package<'_>>> = BTreeMap::new();
    let mut path: Vec<Package<'_>> = vec![];
    for line in tree.lines().filter(|it| !it.is_empty()) {
        let digits = line.find(|it: char| !it.is_ascii_digit())?;
        let depth: usize = line[..digits].parse().ok()?;
        let package = package(&line[digits..])?;
        path.truncate(depth);
        if let Some(parent) = path.last() {
            edges.entry(*parent).or_default().insert(package);
        }
        edges.entry(package).or_default();
        path.push(package);
    }
    let root = *path.first()?;
    // In their own order, not the tree's, so that the list changes only where a package does.
    let place = |of: &Package<'_>| edges.keys().position(|it| it == of);
    let packages = edges.iter().map(|(package, needs)| {
        let (name, version, source) = package;
        let mut entry = json!({ "name": name, "version": version, "source": source });
        if !needs.is_empty() {
            entry["dependencies"] = needs.iter().filter_map(place).collect();
        }
        if *package == root {
            entry["root"] = json!(true);
        }
        entry
    });
    Some(json!({ "packages": packages.collect::<Vec<_>>() }))
}

/// `name v1.2.3`, with where it comes from in brackets where that is not crates.io, and `(*)` where
/// its dependencies were listed before.
fn package(line: &str) -> Option<Package<'_>> {
    let line = line.strip_suffix(" (*)").unwrap_or(line);
    let mut words = line.splitn(3, ' ');
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    let source = match words.next() {
        None => "crates.io",
        Some(from) if from.starts_with("(registry") => "registry",
        Some(from) if from.contains("://") => "git",
        Some(_) => "local",
    };
    Some((name, version, source))
}

/// A section that no runtime reads.
fn section(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut content = length(name.len());
    content.extend(name.as_bytes());
    content.extend(bytes);
    let mut section = vec![CUSTOM_SECTION];
    section.extend(length(content.len()));
    section.extend(content);
    section
}

/// LEB128, as WebAssembly counts.
fn length(mut number: usize) -> Vec<u8> {
    let mut bytes = vec![];
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "\
0plugin v0.1.0 (/home/somebody/plugin)
1xml v2.0.0-rc.1
2memchr v2.8.3
1kit v0.1.0 (https://example.org/kit?rev=abc#abcdef01)
2xml v2.0.0-rc.1 (*)
1own v3.0.0 (registry `ours`)
";

    #[test]
    fn the_list_has_every_package_once_and_no_place_of_this_machine() {
        let list = list(TREE).expect("a tree");
        assert_eq!(
            list,
            json!({ "packages": [
                { "name": "kit", "version": "0.1.0", "source": "git", "dependencies": [4] },
                { "name": "memchr", "version": "2.8.3", "source": "crates.io" },
                { "name": "own", "version": "3.0.0", "source": "registry" },
                { "name": "plugin", "version": "0.1.0", "source": "local", "dependencies": [0, 2, 4], "root": true },
                { "name": "xml", "version": "2.0.0-rc.1", "source": "crates.io", "dependencies": [1] },
            ] })
        );
        assert!(!list.to_string().contains("somebody"));
    }

    #[test]
    fn what_is_no_tree_gives_no_list() {
        for text in ["", "error: no such package", "0plugin", "0plugin 0.1.0"] {
            assert_eq!(list(text), None, "{text}");
        }
    }

    #[test]
    fn sections_say_how_long_they_are() {
        assert_eq!(section("version", b"1"), b"\0\x09\x07version1");
        let long = section("description", &[b'x'; 300]);
        assert_eq!(long[..4], [0, 0xb8, 0x02, 11]);
        assert_eq!(long.len(), 3 + 312);
    }

    #[test]
    fn what_a_package_does_not_say_is_left_out() {
        let package = json!({ "name": "plugin", "version": "0.1.0", "license": null, "authors": [] });
        assert_eq!(facts(&package, None), section("version", b"0.1.0"));
        let both = [section("revision", b"abcdef"), section("version", b"0.1.0")].concat();
        assert_eq!(facts(&package, Some("abcdef")), both);
    }
}
