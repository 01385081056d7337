//! Whether the entries of a log say what follows from what they are about. Whoever has the key can have signed anything, so
//! an entry is worth what its evidence shows.

use std::path::Path;

use exhibit_records::{
    CHAINED_SINCE, Digest, Entry, EvidenceAdded, EvidenceTested, Outcomes, PROOF_FILE, PROVES_SINCE, Proof,
    RUN_FILE, Run, label_without_ports,
};
use exhibit_rows::Shown;

use crate::contract::types::Instant;
use crate::disk;
use crate::evidence::{parse_instant, read};
use crate::log::Entries;
use crate::testing::{earlier, run_of};

use super::dates::{CLOCKS_APART, is_of_the_future};
use super::names::name_of;
use super::package::{Logged, Package};

/// What the log says wrongly of evidence in this folder.
pub(super) fn of_evidence(
    package: &Package,
    folder: &Path,
    entries: &mut Entries<'_>,
    now: Instant,
) -> Vec<String> {
    let json = match disk::read_bounded(&folder.join(PROOF_FILE)) {
        Ok(json) => json,
        Err(error) => return vec![error.to_string()],
    };
    let own = package.entries.iter().filter(|it| it.run.is_none());
    let wrong = own.filter_map(|it| match entry(entries, it) {
        Ok(Entry::Kept(kept)) => {
            added(&kept, folder, &json, now).map(|why| format!("log entry {}: {why}", it.index))
        }
        Ok(_) => Some(format!("log entry {} does not record the addition of evidence", it.index)),
        Err(why) => Some(why),
    });
    wrong.collect()
}

/// What it says wrongly of later runs of tests of that evidence.
pub(super) fn of_runs(
    package: &Package,
    folder: &Path,
    entries: &mut Entries<'_>,
    now: Instant,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for it in &package.entries {
        let Some(run) = it.run.and_then(|at| package.runs.get(at)) else { continue };
        let why = match entry(entries, it) {
            Ok(Entry::Tested(said)) => tested(&said, &folder.join(&run.run), now),
            Ok(_) => Some("it does not record a run of tests".to_owned()),
            Err(why) => Some(why),
        };
        wrong.extend(
            why.map(|why| format!("{}/{}: log entry {}: {why}", package.kept.evidence, run.run, it.index)),
        );
    }
    wrong
}

fn entry(entries: &mut Entries<'_>, logged: &Logged) -> Result<Entry, String> {
    let (json, _) = entries.get(logged.index).map_err(|error| error.to_string())?;
    serde_json::from_slice(&json).map_err(|error| error.to_string())
}

/// What an entry says wrongly of evidence whose `proof.json` has these bytes, and which is in this folder.
pub(crate) fn added(said: &EvidenceAdded, folder: &Path, json: &[u8], now: Instant) -> Option<String> {
    let proof = match read::parsed(Path::new(PROOF_FILE), json) {
        Ok(proof) => proof,
        Err(error) => return Some(error.to_string()),
    };
    if said.proof != Digest::of(json) {
        return Some("it is about other evidence".to_owned());
    }
    let run = match earlier::collected_with(folder, &proof) {
        Ok(run) => run,
        Err(error) => return Some(format!("what it says of tests cannot be checked: {error}")),
    };
    let differs = differing(said, &proof, json, run.as_ref());
    if !differs.is_empty() {
        return Some(format!(
            "what it says of the evidence does not follow from the evidence: {}",
            differs.join(", ")
        ));
    }
    let answered = proof.last_answer.as_ref().or(proof.first_answer.as_ref());
    misdated(&said.at, answered.map(|it| (it.as_str(), "its last answer came")), now)
}

