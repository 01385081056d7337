//! One plugin instance with nothing around it, and the rules for calling into it.

use std::future::Future;
use std::time::Duration;

use exhibit_records::Digest;
use exhibit_rows::Shown;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::{ResourceLimiter, Store, Trap, UpdateDeadline};
use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::{
    HostMonotonicClock, HostWallClock, ResourceTable, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView,
};

use crate::contract::types::Instant;
use crate::contract::{Exports, PluginPre};

use super::engine::{CORE_INSTANCES, Engine, MEMORIES, SandboxLimits, TABLE_ELEMENTS, TABLES, TICK};
use super::error::PluginError;
use super::stderr::Tail;

/// Bytes that one call may hand over, strings that lie over one another counted each
/// time: room for all the rows that fit into a session's memory.
const HANDED_OVER: usize = 64 << 20;
/// Handles of WASI that a plugin can hold: the three standard streams and then some.
const HANDLES: usize = 64;
/// Random bytes in one call: a hash map wants 16.
const RANDOM_BYTES: u64 = 64 << 10;
/// A call that sleeps in the host makes no ticks, and one that shares its thread with
/// many others makes few; so the clock on the wall allows this much more.
const WALL_CLOCK_FACTOR: u32 = 3;

/// What a store knows beside the plugin's own memory.
pub(crate) struct State {
    wasi: WasiCtx,
    handles: ResourceTable,
    stderr: Tail,
    memory_limit: usize,
    /// What the plugin's memories were let grow to, all together.
    memory: usize,
    /// Whether the call under way was refused memory.
    starved: bool,
    /// How many more ticks the call under way may see.
    ticks: u64,
}

/// A plugin's instance, alone in its store.
pub(crate) struct Sandbox {
    store: Store<State>,
    exports: Exports,
    limits: SandboxLimits,
    usable: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl Sandbox {
    /// Waits for a place, then starts an instance for which it is always `as_of`, and
    /// whose randomness comes from `seed`.
    pub(crate) async fn start(
        engine: &Engine,
        plugin: &PluginPre<State>,
        as_of: Instant,
        seed: Digest,
    ) -> Result<Self, PluginError> {
        let place = engine.place().await;
        let limits = *engine.limits();
        let mut store = Store::new(engine.wasm(), State::new(as_of, seed, limits.memory));
        store.limiter(|state| state);
        store.set_hostcall_fuel(HANDED_OVER);
        store.epoch_deadline_callback(|mut store| {
            let state = store.data_mut();
            state.ticks = state.ticks.saturating_sub(1);
            Ok(if state.ticks == 0 { UpdateDeadline::Interrupt } else { UpdateDeadline::Yield(1) })
        });
        begin_call(&mut store, &limits);
        let started = within(&limits, plugin.instantiate_async(&mut store)).await;
        let exports = started.map_err(|error| match failure(&store, &limits, "start", error.as_ref()) {
            // Not the plugin's code, but what it needs: too much memory from the start, say.
            PluginError::Trapped { why, .. } if !is_trap(error.as_ref()) => PluginError::Unstartable(why),
            failure => failure,
        })?;
        Ok(Self { store, exports, limits, usable: true, _place: place })
    }

    /// What to call next, and on which store. Pass the call's future through [`within`]
    /// and its outcome to [`Self::leave`]; a future dropped in between ends the sandbox.
    pub(crate) fn enter(&mut self) -> Result<(&Exports, &mut Store<State>, SandboxLimits), PluginError> {
        if !self.usable {
            return Err(PluginError::Over);
        }
        self.usable = false;
        begin_call(&mut self.store, &self.limits);
        Ok((&self.exports, &mut self.store, self.limits))
    }

    /// The outcome of a call. After a failure nobody enters again.
    pub(crate) fn leave<T>(&mut self, call: &'static str, outcome: Outcome<T>) -> Result<T, PluginError> {
        match outcome {
            Ok(value) => {
                self.usable = true;
                Ok(value)
            }
            Err(error) => Err(failure(&self.store, &self.limits, call, error.as_ref())),
        }
    }

    /// What came back is not what the contract says: nobody enters again.
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
        Some(trap) => PluginError::Trapped { call, why: trap.to_string(), stderr: stderr() },
        None => {
            let why = Shown::line(&error.root_cause().to_string()).to_string();
            PluginError::Trapped { call, why, stderr: stderr() }
        }
    }
}

fn is_trap(error: Option<&wasmtime::Error>) -> bool {
    error.is_some_and(|it| it.downcast_ref::<Trap>().is_some())
}

impl State {
    fn new(as_of: Instant, seed: Digest, memory_limit: usize) -> Self {
        let stderr = Tail::default();
        let mut handles = ResourceTable::new();
        handles.set_max_capacity(HANDLES);
        let [seed, other] = [seed.as_bytes().to_vec(), Digest::of(seed.as_bytes()).as_bytes().to_vec()];
        let small_seed = seed.iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte));
        let wasi = WasiCtxBuilder::new()
            .stderr(stderr.clone())
            .wall_clock(Standing(as_of))
            .monotonic_clock(Standing(as_of))
            .secure_random(Deterministic::new(seed))
            .insecure_random(Deterministic::new(other))
            .insecure_random_seed(small_seed)
            .max_random_size(RANDOM_BYTES)
            .allow_tcp(false)
            .allow_udp(false)
            .build();
        Self { wasi, handles, stderr, memory_limit, memory: 0, starved: false, ticks: 1 }
    }

    pub(crate) fn handles(&mut self) -> &mut ResourceTable {
        &mut self.handles
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.handles }
    }
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        // What was granted and could not be had after all stays counted: whose memory it
        // would have been is not told, and too little is the safe side.
        let memory = self.memory.saturating_add(desired.saturating_sub(current));
        let granted = memory <= self.memory_limit;
        if granted {
            self.memory = memory;
        }
        self.starved |= !granted;
        Ok(granted)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES as usize
    }

    fn tables(&self) -> usize {
        TABLES as usize
    }

    fn memories(&self) -> usize {
        MEMORIES as usize
    }
}

/// A clock that stands still.
struct Standing(Instant);

impl HostWallClock for Standing {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        // WASI knows no time before 1970.
        Duration::from_millis(u64::try_from(self.0).unwrap_or(0))
    }
}

impl HostMonotonicClock for Standing {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_of_a_session_share_its_limit() -> wasmtime::Result<()> {
        let mut state = State::new(0, Digest::of(b""), 100);
        assert!(state.memory_growing(0, 60, None)?);
        assert!(!state.memory_growing(0, 60, None)?);
        assert!(state.memory_growing(0, 30, None)?);
        assert!(state.memory_growing(60, 70, None)?);
        assert!(!state.memory_growing(30, 31, None)?);
        assert!(state.starved);
        Ok(())
    }
}
