//! A line on standard error that says how far a collection is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use exhibit::collect::progress::{Event, Progress};
use exhibit::format::{count, counted, duration};
use exhibit::run::CheckEvent;
use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::terminal::{Terminal, shown};

/// Often enough to look alive.
const TICK: Duration = Duration::from_millis(120);

/// A shorter wait is over before a log's reader asks what is going on.
const WORTH_A_LINE: Duration = Duration::from_secs(10);

/// Draws pages, rows, their rate, and what is being waited for. Where standard error is no terminal, longer waits
/// have a line each; nothing where the result is for machines.
#[derive(Debug)]
pub(super) struct Bar {
    bar: ProgressBar,
    tally: Arc<Mutex<Tally>>,
    terminal: Terminal,
    title: String,
}

#[derive(Debug, Default)]
struct Tally {
    pages: u64,
    rows: u64,
    /// Rows of the page at hand, which do not count if it breaks off.
    pending: u64,
    bytes: u64,
    waiting: Option<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    /// Since the bar began.
    until: Duration,
    message: String,
}

/// A line on standard error, where that may be drawn on.
fn drawn(terminal: &Terminal) -> ProgressBar {
    let target = if terminal.draws() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    ProgressBar::with_draw_target(None, target)
}

/// The same, with a spinner that turns.
fn spinner(terminal: &Terminal, template: &str) -> ProgressBar {
    let bar = drawn(terminal);
    // Templates are constants; were one wrong, the default one is drawn.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    if terminal.draws() {
        bar.enable_steady_tick(TICK);
    }
    bar
}

impl Bar {
    pub(super) fn new(terminal: &Terminal, title: &str) -> Self {
        let bar = drawn(terminal);
        let tally = Arc::new(Mutex::new(Tally::default()));
        let drawn = Arc::clone(&tally);
        let title = shown(title);
        let named = title.clone();
        // The spinner, blanks and a colon take the rest.
        let room = terminal.line().saturating_sub(title.chars().count() + 5);
        let line = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let tally = drawn.lock().unwrap_or_else(PoisonError::into_inner);
            // An undrawn line is drawn again at the next tick.
            let _ = out.write_str(&cut(tally.line(state.elapsed()), room));
        };
        // The template is a constant; were it wrong, the default one is drawn.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {tally}") {
            bar.set_style(style.with_key("tally", line));
        }
        bar.set_prefix(title);
        if terminal.draws() {
            bar.enable_steady_tick(TICK);
        }
        Self { bar, tally, terminal: *terminal, title: named }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn event(&self, event: &Event<'_>) {
        let elapsed = self.bar.elapsed();
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.hear(event, elapsed);
        if !self.terminal.draws()
            && !self.terminal.json()
            && let Some(line) = tally.stall(event)
        {
            self.terminal.tell(&format!("{}: {line}", self.title));
        }
    }
}

impl Tally {
    fn hear(&mut self, event: &Event<'_>, elapsed: Duration) {
        let wait = |seconds: u32, message: String| {
            Some(Waiting { until: elapsed + Duration::from_secs(seconds.into()), message })
        };
        match event {
            Event::Asking(..) => self.waiting = None,
            Event::Bytes(bytes) => self.bytes += *bytes as u64,
            Event::Rows(rows) => self.pending += *rows as u64,
            Event::Page => {
                self.pages += 1;
                self.rows += std::mem::take(&mut self.pending);
            }
            Event::Waiting(pause) => self.waiting = wait(pause.seconds, pause.message.clone()),
            Event::Again(why, attempt) => {
                self.pending = 0;
                self.waiting = wait(0, format!("{why}; attempt {attempt} is next"));
            }
            _ => {}
        }
    }

    /// What a log says where nothing comes for a while, and why.
    fn stall(&self, event: &Event<'_>) -> Option<String> {
        let Event::Waiting(pause) = event else { return None };
        if u64::from(pause.seconds) < WORTH_A_LINE.as_secs() {
            return None;
        }
        let why = format!("waiting {}: {}", duration(pause.seconds.into()), shown(&pause.message));
        if self.pages == 0 {
            return Some(why);
        }
        let so_far = counted(self.pages, "page", "pages");
        Some(format!("{so_far}, {}, {why}", counted(self.rows, "row", "rows")))
    }

    fn line(&self, elapsed: Duration) -> String {
        let rows = self.rows + self.pending;
        let so_far = format!("{}, {}", counted(self.pages, "page", "pages"), counted(rows, "row", "rows"));
        match &self.waiting {
            Some(Waiting { until, message }) => {
                let left = until.saturating_sub(elapsed).as_secs();
                let left = if left > 0 { format!(" (resumes in {})", duration(left)) } else { String::new() };
                format!("{so_far}, waiting: {}{left}", shown(message))
            }
            None => {
                let rate = rows as f64 / elapsed.as_secs_f64().max(0.001);
                format!("{so_far}, {} rows/s, {}", count(rate as u64), HumanBytes(self.bytes))
            }
        }
    }
}

