//! `exhibit export`: kept evidence in the forms that people and their tools ask for.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use exhibit::clock::{Clock as _, SystemClock};
use exhibit::disk::OutputFile;
use exhibit::evidence::stale;
use exhibit::format::{count, counted};
use exhibit::store::{Catalog, Location};
use exhibit::testing::earlier::Earlier;
use exhibit_render::{Order, Persons, PseudonymKey, RenderError, Rendered, Subject, Verifying};
use exhibit_rows::ShowPath as _;
use exhibit_secrets::{Backends, SecretError};

use super::environment::Environment;
use super::failure::Failure;
use super::opened;
use super::output::{self, ExportOutput, ExportedRunOutput};
use super::places;
use super::size::SizeArgs;
use super::terminal::{Terminal, shown};

const EXAMPLES: &str = "\
Examples:
  For a person to read, sort and filter, in any browser:
    exhibit export evidence/assets --format html --out assets.html

  Without names and addresses of persons:
    exhibit export evidence/users --format csv --redact personal --out users.csv

  With pseudonyms, by which the rows of exports can be joined:
    openssl rand -hex 32 > pseudonyms.key
    exhibit export evidence/users --format parquet --out users.parquet \\
                   --redact pseudonyms --pseudonym-key file:pseudonyms.key

An export is made of rows whose digest is the one in proof.json, and names the digest of that
proof.json: the evidence itself is what to keep. CSV has no place for that, so beside it there
will be a file with `-metadata.json` after its name, as the W3C has it for tables. In Parquet
absent and empty are both null: the column _absent says of which fields the source said nothing.";

/// Writes kept evidence as a file for people or for other tools
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Export {
    /// The folder of the evidence, as `exhibit collect` made it, or its bundle
    #[arg(value_name = "EVIDENCE")]
    evidence: Location,
    /// What to make of it
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// The file to write; one of this name is replaced
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What not to say of persons, in fields and in notes
    #[arg(long, value_name = "WHAT")]
    redact: Option<Redact>,
    /// Where the key for pseudonyms is: file:PATH or env:VARIABLE, 32 bytes or more; exports with the same
    /// key have the same pseudonyms [default: a key of this export alone]
    // Read by hand: clap would repeat what it cannot parse, and that may be the key.
    #[arg(long, value_name = "REFERENCE", requires = "redact")]
    pseudonym_key: Option<String>,
    /// At most so many rows; the export says how many there are [default: as many as suit the format]
    #[arg(long, value_name = "N")]
    rows: Option<u64>,
    /// The number of the test run to export [default: the last one]
    #[arg(long, value_name = "N")]
    run: Option<u32>,
    #[command(flatten)]
    size: SizeArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// All fields, for spreadsheets and scripts; no cell of it can become a formula
    Csv,
    /// All fields, how they were collected, and what each test made of each row
    Json,
    /// One page that sorts and filters, and needs nothing but a browser
    Html,
    /// A workbook: a summary, the tests, what did not pass and why, and the rows in typed cells, none of which is a
    /// formula
    Xlsx,
    /// A table with typed columns, for databases and notebooks; keeps apart what the source did not say
    /// and what it said is empty
    Parquet,
    /// A document to print and to file: accessible, in any script, with the evidence's digest as a QR code
    Pdf,
    /// OSCAL 1.2 assessment results: observations, findings by control, and the evidence's hashes
    Oscal,
    /// The test results as an unsigned in-toto statement
    InToto,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Redact {
    /// Leaves out names and addresses of persons
    Personal,
    /// Puts pseudonyms in their place: the same text, the same pseudonym
    Pseudonyms,
}

impl From<Format> for exhibit_render::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::Json => Self::Json,
            Format::Html => Self::Html,
            Format::Xlsx => Self::Xlsx,
            Format::Parquet => Self::Parquet,
            Format::Pdf => Self::Pdf,
            Format::Oscal => Self::Oscal,
            Format::InToto => Self::InToto,
        }
    }
}

impl Export {
    pub(super) async fn run(self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let open = opened::evidence(&self.evidence, environment).await?;
        places::outside(&self.out, "the export", "--out")?;
        if places::is_within(&self.out, &open.folder) {
            // Of evidence in an object store, or of a bundle.
            return Err(Failure::call(format!("{} would be in the evidence itself", self.out.shown()))
                .next("name a file outside of the evidence's folder"));
        }
        let json = terminal.json();
        let out = self.out.clone();
        let catalog = open.store.as_ref().map(|it| it.store.catalog()).transpose()?;
        let persons = persons(self.redact, self.pseudonym_key.as_deref(), &environment.backends).await?;
        let made = tokio::task::spawn_blocking(move || self.make(&open.folder, catalog.as_ref(), persons));
        let (subject, rendered) = made.await.map_err(Failure::call)??;
        if let Some(stale) = stale(&subject.proof, SystemClock.now()) {
            terminal.warn(&stale);
        }
        terminal.say(&if json {
            output::json(&ExportOutput {
                file: &out,
                rows: rendered.rows,
                of: rendered.of,
                evidence: subject.digest,
                run: subject.run.as_ref().map(ExportedRunOutput::from),
            })?
        } else {
            said(&out, &subject, rendered)
        });
        Ok(())
    }

