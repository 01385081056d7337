//! Whether a store still has all that its log says, and nothing else.

use std::io;
use std::path::{Path, PathBuf};

use exhibit_records::Digest;
use exhibit_rows::{ShowPath as _, Shown};

use crate::checks::{Check, CheckRunner, CheckSpecs, Fault, Report, Verdict};
use crate::contract::types::Instant;
use crate::disk::{self, desktop, staging};
use crate::evidence::{in_store, plugin_in, read};
use crate::format::counted;
use crate::log::{Audit, Checkpoint, Entries, Inclusion, Origin, View, not_checked};
use crate::remedy::Remedy;
use crate::signing::PublicKey;

use super::catalog::Catalog;
use super::error::StoreError;
use super::folder::{LOOKS, Store as Kept, read_into};
use super::intent::Intent;
use super::package::Package;
use super::runs;
use super::stated;
use super::strays::Strays;

/// Every check, and what it asks of a store.
const CHECKS: CheckSpecs = &[
    ("log", "the log is signed and unchanged, byte for byte, and its entries are dated in their order"),
    ("since", "every entry at the earlier checkpoint is unchanged"),
    ("evidence", "every logged item is present, unchanged and as the log says, and nothing else is present"),
    ("runs", "every later test run is present, unchanged and as the log says, and nothing else is present"),
    ("under way", "no unfinished item is present"),
];

/// So much of what is unfinished is named.
const LISTED: usize = 3;

/// What is to be checked.
#[derive(Debug)]
pub struct StoreCheck<'a> {
    /// The folder of the store.
    pub folder: &'a Path,
    /// Keys that are trusted to sign its log. None: those that the store names itself.
    pub keys: &'a [PublicKey],
    /// A signed checkpoint of the log that somebody kept.
    pub earlier: Option<&'a str>,
    /// What is left out, as others may be about to finish it.
    pub under_way: &'a [String],
    /// What is beside it where it is, and was not brought here.
    pub beside: &'a [String],
    /// Whether the log's signature must be checked.
    pub log_required: bool,
    /// Now, by the verifier's clock, in milliseconds since 1970: nothing was entered later.
    pub now: Instant,
}

/// Checks a store: its log, that all evidence is there, and that what the log says of it follows from it. The evidence itself
/// is verified one by one.
/// `heard` is called with each check when it is done. Gives the folders of the evidence that is there and in the log,
/// too, with the digest of its `proof.json` that the log has.
///
/// # Errors
///
/// Where the store cannot be read at all. What is wrong with what can be read is in the report.
pub fn check(
    store: &StoreCheck<'_>,
    heard: &mut (dyn FnMut(&Check) + Send),
) -> Result<(Report, Vec<(PathBuf, Digest)>), StoreError> {
    let mut checks = CheckRunner::new(CHECKS, heard);
    let needs_log = store.log_required;
    // What others are about to add is not missing.
    checks.require(move |name| needs_log && name == "log");
    let opened = Kept::open(store.folder)?;
    // Nothing comes or goes while it is looked at, where this may be waited for: a copy may be read only.
    let lock = opened.lock_to_look()?;
    let opened =
        if store.keys.is_empty() { opened } else { Kept::open_with(store.folder, store.keys.to_vec())? };
    let mut looks = 1;
    let looked = loop {
        let looked = look(store, &opened)?;
        let failed = looked.verdicts.iter().any(|it| matches!(it.1, Verdict::Failed { .. }));
        // Without the lock, what came and went meanwhile looks like damage.
        if lock.is_some() || !failed || !looked.is_overtaken || looks == LOOKS {
            break looked;
        }
        looks += 1;
    };
    for (name, verdict) in looked.verdicts {
        checks.done(name, None, verdict);
    }
    Ok((checks.report(), looked.folders))
}

