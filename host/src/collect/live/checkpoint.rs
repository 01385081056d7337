//! Where a session is opened again, and what is known then of a request that changes something.

use exhibit_driver::Driver;

use crate::contract::collection::{Effect, Request};

use super::super::error::CollectError;
use super::super::progress::Event;
use super::super::sink::Sink as _;
use super::super::spool::{Checkpoint, SentWrite, WriteState};
use super::super::step::is_write;
use super::state::{Hand, Live, counts};

impl Live<'_> {
    /// Whether the request at hand was sent by an earlier process, and nothing is known of its answer.
    pub(super) fn is_sent(&self, hand: &Hand) -> bool {
        matches!(self.before.write, WriteState::Unanswered(_)) && hand.request.as_ref().is_some_and(is_write)
    }

    /// The page is committed, or it is kept that no answer came. Where the collection can be resumed, its sink keeps that.
    pub(super) async fn checkpoint(&mut self, driver: &Driver, hand: &Hand) -> Result<(), CollectError> {
        let session = Some(self.session_checkpoint().await?);
        let write = match &self.before.write {
            WriteState::Unanswered(sent) if driver.is_unknown() => WriteState::Unknown(sent.clone()),
            WriteState::Unanswered(sent) if hand.request.as_ref().is_some_and(is_write) => {
                WriteState::Answered(sent.clone())
            }
            // Something else was asked meanwhile.
            before => before.clone(),
        };
        let before = std::mem::take(&mut self.before.write);
        self.before = Checkpoint { session, counts: counts(driver, self.waited), pause: None, write: before };
        self.written(write).await
    }

    /// The request that changes something is sent next: another process, which goes on if this one ends in the middle of it, does
    /// not send it again. Gives what was known before.
    pub(super) async fn sending(
        &mut self,
        request: &Request,
        origin: &str,
        number: u64,
    ) -> Result<WriteState, CollectError> {
        let summary = match &request.effect {
            Effect::Write(change) => change.summary.clone(),
            Effect::Read => String::new(),
        };
        let url = format!("{origin}{}", request.path);
        let sent = SentWrite { number, at: self.connection.clock.now(), url, summary };
        if self.sink.spool().is_some() {
            self.before.session = Some(self.session_checkpoint().await?);
        }
        let before = self.before.write.clone();
        self.written(WriteState::Unanswered(sent)).await?;
        Ok(before)
    }

    /// From now on this is known of the request that changes something. Where the collection can be resumed, its sink keeps it.
    pub(super) async fn written(&mut self, write: WriteState) -> Result<(), CollectError> {
        let before = std::mem::replace(&mut self.before.write, write);
        let is_kept = match self.sink.spool() {
            Some(spool) => {
                if let Err(error) = spool.checkpoint(&self.before).await {
                    self.before.write = before;
                    return Err(error.into());
                }
                true
            }
            None => false,
        };
        if before != self.before.write {
            self.progress.event(&Event::Write(&self.before.write));
        }
        if is_kept {
            self.progress.event(&Event::Kept(self.before.counts.answers));
        }
        Ok(())
    }

    async fn session_checkpoint(&mut self) -> Result<Vec<u8>, CollectError> {
        let session = self.session.checkpoint().await.map_err(|it| self.secrets.without(it))?;
        self.secrets.checkpoint(&session)?;
        Ok(session)
    }
}
