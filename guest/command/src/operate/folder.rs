//! The folder of an operation's evidence: whether something is there, and what is left when the operation ends early.

use std::path::Path;

use exhibit_plugin::types::Instant;
use exhibit_records::{AnswerRecord, Proof};
use exhibit_rows::ShowPath as _;

use super::journal::{FOLDER, Journal, Step};
use super::terms::Begun;
use crate::clock::Clock;
use crate::evidence::{self, PROOF_FILE, failed};
use crate::failure::Failure;
use crate::files;

/// So long a request may be under way that this command has sent: as long as the connection and the first byte of its answer may
/// take, and a little more.
const UNDER_WAY_MS: Instant = 330_000;
/// A `proof.json` has at most 16 MiB.
const PROOF_BYTES: usize = 16 << 20;

/// How an operation is to begin.
pub(super) struct Choice<'a> {
    /// The parameter that tells on what it is done.
    pub(super) confirm: &'a str,
    pub(super) nonce: &'a str,
    /// Whether it only goes on.
    pub(super) resume: bool,
    /// Whether what was begun is given up.
    pub(super) fresh: bool,
    /// Whether the process that had begun it has ended.
    pub(super) take_over: bool,
    pub(super) clock: &'a dyn Clock,
}

/// Begins an operation, or goes on with what an interrupted call of the same terms has left.
///
/// # Errors
/// Where there is something else in the folder, or what was begun might be done a second time.
pub(super) fn begin(out: &Path, begun: &Begun, choice: &Choice<'_>) -> Result<Journal, Failure> {
    // One that cannot be read may have sent something, too.
    let mut found = Journal::open(out, choice.nonce)?;
    if evidence::is_there(out)? {
        return Err(over(out, found.as_ref()));
    }
    if choice.fresh {
        if found.is_some_and(|it| it.wrote()) {
            return Err(sent(out));
        }
        Journal::remove(out)?;
        found = None;
    }
    match found {
        Some(mut journal) => match differences(&journal, begun) {
            differs if differs.is_empty() => return go_on(journal, choice),
            differs if journal.wrote() => return Err(unfinished(out, &differs)),
            // Nothing was sent yet.
            _ => journal.close(out)?,
        },
        None if choice.resume => {
            let what = format!("there is nothing to resume in {}", out.shown());
            return Err(
                Failure::call(what).next("leave --resume out to begin, or give the same options as before")
            );
        }
        None => {}
    }
    let names = files::names(out).map_err(|error| {
        failed(out, &error).next("give access to the folder: --dir FOLDER before the component's name")
    })?;
    if names.is_some_and(|it| it.iter().any(|name| name != FOLDER)) {
        return Err(Failure::call(format!("{} is not empty", out.shown())).next("name another folder"));
    }
    check_beside(out, begun, choice)?;
    Journal::begin(out, choice.nonce, begun.clone())
}

fn differences(journal: &Journal, begun: &Begun) -> Vec<&'static str> {
    journal.begun().map(|it| it.terms.differences(&begun.terms)).unwrap_or_default()
}

/// Goes on with it, once no other process can be waiting for an answer to what it has sent.
fn go_on(mut journal: Journal, choice: &Choice<'_>) -> Result<Journal, Failure> {
    let now = choice.clock.now();
    if let Some(since) = journal.unanswered_since().filter(|_| !choice.take_over) {
        // A clock that was wrong must not make this a wait without end.
        let left = since.saturating_add(UNDER_WAY_MS).saturating_sub(now).clamp(0, UNDER_WAY_MS);
        if left > 0 {
            eprintln!(
                "waiting {}s: another process sent a request and may still wait for the answer; if it has ended, add --take-over",
                left / 1000
            );
            choice.clock.sleep(std::time::Duration::from_millis(left.unsigned_abs()));
        }
    }
    let at = choice.clock.now();
    journal.append(Step::Resumed { at }, None)?;
    Ok(journal)
}

