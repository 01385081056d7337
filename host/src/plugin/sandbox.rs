//! One plugin instance with nothing around it, and the rules for calling into it.

use std::future::Future;

use exhibit_records::Digest;
use exhibit_rows::Shown;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::{Store, Trap, UpdateDeadline};

use crate::contract::types::Instant;

use super::engine::Engine;
use super::error::PluginError;
use super::limits::{START, SandboxLimits, TICK};
use super::lines::{Instance, OtherTypes, Prepared};
use super::shortage::no_address_space;
use super::state::State;

/// Bytes that one call may hand over, strings that lie over one another counted each
/// time: room for all the rows that fit into a session's memory.
const HANDED_OVER: usize = 64 << 20;
/// A call that sleeps in the host makes no ticks, and one that shares its thread with
/// many others makes few; so the clock on the wall allows this much more.
const WALL_CLOCK_FACTOR: u32 = 3;

/// A plugin's instance, alone in its store.
pub(crate) struct Sandbox {
    store: Store<State>,
    plugin: Box<dyn Instance>,
    limits: SandboxLimits,
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
        begin_call(&mut store, &start);
        let started = within(&start, plugin.start(&mut store)).await;
        let plugin = started.map_err(|error| not_started(&store, &start, error.as_ref()))?;
        Ok(Self { store, plugin, limits, usable: true, _place: place })
    }

    /// What to call next, and on which store. Pass the call's future through [`within`]
    /// and its outcome to [`Self::leave`]; a future dropped in between ends the sandbox.
    pub(crate) fn enter(&mut self) -> Result<(&dyn Instance, &mut Store<State>, SandboxLimits), PluginError> {
        if !self.usable {
            return Err(PluginError::Over);
        }
        self.usable = false;
        begin_call(&mut self.store, &self.limits);
        Ok((&*self.plugin, &mut self.store, self.limits))
    }

    /// The outcome of a call. After a failure the instance is not entered again.
    pub(crate) fn leave<T>(&mut self, call: &'static str, outcome: Outcome<T>) -> Result<T, PluginError> {
        match outcome {
            Ok(value) => {
                self.usable = true;
                Ok(value)
            }
            Err(error) => Err(failure(&self.store, &self.limits, call, error.as_ref())),
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

/// Lets a call run for as long as it may.
pub(crate) async fn within<T>(
    limits: &SandboxLimits,
    call: impl Future<Output = wasmtime::Result<T>>,
) -> Outcome<T> {
    match tokio::time::timeout(limits.deadline * WALL_CLOCK_FACTOR, call).await {
        Ok(outcome) => outcome.map_err(Some),
        Err(_) => Err(None),
    }
}

fn begin_call(store: &mut Store<State>, limits: &SandboxLimits) {
    let ticks = limits.deadline.as_millis() / TICK.as_millis();
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