/// The fields of an entry that differ from those that it would have if it were made again.
fn differing(said: &EvidenceAdded, proof: &Proof, json: &[u8], run: Option<&Run>) -> Vec<&'static str> {
    let again = EvidenceAdded::new(&name_of(proof, json), proof, json, run, said.at.clone());
    let is_older = proof.format < PROVES_SINCE;
    // All of them are named, so that none is forgotten which is new. When it came is compared with clocks, and what it
    // superseded follows from the entries before it.
    let EvidenceAdded {
        at: _,
        evidence,
        proof: digest,
        plugin,
        proof_type,
        label,
        about,
        proves,
        window,
        as_of,
        asked,
        point,
        since,
        predecessor,
        answered,
        clock_offset,
        expires,
        rows,
        complete,
        supersedes: _,
        tests,
        verdicts,
    } = said;
    let is_label = *label == again.label || *label == label_without_ports(proof);
    let fields = [
        ("evidence", *evidence == again.evidence),
        ("proof", *digest == again.proof),
        ("plugin", *plugin == again.plugin),
        ("type", *proof_type == again.proof_type),
        ("label", is_label),
        ("about", *about == again.about),
        ("proves", is_same(proves, &again.proves, is_older)),
        ("window", *window == again.window),
        ("as-of", *as_of == again.as_of),
        ("asked", *asked == again.asked),
        ("point", is_same(point, &again.point, is_older)),
        ("since", *since == again.since),
        ("predecessor", *predecessor == again.predecessor),
        ("answered", is_same(answered, &again.answered, is_older)),
        ("clock-offset", is_same(clock_offset, &again.clock_offset, is_older)),
        ("expires", *expires == again.expires),
        ("rows", *rows == again.rows),
        ("complete", *complete == again.complete),
        ("tests", *tests == again.tests),
        ("verdicts", is_same(verdicts, &again.verdicts, is_older)),
    ];
    fields.into_iter().filter(|it| !it.1).map(|it| it.0).collect()
}

/// Whether a field is the same, or is left out as entries of before did.
fn is_same<T: PartialEq>(said: &Option<T>, again: &Option<T>, is_older: bool) -> bool {
    said == again || (is_older && said.is_none())
}

/// What an entry says wrongly of the run of tests in this folder.
fn tested(said: &EvidenceTested, folder: &Path, now: Instant) -> Option<String> {
    let json = match disk::read_bounded(&folder.join(RUN_FILE)) {
        Ok(json) => json,
        Err(error) => return Some(error.to_string()),
    };
    if said.digest != Digest::of(&json) {
        return Some("it is about another run".to_owned());
    }
    let run = match run_of(&json) {
        Ok(Some(run)) => run,
        Ok(None) => return Some("it is about a run that this version does not know".to_owned()),
        Err(error) => return Some(error.to_string()),
    };
    let is_older = run.format < CHAINED_SINCE;
    // Where it is, and its digest, are what it was found by.
    let EvidenceTested { at, evidence: _, run: _, digest: _, tests, verdicts } = said;
    let fields = [
        ("tests", is_same(tests, &Some(Outcomes::from(&run)), is_older)),
        ("verdicts", is_same(verdicts, &run.verdicts(), is_older)),
    ];
    let differs: Vec<&str> = fields.into_iter().filter(|it| !it.1).map(|it| it.0).collect();
    if !differs.is_empty() {
        return Some(format!(
            "what it says of the run does not follow from run.json: {}",
            differs.join(", ")
        ));
    }
    misdated(at, Some((&run.made, "the tests ran")), now)
}

/// What is wrong with the date of an entry, about something that cannot have been entered before this.
fn misdated(at: &str, after: Option<(&str, &str)>, now: Instant) -> Option<String> {
    let Some(date) = parse_instant(at) else {
        return Some(format!("its date `{}` is no instant", Shown::line(at)));
    };
    if is_of_the_future(date, now) {
        return Some(format!("it is dated {at}, which is in the future by the clock of this machine"));
    }
    let (after, what) = after?;
    let is_early = parse_instant(after).is_some_and(|it| date < it.saturating_sub(CLOCKS_APART));
    is_early.then(|| format!("it is dated {at}, which is before {what} ({})", Shown::line(after)))
}

#[cfg(test)]
mod tests;
