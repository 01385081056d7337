//! The log of the program and its libraries, for finding faults.

use std::fmt::Debug;
use std::io;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::terminal::Terminal;

/// How much is said.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Level {
    /// What went wrong.
    Error,
    /// And what looks wrong.
    Warn,
    /// And what happens.
    Info,
    /// And how.
    Debug,
    /// And everything that libraries say.
    Trace,
}

/// From now on, log to standard error. What went wrong or looks wrong is a message like any other of the command; more
/// than that is a log, with times.
pub(super) fn begin(level: Level, terminal: Terminal) {
    let level = match level {
        Level::Error | Level::Warn => {
            let level = if let Level::Error = level { LevelFilter::ERROR } else { LevelFilter::WARN };
            let messages = Messages(move |text: &str| terminal.warn(text)).with_filter(level);
            // An embedder's own log, where there is one, stays.
            drop(tracing_subscriber::registry().with(messages).try_init());
            return;
        }
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    let log = tracing_subscriber::fmt().with_max_level(level).with_writer(io::stderr);
    drop(log.with_ansi(terminal.colours()).try_init());
}

/// Gives each event to a function, as a text for people.
struct Messages<F>(F);

impl<S: Subscriber, F: Fn(&str) + 'static> Layer<S> for Messages<F> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        (self.0)(&text.in_words());
    }
}

/// What an event says, and of what.
#[derive(Default)]
struct Text {
    message: String,
    fields: Vec<String>,
}

impl Text {
    fn in_words(self) -> String {
        match self.fields.as_slice() {
            [] => self.message,
            fields => format!("{} ({})", self.message, fields.join(", ")),
        }
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            // Where in a library the line is does not help a reader.
            name if name.starts_with("log.") => {}
            name => self.fields.push(format!("{name}: {value:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_warning_reads_like_any_other_message() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        let messages = Messages(move |text: &str| heard.lock().expect("a list").push(text.to_owned()));
        let subscriber = tracing_subscriber::registry().with(messages.with_filter(LevelFilter::WARN));
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(directory = %"/cache", error = %"no room", "the cache cannot be used");
            tracing::error!("nothing more");
            tracing::info!("not asked for");
        });
        let said = said.lock().expect("a list");
        assert_eq!(*said, ["the cache cannot be used (directory: /cache, error: no room)", "nothing more"]);
    }
}
