//! From a file to what it says.

use std::fs::File;
use std::io::{self, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::remedy::Remedy;

use super::error::{Fault, SuiteError};
use super::place::Place;
use super::serde_words;
use super::written::{Test, VERSION, Written};

/// A thousand tests fit, which is more than a person reads.
const FILE_BYTES: u64 = 1 << 20;

/// A file of tests, read.
#[derive(Debug)]
pub(super) struct TestFile {
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) tests: Vec<Spanned<Test>>,
}

impl TestFile {
    pub(crate) fn open(path: &Path) -> Result<Self, SuiteError> {
        let unreadable = |why: io::Error| SuiteError::Unreadable { file: path.to_owned(), why };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        file.take(FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > FILE_BYTES {
            return Err(SuiteError::TooLarge { file: path.to_owned(), limit: FILE_BYTES });
        }
        Self::read(path, bytes)
    }

    pub(crate) fn read(path: &Path, bytes: Vec<u8>) -> Result<Self, SuiteError> {
        let text = String::from_utf8(bytes).map_err(|error| {
            let upto = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes());
            let fault = Fault::new("this is no UTF-8", Place::of(path, &text, upto..upto));
            SuiteError::NotToml(fault.next("save the file as UTF-8, as all TOML is"))
        })?;
        let no_toml = |error: toml::de::Error| {
            let place = Place::of(path, &text, error.span().unwrap_or(0..0));
            let fault = Fault::new(format!("this is no TOML: {}", error.message()), place);
            SuiteError::NotToml(fault.next(match error.message() {
                "duplicate key" => "leave out one of the two".into(),
                _ => Remedy::SeeExampleOfTests,
            }))
        };
        let table = DeTable::parse(&text).map_err(no_toml)?;
        check_version(path, &text, table.get_ref())?;
        let written = Written::deserialize(toml::Deserializer::from(table));
        let written = written.map_err(|error| SuiteError::Senseless(explain(path, &text, &error)))?;
        Ok(Self { path: path.to_owned(), text, tests: written.test })
    }

    /// The place of these bytes of the file.
    pub(super) fn place(&self, span: Range<usize>) -> Place {
        Place::of(&self.path, &self.text, span)
    }
}

/// Looked at before all else: what a later version has may be unknown here.
fn check_version(path: &Path, text: &str, table: &DeTable<'_>) -> Result<(), SuiteError> {
    let refuse = |what: String, span: Range<usize>, next: Remedy| {
        Err(SuiteError::Senseless(Fault::new(what, Place::of(path, text, span)).next(next)))
    };
    let write = Remedy::from(format!("write version = {VERSION} at its top"));
    let Some(version) = table.get("version") else {
        return refuse("the file does not say which version of the form it has".to_owned(), 0..0, write);
    };
    let number = match version.get_ref() {
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    match number {
        Some(VERSION) => Ok(()),
        Some(later) if later > VERSION => {
            let what = format!(
                "the file has version {later} of the form, and {VERSION} is the newest that can be read"
            );
            refuse(what, version.span(), Remedy::Update)
        }
        _ => refuse("this is no version of the form".to_owned(), version.span(), write),
    }
}

/// An error of the reader, in words for who wrote the file.
fn explain(path: &Path, text: &str, error: &toml::de::Error) -> Fault {
    let span = error.span().unwrap_or(0..0);
    let header = text.get(span.clone()).unwrap_or_default();
    let (what, remedy) = serde_words::explain(error.message(), header);
    let fault = Fault::new(what, Place::of(path, text, span));
    Fault { remedy: remedy.map(Remedy::from), ..fault }
}