/// That evidence is there. What it was made of is removed, where a call was killed before it did that.
fn over(out: &Path, journal: Option<&Journal>) -> Failure {
    let proof = files::read(&out.join(PROOF_FILE), PROOF_BYTES).ok();
    let proof = proof.and_then(|it| Proof::parse(&it).ok());
    let is_own = |journal: &Journal| {
        let id = journal.begun().map(|it| it.id.clone());
        id.is_some() && proof.as_ref().is_some_and(|it| it.job.id == id)
    };
    if journal.is_some_and(is_own)
        && let Err(failure) = Journal::remove(out)
    {
        return failure;
    }
    let what = format!("there is evidence in {} already: nothing was sent", out.shown());
    Failure::call(what).next("look into it; to do the same once more, name another folder")
}

/// Refuses where the same was begun into a folder beside this one, has sent something, and has not ended.
fn check_beside(out: &Path, begun: &Begun, choice: &Choice<'_>) -> Result<(), Failure> {
    let parent = out.parent().filter(|it| *it != Path::new("")).unwrap_or(Path::new("."));
    // It may be out of this component's sight.
    let Ok(Some(names)) = files::names(parent) else { return Ok(()) };
    for name in names.iter().filter(|it| out.file_name() != Some(it.as_ref())) {
        let beside = parent.join(name);
        let Ok(Some(inside)) = files::names(&beside) else { continue };
        if !inside.iter().any(|it| it == FOLDER) {
            continue;
        }
        // One that is damaged may be of the same.
        let Some(journal) = Journal::open(&beside, choice.nonce)? else { continue };
        let of_same = journal.begun().is_some_and(|it| it.terms.is_of_same(&begun.terms, choice.confirm));
        if of_same && journal.wrote() && !evidence::is_there(&beside)? {
            return Err(unfinished(&beside, &["folder for the evidence"]));
        }
    }
    Ok(())
}

fn unfinished(folder: &Path, differs: &[&str]) -> Failure {
    let what = format!(
        "an operation that was begun in {} has sent something and was interrupted; this call has another {}",
        folder.shown(),
        differs.join(", ")
    );
    Failure::call(what).next("run it as it was run before, so that it finds out what became of it")
}

/// It is not given up by an option: the record of what was sent would be gone.
fn sent(folder: &Path) -> Failure {
    let what = format!(
        "the operation in {} has sent something: to start over would send it a second time, and remove the record of the first",
        folder.shown()
    );
    Failure::call(what).next(
        "leave --fresh out, so that it finds out what became of it; to do it once more on purpose, look at the source first, then \
         remove the folder",
    )
}

/// The failure of an operation that ended early, with what is left of it. Nothing is, where it has sent nothing and waits for
/// nothing.
pub(super) fn left(out: &Path, journal: &mut Journal, failure: Failure) -> Failure {
    let waits = matches!(journal.steps.last(), Some(Step::Wait { .. }));
    if journal.wrote() || waits {
        return goes_on(failure);
    }
    // What went wrong first is what counts. Where another process goes on with it, all of it stays.
    if journal.close(out).is_ok() {
        drop(files::remove_folder(out));
    }
    failure
}

/// The failure of an operation whose steps are kept.
pub(super) fn goes_on(failure: Failure) -> Failure {
    failure.further("the same command goes on with it; what it had sent is not sent again")
}

/// The steps with an answer, and its record with its number.
pub(super) fn answers(journal: &Journal) -> Vec<(usize, AnswerRecord)> {
    let mut answers = Vec::new();
    for (step, taken) in journal.steps.iter().enumerate() {
        let Step::Answer { record, .. } = taken else { continue };
        let answer = u32::try_from(answers.len() + 1).unwrap_or(u32::MAX);
        let file = record.stored.map(|_| format!("{answer:06}.zst"));
        answers.push((step, AnswerRecord { answer, file, ..(**record).clone() }));
    }
    answers
}