    fn make(
        self,
        evidence: &Path,
        catalog: Option<&Catalog>,
        persons: Persons,
    ) -> Result<(Subject, Rendered), Failure> {
        let known = |folder: &Path, run: &Earlier| catalog.map_or(Ok(true), |it| it.lists_run(folder, run));
        let subject = Subject::open_known(evidence, self.run, &known)?;
        let verifying = Verifying {
            signature: Some("check it with `exhibit verify --key`"),
            timestamp: Some("check it with `exhibit verify --tsa-cert`"),
        };
        let unpacked = self.size.limit();
        let order = Order {
            format: self.format.into(),
            persons,
            rows: self.rows,
            verifying,
            unpacked,
            now: Some(SystemClock.now()),
        };
        let rendered = replace(&self.out, |file| exhibit_render::render(&subject, &order, file))?;
        if self.format == Format::Csv {
            let name = self.out.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let description = exhibit_render::csv_description(&subject, &order, &name)?;
            let beside = self.out.with_file_name(format!("{name}-metadata.json"));
            replace(&beside, |file| {
                serde_json::to_writer_pretty(file, &description)
                    .map_err(|error| RenderError::Write(error.into()))
            })?;
        }
        Ok((subject, rendered))
    }
}

async fn persons(redact: Option<Redact>, key: Option<&str>, backends: &Backends) -> Result<Persons, Failure> {
    match (redact, key) {
        (Some(Redact::Pseudonyms), Some(reference)) => {
            let next = "make one with `openssl rand -hex 32 > pseudonyms.key`, and name it with --pseudonym-key \
                        file:pseudonyms.key";
            let unread = |error: SecretError| {
                Failure::call(format!("the key for pseudonyms cannot be read: {error}")).next(next)
            };
            let reference = backends.reference(reference).map_err(|error| Failure::call(error).next(next))?;
            let secret = backends.read(&reference).await.map_err(unread)?.into_secret();
            let key = PseudonymKey::kept(&secret).map_err(|error| Failure::call(error).next(next))?;
            Ok(Persons::Pseudonyms(key))
        }
        (Some(Redact::Pseudonyms), None) => {
            Ok(Persons::Pseudonyms(PseudonymKey::once().map_err(Failure::call)?))
        }
        (_, Some(_)) => Err(Failure::call("--pseudonym-key needs --redact pseudonyms")
            .next("add --redact pseudonyms, or leave out --pseudonym-key")),
        (Some(Redact::Personal), None) => Ok(Persons::LeftOut),
        (None, None) => Ok(Persons::Named),
    }
}

/// Writes a file beside its place and moves it there when it is whole. What is half done goes.
fn replace<T>(path: &Path, write: impl FnOnce(&File) -> Result<T, RenderError>) -> Result<T, Failure> {
    let refuse = |error: io::Error| {
        Failure::call(format!("{} cannot be written: {error}", path.shown()))
            .next("name another file with --out")
    };
    let file = OutputFile::create(path).map_err(refuse)?;
    let made = write(file.file())?;
    file.commit().map_err(refuse)?;
    Ok(made)
}

fn said(out: &Path, subject: &Subject, rendered: Rendered) -> String {
    let Rendered { rows, of } = rendered;
    let rows = if rows == of {
        format!("all {}", counted(of, "row", "rows"))
    } else {
        format!("the first {} of {}", count(rows), counted(of, "row", "rows"))
    };
    let label = shown(&subject.proof.proof_type.label);
    let mut text = format!("{}: {label}, {rows}, of the evidence {}", out.shown(), subject.digest);
    if let Some(run) = &subject.run {
        text.push_str(&format!("\nRun {} of tests: {}", run.number, run.signed.in_words()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_called_what_the_library_calls_it() {
        let name = |it: &Format| it.to_possible_value().map(|it| it.get_name().to_owned());
        let named: Vec<_> = Format::value_variants().iter().filter_map(name).collect();
        assert_eq!(named, exhibit_render::Format::ALL.map(exhibit_render::Format::name));
    }
}
