//! Finds what an interrupted collection has left, so that the same call resumes it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use exhibit_rows::ShowPath as _;

use crate::collect::Order;
use crate::collect::spool::Checkpoint;
use crate::contract::catalog::Field;
use crate::contract::types::{Instant, Window};
use crate::disk::{KeepError, StagedDir};
use crate::evidence::EvidenceWriter;
use crate::evidence::spool::{self, Begun, Left, Reached, Terms};

use super::collection::CollectFailure;

/// Where and under which terms something may have been left.
pub(super) struct Search<'a> {
    /// Where the evidence of this call goes.
    pub(super) destination: &'a Path,
    /// In a store: where evidence as of this instant goes. Its name does not tell collections apart there.
    pub(super) in_store: Option<&'a (dyn Fn(Instant) -> PathBuf + Sync)>,
    pub(super) terms: &'a Terms,
    pub(super) fields: &'a [Field],
    pub(super) now: Instant,
    /// What is older is not resumed.
    pub(super) within: Duration,
    /// What is found is removed, too.
    pub(super) fresh: bool,
    /// An operation is begun although an earlier run of it had sent something.
    pub(super) again: bool,
    /// The parameter that tells what an operation does: where it is the same, it is the same operation.
    pub(super) confirmed_by: Option<&'a str>,
}

/// A collection to be resumed.
pub(super) struct Found {
    pub(super) folder: EvidenceWriter,
    pub(super) destination: PathBuf,
    pub(super) begun: Begun,
    pub(super) from: Checkpoint,
    /// When it was resumed before.
    pub(super) resumed: Vec<Instant>,
    /// Answers and rows that are kept.
    pub(super) committed: (u64, u64),
}

/// What was found.
#[derive(Default)]
pub(super) struct Searched {
    pub(super) found: Option<Found>,
    pub(super) others: Vec<OfOtherTerms>,
    /// What is kept and not resumed any more, as the operation is begun again.
    pub(super) set_aside: Vec<PathBuf>,
}

/// An interrupted collection into the same folder that was begun under other terms.
pub(super) struct OfOtherTerms {
    pub(super) began: Instant,
    /// Answers that it has kept.
    pub(super) pages: u64,
    pub(super) differs: Vec<&'static str>,
    pub(super) until: Instant,
}

