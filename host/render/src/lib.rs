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
mod headline;
mod html;
mod in_toto;
mod json;
mod marks;
mod names;
mod order;
mod oscal;
mod parquet;
mod pdf;
mod persons;
mod source;
mod subject;
#[cfg(test)]
mod tests;
mod veil;
mod xlsx;

use std::fs::File;
use std::io::{BufWriter, Write as _};

use exhibit::evidence::check_parts;

pub use self::csv::description as csv_description;
pub use self::error::RenderError;
pub use self::order::{Format, Order, Rendered, Verifying};
pub use self::persons::{KeyTooShort, Persons, PseudonymKey, REDACTED};
pub use self::subject::{KeptRun, KeptSignature, RunSigned, Subject};
pub use self::xlsx::list as list_xlsx;

use self::entries::Entries;
use self::order::Out;

/// Large pieces: system calls do not count then.
const BUFFER: usize = 256 << 10;

/// Renders evidence into a file, from where it stands. What was written before an error is of no use.
pub fn render(subject: &Subject, order: &Order, file: &File) -> Result<Rendered, RenderError> {
    let of_run = subject.run.iter().flat_map(|it| &it.run.parts);
    check_parts(subject.proof.parts.iter().chain(of_run), order.unpacked)?;
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

fn buffered(
    file: &File,
    write: impl FnOnce(&mut Out<'_>) -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    let mut out = BufWriter::with_capacity(BUFFER, file);
    write(&mut out)?;
    out.flush().map_err(RenderError::Write)
}
