//! What happened so far in a check, with all that is checked.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::found::CheckEvent;
use crate::clock::Clock;
use crate::collect::progress::{Event, Progress};

/// From its first request on a check takes no longer: a person waits for it, and a source that is there has answered all of it
/// long before.
pub(super) const TIME: Duration = Duration::from_secs(14);

/// What happened so far.
pub(super) struct Watch<'a> {
    pub(super) clock: &'a dyn Clock,
    heard: &'a (dyn Fn(&CheckEvent<'_>) + Send + Sync),
    /// When the last request went out.
    asked: AtomicI64,
    /// Whether anything came back.
    answered: AtomicBool,
    state: Mutex<State>,
    begun: Notify,
}

#[derive(Default)]
struct State {
    /// When the first request went out.
    first: Option<Instant>,
    /// Where the last one went.
    origin: String,
    /// What the last attempt failed of.
    why: Option<String>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(clock: &'a dyn Clock, heard: &'a (dyn Fn(&CheckEvent<'_>) + Send + Sync)) -> Self {
        let (asked, answered) = (AtomicI64::new(0), AtomicBool::new(false));
        Self { clock, heard, asked, answered, state: Mutex::default(), begun: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell(&self, event: &CheckEvent<'_>) {
        (self.heard)(event);
    }

    /// The origin of the last request.
    pub(super) fn origin(&self) -> String {
        self.state().origin.clone()
    }

    pub(super) fn last_failure(&self) -> Option<String> {
        self.state().why.clone()
    }

    /// When the last request went out, in milliseconds since 1970.
    pub(super) fn asked(&self) -> i64 {
        self.asked.load(Ordering::Relaxed)
    }

    pub(super) fn has_answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// Whether anything came back.
    pub(super) fn is_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    /// How much time is left; all of it before the first request.
    pub(super) fn left(&self) -> Duration {
        let first = self.state().first;
        first.map_or(TIME, |first| TIME.saturating_sub(first.elapsed()))
    }

    /// Ends when the check has taken as long as it may.
    pub(super) async fn end_of_time(&self) {
        let first = loop {
            let first = self.state().first;
            match first {
                Some(first) => break first,
                None => self.begun.notified().await,
            }
        };
        sleep_until(first + TIME).await;
    }
}

impl Progress for Watch<'_> {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Asking(origin, _) => {
                self.asked.store(self.clock.now(), Ordering::Relaxed);
                let mut state = self.state();
                state.first.get_or_insert_with(Instant::now);
                (*origin).clone_into(&mut state.origin);
                self.begun.notify_one();
            }
            Event::Again(why, _) => self.state().why = Some((*why).to_owned()),
            _ => {}
        }
        (self.heard)(&CheckEvent::Asked(event));
    }
}
