//! The log of the program and its libraries, for finding faults.

use std::io;

use tracing_subscriber::filter::LevelFilter;

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

/// From now on, log to standard error.
pub(super) fn begin(level: Level, colour: bool) {
    let level = match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    // An embedder's own log, where there is one, stays.
    drop(
        tracing_subscriber::fmt().with_max_level(level).with_writer(io::stderr).with_ansi(colour).try_init(),
    );
}