/// What came of looking through a store.
struct Looked {
    verdicts: Vec<(&'static str, Verdict)>,
    /// The evidence that is there and in the log, with the digest of its `proof.json` that the log has.
    folders: Vec<(PathBuf, Digest)>,
    /// Whether the log was written to meanwhile.
    is_overtaken: bool,
}

fn look(store: &StoreCheck<'_>, opened: &Kept) -> Result<Looked, StoreError> {
    let read = opened.log().read().map_err(StoreError::from);
    let read = read.and_then(|view| {
        read_into(Catalog::for_checks(), &view).map(|(catalog, audit)| (view, catalog, audit))
    });
    let (view, catalog, audit) = match read {
        Ok(read) => read,
        // It says nothing of the log.
        Err(error) if error.io().is_some_and(disk::is_of_this_machine) => return Err(error),
        Err(error) => {
            let failed = Verdict::failed(error.to_string(), Remedy::RestoreStore);
            return Ok(Looked { verdicts: vec![("log", failed)], folders: Vec::new(), is_overtaken: true });
        }
    };
    let mut verdicts = vec![("log", log(&view, &catalog, &audit, store))];
    if let Some(earlier) = store.earlier {
        verdicts.push(("since", since(&view, earlier, opened.log().origin(), store.keys)));
    }
    let there = opened.folders()?;
    let strays = Strays::of(opened, &catalog)?;
    let unfinished = Unfinished::of(opened, &catalog, &there, store.keys)?;
    let mut left = strays.left;
    let beside =
        store.beside.iter().map(|it| stray(it, || format!("{} is no part of a store", Shown::line(it))));
    let beside = strays.faults.into_iter().chain(beside).collect();
    let known = Known { catalog: &catalog, there: &there, unfinished: &unfinished, now: store.now };
    verdicts.push(("evidence", evidence(opened, &known, &mut view.entries(), beside)));
    verdicts.push(("runs", later_runs(&known, &mut view.entries())));
    left.splice(0..0, unfinished.said(opened)?);
    let said = (!left.is_empty()).then(|| left[..left.len().min(LISTED)].join("; "));
    if let Some(why) = under_way(store.under_way).or(said) {
        verdicts.push(("under way", Verdict::skipped(why)));
    }
    let logged = |(name, folder): (String, PathBuf)| {
        let package = catalog.find(&name).filter(|it| it.pruned.is_none())?;
        Some((folder, package.kept.proof))
    };
    let is_overtaken = view.is_overtaken();
    Ok(Looked { verdicts, folders: there.into_iter().filter_map(logged).collect(), is_overtaken })
}

/// What others may be about to add to an object store.
fn under_way(paths: &[String]) -> Option<String> {
    let more = match paths.len().checked_sub(2) {
        None => String::new(),
        Some(more) => format!(" (and {} more)", more + 1),
    };
    let first = Shown::line(paths.first()?);
    Some(format!("{first}{more} is not in the log yet: another process may be adding it"))
}

/// What processes of this store began to add, and have not entered in its log.
struct Unfinished {
    /// Evidence, by its names.
    evidence: Vec<String>,
    /// Runs of tests, each with the name of its evidence before it.
    runs: Vec<String>,
    /// Evidence that the log lists as pruned, and that is still there as it came, by its names.
    removals: Vec<String>,
}

impl Unfinished {
    /// # Errors
    /// Where this machine cannot read what was begun, or what is in place.
    fn of(
        store: &Kept,
        catalog: &Catalog,
        there: &[(String, PathBuf)],
        keys: &[PublicKey],
    ) -> io::Result<Self> {
        let named = store.named_keys();
        let keys = if keys.is_empty() { &named } else { keys };
        let (mut evidence, mut runs, mut removals) = (Vec::new(), Vec::new(), Vec::new());
        for (name, folder) in there {
            let json = || disk::readable(disk::read_bounded(&folder.join(exhibit_records::PROOF_FILE)));
            if let Some(package) = catalog.find(name) {
                if package.pruned.is_some() {
                    let is_it = json()?.is_some_and(|it| Digest::of(&it) == package.kept.proof);
                    removals.extend(is_it.then(|| name.clone()));
                    continue;
                }
                let begun = runs::begun(store, package, folder, keys)?;
                runs.extend(begun.into_iter().map(|run| format!("{name}/{run}")));
                continue;
            }
            let Some(intent) = json()?.map(|it| Intent::evidence(name, Digest::of(&it))) else { continue };
            if store.has_begun_with(&intent, keys)? {
                evidence.push(name.clone());
            }
        }
        Ok(Self { evidence, runs, removals })
    }

