//! Evidence in the forms that people and their tools ask for.
//!
//! An export says the same as the evidence and is not the evidence: it names the digest of the
//! `proof.json` that it was made of, says what was left out of it, and is made only of rows whose
//! digest is the one that `proof.json` has. The same evidence gives the same bytes each time.

mod about;
mod csv;
mod entries;
mod error;
#[cfg(test)]
mod examples;
mod findings;
mod html;
mod in_toto;
mod json;
mod marks;
mod names;
mod oscal;
mod parquet;
mod pdf;
mod persons;
mod subject;
#[cfg(test)]
mod tests;
mod veil;
mod xlsx;

use std::fs::File;
use std::io::{self, BufWriter, Write as _};

use exhibit_rows::Kind;

use crate::evidence::Field;

pub use self::csv::description as csv_description;
pub use self::error::RenderError;
pub use self::persons::{KeyTooShort, Persons, PseudonymKey, REDACTED};
pub use self::subject::{KeptRun, KeptSignature, Subject};

use self::entries::Entries;

/// Large pieces: system calls do not count then.
const BUFFER: usize = 256 << 10;

/// What evidence can be rendered as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// All fields, for spreadsheets and scripts.
    Csv,
    /// All fields, how they were collected, and what each test made of each row.
    Json,
    /// One page for a browser, which needs nothing else.
    Html,
    /// A workbook with typed cells, a summary and the tests.
    Xlsx,
    /// A table with typed columns, for databases and notebooks.
    Parquet,
    /// A tagged document to print and to file.
    Pdf,
    /// OSCAL 1.2 assessment results.
    Oscal,
    /// An in-toto statement of what the tests came to, unsigned.
    InToto,
}

/// How to render it.
#[derive(Debug, Clone)]
pub struct Order {
    /// The form.
    pub format: Format,
    /// What it says of persons.
    pub persons: Persons,
    /// At most so many rows. `None`: as many as suit the format.
    pub rows: Option<u64>,
}

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rendered {
    /// Rows in it.
    pub rows: u64,
    /// Rows of the evidence.
    pub of: u64,
}

impl Format {
    /// So many rows are rendered unless somebody asks for more: as many as whoever opens the file can
    /// work with. `None`: all.
    fn usual_rows(self) -> Option<u64> {
        match self {
            Self::Csv | Self::Json | Self::Xlsx | Self::Parquet | Self::Oscal | Self::InToto => None,
            Self::Html => Some(html::USUAL_ROWS),
            Self::Pdf => Some(pdf::USUAL_ROWS),
        }
    }
}

impl Order {
    /// What values of a field are here: of what is hidden, texts.
    fn kind(&self, field: &Field) -> Result<Kind, RenderError> {
        let kind = subject::kind(field)?;
        let hidden = field.personal && self.persons.are_hidden() && kind != Kind::Texts;
        Ok(if hidden { Kind::Text } else { kind })
    }

    /// How many of so many rows there will be.
    fn rows_of(&self, all: u64) -> u64 {
        self.rows.or(self.format.usual_rows()).map_or(all, |it| it.min(all))
    }
}

/// Renders evidence into a file, from where it stands. What was written before an error is of no use.
pub fn render(subject: &Subject, order: &Order, file: &File) -> Result<Rendered, RenderError> {
    let of = subject.proof.rows;
    let rows = order.rows_of(of);
    let mut entries = Entries::open(subject, order)?;
    let veiled = veil::veiled(subject, &order.persons)?;
    let subject = &*veiled;
    match order.format {
        Format::Csv => buffered(file, |out| csv::write(subject, &mut entries, out))?,
        Format::Json => buffered(file, |out| json::write(subject, order, &mut entries, out))?,
        Format::Html => buffered(file, |out| html::write(subject, order, &mut entries, out))?,
        Format::Pdf => buffered(file, |out| pdf::write(subject, order, &mut entries, out))?,
        Format::Parquet => buffered(file, |out| parquet::write(subject, order, &mut entries, out))?,
        Format::Oscal => buffered(file, |out| oscal::write(subject, order, &mut entries, out))?,
        Format::InToto => buffered(file, |out| in_toto::write(subject, &mut entries, out))?,
        Format::Xlsx => buffered(file, |out| xlsx::write(subject, order, &mut entries, out))?,
    }
    entries.finish()?;
    Ok(Rendered { rows, of })
}

type Out<'a> = BufWriter<&'a File>;

fn buffered(
    file: &File,
    write: impl FnOnce(&mut Out<'_>) -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    let mut out = BufWriter::with_capacity(BUFFER, file);
    write(&mut out)?;
    out.flush().map_err(RenderError::Write)
}

fn invalid(problem: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem.into())
}
