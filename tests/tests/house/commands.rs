//! What the library says must fit any program around it: flags, commands and environment variables are the command
//! line's, which makes them of `Remedy` values.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::names::Imported;
use crate::sources::Crate;

/// The packages that programs embed.
pub(crate) const LIBRARY: [&str; 10] = [
    "host",
    "host/conformance",
    "host/driver",
    "host/inventory",
    "host/records",
    "host/registry",
    "host/render",
    "host/rows",
    "host/secrets",
    "host/state",
];
/// What to do about a text.
pub(crate) const NEXT: &str = "next: say what is wrong without it, return a `Remedy`, and make the flag or command of \
                               it in host/cli/src/remedy.rs. What the environment says is an argument.";

/// Texts that may stay: the file, a part of the text, and why.
pub(crate) const ALLOWED: [(&str, &str, &str); 7] = [
    (
        "host/src/plugin/error.rs",
        "note: run with `RUST_BACKTRACE",
        "how a line begins that plugins in Rust write, so that it can be left out",
    ),
    (
        "host/src/http/certificate_file.rs",
        "SSL_CERT_FILE",
        "the variable that the TLS library reads by itself: what is wrong with the file that it names",
    ),
    ("host/src/http/certificate_file.rs", "env::var_os", "the same variable"),
    (
        "host/src/http/proxy.rs",
        "_PROXY",
        "the variables that the HTTP client reads by itself: one that is empty hides another from it",
    ),
    ("host/src/http/proxy.rs", "REQUEST_METHOD", "with it, the HTTP client reads none of them"),
    ("host/src/http/proxy.rs", "env::var", "the same variables"),
    ("host/secrets/src/env.rs", "env::var", "secrets may be kept in environment variables: `env:NAME`"),
];

/// A text of the library that it should not have.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) file: PathBuf,
    /// The literal, or the path in code.
    text: String,
    what: &'static str,
}

/// What of this kind is in a crate, tests left out.
pub(crate) fn named(root: &Path) -> Result<Vec<Named>> {
    let crate_ = Crate::read(root)?;
    let mut found = Vec::new();
    for id in crate_.ids() {
        let module = crate_.module(id);
        let mut add = |what, text: String| found.push(Named { file: module.file.clone(), text, what });
        for text in &module.names.texts {
            let text = joined(text);
            if let Some(what) = fault(&text) {
                add(what, text);
            }
        }
        let imported = module.names.imports.iter().filter(|it| it.what != Imported::All).map(|it| &it.path);
        for path in module.names.used.iter().chain(imported) {
            if let [.., module, name] = path.as_slice()
                && module == "env"
                && matches!(name.as_str(), "var" | "var_os" | "vars" | "vars_os")
            {
                add("reads the environment", path.join("::"));
            }
        }
    }
    Ok(found)
}

/// The texts in words, without those that may stay. What may stay and is not there is listed, too. Empty where all is
/// well.
pub(crate) fn report(found: &[Named], allowed: &[(&str, &str, &str)]) -> String {
    let mut report = String::new();
    let is = |it: &Named, (file, part, _): &(&str, &str, &str)| {
        it.file == Path::new(file) && it.text.contains(part)
    };
    for it in found.iter().filter(|it| !allowed.iter().any(|entry| is(it, entry))) {
        let _ = writeln!(report, "{} {}: {}", it.file.display(), it.what, it.text);
    }
    for entry in allowed.iter().filter(|entry| !found.iter().any(|it| is(it, entry))) {
        let _ = writeln!(report, "{} no longer has what may stay there: {}", entry.0, entry.1);
    }
    report
}

/// A literal as it is said: a line that ends with a backslash continues in the next one.
fn joined(text: &str) -> String {
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |joined, line| joined + line.trim_start())
}

/// What is wrong with a literal.
fn fault(text: &str) -> Option<&'static str> {
    let text = without_placeholders(text);
    if places(&text, "--")
        .any(|(before, after)| !is_of_word(before) && after.is_some_and(|it| it.is_ascii_lowercase()))
    {
        return Some("names a flag");
    }
    let names_command = text.match_indices("exhibit").any(|(at, word)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + word.len()..].chars();
        !is_of_word(before)
            && match after.next() {
                Some(' ') => after.next().is_some_and(|it| it.is_ascii_lowercase()),
                Some('`') => before == Some('`'),
                _ => false,
            }
    });
    if names_command {
        return Some("names a command");
    }
    let mut words = text.split(|it: char| !(it.is_ascii_alphanumeric() || it == '_'));
    words.any(is_variable).then_some("names an environment variable")
}

/// What stands before and after each place of a text.
fn places<'a>(text: &'a str, part: &'a str) -> impl Iterator<Item = (Option<char>, Option<char>)> + 'a {
    text.match_indices(part)
        .map(|(at, part)| (text[..at].chars().next_back(), text[at + part.len()..].chars().next()))
}

/// Whether a word, a path or a rule of dashes continues over it.
fn is_of_word(it: Option<char>) -> bool {
    it.is_some_and(|it| it.is_alphanumeric() || "-_/.".contains(it))
}

fn is_variable(word: &str) -> bool {
    let is_upper = |it: char| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_';
    let has_parts = word.trim_matches('_').contains('_');
    word.starts_with(|it: char| it.is_ascii_uppercase())
        && word.chars().all(is_upper)
        && (has_parts || word == "HOME")
}

/// Constants of the code stand in braces.
fn without_placeholders(text: &str) -> String {
    let mut left = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        left.push_str(before);
        left.push('{');
        rest = after.find(['}', '{', '"']).map_or(after, |end| &after[end..]);
    }
    left + rest
}
