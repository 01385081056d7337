//! A regular expression, with what it said of texts that come again.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use regex_lite::Regex;

/// Texts that are remembered: most columns hold few, such as tags, systems and states, and a look at
/// these costs a fraction of the expression's.
const SLOTS: usize = 64;
/// Longer texts seldom come twice. With the most conditions there may be, all that is remembered takes a
/// small part of the memory.
const MAX_BYTES: usize = 64;

/// An expression to hold texts against.
#[derive(Debug)]
pub(super) struct Expression {
    regex: Regex,
    /// Each text where its hash says, the last one of those. Empty until the first.
    said: RefCell<Vec<Option<Said>>>,
}

/// What it said of a text.
#[derive(Debug, Clone)]
struct Said {
    text: Box<str>,
    is_match: bool,
}

impl Expression {
    pub(super) fn new(regex: Regex) -> Self {
        Self { regex, said: RefCell::default() }
    }

    /// Whether any part of the text matches.
    pub(super) fn is_match(&self, text: &str) -> bool {
        if text.len() > MAX_BYTES {
            return self.regex.is_match(text);
        }
        let mut said = self.said.borrow_mut();
        if said.is_empty() {
            said.resize(SLOTS, None);
        }
        let slot = &mut said[slot(text)];
        if let Some(said) = slot
            && *said.text == *text
        {
            return said.is_match;
        }
        let is_match = self.regex.is_match(text);
        *slot = Some(Said { text: text.into(), is_match });
        is_match
    }
}

fn slot(text: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    // The remainder is below SLOTS, so it fits.
    (hasher.finish() % SLOTS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_the_same_again() {
        let expression = Expression::new(Regex::new("^a[0-9]*$").expect("an expression"));
        let long = "a".to_owned() + &"1".repeat(MAX_BYTES);
        // More texts than slots, so that they take each other's places.
        let mut texts: Vec<String> =
            (0..4 * SLOTS).flat_map(|it| [format!("a{it}"), format!("b{it}")]).collect();
        texts.push(long);
        for _ in 0..2 {
            for text in &texts {
                assert_eq!(expression.is_match(text), text.starts_with('a'), "{text}");
                assert_eq!(expression.is_match(text), text.starts_with('a'), "{text}, again");
            }
        }
    }
}
