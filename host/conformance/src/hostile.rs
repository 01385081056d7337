//! Answers that no source should give: a plugin must end in an error or wait, never crash, and
//! never take them for an empty proof.

use exhibit::checks::{Fault, Verdict};
use exhibit::contract::collection::{Response, Summary};
use exhibit::contract::types::Error;
use exhibit::format::counted;
use exhibit::plugin::{Plugin, PluginError};
use exhibit::replay::{ReplayError, ReplayOptions, run};
use exhibit_records::RequestRecord;

use super::payload::Payload;
use super::rng::Dice;
use super::same::{Lines, Run};
use super::sample::{Playable, Playing, Sample};

const OK: u16 = 200;
const UNAUTHORIZED: u16 = 401;
/// What sources and proxies refuse requests with. That 404 is not among them has its reason: some
/// say so that there is nothing.
const REFUSALS: [u16; 6] = [UNAUTHORIZED, 403, 429, 500, 502, 503];
/// What comes where somebody must sign in first, or a proxy has no better idea.
const WEB_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form method=\"post\">\
                        <input name=\"user\"></form></body></html>\n";
/// More than the memory of a session.
const FLOOD_BYTES: u64 = 96 << 20;
/// Nested deeper than any stack goes.
const NESTED_BYTES: u64 = 4 << 20;
/// Places at which an answer is cut off: so many anywhere, and as many behind what may end a record.
const CUTS: usize = 16;
/// What records end with, in most formats: who misses the end of the list there, misses no token.
const RECORD_ENDS: [u8; 4] = *b"\n}]>";
/// Copies of an answer with some bytes changed.
const FLIPPED: usize = 48;
/// Bytes that are changed in each of them.
const FLIPS: usize = 3;
/// A longer answer is not damaged in so many ways: it would take minutes.
const DAMAGED_BYTES: usize = 1 << 20;

/// A bad answer.
struct Case {
    name: String,
    head: Response,
    body: Payload,
    wanted: Wanted,
}

/// What may come of a bad answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Whatever is no crash: it may be damaged in a place that does not matter.
    NoCrash,
    /// The rows of the undisturbed run, or a word of it that they are not all.
    NoLoss,
    /// An error, a pause, or a rejection.
    NoProof,
    /// An error that says that the credentials are wrong, or a right is missing.
    Denied,
}

impl Case {
    fn new(name: impl Into<String>, status: u16, body: Payload, wanted: Wanted) -> Self {
        Self { name: name.into(), head: Response { status, headers: vec![] }, body, wanted }
    }
}

/// What is no answer at all, under status 200.
pub(super) async fn garbage(plugin: &Plugin, sample: &Sample, base: &Run) -> Verdict {
    let mut rng = Dice::new(1);
    let bodies = [
        ("an empty body", Payload::Bytes(vec![])),
        ("white space", Payload::text(" \r\n\r\n ")),
        ("a web page", Payload::text(WEB_PAGE)),
        ("a sentence", Payload::text("Service is temporarily unavailable.")),
        ("an error in JSON", Payload::text("{\"error\":{\"code\":403,\"message\":\"Forbidden\"}}")),
        ("an error in XML", Payload::text("<?xml version=\"1.0\"?>\n<error><code>403</code></error>")),
        ("random bytes", Payload::Bytes(rng.bytes(4096))),
        ("zeros", Payload::Bytes(vec![0; 4096])),
    ];
    let cases = bodies.map(|(name, body)| Case::new(name, OK, body, Wanted::NoProof));
    try_all(plugin, sample, base, &Vec::from(cases), "unusable answers").await
}

/// Refusals by status, with what usually comes with them and with what was to come.
pub(super) async fn refusals(plugin: &Plugin, sample: &Sample, base: &Run) -> Verdict {
    let mut cases = Vec::new();
    for status in REFUSALS {
        let wanted = if status == UNAUTHORIZED { Wanted::Denied } else { Wanted::NoProof };
        let case = |what: &str, body| Case::new(format!("status {status} {what}"), status, body, wanted);
        cases.push(case("without a body", Payload::Bytes(vec![])));
        cases.push(case("with a web page", Payload::text(WEB_PAGE)));
        if let Some(first) = sample.answers.first() {
            cases.push(case("with the body of a good answer", first.body.clone()));
        }
    }
    try_all(plugin, sample, base, &cases, "refusals").await
}

