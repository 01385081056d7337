//! Why a record is not merged: one code for each reason, so that errors can be counted and looked up.

use exhibit_rows::Shown;
use sha2::{Digest as _, Sha256};

/// Longer texts of a source are cut where persons read them. In characters.
const SHOWN: usize = 300;

/// Where a record failed on its way into the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The plugin could not make a row of the record.
    Collect,
    /// The row has no identity that can be used.
    Identify,
    /// The item cannot be kept.
    Merge,
}

/// Why a record is not merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Code {
    /// The plugin rejected the record.
    Rejected,
    /// No field that tells items apart has a value.
    NoIdentity,
    /// The digest has other characters than hexadecimal digits.
    DigestNotHexadecimal,
    /// The digest is as long as no digest is.
    DigestLength,
    /// There is a number and no issuer.
    NoIssuer,
    /// The issuer's name is too long.
    IssuerTooLong,
    /// There is an issuer and no number.
    NoNumber,
    /// The number has other characters than hexadecimal digits.
    NumberNotHexadecimal,
    /// The number is too long.
    NumberTooLong,
    /// A value is of another kind than the field.
    WrongKind,
    /// A date outside the years 0000 to 9999.
    DateOutOfRange,
    /// A number that is not finite.
    NotANumber,
    /// All values together are too large.
    TooLarge,
    /// Another item has the same issuer and number.
    Ambiguous,
}

/// A record that is not merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmerged {
    /// Why.
    pub code: Code,
    /// The same for people, with what it is about.
    pub message: String,
}

impl Stage {
    /// As records and persons have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Identify => "identify",
            Self::Merge => "merge",
        }
    }
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 14] = [
        Self::Rejected,
        Self::NoIdentity,
        Self::DigestNotHexadecimal,
        Self::DigestLength,
        Self::NoIssuer,
        Self::IssuerTooLong,
        Self::NoNumber,
        Self::NumberNotHexadecimal,
        Self::NumberTooLong,
        Self::WrongKind,
        Self::DateOutOfRange,
        Self::NotANumber,
        Self::TooLarge,
        Self::Ambiguous,
    ];

    /// As records and persons have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::NoIdentity => "no-identity",
            Self::DigestNotHexadecimal => "digest-not-hexadecimal",
            Self::DigestLength => "digest-length",
            Self::NoIssuer => "no-issuer",
            Self::IssuerTooLong => "issuer-too-long",
            Self::NoNumber => "no-number",
            Self::NumberNotHexadecimal => "number-not-hexadecimal",
            Self::NumberTooLong => "number-too-long",
            Self::WrongKind => "wrong-kind",
            Self::DateOutOfRange => "date-out-of-range",
            Self::NotANumber => "not-a-number",
            Self::TooLarge => "too-large",
            Self::Ambiguous => "ambiguous",
        }
    }

    /// The code of this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }

    /// Where a record fails for it.
    pub fn stage(self) -> Stage {
        match self {
            Self::Rejected => Stage::Collect,
            Self::NoIdentity
            | Self::DigestNotHexadecimal
            | Self::DigestLength
            | Self::NoIssuer
            | Self::IssuerTooLong
            | Self::NoNumber
            | Self::NumberNotHexadecimal
            | Self::NumberTooLong => Stage::Identify,
            Self::WrongKind | Self::DateOutOfRange | Self::NotANumber | Self::TooLarge | Self::Ambiguous => {
                Stage::Merge
            }
        }
    }

    /// Whether a later run can succeed without a person: the source may have put it right by then.
    pub fn may_pass_by_itself(self) -> bool {
        !matches!(self, Self::Ambiguous)
    }
}

impl Unmerged {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Text of a source as it is kept for persons: on one line, bounded, with nothing in it that acts on a terminal or that
/// a database does not take.
pub(crate) fn for_people(text: &str) -> String {
    let line = Shown::line(text).to_string();
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// What tells a record from others, as it is kept. One that is cut has some digits of its digest, so that two that begin alike
/// stay two.
pub(crate) fn subject(text: &str) -> String {
    let shown = for_people(text);
    if !shown.ends_with('…') {
        return shown;
    }
    let digits: String = Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{shown} {digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_that_begin_alike_are_two() {
        let long = "f".repeat(500);
        let [one, other] = ["a", "b"].map(|it| subject(&format!("serial={long} name={it}")));
        assert_ne!(one, other);
        assert_eq!(one.chars().count(), 318);
        assert_eq!(subject("short"), "short");
    }

    #[test]
    fn each_code_has_a_word_of_its_own() {
        for code in Code::ALL {
            assert_eq!(Code::of(code.word()), Some(code));
        }
    }
}
