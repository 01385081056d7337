//! Evidence in the making, and what has to know of it outside of its folder.

use std::collections::BTreeMap;
use std::io;

use crate::clock::Clock;
use crate::collect::sink::{Answer, Sink};
use crate::collect::spool::{Checkpoint, Kept, Spool, WriteState};
use crate::contract::collection::{Rejection, Request};
use crate::contract::types::Row;
use crate::evidence::EvidenceWriter;
use crate::store::attempt::Attempt;

use super::collection::CollectFailure;
use super::ledger::LedgerRun;

/// A folder, what keeps the same outside of this machine, and what knows what operations have sent.
pub(super) struct Mirrored<'a, 'l> {
    pub(super) folder: &'a mut EvidenceWriter,
    pub(super) attempt: Option<&'a mut (dyn Attempt + 'static)>,
    pub(super) ledger: Option<LedgerRun<'l>>,
    pub(super) clock: &'a dyn Clock,
    /// Whether something was sent, or may have been, that changes the source.
    pub(super) has_sent: bool,
    /// Why the ledger does not let something be sent.
    pub(super) refused: Option<CollectFailure>,
    /// The number of the write that was answered.
    pub(super) answered: Option<u64>,
}

impl Sink for Mirrored<'_, '_> {
    fn begin(&mut self, answer: &Answer<'_>) -> io::Result<()> {
        self.folder.begin(answer)
    }

    fn body(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.folder.body(chunk)
    }

    fn rows(&mut self, rows: Vec<Row>, rejected: Vec<Rejection>) -> io::Result<()> {
        self.folder.rows(rows, rejected)
    }

    fn redacted(&mut self, times: u64) -> io::Result<()> {
        self.folder.redacted(times)
    }

    fn blanked(&mut self, by_name: &BTreeMap<String, u64>) -> io::Result<()> {
        self.folder.blanked(by_name)
    }

    fn commit(&mut self) -> io::Result<()> {
        self.folder.commit()
    }

    fn abandon(&mut self, why: &str) -> io::Result<()> {
        self.folder.abandon(why)
    }

    fn discard(&mut self) -> io::Result<()> {
        self.folder.discard()
    }

    fn spool(&mut self) -> Option<&mut dyn Spool> {
        // Where the folder keeps nothing, there is nothing to keep elsewhere.
        if self.folder.spool().is_some() { Some(self) } else { None }
    }
}

impl Spool for Mirrored<'_, '_> {
    fn asking<'a>(&'a mut self, request: &'a Request, number: u64) -> Kept<'a> {
        if let (Some(ledger), Some(answered)) = (&mut self.ledger, self.answered)
            && number > answered
        {
            ledger.taken();
        }
        self.folder.asking(request, number)
    }

    fn checkpoint<'a>(&'a mut self, at: &'a Checkpoint) -> Kept<'a> {
        Box::pin(async move {
            // Before the folder says that it is sent: what is refused here is not.
            if let WriteState::Unanswered(sent) = &at.write {
                let now = self.clock.now();
                self.noted(|it| it.sending(sent, now))?;
            }
            self.has_sent |= at.write.sent().is_some();
            self.folder.checkpoint(at).await?;
            if let WriteState::Answered(sent) = &at.write {
                self.answered = Some(sent.number);
            }
            self.has_sent = at.write.sent().is_some();
            if at.write == WriteState::NotSent {
                self.noted(LedgerRun::forget)?;
            }
            self.push().await
        })
    }
}

impl<'l> Mirrored<'_, 'l> {
    fn noted(
        &mut self,
        note: impl FnOnce(&mut LedgerRun<'l>) -> Result<(), CollectFailure>,
    ) -> io::Result<()> {
        let Some(ledger) = &mut self.ledger else { return Ok(()) };
        note(ledger).map_err(|refused| {
            let error = io::Error::other(refused.to_string());
            self.refused = Some(refused);
            error
        })
    }

    async fn push(&mut self) -> io::Result<()> {
        match (&mut self.attempt, self.folder.staging()) {
            (Some(attempt), Some(staging)) => attempt.push(&staging).await,
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::disk::KeepError;

    #[test]
    fn what_its_folder_does_not_keep_is_not_kept_elsewhere() -> Result<(), KeepError> {
        let place = tempfile::tempdir().map_err(KeepError::from)?;
        let mut folder = EvidenceWriter::create(&place.path().join("users"), &[])?;
        let mut mirrored = Mirrored {
            folder: &mut folder,
            attempt: None,
            ledger: None,
            clock: &SystemClock,
            has_sent: false,
            refused: None,
            answered: None,
        };
        assert!(mirrored.spool().is_none());
        Ok(())
    }
}
