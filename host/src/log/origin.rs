//! What a log is called.

use std::fmt;
use std::str::FromStr;

/// So long may an origin be in the signatures of C2SP's witnesses, in bytes.
const ORIGIN_BYTES: usize = 255;

/// The name of a log: unlike that of any other, best an address without its scheme, such as
/// `example.com/evidence`. It need not lead anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// A text that cannot be the name of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a log's name has 1 to {ORIGIN_BYTES} bytes, without spaces, + and control characters: such as \
     example.com/evidence"
)]
pub struct NotAnOrigin;

impl Origin {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let unfit = |it: char| it.is_whitespace() || it.is_control() || it == '+';
        if text.is_empty() || text.len() > ORIGIN_BYTES || text.contains(unfit) {
            return Err(NotAnOrigin);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_into_a_line_of_a_note() {
        for text in ["example.com/evidence", "x", "größe.example", &"a".repeat(ORIGIN_BYTES)] {
            assert_eq!(text.parse::<Origin>().map(|it| it.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "a b", "a\u{a0}b", "a\nb", "a+b", "a\0b", &"a".repeat(ORIGIN_BYTES + 1)] {
            assert_eq!(text.parse::<Origin>(), Err(NotAnOrigin), "{text:?}");
        }
    }
}
