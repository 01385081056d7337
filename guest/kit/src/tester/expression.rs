//! A regular expression that caches its results for texts that repeat.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use regex_lite::Regex;

/// Cached texts: most columns hold few different ones, such as tags, systems and states, and a look-up
/// costs a fraction of the expression.
const SLOTS: usize = 64;
/// Longer texts seldom repeat. Even with the most conditions, the caches take a small part of the memory.
const MAX_BYTES: usize = 64;

/// A compiled expression and its cache.
#[derive(Debug)]
pub(super) struct Expression {
    regex: Regex,
    /// The latest text of each hash. Empty before the first text.
    cache: RefCell<Vec<Option<Cached>>>,
}

/// The result for a text.
#[derive(Debug, Clone)]
struct Cached {
    text: Box<str>,
    is_match: bool,
}

impl Expression {
    pub(super) fn new(regex: Regex) -> Self {
        Self { regex, cache: RefCell::default() }
    }

    /// Whether any part of the text matches.
    pub(super) fn is_match(&self, text: &str) -> bool {
        if text.len() > MAX_BYTES {
            return self.regex.is_match(text);
        }
        let mut cache = self.cache.borrow_mut();
        if cache.is_empty() {
            cache.resize(SLOTS, None);
        }
        let slot = &mut cache[slot(text)];
        if let Some(cache) = slot
            && *cache.text == *text
        {
            return cache.is_match;
        }
        let is_match = self.regex.is_match(text);
        *slot = Some(Cached { text: text.into(), is_match });
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
    /// How many texts it remembers after these.
    fn remembered(texts: impl IntoIterator<Item = String>) -> usize {
        let expression = Expression::new(Regex::new("a").expect("an expression"));
        for text in texts {
            expression.is_match(&text);
        }
        expression.cache.borrow().iter().flatten().count()
    }

    #[test]
    fn remembers_short_texts_up_to_a_bound() {
        assert_eq!(remembered(["a".repeat(MAX_BYTES)]), 1);
        assert_eq!(remembered(["a".repeat(MAX_BYTES + 1)]), 0, "it would take too much memory");
        let texts = |count: usize| (0..count).map(|it| format!("text {it}"));
        // A few of few texts share a place; many texts take every place, and no more.
        assert!(remembered(texts(8)) > 4);
        assert_eq!(remembered(texts(SLOTS * 20)), SLOTS);
    }
}
