//! A collection from a source: what the loop asks for, carried out with a session, a network and a clock.

mod checkpoint;
mod mode;
mod page;
mod secrets;
mod state;
mod wait;

use std::time::Duration;

use ::http::StatusCode;
use exhibit_driver::{Driver, Input, Limits, Output, Stop};
use exhibit_records::Counts;
use tracing::{debug, info};

use crate::contract::collection::{Job, Pause, PauseReason, Request, Step, Summary};
use crate::contract::settings;
use crate::contract::types::Setting;
use crate::http::{self, SignError};
use crate::plugin::TimeBudget;

use self::mode::Mode;
use self::secrets::Secrets;
use self::state::{Failure, Hand, Live, counted, counts, not_answered, not_signed};
use super::connection::Connection;
use super::error::CollectError;
use super::order::{Order, Outcome};
use super::progress::{Event, Progress};
use super::sink::Sink;
use super::spool::{Checkpoint, Suspension, WriteState};
use super::step::{effect, is_write, reported};

/// How a collection ends that may be suspended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Ended {
    /// It is complete.
    Finished(Box<Outcome>),
    /// It waits for the source, without this process.
    Suspended(Suspension),
}

/// Where a collection begins, and how long it may hold its process.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Resume {
    /// Where it was left. `None`: at its beginning.
    pub from: Option<Checkpoint>,
    /// The longest wait for the source that is waited for here; a longer one suspends the collection,
    /// if its sink has a spool. `None`: all of them are.
    pub hold: Option<Duration>,
}

/// Collects what `order` asks for, page by page, into `sink`.
///
/// May be dropped at any time: the page under way is then neither committed nor
/// abandoned. Needs a tokio runtime with time and network.
///
/// # Errors
/// Where the source, the plugin or the sink fails, or a limit is reached: see [`CollectError`].
pub async fn run(
    connection: &Connection,
    order: &Order,
    sink: &mut dyn Sink,
    progress: &dyn Progress,
    limits: &Limits,
) -> Result<Outcome, CollectError> {
    match resume(connection, order, Resume::default(), sink, progress, limits).await? {
        Ended::Finished(outcome) => Ok(*outcome),
        Ended::Suspended(Suspension { until, reason }) => {
            let (waited, limit) = (Duration::ZERO, limits.max_wait);
            Err(CollectError::Wait { message: reason, seconds: 0, until, waited, limit })
        }
    }
}

/// What an operation would change: it is carried out up to its first request that changes something, and that is not
/// sent. `None` where it ends without one.
///
/// # Errors
/// As [`run`].
pub async fn propose(
    connection: &Connection,
    order: &Order,
    progress: &dyn Progress,
    limits: &Limits,
) -> Result<Option<Request>, CollectError> {
    let mut proposed = None;
    let mode = Mode::Propose(&mut proposed);
    match carry_out(connection, order, Resume::default(), mode, progress, limits).await {
        Ok(_) => Ok(None),
        Err(CollectError::Write) if proposed.is_some() => Ok(proposed),
        Err(error) => Err(error),
    }
}

/// The same as [`run`], from where it was left, by this process or by another one, under the same order.
///
/// # Errors
/// As [`run`].
pub async fn resume(
    connection: &Connection,
    order: &Order,
    resume: Resume,
    sink: &mut dyn Sink,
    progress: &dyn Progress,
    limits: &Limits,
) -> Result<Ended, CollectError> {
    let mode = Mode::Keep(sink);
    let (done, job, counts) = carry_out(connection, order, resume, mode, progress, limits).await?;
    let summary = match done {
        Done::Finished(summary) => summary,
        Done::Suspended(suspension) => return Ok(Ended::Suspended(suspension)),
    };
    Ok(Ended::Finished(Box::new(Outcome {
        summary,
        origins: connection.origins.iter().map(|(name, it)| (name.clone(), it.to_string())).collect(),
        counts,
        job,
    })))
}

