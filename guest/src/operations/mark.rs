//! What the titles of scans carry, so that exactly the scan of an operation is found.

/// The longest id of an operation that a title carries as it is.
const MAX_ID_CHARS: usize = 16;
const MARK: &str = "[exhibit ";

/// What a title ends in.
pub(super) fn of(id: &str) -> String {
    let is_plain = |it: &char| it.is_ascii_alphanumeric() || *it == '-';
    if id.len() <= MAX_ID_CHARS && id.chars().all(|it| is_plain(&it)) {
        return format!("{MARK}{id}]");
    }
    // The beginning is for people, the digest is for ids that begin alike.
    let begin: String = id.chars().filter(is_plain).take(MAX_ID_CHARS / 2).collect();
    format!("{MARK}{begin}-{:016x}]", digest(id))
}

/// A title as a person chose it.
pub(super) fn without(title: &str) -> &str {
    match title.rsplit_once(MARK) {
        Some((before, rest)) if rest.ends_with(']') => before.trim_end(),
        _ => title,
    }
}

/// FNV-1a: it tells ids apart, which is all that is needed.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_carries_the_id_of_its_operation() {
        assert_eq!(of("7f3a-21"), "[exhibit 7f3a-21]");
        assert_eq!(of("a long id, with spaces"), of("a long id, with spaces"));
        assert_ne!(of("an id of more than 16, a"), of("an id of more than 16, b"));
        assert_eq!(of("0123456789abcdef0"), "[exhibit 01234567-353d49cf45a687d7]");
        assert_eq!(without(&format!("Weekly {}", of("1"))), "Weekly");
        assert_eq!(without("Weekly [exhibit"), "Weekly [exhibit");
    }
}
