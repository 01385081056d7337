//! One plugin instance with nothing around it, and the rules for calling into it.

use std::future::Future;
use std::time::Duration;

use exhibit_records::Digest;
use exhibit_rows::Shown;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::{Store, Trap, UpdateDeadline};

use crate::contract::types::Instant;

use super::engine::Engine;
use super::error::PluginError;
use super::limits::{START, SandboxLimits, TICK, WALL_CLOCK_FACTOR};
use super::lines::{Instance, OtherTypes, Prepared};
use super::shortage::no_address_space;
use super::state::State;
use super::time_budget::TimeBudget;

/// Bytes that one call may hand over, strings that lie over one another counted each
/// time: room for all the rows that fit into a session's memory.
const HANDED_OVER: usize = 64 << 20;

/// A plugin's instance, alone in its store.
pub(crate) struct Sandbox {
    store: Store<State>,
    plugin: Box<dyn Instance>,
    limits: SandboxLimits,
    budget: Option<TimeBudget>,
    /// Whether the call under way has less time than its own limit, as the budget has no more.
    is_last: bool,
    usable: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl Sandbox {
    /// Waits for a place, then starts an instance for which it is always `as_of`, and
    /// whose randomness comes from `seed`.
    pub(crate) async fn start(
        engine: &Engine,
        plugin: &dyn Prepared,
        as_of: Instant,
        seed: Digest,
        budget: Option<&TimeBudget>,
    ) -> Result<Self, PluginError> {
        let place = engine.place().await;
        let limits = *engine.limits();
        let mut store = Store::new(engine.wasm(), State::new(as_of, seed, limits));
        store.limiter(|state| state);
        store.set_hostcall_fuel(HANDED_OVER);
        store.epoch_deadline_callback(|mut store| {
            let state = store.data_mut();
            state.ticks = state.ticks.saturating_sub(1);
            Ok(if state.ticks == 0 { UpdateDeadline::Interrupt } else { UpdateDeadline::Yield(1) })
        });
        let start = SandboxLimits { deadline: limits.deadline.min(START), ..limits };
        let allowed = Allowed::of(&start, budget);
        begin_call(&mut store, allowed.deadline);
        let started = within(&allowed, plugin.start(&mut store)).await;
        let plugin = started.map_err(|error| match budget {
            Some(budget) if is_of_the_budget(allowed.is_last, error.as_ref()) => used_up(budget, "start"),
            _ => not_started(&store, &start, error.as_ref()),
        })?;
        let budget = budget.cloned();
        Ok(Self { store, plugin, limits, budget, is_last: false, usable: true, _place: place })
    }

    /// What to call next, and on which store. Pass the call's future through [`within`]
    /// and its outcome to [`Self::leave`]; a future dropped in between ends the sandbox.
    pub(crate) fn enter(&mut self) -> Result<(&dyn Instance, &mut Store<State>, Allowed), PluginError> {
        if !self.usable {
            return Err(PluginError::Over);
        }
        self.usable = false;
        let allowed = Allowed::of(&self.limits, self.budget.as_ref());
        self.is_last = allowed.is_last;
        begin_call(&mut self.store, allowed.deadline);
        Ok((&*self.plugin, &mut self.store, allowed))
    }

    /// The outcome of a call. After a failure the instance is not entered again.
    pub(crate) fn leave<T>(&mut self, call: &'static str, outcome: Outcome<T>) -> Result<T, PluginError> {
        match (outcome, &self.budget) {
            (Ok(_), Some(budget)) if budget.is_used_up() => Err(used_up(budget, call)),
            (Ok(value), _) => {
                self.usable = true;
                Ok(value)
            }
            (Err(error), Some(budget)) if is_of_the_budget(self.is_last, error.as_ref()) => {
                Err(used_up(budget, call))
            }
            (Err(error), _) => Err(failure(&self.store, &self.limits, call, error.as_ref())),
        }
    }

    /// What came back is not what the contract says: the instance is not entered again.
    pub(crate) fn broke(&mut self, call: &'static str, what: String) -> PluginError {
        self.usable = false;
        PluginError::Broke { call, what }
    }
}

/// What a call came to; `None` in the error where it did not come to anything in time.
pub(crate) type Outcome<T> = Result<T, Option<wasmtime::Error>>;

/// How long a call may run.
pub(crate) struct Allowed {
    deadline: Duration,
    /// By the clock on the wall.
    wall: Duration,
    /// Whether the budget has less for it than its own limit.
    is_last: bool,
    budget: Option<TimeBudget>,
}

impl Allowed {
    fn of(limits: &SandboxLimits, budget: Option<&TimeBudget>) -> Self {
        let (deadline, wall) = (limits.deadline, limits.deadline * WALL_CLOCK_FACTOR);
        let Some(budget) = budget else { return Self { deadline, wall, is_last: false, budget: None } };
        let (left, wall_left) = (budget.left(), budget.wall_left());
        Self {
            deadline: deadline.min(left),
            wall: wall.min(wall_left),
            is_last: left < deadline || wall_left < wall,
            budget: Some(budget.clone()),
        }
    }
}

/// Lets a call run for as long as it may.
pub(crate) async fn within<T>(
    allowed: &Allowed,
    call: impl Future<Output = wasmtime::Result<T>>,
) -> Outcome<T> {
    let timed = tokio::time::timeout(allowed.wall, call);
    let outcome = match &allowed.budget {
        Some(budget) => budget.measure(timed).await,
        None => timed.await,
    };
    match outcome {
        Ok(outcome) => outcome.map_err(Some),
        Err(_) => Err(None),
    }
}

/// Whether a call was ended as the budget for all of them has no more: not where it failed in another way.
fn is_of_the_budget(is_last: bool, error: Option<&wasmtime::Error>) -> bool {
    let was_ended = match error {
        None => true,
        Some(error) => matches!(error.downcast_ref::<Trap>(), Some(Trap::Interrupt)),
    };
    is_last && was_ended
}

fn used_up(budget: &TimeBudget, call: &'static str) -> PluginError {
    budget.use_up();
    PluginError::BudgetUsedUp { call, limit: budget.limit() }
}

fn begin_call(store: &mut Store<State>, deadline: Duration) {
    let ticks = deadline.as_millis() / TICK.as_millis();
    let state = store.data_mut();
    state.starved = false;
    state.no_room = None;
    state.ticks = u64::try_from(ticks).unwrap_or(u64::MAX).max(1);
    store.set_epoch_deadline(1);
}

fn failure(
    store: &Store<State>,
    limits: &SandboxLimits,
    call: &'static str,
    error: Option<&wasmtime::Error>,
) -> PluginError {
    let state = store.data();
    let stderr = || state.stderr.text();
    let Some(error) = error else {
        return PluginError::TimedOut { call, after: limits.deadline * WALL_CLOCK_FACTOR };
    };
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => PluginError::TimedOut { call, after: limits.deadline },
        _ if state.starved => PluginError::OutOfMemory { call, limit: limits.memory, stderr: stderr() },
        _ if state.no_room.is_some() => {
            PluginError::NoAddressSpace { call, why: state.no_room.clone().unwrap_or_default() }
        }
        Some(trap) => PluginError::Trapped { call, why: trap.to_string(), stderr: stderr() },
        None => {
            let why = Shown::line(&error.root_cause().to_string()).to_string();
            PluginError::Trapped { call, why, stderr: stderr() }
        }
    }
}

/// Why an instance cannot be started. Where its own code did not run yet, it is not its code that failed.
fn not_started(store: &Store<State>, limits: &SandboxLimits, error: Option<&wasmtime::Error>) -> PluginError {
    let failure = failure(store, limits, "start", error);
    let Some(error) = error else { return failure };
    let why = || Shown::line(&error.root_cause().to_string()).to_string();
    match failure {
        _ if error.is::<OtherTypes>() => PluginError::OtherTypes(why()),
        PluginError::Trapped { .. } if !error.is::<Trap>() => match no_address_space(error) {
            Some(why) => PluginError::NoAddressSpace { call: "start", why },
            None => PluginError::Unstartable(why()),
        },
        failure => failure,
    }
}
