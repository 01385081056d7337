//! What a session gives back.

use crate::contract::catalog::{Field, ProofType, ProvenTime};
use crate::contract::collection::{
    Batch, Body, Change, Effect, Job, Pause, Rejection, Request, Step, Summary, Task,
};
use crate::contract::types::{Instant, Kind, Row, Value, Window};

use super::{Checked, bounded};

/// One text: more than any source keeps in one field.
const TEXT_BYTES: usize = 1 << 20;
/// One row.
const ROW_BYTES: usize = 4 << 20;
/// All texts of one batch, which may lie over one another in the plugin's memory: half of
/// that memory, and by far more than the rows of one chunk of an answer have.
const BATCH_BYTES: usize = 32 << 20;
/// Texts in one value: the tags of an asset, the targets of a scan.
const TEXTS: usize = 100_000;
/// What tells a person which record was rejected, and why.
const REJECTION_BYTES: usize = 4 << 10;
/// Notes of a summary: a person reads them all.
const NOTES: usize = 1_000;
/// One of them.
const NOTE_BYTES: usize = 4 << 10;
/// What a person reads about a pause.
const MESSAGE_BYTES: usize = 4 << 10;
/// No source closes for longer than a day without somebody having to know.
const PAUSE_SECONDS: u32 = 24 * 60 * 60;
/// Query parameters, form fields or headers of one request.
const REQUEST_PAIRS: usize = 1_000;
/// One request, with all that belongs to it.
const REQUEST_BYTES: usize = 8 << 20;
/// Records that a summary may count: whole numbers up to here are exact wherever JSON
/// is read, and their sums do not overflow.
const RECORDS: u64 = 1 << 53;
/// What a session must remember to go on: a page's address, and the keys at its border.
const CHECKPOINT_BYTES: usize = 8 << 20;
/// 0000-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z: what RFC 3339 can write.
const INSTANTS: std::ops::RangeInclusive<Instant> = -62_167_219_200_000..=253_402_300_799_999;

/// What the summary of a job has to say of its window.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WindowRule {
    /// Where this is `None`, which interval was chosen; where it is not, perhaps a shorter one.
    Events(Option<Window>),
    /// Nothing.
    Unsaid,
    /// Nothing, but what came of the operation.
    Operation,
    /// Whatever it likes: a probe proves nothing.
    Any,
}

impl WindowRule {
    /// Of a job of this proof type.
    pub(crate) fn of(job: &Job, proof_type: Option<&ProofType>) -> Self {
        let proves = proof_type.and_then(|it| it.window.as_ref()).map(|it| it.proves);
        match (&job.task, proves) {
            (Task::Probe(_), _) => Self::Any,
            (Task::Collect(_), Some(ProvenTime::Events)) => Self::Events(job.window),
            (Task::Operate(_), _) => Self::Operation,
            (Task::Collect(_) | Task::LookUp(_), _) => Self::Unsaid,
        }
    }

    fn check(self, chosen: Option<Window>) -> Checked {
        let said = |what: &str| Err(what.to_owned());
        match (self, chosen) {
            (Self::Any, _) | (Self::Events(Some(_)) | Self::Unsaid | Self::Operation, None) => Ok(()),
            (Self::Unsaid | Self::Operation, Some(_)) => {
                said("a summary has a window, and the proof type's window does not prove events")
            }
            (Self::Events(None), None) => said(
                "a summary has no window, and neither has the job; the proof type's window proves events, so the summary must \
                 say which was chosen",
            ),
            (Self::Events(_), Some(Window { start, end })) if !is_span(start, end) => Err(format!(
                "a summary's window from {start} to {end} is empty, or in no year from 0 to 9999"
            )),
            (Self::Events(Some(asked)), Some(it)) if it.start < asked.start || asked.end < it.end => {
                said("a summary's window reaches beyond the job's")
            }
            (Self::Events(_), Some(_)) => Ok(()),
        }
    }
}

/// What the summary of a job has to say of its point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PointRule {
    /// Whether it may have one.
    may: bool,
    /// Where it must: not before this.
    since: Option<Instant>,
}

impl PointRule {
    /// Of a job of this proof type.
    pub(crate) fn of(job: &Job, proof_type: Option<&ProofType>) -> Self {
        let is_known = proof_type.is_some_and(|it| it.changes.is_ok());
        let may = is_known && matches!(job.task, Task::Collect(_)) && job.window.is_none();
        Self { may, since: job.since }
    }

