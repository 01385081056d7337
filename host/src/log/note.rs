//! Signed notes, as C2SP has them: a text, and below it who signed it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit_records::Digest;
use exhibit_rows::Shown;

use crate::signing::{PublicKey, SIGNATURE_BYTES, SigningKey};

use super::origin::Origin;

/// The type of plain Ed25519 signatures.
const ED25519: u8 = 0x01;

/// What a line with a signature begins with.
const MARK: &str = "— ";

/// A note's text here is a checkpoint of a few hundred bytes; a post-quantum signature of a
/// witness may have 5 KiB.
pub(super) const NOTE_BYTES: usize = 256 << 10;

/// The format asks for at least 16; the rest is for witnesses.
const SIGNATURES: usize = 32;

/// Why a note is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// Not the form of a signed note.
    #[error("this is no signed note: {0}")]
    Form(&'static str),
    /// None of its signatures is said to be of a trusted key.
    #[error("not signed by the given key under the name {}", Shown::line(.0))]
    NotSigned(String),
    /// A signature is said to be of a trusted key, and does not fit.
    #[error("it was altered after it was signed as {}", Shown::line(.0))]
    Altered(String),
}

/// The first bytes of a hash of the key and its name: a hint, and no proof of anything.
fn key_id(name: &Origin, key: &PublicKey) -> [u8; 4] {
    let bytes = [name.as_str().as_bytes(), b"\n", &[ED25519], key.as_bytes()].concat();
    let [a, b, c, d, ..] = *Digest::of(&bytes).as_bytes();
    [a, b, c, d]
}

/// The key as other programs that read notes take it: name, hint and key in one line.
pub(super) fn verifier_key(name: &Origin, key: &PublicKey) -> String {
    let id = u32::from_be_bytes(key_id(name, key));
    format!("{name}+{id:08x}+{}", STANDARD.encode([&[ED25519], &key.as_bytes()[..]].concat()))
}

/// The text with a signature below it. The text is UTF-8 without control characters but line
/// breaks, and ends in one.
pub(super) fn sign(text: &str, name: &Origin, key: &SigningKey) -> String {
    let signature = [&key_id(name, &key.public())[..], &key.sign(text.as_bytes())].concat();
    format!("{text}\n{MARK}{name} {}\n", STANDARD.encode(signature))
}

/// The text of the note, if one of these keys has signed it under this name. Signatures of
/// other names and keys are passed over, as the format has it.
pub(crate) fn open<'a>(note: &'a str, name: &Origin, trusted: &[PublicKey]) -> Result<&'a str, NoteError> {
    if note.len() > NOTE_BYTES {
        return Err(NoteError::Form("it is too long"));
    }
    if note.contains(|it: char| it < ' ' && it != '\n') {
        return Err(NoteError::Form("there is a control character in it"));
    }
    let end = note.rfind("\n\n").ok_or(NoteError::Form("there is no empty line in it"))?;
    let (text, signatures) = (&note[..=end], &note[end + 2..]);
    let lines = signatures.strip_suffix('\n').ok_or(NoteError::Form("its last line has no end"))?;
    if lines.lines().count() > SIGNATURES {
        return Err(NoteError::Form("it has too many signatures"));
    }
    let mut signed = false;
    for line in lines.split('\n') {
        let (by, bytes) = signature(line)?;
        let Some((id, bytes)) = bytes.split_first_chunk::<4>() else {
            return Err(NoteError::Form("a signature is too short"));
        };
        for key in trusted {
            if by == name.as_str() && *id == key_id(name, key) {
                let fits = bytes.len() == SIGNATURE_BYTES && key.verify(text.as_bytes(), bytes).is_ok();
                if !fits {
                    return Err(NoteError::Altered(name.to_string()));
                }
                signed = true;
            }
        }
    }
    if signed { Ok(text) } else { Err(NoteError::NotSigned(name.to_string())) }
}

/// The names under which others than these keys are said to have signed a note that [`open`] gives: nothing says that they did.
pub(super) fn others(note: &str, name: &Origin, trusted: &[PublicKey]) -> Vec<String> {
    let signatures = note.rfind("\n\n").map_or("", |end| &note[end + 2..]);
    let is_trusted = |by: &str, bytes: &[u8]| {
        by == name.as_str() && trusted.iter().any(|key| bytes.starts_with(&key_id(name, key)))
    };
    let other = |line: &str| {
        let (by, bytes) = signature(line).ok()?;
        (!is_trusted(by, &bytes)).then(|| by.to_owned())
    };
    signatures.lines().filter_map(other).collect()
}

/// Names of [`others`], as the end of a sentence for people. Empty where there are none.
pub(crate) fn not_checked(others: &[String]) -> String {
    if others.is_empty() {
        return String::new();
    }
    let others: Vec<String> = others.iter().map(|it| Shown::line(it).to_string()).collect();
    format!("; not checked: signatures of {}", others.join(", "))
}

