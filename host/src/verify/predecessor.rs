//! Whether the proof that a proof of changes continues is there, as it names it.

use std::path::Path;

use exhibit_records::{Digest, EarlierProof, PROOF_FILE, Proof, about};
use exhibit_rows::Shown;

use crate::checks::{Fault, Verdict};
use crate::disk;
use crate::evidence::{parse_instant, read};
use crate::remedy::Remedy;
use crate::store::{Store, is_name, store_of};

/// What is known of the predecessor.
pub(super) enum Found {
    /// The check was made.
    Checked(Verdict),
    /// There is no store at hand that could have it.
    NoStore(Verdict),
}

/// The predecessor is in the store that this proof is in, has the digest that this one names, and ends where this one begins.
/// `None` where the proof has all that there is. `alone`: whether the store is elsewhere, and
/// this evidence alone was brought here.
pub(super) fn of(folder: &Path, proof: &Proof, alone: bool) -> Option<Found> {
    let failed = |what: String| Some(Found::Checked(Verdict::failed(what, Remedy::DoNotRely)));
    let (since, named) = match (&proof.job.since, &proof.predecessor) {
        (None, None) => return None,
        (Some(since), Some(named)) => (since, named),
        _ => {
            return failed(
                "it says since when it has changes and not since which proof, or the other way round"
                    .to_owned(),
            );
        }
    };
    let begin = parse_instant(since);
    let point = proof.point.as_deref().and_then(parse_instant);
    if begin.is_none() || point < begin {
        return failed(
            "the point up to which its changes reach is before that from which it has them".to_owned(),
        );
    }
    let store = match store_of(folder) {
        Ok(Some(store)) => store,
        Ok(None) => {
            return Some(Found::NoStore(Verdict::skipped(format!(
                "it is in no store here, so `{}`, which it continues, was not looked at",
                Shown::line(&named.evidence)
            ))));
        }
        Err(error) => return Some(Found::Checked(unread(&error))),
    };
    Some(Found::Checked(match there(folder, &store, named, alone) {
        Err(verdict) => verdict,
        Ok(there) => compared(there, since, named, about(proof)),
    }))
}

/// A chain is a year of days, and some more: what is longer is not followed to its beginning.
const LINKS: usize = 1_000;

/// What a store has of the predecessor: its record, or what the log says of it.
struct There {
    digest: Digest,
    point: Option<String>,
    /// What it is a proof of, as the log has it.
    about: Digest,
    /// Whether what it continues is there, too, to the whole list that the chain begins with.
    is_joined: bool,
    said: &'static str,
}

fn there(folder: &Path, store: &Path, named: &EarlierProof, alone: bool) -> Result<There, Verdict> {
    let missing = || {
        let what =
            format!("`{}`, which it continues, is missing from the store", Shown::line(&named.evidence));
        Verdict::failed(what, Remedy::RestoreStore)
    };
    if !is_name(&named.evidence) {
        return Err(missing());
    }
    let beside = folder.parent().map(Path::to_owned).unwrap_or_default();
    match disk::read_bounded(&beside.join(&named.evidence).join(PROOF_FILE)) {
        Ok(json) => {
            let earlier = read::parsed(Path::new(PROOF_FILE), &json).map_err(|error| unread(&error))?;
            let point = earlier.followed_from().cloned();
            let (about, is_joined) = (about(&earlier), is_joined(&beside, earlier));
            return Ok(There { digest: Digest::of(&json), point, about, is_joined, said: "it is there" });
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unread(&error)),
        Err(_) => {}
    }
    if !alone {
        return Err(missing());
    }
    let catalog = Store::open(store).and_then(|it| it.catalog());
    let catalog = catalog.map_err(|error| Verdict::skipped(error.to_string()))?;
    let listed = catalog.find(&named.evidence).filter(|it| it.pruned.is_none()).ok_or_else(missing)?;
    Ok(There {
        digest: listed.kept.proof,
        point: listed.kept.point.clone(),
        about: listed.kept.about,
        is_joined: listed.is_joined,
        said: "the log lists it; its files are not at hand",
    })
}

/// Whether all that this proof continues is in this folder, each as the next one names it.
fn is_joined(beside: &Path, mut proof: Proof) -> bool {
    for _ in 0..LINKS {
        let named = match (&proof.job.since, &proof.predecessor) {
            (None, None) => return true,
            (Some(_), Some(named)) if is_name(&named.evidence) => named,
            _ => return false,
        };
        let path = beside.join(&named.evidence).join(PROOF_FILE);
        let Ok(json) = disk::read_bounded(&path) else { return false };
        let Ok(earlier) = read::parsed(&path, &json) else { return false };
        let is_named = Digest::of(&json) == named.proof
            && earlier.followed_from() == proof.job.since.as_ref()
            && about(&earlier) == about(&proof);
        if !is_named {
            return false;
        }
        proof = earlier;
    }
    false
}

fn compared(there: There, since: &str, named: &EarlierProof, of: Digest) -> Verdict {
    let name = Shown::line(&named.evidence);
    let mut faults = Vec::new();
    if there.about != of {
        faults.push(format!("`{name}`, which it continues, is a proof of something else"));
    }
    if !there.is_joined {
        faults.push(format!("what `{name}` continues is missing, or is not as it names it"));
    }
    if there.digest != named.proof {
        faults.push(format!(
            "it continues `{name}` with the digest {}, and {} is there",
            named.proof, there.digest
        ));
    }
    match &there.point {
        Some(point) if point == since => {}
        Some(point) => faults.push(format!(
            "it has changes since {}, and `{name}` reaches to {}",
            Shown::line(since),
            Shown::line(point)
        )),
        None => {
            faults
                .push(format!("`{name}` has no point, or lacks something, so that nothing can continue it"));
        }
    }
    let faults = faults.into_iter().map(|what| Fault::new(what, Remedy::DoNotRely)).collect();
    Verdict::of(faults, format!("{name}, up to {since}: {}", there.said))
}

fn unread(error: &std::io::Error) -> Verdict {
    Verdict::of(vec![Fault::unread(error.to_string(), error, Remedy::DoNotRely)], "")
}