/// What never ends, and what nests without bottom.
pub(super) async fn floods(plugin: &Plugin, sample: &Sample, base: &Run) -> Verdict {
    let flood = |name: &str, start: &[u8], unit, bytes| {
        let body = Payload::Flood { start: start.to_vec(), unit, bytes };
        Case::new(name, OK, body, Wanted::NoCrash)
    };
    let mut cases = vec![
        flood("96 MiB of one text", b"", b"x", FLOOD_BYTES),
        flood("nested elements", b"<?xml version=\"1.0\"?>", b"<a>", NESTED_BYTES),
        flood("nested arrays", b"", b"[", NESTED_BYTES),
        flood("nested objects", b"", b"{\"a\":", NESTED_BYTES),
    ];
    if let Some(Playable { body: Payload::Bytes(body), .. }) = sample.answers.first() {
        let half = body.get(..body.len() / 2).unwrap_or_default();
        cases.push(flood("half an answer and 96 MiB of one text", half, b"x", FLOOD_BYTES));
        cases.push(flood("half an answer and nested elements", half, b"<a>", NESTED_BYTES));
        cases.push(flood("half an answer and nested arrays", half, b"[", NESTED_BYTES));
        cases.push(flood("half an answer and nested objects", half, b"{\"a\":", NESTED_BYTES));
    }
    try_all(plugin, sample, base, &cases, "endless and deeply nested answers").await
}

/// Good answers, cut off and with bytes changed.
pub(super) async fn damage(plugin: &Plugin, sample: &Sample, base: &Run) -> Verdict {
    let mut faults = Vec::new();
    let mut tried = 0;
    for at in places(sample) {
        let Some(Playable { recorded, body: Payload::Bytes(body) }) = sample.answers.get(at) else {
            continue;
        };
        if body.len() > DAMAGED_BYTES || body.is_empty() {
            continue;
        }
        let mut cases = Vec::new();
        let mut rng = Dice::new(at as u64);
        let mut case = |name: String, body: Vec<u8>, wanted: Wanted| {
            let head = recorded.head.clone();
            cases.push(Case { name, head, body: Payload::Bytes(body), wanted });
        };
        for end in cuts(body, &mut rng) {
            let cut = body.get(..end).unwrap_or_default().to_vec();
            case(format!("cut off after {end} bytes"), cut, Wanted::NoLoss);
        }
        for copy in 0..FLIPPED {
            let mut flipped = body.clone();
            for _ in 0..FLIPS {
                let (place, byte) = (rng.below(body.len()), rng.next().to_le_bytes()[0]);
                if let Some(there) = flipped.get_mut(place) {
                    *there = byte;
                }
            }
            case(format!("with {FLIPS} bytes changed (copy {copy})"), flipped, Wanted::NoCrash);
        }
        tried += cases.len();
        faults.extend(at_answer(plugin, sample, base, at, &cases).await);
    }
    if tried == 0 {
        let why = format!("there is no answer of at most {} MiB among the first", DAMAGED_BYTES >> 20);
        return Verdict::skipped(why);
    }
    Verdict::of(faults, format!("{tried} damaged answers"))
}

/// Where a body is cut off: anywhere, and behind what may be a record.
fn cuts(body: &[u8], rng: &mut Dice) -> Vec<usize> {
    let mut cuts: Vec<usize> = (0..CUTS).map(|_| rng.below(body.len())).collect();
    let ends = body.iter().enumerate().filter(|(_, byte)| RECORD_ENDS.contains(byte));
    let mut borders: Vec<usize> = ends.map(|(at, _)| at + 1).filter(|it| *it < body.len()).collect();
    while borders.len() > CUTS {
        borders.swap_remove(rng.below(borders.len()));
    }
    cuts.extend(borders);
    cuts
}

/// The first answer and the second: where there are pages, the second is read in another way.
fn places(sample: &Sample) -> std::ops::Range<usize> {
    0..sample.answers.len().clamp(1, 2)
}

async fn try_all(plugin: &Plugin, sample: &Sample, base: &Run, cases: &[Case], what: &str) -> Verdict {
    let mut faults = Vec::new();
    for at in places(sample) {
        faults.extend(at_answer(plugin, sample, base, at, cases).await);
    }
    Verdict::of(faults, format!("{} {what}", cases.len() * places(sample).len()))
}

/// Gives each of the cases in place of the answer at `at`.
async fn at_answer(plugin: &Plugin, sample: &Sample, base: &Run, at: usize, cases: &[Case]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let good = sample.answers.get(..at).unwrap_or_default();
    let instead = sample.answers.get(at);
    let request = instead.map_or(&sample.first, |it| &it.recorded.request);
    for case in cases {
        // What the source itself gives where it is well is no refusal, and no garbage.
        if instead.is_some_and(|it| it.recorded.head.status == case.head.status && it.body == case.body) {
            continue;
        }
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let bad = Playable::synthetic(number, request.clone(), case.head.clone(), case.body.clone());
        let mut answers = good.to_vec();
        answers.push(bad);
        let (mut played, mut lines) = play(plugin, sample, &answers).await;
        // What became of the rows is known at the end alone, so the good answers after it come, too.
        let rest = sample.answers.get(at + 1..).unwrap_or_default();
        let goes_on = |it: &Playable| matches!(&played, Err(ReplayError::NoMore { asked, .. }) if **asked == it.recorded.request);
        if case.wanted == Wanted::NoLoss && rest.first().is_some_and(goes_on) {
            answers.extend_from_slice(rest);
            (played, lines) = play(plugin, sample, &answers).await;
        }
        let came = Came { played, lines, base };
        if let Some((what, next)) = came.wrong(case.wanted, request) {
            let what = format!("{}, in place of answer {number}: {what}", case.name);
            faults.push(Fault { what, next: next.into() });
        }
    }
    faults
}