    /// That, and what is being written or was left while it was.
    fn said(&self, store: &Kept) -> io::Result<Vec<String>> {
        let entered = self.evidence.iter().chain(&self.runs);
        let entered = entered.map(|it| format!("{} {}", Shown::line(it), runs::NOT_ENTERED));
        let removed = self.removals.iter().map(|it| {
            format!(
                "{} is still there, and the log lists it as pruned: a process that was killed, or failed, or still runs, began \
                 to remove it, and the next command that writes to the store does",
                Shown::line(it)
            )
        });
        let staged = staging::found(&store.evidence())?.into_iter();
        let staged = staged.map(|(name, state)| format!("{} {state}", Shown::line(&name)));
        Ok(entered.chain(removed).chain(staged).collect())
    }
}

/// What is known of what a store should have, and of what is there.
struct Known<'a> {
    catalog: &'a Catalog,
    /// In the order of their names.
    there: &'a [(String, PathBuf)],
    unfinished: &'a Unfinished,
    now: Instant,
}

fn log(view: &View<'_>, catalog: &Catalog, audit: &Audit, store: &StoreCheck<'_>) -> Verdict {
    let keys = store.keys;
    let added = audit
        .strays
        .iter()
        .filter(|it| !audit.left.contains(it))
        .map(|it| stray(&it.shown().to_string(), || format!("{} is not part of the log", it.shown())));
    let mut faults: Vec<Fault> = added.collect();
    faults.extend(catalog.dates().faults(store.now).into_iter().map(stated));
    let checkpoint = view.checkpoint();
    let entries = counted(checkpoint.size, "entry", "entries");
    let mut said = format!("{}, {entries}, root {}", checkpoint.origin, checkpoint.root);
    if let Some(left) = audit.left.first() {
        said.push_str(&format!(
            "; {} was left by a process that was killed, or could not write, while it added an entry: the next entry takes its place",
            left.shown()
        ));
    }
    if keys.is_empty() && faults.is_empty() {
        let why = format!("{said}: consistent, but its signature was not checked");
        return Verdict::without(why, Remedy::NameLogKey);
    }
    if !keys.is_empty() {
        said.push_str(&not_checked(&view.unchecked_signers(keys)));
        // Proofs are what others get: that they can be made, and hold, is part of the log's being whole.
        let mut entries = view.entries();
        let unproven =
            catalog.packages().iter().filter_map(|it| provable(&mut entries, it.index, keys).err());
        faults.extend(unproven.map(fault));
    }
    Verdict::of(heaviest_first(faults), said)
}

/// Whether an entry can be shown to be in the log with the key alone.
fn provable(entries: &mut Entries<'_>, index: u64, keys: &[PublicKey]) -> Result<(), String> {
    let (entry, proof) = entries.get(index).map_err(|error| error.to_string())?;
    let proof = Inclusion::parse(&proof.to_text()).map_err(|error| error.to_string())?;
    let checked = proof.verify(&entry, entries.origin(), keys);
    checked.map(drop).map_err(|error| format!("entry {index}: {error}"))
}

fn since(view: &View<'_>, earlier: &str, origin: &Origin, keys: &[PublicKey]) -> Verdict {
    let earlier = match Checkpoint::open(earlier, origin, keys) {
        Ok(earlier) => earlier,
        Err(error) => {
            return Verdict::failed(format!("the earlier checkpoint: {error}"), Remedy::NameCheckpoint);
        }
    };
    match view.consistency(&earlier) {
        Ok(_) => {
            let more = view.checkpoint().size - earlier.size;
            Verdict::of(
                vec![],
                format!("{} at that checkpoint, {more} since", counted(earlier.size, "entry", "entries")),
            )
        }
        Err(error) => Verdict::failed(error.to_string(), Remedy::RestoreStore),
    }
}

