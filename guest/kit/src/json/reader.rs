//! The push reader.

use serde_json::Value as Json;

use super::scan::Scan;
use crate::contract::types::Error;
use crate::problem::malformed;

/// The largest record, in bytes: no source has one of this size, and memory is bounded by it.
const MAX_BYTES: usize = 8 << 20;
/// Envelopes nest to about four.
const MAX_ENVELOPE_DEPTH: usize = 32;
/// How much of an unreadable answer an error shows.
const EXCERPT_CHARS: usize = 60;
/// Some servers begin with it, though JSON has none.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// What may stand between values.
const BLANKS: [u8; 4] = [b' ', b'\t', b'\n', b'\r'];

/// Takes what a [`Reader`] finds.
pub trait Handler {
    /// Whether the array at this path, such as `["result", "users"]`, holds the records. The path
    /// of a document that is an array itself is empty.
    fn wants(&self, path: &[String]) -> bool;

    /// A record: an element of a wanted array.
    fn record(&mut self, record: &Json) -> Result<(), Error>;

    /// A wanted array ended. Without a record before it, the source states that the list is empty.
    fn end_of_records(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// A text, number, boolean or null around the records, and where it is.
    fn value(&mut self, path: &[String], value: &Json) -> Result<(), Error>;
}

/// Reads a document in pieces of any size.
#[derive(Debug)]
pub struct Reader {
    /// The bytes of the value that is being read.
    pending: Vec<u8>,
    /// The kind of the value that is being read, and how far it is scanned.
    token: Option<(TokenKind, Scan)>,
    expect: Expect,
    /// TokenKind is open around it.
    open: Vec<Open>,
    /// The names of the members that are open.
    path: Vec<String>,
    /// How many bytes of a byte order mark were read; `None` once anything else was.
    mark: Option<usize>,
    /// Whether the document has anything but white space so far.
    begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    Name,
    Plain,
    Record,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Object,
    Array { wanted: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Name,
    NameOrEnd,
    Colon,
    CommaOrEnd,
    Nothing,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            pending: Vec::new(),
            token: None,
            expect: Expect::Value,
            open: Vec::new(),
            path: Vec::new(),
            mark: Some(0),
            begun: false,
        }
    }
}

impl Reader {
    /// A part of the document.
    pub fn feed(&mut self, chunk: &[u8], handler: &mut dyn Handler) -> Result<(), Error> {
        self.begun = self.begun || !chunk.trim_ascii().is_empty();
        let mut rest = chunk;
        while let Some((&byte, after)) = rest.split_first() {
            let Some((kind, scan)) = &mut self.token else {
                if self.step(byte, handler)? {
                    rest = after;
                }
                continue;
            };
            let kind = *kind;
            let (length, whole) = scan.advance(rest);
            let (part, after) = rest.split_at(length);
            self.pending.extend_from_slice(part);
            if self.pending.len() > MAX_BYTES {
                let limit = MAX_BYTES >> 20;
                return Err(malformed(format!(
                    "the answer has a record of more than {limit} MiB, which is the limit"
                )));
            }
            if whole {
                self.finish_token(kind, handler)?;
            }
            rest = after;
        }
        Ok(())
    }

    /// The document is complete, or should be.
    pub fn end(&mut self, handler: &mut dyn Handler) -> Result<(), Error> {
        // A number may stand alone: only the end shows where it ends.
        if let Some((kind, Scan::Bare)) = self.token {
            self.finish_token(kind, handler)?;
        }
        match self.expect {
            Expect::Nothing if self.token.is_none() => Ok(()),
            _ => Err(malformed("the answer is truncated: it ends in the middle of a value")),
        }
    }

    /// Whether the document has only white space so far.
    pub fn is_blank(&self) -> bool {
        !self.begun
    }

