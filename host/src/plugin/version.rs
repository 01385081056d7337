//! Which versions of the contract this host speaks. `wit/README.md` has the rule.

use exhibit_rows::Shown;
use semver::Version;

use super::error::LoadError;

/// The version of the contract that this host speaks.
pub const CONTRACT: &str = "0.1.0";

/// Whether a plugin built against this version may be loaded. Within a line, what is there stays as it
/// is, so it does not matter which of the two is newer.
pub(super) fn is_spoken(found: &str) -> bool {
    match (Version::parse(found), Version::parse(CONTRACT)) {
        (Ok(found), Ok(own)) => {
            let drafts = !found.pre.is_empty() || !own.pre.is_empty();
            if drafts { found == own } else { line(&found) == line(&own) }
        }
        _ => false,
    }
}

/// The line that a version belongs to: `0.1` of `0.1.3`, and `2` of `2.1.3`.
fn line(version: &Version) -> (u64, Option<u64>) {
    (version.major, (version.major == 0).then_some(version.minor))
}

/// The error for a plugin that was built against this version, which is not spoken.
pub(super) fn other(found: &str) -> LoadError {
    let newer = match (Version::parse(found), Version::parse(CONTRACT)) {
        (Ok(found), Ok(own)) => found > own,
        _ => false,
    };
    let found = Shown::line(found).to_string();
    if newer {
        LoadError::TooNew { found, speaks: CONTRACT }
    } else {
        LoadError::TooOld { found, speaks: CONTRACT }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_spoken_as_a_whole() {
        let versions = ["0.1.0", "0.1.7", "0.1.0-draft", "0.0.9", "0.2.0", "1.1.0", "0.1", "one"];
        let spoken = versions.map(is_spoken);
        assert_eq!(spoken, [true, true, false, false, false, false, false, false]);
    }

    #[test]
    fn tells_an_older_contract_from_a_newer_one() {
        for (found, newer) in [("0.0.9", false), ("0.1.0-draft", false), ("0.2.0", true), ("0.10.0", true)] {
            assert_eq!(matches!(other(found), LoadError::TooNew { .. }), newer, "{found}");
        }
    }
}
