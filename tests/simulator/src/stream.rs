//! Answers that are made while they are sent.

use std::fs::File;
use std::io::Read as _;

use bytes::Bytes;

use crate::{world::World, xml::Xml};

/// Bytes of a block: large enough that the socket's overhead does not count, small enough that a
/// connection's memory does not either.
pub(crate) const BLOCK: usize = 64 * 1024;

/// What a block may exceed [`BLOCK`] by, so that the last record of it rarely makes the buffer grow.
const BLOCK_SLACK: usize = 16 * 1024;

/// Records looked at for one block; a filter that lets none through must not keep the thread.
const ROWS_PER_BLOCK: usize = 4_096;

/// The body of an answer, before compression.
pub(crate) enum Source {
    /// Made beforehand.
    Whole(Bytes),
    /// Made block by block.
    Report(Box<dyn Blocks>),
    /// Read from a file.
    File(File),
}

/// Something that is written block by block.
pub(crate) trait Blocks: Send {
    /// Appends the next block, which may be empty, and says whether there is another.
    fn next_block(&mut self, out: &mut Vec<u8>) -> bool;
}

impl Source {
    /// Nothing at all.
    pub(crate) fn empty() -> Self {
        Self::Whole(Bytes::new())
    }

    /// Appends the next block to an empty buffer, and says whether there is another.
    ///
    /// Fails where a file cannot be read.
    pub(crate) fn next_block(&mut self, out: &mut Vec<u8>) -> std::io::Result<bool> {
        match self {
            Self::Whole(bytes) => {
                out.extend_from_slice(&bytes.split_to(bytes.len().min(BLOCK)));
                Ok(!bytes.is_empty())
            }
            Self::Report(blocks) => {
                out.reserve(BLOCK + BLOCK_SLACK);
                Ok(blocks.next_block(out))
            }
            Self::File(file) => {
                let read = file.take(BLOCK as u64).read_to_end(out)?;
                Ok(read > 0)
            }
        }
    }
}

/// The records of a report, and what stands before and after them.
pub(crate) trait Rows: Send + 'static {
    /// What stands before the first record.
    fn head(&mut self, xml: &mut Xml<'_>);

    /// Writes the next record, or nothing where it was filtered out. False when there are no more.
    fn row(&mut self, xml: &mut Xml<'_>) -> bool;

    /// What stands after the last record.
    fn foot(&mut self, xml: &mut Xml<'_>);
}

/// The outermost parts of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    /// Name of the root element.
    pub(crate) root: &'static str,
    /// Path of the DTD that the DOCTYPE names; nothing is served there.
    pub(crate) dtd: &'static str,
}

impl Document {
    /// A report in this document.
    pub(crate) fn report<R: Rows>(self, world: &World, rows: R) -> Source {
        let (form, comments) = (Form::Report(self), world.comments);
        Source::Report(Box::new(Report { form, comments, rows, stage: Stage::Head }))
    }

    /// The XML declaration.
    pub(crate) fn declaration(out: &mut Vec<u8>) {
        out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n");
    }

    /// The document type, with an external DTD on a host that does not exist.
    pub(crate) fn doctype(self, out: &mut Vec<u8>) {
        let url = "https://qualysapi.qualys.example/";
        for part in ["<!DOCTYPE ", self.root, " SYSTEM \"", url, self.dtd, "\">\n"] {
            out.extend_from_slice(part.as_bytes());
        }
    }

    fn evaluation_comment(out: &mut Vec<u8>) {
        out.extend_from_slice(
            b"<!-- This report was generated with an evaluation version of Qualys //--> \n",
        );
    }

    fn footer(out: &mut Vec<u8>) {
        Self::evaluation_comment(out);
        out.extend_from_slice(
            b"<!-- CONFIDENTIAL. Every host, person and finding in this report is made up. //--> \n",
        );
    }
}

/// The outermost parts of what the portal's APIs answer: no document type and no comments, but a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    /// Path of the schema; nothing is served there.
    pub(crate) schema: &'static str,
}

impl Response {
    const ROOT: &'static str = "ServiceResponse";

    /// A report in this response.
    pub(crate) fn report<R: Rows>(self, rows: R) -> Source {
        let form = Form::Response(self);
        Source::Report(Box::new(Report { form, comments: false, rows, stage: Stage::Head }))
    }

    fn start(self, out: &mut Vec<u8>) {
        let instance = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
        let schema = " xsi:noNamespaceSchemaLocation=\"https://qualysapi.qualys.example/";
        for part in ["<", Self::ROOT, instance, schema, self.schema, "\">\n"] {
            out.extend_from_slice(part.as_bytes());
        }
    }
}

/// What stands around the records.
enum Form {
    Report(Document),
    Response(Response),
}

impl Form {
    fn root(&self) -> &'static str {
        match self {
            Self::Report(document) => document.root,
            Self::Response(_) => Response::ROOT,
        }
    }

    /// All up to the start tag of the root.
    fn begin(&self, out: &mut Vec<u8>, comments: bool) {
        Document::declaration(out);
        match self {
            Self::Report(document) => {
                document.doctype(out);
                if comments {
                    Document::evaluation_comment(out);
                }
                Xml::new(out, 0).open(document.root);
            }
            Self::Response(response) => response.start(out),
        }
    }
}

enum Stage {
    Head,
    Rows,
    Done,
}

struct Report<R> {
    form: Form,
    comments: bool,
    rows: R,
    stage: Stage,
}

impl<R: Rows> Blocks for Report<R> {
    fn next_block(&mut self, out: &mut Vec<u8>) -> bool {
        if matches!(self.stage, Stage::Head) {
            self.form.begin(out, self.comments);
            self.rows.head(&mut Xml::new(out, 1));
            self.stage = Stage::Rows;
        }
        for _ in 0..ROWS_PER_BLOCK {
            if out.len() >= BLOCK {
                break;
            }
            if !self.rows.row(&mut Xml::new(out, 1)) {
                self.rows.foot(&mut Xml::new(out, 1));
                Xml::new(out, 1).close(self.form.root());
                if self.comments {
                    Document::footer(out);
                }
                self.stage = Stage::Done;
                break;
            }
        }
        !matches!(self.stage, Stage::Done)
    }
}
