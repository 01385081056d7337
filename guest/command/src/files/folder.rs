//! Paths below the folders that the runtime gives to this component.

/// The part of the path below a folder that the component sees by this name; `None` where it is elsewhere.
pub(super) fn within<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let folder = folder.strip_prefix("./").unwrap_or(folder).trim_end_matches('/');
    if folder.is_empty() && path.starts_with('/') {
        return Some(path.trim_start_matches('/'));
    }
    if folder == "." {
        return (!path.starts_with('/')).then_some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_lies_in_the_folder_that_is_seen() {
        assert_eq!(within("users/rows.ndjson", "users"), Some("rows.ndjson"));
        assert_eq!(within("./users/rows.ndjson", "users/"), Some("rows.ndjson"));
        assert_eq!(within("users/rows.ndjson", "."), Some("users/rows.ndjson"));
        assert_eq!(within("/run/secrets/api", "/run/secrets"), Some("api"));
        assert_eq!(within("/run/secrets/api", "/"), Some("run/secrets/api"));
        assert_eq!(within("/run/secrets/api", "."), None);
        assert_eq!(within("users-2/rows.ndjson", "users"), None);
        assert_eq!(within("users", "users"), None);
    }
}
