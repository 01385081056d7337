//! The same answers, played in every way that the contract allows: the rows must be the same.

use std::collections::BTreeMap;
use std::io;

use exhibit::checks::{Fault, Verdict};
use exhibit::collect::sink::{Answer, Sink};
use exhibit::collect::spool::Spool;
use exhibit::contract::collection::{Rejection, Summary};
use exhibit::contract::types::Row;
use exhibit::evidence::Encoder;
use exhibit::format::counted;
use exhibit::plugin::Plugin;
use exhibit::replay::{ReplayError, ReplayOptions, differing, run};
use exhibit_rows::Shown;

use super::sample::{Playing, Sample};

/// Other randomness than the job's own.
const ELSEWHERE: u64 = 1;
/// So many bytes are fed one by one: each is a call of its own, and a million of them take seconds.
const SINGLE_BYTES: u64 = 256 << 10;
/// And in pieces of each of these sizes. Small ones cut every token; between them they put a cut at
/// the border of nearly every record, which pieces of one byte do, too, but with nothing in them.
const SIZES: std::ops::RangeInclusive<usize> = 2..=48;
/// So many bytes are played in all these sizes: each of them is a run of its own.
const IN_ALL_SIZES: u64 = 64 << 10;

/// What came of a run: nothing at all, where there are no answers.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) lines: Vec<Vec<u8>>,
    pub(super) rejected: Vec<(String, String)>,
    /// `None` where the sample ended first.
    summary: Option<Summary>,
}

impl Run {
    /// Whether the summary of another run says that something is missing: in a note, or by the source's own
    /// count.
    pub(super) fn tells_of_loss(&self, other: &Summary) -> bool {
        // A note that counts what came says nothing of what did not.
        let uncounted = |it: &String| it.chars().filter(|it| !it.is_ascii_digit()).collect::<String>();
        let notes: Vec<String> = self.summary.iter().flat_map(|it| &it.notes).map(uncounted).collect();
        let received = other.rows + other.rejected + other.duplicates + other.outside_window;
        other.notes.iter().any(|it| !notes.contains(&uncounted(it)))
            || other.declared.is_some_and(|it| it != received)
    }
}

/// Rows are kept to be compared: of what a sample has some hundred times as much does not come.
const ROWS_BYTES: usize = 512 << 20;

/// Keeps rows as they would be written.
#[derive(Debug)]
pub(super) struct Lines {
    encoder: Encoder,
    pub(super) lines: Vec<Vec<u8>>,
    pub(super) rejected: Vec<(String, String)>,
    /// Lines and rejections of whole answers.
    whole: (usize, usize),
    /// Of all lines and rejections that ever came.
    bytes: usize,
}

impl Lines {
    pub(super) fn of(sample: &Sample) -> Self {
        let encoder = Encoder::new(&sample.fields);
        Self { encoder, lines: Vec::new(), rejected: Vec::new(), whole: (0, 0), bytes: 0 }
    }
}

impl Sink for Lines {
    fn begin(&mut self, _: &Answer<'_>) -> io::Result<()> {
        Ok(())
    }

