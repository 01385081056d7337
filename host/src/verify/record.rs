//! Whether what `proof.json` says follows from the answers, the rows and the plugin. What follows from nothing that is
//! kept is named as stated.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use exhibit_records::{Completeness, Digest, Digester, OriginRecord, Proof};
use exhibit_rows::Shown;
use exhibit_rows::spreadsheet::{Column, Encoder};
use serde::Serialize;

use crate::checks::{CheckRunner, Fault, Verdict};
use crate::collect::portals;
use crate::contract::catalog::Origin;
use crate::evidence::{
    AS_OF_WORTH_TELLING_MS, INDEX, LISTED_REJECTIONS, PROOF_TABLE, ROWS, expected_notes, kept_plugin,
    parse_instant, read, recorded, type_record,
};
use crate::format::{count, counted, duration};
use crate::plugin::Plugin;
use crate::remedy::Remedy;

use super::answered::Answered;
use super::bounds::Bounds;
use super::faults::Faults;

/// What no file of the evidence shows: whoever collected it says so.
const STATED: &str = "as stated: account, host version, beginning, settings that no request shows, headers of answers, requests, retries, \
                      waits, expiry, interruptions";
const HOUR_MS: u64 = 60 * 60 * 1000;
/// Rows of a table at a time.
const ROWS_AT_ONCE: usize = 1_000;
/// Bytes of them: a row may have 4 MiB.
const BYTES_AT_ONCE: usize = 4 << 20;

/// Makes the check `record`: what proof.json says follows from the index of the answers and from the rest of it, and from
/// the manifest of the plugin that collected it, where that is at hand. `json`: the bytes of the record. `unpacks` the kept plugin, too: of thousands, that
/// takes long. Warns where the source's clock is another one than the one that dated the answers.
pub(super) fn check(
    folder: &Path,
    (proof, json): (&Proof, &[u8]),
    plugin: Option<&Plugin>,
    unpacks: bool,
    checks: &mut CheckRunner<'_>,
) {
    let mut faults = Faults::default();
    faults.unless(is_as_written(proof, json), || "proof.json was rewritten since it was made".to_owned());
    let mut unasked = Vec::new();
    completeness(proof, &mut faults);
    parts(proof, &mut faults);
    match Answered::read(folder) {
        Ok(answered) => {
            if let Some((answer, offset)) = answered.apart {
                checks.warn(of_clocks(answer, offset));
            }
            for warning in answered.warnings(plugin) {
                checks.warn(warning);
            }
            answered.compare(proof, plugin, &mut faults);
            notes(proof, &answered, &mut faults);
            unasked = answered.unasked(proof);
        }
        Err(error) => faults.unread(INDEX, &error),
    }
    if unpacks {
        match kept_plugin(folder) {
            Ok(kept) => faults.unless(kept.is_none_or(|it| Digest::of(&it) == proof.plugin.digest), || {
                "the plugin that is kept is not the one that proof.json names".to_owned()
            }),
            Err(error) => faults.unread("the kept plugin", &error),
        }
    }
    let is_operation = proof.proof_type.operation;
    faults.unless(proof.job.id.is_some() == is_operation, || {
        "it has the id of an operation, or is one without an id".to_owned()
    });
    faults.unless(is_operation || proof.outcome.is_none(), || {
        "it says what came of an operation, and is not one".to_owned()
    });
    if let Some(warning) = as_of(proof, &mut faults) {
        checks.warn(warning);
    }
    began(proof, &mut faults);
    if let Some(expires) = &proof.expires {
        let expires = parse_instant(expires);
        faults.unless(expires.is_some(), || "its expiry is no instant".to_owned());
    }
    if let Some(plugin) = plugin {
        let manifest = plugin.manifest();
        faults.alike("the id of the plugin", Some(&manifest.id), Some(&proof.plugin.id));
        faults.alike("the version of the plugin", Some(&manifest.version), Some(&proof.plugin.version));
        if let Some(fault) = other_type(proof, plugin) {
            faults.add(fault);
        }
    }
    let mut said = STATED.to_owned();
    if !unasked.is_empty() {
        said.push_str(&format!(", origins that no answer is of ({})", unasked.join(", ")));
    }
    if proof.proof_type.link.as_ref().is_some_and(|it| it.url.is_some()) {
        said.push_str(", the address of the source's page");
    }
    checks.done("record", None, Verdict::of(faults.0, said));
}

/// The first answer whose `Date` is too far from the time at which it is said to have come, by so many seconds.
fn of_clocks(answer: u32, offset: i64) -> String {
    let direction = if offset < 0 { "before" } else { "after" };
    format!(
        "answer {answer} is said to have come {} {direction} the date that the source gave it: one of the clocks was wrong, \
         and the times in this proof may be",
        duration(offset.unsigned_abs())
    )
}

