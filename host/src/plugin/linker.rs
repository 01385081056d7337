//! What a plugin may import: WASI as Rust's standard library wants it, with nothing
//! behind it.
//!
//! Interface by interface, so that an interface which a later WASI brings is refused
//! until someone has looked at it. There are no sockets.

use semver::Version;
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView};
use wasmtime_wasi_io::bindings::wasi::io;

use super::state::State;

/// `wasi:io` works on the table of handles alone.
struct Handles;

impl HasData for Handles {
    type Data<'a> = &'a mut ResourceTable;
}

/// What [`link`] gives, without versions: those of a line are alike to the linker. A test compares them.
const GIVEN: [&str; 20] = [
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:cli/exit",
    "wasi:cli/environment",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:clocks/wall-clock",
    "wasi:clocks/monotonic-clock",
    "wasi:filesystem/types",
    "wasi:filesystem/preopens",
    "wasi:random/random",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
];
/// The line of WASI that they are of.
const WASI: (u64, u64) = (0, 2);

/// Whether a component is given what it imports under this name. Its functions are compared when it is linked.
pub(super) fn is_given(import: &str) -> bool {
    let Some((interface, version)) = import.split_once('@') else { return false };
    let of_line = |it: Version| it.pre.is_empty() && (it.major, it.minor) == WASI;
    GIVEN.contains(&interface) && Version::parse(version).is_ok_and(of_line)
}

pub(crate) fn link(engine: &wasmtime::Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    let it = &mut linker;

    io::error::add_to_linker::<State, Handles>(it, State::handles)?;
    io::poll::add_to_linker::<State, Handles>(it, State::handles)?;
    io::streams::add_to_linker::<State, Handles>(it, State::handles)?;

    cli::exit::add_to_linker::<State, WasiCli>(it, State::cli)?;
    cli::environment::add_to_linker::<State, WasiCli>(it, State::cli)?;
    cli::stdin::add_to_linker::<State, WasiCli>(it, State::cli)?;
    cli::stdout::add_to_linker::<State, WasiCli>(it, State::cli)?;
    cli::stderr::add_to_linker::<State, WasiCli>(it, State::cli)?;
    cli::terminal_input::add_to_linker::<State, WasiCli>(it, State::cli)?;
    cli::terminal_output::add_to_linker::<State, WasiCli>(it, State::cli)?;
    cli::terminal_stdin::add_to_linker::<State, WasiCli>(it, State::cli)?;
    cli::terminal_stdout::add_to_linker::<State, WasiCli>(it, State::cli)?;
    cli::terminal_stderr::add_to_linker::<State, WasiCli>(it, State::cli)?;

    clocks::wall_clock::add_to_linker::<State, WasiClocks>(it, State::clocks)?;
    clocks::monotonic_clock::add_to_linker::<State, WasiClocks>(it, State::clocks)?;

    filesystem::types::add_to_linker::<State, WasiFilesystem>(it, State::filesystem)?;
    filesystem::preopens::add_to_linker::<State, WasiFilesystem>(it, State::filesystem)?;

    random::random::add_to_linker::<State, WasiRandom>(it, State::random)?;
    random::insecure::add_to_linker::<State, WasiRandom>(it, State::random)?;
    random::insecure_seed::add_to_linker::<State, WasiRandom>(it, State::random)?;
    Ok(linker)
}

#[cfg(test)]
mod tests {
    use wasmtime::Engine;
    use wasmtime::component::Component;

    use super::*;

    /// Whether there is anything in the linker that this import would be given. It is imported as a function, which none
    /// of them is, so that the error says which it is.
    fn is_linked(linker: &Linker<State>, import: &str) -> Result<bool> {
        let text = wat::parse_str(format!("(component (import \"{import}\" (func)))")).expect("a component");
        let component = Component::new(linker.engine(), text)?;
        let error = linker.instantiate_pre(&component).err().map(|it| it.root_cause().to_string());
        Ok(match error.as_deref() {
            Some("expected function found instance") => true,
            Some("function implementation is missing") => false,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn what_is_said_to_be_given_is_what_is_linked() -> Result<()> {
        let linker = link(&Engine::default())?;
        let others = ["wasi:io/nothing", "wasi:http/types", "wasi:sockets/tcp", "wasi:clocks/timezone"];
        for interface in GIVEN.into_iter().chain(others) {
            for version in ["0.2.0", "0.2.3", "0.2.99", "0.3.0", "0.1.0", "0.2.0-rc-2023-11-10"] {
                let import = format!("{interface}@{version}");
                assert_eq!(is_given(&import), is_linked(&linker, &import)?, "{import}");
            }
            assert!(!is_given(interface) && !is_linked(&linker, interface)?, "{interface}");
        }
        Ok(())
    }
}