/// The name and the bytes of a line with a signature.
fn signature(line: &str) -> Result<(&str, Vec<u8>), NoteError> {
    let parts = line.strip_prefix(MARK).and_then(|it| it.split_once(' '));
    let (name, base64) = parts.ok_or(NoteError::Form("a line below the text is no signature"))?;
    if name.parse::<Origin>().is_err() {
        return Err(NoteError::Form("a signature has no name"));
    }
    let bytes = STANDARD.decode(base64).map_err(|_| NoteError::Form("a signature is no base64"))?;
    Ok((name, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::key_of;

    /// The example of golang.org/x/mod/sumdb/note, where the format comes from.
    const EXAMPLE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\
        \n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const EXAMPLE_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    fn example_key() -> PublicKey {
        let base64 = EXAMPLE_KEY.rsplit('+').next().expect("a key");
        let bytes = STANDARD.decode(base64).expect("base64");
        PublicKey::new(bytes[1..].try_into().expect("32 bytes"))
    }

    fn name(text: &str) -> Origin {
        text.parse().expect("a name")
    }

    #[test]
    fn opens_the_example_of_others() {
        let text = open(EXAMPLE, &name("PeterNeumann"), &[example_key()]).expect("signed");
        assert!(text.ends_with("what your problem is.\n"), "{text}");
        assert_eq!(verifier_key(&name("PeterNeumann"), &example_key()), EXAMPLE_KEY);
    }

    #[test]
    fn opens_what_it_signs_and_nothing_else() {
        let (ours, key) = (name("example.com/log"), key_of(1));
        let note = sign("one\n\ntwo\n", &ours, &key);
        assert_eq!(open(&note, &ours, &[key_of(2).public(), key.public()]), Ok("one\n\ntwo\n"));
        let not_signed = Err(NoteError::NotSigned("example.com/log".to_owned()));
        assert_eq!(open(&note, &ours, &[key_of(2).public()]), not_signed);
        assert!(open(&note, &name("example.com/other"), &[key.public()]).is_err());
        let altered = Err(NoteError::Altered("example.com/log".to_owned()));
        assert_eq!(open(&note.replace("two", "six"), &ours, &[key.public()]), altered);
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let (ours, key) = (name("example.com/log"), key_of(1));
        let note = sign("one\n\ntwo\n", &ours, &key).into_bytes();
        for at in 0..note.len() {
            for bit in 0..8 {
                let mut altered = note.clone();
                altered[at] ^= 1 << bit;
                let opened =
                    std::str::from_utf8(&altered).is_ok_and(|it| open(it, &ours, &[key.public()]).is_ok());
                assert!(!opened, "byte {at}, bit {bit}: {}", String::from_utf8_lossy(&altered));
            }
        }
    }

    #[test]
    fn signatures_of_witnesses_are_passed_over() {
        let (ours, key) = (name("example.com/log"), key_of(1));
        let mut note = sign("one\n", &ours, &key);
        note.push_str(&format!("{MARK}witness.example {}\n", STANDARD.encode([7; 76])));
        // The same name and another key.
        note.push_str(&format!("{MARK}{ours} {}\n", STANDARD.encode([7; 68])));
        assert_eq!(open(&note, &ours, &[key.public()]), Ok("one\n"));
        assert_eq!(others(&note, &ours, &[key.public()]), ["witness.example", "example.com/log"]);
        assert_eq!(others(&sign("one\n", &ours, &key), &ours, &[key.public()]), [""; 0]);
        for _ in 0..SIGNATURES {
            note.push_str(&format!("{MARK}witness.example {}\n", STANDARD.encode([7; 76])));
        }
        assert!(matches!(open(&note, &ours, &[key.public()]), Err(NoteError::Form(_))));
    }

    #[test]
    fn refuses_what_is_no_note() {
        let (ours, key) = (name("example.com/log"), key_of(1));
        let note = sign("one\n", &ours, &key);
        let unnamed = note.replace("example.com/log", "");
        let windows = note.replace('\n', "\r\n");
        for text in ["", "\n\n", "one\n", "one\n\n", "one\n\ntwo\n", note.trim_end(), &unnamed, &windows] {
            assert!(matches!(open(text, &ours, &[key.public()]), Err(NoteError::Form(_))), "{text:?}");
        }
        let short = format!("one\n\n{MARK}{ours} AAA=\n");
        assert!(matches!(open(&short, &ours, &[key.public()]), Err(NoteError::Form(_))));
        let long = format!("{}\n{note}", "a".repeat(NOTE_BYTES));
        assert!(matches!(open(&long, &ours, &[key.public()]), Err(NoteError::Form(_))));
    }
}
