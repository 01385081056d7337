//! Values that must not be kept, in what a source answers.

use exhibit_blank::Blanker;

/// Any answer: the first byte is the size of the pieces that it comes in, which makes no difference. What was blanked once is left
/// as it is the second time, and without names nothing is.
pub fn blank(bytes: &[u8]) {
    let [size, body @ ..] = bytes else { return };
    let names = ["LOGIN_PASSWORD", "externalId", "arn"].map(str::to_owned);
    let whole = blanked(&names, body, usize::MAX);
    let pieces = blanked(&names, body, usize::from(*size).max(1));
    assert_eq!(whole, pieces);
    assert_eq!(blanked(&names, &whole.0, usize::MAX).0, whole.0);
    if whole.1 == 0 {
        assert_eq!(whole.0, body);
    }
    assert_eq!(blanked(&[], body, 7).0, body);
}

fn blanked(names: &[String], body: &[u8], size: usize) -> (Vec<u8>, u64) {
    let (mut blanker, mut kept) = (Blanker::new(names), Vec::new());
    for piece in body.chunks(size) {
        blanker.pass(piece, &mut kept);
    }
    blanker.end(&mut kept);
    (kept, blanker.total())
}
