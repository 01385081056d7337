//! What happens during a use case, for a person who watches a terminal.

use std::sync::{Mutex, PoisonError};

use exhibit::collect::progress::{self, Progress as _};
use exhibit::collect::spool::WriteState;
use exhibit::evidence;
use exhibit::format::{count, counted};
use exhibit::run::{Event, Events, FailedAnswer};
use exhibit::store::{OpenStore, Recovered};
use exhibit_records::Proof;
use exhibit_rows::ShowPath as _;

use super::failure::was_sent;
use super::progress::{Bar, Rows};
use super::signals::Stop;
use super::terminal::{Terminal, shown};

/// Draws a bar for a collection, then one for its tests, and warns of what should be known.
pub(super) struct Watch<'a> {
    terminal: &'a Terminal,
    /// Of the collection's bar; there is none without one.
    title: Option<String>,
    bars: Mutex<Bars>,
    /// Knows what is kept when it is stopped.
    stop: Option<&'a Stop>,
    /// What the operation is done to that is watched.
    operates_on: Option<String>,
}

#[derive(Default)]
struct Bars {
    collection: Option<Bar>,
    tests: Option<Rows>,
    /// Whether an operation is resumed, and it is not known yet what it had sent.
    is_resumed: bool,
}

impl<'a> Watch<'a> {
    /// Without a bar for a collection.
    pub(super) fn new(terminal: &'a Terminal) -> Self {
        Self { terminal, title: None, bars: Mutex::default(), stop: None, operates_on: None }
    }

    /// With a bar for a collection of this title, from its first request on.
    pub(super) fn collecting(terminal: &'a Terminal, title: &str, stop: &'a Stop) -> Self {
        Self { title: Some(title.to_owned()), stop: Some(stop), ..Self::new(terminal) }
    }

    /// The same of an operation on `subject`, with evidence for `place`.
    pub(super) fn operating(
        terminal: &'a Terminal,
        title: &str,
        stop: &'a Stop,
        subject: &str,
        place: String,
    ) -> Self {
        stop.operates(subject.to_owned(), place);
        Self { operates_on: Some(subject.to_owned()), ..Self::collecting(terminal, title, stop) }
    }

    /// An operation that is resumed has sent something: what it does now.
    fn had_sent(&self, state: &WriteState) {
        let subject = self.operates_on.as_deref().unwrap_or_default();
        let Some(sent) = was_sent(state, subject) else { return };
        let now = match state {
            WriteState::Answered(_) => "it is not sent again",
            _ => "whether it took effect is looked up now, and it is not sent again",
        };
        self.terminal.warn(&format!("before the interruption, something was {sent}: {now}"));
    }

    /// On standard error, so that it is not missed by a script that reads standard output.
    fn incomplete(&self, proof: &Proof) {
        for note in &proof.host_notes {
            self.terminal.warn(note);
        }
        let it = &proof.completeness;
        if let (Some(false), Some(declared)) = (it.complete, it.declared) {
            self.terminal.warn(&format!(
                "{} is not complete: {} of {} records were received",
                proof.proof_type.name,
                count(it.received),
                count(declared)
            ));
        }
    }

    fn failed_answer(&self, answer: &FailedAnswer) {
        match answer {
            FailedAnswer::NotWanted => {}
            FailedAnswer::Kept(folder) => self.terminal.warn(&format!(
                "the answer that the collection failed at is kept in {}: it may contain names and addresses",
                folder.shown()
            )),
            FailedAnswer::None => self.terminal.warn("no answer is kept: the collection did not fail at one"),
            FailedAnswer::NotKept(error) => {
                self.terminal
                    .warn(&format!("the answer that the collection failed at cannot be kept: {error}"));
            }
        }
    }

