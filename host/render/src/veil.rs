//! Texts about a proof that are no cells, and yet may name persons: notes, what it was narrowed down to,
//! records that became no row, what tests say of themselves.
//!
//! What is hidden in them: every personal value that is in the rows, wherever it is a word of its own;
//! and, but for the texts of tests, which people write to be read, words that look like an account or an
//! address.

use std::borrow::Cow;
use std::collections::BTreeSet;

use exhibit_rows::Value;
use serde_json::Value as Json;

use super::entries;
use super::error::RenderError;
use super::persons::Persons;
use super::subject::Subject;

/// Shorter values are in too many words to mean anything.
const SHORTEST: usize = 2;
/// From here on, scripts have no blanks between words.
const UNSPACED: char = '\u{2E80}';

/// The evidence, without what its texts say of persons. The rows are not looked at here, but through
/// [`entries`].
pub(super) fn veiled<'a>(subject: &'a Subject, persons: &Persons) -> Result<Cow<'a, Subject>, RenderError> {
    if !persons.are_hidden() {
        return Ok(Cow::Borrowed(subject));
    }
    let mut veiled = subject.clone();
    let mut all = String::new();
    texts(&mut veiled, |text, _| {
        all.push_str(text);
        all.push('\n');
    });
    let found = found(subject, &Folded::of(&all))?;
    let veil = Veil { persons, found };
    texts(&mut veiled, |text, accounts| *text = veil.over(text, accounts));
    // What is wrong with a record may quote any of it.
    veiled.proof.rejections.first.clear();
    let personal: Vec<&str> =
        subject.fields().iter().filter(|it| it.personal).map(|it| it.name.as_str()).collect();
    for criterion in veiled.proof.job.criteria.iter_mut().filter(|it| personal.contains(&it.name.as_str())) {
        strings(&mut criterion.value, &mut |text| *text = veil.persons.text(text));
    }
    Ok(Cow::Owned(veiled))
}

/// Calls for each text, and whether accounts are to be looked for in it.
fn texts(subject: &mut Subject, mut each: impl FnMut(&mut String, bool)) {
    let personal: Vec<String> =
        subject.fields().iter().filter(|it| it.personal).map(|it| it.name.clone()).collect();
    let proof = &mut subject.proof;
    for note in proof.notes.iter_mut().chain(&mut proof.host_notes) {
        each(note, true);
    }
    for argument in proof.job.criteria.iter_mut().chain(&mut proof.job.settings) {
        // Those are hidden whole.
        if !personal.contains(&argument.name) {
            strings(&mut argument.value, &mut |text| each(text, true));
        }
    }
    for test in subject.run.iter_mut().flat_map(|it| &mut it.run.tests) {
        for text in [&mut test.label, &mut test.why, &mut test.message] {
            each(text, false);
        }
    }
}

fn strings(value: &mut Json, each: &mut impl FnMut(&mut String)) {
    match value {
        Json::String(text) => each(text),
        Json::Array(all) => all.iter_mut().for_each(|it| strings(it, each)),
        _ => {}
    }
}

/// The personal values of the rows that are in the text, folded.
fn found(subject: &Subject, text: &Folded) -> Result<BTreeSet<String>, RenderError> {
    let personal: Vec<&str> =
        subject.fields().iter().filter(|it| it.personal).map(|it| it.name.as_str()).collect();
    let mut found = BTreeSet::new();
    if personal.is_empty() || text.folded.is_empty() {
        return Ok(found);
    }
    let mut look = |value: &str| {
        let value = Folded::of(value.trim()).folded;
        if value.chars().count() >= SHORTEST
            && !found.contains(&value)
            && text.places(&value).next().is_some()
        {
            found.insert(value);
        }
    };
    for row in entries::rows(subject)?.only(&personal) {
        for value in row.map_err(RenderError::Evidence)? {
            match value {
                Value::Text(it) => look(&it),
                Value::Texts(all) => all.iter().for_each(|it| look(it)),
                Value::Integer(it) => look(&it.to_string()),
                _ => {}
            }
        }
    }
    Ok(found)
}

