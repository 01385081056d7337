//! What a component says about itself beside its manifest, in sections that no runtime reads: version,
//! revision, licences, source, and what is built into it.
//!
//! Nothing of it is relied on; it is for people, and for tools that look for known weaknesses. A
//! section that is too long or makes no sense counts as not there, except for the list of packages,
//! where a reader must know that it is not to be had.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use serde::Deserialize;
use wasmparser::{Parser, Payload};

/// A description may be long; none is longer than this.
const TEXT_BYTES: usize = 4 << 10;
/// Compressed, a package takes about 20 bytes.
const LIST_BYTES: usize = 1 << 20;
/// Uncompressed, a package takes about 100 bytes.
const LIST_TEXT_BYTES: u64 = 4 << 20;
/// No program is known to have more.
const PACKAGES: usize = 10_000;

/// What a component says about itself. Untrusted: to be escaped where it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// The version of the package that it was built from.
    pub version: Option<String>,
    /// The revision of the source that it was built from.
    pub revision: Option<String>,
    /// An SPDX expression.
    pub licenses: Option<String>,
    /// Where its source is.
    pub source: Option<String>,
    /// Where more is to be read.
    pub homepage: Option<String>,
    /// Whom to ask.
    pub authors: Option<String>,
    /// For people, a sentence.
    pub description: Option<String>,
    /// What is built into it, or why its list cannot be read. `None` where it has no list.
    pub packages: Option<Result<Vec<Package>, String>>,
}

/// A package that is built into a component.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Package {
    /// Its name in its registry.
    pub name: String,
    /// Its version, as semver.
    pub version: String,
    /// `crates.io`, `git`, `local` or `registry`.
    pub source: String,
    /// `build` where it was needed to build the component, and is not in it.
    #[serde(default)]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct List {
    packages: Vec<Package>,
}

impl Metadata {
    /// What the component says in its outermost sections.
    pub fn read(component: &[u8]) -> Self {
        let mut read = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload {
                Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => depth += 1,
                Ok(Payload::End(_)) => depth = depth.saturating_sub(1),
                Ok(Payload::CustomSection(it)) if depth == 0 => read.take(it.name(), it.data()),
                Ok(_) => {}
                // Whatever runs it will say so.
                Err(_) => break,
            }
        }
        read
    }

    fn take(&mut self, name: &str, data: &[u8]) {
        let place = match name {
            "version" => &mut self.version,
            "revision" => &mut self.revision,
            "licenses" => &mut self.licenses,
            "source" => &mut self.source,
            "homepage" => &mut self.homepage,
            "authors" => &mut self.authors,
            "description" => &mut self.description,
            ".dep-v0" => {
                self.packages = Some(packages(data));
                return;
            }
            _ => return,
        };
        if data.len() <= TEXT_BYTES
            && let Ok(text) = std::str::from_utf8(data)
        {
            *place = Some(text.to_owned());
        }
    }
}

fn packages(data: &[u8]) -> Result<Vec<Package>, String> {
    if data.len() > LIST_BYTES {
        return Err(format!("it has more than {LIST_BYTES} bytes"));
    }
    let mut text = vec![];
    let read = ZlibDecoder::new(data).take(LIST_TEXT_BYTES + 1).read_to_end(&mut text);
    read.map_err(|error| format!("it cannot be unpacked: {error}"))?;
    if text.len() as u64 > LIST_TEXT_BYTES {
        return Err(format!("it has more than {LIST_TEXT_BYTES} bytes when unpacked"));
    }
    let list: List = serde_json::from_slice(&text).map_err(|error| format!("it is no list: {error}"))?;
    if list.packages.len() > PACKAGES {
        return Err(format!("it has more than {PACKAGES} packages"));
    }
    let inside = |it: &Package| it.kind.as_deref() != Some("build");
    Ok(list.packages.into_iter().filter(inside).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    /// The smallest component: a header.
    const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";

    /// With its length in five bytes, as LEB128 allows.
    fn section(name: &str, data: &[u8]) -> Vec<u8> {
        let length = 1 + name.len() + data.len();
        let bits = |shift: usize| ((length >> shift) & 0x7f) as u8;
        let length = [bits(0) | 0x80, bits(7) | 0x80, bits(14) | 0x80, bits(21) | 0x80, bits(28)];
        [&[0], &length[..], &[name.len() as u8], name.as_bytes(), data].concat()
    }

    fn with(sections: &[Vec<u8>]) -> Metadata {
        Metadata::read(&[HEADER, &sections.concat()].concat())
    }

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut packer = ZlibEncoder::new(vec![], Compression::fast());
        packer.write_all(text).and_then(|()| packer.finish()).expect("packed")
    }

    #[test]
    fn texts_are_read_and_what_makes_no_sense_is_not() {
        let read = with(&[
            section("version", b"1.2.3"),
            section("licenses", b"\xff"),
            section("revision", &[b'a'; TEXT_BYTES + 1]),
            section("of no reader", b"kept out"),
        ]);
        assert_eq!(read, Metadata { version: Some("1.2.3".to_owned()), ..Metadata::default() });
        assert_eq!(Metadata::read(b"no wasm"), Metadata::default());
    }

    #[test]
    fn what_was_needed_to_build_is_not_built_in() {
        let list = br#"{"packages":[{"name":"a","version":"1.0.0","source":"crates.io","dependencies":[1]},
            {"name":"b","version":"2.0.0","source":"local","kind":"build"}],"format":1}"#;
        let read = with(&[section(".dep-v0", &packed(list))]).packages.expect("a list").expect("readable");
        assert_eq!(read.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn a_list_that_cannot_be_read_says_so() {
        let vast = packed(&vec![b' '; LIST_TEXT_BYTES as usize * 2]);
        let many = serde_json::json!({ "packages": vec![serde_json::json!({ "name": "", "version": "", "source": "" }); PACKAGES + 1] });
        let whys: Vec<String> = [
            b"nothing".to_vec(),
            packed(b"{}"),
            vast,
            packed(many.to_string().as_bytes()),
            vec![0; LIST_BYTES + 1],
        ]
        .iter()
        .map(|it| packages(it).expect_err("should be refused"))
        .collect();
        insta::assert_snapshot!(whys.join("\n"), @"
        it cannot be unpacked: corrupt deflate stream
        it is no list: missing field `packages` at line 1 column 2
        it has more than 4194304 bytes when unpacked
        it has more than 10000 packages
        it has more than 1048576 bytes
        ");
    }
}
