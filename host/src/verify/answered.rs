//! What the index of the answers says, against what `proof.json` says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use exhibit_records::{AnswerRecord, Proof, source_clock};
use exhibit_rows::Shown;

use crate::collect::sink::NO_ANSWER;
use crate::contract::collection::Task;
use crate::evidence::{INDEX, recorded};
use crate::format::counted;
use crate::plugin::Plugin;

use super::faults::Faults;

/// So many different lists of headers have the answers: a plugin reads a few headers.
const HEADERS: usize = 1_000;
/// So many origins has a plugin.
const ORIGINS: usize = 50;
/// So many names are blanked for one proof type, and declarations of a document beside.
const NAMES: usize = exhibit_blank::MOST_NAMES + 1;

/// What the index of the answers says.
#[derive(Default)]
pub(super) struct Answered {
    first: Option<String>,
    last: Option<String>,
    /// The first answer by which the clocks are apart, and by how many seconds; and the most of all of them.
    pub(super) apart: Option<(u32, i64)>,
    clock_offset: Option<i64>,
    /// Whether an answer has a date of its source.
    is_dated: bool,
    /// The first answer that is said to have come before the one before it.
    back: Option<u32>,
    /// How many times a secret was replaced in them.
    redacted: u64,
    /// How many values were blanked in them, by name.
    blanked: BTreeMap<String, u64>,
    /// Whole answers, and their bytes.
    whole: (u64, u64),
    all: u64,
    /// URLs by the names of origins.
    origins: BTreeMap<String, String>,
    /// An origin that has two URLs.
    twofold: Option<String>,
    /// A line that is not as this program writes it.
    rewritten: Option<u32>,
    /// An answer that is neither whole nor broken off.
    unclear: Option<u32>,
    /// An answer that is said to have never come, and has what only one that came has, or is to a read.
    impossible: Option<u32>,
    /// From here on there are more lists of headers, or origins, than a plugin makes.
    endless: Option<u32>,
    /// The names of headers, of each answer.
    headers: BTreeSet<Vec<String>>,
    /// The first one that was redirected to where no request is sent.
    strayed: Option<u32>,
}

impl Answered {
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        let mut answered = Self::default();
        let mut index = recorded::index(folder)?;
        while let Some(record) = index.next().transpose()? {
            answered.add(record, index.line());
        }
        Ok(answered)
    }

    fn add(&mut self, record: AnswerRecord, line: &[u8]) {
        if !serde_json::to_vec(&record).is_ok_and(|it| line.strip_suffix(b"\n") == Some(&it)) {
            self.rewritten.get_or_insert(record.answer);
        }
        let kept = [record.digest.is_some(), record.file.is_some(), record.stored.is_some()];
        if kept != [record.broken.is_none(); 3] {
            self.unclear.get_or_insert(record.answer);
        }
        let came = record.broken.is_none() || record.bytes > 0 || !record.headers.is_empty();
        if record.status == NO_ANSWER && (came || record.request.effect != "write") {
            self.impossible.get_or_insert(record.answer);
        }
        if !is_within(&record.redirected, &record.origin) {
            self.strayed.get_or_insert(record.answer);
        }
        if self.headers.len() < HEADERS {
            self.headers.insert(record.headers.iter().map(|it| it.0.clone()).collect());
        } else {
            self.endless.get_or_insert(record.answer);
        }
        let offset = source_clock::offset(&record);
        self.apart = self.apart.or(offset.map(|it| (record.answer, it)));
        self.is_dated |= source_clock::date(&record).is_some();
        self.redacted = self.redacted.saturating_add(record.redacted.unwrap_or(0));
        for (name, times) in &record.blanked {
            if self.blanked.len() >= NAMES && !self.blanked.contains_key(name) {
                self.endless.get_or_insert(record.answer);
                break;
            }
            let sum = self.blanked.entry(name.clone()).or_default();
            *sum = sum.saturating_add(*times);
        }
        if self.last.as_deref().is_some_and(|last| source_clock::went_back(last, &record.received)) {
            self.back.get_or_insert(record.answer);
        }
        self.first.get_or_insert_with(|| record.received.clone());
        self.last = Some(record.received);
        self.clock_offset = source_clock::further(self.clock_offset, offset);
        self.all += 1;
        if record.broken.is_none() {
            self.whole = (self.whole.0 + 1, self.whole.1.saturating_add(record.bytes));
        }
        if self.origins.len() >= ORIGINS && !self.origins.contains_key(&record.request.origin) {
            self.endless.get_or_insert(record.answer);
            return;
        }
        let known =
            self.origins.entry(record.request.origin.clone()).or_insert_with(|| record.origin.clone());
        if *known != record.origin {
            self.twofold = Some(record.request.origin);
        }
    }

    /// What makes the times of the answers doubtful.
    pub(super) fn warnings(&self, plugin: Option<&Plugin>) -> Vec<String> {
        let reads_date = plugin
            .is_some_and(|it| it.manifest().answer_headers.iter().any(|it| it.eq_ignore_ascii_case("date")));
        let undated = || {
            "no answer has a date of its source, which the plugin asks for: when they came is as stated alone"
                .to_owned()
        };
        let back = self.back.map(|answer| {
            format!("answer {answer} is said to have come before the one before it: a clock was set back, or they were moved")
        });
        back.into_iter().chain((reads_date && self.all > 0 && !self.is_dated).then(undated)).collect()
    }

    /// How many times a secret was replaced in the answers.
    pub(super) fn redacted(&self) -> u64 {
        self.redacted
    }

    /// How many values were blanked in the answers, by name.
    pub(super) fn blanked(&self) -> &BTreeMap<String, u64> {
        &self.blanked
    }

    /// The origins of the record that no answer is of.
    pub(super) fn unasked(&self, proof: &Proof) -> Vec<String> {
        let unasked = proof.origins.iter().filter(|it| !self.origins.contains_key(&it.name));
        unasked.map(|it| Shown::line(&it.url).to_string()).collect()
    }

    pub(super) fn compare(&self, proof: &Proof, plugin: Option<&Plugin>, faults: &mut Faults) {
        if let Some(answer) = self.strayed {
            faults.add(format!("answer {answer} was redirected to another origin, which is not followed"));
        }
        if let Some(answer) = self.rewritten {
            faults.add(format!("{INDEX}, line {answer}, was rewritten since it was made"));
        }
        if let Some(answer) = self.endless {
            faults.add(format!(
                "from answer {answer} on there are more than {ORIGINS} origins, {HEADERS} lists of headers or {NAMES} names of blanked values"
            ));
        }
        if let Some(answer) = self.unclear {
            faults.add(format!("answer {answer} is neither whole nor broken off"));
        }
        if let Some(answer) = self.impossible {
            faults
                .add(format!("answer {answer} has the status of one that never came, and is not such a one"));
        }
        if let Some(plugin) = plugin {
            let wanted = &plugin.manifest().answer_headers;
            let place = |it: &String| wanted.iter().position(|name| name == it);
            // Those that the plugin reads, in the order in which it names them.
            let is_in_order = |names: &Vec<String>| {
                let places: Option<Vec<usize>> = names.iter().map(place).collect();
                places.is_some_and(|it| it.is_sorted())
            };
            let task = task(proof);
            let names = plugin.manifest().blanked(&task);
            let is_named = |it: &String| *it == exhibit_blank::DOCTYPE || names.contains(it);
            faults.unless(self.blanked.keys().all(is_named), || {
                "an answer has blanked values of names that the plugin does not give".to_owned()
            });
            faults.unless(self.headers.iter().all(is_in_order), || {
                "an answer has headers that the plugin does not read".to_owned()
            });
        }
        faults.alike("the time of the first answer", self.first.as_deref(), proof.first_answer.as_deref());
        if proof.last_answer.is_some() || proof.format >= exhibit_records::PROVES_SINCE {
            faults.alike("the time of the last answer", self.last.as_deref(), proof.last_answer.as_deref());
        }
        // Formats before 4 do not say it.
        let says_it = proof.format >= exhibit_records::PROVES_SINCE || proof.clock_offset.is_some();
        faults.unless(!says_it || self.clock_offset == proof.clock_offset, || {
            "how far the clocks were apart does not follow from the dates of the answers".to_owned()
        });
        faults.same("the count of answers", self.whole.0, proof.counts.answers);
        faults.same("the count of bytes", self.whole.1, proof.counts.bytes);
        faults.unless(proof.counts.requests >= self.all, || {
            format!(
                "it says that {} were made, and {} came",
                counted(proof.counts.requests, "request was", "requests were"),
                counted(self.all, "answer", "answers")
            )
        });
        if let Some(name) = &self.twofold {
            faults.add(format!("answers of the origin `{}` are of two addresses", Shown::line(name)));
        }
        for (name, url) in &self.origins {
            let stated = proof.origins.iter().find(|it| it.name == *name).map(|it| it.url.as_str());
            faults.alike(&format!("the origin `{}`", Shown::line(name)), Some(url), stated);
        }
    }
}

