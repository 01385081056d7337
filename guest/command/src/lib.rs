//! Any plugin as a command, for runtimes of WebAssembly that know nothing of Exhibit.
//!
//! The host does more for a proof: it keeps the source's answers, digests and a record of how
//! the proof was made, and it keeps the secrets away from the plugin. This is for systems without
//! the host: `wasmtime run -S http plugin.wasm collect users … > users.ndjson`. The rows are the same.
//!
//! ```text
//! fn main() {
//!     exhibit_command::main::<MyPlugin>();
//! }
//! ```

mod answers;
mod arguments;
mod blanking;
mod clock;
mod collect;
mod exit;
mod failure;
mod files;
mod help;
mod network;
mod request;
mod secrets;
mod settings;
mod table;
mod test;
mod transport;
mod types;
mod wasi;

use std::io::Write as _;
use std::rc::Rc;

use exhibit_plugin::Plugin;
use lexopt::Parser;

use self::arguments::Call;
use self::failure::Failure;

/// Does what the process was called for, and ends it with an exit code.
pub fn main<P: Plugin>() -> ! {
    let code = match run::<P>() {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit()
        }
    };
    // There is no place left to report an error to.
    drop(std::io::stdout().flush());
    wasi::exit(code)
}

fn run<P: Plugin>() -> Result<u8, Failure> {
    let manifest = P::manifest();
    match arguments::read(Parser::from_env(), &manifest)? {
        Call::Help(text) => {
            failure::written(std::io::stdout().write_all(text.as_bytes()))?;
            Ok(exit::OK)
        }
        Call::Types(name) => types::run(&manifest, name.as_deref(), &mut std::io::stdout()),
        Call::Collect(order) => {
            let stdout = std::io::stdout();
            collect::run::<P>(&order, Rc::new(clock::System), wasi::Wire, &mut stdout.lock())
        }
        Call::Test(order) => test::run(&manifest, &order, &mut std::io::stdout()),
    }
}