/// Whether these bytes are the record as this program writes it: another spelling of it could hide something from a reader
/// who looks at the file.
pub(super) fn is_as_written<T: Serialize>(record: &T, json: &[u8]) -> bool {
    serde_json::to_vec_pretty(record).is_ok_and(|it| json.strip_suffix(b"\n") == Some(&it))
}

/// The numbers of it agree with one another.
fn completeness(proof: &Proof, faults: &mut Faults) {
    let Completeness { declared, complete, received, kept, rejected, duplicates, outside_window, .. } =
        proof.completeness;
    let parts = [kept, rejected, duplicates, outside_window];
    faults.same("received", parts.into_iter().fold(0, u64::saturating_add), received);
    faults.same("kept", proof.rows, kept);
    let is_complete = declared.map(|it| it == received);
    faults.unless(is_complete == complete, || {
        "whether it is complete does not follow from what was received and declared".to_owned()
    });
    faults.same("the count of rows", proof.rows, proof.counts.rows);
    faults.same("the count of rejected records", proof.rejections.count, proof.counts.rejected);
    let listed = proof.rejections.count.min(LISTED_REJECTIONS as u64);
    faults.same(
        "the number of rejected records that are listed",
        listed,
        proof.rejections.first.len() as u64,
    );
}

/// The other files, each once and in their order: rows, table, index, then what is kept beside them.
fn parts(proof: &Proof, faults: &mut Faults) {
    let own = [ROWS, PROOF_TABLE, INDEX];
    let names: Vec<&str> = proof.parts.iter().map(|it| it.path.as_str()).collect();
    let mut seen = BTreeSet::new();
    if let Some(twice) = names.iter().find(|it| !seen.insert(**it)) {
        faults.add(format!("{} is listed twice", Shown::line(twice)));
    }
    let is_run = |it: &str| it.starts_with("tests/");
    let first_run = names.iter().position(|it| is_run(it)).unwrap_or(names.len());
    let in_order = names.starts_with(&own) && names[first_run..].iter().all(|it| is_run(it));
    faults.unless(in_order, || "the files are not listed in their order".to_owned());
}

/// It began before the first answer came. Formats before 4 do not say when.
fn began(proof: &Proof, faults: &mut Faults) {
    let began = proof.began.as_ref().map(|it| parse_instant(it));
    let is_due = proof.format >= exhibit_records::PROVES_SINCE;
    faults.unless(began.is_some() == is_due && began != Some(None), || {
        "when the collection began is not said, or is no instant".to_owned()
    });
    let first = proof.first_answer.as_ref().and_then(|it| parse_instant(it));
    if let (Some(Some(began)), Some(first)) = (began, first) {
        faults.unless(began <= first, || "the first answer came before the collection began".to_owned());
    }
}

/// Where what counts as now is far from when the source was asked, a note says so. A reader must know it, too.
fn as_of(proof: &Proof, faults: &mut Faults) -> Option<String> {
    let Some(as_of) = parse_instant(&proof.job.as_of) else {
        faults.add("its as-of time is no instant".to_owned());
        return None;
    };
    let asked = proof.first_answer.as_ref().and_then(|it| parse_instant(it));
    // The note goes by the beginning, and an answer may take until an hour later.
    let is_far = asked.is_some_and(|it| as_of.abs_diff(it) > AS_OF_WORTH_TELLING_MS + HOUR_MS);
    let is_told = proof.host_notes.iter().any(|it| it.contains(&proof.job.as_of));
    faults.unless(!is_far || is_told, || {
        format!(
            "no note says that {} counts as now, and the source was asked at another time",
            proof.job.as_of
        )
    });
    let asked = proof.first_answer.as_deref().unwrap_or_default();
    is_far.then(|| {
        format!(
            "ages and what is overdue are as of {}, and the source was asked on {asked}",
            Shown::line(&proof.job.as_of)
        )
    })
}

/// What the host must have noted is noted. Formats before 4 do not say when it began, on which that depends.
fn notes(proof: &Proof, answered: &Answered, faults: &mut Faults) {
    // What is wrong with the job shows where it is run again.
    let Ok(job) = recorded::job(proof) else { return };
    let expected = expected_notes(proof, &job, answered.redacted(), answered.blanked());
    for note in expected.unwrap_or_default() {
        faults.unless(proof.host_notes.contains(&note), || format!("its notes do not say: {note}"));
    }
}

/// How what it says of its proof type is not what this plugin says of it. `None` where it is.
pub(super) fn other_type(proof: &Proof, plugin: &Plugin) -> Option<String> {
    let Some(proof_type) =
        plugin.manifest().evidence_type(&proof.proof_type.name, proof.proof_type.operation)
    else {
        let name = Shown::line(&proof.proof_type.name);
        return Some(format!("the proof type `{name}` is not one of the plugin"));
    };
    let mut says = type_record(&proof_type, None, proof.proof_type.operation);
    // The portal of a private installation is known to whoever collected it alone.
    if let (Some(says), Some(stated)) = (&mut says.link, &proof.proof_type.link) {
        says.url.clone_from(&stated.url);
    }
    if proof.proof_type.proves.is_none() {
        says.proves = None;
    }
    let is_same = says == proof.proof_type;
    (!is_same).then(|| "labels, help or fields of the proof type are not those of the plugin".to_owned())
}

