//! What a plugin may import: WASI as Rust's standard library wants it, with nothing
//! behind it.
//!
//! Interface by interface, so that an interface which a later WASI brings is refused
//! until someone has looked at it. There are no sockets.

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