    fn check(self, point: Option<Instant>) -> Checked {
        match (self.since, point) {
            (_, Some(_)) if !self.may => {
                Err("a summary has a point, and the job is no collection that has one".to_owned())
            }
            (_, Some(point)) if !INSTANTS.contains(&point) => {
                Err(format!("a summary's point is {point}, which is in no year from 0 to 9999"))
            }
            (Some(_), None) => Err("a summary has no point, and the job asks for what changed".to_owned()),
            (Some(since), Some(point)) if point < since => {
                Err(format!("a summary's point is {point}, which is before that of the job, {since}"))
            }
            _ => Ok(()),
        }
    }
}

fn is_span(start: Instant, end: Instant) -> bool {
    INSTANTS.contains(&start) && INSTANTS.contains(&end) && start < end
}

/// The rows of a batch fit the fields, and nothing in it is beyond all bounds.
pub(crate) fn batch(batch: &Batch, fields: &[Kind]) -> Checked {
    let mut bytes = 0;
    for (index, row) in batch.rows.iter().enumerate() {
        bytes += check_row(row, fields).map_err(|what| format!("row {index} of a batch {what}"))?;
    }
    for it in &batch.rejected {
        rejection(it)?;
        bytes += it.subject.len() + it.reason.len();
    }
    bounded("the text of a batch", bytes, BATCH_BYTES)
}

/// The kinds of a proof type's or an operation's fields, in their order.
pub(crate) fn kinds(fields: &[Field]) -> Box<[Kind]> {
    fields.iter().map(|it| it.kind).collect()
}

/// How many bytes of text the row has.
fn check_row(row: &Row, fields: &[Kind]) -> Result<usize, String> {
    if row.len() != fields.len() {
        return Err(format!("has {} values, and the proof type has {} fields", row.len(), fields.len()));
    }
    let mut bytes = 0;
    for (index, (value, kind)) in row.iter().zip(fields).enumerate() {
        bytes +=
            check_value(value, *kind).map_err(|what| format!("has a value in field {index} that {what}"))?;
    }
    if bytes > ROW_BYTES {
        return Err(format!("has {bytes} bytes; at most {ROW_BYTES} are allowed"));
    }
    Ok(bytes)
}

/// How many bytes of text the value has.
fn check_value(value: &Value, kind: Kind) -> Result<usize, String> {
    if let Some(other) = value.kind().filter(|it| *it != kind) {
        return Err(format!("is of kind {}, and the field of kind {}", other.name(), kind.name()));
    }
    match value {
        Value::Number(number) if !number.is_finite() => {
            Err(format!("is {number}, and a number must be finite"))
        }
        Value::Instant(instant) if !INSTANTS.contains(instant) => {
            Err(format!("is {instant} ms after 1970, which is in no year from 0 to 9999"))
        }
        Value::Text(text) => text_bytes(text),
        Value::Texts(texts) if texts.len() > TEXTS => {
            Err(format!("has {} texts; at most {TEXTS} are allowed", texts.len()))
        }
        Value::Texts(texts) => texts.iter().map(|it| text_bytes(it)).sum(),
        Value::Absent
        | Value::Empty
        | Value::Integer(_)
        | Value::Number(_)
        | Value::Boolean(_)
        | Value::Instant(_)
        | Value::Duration(_) => Ok(0),
    }
}

fn text_bytes(text: &str) -> Result<usize, String> {
    match text.len() {
        bytes if bytes > TEXT_BYTES => Err(format!("has {bytes} bytes; at most {TEXT_BYTES} are allowed")),
        bytes => Ok(bytes),
    }
}

fn rejection(rejection: &Rejection) -> Checked {
    bounded("a rejected record's subject", rejection.subject.len(), REJECTION_BYTES)?;
    bounded("a rejected record's reason", rejection.reason.len(), REJECTION_BYTES)
}

/// A step can be recorded and carried out; whether its request may be sent is the
/// HTTP side's to say.
pub(crate) fn step(step: &Step, window: WindowRule, point: PointRule) -> Checked {
    match step {
        Step::Send(it) => request(it),
        Step::Wait(it) => pause(it),
        Step::Finished(it)
            if it.outcome.is_some() && !matches!(window, WindowRule::Operation | WindowRule::Any) =>
        {
            Err("a summary has an outcome, and is of no operation".to_owned())
        }
        Step::Finished(it) => {
            summary(it).and_then(|()| window.check(it.window)).and_then(|()| point.check(it.point))
        }
    }
}

