//! What happens during a use case, for a person who watches a terminal.

use std::sync::{Mutex, PoisonError};

use exhibit::collect::progress::Progress as _;
use exhibit::run::{Event, Events};
use exhibit::store::{OpenStore, Tended};

use super::progress::{Bar, Rows};
use super::terminal::Terminal;

/// Draws a bar for a collection, then one for its tests, and warns of what should be known.
pub(super) struct Watch<'a> {
    terminal: &'a Terminal,
    bars: Mutex<Bars>,
}

#[derive(Default)]
struct Bars {
    collection: Option<Bar>,
    tests: Option<Rows>,
}

impl<'a> Watch<'a> {
    /// Draws nothing before the first event.
    pub(super) fn new(terminal: &'a Terminal) -> Self {
        Self { terminal, bars: Mutex::default() }
    }

    /// With a bar for a collection of this title.
    pub(super) fn collecting(terminal: &'a Terminal, title: &str) -> Self {
        let collection = Some(Bar::new(terminal, title));
        Self { terminal, bars: Mutex::new(Bars { collection, tests: None }) }
    }

    fn recovered(&self, what: &Tended, store: &OpenStore) {
        for kept in &what.entered {
            self.terminal.warn(&format!("{} had not been entered in the log, and is now", kept.evidence));
        }
        for it in &what.tested {
            let run = format!("{}/{}", it.evidence, it.run);
            self.terminal.warn(&format!("{run} had not been entered in the log, and is now"));
        }
        for folder in &what.removed {
            self.terminal.warn(&format!("{} had been pruned, and is gone now", store.called(folder)));
        }
        for folder in &what.strangers {
            self.terminal.warn(&format!(
                "{} is not in the log, and was not signed with this key: it is left alone",
                store.called(folder)
            ));
        }
    }
}

impl Events for Watch<'_> {
    fn event(&self, event: &Event<'_>) {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Collection(event) => {
                if let Some(bar) = &bars.collection {
                    bar.event(event);
                }
            }
            Event::Testing(rows) => {
                bars.collection = None;
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
