//! The folder of an operation's evidence, written of what was kept while it was carried out.

use std::collections::BTreeMap;
use std::path::Path;

use exhibit_plugin::collection::{Rejection, Summary};
use exhibit_plugin::types::Instant;
use exhibit_records::weight::{self, Weight};
use exhibit_records::{
    AnswerRecord, Completeness, ContentRecord, Counts, Digest, FORMAT, Job, OriginRecord, PartRecord,
    PluginRecord, Proof, RejectionRecord, Rejections, Type, notes, source_clock,
};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::{PROOF_FILE, failed, record};
use crate::failure::Failure;
use crate::files;

/// As many rejected records are listed as the host lists.
const LISTED_REJECTIONS: usize = 1_000;
/// Where `proof.json` is written before it is in place.
const ASIDE: &str = "proof.json.new";
/// A reader must know who had the secrets, and whose clock it was.
const MADE_BY: &str = "This was made by the plugin's command under another WebAssembly runtime, without Exhibit's host: the plugin and \
                       what signed its requests may have shared one memory, and the times are that runtime's.";

/// What was collected, and how.
#[derive(Debug)]
pub(crate) struct Collected<'a> {
    pub(crate) proof_type: Type,
    pub(crate) plugin: PluginRecord,
    pub(crate) job: Job,
    /// The names and addresses of the connection's origins.
    pub(crate) origins: Vec<OriginRecord>,
    pub(crate) account: Option<String>,
    pub(crate) began: Instant,
    /// When it was taken up again.
    pub(crate) resumed: Vec<Instant>,
    pub(crate) counts: Counts,
    pub(crate) summary: &'a Summary,
    pub(crate) rejections: Vec<Rejection>,
    /// The rows of each page, as JSON lines.
    pub(crate) pages: Vec<Vec<u8>>,
    /// All of them as a table.
    pub(crate) table: Vec<u8>,
}

/// Writes the evidence. `answers`: each with its body as it is stored, where it is whole.
///
/// # Errors
/// Where a file cannot be written. What is there then is written again by the next call.
pub(crate) fn write(
    folder: &Path,
    collected: Collected<'_>,
    answers: impl Iterator<Item = Result<(AnswerRecord, Option<Vec<u8>>), Failure>>,
) -> Result<Proof, Failure> {
    let within = folder.join("answers");
    files::make_folders(&within).map_err(|error| failed(&within, &error))?;
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        files::write(&path, bytes).map_err(|error| failed(&path, &error))
    };
    let mut index = Vec::new();
    let mut listed = Vec::new();
    for answer in answers {
        let (answer, body) = answer?;
        let before = index.len();
        serde_json::to_writer(&mut index, &answer).map_err(|it| failed(&within, &it.into()))?;
        index.push(b'\n');
        // It could not be read again.
        weight::check(&index[before..], &Weight::ANSWER)
            .map_err(|error| Failure::source(format!("a request cannot be recorded: {error}")))?;
        if let (Some(name), Some(body)) = (&answer.file, &body) {
            put(&format!("answers/{name}"), body)?;
        }
        listed.push(answer);
    }
    let text = collected.pages.concat();
    let mut frames = Vec::new();
    for page in collected.pages.iter().filter(|it| !it.is_empty()) {
        frames.extend(packed(page));
    }
    if frames.is_empty() {
        // To zstd, a file without a frame is not a zstd file.
        frames = packed(&[]);
    }
    let content = ContentRecord { bytes: text.len() as u64, digest: Digest::of(&text) };
    let parts = vec![
        PartRecord { content: Some(content), ..part("rows.ndjson.zst", &frames) },
        part("proof.csv", &collected.table),
        part("answers/index.ndjson", &index),
    ];
    put("rows.ndjson.zst", &frames)?;
    put("proof.csv", &collected.table)?;
    put("answers/index.ndjson", &index)?;
    files::sync_folder(&within).map_err(|error| failed(&within, &error))?;
    let proof = proof(collected, &listed, parts);
    let mut json = serde_json::to_vec_pretty(&proof).map_err(|it| failed(folder, &it.into()))?;
    json.push(b'\n');
    put(ASIDE, &json)?;
    let placed = files::move_folder(&folder.join(ASIDE), &folder.join(PROOF_FILE));
    placed.and_then(|()| files::sync_folder(folder)).map_err(|error| failed(folder, &error))?;
    Ok(proof)
}

/// Text in a zstd frame with its checksum.
pub(crate) fn packed(text: &[u8]) -> Vec<u8> {
    compress_to_vec(text, CompressionLevel::Fastest)
}

fn part(path: &str, bytes: &[u8]) -> PartRecord {
    PartRecord::new(path, (bytes.len() as u64, Digest::of(bytes)))
}

fn proof(collected: Collected<'_>, answers: &[AnswerRecord], parts: Vec<PartRecord>) -> Proof {
    let Collected { summary, counts, rejections, .. } = collected;
    let left_out = [summary.rejected, summary.duplicates, summary.outside_window];
    let received = left_out.into_iter().fold(counts.rows, u64::saturating_add);
    let offsets = answers.iter().map(source_clock::offset);
    let clock_offset = offsets.fold(None, source_clock::further);
    let began = record::instant(collected.began);
    let mut host_notes = Vec::new();
    host_notes.extend(clock_offset.map(notes::clock_apart));
    let mut blanked: BTreeMap<String, u64> = BTreeMap::new();
    for (name, times) in answers.iter().flat_map(|it| &it.blanked) {
        let sum = blanked.entry(name.clone()).or_default();
        *sum = sum.saturating_add(*times);
    }
    if !blanked.is_empty() {
        host_notes.push(notes::blanked(&blanked, exhibit_blank::MARK));
    }
    if !collected.resumed.is_empty() {
        let times: Vec<String> = collected.resumed.iter().map(|it| record::instant(*it)).collect();
        host_notes.push(notes::resumed(&began, &times));
    }
    host_notes.push(MADE_BY.to_owned());
    let is_asked = |it: &OriginRecord| answers.iter().any(|answer| answer.request.origin == it.name);
    let rejected = |it: Rejection| RejectionRecord { subject: it.subject, reason: it.reason };
    Proof {
        format: FORMAT,
        proof_type: collected.proof_type,
        job: collected.job,
        window: None,
        point: None,
        predecessor: None,
        origins: collected.origins.into_iter().filter(is_asked).collect(),
        account: collected.account,
        plugin: collected.plugin,
        host: env!("CARGO_PKG_VERSION").to_owned(),
        began: Some(began),
        first_answer: answers.first().map(|it| it.received.clone()),
        last_answer: answers.last().map(|it| it.received.clone()),
        clock_offset,
        counts,
        pages: summary.pages,
        outcome: summary.outcome.map(record::outcome),
        rows: counts.rows,
        completeness: Completeness {
            declared: summary.declared,
            complete: summary.declared.map(|it| it == received),
            received,
            kept: counts.rows,
            rejected: summary.rejected,
            duplicates: summary.duplicates,
            outside_window: summary.outside_window,
            repeated_keys: summary.repeated_keys,
        },
        notes: summary.notes.clone(),
        host_notes,
        rejections: Rejections {
            count: counts.rejected,
            first: rejections.into_iter().take(LISTED_REJECTIONS).map(rejected).collect(),
        },
        parts,
        expires: None,
        signed_by: None,
        timestamped_by: None,
    }
}