fn evidence(store: &Kept, known: &Known<'_>, entries: &mut Entries<'_>, beside: Vec<Fault>) -> Verdict {
    let Known { catalog, there, unfinished, now } = *known;
    let mut faults = Vec::new();
    let (mut count, mut pruned) = (0, 0);
    for package in catalog.packages() {
        // They are in the order of their names.
        let place = there.binary_search_by(|it| it.0.cmp(&package.kept.evidence)).ok();
        let folder = place.and_then(|it| there.get(it)).map(|it| &it.1);
        match (folder, &package.pruned) {
            (None, Some(_)) => pruned += 1,
            // Of what the log lists itself, nothing comes back by being there.
            (Some(_), Some(_)) if unfinished.removals.contains(&package.kept.evidence) => {}
            (Some(_), Some(_)) => faults.push(Fault::new(
                format!("{} was pruned, and something else has its name", package.kept.evidence),
                Remedy::FinishPruning,
            )),
            (None, None) => faults.push(fault(format!("{} is missing", package.kept.evidence))),
            (Some(folder), None) => {
                count += 1;
                let wrong = match as_it_came(store, package, folder) {
                    Ok(()) => {
                        let wrong = stated::of_evidence(package, folder, entries, now);
                        wrong.into_iter().map(stated).collect()
                    }
                    Err(it) => vec![it],
                };
                faults.extend(wrong.into_iter().map(|mut it| {
                    it.what = format!("{}: {}", package.kept.evidence, it.what);
                    it
                }));
            }
        }
    }
    for (name, folder) in there {
        if catalog.find(name).is_none() && !unfinished.evidence.contains(name) {
            let what = if folder.is_dir() { "is not in the log" } else { "is no evidence" };
            faults.push(stray(name, || format!("{} {what}", Shown::line(name))));
        }
    }
    faults.extend(beside);
    let mut said = counted(count, "proof", "proofs");
    if pruned > 0 {
        // Nothing is left that could show it.
        said.push_str(&format!("; {pruned} pruned, and what these were is as the log states"));
    }
    Verdict::of(heaviest_first(faults), said)
}

fn as_it_came(store: &Kept, package: &Package, folder: &Path) -> Result<(), Fault> {
    let unread = |error: std::io::Error| Fault::unread(error.to_string(), &error, Remedy::RestoreStore);
    let json = disk::read_bounded(&folder.join(exhibit_records::PROOF_FILE)).map_err(unread)?;
    if Digest::of(&json) != package.kept.proof {
        return Err(fault("its proof.json was altered".to_owned()));
    }
    let proof = read::parsed(&folder.join(exhibit_records::PROOF_FILE), &json).map_err(unread)?;
    let Some(digest) = package.kept.plugin else { return Ok(()) };
    let has_own = plugin_in(folder, &proof).map_err(unread)?.is_some();
    if has_own || disk::is_file(&in_store::plugin(store.folder(), digest)).map_err(unread)? {
        Ok(())
    } else {
        Err(fault(format!("its plugin {digest} is missing")))
    }
}

fn later_runs(known: &Known<'_>, entries: &mut Entries<'_>) -> Verdict {
    let Known { catalog, there, unfinished, now } = *known;
    let (mut faults, mut count) = (Vec::new(), 0);
    for (name, folder) in there {
        let Some(package) = catalog.find(name).filter(|it| it.pruned.is_none()) else { continue };
        count += package.runs.len();
        let begun = |run: &str| unfinished.runs.contains(&format!("{name}/{run}"));
        let wrong = runs::wrong(package, folder, &begun, &Remedy::RestoreStore);
        if wrong.is_empty() {
            faults.extend(stated::of_runs(package, folder, entries, now).into_iter().map(stated));
        }
        faults.extend(wrong);
    }
    Verdict::of(faults, counted(count as u64, "run", "runs"))
}

/// Something that is not in the log: what another program left there, or else `what`.
fn stray(path: &str, what: impl FnOnce() -> String) -> Fault {
    match desktop::leaves(path.rsplit(['/', '\\']).next().unwrap_or(path)) {
        Some(program) => Fault::left(path, program),
        None => fault(what()),
    }
}

/// Only the first are listed.
fn heaviest_first(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by_key(|it| matches!(it.next, Remedy::RemoveLeftover { .. }));
    faults
}

fn fault(what: String) -> Fault {
    Fault::new(what, Remedy::RestoreStore)
}

/// Something that the log's key has signed: no copy of the store is better.
fn stated(what: String) -> Fault {
    Fault::new(what, Remedy::DoNotRely)
}