    /// A byte between values. Returns whether it was consumed.
    fn step(&mut self, byte: u8, handler: &mut dyn Handler) -> Result<bool, Error> {
        if let Some(read) = self.mark {
            if BYTE_ORDER_MARK.get(read) == Some(&byte) {
                self.mark = Some(read + 1);
                return Ok(true);
            }
            self.mark = None;
            if (1..BYTE_ORDER_MARK.len()).contains(&read) {
                return Err(malformed("the answer is not JSON: it begins with a part of a byte order mark"));
            }
        }
        if BLANKS.contains(&byte) {
            return Ok(true);
        }
        match (self.expect, byte) {
            (Expect::ValueOrEnd, b']') => self.close(Open::is_array, handler),
            (Expect::NameOrEnd, b'}') => self.close(Open::is_object, handler),
            (Expect::CommaOrEnd, b']') => self.close(Open::is_array, handler),
            (Expect::CommaOrEnd, b'}') => self.close(Open::is_object, handler),
            (Expect::CommaOrEnd, b',') => {
                let object = self.open.last() == Some(&Open::Object);
                self.expect = if object { Expect::Name } else { Expect::Value };
                Ok(true)
            }
            (Expect::Colon, b':') => {
                self.expect = Expect::Value;
                Ok(true)
            }
            (Expect::Name | Expect::NameOrEnd, b'"') => self.start_token(TokenKind::Name),
            (Expect::Value | Expect::ValueOrEnd, _) => self.value(byte, handler),
            _ => Err(unreadable(&format!("unexpected character {:?}", char::from(byte)))),
        }
    }

    /// A value begins.
    fn value(&mut self, byte: u8, handler: &mut dyn Handler) -> Result<bool, Error> {
        if self.open.last() == Some(&Open::Array { wanted: true }) {
            return self.start_token(TokenKind::Record);
        }
        let (open, expect) = match byte {
            b'{' => (Open::Object, Expect::NameOrEnd),
            b'[' => (Open::Array { wanted: handler.wants(&self.path) }, Expect::ValueOrEnd),
            b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => return self.start_token(TokenKind::Plain),
            _ if self.open.is_empty() => {
                return Err(malformed(format!(
                    "the answer is not JSON: it begins with {:?}",
                    char::from(byte)
                )));
            }
            _ => return Err(unreadable(&format!("unexpected character {:?}", char::from(byte)))),
        };
        if self.open.len() == MAX_ENVELOPE_DEPTH {
            return Err(malformed("the answer is nested too deeply"));
        }
        self.open.push(open);
        self.expect = expect;
        Ok(true)
    }

    fn start_token(&mut self, kind: TokenKind) -> Result<bool, Error> {
        self.pending.clear();
        self.token = Some((kind, Scan::Start));
        Ok(false)
    }

    /// The value that is being read is complete.
    fn finish_token(&mut self, kind: TokenKind, handler: &mut dyn Handler) -> Result<(), Error> {
        self.token = None;
        let value: Json =
            serde_json::from_slice(&self.pending).map_err(|error| unreadable(&error.to_string()))?;
        match (kind, value) {
            (TokenKind::Name, Json::String(name)) => {
                self.path.push(name);
                self.expect = Expect::Colon;
                return Ok(());
            }
            (TokenKind::Name, _) => return Err(unreadable("the name of a member is not a text")),
            (TokenKind::Record, record) => handler.record(&record)?,
            (TokenKind::Plain, value) => handler.value(&self.path, &value)?,
        }
        self.complete();
        Ok(())
    }

    fn close(&mut self, fits: fn(&Open) -> bool, handler: &mut dyn Handler) -> Result<bool, Error> {
        match self.open.pop() {
            Some(open) if fits(&open) => {
                if open == (Open::Array { wanted: true }) {
                    handler.end_of_records()?;
                }
                self.complete();
                Ok(true)
            }
            _ => Err(unreadable("unexpected closing bracket")),
        }
    }

    /// A value of the envelope ended.
    fn complete(&mut self) {
        self.expect = match self.open.last() {
            None => Expect::Nothing,
            Some(Open::Array { .. }) => Expect::CommaOrEnd,
            Some(Open::Object) => {
                self.path.pop();
                Expect::CommaOrEnd
            }
        };
    }
}

impl Open {
    fn is_array(&self) -> bool {
        matches!(self, Self::Array { .. })
    }

    fn is_object(&self) -> bool {
        matches!(self, Self::Object)
    }
}

fn unreadable(why: &str) -> Error {
    let why: String = why.chars().take(EXCERPT_CHARS).collect();
    malformed(format!("the answer is not well-formed JSON: {why}"))
}