    fn recovered(&self, what: &Recovered, store: &OpenStore) {
        for kept in &what.entered {
            self.terminal.warn(&format!("{} had not been entered in the log, and is now", kept.evidence));
        }
        for it in &what.tested {
            let run = format!("{}/{}", it.evidence, it.run);
            self.terminal.warn(&format!("{run} had not been entered in the log, and is now"));
        }
        for folder in &what.removed {
            self.terminal.warn(&format!("{} had been pruned, and is gone now", shown(&store.called(folder))));
        }
        for folder in &what.strangers {
            self.terminal.warn(&format!(
                "{} is not in the log, and no command began to add it to this store: it is left alone; move it away, or \
                 collect it with `exhibit collect --store`",
                shown(&store.called(folder))
            ));
        }
    }
}

impl Events for Watch<'_> {
    fn event(&self, event: &Event<'_>) {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Collection(event) => {
                match (event, self.stop) {
                    (progress::Event::Kept(pages), Some(stop)) => stop.keeps(*pages),
                    // It had sent nothing.
                    (progress::Event::Asking(..), _) => bars.is_resumed = false,
                    (progress::Event::Write(state), Some(stop)) => {
                        stop.wrote(state);
                        if std::mem::take(&mut bars.is_resumed) {
                            self.had_sent(state);
                        }
                    }
                    _ => {}
                }
                if let Some(title) = &self.title {
                    bars.collection.get_or_insert_with(|| Bar::new(self.terminal, title)).event(event);
                }
            }
            Event::Resumed { began, pages, rows } => {
                if let Some(stop) = self.stop {
                    stop.keeps(*pages);
                }
                bars.is_resumed = self.operates_on.is_some();
                let what = if self.operates_on.is_some() { "operation" } else { "collection" };
                self.terminal.warn(&format!(
                    "the {what} that began on {} was interrupted: it is resumed after {} with {}",
                    evidence::format_instant(*began),
                    counted(*pages, "answer", "answers"),
                    counted(*rows, "row", "rows")
                ));
            }
            Event::Follows(Some(since)) => self.terminal.warn(&format!(
                "only what changed since {} is collected, where {} ends",
                evidence::format_instant(since.point),
                shown(&since.predecessor.evidence)
            )),
            Event::Follows(None) => self.terminal.warn(
                "the store has no proof of the same terms that could be continued: all that there is is collected",
            ),
            Event::OtherTerms { began, pages, differs, until } => self.terminal.warn(&format!(
                "an interrupted collection into the same folder is not resumed, as its terms differ ({}): it began on \
                 {} and has {}; the command that began it resumes it until {}",
                differs.join(", "),
                evidence::format_instant(*began),
                counted(*pages, "answer", "answers"),
                evidence::format_instant(*until)
            )),
            Event::SetAside { folder } => self.terminal.warn(&format!(
                "an earlier run of this operation is not resumed any more; its record stays in {}",
                folder.shown()
            )),
            Event::MayBeUnderWay { resumable_from } => self.terminal.warn(&format!(
                "another process has begun the same collection, and it is not known whether it still runs: this one \
                 begins at the first page; if that process has ended, its pages can be resumed from {} on",
                evidence::format_instant(*resumable_from)
            )),
            Event::Collected(proof) => {
                bars.collection = None;
                self.incomplete(proof);
            }
            Event::FailedAnswer(answer) => {
                bars.collection = None;
                self.failed_answer(answer);
            }
            Event::DoubtfulTests(doubt) => self.terminal.warn(doubt),
            Event::PassedOver(why) => {
                self.terminal.warn(&format!("evidence beside this one is not compared with: {why}"));
            }
            Event::Testing(rows) => {
                bars.tests = Some(Rows::new(self.terminal, "testing", *rows));
            }
            Event::Tested(rows) => {
                if let Some(bar) = &bars.tests {
                    bar.done(*rows);
                }
            }
            Event::Recovered { what, store } => self.recovered(what, store),
            Event::PluginUnusable(why) => {
                let text = format!("the plugin that is kept with the evidence cannot run: {why}");
                self.terminal.warn(&text);
            }
            _ => {}
        }
    }
}