async fn carry_out<'a>(
    connection: &'a Connection,
    order: &Order,
    resume: Resume,
    sink: Mode<'a>,
    progress: &'a dyn Progress,
    limits: &'a Limits,
) -> Result<(Done, Job, Counts), CollectError> {
    let job = Job {
        task: order.task.clone(),
        settings: connection.settings.clone(),
        criteria: criteria(connection, order)?,
        window: order.window,
        since: order.since.as_ref().map(|it| it.point),
        as_of: order.as_of,
        id: order.id.clone(),
        checkpoint: None,
    };
    let from = resume.from.unwrap_or_default();
    // Before anything is waited for, so that a caller knows what that is about.
    if from.write.sent().is_some() {
        progress.event(&Event::Write(&from.write));
    }
    if let Some((until, message)) = &from.pause {
        // The plugin is to be opened when its pause is over.
        let left = until.saturating_sub(connection.clock.now()).max(0);
        let left = Duration::from_millis(u64::try_from(left).unwrap_or_default());
        if resume.hold.is_some_and(|hold| left > hold) {
            let suspension = Suspension { until: *until, reason: message.clone() };
            return Ok((Done::Suspended(suspension), job, from.counts));
        }
        progress.event(&Event::Waiting(&Pause {
            seconds: u32::try_from(left.as_secs()).unwrap_or(u32::MAX),
            reason: PauseReason::RateLimit,
            connection_wide: false,
            message: message.clone(),
        }));
        // A clock that was wrong must not make this a wait without end.
        if left > limits.max_wait {
            let (seconds, limit) = (left.as_secs(), limits.max_wait);
            let (message, until) = (message.clone(), *until);
            return Err(CollectError::Wait { message, seconds, until, waited: Duration::ZERO, limit });
        }
        // Other collections of the connection would be asked to wait, too.
        connection.limiter.pause(left).await.map_err(CollectError::Limiter)?;
        tokio::time::sleep(left).await;
    }
    let plugin = connection.plugin.with_budget(&TimeBudget::new(limits.max_plugin_time));
    let began = tokio::time::Instant::now();
    let session = plugin.open(&Job { checkpoint: from.session.clone(), ..job.clone() }).await?;
    let mut steps = *limits;
    steps.may_write = order.is_operation() && connection.may_operate() && matches!(sink, Mode::Keep(_));
    let mut live = Live {
        connection,
        plugin,
        began,
        job,
        session,
        sink,
        progress,
        limits,
        hold: resume.hold,
        waited: from.counts.waited,
        held: Duration::ZERO,
        secrets: Secrets::default(),
        before: Checkpoint { pause: None, ..from },
    };
    let is_unknown = matches!(live.before.write, WriteState::Unknown(_));
    let mut driver = Driver::resume(steps, counted(&live.before.counts)).after_unknown(is_unknown);
    let done = live.run(&mut driver).await?;
    let counts = counts(&driver, live.waited);
    Ok((done, live.job, counts))
}

fn criteria(connection: &Connection, order: &Order) -> Result<Vec<Setting>, CollectError> {
    let manifest = connection.plugin.manifest();
    match manifest.parameters(&order.task) {
        Some(parameters) => Ok(settings::complete(parameters, order.criteria.clone())?),
        // An unknown task is refused when it is opened.
        None => Ok(order.criteria.clone()),
    }
}

enum Done {
    Finished(Summary),
    Suspended(Suspension),
}

impl<'a> Live<'a> {
    async fn run(&mut self, driver: &mut Driver) -> Result<Done, CollectError> {
        let mut hand = Hand::default();
        let mut place = None;
        let mut input = Input::Done;
        loop {
            let output = driver.next(input);
            if !matches!(output, Output::Renew | Output::Send) && hand.answer.is_none() && hand.body.is_none()
            {
                // Others may make a request while this one waits or the plugin thinks.
                place = None;
            }
            input = match output {
                Output::Next => self.ask(&mut hand).await?,
                // By an earlier process.
                Output::Send if self.is_sent(&hand) => {
                    hand.failure = Some(Failure::ProcessEnded);
                    Input::NotAnswered { transient: false, arrived: true }
                }
                Output::Unanswered => {
                    self.unanswered(&hand).await?;
                    Input::Done
                }
                Output::Send => {
                    if place.is_none() {
                        match self.place().await? {
                            Ok(free) => place = Some(free),
                            Err(suspension) => return Ok(Done::Suspended(suspension)),
                        }
                    }
                    self.send_in_time(&mut hand, driver.counts().requests).await?
                }
                Output::Renew => self.renew(&mut hand).await,
                Output::Checkpoint => {
                    self.checkpoint(driver, &hand).await?;
                    Input::Done
                }
                Output::BackOff { pause, attempt } => self.back_off(&mut hand, pause, attempt).await,
                Output::Wait => match self.pause(hand.pause.take()).await? {
                    None => Input::Done,
                    Some(suspension) => return Ok(Done::Suspended(suspension)),
                },
                Output::Waited => {
                    self.session.waited().await.map_err(|it| self.secrets.without(it))?;
                    Input::Done
                }
                Output::Finished => match hand.summary.take() {
                    Some(summary) => return Ok(Done::Finished(summary)),
                    None => return Err(self.stopped(&mut hand, Stop::OutOfOrder("no summary"))),
                },
                Output::Abandon | Output::Reopen => {
                    let why = hand.failure.as_ref().map(Failure::to_string).unwrap_or_default();
                    self.replaced(&hand)?;
                    hand.body = None;
                    self.sink.abandon(&why)?;
                    if output == Output::Abandon {
                        self.session.interrupted().await.map_err(|it| self.secrets.without(it))?;
                    } else {
                        let job = Job { checkpoint: self.before.session.clone(), ..self.job.clone() };
                        let opened = self.plugin.open(&job).await;
                        self.session = opened.map_err(|it| self.secrets.without(it))?;
                    }
                    Input::Done
                }
                Output::Stopped(stop) => {
                    let error = self.stopped(&mut hand, stop);
                    return Err(if hand.body.is_some() { self.abandoned(&hand, error) } else { error });
                }
                Output::Accept
                | Output::Read
                | Output::Feed
                | Output::End
                | Output::Keep
                | Output::Commit => {
                    let begun = output != Output::Accept;
                    match self.page(&output, &mut hand, driver).await {
                        Ok(input) => input,
                        // The sink has heard of no page yet.
                        Err(error @ CollectError::Sink(_)) if !begun => return Err(error),
                        Err(error) => return Err(self.abandoned(&hand, error)),
                    }
                }
            };
        }
    }

