//! Kept evidence, made again from its answers.

use std::path::Path;

use exhibit_records::{PluginRecord, Proof, Span};
use exhibit_rows::Shown;

use crate::checks::Verdict;
use crate::contract::catalog::ProofType;
use crate::contract::collection::{Job, Summary};
use crate::evidence::{effective_window, type_record};
use crate::format::{count, counted};
use crate::plugin::Plugin;
use crate::remedy::Remedy;

use super::{Comparison, Recording, ReplayError, ReplayOptions, run};

/// All answers of the evidence, as a collection would have them, give its rows to the byte.
pub async fn gives_the_kept_rows(plugin: &Plugin, folder: &Path, mut recording: Recording) -> Verdict {
    let proof = recording.proof().clone();
    let next = next(plugin, &proof);
    let Some(proof_type) = plugin.manifest().proof_type(&proof.proof_type.name) else {
        let what =
            format!("the plugin has no proof type {:?}", Shown::line(&proof.proof_type.name).to_string());
        return Verdict::failed(what, next);
    };
    let mut against = match Comparison::rows(folder, &proof, &proof_type.fields) {
        Ok(against) => against,
        Err(error) => return Verdict::failed(format!("its rows cannot be read: {error}"), next),
    };
    let job = recording.job().clone();
    let played = run(plugin, &job, &mut recording, &ReplayOptions::default(), &mut against).await;
    let summary = match played {
        Ok(summary) => summary,
        Err(error @ ReplayError::Io(_)) => {
            return Verdict::failed(error.to_string(), "restore the evidence from a copy");
        }
        Err(error) => return Verdict::failed(error.to_string(), next),
    };
    let rejected = against.rejected();
    let what = match against.finish() {
        Err(error) => Some(format!("its rows cannot be read: {error}")),
        Ok(Some(difference)) => Some(format!("row {}: {}", difference.row, difference.how)),
        Ok(None) if rejected != proof.rejections.count => {
            let rejected = counted(rejected, "record is", "records are");
            Some(format!("{rejected} rejected, where there were {}", count(proof.rejections.count)))
        }
        Ok(None) => otherwise(&summary, &proof).or_else(|| other_time(proof_type, &job, &summary, &proof)),
    };
    match what {
        Some(what) => Verdict::failed(what, next),
        None => Verdict::of(
            vec![],
            format!(
                "{}, {}",
                counted(proof.counts.answers, "answer", "answers"),
                counted(proof.rows, "row", "rows")
            ),
        ),
    }
}

/// The same plugin must give the same; another one may have been right to change.
fn next(plugin: &Plugin, proof: &Proof) -> Remedy {
    let PluginRecord { id, version, digest } = &proof.plugin;
    if *digest == plugin.digest() {
        return "find what the rows depend on beside the job and the answers".into();
    }
    format!(
        "{} {} with another digest collected this evidence: if the change is intended, collect again",
        Shown::line(id),
        Shown::line(version)
    )
    .into()
}

/// Where the proof covers another time than the plugin says. Formats before 4 do not say which.
fn other_time(proof_type: &ProofType, job: &Job, summary: &Summary, proof: &Proof) -> Option<String> {
    let kept = proof.proof_type.proves?;
    if type_record(proof_type, None).proves != Some(kept) {
        return Some("the plugin says that such a proof covers another time than was kept".to_owned());
    }
    let window = effective_window(proof_type, job, summary).map(Span::from);
    (window != proof.window).then(|| "its window is another one than was kept".to_owned())
}

/// Where the plugin's account is not the one that was kept.
fn otherwise(summary: &Summary, proof: &Proof) -> Option<String> {
    let kept = &proof.completeness;
    if summary.notes != proof.notes {
        return Some("its notes are not those that were kept".to_owned());
    }
    let counts = [
        ("pages", u64::from(summary.pages), u64::from(proof.pages)),
        ("duplicates", summary.duplicates, kept.duplicates),
        ("outside-window", summary.outside_window, kept.outside_window),
    ];
    if summary.repeated_keys != kept.repeated_keys {
        return Some("it counts other repeated keys than were kept".to_owned());
    }
    let differs = counts.into_iter().find(|(_, now, kept)| now != kept);
    let differs = differs.map(|(name, now, kept)| format!("it counts {name} {now}, and {kept} was kept"));
    differs.or_else(|| {
        (summary.declared != kept.declared)
            .then(|| "the source's own count is another one than was kept".to_owned())
    })
}
