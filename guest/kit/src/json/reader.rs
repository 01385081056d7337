//! The push reader.

use serde_json::Value as Json;

use super::scan::Scan;
use crate::contract::types::Error;
use crate::problem::malformed;

/// A record of more than this is none: it would only serve to use up memory.
const MAX_BYTES: usize = 8 << 20;
/// Envelopes nest to about four.
const MAX_ENVELOPE_DEPTH: usize = 32;
/// How much of an unreadable answer an error shows.
const EXCERPT_CHARS: usize = 60;
/// Some servers begin with it, though JSON has none.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Takes what a [`Reader`] finds.
pub trait Handler {
    /// Whether the array at this path, such as `["result", "users"]`, holds the records. The path
    /// of a document that is an array itself is empty.
    fn wants(&self, path: &[String]) -> bool;

    /// A record: an element of a wanted array.
    fn record(&mut self, record: &Json) -> Result<(), Error>;

    /// A wanted array ended. Without a record before it, the source says that there is none.
    fn end_of_records(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// A text, number, boolean or null around the records, and where it is.
    fn value(&mut self, path: &[String], value: &Json) -> Result<(), Error>;
}

/// Reads a document in pieces of any size.
#[derive(Debug)]
pub struct Reader {
    /// What came of the value at hand.
    pending: Vec<u8>,
    /// The value at hand, and what it is.
    taking: Option<(What, Scan)>,
    expect: Expect,
    /// What is open around it.
    open: Vec<Open>,
    /// The names of the members that are open.
    path: Vec<String>,
    /// How much of a byte order mark came.
    mark: usize,
    /// Whether anything but white space came.
    begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
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
            taking: None,
            expect: Expect::Value,
            open: Vec::new(),
            path: Vec::new(),
            mark: 0,
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
            let Some((what, scan)) = &mut self.taking else {
                if self.step(byte, handler)? {
                    rest = after;
                }
                continue;
            };
            let what = *what;
            let (length, whole) = scan.advance(rest);
            let (part, after) = rest.split_at(length);
            self.pending.extend_from_slice(part);
            if self.pending.len() > MAX_BYTES {
                let limit = MAX_BYTES >> 20;
                return Err(malformed(format!(
                    "the answer has a record of more than {limit} MiB: that is no record"
                )));
            }
            if whole {
                self.taken(what, handler)?;
            }
            rest = after;
        }
        Ok(())
    }

    /// The document is complete, or should be.
    pub fn end(&mut self, handler: &mut dyn Handler) -> Result<(), Error> {
        // A number may stand alone: only the end shows where it ends.
        if let Some((what, Scan::Bare)) = self.taking {
            self.taken(what, handler)?;
        }
        match self.expect {
            Expect::Nothing if self.taking.is_none() => Ok(()),
            _ => Err(malformed("the answer ends in the middle")),
        }
    }

    /// Whether nothing but white space came.
    pub fn is_blank(&self) -> bool {
        !self.begun
    }

    /// A byte between values. Tells whether that is done with it.
    fn step(&mut self, byte: u8, handler: &mut dyn Handler) -> Result<bool, Error> {
        if byte.is_ascii_whitespace() {
            return Ok(true);
        }
        if self.open.is_empty() && BYTE_ORDER_MARK.get(self.mark) == Some(&byte) {
            self.mark += 1;
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
            (Expect::Name | Expect::NameOrEnd, b'"') => self.take(What::Name),
            (Expect::Value | Expect::ValueOrEnd, _) => self.value(byte, handler),
            _ => Err(unreadable(&format!("{:?} is out of place", char::from(byte)))),
        }
    }

    /// A value begins.
    fn value(&mut self, byte: u8, handler: &mut dyn Handler) -> Result<bool, Error> {
        if self.open.last() == Some(&Open::Array { wanted: true }) {
            return self.take(What::Record);
        }
        let (open, expect) = match byte {
            b'{' => (Open::Object, Expect::NameOrEnd),
            b'[' => (Open::Array { wanted: handler.wants(&self.path) }, Expect::ValueOrEnd),
            b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => return self.take(What::Plain),
            _ if self.open.is_empty() => {
                return Err(malformed(format!(
                    "the answer is not JSON: it begins with {:?}",
                    char::from(byte)
                )));
            }
            _ => return Err(unreadable(&format!("{:?} is out of place", char::from(byte)))),
        };
        if self.open.len() == MAX_ENVELOPE_DEPTH {
            return Err(malformed("the answer nests too deeply"));
        }
        self.open.push(open);
        self.expect = expect;
        Ok(true)
    }

    fn take(&mut self, what: What) -> Result<bool, Error> {
        self.pending.clear();
        self.taking = Some((what, Scan::Start));
        Ok(false)
    }

    /// The value at hand is whole.
    fn taken(&mut self, what: What, handler: &mut dyn Handler) -> Result<(), Error> {
        self.taking = None;
        let value: Json =
            serde_json::from_slice(&self.pending).map_err(|error| unreadable(&error.to_string()))?;
        match (what, value) {
            (What::Name, Json::String(name)) => {
                self.path.push(name);
                self.expect = Expect::Colon;
                return Ok(());
            }
            (What::Name, _) => return Err(unreadable("a member has no name")),
            (What::Record, record) => handler.record(&record)?,
            (What::Plain, value) => handler.value(&self.path, &value)?,
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
            _ => Err(unreadable("something is closed that is not open")),
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
