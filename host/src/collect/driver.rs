//! The loop of a collection: what the plugin wants next, the source's answer to it, the
//! rows that result.

use std::time::Duration;

use exhibit_records::Counts;
use exhibit_rows::Shown;
use reqwest::StatusCode;
use tokio::sync::SemaphorePermit;
use tracing::{debug, info};

use crate::contract::collection::{Batch, Effect, Job, Pause, Request, Step, Summary, Task};
use crate::contract::settings;
use crate::contract::types::Setting;
use crate::http::{self, Diagnosis, Origin, SendError, SignError};
use crate::plugin::{PluginError, Session};

use super::body::Body;
use super::connection::Connection;
use super::error::CollectError;
use super::gate::Entry;
use super::limits::Limits;
use super::order::{Order, Outcome, miscounted};
use super::progress::{Event, Progress};
use super::sink::{Answer, Sink};

/// Collects what `order` asks for, page by page, into `sink`.
///
/// May be dropped at any time: the page under way is then neither committed nor
/// abandoned. Needs a tokio runtime with time and network.
pub async fn run(
    connection: &Connection,
    order: &Order,
    sink: &mut dyn Sink,
    progress: &dyn Progress,
    limits: &Limits,
) -> Result<Outcome, CollectError> {
    let job = Job {
        task: order.task.clone(),
        settings: connection.settings.clone(),
        criteria: criteria(connection, order)?,
        window: order.window,
        as_of: order.as_of,
        checkpoint: None,
    };
    let session = connection.plugin.open(&job).await?;
    let may_write = matches!(order.task, Task::Operate(_));
    let counts = Counts::default();
    let mut driver =
        Driver { connection, session, sink, progress, limits, may_write, counts, failures: 0, waits: 0 };
    let summary = driver.run().await?;
    Ok(Outcome {
        job,
        summary,
        origins: connection.origins.iter().map(|(name, it)| (name.clone(), it.to_string())).collect(),
        counts: driver.counts,
    })
}

fn criteria(connection: &Connection, order: &Order) -> Result<Vec<Setting>, CollectError> {
    let manifest = connection.plugin.manifest();
    let parameters = match &order.task {
        Task::Collect(name) | Task::Probe(name) => manifest.proof_type(name).map(|it| &it.criteria),
        Task::Operate(name) => manifest.operation(name).map(|it| &it.parameters),
    };
    match parameters {
        Some(parameters) => Ok(settings::complete(parameters, order.criteria.clone())?),
        // An unknown task is refused when it is opened.
        None => Ok(order.criteria.clone()),
    }
}

struct Driver<'a> {
    connection: &'a Connection,
    session: Session,
    sink: &'a mut dyn Sink,
    progress: &'a dyn Progress,
    limits: &'a Limits,
    may_write: bool,
    counts: Counts,
    /// Failed attempts at the request under way.
    failures: u32,
    /// Waits since the last answer.
    waits: u32,
}

/// What became of a request.
enum Asked {
    /// Its answer is complete.
    Answered,
    /// There is no answer, or only a part of it.
    Failed(Failure),
}

enum Failure {
    Send(SendError),
    BrokenOff(Diagnosis),
}

/// An answer's head, and whose it is.
type Sent<'a> = Result<(reqwest::Response, &'a Origin), SendError>;

/// What a page gave, until it is committed.
#[derive(Default)]
struct Page {
    bytes: u64,
    rows: u64,
    rejected: u64,
}

fn add(counts: &mut Counts, page: &Page) {
    counts.answers = counts.answers.saturating_add(1);
    counts.bytes = counts.bytes.saturating_add(page.bytes);
    counts.rows = counts.rows.saturating_add(page.rows);
    counts.rejected = counts.rejected.saturating_add(page.rejected);
}

impl<'a> Driver<'a> {
    async fn run(&mut self) -> Result<Summary, CollectError> {
        loop {
            match self.session.next().await? {
                Step::Send(request) => match self.ask(&request).await? {
                    Asked::Answered => (self.failures, self.waits) = (0, 0),
                    Asked::Failed(failure) => self.back_off(&request, failure).await?,
                },
                Step::Wait(pause) => self.pause(&pause).await?,
                Step::Finished(summary) => return self.finish(summary),
            }
        }
    }

