//! A store's log: checkpoints, proofs of inclusion, and tiles.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit::fuzzing;
use exhibit::log::{Checkpoint, Inclusion, Origin};
use exhibit::signing::PublicKey;
use exhibit_records::Digest;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

const NAME: &str = "example.com/evidence";
/// The key of the log in the fixtures, so that its own checkpoints are opened, too.
const FIXTURE: &str = include_str!("../../fixtures/evidence/format-4/key.pem.pub");

/// A log whose checkpoints can be signed here, and who may sign them.
struct Log {
    origin: Origin,
    pair: Ed25519KeyPair,
    trusted: [PublicKey; 2],
}

static LOG: LazyLock<Log> = LazyLock::new(|| {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("32 bytes");
    let public = PublicKey::new(pair.public_key().as_ref().try_into().expect("32 bytes"));
    let fixture = PublicKey::from_pem(FIXTURE).expect("a key");
    Log { origin: NAME.parse().expect("a name"), pair, trusted: [public, fixture] }
});

impl Log {
    fn open(&self, note: &str) -> Option<Checkpoint> {
        Checkpoint::open(note, &self.origin, &self.trusted).ok()
    }

    /// This text as a signed note.
    fn signed(&self, text: &str) -> String {
        let public = self.trusted[0].as_bytes();
        let named = [NAME.as_bytes(), b"\n\x01", public].concat();
        let digest = Digest::of(&named);
        let hint = &digest.as_bytes()[..4];
        let signature = self.pair.sign(text.as_bytes());
        format!("{text}\n— {NAME} {}\n", STANDARD.encode([hint, signature.as_ref()].concat()))
    }
}

/// A checkpoint: as it stands, and as a text that the log's own key has signed.
pub fn checkpoint(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(origin) = text.parse::<Origin>() {
        assert_eq!(origin.as_str(), text);
    }
    LOG.open(text);
    let Some(opened) = LOG.open(&LOG.signed(text)) else { return };
    let written = format!("{}\n{}\n{}\n", opened.origin, opened.size, opened.root);
    assert_eq!(LOG.open(&LOG.signed(&written)), Some(opened));
}

/// A proof that an entry is in the log.
pub fn inclusion(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(proof) = Inclusion::parse(text) else {
        assert!(Inclusion::parse_exact(text).is_err());
        return;
    };
    let written = proof.to_text();
    assert_eq!(Inclusion::parse_exact(&written).expect("it was written"), proof);
    assert_eq!(Inclusion::parse_exact(text).is_ok(), written == text);
    drop(proof.origin());
    assert!(proof.verify(b"an entry that no log has", &LOG.origin, &LOG.trusted).is_err());
    // The same proof under a checkpoint that is believed: the path is walked then.
    if let Some((head, _)) = text.split_once("\n\n") {
        let root = STANDARD.encode([0; 32]);
        let checkpoint = LOG.signed(&format!("{NAME}\n{}\n{root}\n", u64::MAX >> 16));
        if let Ok(proof) = Inclusion::parse(&format!("{head}\n\n{checkpoint}")) {
            assert!(proof.verify(b"an entry", &LOG.origin, &LOG.trusted).is_err());
        }
    }
}

/// Hashes and entries as the log's files have them.
pub fn tiles(bytes: &[u8]) {
    fuzzing::tile(bytes);
}