fn task(proof: &Proof) -> Task {
    let name = proof.proof_type.name.clone();
    if proof.proof_type.operation { Task::Operate(name) } else { Task::Collect(name) }
}

/// Whether all of these URLs are of this origin.
fn is_within(redirected: &[String], origin: &str) -> bool {
    let Ok(origin) = url::Url::parse(origin) else { return redirected.is_empty() };
    redirected.iter().all(|it| url::Url::parse(it).is_ok_and(|it| it.origin() == origin.origin()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::examples;

    fn record(answer: u32) -> AnswerRecord {
        AnswerRecord { answer, broken: Some("it broke off".to_owned()), ..examples::answer() }
    }

    #[test]
    fn what_differs_from_answer_to_answer_is_not_remembered_without_end() {
        let of_headers = |answer| {
            let headers = vec![(format!("header-{answer}"), String::new())];
            AnswerRecord { headers, ..record(answer) }
        };
        let of_origins = |answer| {
            let mut it = record(answer);
            it.request.origin = format!("origin-{answer}");
            it
        };
        let all: [&dyn Fn(u32) -> AnswerRecord; 3] = [&record, &of_headers, &of_origins];
        let endless = all.map(|make| {
            let mut answered = Answered::default();
            for answer in 1..=2_000 {
                answered.add(make(answer), b"");
            }
            assert!(answered.headers.len() <= HEADERS && answered.origins.len() <= ORIGINS);
            answered.endless
        });
        assert_eq!(endless, [None, Some(1_001), Some(51)]);
    }

    #[test]
    fn a_redirect_to_another_origin_was_not_followed_by_a_host_of_ours() {
        let within = |urls: &[&str]| {
            let urls: Vec<String> = urls.iter().map(|it| (*it).to_owned()).collect();
            is_within(&urls, "https://api.example/qps")
        };
        assert!(within(&[]));
        assert!(within(&["https://api.example/x?y", "https://api.example:443/[redacted]"]));
        for other in
            ["https://evil.example/", "http://api.example/", "https://api.example:8443/", "nonsense", ""]
        {
            assert!(!within(&["https://api.example/x", other]), "{other}");
        }
    }
}
