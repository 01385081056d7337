//! A page: an answer, and what the session makes of it.

use std::time::Duration;

use bytes::Bytes;
use exhibit_driver::{Driver, Input, Output, Stop};
use tracing::info;

use crate::contract::collection::{Batch, Response};
use crate::http::{Origin, TransportError};
use crate::plugin::PluginError;
use crate::retry::Retry;

use super::super::body::{Body, Replaced};
use super::super::error::CollectError;
use super::super::progress::Event;
use super::super::sink::{Answer, NO_ANSWER, Sink as _};
use super::super::step::is_write;
use super::state::{Failure, Hand, Live, handed, readable};

impl Live<'_> {
    /// A step of taking an answer.
    pub(super) async fn page(
        &mut self,
        output: &Output,
        hand: &mut Hand,
        driver: &Driver,
    ) -> Result<Input, CollectError> {
        let is_read = hand.request.as_ref().is_some_and(|it| !is_write(it));
        match output {
            Output::Accept => self.accept(hand).await,
            Output::Read => Ok(match &mut hand.body {
                Some(body) => {
                    match chunk(body, is_read.then(|| self.left()).transpose()?, self.limits.max_time).await?
                    {
                        Some(Ok(chunk)) => {
                            let bytes = chunk.len() as u64;
                            hand.chunk = chunk;
                            Input::Chunk(bytes)
                        }
                        // A read, whose answer would be the same again.
                        Some(Err(diagnosis)) if is_read && diagnosis.kind.retry() == Retry::NeedsPerson => {
                            hand.failure = Some(Failure::BrokenOff(diagnosis));
                            let attempts = driver.attempts();
                            return Err(self.stopped(hand, Stop::GaveUp { attempts }));
                        }
                        Some(Err(diagnosis)) => {
                            hand.failure = Some(Failure::BrokenOff(diagnosis));
                            Input::Interrupted
                        }
                        None => Input::BodyEnded,
                    }
                }
                None => Input::BodyEnded,
            }),
            Output::Feed => {
                self.progress.event(&Event::Bytes(hand.chunk.len()));
                self.sink.body(&hand.chunk)?;
                let batch = self.session.feed(&hand.chunk).await;
                self.batch(hand, batch)
            }
            Output::End => {
                let batch = self.session.end().await;
                self.batch(hand, batch)
            }
            Output::Keep => {
                if let Some(Batch { rows, rejected }) = hand.batch.take() {
                    self.progress.event(&Event::Rows(rows.len()));
                    self.sink.rows(rows, rejected)?;
                }
                Ok(Input::Done)
            }
            _ => {
                self.replaced(hand)?;
                self.sink.commit()?;
                hand.body = None;
                self.progress.event(&Event::Page);
                let (bytes, rows, rejected) = driver.page();
                if let (Some(request), Some(head)) = (&hand.request, &hand.head) {
                    let (path, status) = (&request.path, head.status);
                    info!(origin = request.origin, path, status, bytes, rows, rejected, "page");
                }
                Ok(Input::Done)
            }
        }
    }

    /// What the session made of a part of the answer, once it was looked through for secrets.
    fn batch(&self, hand: &mut Hand, batch: Result<Batch, PluginError>) -> Result<Input, CollectError> {
        match readable(hand, batch.map_err(|it| self.secrets.without(it)))? {
            Ok(batch) => {
                self.secrets.batch(&batch, &self.job.task, self.plugin.manifest())?;
                Ok(handed(hand, batch))
            }
            Err(input) => Ok(input),
        }
    }

    async fn accept(&mut self, hand: &mut Hand) -> Result<Input, CollectError> {
        let (Some(request), Some(mut answer)) = (&hand.request, hand.answer.take()) else {
            return Ok(Input::BodyEnded);
        };
        let manifest = self.connection.plugin.manifest();
        let head = answer.head(&manifest.answer_headers);
        answer.blank(manifest.blanked(&self.job.task));
        let received = self.connection.clock.now();
        let origin = self.connection.origins.get(&request.origin).map(Origin::to_string).unwrap_or_default();
        let redirected = answer.redirected();
        self.sink.begin(&Answer { request, origin: &origin, redirected, head: &head, received })?;
        // From here on there is a page.
        hand.body = Some(Body::read(answer));
        let accepted = self.session.accept(&head).await.map_err(|it| self.secrets.without(it));
        hand.head = Some(head);
        Ok(readable(hand, accepted)?.map_or_else(|it| it, |()| Input::Done))
    }

    /// Keeps that no answer came to a request that changes something, and has the session find out what became of it.
    pub(super) async fn unanswered(&mut self, hand: &Hand) -> Result<(), CollectError> {
        let Some(request) = &hand.request else { return Ok(()) };
        let origin = self.connection.origins.get(&request.origin).map(Origin::to_string).unwrap_or_default();
        let why = hand.failure.as_ref().map(Failure::to_string).unwrap_or_default();
        let head = Response { status: NO_ANSWER, headers: vec![] };
        let received = self.connection.clock.now();
        self.sink.begin(&Answer { request, origin: &origin, redirected: &[], head: &head, received })?;
        self.sink.abandon(&why)?;
        Ok(self.session.interrupted().await.map_err(|it| self.secrets.without(it))?)
    }

    /// Says how many secrets and values were replaced in the answer at hand, before it is committed or abandoned.
    pub(super) fn replaced(&mut self, hand: &Hand) -> std::io::Result<()> {
        let Replaced { secrets, values } = hand.body.as_ref().map(Body::replaced).unwrap_or_default();
        if secrets > 0 {
            self.sink.redacted(secrets)?;
        }
        if values.is_empty() { Ok(()) } else { self.sink.blanked(&values) }
    }
}

/// The next piece of the body, which may take this long until a collection has taken as long as it may. `None`: that of a
/// request that changes something is read to its end, however long it takes.
async fn chunk(
    body: &mut Body,
    left: Option<Duration>,
    limit: Duration,
) -> Result<Option<Result<Bytes, TransportError>>, CollectError> {
    let Some(left) = left else { return Ok(body.chunk().await) };
    let chunk = tokio::time::timeout(left, body.chunk()).await;
    chunk.map_err(|_| CollectError::OutOfTime { limit })
}
