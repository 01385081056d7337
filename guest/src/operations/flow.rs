//! What all operations have in common: names are looked up, one write is sent, and reads find out what became of it.
//!
//! A write is asked for once. Whatever happens to it (no answer, half of one, a web page in its place), only reads follow, and
//! the report says whether it was carried out, was not, or that this is not known.

use exhibit_plugin::collection::{Pause, PauseReason};
use exhibit_plugin::problem::invalid;
use exhibit_plugin::types::Instant;
use exhibit_plugin::{Assignment, Error, Need, Procedure, Report, WholeAnswer, instant};
use serde::{Deserialize, Serialize};

use super::call::Reply;
use super::steps::{Ending, Outcome, Seen, Sight, Steps};
use crate::qualys::reading::{Stop, Written};
use crate::qualys::settings;

/// Seconds between the looks for what a write did: right after it, a list may not show it yet.
const LOOK_PAUSES: [u32; 5] = [10, 20, 40, 80, 160];
/// By the clock of Qualys, so long after the first look what a list does not show was not carried out. All pauses between
/// looks take 310 s.
const NOT_DONE_AFTER_MILLIS: i64 = 240_000;
/// The first pause before a state is asked for again, and the longest: a scan takes from minutes to days, and each
/// question costs one of the 300 calls an hour that a subscription has.
const FIRST_POLL_SECONDS: u32 = 30;
const LONGEST_POLL_SECONDS: u32 = 300;
/// What a report says where no list shows what was asked for.
const NOT_SHOWN: &str = "Qualys does not show that it was carried out";
/// Errors in a row that a wait survives: with the pauses between them, a maintenance of most of an hour.
const MAX_FAILURES: u32 = 12;

/// How an operation is carried out, whichever it is.
#[derive(Serialize, Deserialize)]
pub(super) struct Flow<S> {
    steps: S,
    stage: Stage,
    /// Pauses in a row at the request under way.
    attempt: u32,
    /// The seconds that it waits for the end of what the write began.
    wait: Option<u64>,
    /// Calls an hour that are left to other tools.
    reserve: u32,
    /// Not saved: what is saved is gone on with when the pause is over.
    #[serde(skip)]
    pause: Option<Pause>,
}

#[derive(Serialize, Deserialize)]
enum Stage {
    /// Reads what the write needs; then it sends it.
    Before,
    /// Finds out what became of the write.
    Looking {
        said: Said,
        looks: u32,
        /// When it looked first, by the clock of Qualys.
        first: Option<Instant>,
    },
    /// Waits for the end.
    Waiting {
        /// How it was found out that the write was carried out, where Qualys did not say so.
        how: Option<String>,
        polls: u32,
        waited: u64,
        failures: u32,
        state: Option<SeenState>,
    },
    Done,
}

/// A state, and when it was seen first, by the clock of Qualys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SeenState {
    name: String,
    since: Option<Instant>,
}

/// What the answer to the write said.
#[derive(Clone, Serialize, Deserialize)]
enum Said {
    /// That it was carried out: in Qualys' words.
    Accepted(String),
    /// Something else: Qualys or a gateway took the request, so it may still be carried out. Why it is not known.
    Unclear(String),
    /// Nothing, as no answer came: why.
    Nothing(String),
}

impl Said {
    /// How it is known that the write was carried out, where Qualys did not say so itself.
    fn how_it_is_known(&self) -> Option<String> {
        match self {
            Self::Accepted(_) => None,
            Self::Unclear(why) | Self::Nothing(why) => {
                Some(format!("{why}; a look at Qualys shows that it was carried out"))
            }
        }
    }
}

/// Begins an operation, or goes on with what was saved of it. `wait` says for how many seconds it waits for the end.
///
/// # Errors
/// `invalid` where it makes no sense.
pub(super) fn open<S: Steps>(
    assignment: &Assignment,
    saved: Option<&str>,
    wait: Option<u64>,
    begin: impl FnOnce(&Assignment) -> Result<S, Error>,
) -> Result<Box<dyn Procedure>, Error> {
    let flow: Flow<S> = match saved {
        Some(saved) => serde_json::from_str(saved).map_err(|_| {
            invalid("the checkpoint is damaged").remedy("look at Qualys what was done so far")
        })?,
        None => Flow {
            steps: begin(assignment)?,
            stage: Stage::Before,
            attempt: 0,
            wait,
            reserve: settings::reserve_of(&assignment.settings)?,
            pause: None,
        },
    };
    Ok(Box::new(flow))
}

impl<S: Steps> Procedure for Flow<S> {
    fn next(&self) -> Result<Need, Error> {
        if let Some(pause) = &self.pause {
            return Ok(Need::Wait(pause.clone()));
        }
        Ok(match &self.stage {
            Stage::Before => Need::Send(match self.steps.question() {
                Some(call) => call.request(),
                None => self.steps.write().request,
            }),
            Stage::Looking { .. } | Stage::Waiting { .. } => Need::Send(self.steps.look().request()),
            Stage::Done => Need::Done,
        })
    }