    fn body(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn rows(&mut self, rows: Vec<Row>, rejected: Vec<Rejection>) -> io::Result<()> {
        for row in &rows {
            let mut line = Vec::new();
            self.encoder.row(row, &mut line)?;
            self.bytes += line.len();
            self.lines.push(line);
        }
        for it in rejected {
            self.bytes += it.subject.len() + it.reason.len();
            self.rejected.push((it.subject, it.reason));
        }
        if self.bytes > ROWS_BYTES {
            let problem = format!("more than {} MiB of rows come of a few answers", ROWS_BYTES >> 20);
            return Err(io::Error::other(problem));
        }
        Ok(())
    }

    fn redacted(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn blanked(&mut self, _: &BTreeMap<String, u64>) -> io::Result<()> {
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        self.whole = (self.lines.len(), self.rejected.len());
        Ok(())
    }

    fn abandon(&mut self, _: &str) -> io::Result<()> {
        self.lines.truncate(self.whole.0);
        self.rejected.truncate(self.whole.1);
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.abandon("")
    }

    fn spool(&mut self) -> Option<&mut dyn Spool> {
        None
    }
}

async fn play(plugin: &Plugin, sample: &Sample, manner: &ReplayOptions) -> Result<Run, ReplayError> {
    let mut lines = Lines::of(sample);
    let mut tape = Playing::new(&sample.answers);
    let summary = match run(plugin, &sample.job, &mut tape, manner, &mut lines).await {
        Ok(summary) => Some(summary),
        Err(ReplayError::NoMore { .. }) if !sample.whole => None,
        Err(error) => return Err(error),
    };
    Ok(Run { lines: lines.lines, rejected: lines.rejected, summary })
}

/// The expected result: each step asked for once, in the pieces of a collection.
pub(super) async fn baseline(plugin: &Plugin, sample: &Sample) -> Result<Run, String> {
    let run = play(plugin, sample, &ReplayOptions::default()).await;
    run.map_err(|error| format!("the answers cannot be played at all: {error}"))
}

async fn compare(plugin: &Plugin, sample: &Sample, base: &Run, manner: &ReplayOptions) -> Option<String> {
    match play(plugin, sample, manner).await {
        Ok(run) => difference(base, &run),
        Err(error) => Some(error.to_string()),
    }
}

/// As the contract's usual host does it, but for this.
fn manner<T>(set: impl FnOnce(&mut ReplayOptions) -> T) -> ReplayOptions {
    let mut options = ReplayOptions::default();
    set(&mut options);
    options
}

/// Again, with each step asked for twice; and again, with other randomness.
pub(super) async fn repeats(plugin: &Plugin, sample: &Sample, base: &Run) -> Verdict {
    let mut faults = Vec::new();
    let mut fault = |when: &str, what: Option<String>, next: &'static str| {
        faults.extend(what.map(|what| Fault { what: format!("{when}, {what}"), next: next.into() }));
    };
    let twice = manner(|it| it.twice = true);
    let next = "keep no state but the session's own, and change nothing in `next`";
    fault("played again, each step asked for twice", compare(plugin, sample, base, &twice).await, next);
    let shaken = manner(|it| it.randomness = ELSEWHERE);
    let next = "use ordered maps (BTreeMap), and no randomness";
    fault("with other randomness", compare(plugin, sample, base, &shaken).await, next);
    Verdict::of(faults, format!("twice: {}", sample.extent()))
}

/// In pieces of one byte, of many small sizes, and whole.
pub(super) async fn in_chunks(plugin: &Plugin, sample: &Sample, base: &Run) -> Verdict {
    let longest = sample.answers.iter().map(|it| it.recorded.bytes).max().unwrap_or(0);
    let longest = usize::try_from(longest).unwrap_or(usize::MAX).max(1);
    let mut faults = Vec::new();
    let mut fault = |pieces: String, what: Option<String>| {
        faults.extend(what.map(|what| Fault {
            what: format!("in {pieces}, {what}"),
            next: "keep what a piece cut off, and go on with it at the next `feed`; what is left counts at `end`"
                .into(),
        }));
    };
    for (pieces, chunk, finely) in [("pieces of one byte", 1, SINGLE_BYTES), ("one piece", longest, u64::MAX)]
    {
        let options = manner(|it| (it.chunk, it.finely) = (chunk, finely));
        fault(pieces.to_owned(), compare(plugin, sample, base, &options).await);
    }
    let few = sample.first(IN_ALL_SIZES);
    match baseline(plugin, &few).await {
        Ok(base) => {
            for chunk in SIZES {
                let options = manner(|it| (it.chunk, it.finely) = (chunk, IN_ALL_SIZES));
                fault(format!("pieces of {chunk} bytes"), compare(plugin, &few, &base, &options).await);
            }
        }
        Err(why) => fault("the pieces of a collection".to_owned(), Some(why)),
    }
    let tried = format!(
        "1 byte (the first {} KiB), {} to {} bytes (the first {} KiB), whole: {}",
        SINGLE_BYTES >> 10,
        SIZES.start(),
        SIZES.end(),
        IN_ALL_SIZES >> 10,
        sample.extent()
    );
    Verdict::of(faults, tried)
}

/// Each answer breaks off three times, then comes whole.
pub(super) async fn interrupted(plugin: &Plugin, sample: &Sample, base: &Run) -> Verdict {
    let options = manner(|it| it.interrupted = true);
    let what = compare(plugin, sample, base, &options).await;
    let fault = what.map(|what| Fault {
        what: format!("where answers break off and come again, {what}"),
        next: "at `interrupted`, forget all that happened since `accept`".into(),
    });
    Verdict::of(Vec::from_iter(fault), format!("3 times each of {}", sample.extent()))
}

/// Another session takes over after each answer.
pub(super) async fn resumed(plugin: &Plugin, sample: &Sample, base: &Run) -> Verdict {
    let options = manner(|it| it.resumed = true);
    let what = compare(plugin, sample, base, &options).await;
    let fault = what.map(|what| Fault {
        what: format!("where another session resumes from each checkpoint, {what}"),
        next:
            "put all into the checkpoint that the next answer depends on: place, counts, notes, and what was \
               held back"
                .into(),
    });
    Verdict::of(Vec::from_iter(fault), format!("{} checkpoints", sample.answers.len() + 1))
}

/// How a run differs from the expected result.
fn difference(base: &Run, run: &Run) -> Option<String> {
    let (expected, lines) = (&base.lines, &run.lines);
    let at = expected.iter().zip(lines).position(|(one, other)| one != other);
    let at = at.or((expected.len() != lines.len()).then_some(expected.len().min(lines.len())));
    if let Some(at) = at {
        let place = format!("row {} of {}", at + 1, expected.len());
        let (here, there) = (lines.get(at), expected.get(at));
        return Some(match (here, there) {
            (Some(_), None) => {
                format!("{} instead of {}", counted(lines.len() as u64, "row", "rows"), expected.len())
            }
            (None, _) => format!("{place} is missing"),
            (here, _) if here == expected.get(at + 1) => format!("{place} is missing"),
            (_, there) if there == lines.get(at + 1) => format!("there is another row before {place}"),
            (Some(here), Some(there)) => format!("{place} is another: {}", differing(there, here)),
        });
    }
    if base.rejected != run.rejected {
        return Some(format!(
            "other records are rejected: {}, and not {}",
            run.rejected.len(),
            base.rejected.len()
        ));
    }
    match (&base.summary, &run.summary) {
        (Some(expected), Some(summary)) if expected != summary => Some(otherwise(expected, summary)),
        _ => None,
    }
}

fn otherwise(expected: &Summary, summary: &Summary) -> String {
    let declared = |it: &Summary| it.declared.map_or("none".to_owned(), |it| it.to_string());
    let counts = |it: &Summary| {
        [
            ("pages", it.pages.to_string()),
            ("declared", declared(it)),
            ("duplicates", it.duplicates.to_string()),
            ("outside-window", it.outside_window.to_string()),
            ("repeated-keys", it.repeated_keys.map_or("none".to_owned(), |it| it.to_string())),
            ("window", it.window.map_or("none".to_owned(), |it| format!("{} to {}", it.start, it.end))),
        ]
    };
    let differs = counts(expected).into_iter().zip(counts(summary)).find(|(one, other)| one != other);
    match differs {
        Some(((name, expected), (_, counted))) => {
            format!("the summary says {name} {counted}, and not {expected}")
        }
        None => {
            let note = expected.notes.iter().find(|it| !summary.notes.contains(it));
            match note.or(summary.notes.iter().find(|it| !expected.notes.contains(it))) {
                Some(note) => format!("a note comes at one time only: {}", Shown::line(note)),
                None => "the notes come in another order".to_owned(),
            }
        }
    }
}
