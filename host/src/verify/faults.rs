//! What is wrong with a record.

use std::io;

use exhibit_rows::Shown;

use crate::checks::Fault;
use crate::format::count;
use crate::remedy::Remedy;

/// After so many the rest of what has many parts is not looked at: an index may list a million answers.
const ENOUGH: usize = 1_000;

/// What is wrong.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, what: String) {
        self.0.push(Fault::new(what, Remedy::DoNotRely));
    }

    pub(super) fn extend(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.0.extend(faults);
    }

    /// Whether there are so many that the rest is not looked at.
    pub(super) fn are_endless(&self) -> bool {
        self.0.len() >= ENOUGH
    }

    pub(super) fn unread(&mut self, what: &str, error: &io::Error) {
        self.0.push(Fault::unread(format!("{what}: {error}"), error, Remedy::DoNotRely));
    }

    pub(super) fn unless(&mut self, is_so: bool, what: impl FnOnce() -> String) {
        if !is_so {
            self.add(what());
        }
    }

    /// Two numbers are the same.
    pub(super) fn same(&mut self, name: &str, follows: u64, stated: u64) {
        self.unless(follows == stated, || {
            format!("{name} is {} in proof.json, and {} follows from the rest", count(stated), count(follows))
        });
    }

    /// Two texts are the same.
    pub(super) fn alike(&mut self, name: &str, follows: Option<&str>, stated: Option<&str>) {
        let said = |it: Option<&str>| it.map_or("nothing".to_owned(), |it| format!("`{}`", Shown::line(it)));
        self.unless(follows == stated, || {
            format!("{name} is {} in proof.json, and {} follows from the rest", said(stated), said(follows))
        });
    }
}