/// Says which check of evidence was made last. Nothing at all where standard error is no terminal.
#[derive(Debug)]
pub(super) struct Checking(ProgressBar);

impl Checking {
    pub(super) fn new(terminal: &Terminal) -> Self {
        Self(spinner(terminal, "{spinner} verifying, {elapsed}: {msg}"))
    }

    /// This check was made, or this evidence verified.
    pub(super) fn say(&self, what: &str) {
        self.0.set_message(format!("{} is done", shown(what)));
    }
}

impl Drop for Checking {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Says what a check of a connection is doing: on a line that is drawn, or else in a line for each step. Nothing where the
/// result is for machines.
#[derive(Debug)]
pub(super) struct Steps {
    bar: ProgressBar,
    terminal: Terminal,
    /// What is asked for.
    about: Mutex<String>,
}

impl Steps {
    pub(super) fn new(terminal: &Terminal) -> Self {
        let bar = spinner(terminal, "{spinner} {msg}");
        Self { bar, terminal: *terminal, about: Mutex::default() }
    }

    pub(super) fn event(&self, event: &CheckEvent<'_>) {
        let mut about = self.about.lock().unwrap_or_else(PoisonError::into_inner);
        let step = match event {
            CheckEvent::Began(proof_type) => {
                *about = shown(proof_type);
                return;
            }
            CheckEvent::Asked(Event::Asking(origin, path)) => {
                format!("{about}: asking {} for {}", shown(origin), shown(path))
            }
            CheckEvent::Asked(Event::Again(why, attempt)) => {
                format!("{about}: {}; attempt {attempt} is next", shown(why))
            }
            CheckEvent::Asked(Event::Waiting(pause)) => {
                format!("{about}: waiting {}: {}", duration(pause.seconds.into()), shown(&pause.message))
            }
            _ => return,
        };
        if self.terminal.draws() {
            // The spinner and a blank take the rest.
            self.bar.set_message(cut(step, self.terminal.line().saturating_sub(2)));
        } else if !self.terminal.json() {
            self.terminal.tell(&step);
        }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Draws how many of a known number of rows are done. Nothing where standard error is no terminal.
#[derive(Debug)]
pub(super) struct Rows(ProgressBar);

impl Rows {
    pub(super) fn new(terminal: &Terminal, title: &str, all: u64) -> Self {
        if !terminal.draws() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(Some(all), ProgressDrawTarget::stderr());
        // The template is a constant; were it wrong, the default one is drawn.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {human_pos} of {human_len} rows")
        {
            bar.set_style(style);
        }
        bar.set_prefix(title.to_owned());
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    pub(super) fn done(&self, rows: u64) {
        self.0.set_position(rows);
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A line that does not fit would be drawn below itself, again and again.
fn cut(line: String, room: usize) -> String {
    match line.char_indices().nth(room) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exhibit::contract::collection::{Pause, PauseReason};

    #[test]
    fn says_what_is_there_and_what_is_waited_for() {
        let second = Duration::from_secs(1);
        let mut tally = Tally::default();
        let mut lines = vec![tally.line(Duration::ZERO)];
        for event in [Event::Asking("api", "/list"), Event::Bytes(2 << 20), Event::Rows(1_000), Event::Page] {
            tally.hear(&event, second);
        }
        lines.push(tally.line(2 * second));
        tally.hear(&Event::Rows(10), 2 * second);
        tally.hear(&Event::Again("the connection was reset", 2), 2 * second);
        lines.push(tally.line(2 * second));
        let pause = Pause {
            seconds: 90,
            reason: PauseReason::RateLimit,
            connection_wide: true,
            message: "the hourly limit\u{1b}[2J".into(),
        };
        tally.hear(&Event::Waiting(&pause), 3 * second);
        lines.push(tally.line(13 * second));
        lines.push(cut(tally.line(13 * second), 40));
        lines.extend(tally.stall(&Event::Waiting(&pause)));
        lines.extend(tally.stall(&Event::Waiting(&Pause { seconds: 9, ..pause.clone() })));
        lines.extend(tally.stall(&Event::Page));
        insta::assert_snapshot!(lines.join("\n"), @r"
        0 pages, 0 rows, 0 rows/s, 0 B
        1 page, 1,000 rows, 500 rows/s, 2.00 MiB
        1 page, 1,000 rows, waiting: the connection was reset; attempt 2 is next
        1 page, 1,000 rows, waiting: the hourly limit\u{1b}[2J (resumes in 1m 20s)
        1 page, 1,000 rows, waiting: the hourly …
        1 page, 1,000 rows, waiting 1m 30s: the hourly limit\u{1b}[2J
        ");
    }
}
