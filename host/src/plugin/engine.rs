//! The engine that every plugin runs in.

use std::sync::Arc;
use std::thread;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::component::Linker;

use super::compiler::{ChildCompiler, Compiler};
use super::config::Allocation;
use super::limits::{SandboxLimits, TICK};
use super::linker::link;
use super::state::State;

/// Compiles and runs plugins, all under the same limits. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    wasm: wasmtime::Engine,
    linker: Arc<Linker<State>>,
    places: Arc<Semaphore>,
    limits: SandboxLimits,
    compiler: Compiler,
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
        match wasmtime::Engine::new(&Allocation::Pooled.config(&limits)) {
            Ok(wasm) => Self::of(Ok(wasm), limits, Allocation::Pooled),
            Err(error) => {
                // Slots are reserved address space: hundreds of GiB, which a container may be short of.
                tracing::debug!(%error, "no address space for a pool of sandboxes: each one is mapped when it is needed");
                let wasm = wasmtime::Engine::new(&Allocation::OnDemand.config(&limits));
                Self::of(wasm, limits, Allocation::OnDemand)
            }
        }
    }

    /// The same, and what is compiled for it from now on is compiled by a process of its own, with limits of memory and
    /// time: for components of others. Sessions share their places and limits with this engine's.
    #[must_use]
    pub fn compiling_in(&self, child: ChildCompiler) -> Self {
        Self { compiler: self.compiler.in_child(child), ..self.clone() }
    }

    /// An engine as it is where there is no address space for a pool.
    #[cfg(test)]
    pub(super) fn without_pool(limits: SandboxLimits, reserved: u64) -> Result<Self, EngineError> {
        let mut config = Allocation::OnDemand.config(&limits);
        Self::of(wasmtime::Engine::new(config.memory_reservation(reserved)), limits, Allocation::OnDemand)
    }

    fn of(
        wasm: wasmtime::Result<wasmtime::Engine>,
        limits: SandboxLimits,
        allocation: Allocation,
    ) -> Result<Self, EngineError> {
        let wasm = wasm.map_err(|error| EngineError(format!("{error:#}")))?;
        tick(&wasm)?;
        let linker = link(&wasm).map_err(|error| EngineError(format!("{error:#}")))?;
        let places = Arc::new(Semaphore::new(limits.sessions as usize));
        let compiler = Compiler::new(wasm.clone(), allocation);
        Ok(Self { wasm, linker: Arc::new(linker), places, limits, compiler })
    }

    /// What each session may use.
    pub fn limits(&self) -> &SandboxLimits {
        &self.limits
    }

    pub(crate) fn wasm(&self) -> &wasmtime::Engine {
        &self.wasm
    }

    pub(super) fn compiler(&self) -> &Compiler {
        &self.compiler
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
