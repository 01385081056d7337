//! The engine that every plugin runs in.

use std::sync::Arc;
use std::thread;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::component::Linker;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use super::limits::{MEMORIES, SandboxLimits, TABLE_ELEMENTS, TABLES, TICK};
use super::linker::link;
use super::state::State;

/// Sizes of the runtime's own records of a core instance, by far enough.
const INSTANCE_SIZE: usize = 1 << 20;
/// Of all core instances of a component together.
const COMPONENT_SIZE: usize = 8 << 20;
/// Without a pool: address space that a memory has from its beginning, and what it gets more of each time when it
/// outgrows that and is moved. A plugin's memory is a few MiB, and all sessions together take a quarter of 2 GiB.
pub(super) const RESERVED: u64 = 16 << 20;
/// Without a pool: what lies behind a memory and is never there, so that accesses near its end need no check.
const GUARD: u64 = 64 << 10;
/// Pages of a slot that stay for the next session: a page fault costs more than a
/// plugin's start.
const KEEP_RESIDENT: usize = 1 << 20;

/// Compiles and runs plugins, all under the same limits. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    wasm: wasmtime::Engine,
    linker: Arc<Linker<State>>,
    places: Arc<Semaphore>,
    limits: SandboxLimits,
}

/// The engine cannot run on this machine.
#[derive(Debug, thiserror::Error)]
#[error("WebAssembly cannot run on this machine: {0}")]
pub struct EngineError(String);

impl Engine {
    /// An engine with the default limits.
    ///
    /// # Errors
    ///
    /// As [`Self::with`].
    pub fn new() -> Result<Self, EngineError> {
        Self::with(SandboxLimits::default())
    }

    /// An engine with these limits.
    ///
    /// # Errors
    ///
    /// Where the machine cannot run WebAssembly as it is configured, or has no thread for the clock.
    pub fn with(limits: SandboxLimits) -> Result<Self, EngineError> {
        let limits = SandboxLimits { sessions: limits.sessions.max(1), ..limits };
        let wasm = wasmtime::Engine::new(&config(Some(pool(&limits)))).or_else(|error| {
            // Slots are reserved address space: hundreds of GiB, which a container may be short of.
            tracing::debug!(%error, "no address space for a pool of sandboxes: each one is mapped when it is needed");
            wasmtime::Engine::new(&config(None))
        });
        Self::of(wasm.map_err(|error| EngineError(format!("{error:#}")))?, limits)
    }

    /// An engine as it is where there is no address space for a pool.
    #[cfg(test)]
    pub(super) fn without_pool(limits: SandboxLimits, reserved: u64) -> Result<Self, EngineError> {
        let wasm = wasmtime::Engine::new(config(None).memory_reservation(reserved));
        Self::of(wasm.map_err(|error| EngineError(format!("{error:#}")))?, limits)
    }

    fn of(wasm: wasmtime::Engine, limits: SandboxLimits) -> Result<Self, EngineError> {
        tick(&wasm)?;
        let linker = link(&wasm).map_err(|error| EngineError(format!("{error:#}")))?;
        let places = Arc::new(Semaphore::new(limits.sessions as usize));
        Ok(Self { wasm, linker: Arc::new(linker), places, limits })
    }

    /// What each session may use.
    pub fn limits(&self) -> &SandboxLimits {
        &self.limits
    }

    pub(crate) fn wasm(&self) -> &wasmtime::Engine {
        &self.wasm
    }

    pub(crate) fn linker(&self) -> &Linker<State> {
        &self.linker
    }

    /// A place among the sessions that run at a time, until dropped.
    pub(crate) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed, so there always is one.
        Arc::clone(&self.places).acquire_owned().await.ok()
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("limits", &self.limits).finish_non_exhaustive()
    }
}

fn config(pool: Option<PoolingAllocationConfig>) -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .concurrency_support(false)
        .epoch_interruption(true)
        .cranelift_opt_level(OptLevel::Speed)
        .parallel_compilation(true)
        // The same rows on every machine, to the last bit.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        // Its frames say nothing without debug information, and plugins carry none.
        .wasm_backtrace_max_frames(None);
    match pool {
        Some(pool) => config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool)),
        None => config
            .allocation_strategy(InstanceAllocationStrategy::OnDemand)
            .memory_reservation(RESERVED)
            .memory_reservation_for_growth(RESERVED)
            .memory_guard_size(GUARD)
            .guard_before_linear_memory(false),
    };
    config
}

fn pool(limits: &SandboxLimits) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.sessions)
        .total_core_instances(limits.sessions.saturating_mul(limits.core_instances))
        .total_memories(limits.sessions * MEMORIES)
        .total_tables(limits.sessions * TABLES)
        .total_stacks(limits.sessions)
        .max_core_instances_per_component(limits.core_instances)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_component_instance_size(COMPONENT_SIZE)
        .max_core_instance_size(INSTANCE_SIZE)
        .table_elements(TABLE_ELEMENTS)
        .max_memory_size(limits.memory)
        // Without the scan, keeping pages would mean to clear all of them each time.
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(KEEP_RESIDENT);
    pool
}

/// Makes time pass for the engine until it is dropped.
fn tick(engine: &wasmtime::Engine) -> Result<(), EngineError> {
    let weak = engine.weak();
    thread::Builder::new()
        .name("plugin-ticks".to_owned())
        .spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(TICK);
            }
        })
        .map(drop)
        .map_err(|error| EngineError(format!("no thread to measure its time with: {error}")))
}