async fn play(
    plugin: &Plugin,
    sample: &Sample,
    answers: &[Playable],
) -> (Result<Summary, ReplayError>, Lines) {
    let mut lines = Lines::of(sample);
    let played =
        run(plugin, &sample.job, &mut Playing::new(answers), &ReplayOptions::default(), &mut lines).await;
    (played, lines)
}

/// What came of a bad answer.
struct Came<'a> {
    played: Result<Summary, ReplayError>,
    lines: Lines,
    /// What comes of the good ones.
    base: &'a Run,
}

/// What to do where something is taken for an answer.
const PROOF: &str = "say `malformed` or `rejected` unless the answer is what the source documents for \"here it is\" or for \"there are none\"";
/// What to do where a part is taken for the whole.
const LOSS: &str = "look for what ends the list (a closing bracket, a last line, the source's own count), and where it is not there answer `malformed`, or say in a note what is missing";
/// What to do where an account may be locked.
const DENIED: &str = "answer 401 with `denied`: the host then stops before the account is locked";

impl Came<'_> {
    /// What is wrong with it, and what to do about it. `request` is the one with the bad answer.
    fn wrong(self, wanted: Wanted, request: &RequestRecord) -> Option<(String, &'static str)> {
        let (told, whole) = (self.tells_of_a_record(), self.lines.lines == self.base.lines);
        match self.played {
            Err(ReplayError::Plugin { error: PluginError::Said(error), .. }) => match (wanted, &error) {
                (Wanted::Denied, Error::Denied(_) | Error::Unlicensed(_)) => None,
                (Wanted::Denied, _) => {
                    let what = format!("it is an error other than `denied`: {}", PluginError::Said(error));
                    Some((what, DENIED))
                }
                _ => None,
            },
            Err(ReplayError::Plugin { error, .. }) => {
                let next = match error {
                    PluginError::OutOfMemory { .. } => {
                        "bound what is kept of an unfinished record, and of nesting"
                    }
                    PluginError::TimedOut { .. } => "look at each byte a bounded number of times",
                    _ => "answer with an error: a plugin never panics",
                };
                Some((error.to_string(), next))
            }
            Err(ReplayError::NoMore { asked, waited, .. }) if *asked == *request => match (wanted, waited) {
                (Wanted::Denied, _) => Some(("it asks for the same again".to_owned(), DENIED)),
                (_, true) => None,
                (_, false) => Some((
                    "it asks for the same again, at once".to_owned(),
                    "wait before the same request is made again, and give up after some time",
                )),
            },
            // It may ask for less, or in another way, when it asks again.
            Err(ReplayError::NoMore { waited: true, .. }) if wanted != Wanted::Denied => None,
            Ok(_) | Err(ReplayError::NoMore { .. }) if wanted == Wanted::NoCrash => None,
            Ok(_) | Err(ReplayError::NoMore { .. }) if told && wanted != Wanted::Denied => None,
            // Who asks for what comes behind the last record that came loses nothing.
            Err(ReplayError::NoMore { .. } | ReplayError::OtherRequest { .. })
                if wanted == Wanted::NoLoss =>
            {
                None
            }
            Ok(summary) if wanted == Wanted::NoLoss => {
                let said = whole || self.base.tells_of_loss(&summary);
                let what = || {
                    let (rows, all) = (summary.rows, self.base.lines.len());
                    format!("a truncated answer was accepted as complete ({rows} of {all} rows)")
                };
                (!said).then(|| (what(), LOSS))
            }
            Ok(summary) => {
                let rows = counted(summary.rows, "row", "rows");
                Some((format!("it is accepted as the end of a proof of {rows}"), PROOF))
            }
            Err(ReplayError::NoMore { .. }) => {
                Some(("it is accepted as a page, and the next is requested".to_owned(), PROOF))
            }
            Err(error) => Some((error.to_string(), "see the contract's collection.wit")),
        }
    }

    /// Whether it rejected a record that it does not reject of good answers: these say nothing of a bad one.
    fn tells_of_a_record(&self) -> bool {
        self.lines.rejected.iter().any(|it| !self.base.rejected.contains(it))
    }
}
