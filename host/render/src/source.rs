//! Files of the evidence, read and then checked against their digests.

use std::io::BufReader;

use exhibit::evidence::Content;
use exhibit_records::PartRecord;

use super::error::RenderError;
use super::subject::Subject;

pub(super) type Source = BufReader<Content>;

/// A file of the evidence, to be read and then checked.
pub(super) fn open(subject: &Subject, path: &str, part: &PartRecord) -> Result<Source, RenderError> {
    Content::open(&subject.folder.join(path), part).map_err(RenderError::Evidence)
}

/// Reads what is left of it. Tells whether it is what was kept.
pub(super) fn check(path: &str, part: &PartRecord, rest: Source) -> Result<(), RenderError> {
    let (kept, found) = (part.meaning(), rest.into_inner().finish().map_err(RenderError::Evidence)?);
    if found == kept { Ok(()) } else { Err(RenderError::Altered { path: path.to_owned(), kept, found }) }
}
