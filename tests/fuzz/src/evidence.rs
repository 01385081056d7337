//! Files of evidence: bundles, rows, encoded bodies, and components.

use exhibit::fuzzing;
use exhibit_rows::Kind;
use exhibit_rows::ndjson::Encoder;
use exhibit_rows::read::{Row, Rows};

/// What a body that is encoded for the way may make of a piece of 4 KiB: deflate grows by a factor of 1032 at most.
const MOST_AT_ONCE: usize = 8 << 20;
/// In the order of the number that chooses one.
const CODINGS: [&str; 6] = ["gzip", "deflate", "x-gzip", "identity", "gzip, gzip", "br"];

/// A bundle: what can be unpacked is packed as the same bytes, so that no byte can be altered unnoticed.
pub fn bundle(bytes: &[u8]) {
    if let Ok(files) = fuzzing::unpack(bytes) {
        assert_eq!(fuzzing::pack(&files).expect("the same names"), bytes);
    }
}

/// A component, before the compiler sees it.
pub fn component(bytes: &[u8]) {
    fuzzing::component(bytes);
}

/// An encoded body: the first byte chooses the coding, the second the size of the pieces that it comes in, which makes
/// no difference.
pub fn coding(bytes: &[u8]) {
    let [coding, size, body @ ..] = bytes else { return };
    let coding = CODINGS[usize::from(*coding) % CODINGS.len()];
    let decode = |size: usize| fuzzing::decode(coding, body.chunks(size), MOST_AT_ONCE);
    let (whole, pieces) = (decode(usize::MAX), decode(usize::from(*size).max(1)));
    assert_eq!(whole.is_ok(), pieces.is_ok(), "{whole:?} {pieces:?}");
    if let (Ok(whole), Ok(pieces)) = (whole, pieces) {
        assert_eq!(whole, pieces);
    }
}

/// The rows of a proof, one field of each kind: what was read is written, and read as the same.
pub fn rows(bytes: &[u8]) {
    let names = Kind::ALL.map(Kind::name);
    let read = |lines: &[u8]| -> (Vec<Row>, bool) {
        let fields = Kind::ALL.iter().map(|it| (it.name().to_owned(), *it)).collect();
        let (mut rows, mut is_whole) = (Vec::new(), true);
        for row in Rows::new(lines, fields) {
            match row {
                Ok(row) => rows.push(row),
                Err(_) => is_whole = false,
            }
        }
        (rows, is_whole)
    };
    let (rows, _) = read(bytes);
    let encoder = Encoder::new(names);
    let mut written = Vec::new();
    for row in &rows {
        encoder.row(row.iter().map(exhibit_rows::Value::cell), &mut written).expect("it was read");
    }
    assert_eq!(read(&written), (rows, true));
}
