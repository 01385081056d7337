//! The engines of this command: what compiles plugins of others does so in a process of its own.

use std::ffi::OsString;
use std::process::ExitCode;

use exhibit::plugin::{ChildCompiler, Engine, compile_as_child};

use super::failure::Failure;

/// The first argument of such a process: no command, and in no help.
const ARGUMENT: &str = "compile-component";

/// What this process is to end with, where it is one that compiles: then it does nothing else.
pub(super) fn as_child(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let is_child = arguments.next().is_some_and(|it| it == ARGUMENT);
    is_child.then(|| ExitCode::from(compile_as_child(arguments)))
}

/// For the built-in plugin, which is compiled here.
pub(super) fn engine() -> Result<Engine, Failure> {
    Engine::new().map_err(Failure::call)
}

/// For any other plugin: named, pulled, or kept with evidence.
pub(super) fn engine_for_others() -> Result<Engine, Failure> {
    let engine = engine()?;
    Ok(match ChildCompiler::new([ARGUMENT.into()]) {
        Some(child) => engine.compiling_in(child),
        None => {
            tracing::debug!("this system has no limits for a process: plugins are compiled in this one");
            engine
        }
    })
}