/// The origins that it was collected from, where those are not the ones that the settings stand for: as a stand-in or a
/// private installation is. `resolved`: as the plugin has them for the settings.
pub(super) fn elsewhere(proof: &Proof, resolved: &[Origin]) -> Option<String> {
    let own = |it: &OriginRecord| resolved.iter().find(|own| own.name == it.name)?.url.as_deref();
    let other = |it: &&OriginRecord| {
        own(it).is_some_and(|own| own.trim_end_matches('/') != it.url.trim_end_matches('/'))
    };
    let other = proof.origins.iter().find(other)?;
    let own = own(other)?;
    Some(format!(
        "the answers are of {}, and not of {}, which the settings stand for",
        Shown::line(&other.url),
        Shown::line(own)
    ))
}

/// The source's page that readers are sent to, where it is not the one that the settings stand for.
pub(super) fn other_page(proof: &Proof, resolved: &[Origin]) -> Option<String> {
    let link = proof.proof_type.link.as_ref()?;
    let url = link.url.as_ref()?;
    let portals = portals(resolved);
    let own = portals.get(&link.origin).map(|it| format!("{}{}", it.trim_end_matches('/'), link.path));
    let said = Shown::line(url);
    match own {
        Some(own) if own == *url => None,
        Some(own) => Some(format!("it sends readers to {said}, and the source's own page is {own}")),
        None => Some(format!("it sends readers to {said}, and the settings do not show whose page that is")),
    }
}

/// The table shows the rows: made again of them, it is the same to the byte.
pub(super) fn table(folder: &Path, proof: &Proof, bounds: &Bounds) -> Verdict {
    if let Some(over) = bounds.is_over() {
        return over;
    }
    let failed = |what: String| Verdict::failed(what, Remedy::DoNotRely);
    let Some(part) = proof.part(PROOF_TABLE) else {
        return failed(format!("proof.json does not list {PROOF_TABLE}"));
    };
    match made_again(folder, proof) {
        Ok((_, _, missing)) if missing > 0 => {
            failed(format!("{ROWS} has {} bytes of text less than proof.json says", count(missing)))
        }
        Ok((rows, _, _)) if rows > proof.rows => {
            failed(format!("more rows are kept than proof.json says: {}", count(proof.rows)))
        }
        Ok((rows, _, _)) if rows != proof.rows => failed(format!(
            "{} are kept, and proof.json says {}",
            counted(rows, "row", "rows"),
            count(proof.rows)
        )),
        Ok((rows, (bytes, digest), _)) if (bytes, digest) == (part.bytes, part.digest) => {
            Verdict::of(vec![], counted(rows, "row", "rows"))
        }
        Ok(_) => failed(format!("{PROOF_TABLE} does not show what the rows say")),
        Err(error) => {
            let what = format!("the rows cannot be read: {error}");
            Verdict::of(vec![Fault::unread(what, &error, Remedy::DoNotRely)], "")
        }
    }
}

/// How many rows there are, size and digest of their table, and how many bytes of their text are missing.
fn made_again(folder: &Path, proof: &Proof) -> io::Result<(u64, (u64, Digest), u64)> {
    let kinds = read::fields(proof)?;
    let columns = proof.proof_type.fields.iter().zip(&kinds).map(|(field, (_, kind))| Column {
        label: &field.label,
        kind: (*kind).into(),
        shown: field.shown,
    });
    let encoder = Encoder::new(&columns.collect::<Vec<_>>());
    let (mut digester, mut bytes, mut out) = (Digester::default(), 0_u64, Vec::new());
    encoder.header(&mut out)?;
    let (mut rows, mut pending, mut held) = (0_u64, Vec::new(), 0);
    let mut all = read::rows(folder, proof)?;
    loop {
        let row = all.next().transpose()?;
        let is_last = row.is_none();
        held += all.last_bytes();
        pending.extend(row);
        if is_last || pending.len() == ROWS_AT_ONCE || held > BYTES_AT_ONCE {
            rows += pending.len() as u64;
            if rows > proof.rows {
                // What else there is changes nothing.
                return Ok((rows, (bytes, digester.finish()), 0));
            }
            encoder.rows(&pending, crate::contract::types::Value::cell, &mut out)?;
            bytes += out.len() as u64;
            digester.update(&out);
            pending.clear();
            out.clear();
            held = 0;
        }
        if is_last {
            return Ok((rows, (bytes, digester.finish()), all.into_lines().into_inner().missing()));
        }
    }
}
