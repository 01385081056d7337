//! The names whose values are blanked.

use std::collections::BTreeSet;

/// Bytes of a name: those of sources have a few dozen at most, and each is compared with every element.
pub const LONGEST_NAME: usize = 64;
/// Names of one proof type, operation or lookup.
pub const MOST_NAMES: usize = 50;

/// Why names cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// There are more than [`MOST_NAMES`].
    TooMany,
    /// This one is empty, longer than [`LONGEST_NAME`], or has other characters than an element and a member can both have in
    /// their names: ASCII letters, digits, `_`, `-`, `.`, beginning with a letter or `_`.
    NotAName(String),
    /// This one is there twice, maybe in another case.
    Twice(String),
}

/// Checks that these names can be looked for.
///
/// # Errors
/// Where one of them cannot: see [`NameError`].
pub fn check_names(names: &[String]) -> Result<(), NameError> {
    if names.len() > MOST_NAMES {
        return Err(NameError::TooMany);
    }
    let mut seen = BTreeSet::new();
    for name in names {
        let begins = name.bytes().next().is_some_and(|it| it.is_ascii_alphabetic() || it == b'_');
        let continues = name.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-.".contains(&it));
        if !begins || !continues || name.len() > LONGEST_NAME {
            return Err(NameError::NotAName(name.clone()));
        }
        if !seen.insert(name.to_ascii_lowercase()) {
            return Err(NameError::Twice(name.clone()));
        }
    }
    Ok(())
}

impl std::fmt::Display for NameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooMany => write!(f, "there are more than {MOST_NAMES}"),
            Self::NotAName(name) => {
                write!(
                    f,
                    "{name:?} is not a name of an element or a member: 1 to {LONGEST_NAME} letters, digits, `_`, `-`, `.`"
                )
            }
            Self::Twice(name) => write!(f, "{name:?} is there twice"),
        }
    }
}

impl std::error::Error for NameError {}

/// Names to look for.
#[derive(Debug)]
pub(crate) struct Names {
    given: Vec<String>,
    lower: Vec<Vec<u16>>,
    longest: usize,
}

impl Names {
    pub(crate) fn new(names: &[String]) -> Self {
        let lower: Vec<Vec<u16>> =
            names.iter().map(|it| it.to_ascii_lowercase().encode_utf16().collect()).collect();
        let longest = lower.iter().map(Vec::len).max().unwrap_or(0);
        Self { given: names.to_vec(), lower, longest }
    }

    pub(crate) fn given(&self) -> impl Iterator<Item = &str> {
        self.given.iter().map(String::as_str)
    }

    pub(crate) fn count(&self) -> usize {
        self.given.len()
    }

    /// The length of the longest one.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Which one this is.
    pub(crate) fn find(&self, name: &[u16]) -> Option<usize> {
        self.lower.iter().position(|it| it.len() == name.len() && alike(it, name))
    }

    /// Which one this is, its prefix of XML left out.
    pub(crate) fn find_local(&self, name: &[u16]) -> Option<usize> {
        let local = name.rsplit(|it| *it == u16::from(b':')).next().unwrap_or(name);
        self.find(local)
    }

    /// Which one this text ends with, where no letter, digit or `_` stands before it.
    pub(crate) fn find_last(&self, text: &[u16]) -> Option<usize> {
        self.lower.iter().position(|it| {
            text.len().checked_sub(it.len()).is_some_and(|at| {
                alike(it, &text[at..]) && !at.checked_sub(1).is_some_and(|before| is_word(text[before]))
            })
        })
    }
}

fn alike(lower: &[u16], name: &[u16]) -> bool {
    lower.iter().zip(name).all(|(one, other)| *one == lowered(*other))
}

fn lowered(unit: u16) -> u16 {
    match u8::try_from(unit) {
        Ok(byte) => byte.to_ascii_lowercase().into(),
        Err(_) => unit,
    }
}

/// Whether a word goes on with it.
pub(crate) fn is_word(unit: u16) -> bool {
    u8::try_from(unit).is_ok_and(|it| it.is_ascii_alphanumeric() || it == b'_')
}

/// Whether it is XML's white space, which is JSON's, too.
pub(crate) fn is_blank(unit: u16) -> bool {
    matches!(unit, 0x20 | 0x9 | 0xa | 0xd)
}

/// Whether a name of XML may begin with it. What is no ASCII is taken as such.
pub(crate) fn begins_name(unit: u16) -> bool {
    unit >= 0x80 || u8::try_from(unit).is_ok_and(|it| it.is_ascii_alphabetic() || b"_:".contains(&it))
}

/// Whether a name of XML may go on with it.
pub(crate) fn is_of_name(unit: u16) -> bool {
    begins_name(unit) || u8::try_from(unit).is_ok_and(|it| it.is_ascii_digit() || b"-.".contains(&it))
}
