//! Checkpoints: what a log is at one moment, in a text that can be signed.

use exhibit_rows::Shown;

use crate::signing::{PublicKey, SigningKey};

use super::hash::Hash;
use super::note::{self, NoteError};
use super::origin::Origin;

/// No log has more entries. Below it no arithmetic of trees overflows.
pub(super) const SIZE_LIMIT: u64 = 1 << 48;

/// What a log is at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: Origin,
    /// How many entries it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// Why a text is not to be believed as a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Its signature.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Signed, and no checkpoint.
    #[error("this is no checkpoint: its lines should be the log's name, a number of entries and a hash")]
    Form,
    /// Signed, and of another log.
    #[error("this is a checkpoint of {}, and should be one of {expected}", Shown::line(.found))]
    OtherLog {
        /// Whose it is.
        found: String,
        /// Whose it should be.
        expected: Origin,
    },
}

impl Checkpoint {
    /// Reads a signed checkpoint of this log. Signatures of others, such as witnesses, are
    /// passed over.
    ///
    /// # Errors
    ///
    /// Where the text has not the form of a signed checkpoint, is of another log, or has no signature of a trusted key.
    pub fn open(text: &str, origin: &Origin, trusted: &[PublicKey]) -> Result<Self, CheckpointError> {
        let text = note::open(text, origin, trusted)?;
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        // Further lines are extensions, which are not checked here.
        let (Some(found), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Form);
        };
        if found != origin.as_str() {
            return Err(CheckpointError::OtherLog { found: found.to_owned(), expected: origin.clone() });
        }
        let size = number(size).filter(|&it| it <= SIZE_LIMIT).ok_or(CheckpointError::Form)?;
        let root = Hash::parse(root).ok_or(CheckpointError::Form)?;
        Ok(Self { origin: origin.clone(), size, root })
    }

    /// The checkpoint, signed.
    pub(super) fn sign(&self, key: &SigningKey) -> String {
        let text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        note::sign(&text, &self.origin, key)
    }
}

/// A number as it is written, without leading zeroes or signs.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|it: &u64| it.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::key_of;

    fn origin() -> Origin {
        "example.com/behind-the-sofa".parse().expect("a name")
    }

    fn open(text: &str) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::open(&note::sign(text, &origin(), &key_of(1)), &origin(), &[key_of(1).public()])
    }

    #[test]
    fn reads_the_text_of_the_specification_and_writes_it() {
        let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let read = open(text).expect("a checkpoint");
        assert_eq!(read.size, 20_852_163);
        assert_eq!(read.sign(&key_of(1)), note::sign(text, &origin(), &key_of(1)));
    }

    #[test]
    fn refuses_what_is_no_checkpoint() {
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
        let name = origin();
        for size in ["", "01", "+1", "-1", "1 ", "one", "281474976710657", "18446744073709551616"] {
            assert_eq!(open(&format!("{name}\n{size}\n{root}\n")), Err(CheckpointError::Form), "{size}");
        }
        for text in [
            format!("{name}\n"),
            format!("{name}\n1\n"),
            format!("{name}\n1\n{root}\nextension\n"),
            format!("{name}\n1\n{root}=\n"),
            format!("{name}\n1\nAAAA\n"),
            format!("\n{name}\n1\n{root}\n"),
        ] {
            assert!(open(&text).is_err(), "{text}");
        }
        let other = open(&format!("example.com/other\n1\n{root}\n"));
        assert!(matches!(other, Err(CheckpointError::OtherLog { .. })), "{other:?}");
    }
}
