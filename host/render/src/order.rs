//! What to make of evidence, and how.

use std::fs::File;
use std::io::BufWriter;

use exhibit::evidence::MaxUnpacked;
use exhibit_records::Field;
use exhibit_rows::Kind;

use super::error::RenderError;
use super::persons::Persons;
use super::subject::kind;

/// Beyond so many rows a browser is no longer quick.
const HTML_ROWS: u64 = 10_000;
/// Nobody reads more on paper.
const PDF_ROWS: u64 = 1_000;

/// What an export is written into.
pub(super) type Out<'a> = BufWriter<&'a File>;

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
    /// The test results as an in-toto statement, unsigned.
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
    /// How its readers verify what it names.
    pub verifying: Verifying,
    /// How much the rows and the run of tests may have together, unpacked: of what has more, none is read.
    pub unpacked: MaxUnpacked,
    /// Now, in milliseconds since 1970, to say of evidence that it is stale. `None`: only until when it is good.
    pub now: Option<i64>,
}

/// How readers of an export verify the evidence behind it, in sentences that follow what they are about. They belong
/// to the program that readers have; without such sentences, nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Verifying {
    /// Such as: check it with the command that verifies signatures.
    pub signature: Option<&'static str>,
    /// The same of the time stamp.
    pub timestamp: Option<&'static str>,
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
    /// All of them, so that lists of formats are taken from here.
    pub const ALL: [Self; 8] =
        [Self::Csv, Self::Json, Self::Html, Self::Xlsx, Self::Parquet, Self::Pdf, Self::Oscal, Self::InToto];

    /// What it is called where it is chosen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Html => "html",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
            Self::Pdf => "pdf",
            Self::Oscal => "oscal",
            Self::InToto => "in-toto",
        }
    }

    /// So many rows are rendered unless more are requested: as many as the program that opens the file
    /// can handle. `None`: all.
    fn usual_rows(self) -> Option<u64> {
        match self {
            Self::Csv | Self::Json | Self::Xlsx | Self::Parquet | Self::Oscal | Self::InToto => None,
            Self::Html => Some(HTML_ROWS),
            Self::Pdf => Some(PDF_ROWS),
        }
    }

    /// Whether each row says why it did not pass.
    pub(super) fn says_reasons(self) -> bool {
        matches!(self, Self::Html | Self::Xlsx)
    }
}

impl Order {
    /// With names of persons, and as many rows as suit the format.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            persons: Persons::Named,
            rows: None,
            verifying: Verifying::default(),
            unpacked: MaxUnpacked::default(),
            now: None,
        }
    }

    /// What values of a field are here: of what is hidden, texts.
    pub(super) fn kind(&self, field: &Field) -> Result<Kind, RenderError> {
        let kind = kind(field)?;
        let hidden = field.personal && self.persons.are_hidden() && kind != Kind::Texts;
        Ok(if hidden { Kind::Text } else { kind })
    }

    /// How many of so many rows there will be.
    pub(super) fn rows_of(&self, all: u64) -> u64 {
        self.rows.or(self.format.usual_rows()).map_or(all, |it| it.min(all))
    }
}
