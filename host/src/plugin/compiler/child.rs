//! The process that compiles: it limits itself before it reads anything.

use std::ffi::OsString;
use std::io::{self, Read as _};

use super::super::config::Allocation;
use super::super::limits::COMPONENT_BYTES;
use super::frame;

/// Threads that compile: more would only take more memory of their own.
const THREADS: usize = 4;
/// What it exits with where the compiler refuses the component. Not what a shell, a panic or a usage error gives.
pub(super) const REFUSED: u8 = 64;
/// What it exits with where it could not begin.
pub(super) const NOT_BEGUN: u8 = 65;

/// Compiles the component on standard input, and writes the code to standard output: what a process does that
/// [`ChildCompiler`](super::ChildCompiler) began, and nothing else before or after. `arguments` are those after the ones
/// that the compiler was given. What is wrong is on standard error. Gives what the process should exit with.
///
/// Limits on memory and time are set for all of this process, and cannot be taken back.
#[must_use]
pub fn compile_as_child(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    match begin(arguments) {
        Ok((engine, component)) => match engine.precompile_component(&component) {
            Ok(code) => match frame::write(io::stdout().lock(), &code) {
                Ok(()) => 0,
                // The process that wanted it is gone.
                Err(_) => NOT_BEGUN,
            },
            Err(error) => {
                eprintln!("{error:#}");
                REFUSED
            }
        },
        Err(why) => {
            eprintln!("{why}");
            NOT_BEGUN
        }
    }
}

fn begin(arguments: impl IntoIterator<Item = OsString>) -> Result<(wasmtime::Engine, Vec<u8>), String> {
    let mut arguments = arguments.into_iter().map(|it| it.to_string_lossy().into_owned());
    let mut next = || arguments.next().ok_or_else(|| "an argument is missing".to_owned());
    let allocation = next()?;
    let allocation =
        Allocation::ALL.into_iter().find(|it| it.name() == allocation).ok_or("no such allocation")?;
    let (memory, seconds) = (number(&next()?)?, number(&next()?)?);
    limits::set(memory, seconds).map_err(|error| format!("its limits cannot be set: {error}"))?;
    let threads = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build_global();
    threads.map_err(|error| format!("it has no threads: {error}"))?;
    let mut component = Vec::new();
    let read = io::stdin().lock().take(COMPONENT_BYTES as u64).read_to_end(&mut component);
    read.map_err(|error| format!("the component cannot be read: {error}"))?;
    let engine = wasmtime::Engine::new(&allocation.for_compiling()).map_err(|error| format!("{error:#}"))?;
    Ok((engine, component))
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|error| format!("`{text}`: {error}"))
}

#[cfg(unix)]
mod limits {
    use std::io;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// Address space beside what is written to: the program itself, and what the allocator reserves for each thread
    /// and does not use.
    const RESERVED: u64 = 1 << 30;
    /// Open files: three streams, and what the runtime looks at to begin.
    const FILES: u64 = 32;

    /// Limits this process to so many bytes that it can write to, and to so many seconds of the processor's time.
    pub(super) fn set(memory: u64, seconds: u64) -> io::Result<()> {
        // First, so that no other one leaves a core behind.
        tighten(Resource::Core, 0, 0)?;
        tighten(Resource::Fsize, 0, 0)?;
        tighten(Resource::Nofile, FILES, FILES)?;
        // By the signal that says why, which needs the later limit to be later.
        tighten(Resource::Cpu, seconds, seconds.saturating_add(1))?;
        tighten(Resource::Data, memory, memory)?;
        // Where the other one is not kept by the system, this is the one that ends it.
        #[cfg(not(any(target_os = "openbsd", target_vendor = "apple")))]
        {
            let space = memory.saturating_add(RESERVED);
            tighten(Resource::As, space, space)?;
        }
        Ok(())
    }

    /// Never more than there was before: who limited this program meant it.
    fn tighten(resource: Resource, current: u64, maximum: u64) -> io::Result<()> {
        let before = getrlimit(resource);
        let least = |before: Option<u64>, most: u64| Some(before.map_or(most, |it| it.min(most)));
        let limit =
            Rlimit { current: least(before.current, current), maximum: least(before.maximum, maximum) };
        Ok(setrlimit(resource, limit)?)
    }
}

#[cfg(not(unix))]
mod limits {
    use std::io;

    pub(super) fn set(_: u64, _: u64) -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }
}
