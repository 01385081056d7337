//! Compiling components, in this process or in one of its own.
//!
//! The compiler is not in the sandbox that it makes: what it is given decides how much memory and time it takes. Bounds
//! on components keep that within reason; a process of its own keeps it within limits.

mod child;
mod error;
mod frame;
mod parent;
#[cfg(all(test, target_os = "linux"))]
mod tests;

use std::fmt;
use std::sync::Arc;

use super::config::Allocation;
use super::shortage::no_address_space;

pub use self::child::compile_as_child;
pub use self::error::CompileError;
pub use self::parent::{ChildCompiler, CompileLimits};

/// What compiles components for an engine.
#[derive(Clone)]
pub(super) struct Compiler {
    engine: wasmtime::Engine,
    allocation: Allocation,
    child: Option<Arc<ChildCompiler>>,
}

impl Compiler {
    /// Compiles in this process.
    pub(super) fn new(engine: wasmtime::Engine, allocation: Allocation) -> Self {
        Self { engine, allocation, child: None }
    }

    /// Compiles in a process of its own.
    pub(super) fn in_child(&self, child: ChildCompiler) -> Self {
        Self { child: Some(Arc::new(child)), ..self.clone() }
    }

    /// The component as machine code, as this engine's runtime keeps it.
    pub(super) async fn compile(&self, component: Arc<[u8]>) -> Result<Vec<u8>, CompileError> {
        if let Some(child) = &self.child {
            return child.compile(self.allocation, &component).await;
        }
        let engine = self.engine.clone();
        // Away from the executor's threads, since it takes a second or two.
        let compiled = tokio::task::spawn_blocking(move || engine.precompile_component(&component)).await;
        match compiled {
            Ok(compiled) => compiled.map_err(|error| match no_address_space(&error) {
                Some(why) => CompileError::NoAddressSpace(why),
                None => CompileError::Refused(format!("{error:#}")),
            }),
            Err(_) => Err(CompileError::Crashed("it panicked".to_owned())),
        }
    }
}

impl fmt::Debug for Compiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiler").field("child", &self.child).finish_non_exhaustive()
    }
}