    /// What went wrong first is what counts.
    fn abandoned(&mut self, hand: &Hand, error: CollectError) -> CollectError {
        drop(match error {
            CollectError::SecretHandedOver { .. } => self.sink.discard(),
            _ => self.replaced(hand).and_then(|()| self.sink.abandon(&error.to_string())),
        });
        error
    }

    async fn ask(&mut self, hand: &mut Hand) -> Result<Input, CollectError> {
        let mut step = self.session.next().await.map_err(|it| self.secrets.without(it))?;
        self.secrets.step(&mut step)?;
        let input = reported(&step);
        match step {
            Step::Send(request) => hand.request = Some(request),
            Step::Wait(pause) => hand.pause = Some(pause),
            Step::Finished(summary) => hand.summary = Some(summary),
        }
        Ok(input)
    }

    /// Sends the request, if there is time left for it. One that changes something at the source is not dropped under way:
    /// what became of it would not be known.
    async fn send_in_time(&mut self, hand: &mut Hand, number: u64) -> Result<Input, CollectError> {
        let left = self.left()?;
        if hand.request.as_ref().is_some_and(is_write) {
            return self.send(hand, number).await;
        }
        let limit = self.limits.max_time;
        let sent = tokio::time::timeout(left, self.send(hand, number)).await;
        sent.unwrap_or(Err(CollectError::OutOfTime { limit }))
    }

    /// Sends the request, signed.
    async fn send(&mut self, hand: &mut Hand, number: u64) -> Result<Input, CollectError> {
        let Some(request) = &hand.request else { return Ok(Input::BodyEnded) };
        let Connection { client, origins, signer, .. } = self.connection;
        self.progress.event(&Event::Asking(&request.origin, &request.path));
        let (mut built, origin) = http::build(origins, request)?;
        let signed = match &request.auth {
            Some(auth) => signer.sign(&mut built, auth, client, origins).await,
            None => Ok(()),
        };
        match signed {
            Ok(()) => {}
            // The request itself was not sent, so it may be tried again in any case.
            Err(SignError::Send(error)) if !is_write(request) => {
                return Ok(not_answered(hand, error));
            }
            Err(error) if !is_write(request) && error.is_passing() => {
                return Ok(not_signed(hand, error));
            }
            Err(error) => return Err(error.into()),
        }
        if let Some(auth) = &request.auth {
            self.secrets.used(auth, &built.echo);
        }
        if let Some(spool) = self.sink.spool() {
            spool.asking(request, number).await?;
        }
        let before = match is_write(request) {
            true => Some(self.sending(request, &origin.to_string(), number).await?),
            false => None,
        };
        // Without the query, which may name persons.
        debug!(%origin, path = request.path, method = ?request.method, effect = ?request.effect, "asking");
        match client.send(built, origin, effect(request)).await {
            Ok(answer) => {
                debug!(%origin, path = request.path, status = answer.status().as_u16(), "answered");
                let refused = answer.status() == StatusCode::UNAUTHORIZED;
                hand.answer = Some(answer);
                Ok(if refused { Input::Unauthorized } else { Input::Head })
            }
            Err(error) => {
                if let Some(before) = before.filter(|_| !error.may_have_arrived()) {
                    // There is nothing to find out about it.
                    self.before.counts.requests = number;
                    self.written(before).await?;
                }
                Ok(not_answered(hand, error))
            }
        }
    }

    async fn renew(&mut self, hand: &mut Hand) -> Input {
        let Some((request, auth)) = hand.request.as_ref().and_then(|it| Some((it, it.auth.as_ref()?))) else {
            return Input::Done;
        };
        if !self.connection.signer.renew(auth).await {
            return Input::Done;
        }
        info!(origin = request.origin, "the credentials were refused: asking again with new ones");
        if !is_write(request) {
            // That answer is not the one.
            hand.answer = None;
        }
        Input::Renewed
    }
}
