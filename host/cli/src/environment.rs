//! The one place of the command line that reads environment variables. Everything else
//! is given their values.

use std::env;
use std::path::{Path, PathBuf};

use exhibit::store::ObjectStoreOptions;
use exhibit_rows::text::with_hidden;
use exhibit_secrets::Backends;

/// What the program is called.
const NAME: &str = "exhibit";

/// What the environment says to this program. Secrets are read where they are used, and
/// the variables of proxies and certificates by the HTTP client.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    /// `NO_COLOR`, or a terminal that has none.
    pub(super) no_colour: bool,
    /// Where compiled plugins are kept.
    pub(super) cache: Option<PathBuf>,
    /// Where it is remembered which plugins are used.
    pub(super) trusted: Option<PathBuf>,
    /// Where it is remembered what operations have sent.
    pub(super) operations: Option<PathBuf>,
    /// Where the state database is, where no call names another.
    pub(super) state: Option<PathBuf>,
    /// Who uses this machine now: the name that changes are kept under.
    pub(super) person: Option<String>,
    /// What a shell must be given to run this very program.
    pub(super) program: String,
    /// How object stores are reached, and as whom: the variables that their own tools read.
    pub(super) object_stores: ObjectStoreOptions,
    /// What reads secrets from where they are kept.
    pub(super) backends: Backends,
}

impl Environment {
    pub(super) fn read() -> Self {
        let set = |name| env::var_os(name).filter(|it| !it.is_empty());
        let folder = |name| set(name).map(PathBuf::from).filter(|it| it.is_absolute());
        let cache = folder("XDG_CACHE_HOME")
            .or_else(|| folder("LOCALAPPDATA"))
            .or_else(|| folder("HOME").map(|it| it.join(".cache")));
        let state = folder("XDG_STATE_HOME")
            .or_else(|| folder("LOCALAPPDATA"))
            .or_else(|| folder("HOME").map(|it| it.join(".local").join("state")));
        Self {
            no_colour: set("NO_COLOR").is_some() || set("TERM").is_some_and(|it| it == "dumb"),
            cache: cache.map(|it| it.join("exhibit").join("plugins")),
            trusted: state.as_ref().map(|it| it.join("exhibit").join("plugins.json")),
            operations: state.as_ref().map(|it| it.join("exhibit").join("operations")),
            state: state.map(|it| it.join("exhibit").join("state.sqlite")),
            person: ["LOGNAME", "USER", "USERNAME"]
                .into_iter()
                .find_map(set)
                .and_then(|it| it.into_string().ok()),
            program: program(),
            object_stores: object_stores(),
            backends: Backends::default(),
        }
    }
}

/// What the names of object stores' variables begin with.
const OBJECT_STORES: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];

/// The variables that object stores' own tools read, their names in lower case.
fn object_stores() -> ObjectStoreOptions {
    let variables = env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|it| OBJECT_STORES.iter().any(|of| it.starts_with(of)))?;
        Some((name.to_ascii_lowercase(), value.into_string().ok()?))
    });
    ObjectStoreOptions::new(variables.collect())
}

/// Its name where that is enough, else its path, from the current folder where it is below that.
fn program() -> String {
    let Ok(path) = env::current_exe() else { return NAME.to_owned() };
    let file = format!("{NAME}{}", env::consts::EXE_SUFFIX);
    let found = env::var_os("PATH")
        .and_then(|it| env::split_paths(&it).map(|folder| folder.join(&file)).find(|it| it.is_file()));
    if found.and_then(|it| it.canonicalize().ok()).is_some_and(|it| Some(it) == path.canonicalize().ok()) {
        return NAME.to_owned();
    }
    let below = env::current_dir().ok().and_then(|here| path.strip_prefix(here).map(Path::to_owned).ok());
    quoted(below.filter(|it| it.components().nth(1).is_some()).as_ref().unwrap_or(&path))
}

/// The path as a shell takes it for one word.
pub(super) fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |char: char| char.is_alphanumeric() || "/._-+,:@%".contains(char);
    if !path.is_empty() && path.chars().all(plain) {
        path
    } else if !with_hidden(&path).any(|it| it.1) {
        format!("'{}'", path.replace('\'', r"'\''"))
    } else {
        // What acts on a terminal, in the way of bash, ksh and zsh: the word can be pasted, and does nothing there.
        let mut word = String::from("$'");
        for (char, hidden) in with_hidden(&path) {
            match char {
                _ if hidden => word.push_str(&format!(r"\U{:08x}", u32::from(char))),
                '\'' | '\\' => word.extend(['\\', char]),
                _ => word.push(char),
            }
        }
        word + "'"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_one_word_to_a_shell() {
        let words = ["out/assets", "my proofs", "it's", "$HOME", ""].map(|it| quoted(Path::new(it)));
        assert_eq!(words, ["out/assets", "'my proofs'", r"'it'\''s'", "'$HOME'", "''"]);
        let acts = quoted(Path::new("a\u{1b}[31m\nit's \\"));
        assert_eq!(acts, r"$'a\U0000001b[31m\U0000000ait\'s \\'");
    }
}
