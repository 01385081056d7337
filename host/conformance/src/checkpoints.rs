//! Checkpoints: each belongs to its job, and an invalid one is refused.

use exhibit::checks::{Fault, Verdict};
use exhibit::contract::catalog::{Parameter, ProofType};
use exhibit::contract::collection::{Job, Task};
use exhibit::contract::settings;
use exhibit::contract::types::{Setting, Value, Window};
use exhibit::plugin::{Plugin, PluginError};
use exhibit::replay::AnswerSource as _;

use super::open::taken;
use super::sample::{Playing, Sample};
use super::synthetic;

/// What a collection feeds at a time.
pub(super) const CHUNK_BYTES: usize = 64 << 10;
/// A day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// One that was taken after the first answer, under other jobs; and invalid ones, under its own.
pub(super) async fn refuses_checkpoints(plugin: &Plugin, sample: &Sample) -> Verdict {
    let checkpoint = match after_first_answer(plugin, sample).await {
        Ok(checkpoint) => checkpoint,
        Err(why) => return Verdict::skipped(why),
    };
    let mut faults = Vec::new();
    let mut tried = Vec::new();
    for (what, jobs) in others(plugin, &sample.job) {
        // A job that is refused anyway says nothing of its checkpoint.
        let Some(job) = first_taken(plugin, jobs).await else { continue };
        let opened = plugin.open(&Job { checkpoint: Some(checkpoint.clone()), ..job }).await;
        faults.extend(fault(taken(opened), &format!("a checkpoint of a job {what}")));
        tried.push(what);
    }
    let mut half = checkpoint;
    half.truncate(half.len() / 2);
    for (what, checkpoint) in [
        ("half a checkpoint", half),
        ("a checkpoint of random bytes", b"\x00\xffnot a checkpoint\x80".to_vec()),
        ("an empty checkpoint", Vec::new()),
    ] {
        let opened = plugin.open(&Job { checkpoint: Some(checkpoint), ..sample.job.clone() }).await;
        faults.extend(fault(taken(opened), what));
    }
    Verdict::of(faults, format!("of a job {}; cut, random and empty", tried.join(", ")))
}

fn fault(how: Option<String>, what: &str) -> Option<Fault> {
    let next = "put the whole job and the plugin's version into the checkpoint, and answer `invalid` where they differ";
    how.map(|how| Fault::new(format!("{what} {how}"), next))
}

async fn first_taken(plugin: &Plugin, jobs: Vec<Job>) -> Option<Job> {
    for job in jobs {
        if plugin.open(&job).await.is_ok() {
            return Some(job);
        }
    }
    None
}

/// Jobs that differ from this one in one thing each, and in what: where there are several, any will do.
fn others(plugin: &Plugin, job: &Job) -> Vec<(String, Vec<Job>)> {
    let name = job.task.name();
    let manifest = plugin.manifest();
    let mut others = vec![
        ("of another day".to_owned(), vec![Job { as_of: job.as_of.saturating_sub(DAY), ..job.clone() }]),
        ("that is a probe".to_owned(), vec![Job { task: Task::Probe(name.to_owned()), ..job.clone() }]),
    ];
    let windows = windows(job).into_iter().map(|window| Job { window, ..job.clone() });
    others.push(("of another window".to_owned(), windows.collect()));
    let types = manifest.proof_types.iter().filter(|it| it.name != name);
    let types = types.filter_map(|it| of_type(job, it)).flat_map(|other| {
        let without = Job { window: None, ..other.clone() };
        [other, without]
    });
    others.push(("of another proof type".to_owned(), types.collect()));
    for parameter in &manifest.settings {
        let jobs = changed(parameter, &job.settings).map(|settings| Job { settings, ..job.clone() });
        others.push((format!("with another {}", parameter.name), jobs.collect()));
    }
    for parameter in manifest.proof_type(name).iter().flat_map(|it| &it.criteria) {
        let jobs = changed(parameter, &job.criteria).map(|criteria| Job { criteria, ..job.clone() });
        others.push((format!("with another {}", parameter.name), jobs.collect()));
    }
    others
}