fn request(request: &Request) -> Checked {
    let form = match &request.body {
        Body::Form(form) => form.as_slice(),
        Body::None | Body::Content(_) => &[],
    };
    let content = match &request.body {
        Body::Content(content) => content.media_type.len() + content.bytes.len(),
        Body::None | Body::Form(_) => 0,
    };
    let pairs = [request.query.as_slice(), request.headers.as_slice(), form];
    for pairs in pairs {
        bounded("a request's list of parameters or headers", pairs.len(), REQUEST_PAIRS)?;
    }
    let named = request.origin.len() + request.path.len() + request.auth.as_ref().map_or(0, String::len);
    let listed: usize = pairs.into_iter().flatten().map(|(name, value)| name.len() + value.len()).sum();
    bounded("a request", named + listed + content, REQUEST_BYTES)?;
    match &request.effect {
        Effect::Read => Ok(()),
        Effect::Write(it) => change(it),
    }
}

fn change(change: &Change) -> Checked {
    bounded("the list of what a write touches", change.details.len(), REQUEST_PAIRS)?;
    let details: usize = change.details.iter().map(|(label, text)| label.len() + text.len()).sum();
    bounded("what a write touches", change.summary.len() + details, REQUEST_BYTES)
}

fn pause(pause: &Pause) -> Checked {
    if pause.seconds > PAUSE_SECONDS {
        return Err(format!("a pause has {} seconds; at most {PAUSE_SECONDS} are allowed", pause.seconds));
    }
    bounded("a pause's message", pause.message.len(), MESSAGE_BYTES)
}

fn summary(summary: &Summary) -> Checked {
    let Summary { rows, rejected, duplicates, outside_window, declared, repeated_keys, .. } = summary;
    let sometimes = [declared.unwrap_or(0), repeated_keys.unwrap_or(0)];
    for count in [*rows, *rejected, *duplicates, *outside_window].into_iter().chain(sometimes) {
        if count > RECORDS {
            return Err(format!("a summary counts {count} records; at most {RECORDS} are allowed"));
        }
    }
    if repeated_keys.is_some_and(|it| it > *rows) {
        return Err(format!("a summary counts more rows with repeated keys than rows, {rows}"));
    }
    bounded("the list of notes", summary.notes.len(), NOTES)?;
    summary.notes.iter().try_for_each(|it| bounded("a note", it.len(), NOTE_BYTES))
}

