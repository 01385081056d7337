//! One answer, read line by line.

use std::collections::HashMap;

use crate::bindings::exports::exhibit::plugin::collection::{Batch, Rejection};
use crate::bindings::exports::exhibit::plugin::types::{Error, Row, Value};
use crate::flaw::{Flaw, problem};

/// No line is longer.
const LINE_BYTES: usize = 4 << 10;

/// An answer at hand.
#[derive(Default)]
pub(crate) struct Page {
    line: Vec<u8>,
    begun: bool,
    /// Bytes so far.
    bytes: usize,
    /// Rows that are held back until the end.
    held: HashMap<String, Row>,
    after: After,
    pub(crate) rows: u64,
    pub(crate) rejected: u64,
}

/// What the last line says.
#[derive(Default, Clone, PartialEq, Eq)]
pub(crate) enum After {
    /// There was none yet.
    #[default]
    Unknown,
    Nothing,
    More(String),
}

impl Page {
    pub(crate) fn feed(&mut self, flaw: Flaw, chunk: &[u8]) -> Result<Batch, Error> {
        let mut batch = Batch { rows: vec![], rejected: vec![] };
        let mut lost = flaw == Flaw::RowLostAtBorder && self.bytes > 0 && self.line.is_empty();
        if flaw == Flaw::StateLostBetweenChunks {
            self.line.clear();
        }
        for byte in chunk {
            self.bytes += 1;
            if *byte != b'\n' {
                self.line.push(*byte);
                if self.line.len() > LINE_BYTES && flaw != Flaw::KeepsItAll {
                    return malformed("a line is longer than any");
                }
                continue;
            }
            let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
            if !std::mem::take(&mut lost) {
                self.take(flaw, &line, &mut batch)?;
            }
        }
        self.count(&batch);
        Ok(batch)
    }

    /// The body is complete: the rest of the rows, and what comes after.
    pub(crate) fn end(&mut self, flaw: Flaw) -> Result<(Batch, After), Error> {
        let rows = std::mem::take(&mut self.held).into_values().collect();
        let batch = Batch { rows, rejected: vec![] };
        self.count(&batch);
        match std::mem::take(&mut self.after) {
            After::Unknown if flaw == Flaw::PanicsWhenCutOff && self.begun => panic!("no last line"),
            After::Unknown if flaw == Flaw::EmptyProofOfGarbage && !self.begun => Ok((batch, After::Nothing)),
            After::Unknown if self.begun && flaw.overlooks_cuts() => Ok((batch, After::Unknown)),
            After::Unknown => malformed("the answer has no last line"),
            after => Ok((batch, after)),
        }
    }

    fn take(&mut self, flaw: Flaw, line: &str, batch: &mut Batch) -> Result<(), Error> {
        if !self.begun {
            self.begun = line == "things";
            return if self.begun || flaw == Flaw::EmptyProofOfGarbage {
                Ok(())
            } else {
                malformed("the answer is no list of things")
            };
        }
        if self.after != After::Unknown {
            return malformed("something comes after the last line");
        }
        if line == "end" {
            self.after = After::Nothing;
        } else if let Some(cursor) = line.strip_prefix("more after ") {
            self.after = After::More(cursor.to_owned());
        } else {
            match line.split_once(',').map(|(name, count)| (name, count.parse())) {
                Some((name, Ok(count))) => {
                    let row = vec![Value::Text(name.to_owned()), Value::Integer(count)];
                    if flaw == Flaw::KeyNotUnique {
                        batch.rows.push(row.clone());
                    }
                    if flaw == Flaw::HashOrder {
                        self.held.insert(name.to_owned(), row);
                    } else {
                        batch.rows.push(row);
                    }
                }
                _ => batch.rejected.push(Rejection {
                    subject: line.chars().take(40).collect(),
                    reason: "it is no name and number".to_owned(),
                }),
            }
        }
        Ok(())
    }

    fn count(&mut self, batch: &Batch) {
        self.rows += batch.rows.len() as u64;
        self.rejected += batch.rejected.len() as u64;
    }
}

fn malformed<T>(message: &str) -> Result<T, Error> {
    Err(Error::Malformed(problem(message)))
}
