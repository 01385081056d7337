//! What a store knows beside the plugin's own memory: WASI with nothing behind it, and what the plugin may use.

use std::time::Duration;

use exhibit_records::Digest;
use wasmtime::ResourceLimiter;
use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::{
    HostMonotonicClock, HostWallClock, ResourceTable, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView,
};

use crate::contract::types::Instant;

use super::limits::{MEMORIES, SandboxLimits, TABLE_ELEMENTS, TABLES};
use super::shortage::no_address_space;
use super::stderr::Tail;

/// Random bytes in one call: a hash map wants 16.
const RANDOM_BYTES: u64 = 64 << 10;

/// Handles of WASI that a plugin can hold: the three standard streams and then some.
const HANDLES: usize = 64;
/// What a store knows beside the plugin's own memory.
pub(crate) struct State {
    pub(super) wasi: WasiCtx,
    pub(super) handles: ResourceTable,
    pub(super) stderr: Tail,
    limits: SandboxLimits,
    /// What the plugin's memories were let grow to, all together.
    pub(super) memory: usize,
    /// Whether the call under way was refused memory.
    pub(super) starved: bool,
    /// What the system said when the call under way was to get more memory and this machine had none.
    pub(super) no_room: Option<String>,
    /// How many more ticks the call under way may see.
    pub(super) ticks: u64,
}

impl State {
    pub(super) fn new(as_of: Instant, seed: Digest, limits: SandboxLimits) -> Self {
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
        Self { wasi, handles, stderr, limits, memory: 0, starved: false, no_room: None, ticks: 1 }
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
        // would have been is not known, and too little is the safe side.
        let memory = self.memory.saturating_add(desired.saturating_sub(current));
        let granted = memory <= self.limits.memory;
        if granted {
            self.memory = memory;
        }
        self.starved |= !granted;
        Ok(granted)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        // The plugin sees that it has no more, as with its own limit.
        self.no_room = no_address_space(&error).or(self.no_room.take());
        Ok(())
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        self.limits.core_instances as usize
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
        let limits = SandboxLimits { memory: 100, ..SandboxLimits::default() };
        let mut state = State::new(0, Digest::of(b""), limits);
        assert!(state.memory_growing(0, 60, None)?);
        assert!(!state.memory_growing(0, 60, None)?);
        assert!(state.memory_growing(0, 30, None)?);
        assert!(state.memory_growing(60, 70, None)?);
        assert!(!state.memory_growing(30, 31, None)?);
        assert!(state.starved);
        Ok(())
    }
}
