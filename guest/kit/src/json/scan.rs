//! Finds where a JSON value ends. Whether it is valid is checked by the parser.

/// How far the current value is scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// No byte of it was read.
    Start,
    /// In a string that is the value.
    Text { escaped: bool },
    /// In an object or array, so deep.
    Nested { depth: u32, string: Option<bool> },
    /// In a number or a word, which ends where something else begins.
    Bare,
}

impl Scan {
    /// How much of `bytes` belongs to the value, and whether it ends there.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> (usize, bool) {
        for (at, &byte) in bytes.iter().enumerate() {
            match self {
                Self::Start => {
                    *self = match byte {
                        b'"' => Self::Text { escaped: false },
                        b'{' | b'[' => Self::Nested { depth: 1, string: None },
                        _ => Self::Bare,
                    }
                }
                Self::Text { escaped } => match byte {
                    _ if *escaped => *escaped = false,
                    b'\\' => *escaped = true,
                    b'"' => return (at + 1, true),
                    _ => {}
                },
                Self::Nested { string: string @ Some(_), .. } => match (byte, *string) {
                    (_, Some(true)) => *string = Some(false),
                    (b'\\', _) => *string = Some(true),
                    (b'"', _) => *string = None,
                    _ => {}
                },
                Self::Nested { depth, string } => match byte {
                    b'"' => *string = Some(false),
                    b'{' | b'[' => *depth += 1,
                    b'}' | b']' => {
                        *depth -= 1;
                        if *depth == 0 {
                            return (at + 1, true);
                        }
                    }
                    _ => {}
                },
                Self::Bare if matches!(byte, b',' | b'}' | b']' | b':') || byte.is_ascii_whitespace() => {
                    return (at, true);
                }
                Self::Bare => {}
            }
        }
        (bytes.len(), false)
    }
}