fn windows(job: &Job) -> Vec<Option<Window>> {
    let before = |it: Window| Window { start: it.start.saturating_sub(DAY), end: it.end.saturating_sub(DAY) };
    match job.window {
        Some(window) => vec![Some(before(window)), None],
        None => {
            let end = job.as_of.saturating_sub(DAY);
            vec![Some(Window { start: end.saturating_sub(DAY), end })]
        }
    }
}

/// The same of another type, with what of its criteria both know. `None` where it is not known what it must
/// be given.
fn of_type(job: &Job, other: &ProofType) -> Option<Job> {
    let mut criteria = settings::typical(&other.criteria, []).ok()?;
    for it in &mut criteria {
        if let Some(same) = job.criteria.iter().find(|same| same.name == it.name) {
            it.value = same.value.clone();
        }
    }
    Some(Job { task: Task::Collect(other.name.clone()), criteria, ..job.clone() })
}

/// These arguments with other values of this parameter.
fn changed<'a>(
    parameter: &'a Parameter,
    arguments: &'a [Setting],
) -> impl Iterator<Item = Vec<Setting>> + 'a {
    let value = arguments.iter().find(|it| it.name == parameter.name).map(|it| &it.value);
    values(parameter, value).into_iter().map(|value| {
        let mut changed = arguments.to_vec();
        // In its place: another order would be another job to some, too.
        match changed.iter_mut().find(|it| it.name == parameter.name) {
            Some(it) => it.value = value,
            None => changed.push(Setting { name: parameter.name.clone(), value }),
        }
        changed
    })
}

/// Other values than this one, some of which the plugin may refuse.
fn values(parameter: &Parameter, value: Option<&Value>) -> Vec<Value> {
    if !parameter.choices.is_empty() {
        let choices = parameter.choices.iter().map(|it| Value::Text(it.value.clone()));
        return choices.filter(|it| Some(it) != value).collect();
    }
    match value {
        None => vec![synthetic::something(parameter.kind)],
        Some(Value::Text(text)) => vec![Value::Text(format!("{text}x"))],
        Some(Value::Integer(number)) => {
            vec![Value::Integer(number.saturating_add(1)), Value::Integer(number.saturating_sub(1))]
        }
        Some(Value::Number(number)) => vec![Value::Number(number + 1.0), Value::Number(number - 1.0)],
        Some(Value::Boolean(yes)) => vec![Value::Boolean(!yes)],
        Some(Value::Instant(instant)) => vec![Value::Instant(instant.saturating_sub(DAY))],
        Some(Value::Duration(seconds)) => {
            vec![Value::Duration(seconds.saturating_add(1)), Value::Duration(seconds.saturating_sub(1))]
        }
        Some(Value::Texts(texts)) => {
            let more = texts.iter().cloned().chain(["x".to_owned()]);
            vec![Value::Texts(more.collect())]
        }
        Some(Value::Absent | Value::Empty) => vec![],
    }
}

async fn after_first_answer(plugin: &Plugin, sample: &Sample) -> Result<Vec<u8>, String> {
    let said = |error: PluginError| error.to_string();
    let mut tape = Playing::new(&sample.answers);
    let mut session = plugin.open(&sample.job).await.map_err(said)?;
    session.next().await.map_err(said)?;
    let recorded = tape.advance().map_err(|it| it.to_string())?.ok_or("there is no answer")?;
    session.accept(&recorded.head).await.map_err(said)?;
    let mut body = Vec::new();
    let read = tape.body().and_then(|mut it| it.read_to_end(&mut body));
    read.map_err(|it| it.to_string())?;
    for chunk in body.chunks(CHUNK_BYTES) {
        session.feed(chunk).await.map_err(said)?;
    }
    session.end().await.map_err(said)?;
    session.checkpoint().await.map_err(said)
}