    /// What the plugin says came of it is what came of it.
    fn finish(&self, summary: Summary) -> Result<Summary, CollectError> {
        match miscounted(&self.counts, &summary) {
            None => Ok(summary),
            Some(what) => Err(PluginError::Broke { call: "next", what }.into()),
        }
    }

    async fn ask(&mut self, request: &Request) -> Result<Asked, CollectError> {
        if request.effect == Effect::Write && !self.may_write {
            return Err(CollectError::Write);
        }
        let _place = self.place().await?;
        match self.send(request).await? {
            Ok((answer, origin)) => self.take(request, origin, answer).await,
            Err(error) => Ok(Asked::Failed(Failure::Send(error))),
        }
    }

    /// Waits until this session may make a request.
    async fn place(&mut self) -> Result<SemaphorePermit<'a>, CollectError> {
        let gate = &self.connection.gate;
        let limit = self.limits.max_wait;
        loop {
            let (entry, waited) = gate.enter(limit.saturating_sub(self.counts.waited)).await;
            self.counts.waited = self.counts.waited.saturating_add(waited);
            match entry {
                Entry::Place(place) => return Ok(place),
                Entry::Full => return Err(CollectError::Held { limit }),
                Entry::Closed(closed) => {
                    self.wait(closed, "another collection of this connection was asked to wait").await?;
                }
            }
        }
    }

    /// Sends a request, signed; a `read` once more, where the source refuses the token that
    /// it was signed with. What a source does before it looks at a token is its own affair,
    /// so a `write` is not sent twice even then.
    async fn send(&mut self, request: &Request) -> Result<Sent<'a>, CollectError> {
        let Connection { client, origins, signer, .. } = self.connection;
        self.progress.event(&Event::Asking(&request.origin, &request.path));
        let mut token_refused = false;
        loop {
            let (mut built, origin) = http::build(origins, request)?;
            if let Some(auth) = &request.auth {
                match signer.sign(&mut built, auth, client, origins).await {
                    // The request itself was not sent, so it may be tried again in any case.
                    Err(SignError::Send(error)) if request.effect == Effect::Read => return Ok(Err(error)),
                    signed => signed?,
                }
            }
            self.counts.requests += 1;
            within("requests", self.counts.requests, self.limits.max_requests)?;
            // Without the query, which may name persons.
            debug!(%origin, path = request.path, method = ?request.method, effect = ?request.effect, "asking");
            let answer = match client.send(built, origin, request.effect).await {
                Ok(answer) => answer,
                Err(error) => return Ok(Err(error)),
            };
            debug!(%origin, path = request.path, status = answer.status().as_u16(), "answered");
            if answer.status() == StatusCode::UNAUTHORIZED && !token_refused {
                token_refused = true;
                if let Some(auth) = &request.auth
                    && signer.renew(auth).await
                    && request.effect == Effect::Read
                {
                    info!(%origin, "the credentials were refused: asking again with new ones");
                    continue;
                }
            }
            return Ok(Ok((answer, origin)));
        }
    }

    /// Takes an answer: all of it, or nothing.
    async fn take(
        &mut self,
        request: &Request,
        origin: &Origin,
        answer: reqwest::Response,
    ) -> Result<Asked, CollectError> {
        let wanted = &self.connection.plugin.manifest().answer_headers;
        let head = http::head(answer.status(), answer.headers(), wanted);
        let received = self.connection.clock.now();
        self.sink.begin(&Answer { request, origin: origin.as_str(), head: &head, received })?;
        let page = match self.session.accept(&head).await {
            Ok(()) => self.read(answer).await,
            Err(error) => Err(error.into()),
        };
        match page {
            Ok(Ok(page)) => {
                self.sink.commit()?;
                add(&mut self.counts, &page);
                self.progress.event(&Event::Page);
                info!(
                    %origin,
                    path = request.path,
                    status = head.status,
                    bytes = page.bytes,
                    rows = page.rows,
                    rejected = page.rejected,
                    "page"
                );
                Ok(Asked::Answered)
            }
            Ok(Err(diagnosis)) => {
                self.sink.abandon(&diagnosis.to_string())?;
                self.session.interrupted().await?;
                Ok(Asked::Failed(Failure::BrokenOff(diagnosis)))
            }
            Err(error) => {
                // What went wrong first is what counts.
                drop(self.sink.abandon(&error.to_string()));
                Err(error)
            }
        }
    }

    async fn read(&mut self, answer: reqwest::Response) -> Result<Result<Page, Diagnosis>, CollectError> {
        let mut body = Body::read(answer);
        let mut page = Page::default();
        while let Some(chunk) = body.chunk().await {
            let chunk = match chunk {
                Ok(chunk) => chunk,
                Err(diagnosis) => return Ok(Err(diagnosis)),
            };
            page.bytes += chunk.len() as u64;
            within("bytes", self.counts.bytes.saturating_add(page.bytes), self.limits.max_bytes)?;
            self.progress.event(&Event::Bytes(chunk.len()));
            self.sink.body(&chunk)?;
            let batch = self.session.feed(&chunk).await?;
            self.keep(batch, &mut page)?;
        }
        let batch = self.session.end().await?;
        self.keep(batch, &mut page)?;
        Ok(Ok(page))
    }

    fn keep(&mut self, batch: Batch, page: &mut Page) -> Result<(), CollectError> {
        let Batch { rows, rejected } = batch;
        if rows.is_empty() && rejected.is_empty() {
            return Ok(());
        }
        page.rows += rows.len() as u64;
        page.rejected += rejected.len() as u64;
        let all = [self.counts.rows, self.counts.rejected, page.rows, page.rejected];
        within("rows", all.into_iter().fold(0, u64::saturating_add), self.limits.max_rows)?;
        self.progress.event(&Event::Rows(rows.len()));
        Ok(self.sink.rows(rows, rejected)?)
    }

    /// Lets some time pass before the plugin is asked for the request again; gives up
    /// where that would not help, or might do something twice.
    async fn back_off(&mut self, request: &Request, failure: Failure) -> Result<(), CollectError> {
        self.failures += 1;
        let attempts = self.failures;
        let (why, passing, arrived) = match &failure {
            Failure::Send(error) => (error.to_string(), error.is_passing(), error.may_have_arrived()),
            Failure::BrokenOff(diagnosis) => (diagnosis.to_string(), true, true),
        };
        let origin = self.connection.origins.get(&request.origin).map(Origin::to_string).unwrap_or_default();
        let path = request.path.clone();
        if request.effect == Effect::Write && arrived {
            return Err(CollectError::Unknown { origin, path, why });
        }
        if !passing || attempts >= self.limits.attempts {
            return Err(match failure {
                Failure::Send(error) => CollectError::Send { error, attempts },
                Failure::BrokenOff(diagnosis) => {
                    CollectError::BrokenOff { origin, path, diagnosis, attempts }
                }
            });
        }
        self.counts.retries += 1;
        let pause = self.limits.back_off.saturating_mul(2_u32.saturating_pow(attempts - 1));
        info!(%origin, path, attempt = attempts + 1, seconds = pause.as_secs_f64(), why, "asking again");
        self.progress.event(&Event::Again(&why, attempts + 1));
        tokio::time::sleep(pause).await;
        Ok(())
    }

    async fn pause(&mut self, pause: &Pause) -> Result<(), CollectError> {
        self.waits += 1;
        within("waits in a row", self.waits.into(), self.limits.max_waits_in_a_row.into())?;
        let duration = Duration::from_secs(pause.seconds.into());
        if pause.connection_wide {
            self.connection.gate.close(duration);
        }
        self.progress.event(&Event::Waiting(pause));
        self.wait(duration, &pause.message).await?;
        Ok(self.session.waited().await?)
    }

    async fn wait(&mut self, duration: Duration, message: &str) -> Result<(), CollectError> {
        let (waited, limit) = (self.counts.waited, self.limits.max_wait);
        if waited.saturating_add(duration) > limit {
            let until = self.connection.clock.now();
            let until = until.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX));
            let seconds = duration.as_secs();
            return Err(CollectError::Wait { message: message.to_owned(), seconds, until, waited, limit });
        }
        info!(seconds = duration.as_secs_f64(), why = %Shown::line(message), "waiting");
        tokio::time::sleep(duration).await;
        self.counts.waited = self.counts.waited.saturating_add(duration);
        Ok(())
    }
}

fn within(what: &'static str, count: u64, limit: u64) -> Result<(), CollectError> {
    if count > limit { Err(CollectError::Endless { what, limit }) } else { Ok(()) }
}
