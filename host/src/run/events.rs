//! What happens during a use case.

use std::path::{Path, PathBuf};

use exhibit_records::Proof;

use crate::collect::spool::WriteState;
use crate::collect::{Since, progress};
use crate::contract::types::Instant;
use crate::disk::KeepError;
use crate::store::{OpenStore, Recovered};

/// Something that happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Of a collection.
    Collection(&'a progress::Event<'a>),
    /// An interrupted collection is resumed.
    Resumed {
        /// When it began: milliseconds since 1970.
        began: Instant,
        /// Answers that are kept, and are not requested again.
        pages: u64,
        /// Rows of these.
        rows: u64,
    },
    /// What changed since the last proof of the same terms is collected; all that there is, where the store has none that can
    /// be continued.
    Follows(Option<&'a Since>),
    /// An interrupted collection into the same folder is not resumed: it was begun under other terms.
    OtherTerms {
        /// When it began: milliseconds since 1970.
        began: Instant,
        /// Answers that it has kept.
        pages: u64,
        /// In what its terms differ.
        differs: &'a [&'static str],
        /// Until when it can be resumed, by a call of its own terms.
        until: Instant,
    },
    /// The same collection may be under way in another process, which has ended or not: this one begins at the first page.
    MayBeUnderWay {
        /// If that process has ended: when what it has kept can be resumed. Milliseconds since 1970.
        resumable_from: Instant,
    },
    /// What an earlier run of the operation has left in this folder is kept, and not resumed any more.
    SetAside {
        /// The folder.
        folder: &'a Path,
    },
    /// The collection has ended: what its proof says so far.
    Collected(&'a Proof),
    /// The collection failed at this answer.
    FailedAnswer(&'a FailedAnswer),
    /// Something in the tests is probably not meant, such as a control that its framework does not have.
    DoubtfulTests(&'a str),
    /// Evidence beside this one may have an earlier run of the tests, and its record cannot be read: why.
    PassedOver(&'a str),
    /// So many rows are to be tested.
    Testing(u64),
    /// So many of them are.
    Tested(u64),
    /// What killed processes had begun in a store was finished.
    Recovered {
        /// What it was.
        what: &'a Recovered,
        /// The store, which knows the names of its folders.
        store: &'a OpenStore,
    },
    /// The plugin that is kept with evidence cannot be run: why.
    PluginUnusable(&'a str),
}

/// The answer that a collection failed at.
#[derive(Debug)]
pub enum FailedAnswer {
    /// It was not asked for.
    NotWanted,
    /// It is in this folder. It may hold names and addresses.
    Kept(PathBuf),
    /// The collection did not fail at an answer.
    None,
    /// It cannot be kept.
    NotKept(KeepError),
}

/// Hears of events: for a progress bar, a log, a metric, or a page alike.
pub trait Events: Send + Sync {
    /// Called for each event, on the thread that works. Must not block.
    fn event(&self, event: &Event<'_>);
}

/// Ignores all events.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Events for Silent {
    fn event(&self, _: &Event<'_>) {}
}

/// A collection's events, among all others. Remembers what was asked last.
pub(super) struct Collecting<'a> {
    pub(super) events: &'a dyn Events,
    asked: std::sync::Mutex<Option<(String, String)>>,
}

impl<'a> Collecting<'a> {
    pub(super) fn new(events: &'a dyn Events) -> Self {
        Self { events, asked: std::sync::Mutex::new(None) }
    }

    /// The origin's name and the path of the last request.
    pub(super) fn asked(self) -> Option<(String, String)> {
        self.asked.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl progress::Progress for Collecting<'_> {
    fn event(&self, event: &progress::Event<'_>) {
        if let progress::Event::Asking(origin, path) = event {
            let asked = Some(((*origin).to_owned(), (*path).to_owned()));
            *self.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = asked;
        }
        self.events.event(&Event::Collection(event));
    }
}

/// Hears all events, and remembers what was sent.
pub(super) struct Remembering<'a> {
    events: &'a dyn Events,
    write: std::sync::Mutex<WriteState>,
}

impl<'a> Remembering<'a> {
    pub(super) fn new(events: &'a dyn Events) -> Self {
        Self { events, write: std::sync::Mutex::default() }
    }

    /// What is known of the request that changes something.
    pub(super) fn write(self) -> WriteState {
        self.write.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Events for Remembering<'_> {
    fn event(&self, event: &Event<'_>) {
        if let Event::Collection(progress::Event::Write(state)) = event {
            *self.write.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (*state).clone();
        }
        self.events.event(event);
    }
}
