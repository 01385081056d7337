//! Versions of the contract and the lines that they form. `wit/README.md` has the rule.

use semver::Version;

/// The version of the contract that this host has as its own: that of `wit/`.
pub const CONTRACT: &str = "0.2.0";

/// Whether a plugin built against this version is of the same line as the other version. Within a line,
/// what is there stays as it is, so it does not matter which of the two is newer.
pub(super) fn is_of_line(found: &str, other: &str) -> bool {
    match (Version::parse(found), Version::parse(other)) {
        (Ok(found), Ok(other)) => line(&found) == line(&other),
        _ => false,
    }
}

/// The name of the line that a version belongs to: `0.1` of `0.1.3`, and `2` of `2.1.3`. Drafts are of no
/// line but their own.
pub(super) fn line_of(version: &str) -> String {
    Version::parse(version).map_or_else(|_| version.to_owned(), |it| line(&it))
}

/// Whether one version comes after another; not, where one of them is no version.
pub(super) fn is_newer(one: &str, other: &str) -> bool {
    match (Version::parse(one), Version::parse(other)) {
        (Ok(one), Ok(other)) => one > other,
        _ => false,
    }
}

/// The newest of these versions.
pub(super) fn newest<'a>(versions: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    versions.max_by_key(|it| Version::parse(it).ok())
}

/// Up to the first number that is not zero.
fn line(version: &Version) -> String {
    match version {
        _ if !version.pre.is_empty() => version.to_string(),
        Version { major: 0, minor: 0, patch, .. } => format!("0.0.{patch}"),
        Version { major: 0, minor, .. } => format!("0.{minor}"),
        Version { major, .. } => major.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_run_as_a_whole() {
        let versions = ["0.1.0", "0.1.7", "0.1.0-draft", "0.0.9", "0.2.0", "1.1.0", "0.1", "one"];
        let run = versions.map(|it| is_of_line(it, "0.1.3"));
        assert_eq!(run, [true, true, false, false, false, false, false, false]);
    }

    #[test]
    fn a_draft_is_of_no_line_but_its_own() {
        let versions = ["0.2.0-draft", "0.2.0-draft.2", "0.2.0"];
        assert_eq!(versions.map(|it| is_of_line(it, "0.2.0-draft")), [true, false, false]);
    }

    #[test]
    fn lines_have_names() {
        let versions = ["0.0.9", "0.1.3", "0.10.0", "2.1.3", "0.2.0-draft", "one"];
        assert_eq!(versions.map(line_of), ["0.0.9", "0.1", "0.10", "2", "0.2.0-draft", "one"]);
    }

    #[test]
    fn tells_an_older_version_from_a_newer_one() {
        for (found, newer) in [("0.0.9", false), ("0.1.0-draft", false), ("0.2.0", true), ("0.10.0", true)] {
            assert_eq!(is_newer(found, "0.1.0"), newer, "{found}");
        }
        assert_eq!(newest(["0.2.0", "one", "0.10.0", "0.9.0"].into_iter()), Some("0.10.0"));
    }
}