impl Search<'_> {
    /// The first one of these terms that can be resumed, and those into the same folder of other terms. Removes those
    /// that are too old.
    ///
    /// # Errors
    /// Where another process is collecting into the folder, or what was left cannot be taken over; of an operation, where an
    /// earlier run had sent something that this call does not go on with.
    pub(super) fn find(&self) -> Result<Searched, CollectFailure> {
        let mut searched = Searched::default();
        for (left, is_own) in StagedDir::resumable(self.destination).map_err(KeepError::from)? {
            let is_own = is_own && self.in_store.is_none();
            if is_own && StagedDir::is_locked(&left) {
                // Both would collect all of it, and the second one would find no place for that.
                return Err(self.in_use(&left));
            }
            if spool::is_set_aside(&StagedDir::resume_folder_of(&left)) {
                continue;
            }
            if self.terms.is_operation()
                && let Err(refused) = self.check_unfinished(&left, is_own)
            {
                // What is within the folder for the evidence would be in its way.
                if !self.again || left.parent() == Some(self.destination) {
                    return Err(refused);
                }
                // One that is under way goes on.
                if !StagedDir::is_locked(&left) {
                    spool::set_aside(&StagedDir::resume_folder_of(&left)).map_err(KeepError::from)?;
                    searched.set_aside.push(left);
                }
                continue;
            }
            // Those after the first one are looked at for their age alone.
            let may_be = searched.found.is_none() && (is_own || self.in_store.is_some());
            if let Some(it) = self.look_at(&left, may_be)? {
                searched.found = Some(it);
            } else if is_own {
                searched.others.extend(self.of_other_terms(&left));
            }
        }
        Ok(searched)
    }

    /// That another process is at work in what is for this folder, or for another one.
    fn in_use(&self, left: &Path) -> CollectFailure {
        let place = StagedDir::destination_of(left);
        if self.terms.is_operation() {
            return CollectFailure::UnderWay { place };
        }
        KeepError::InUse(place.shown().to_string()).into()
    }

    /// Refuses where an earlier run of the same operation may have sent something and cannot be gone on with: to begin another
    /// one might do it a second time.
    fn check_unfinished(&self, path: &Path, is_own: bool) -> Result<(), CollectFailure> {
        let damaged = || CollectFailure::Damaged { folder: path.to_owned() };
        let left = match StagedDir::is_plain(path) {
            Ok(true) => Left::read(&StagedDir::resume_folder_of(path)),
            // Someone else's, or what no process of this program has left.
            Ok(false) if is_own => return Err(damaged()),
            Ok(false) => return Ok(()),
            Err(error) => Err(error),
        };
        let left = match left {
            Ok(Some(left)) => left,
            // Before its terms were written, nothing was sent.
            Ok(None) if !StagedDir::resume_folder_of(path).exists() => return Ok(()),
            Ok(None) => return Err(damaged()),
            Err(error) => return Err(KeepError::from(error).into()),
        };
        let is_same_call = left.begun.terms == *self.terms;
        let is_same = is_same_call || left.is_of_same(self.terms, self.confirmed_by);
        // Both would do it.
        if StagedDir::is_locked(path) && (is_same_call || is_same && left.write().sent().is_some()) {
            return Err(self.in_use(path));
        }
        let differs = if !is_same_call {
            left.begun.terms.differences(self.terms)
        } else if !is_own && self.in_store.is_none() {
            // It is gone on with where its evidence is to be, and would be done a second time elsewhere.
            vec!["folder for the evidence"]
        } else if self.fresh || self.again {
            vec![]
        } else {
            return Ok(());
        };
        match left.write().sent() {
            Some(sent) if is_same => {
                let (place, sent) = (StagedDir::destination_of(path), Box::new(sent.clone()));
                Err(CollectFailure::Unfinished { place, sent, differs })
            }
            _ => Ok(()),
        }
    }

    /// What is still there after it was looked at, and can be resumed by others.
    fn of_other_terms(&self, path: &Path) -> Option<OfOtherTerms> {
        let left = Left::read(&StagedDir::resume_folder_of(path)).ok()??;
        let differs = left.begun.terms.differences(self.terms);
        let pages = left.reached.first().map_or(0, |it| it.committed().0);
        let within = Instant::try_from(left.begun.within).unwrap_or(Instant::MAX);
        let (began, until) = (left.begun.began, left.begun.began.saturating_add(within));
        (!differs.is_empty() && pages > 0).then_some(OfOtherTerms { began, pages, differs, until })
    }

    /// `may_be`: whether it is for where the evidence of this call goes.
    fn look_at(&self, path: &Path, may_be: bool) -> Result<Option<Found>, CollectFailure> {
        // What another collection has left must not keep this one from its work.
        match StagedDir::is_plain(path) {
            Ok(true) => {}
            Ok(false) => {
                if may_be {
                    warn_of_damage(path);
                }
                return Ok(None);
            }
            Err(error) => return unread(path, error, may_be),
        }
        let left = match Left::read(&StagedDir::resume_folder_of(path)) {
            Ok(Some(left)) => left,
            Ok(None) => {
                if may_be {
                    warn_of_damage(path);
                }
                return Ok(None);
            }
            Err(error) => return unread(path, error, may_be),
        };
        let age = self.now.saturating_sub(left.begun.began);
        // By the rule of the call that has left it; one of the future was dated by a clock that was wrong.
        let is_over = |limit: u64| !u64::try_from(age).is_ok_and(|age| age <= limit);
        // What an operation has done is not undone by time, nor by a clock that was wrong.
        let is_old = !left.begun.terms.is_operation() && is_over(left.begun.within);
        let is_ours = may_be && left.begun.terms == *self.terms;
        if !is_old && !is_ours {
            return Ok(None);
        }
        if !is_ours {
            if let Err(error) = StagedDir::remove_left(path) {
                tracing::warn!(folder = %path.shown(), %error, "an interrupted collection cannot be removed");
            }
            return Ok(None);
        }
        let destination = match self.in_store {
            Some(place) => place(left.begun.as_of),
            None => self.destination.to_owned(),
        };
        let Some(mut aside) = StagedDir::take_over(path, &destination)? else {
            return if self.terms.is_operation() { Err(self.in_use(path)) } else { Ok(None) };
        };
        // Whatever fails from here on: what it has sent is to be known.
        aside.leave_when_dropped(self.terms.is_operation() && !self.fresh);
        let too_old_for_this =
            !self.terms.is_operation() && u64::try_from(self.within.as_millis()).is_ok_and(is_over);
        if is_old || too_old_for_this || self.fresh {
            // Dropped, it is removed.
            return Ok(None);
        }
        // As it is now that no other process writes there.
        let Some(left) =
            aside.resume_folder().map(|it| Left::read(&it)).transpose().map_err(KeepError::from)?.flatten()
        else {
            return Ok(None);
        };
        for reached in left.reached.iter().filter(|it| it.is_worth_it()) {
            let Ok(from) = reached.checkpoint(&left) else { continue };
            match EvidenceWriter::resume(aside, self.fields, reached, self.now) {
                Ok(folder) => {
                    return Ok(Some(Found {
                        folder,
                        destination,
                        from,
                        resumed: reached.resumed.clone(),
                        committed: reached.committed(),
                        begun: left.begun,
                    }));
                }
                Err(failed) if !is_damage(&failed.error) => {
                    // The disk may be full, or the limit of open files be reached: nothing of it is lost.
                    failed.aside.leave();
                    return Err(KeepError::from(failed.error).into());
                }
                Err(failed) => {
                    tracing::info!(error = %failed.error, "a page cannot be resumed from: trying the one before");
                    aside = failed.aside;
                    aside.leave_when_dropped(false);
                }
            }
        }
        if left.write().sent().is_some() {
            // To start over would do it a second time.
            aside.leave();
            return Err(CollectFailure::Damaged { folder: path.to_owned() });
        }
        if left.reached.iter().any(Reached::is_worth_it) {
            tracing::warn!(folder = %path.shown(), "an interrupted collection is damaged: it is started over");
        }
        Ok(None)
    }
}

/// What another collection has left must not keep this one from its work. Its own must: to begin another one beside it
/// would ask the source again for what is kept.
fn unread(path: &Path, error: io::Error, may_be: bool) -> Result<Option<Found>, CollectFailure> {
    if may_be {
        return Err(KeepError::from(error).into());
    }
    tracing::warn!(folder = %path.shown(), %error, "an interrupted collection cannot be read");
    Ok(None)
}

fn warn_of_damage(path: &Path) {
    tracing::warn!(folder = %path.shown(), "an interrupted collection is damaged: it is not resumed");
}

/// Whether what was written is not there any more as it was, and not only out of reach.
fn is_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidData
            | io::ErrorKind::NotFound
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::NotADirectory
    )
}

impl Begun {
    /// The order, as of when it was given.
    pub(super) fn order(&self, order: Order) -> Order {
        let window = self.window.map(|(start, end)| Window { start, end });
        Order { as_of: self.as_of, window, id: self.id.clone(), ..order }
    }
}
