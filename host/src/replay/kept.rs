//! Kept evidence, made again from its answers.

use std::path::Path;

use exhibit_records::{OperationOutcome, PROVES_SINCE, PluginRecord, Proof, ProvenTime, Span};
use exhibit_rows::Shown;

use crate::checks::{Fault, Verdict};
use crate::contract::catalog::ProofType;
use crate::contract::collection::{Job, Summary};
use crate::evidence::{effective_window, format_instant, type_record};
use crate::format::{count, counted};
use crate::plugin::{Plugin, PluginError};
use crate::remedy::Remedy;

use super::{Comparison, Recording, ReplayError, ReplayOptions, run};

/// All answers of the evidence, as a collection would have them, give its rows to the byte.
pub async fn gives_the_kept_rows(plugin: &Plugin, folder: &Path, mut recording: Recording) -> Verdict {
    let proof = recording.proof().clone();
    let next = next(plugin, &proof);
    let Some(proof_type) =
        plugin.manifest().evidence_type(&proof.proof_type.name, proof.proof_type.operation)
    else {
        let what =
            format!("the plugin has no proof type {:?}", Shown::line(&proof.proof_type.name).to_string());
        return Verdict::failed(what, next);
    };
    let mut against = match Comparison::rows(folder, &proof, &proof_type.fields) {
        Ok(against) => against,
        Err(error) => return Verdict::failed(format!("its rows cannot be read: {error}"), next),
    };
    let mut job = recording.job().clone();
    if proof.plugin.digest != plugin.digest() && proof_type.window.is_none() {
        // Plugins of before took one that they did not apply.
        job.window = None;
    }
    let played = run(plugin, &job, &mut recording, &ReplayOptions::default(), &mut against).await;
    let summary = match played {
        Ok(summary) => summary,
        Err(ReplayError::Io(error)) => {
            let what = format!("its answers or its rows cannot be read: {error}");
            return Verdict::of(vec![Fault::unread(what, &error, "restore the evidence from a copy")], "");
        }
        // How long a plugin takes says nothing of the rows.
        Err(error @ ReplayError::Plugin { error: PluginError::BudgetUsedUp { .. }, .. }) => {
            return Verdict::without(error.to_string(), Remedy::AllowPluginTime);
        }
        Err(error) => return Verdict::failed(error.to_string(), next),
    };
    let (rejected, rejections) = (against.rejected(), against.rejections());
    let what = match against.finish() {
        Err(error) => Some(format!("its rows cannot be read: {error}")),
        Ok(Some(difference)) => Some(format!("row {}: {}", difference.row, difference.how)),
        Ok(None) if rejected != proof.rejections.count => {
            let rejected = counted(rejected, "record is", "records are");
            Some(format!("{rejected} rejected, where there were {}", count(proof.rejections.count)))
        }
        Ok(None) if rejections != proof.rejections.first => {
            Some("the records that were rejected, or the reasons, are not those that were kept".to_owned())
        }
        Ok(None) => otherwise(&summary, &proof).or_else(|| other_time(&proof_type, &job, &summary, &proof)),
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
    let says =
        type_record(proof_type, None, proof.proof_type.operation).proves.unwrap_or(ProvenTime::Nothing);
    if says != kept {
        return Some(format!(
            "the plugin says that such a proof is of `{}`, and `{}` was kept",
            says.word(),
            kept.word()
        ));
    }
    let window = effective_window(proof_type, job, summary).map(Span::from);
    let said =
        |it: &Option<Span>| it.as_ref().map_or("none".to_owned(), |it| format!("{} to {}", it.start, it.end));
    (window != proof.window).then(|| {
        format!("its window is {}, and {} was kept", said(&window), Shown::line(&said(&proof.window)))
    })
}

/// Where the plugin's account is not the one that was kept.
fn otherwise(summary: &Summary, proof: &Proof) -> Option<String> {
    let kept = &proof.completeness;
    if summary.outcome.map(OperationOutcome::from) != proof.outcome {
        return Some("what came of the operation is not what was kept".to_owned());
    }
    if summary.notes != proof.notes {
        return Some("its notes are not those that were kept".to_owned());
    }
    // A proof that says less than the plugin promises nothing by that.
    if let Some(kept) = &proof.point
        && summary.point.map(format_instant).as_ref() != Some(kept)
    {
        return Some("the point up to which its changes reach is not the one that was kept".to_owned());
    }
    let counts = [
        ("pages", u64::from(summary.pages), u64::from(proof.pages)),
        ("duplicates", summary.duplicates, kept.duplicates),
        ("outside-window", summary.outside_window, kept.outside_window),
    ];
    let differs = counts.into_iter().find(|(_, now, kept)| now != kept);
    let differs = differs.map(|(name, now, kept)| format!("it counts {name} {now}, and {kept} was kept"));
    let said = |it: Option<u64>| it.map_or("none".to_owned(), |it| it.to_string());
    // What formats before did not count is nothing to differ from.
    let repeated = (proof.format >= PROVES_SINCE && summary.repeated_keys != kept.repeated_keys).then(|| {
        let (now, kept) = (said(summary.repeated_keys), said(kept.repeated_keys));
        format!("it counts repeated-keys {now}, and {kept} was kept")
    });
    differs.or(repeated).or_else(|| {
        (summary.declared != kept.declared)
            .then(|| "the source's own count is another one than was kept".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::catalog::{ProvenTime as Proves, WindowUse};
    use crate::contract::collection::Task;
    use crate::contract::types::Window;
    use crate::evidence::examples::{self, field, proof_type};

    const OCTOBER: Window = Window { start: 1_790_812_800_000, end: 1_793_491_200_000 };

    fn summary(repeated_keys: Option<u64>, window: Option<Window>) -> Summary {
        Summary { repeated_keys, window, ..examples::summary() }
    }

    /// Of a type whose window proves events; of a format that says it, or of one before.
    fn proof(format: u32) -> Proof {
        let mut proof = examples::record();
        proof["format"] = format.into();
        if format >= exhibit_records::PROVES_SINCE {
            proof["type"]["proves"] = "events".into();
            proof["window"] =
                serde_json::json!({ "start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z" });
            proof["completeness"]["repeated-keys"] = 0.into();
        }
        Proof::parse(proof.to_string().as_bytes()).expect("a proof")
    }

    #[test]
    fn what_a_format_does_not_say_is_nothing_to_differ_from() {
        assert_eq!(otherwise(&summary(Some(2), None), &proof(3)), None);
        assert_eq!(otherwise(&summary(None, None), &proof(3)), None);
        assert_eq!(otherwise(&summary(Some(0), None), &proof(4)), None);
        assert!(
            otherwise(&summary(Some(2), None), &proof(4)).is_some_and(|it| it.contains("repeated-keys 2"))
        );
    }

    #[test]
    fn a_proof_of_another_time_than_the_plugin_says_is_noticed() {
        let of = |proves, window, proof: &Proof| {
            let uses = WindowUse { help: "when".to_owned(), proves };
            let assets = ProofType {
                window: Some(uses),
                ..proof_type(vec![field("name", crate::contract::types::Kind::Text)])
            };
            let task = Task::Collect("assets".to_owned());
            let job = Job {
                task,
                settings: vec![],
                criteria: vec![],
                window: None,
                since: None,
                as_of: 0,
                id: None,
                checkpoint: None,
            };
            other_time(&assets, &job, &summary(None, window), proof)
        };
        assert_eq!(of(Proves::Events, Some(OCTOBER), &proof(4)), None);
        let longer = Window { start: 0, ..OCTOBER };
        insta::assert_snapshot!(of(Proves::State, None, &proof(4)).unwrap_or_default(), @"the plugin says that such a proof is of `state`, and `events` was kept");
        insta::assert_snapshot!(of(Proves::Events, Some(longer), &proof(4)).unwrap_or_default(), @"its window is 1970-01-01T00:00:00Z to 2026-11-01T00:00:00Z, and 2026-10-01T00:00:00Z to 2026-11-01T00:00:00Z was kept");
        assert_eq!(of(Proves::State, None, &proof(3)), None, "it does not say");
    }
}
