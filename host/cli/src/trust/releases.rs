//! Components of the built-in plugin that were given out.

use exhibit_records::Digest;

/// One a line: the digest, and the version. A line that begins with `#` is a comment.
const RELEASES: &str = include_str!("../../releases.txt");

/// Their digests.
pub(super) fn digests() -> Vec<Digest> {
    read(RELEASES).into_iter().flatten().collect()
}

/// What each line names. `None` for one that names nothing.
fn read(text: &str) -> Vec<Option<Digest>> {
    let lines = text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#'));
    lines.map(|it| it.split_whitespace().next()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_names_a_component() {
        assert!(read(RELEASES).iter().all(Option::is_some), "{RELEASES}");
        let digest = Digest::of(b"1.0.0");
        assert_eq!(read(&format!("# given out\n{digest} 1.0.0\n\nsha256:no 2\n")), [Some(digest), None]);
    }
}
