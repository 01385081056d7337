//! Files that programs of a desktop leave in folders that they show or pack, and that mean nothing.

/// Names of such files and folders, in lower case, and what makes them.
const LEFT: [(&str, &str); 18] = [
    (".ds_store", MACOS),
    ("__macosx", MACOS),
    (".spotlight-v100", MACOS),
    (".trashes", MACOS),
    (".fseventsd", MACOS),
    (".temporaryitems", MACOS),
    (".appledouble", MACOS),
    (".localized", MACOS),
    (".apdisk", MACOS),
    ("icon\r", MACOS),
    ("desktop.ini", WINDOWS),
    ("thumbs.db", WINDOWS),
    ("ehthumbs.db", WINDOWS),
    ("ehthumbs_vista.db", WINDOWS),
    ("$recycle.bin", WINDOWS),
    ("system volume information", WINDOWS),
    (".directory", "KDE"),
    ("@eadir", "a Synology NAS"),
];
const MACOS: &str = "macOS";
const WINDOWS: &str = "Windows";
/// How the names begin of files beside others, with what macOS knows of them and other file systems have no place for.
const BESIDE: &str = "._";

/// What leaves files of this name in folders. `path` has slashes between names; its last one counts, and each folder
/// that it is in. `None` where no program is known for it.
pub(crate) fn leaves(path: &str) -> Option<&'static str> {
    path.split('/').find_map(|name| {
        if name.len() > BESIDE.len() && name.starts_with(BESIDE) {
            return Some(MACOS);
        }
        let name = name.to_lowercase();
        LEFT.iter().find(|it| it.0 == name).map(|it| it.1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_desktops_leave_is_known_in_any_folder() {
        for (path, program) in [
            (".DS_Store", MACOS),
            ("answers/.DS_Store", MACOS),
            ("__MACOSX", MACOS),
            ("__MACOSX/evidence/._proof.json", MACOS),
            ("._proof.json", MACOS),
            ("Desktop.ini", WINDOWS),
            ("Thumbs.db", WINDOWS),
            ("tests/0001/.directory", "KDE"),
        ] {
            assert_eq!(leaves(path), Some(program), "{path}");
        }
        for path in ["more.txt", "proof.json", "DS_Store", "._", "answers/000001.zst", ""] {
            assert_eq!(leaves(path), None, "{path}");
        }
    }
}