    fn answered(&mut self, answer: &WholeAnswer<'_>, report: &mut Report) -> Result<(), Error> {
        match &self.stage {
            Stage::Before => match self.steps.question() {
                Some(call) => self.learn(&call.reply(answer, self.attempt)),
                None => {
                    self.written(answer, report);
                    Ok(())
                }
            },
            Stage::Looking { .. } => {
                let call = self.steps.look();
                self.look(&call.reply(answer, self.attempt), report);
                Ok(())
            }
            Stage::Waiting { .. } => {
                let call = self.steps.look();
                self.poll(&call.reply(answer, self.attempt), report);
                Ok(())
            }
            Stage::Done => Ok(()),
        }
    }

    fn waited(&mut self) {
        self.pause = None;
    }

    fn interrupted(&mut self, has_head: bool) {
        self.looking(if has_head {
            Said::Unclear("the connection broke within the answer".to_owned())
        } else {
            Said::Nothing("the connection broke before Qualys had answered".to_owned())
        });
    }

    fn save(&self) -> String {
        // Texts and numbers always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl<S: Steps> Flow<S> {
    fn learn(&mut self, reply: &Reply<'_>) -> Result<(), Error> {
        match self.steps.learn(reply) {
            Ok(()) => {
                self.attempt = 0;
                Ok(())
            }
            Err(Stop::Pause(pause)) => {
                self.again(pause);
                Ok(())
            }
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// Takes the answer to the write. After a clear refusal there is nothing to look for.
    fn written(&mut self, answer: &WholeAnswer<'_>, report: &mut Report) {
        match (self.steps.write().read)(answer) {
            Written::Accepted(accepted) => {
                let said = accepted.text.clone();
                self.steps.accepted(accepted);
                self.looking(Said::Accepted(said));
            }
            Written::Refused(why) => self.finish(Outcome::NotDone, false, why, report),
            Written::Unclear(why) => self.looking(Said::Unclear(why)),
        }
    }

    fn looking(&mut self, said: Said) {
        self.attempt = 0;
        self.stage = Stage::Looking { said, looks: 0, first: None };
    }

    fn again(&mut self, pause: Pause) {
        self.attempt += 1;
        self.pause = Some(pause);
    }

    fn look(&mut self, reply: &Reply<'_>, report: &mut Report) {
        let (sight, failure) = match self.steps.see(reply) {
            Ok(sight) => (sight, None),
            Err(Stop::Pause(pause)) => return self.again(pause),
            Err(Stop::Failed(error)) => (Sight { seen: Seen::NotYet, at: None }, Some(error)),
        };
        self.attempt = 0;
        let Stage::Looking { said, looks, first } = &mut self.stage else { return };
        *first = first.or(sight.at);
        let moved = first.zip(sight.at).map_or(0, |(first, at)| at.saturating_sub(first));
        let maybe = match sight.seen {
            Seen::Done => {
                let how = said.how_it_is_known();
                return self.carried_out(how, sight.at, reply, report);
            }
            Seen::Never(why) => return self.finish(Outcome::NotDone, true, why, report),
            Seen::NotYet => None,
            Seen::Maybe(what) => Some(what),
        };
        let lasting = failure.as_ref().is_none_or(is_transient);
        if let Some(&seconds) = LOOK_PAUSES.get(*looks as usize).filter(|_| lasting) {
            let left: u32 = LOOK_PAUSES.iter().skip(*looks as usize).sum();
            *looks += 1;
            let message = format!("looking again for what the request did, for {left} s more at most");
            self.pause = Some(polling(seconds, &message));
            return;
        }
        let said = said.clone();
        self.not_seen(said, maybe, failure, moved, report);
    }

    /// Reports what is known where all looks did not show that the write was carried out. `moved`: the milliseconds from the
    /// first look to the last one, by the clock of Qualys.
    fn not_seen(
        &mut self,
        said: Said,
        maybe: Option<String>,
        failure: Option<Error>,
        moved: i64,
        report: &mut Report,
    ) {
        let where_to_look = self.steps.where_to_look();
        let (said, nothing, outcome) = match said {
            Said::Nothing(why) if moved >= NOT_DONE_AFTER_MILLIS && maybe.is_none() && failure.is_none() => {
                let minutes = moved / 60_000;
                let message = format!(
                    "{why}; {minutes} minutes after the first look, Qualys still does not show it, so it was not carried out; \
                     {where_to_look}"
                );
                return self.finish(Outcome::NotDone, true, message, report);
            }
            Said::Accepted(text) => {
                // Who waits for an end wants to know it.
                let is_launched = self.steps.has_reference() && maybe.is_none() && self.wait.is_none();
                let outcome = if is_launched { Outcome::Done } else { Outcome::Unknown };
                (accepted(&text), "Qualys does not list it yet", outcome)
            }
            Said::Unclear(why) => {
                (format!("{why}; Qualys or a gateway took the request"), NOT_SHOWN, Outcome::Unknown)
            }
            Said::Nothing(why) => (why, NOT_SHOWN, Outcome::Unknown),
        };
        let look = match failure {
            Some(error) => format!("it could not be looked at: {}", error.problem().message),
            None => maybe.or_else(|| self.steps.shown()).unwrap_or_else(|| nothing.to_owned()),
        };
        self.finish(outcome, false, format!("{said}; {look}; {where_to_look}"), report);
    }

    /// Reports what the write did, or waits for the end of it. `how` says how that was found out where Qualys did not say so.
    fn carried_out(
        &mut self,
        how: Option<String>,
        at: Option<Instant>,
        reply: &Reply<'_>,
        report: &mut Report,
    ) {
        match (self.wait, self.steps.under_way()) {
            (None, _) => self.finish(Outcome::Done, true, joined([Some(self.steps.done()), how]), report),
            (Some(_), None) => self.end(how, report),
            (Some(_), Some(_)) => {
                self.stage = Stage::Waiting { how, polls: 0, waited: 0, failures: 0, state: None };
                self.wait_on(at, reply, report);
            }
        }
    }

    /// Reports how that ended which was waited for.
    fn end(&mut self, how: Option<String>, report: &mut Report) {
        let (outcome, ended) = self.steps.ended();
        self.finish(outcome, true, joined([Some(ended), how]), report);
    }

    fn poll(&mut self, reply: &Reply<'_>, report: &mut Report) {
        let (at, failure) = match self.steps.see(reply) {
            Ok(Sight { seen: Seen::NotYet, at }) => {
                (at, Some((true, "Qualys does not list it any more".to_owned())))
            }
            Ok(Sight { at, .. }) => (at, None),
            Err(Stop::Pause(pause)) => return self.again(pause),
            Err(Stop::Failed(error)) => (None, Some((is_transient(&error), error.problem().message.clone()))),
        };
        self.attempt = 0;
        let Stage::Waiting { how, failures, .. } = &mut self.stage else { return };
        match failure {
            None => *failures = 0,
            Some((may_pass, _)) if may_pass && *failures < MAX_FAILURES => *failures += 1,
            Some((_, why)) => {
                let how = how.take();
                let unknown = format!("how it ended is not known: {why}; {}", self.steps.where_to_look());
                let message = joined([Some(self.steps.done()), how, Some(unknown)]);
                return self.finish(Outcome::Unknown, false, message, report);
            }
        }
        let has_failed = *failures > 0;
        if !has_failed && self.steps.under_way().is_none() {
            let how = how.take();
            return self.end(how, report);
        }
        self.wait_on(at, reply, report);
    }

    /// Waits before the state is asked for again, where there is time left for it.
    fn wait_on(&mut self, at: Option<Instant>, reply: &Reply<'_>, report: &mut Report) {
        let name = self.steps.under_way().unwrap_or_else(|| "not known".to_owned());
        let limit = self.wait.unwrap_or(0);
        let others = reply.pause_for_others(self.reserve);
        let Stage::Waiting { how, polls, waited, state, .. } = &mut self.stage else { return };
        let state = match state {
            Some(known) if known.name == name => known,
            state => state.insert(SeenState { name, since: at }),
        };
        let since = state.since.map(|it| format!(" since {}", instant::write(it))).unwrap_or_default();
        let state = format!("its state is {}{since}", state.name);
        let left = limit.saturating_sub(*waited);
        if left == 0 {
            let how = how.take();
            let hours = limit / 3_600;
            let look = self.steps.where_to_look();
            let unknown = format!("it has not ended after a wait of {hours} h, in this state{since}; {look}");
            let message = joined([Some(self.steps.done()), how, Some(unknown)]);
            return self.finish(Outcome::Unknown, true, message, report);
        }
        let growing = FIRST_POLL_SECONDS.saturating_mul(1 << (*polls).min(8)).min(LONGEST_POLL_SECONDS);
        let seconds = growing.min(u32::try_from(left).unwrap_or(u32::MAX));
        *polls += 1;
        let pause = polling(seconds, &format!("{state}; waiting for its end"));
        // The longer of the two keeps both promises.
        let pause = others.filter(|it| it.seconds > pause.seconds).unwrap_or(pause);
        *waited += u64::from(pause.seconds);
        self.pause = Some(pause);
    }

    fn finish(&mut self, outcome: Outcome, is_current: bool, message: String, report: &mut Report) {
        self.stage = Stage::Done;
        report.row(self.steps.row(&Ending { outcome, is_current, message }));
        for note in self.steps.notes() {
            report.note(note);
        }
    }
}

/// The parts of a message.
fn joined<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("; ")
}

fn accepted(text: &str) -> String {
    if text.is_empty() { "Qualys accepted it".to_owned() } else { format!("Qualys answered: {text}") }
}

/// Whether the same read may pass later.
fn is_transient(error: &Error) -> bool {
    matches!(error, Error::Unavailable(_) | Error::Malformed(_))
}

fn polling(seconds: u32, why: &str) -> Pause {
    Pause { seconds, reason: PauseReason::Polling, connection_wide: false, message: why.to_owned() }
}
