//! Bodies of answers: as they came, or made up, and then perhaps longer than any memory.

use std::io::{self, Read};

/// The body of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Payload {
    /// As it is.
    Bytes(Vec<u8>),
    /// A beginning, and then the same over and over.
    Flood {
        /// The beginning.
        start: Vec<u8>,
        /// What is repeated.
        unit: &'static [u8],
        /// How many bytes of that come.
        bytes: u64,
    },
}

impl Payload {
    pub(super) fn text(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }

    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Flood { start, bytes, .. } => start.len() as u64 + bytes,
        }
    }

    pub(super) fn read(&self) -> Box<dyn Read + Send + '_> {
        match self {
            Self::Bytes(bytes) => Box::new(bytes.as_slice()),
            Self::Flood { start, unit, bytes } => Box::new(start.chain(Over { unit, at: 0 }.take(*bytes))),
        }
    }
}

/// The same bytes over and over.
struct Over {
    unit: &'static [u8],
    at: usize,
}

impl Read for Over {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.unit.is_empty() {
            return Ok(0);
        }
        for (byte, next) in into.iter_mut().zip(self.unit.iter().cycle().skip(self.at)) {
            *byte = *next;
        }
        self.at = (self.at + into.len()) % self.unit.len();
        Ok(into.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_as_long_as_it_says() -> io::Result<()> {
        let flood = Payload::Flood { start: b"<".to_vec(), unit: b"abc", bytes: 7 };
        for _ in 0..2 {
            let (mut read, mut body) = (Vec::new(), flood.read());
            let mut two = [0; 2];
            loop {
                let count = body.read(&mut two)?;
                if count == 0 {
                    break;
                }
                read.extend_from_slice(&two[..count]);
            }
            assert_eq!(read, b"<abcabca");
            assert_eq!(read.len() as u64, flood.bytes());
        }
        Ok(())
    }
}