/// A text in small letters, and where each byte of it comes from.
struct Folded {
    folded: String,
    /// Of each byte, and of the end.
    from: Vec<usize>,
}

impl Folded {
    fn of(text: &str) -> Self {
        let mut folded = String::with_capacity(text.len());
        let mut from = Vec::with_capacity(text.len() + 1);
        for (at, char) in text.char_indices() {
            folded.extend(char.to_lowercase());
            from.resize(folded.len(), at);
        }
        from.push(text.len());
        Self { folded, from }
    }

    /// Where the value is a word of its own.
    fn places<'t>(&'t self, value: &'t str) -> impl Iterator<Item = std::ops::Range<usize>> + 't {
        let joins = |inner: Option<char>, outer: Option<char>| {
            let letter = |it: char| it.is_alphanumeric() && it < UNSPACED;
            inner.is_some_and(letter) && outer.is_some_and(letter)
        };
        self.folded.match_indices(value).map(|(at, it)| at..at + it.len()).filter(move |it| {
            let (before, after) = (&self.folded[..it.start], &self.folded[it.end..]);
            !joins(value.chars().next(), before.chars().next_back())
                && !joins(value.chars().next_back(), after.chars().next())
        })
    }
}

struct Veil<'a> {
    persons: &'a Persons,
    /// Folded.
    found: BTreeSet<String>,
}

impl Veil<'_> {
    fn over(&self, text: &str, accounts: bool) -> String {
        let folded = Folded::of(text);
        let mut hidden: Vec<std::ops::Range<usize>> = Vec::new();
        for value in &self.found {
            let places = folded.places(value);
            hidden.extend(places.map(|it| folded.from[it.start]..folded.from[it.end]));
        }
        if accounts {
            hidden.extend(looking_like_accounts(text));
        }
        // The longest of those that begin at the same place.
        hidden.sort_by_key(|it| (it.start, std::cmp::Reverse(it.end)));
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for place in hidden {
            if place.start >= done {
                out.push_str(&text[done..place.start]);
                out.push_str(&self.persons.text(&text[place.clone()]));
            }
            done = done.max(place.end);
        }
        out.push_str(&text[done..]);
        out
    }
}

/// Where there are words such as `acme_ab3`, `ACME\ada` and `ada@example.com`.
fn looking_like_accounts(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    let begin = text.as_ptr() as usize;
    text.split_whitespace()
        .map(|word| word.trim_matches(|it: char| !it.is_alphanumeric()))
        .filter(|word| word.contains(['@', '_', '\\']))
        .map(move |word| {
            let at = word.as_ptr() as usize - begin;
            at..at + word.len()
        })
}

#[cfg(test)]
mod tests {
    use super::super::persons::tests::key;
    use super::*;

    fn over(text: &str, found: &[&str], accounts: bool) -> String {
        let found = found.iter().map(|it| (*it).to_owned()).collect();
        Veil { persons: &Persons::LeftOut, found }.over(text, accounts)
    }

    #[test]
    fn words_of_rows_are_hidden_and_parts_of_words_are_not() {
        assert_eq!(over("Ada, ADA and Adam", &["ada"], false), "(redacted), (redacted) and Adam");
        assert_eq!(over("by ada lovelace", &["ada", "ada lovelace"], false), "by (redacted)");
        assert_eq!(over("İ 李さん", &["李"], false), "İ (redacted)さん");
    }

    #[test]
    fn what_looks_like_an_account_is_hidden() {
        let text = r"Collected by the account acme_ab3: not ACME\ada (ada@example.com), 10 of 12.";
        let said = "Collected by the account (redacted): not (redacted) ((redacted)), 10 of 12.";
        assert_eq!(over(text, &[], true), said);
        assert_eq!(over(text, &[], false), text);
    }

    #[test]
    fn the_same_person_has_the_same_pseudonym_in_texts() {
        let persons = Persons::Pseudonyms(key());
        let veil = Veil { persons: &persons, found: BTreeSet::from(["ada".to_owned()]) };
        assert_eq!(veil.over("of Ada.", false), format!("of {}.", key().pseudonym("ada")));
    }
}
