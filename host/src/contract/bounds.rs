//! How long the texts may be that plugins and people name and explain things with, and
//! what may be in them.

use exhibit_blank::{NameError, check_names};
use exhibit_rows::Shown;
use exhibit_rows::text::is_invisible;

/// A name that configuration and the command line use.
pub(crate) const NAME_BYTES: usize = 64;
/// A heading, a version, an address.
pub(crate) const LABEL_BYTES: usize = 256;
/// A sentence or two, or a paragraph.
pub(crate) const HELP_BYTES: usize = 4 << 10;
/// Settings, secrets, auths, proof types, operations or tests: a person looks through them.
pub(crate) const ENTRIES: usize = 200;

/// Says what is wrong with a name, where something is.
pub(crate) fn name(text: &str) -> Result<(), String> {
    let fits = !text.is_empty()
        && text.len() <= NAME_BYTES
        && text.bytes().all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if fits {
        return Ok(());
    }
    Err(format!("`{}` is no name; it should have a to z, 0 to 9 and - only", Shown::line(text)))
}

/// Says what is wrong with a text on one line, of so many bytes at most.
pub(crate) fn line(text: &str, limit: usize) -> Result<(), String> {
    if text.len() > limit {
        return Err(format!("a text has {} bytes; at most {limit} are allowed", text.len()));
    }
    if text.chars().any(is_invisible) {
        return Err("a text has a control character or one that cannot be seen".to_owned());
    }
    Ok(())
}

/// Says what is wrong with a text of some lines.
pub(crate) fn help(text: &str) -> Result<(), String> {
    text.split('\n').try_for_each(|it| line(it, HELP_BYTES))?;
    if text.len() > HELP_BYTES { line(text, HELP_BYTES) } else { Ok(()) }
}

/// Says what is wrong with names whose values are blanked.
pub(crate) fn blanked(names: &[String]) -> Result<(), String> {
    check_names(names).map_err(|error| match &error {
        NameError::NotAName(name) => {
            format!("`{}` cannot be blanked: it is no name of an element or a member", Shown::line(name))
        }
        NameError::Twice(name) => format!("`{name}` is there twice among what is blanked"),
        other => format!("of the names that are blanked, {other}"),
    })
}