/// A checkpoint can be kept.
pub(crate) fn checkpoint(bytes: &[u8]) -> Checked {
    bounded("a checkpoint", bytes.len(), CHECKPOINT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::examples::summary;

    const NO_POINT: PointRule = PointRule { may: false, since: None };

    #[test]
    fn a_point_is_said_where_changes_are_asked_for_and_is_not_before_them() {
        let verdict = |may, since, point| {
            step(
                &Step::Finished(Summary { point, ..summary() }),
                WindowRule::Unsaid,
                PointRule { may, since },
            )
            .err()
        };
        assert_eq!(verdict(true, None, None), None, "the source dates nothing");
        assert_eq!(verdict(true, None, Some(7)), None);
        assert_eq!(verdict(true, Some(7), Some(7)), None, "no time has passed");
        for (may, since, point) in [
            (false, None, Some(7)),
            (true, Some(7), None),
            (true, Some(7), Some(6)),
            (true, None, Some(Instant::MAX)),
        ] {
            assert!(verdict(may, since, point).is_some(), "{may} {since:?} {point:?}");
        }
    }

    fn rows(rows: Vec<Row>) -> Batch {
        Batch { rows, rejected: vec![] }
    }

    fn verdict(row: Row, fields: &[Kind]) -> String {
        batch(&rows(vec![row]), fields).err().unwrap_or_else(|| "fine".to_owned())
    }

    #[test]
    fn every_kind_takes_its_own_values_and_those_that_say_nothing() {
        let own = [
            (Kind::Text, Value::Text("a".to_owned())),
            (Kind::Integer, Value::Integer(-1)),
            (Kind::Number, Value::Number(0.5)),
            (Kind::Boolean, Value::Boolean(true)),
            (Kind::Instant, Value::Instant(0)),
            (Kind::Duration, Value::Duration(1)),
            (Kind::Texts, Value::Texts(vec!["a".to_owned()])),
        ];
        for (kind, value) in &own {
            for says_nothing in [Value::Absent, Value::Empty] {
                assert_eq!(verdict(vec![says_nothing], &[*kind]), "fine");
            }
            for (other, _) in &own {
                let fits = verdict(vec![value.clone()], &[*other]) == "fine";
                assert_eq!(fits, kind == other, "{value:?} in a field of {other:?}");
            }
        }
    }

    #[test]
    fn refuses_rows_of_another_width() {
        assert_eq!(
            verdict(vec![Value::Empty], &[Kind::Text, Kind::Text]),
            "row 0 of a batch has 1 values, and the proof type has 2 fields"
        );
        assert_eq!(verdict(vec![], &[]), "fine");
    }

    #[test]
    fn refuses_numbers_and_instants_that_nobody_can_write() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(verdict(vec![Value::Number(number)], &[Kind::Number]).contains("must be finite"));
        }
        assert_eq!(
            verdict(vec![Value::Instant(Instant::MAX)], &[Kind::Instant]),
            "row 0 of a batch has a value in field 0 that is 9223372036854775807 ms after 1970, which is in \
             no year from 0 to 9999"
        );
    }

    #[test]
    fn refuses_what_is_too_long() {
        let longest = "a".repeat(TEXT_BYTES);
        assert_eq!(verdict(vec![Value::Text(longest.clone())], &[Kind::Text]), "fine");
        assert!(verdict(vec![Value::Text(longest.clone() + "a")], &[Kind::Text]).contains("at most 1048576"));
        assert!(verdict(vec![Value::Texts(vec![longest; 5])], &[Kind::Texts]).contains("at most 4194304"));
        let many = Value::Texts(vec![String::new(); TEXTS + 1]);
        assert!(verdict(vec![many], &[Kind::Texts]).contains("100001 texts"));
    }

    #[test]
    fn refuses_batches_that_are_too_long_together() {
        let row = vec![Value::Text("a".repeat(TEXT_BYTES))];
        let most = BATCH_BYTES / TEXT_BYTES;
        assert_eq!(batch(&rows(vec![row.clone(); most]), &[Kind::Text]), Ok(()));
        let rejection = Rejection { subject: String::new(), reason: "a".to_owned() };
        let one_more = Batch { rows: vec![row; most], rejected: vec![rejection] };
        assert_eq!(
            batch(&one_more, &[Kind::Text]),
            Err("the text of a batch has the size 33554433; at most 33554432 is allowed".to_owned())
        );
    }

    #[test]
    fn refuses_counts_that_nobody_can_add_up() {
        let of = |duplicates, repeated_keys| {
            let counts = Summary { duplicates, repeated_keys, ..summary() };
            step(&Step::Finished(counts), WindowRule::Unsaid, NO_POINT)
        };
        assert_eq!(of(RECORDS, Some(0)), Ok(()));
        assert!(of(u64::MAX, None).is_err());
        assert!(of(0, Some(1)).is_err(), "more of them than there are rows");
    }

    #[test]
    fn a_window_that_was_chosen_is_said_where_it_proves_events() {
        let span = |start, end| Some(Window { start, end });
        let verdict =
            |rule, window| step(&Step::Finished(Summary { window, ..summary() }), rule, NO_POINT).err();
        assert_eq!(verdict(WindowRule::Events(None), span(1, 9)), None);
        assert_eq!(verdict(WindowRule::Events(span(1, 9)), None), None);
        assert_eq!(verdict(WindowRule::Events(span(1, 9)), span(2, 9)), None, "the source kept no more");
        assert_eq!(verdict(WindowRule::Unsaid, None), None);
        for (rule, window) in [
            (WindowRule::Events(None), None),
            (WindowRule::Events(None), span(9, 9)),
            (WindowRule::Events(None), span(0, Instant::MAX)),
            (WindowRule::Events(span(1, 9)), span(1, 10)),
            (WindowRule::Events(span(1, 9)), span(0, 9)),
            (WindowRule::Unsaid, span(1, 9)),
        ] {
            assert!(verdict(rule, window).is_some(), "{rule:?}: {window:?}");
        }
    }

    #[test]
    fn a_pause_ends_within_a_day() {
        let pause = |seconds| {
            step(
                &Step::Wait(Pause {
                    seconds,
                    reason: crate::contract::collection::PauseReason::Polling,
                    connection_wide: false,
                    message: String::new(),
                }),
                WindowRule::Unsaid,
                NO_POINT,
            )
        };
        assert_eq!(pause(PAUSE_SECONDS), Ok(()));
        assert!(pause(PAUSE_SECONDS + 1).is_err());
    }
}
