//! Whether the log of a store has the evidence.

use std::io;
use std::path::Path;

use exhibit_records::{Digest, Entry};

use crate::checks::{Fault, Verdict};
use crate::contract::types::Instant;
use crate::disk;
use crate::evidence::bundle;
use crate::log::{ENTRY_BYTES, Inclusion, not_checked};
use crate::remedy::Remedy;
use crate::signing::PublicKey;
use crate::store::{Store, StoreError, runs, stated, store_of};

/// A checkpoint with its signatures has 256 KiB at most, and each of 64 levels of a tree a line of 45 bytes.
const INCLUSION_BYTES: usize = 264 << 10;
/// Why nothing is known of a log that may have what is in a bundle.
const NO_PROOF: &str = "it is in no store's log, or the bundle was made without its proof";

/// The log of the store that it is kept in has this very evidence, and says of it what follows from it. `None` where it is in no
/// store, and was `bundled` in none. `now` is the verifier's clock.
pub(super) fn has(folder: &Path, bundled: bool, keys: &[PublicKey], now: Instant) -> Option<Verdict> {
    let unread =
        |error: &io::Error| Verdict::of(vec![Fault::unread(error.to_string(), error, Remedy::DoNotRely)], "");
    let store = match store_of(folder) {
        Ok(store) => store,
        Err(error) => return Some(unread(&error)),
    };
    let Some(store) = store else {
        return match disk::is_dir(&folder.join(bundle::LOG)) {
            Ok(true) => Some(shown(folder, keys, now)),
            Ok(false) => bundled.then(|| Verdict::skipped(NO_PROOF)),
            Err(error) => Some(unread(&error)),
        };
    };
    Some(entry(&store, folder, keys, now).unwrap_or_else(|error| match error.io() {
        Some(io) => Verdict::of(vec![Fault::unread(error.to_string(), io, Remedy::DoNotRely)], ""),
        None => Verdict::failed(error.to_string(), Remedy::DoNotRely),
    }))
}

/// The log has evidence with this digest. `None` where that is what is there.
pub(super) fn is(folder: &Path, logged: Digest) -> Option<Verdict> {
    let is_it = match disk::read_bounded(&folder.join(exhibit_records::PROOF_FILE)) {
        Ok(json) => Digest::of(&json) == logged,
        Err(error) => {
            return Some(Verdict::of(vec![Fault::unread(error.to_string(), &error, Remedy::DoNotRely)], ""));
        }
    };
    (!is_it).then(|| Verdict::failed("its store's log lists other evidence of this name", Remedy::DoNotRely))
}

fn entry(store: &Path, folder: &Path, keys: &[PublicKey], now: Instant) -> Result<Verdict, StoreError> {
    let opened = if keys.is_empty() { Store::open(store)? } else { Store::open_with(store, keys.to_vec())? };
    let catalog = opened.catalog()?;
    let folder = folder.canonicalize().map_err(|error| disk::at(folder, error))?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let Some(package) = catalog.find(&name) else {
        return Ok(Verdict::failed("its store's log does not list it", Remedy::DoNotRely));
    };
    if package.kept.proof != Digest::of(&disk::read_bounded(&folder.join(exhibit_records::PROOF_FILE))?) {
        return Ok(Verdict::failed("its store's log lists other evidence of this name", Remedy::DoNotRely));
    }
    if package.pruned.is_some() {
        return Ok(Verdict::failed("its store's log states that it was pruned", Remedy::DoNotRely));
    }
    let named = opened.named_keys();
    let begun = runs::begun(&opened, package, &folder, if keys.is_empty() { &named } else { keys })?;
    let is_begun = |run: &str| begun.iter().any(|it| it == run);
    let mut wrong = runs::wrong(package, &folder, &is_begun, &Remedy::DoNotRely);
    if wrong.is_empty() {
        let misstated =
            opened.misstated(package, &folder, now)?.into_iter().chain(catalog.misordered(package));
        wrong.extend(misstated.map(|what| Fault::new(what, Remedy::DoNotRely)));
    }
    if !wrong.is_empty() {
        return Ok(Verdict::of(wrong, ""));
    }
    let mut said = format!("entry {} of {}", package.index, opened.log().origin());
    if let Some(run) = begun.first() {
        said.push_str(&format!("; {run} {}", runs::NOT_ENTERED));
    }
    Ok(if keys.is_empty() { unchecked(&said) } else { Verdict::of(vec![], said) })
}

fn unchecked(said: &str) -> Verdict {
    Verdict::without(format!("{said}; the log's signature was not checked"), Remedy::NameLogKey)
}

/// A bundle brings the log's entry with it, and what shows that it is one.
fn shown(folder: &Path, keys: &[PublicKey], now: Instant) -> Verdict {
    let read =
        |name: &str, most: usize| disk::read_at_most(&folder.join(bundle::LOG).join(name), most as u64);
    let json = || disk::read_bounded(&folder.join(exhibit_records::PROOF_FILE));
    let all = || {
        let (entry, proof) = (read(bundle::ENTRY, ENTRY_BYTES)?, read(bundle::INCLUSION, INCLUSION_BYTES)?);
        Ok::<_, io::Error>((entry, proof, json()?))
    };
    match all() {
        Ok((entry, proof, json)) => proven((folder, now), (&entry, proof, &json), keys)
            .unwrap_or_else(|why| Verdict::failed(why, Remedy::DoNotRely)),
        Err(error) => Verdict::of(vec![Fault::unread(error.to_string(), &error, Remedy::DoNotRely)], ""),
    }
}

/// The same, of the entry, its proof and `proof.json`.
fn proven(
    (folder, now): (&Path, Instant),
    (entry, proof, json): (&[u8], Vec<u8>, &[u8]),
    keys: &[PublicKey],
) -> Result<Verdict, String> {
    let proof = String::from_utf8(proof).map_err(|error| error.to_string())?;
    let proof = Inclusion::parse_exact(&proof).map_err(|error| error.to_string())?;
    let kept = match serde_json::from_slice(entry).map_err(|error| error.to_string())? {
        Entry::Kept(kept) => kept,
        _ => return Err("this log entry does not record the addition of evidence".to_owned()),
    };
    if kept.proof != Digest::of(json) {
        return Err("this log entry is about other evidence".to_owned());
    }
    if let Some(why) = stated::added(&kept, folder, json, now) {
        return Err(format!("this log entry: {why}"));
    }
    let origin = proof.origin().ok_or("the log has no name")?;
    let said = format!("entry {} of {origin}", proof.index);
    if keys.is_empty() {
        return Ok(unchecked(&said));
    }
    proof.verify(entry, &origin, keys).map_err(|error| error.to_string())?;
    Ok(Verdict::of(vec![], said + &not_checked(&proof.unchecked_signers(&origin, keys))))
}
