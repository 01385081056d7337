//! Any plugin as a command, for runtimes of WebAssembly that know nothing of Exhibit.
//!
//! The host does more for a proof: it keeps the source's answers, digests and a record of how
//! the proof was made, and it keeps the secrets away from the plugin. This is for systems without
//! the host: `wasmtime run -S http plugin.wasm collect users … > users.ndjson`. The rows are the same.
//!
//! An operation changes something at the source, so what it sends is kept before it is sent, in a folder that the runtime gives
//! access to, and its evidence there is the host's: `exhibit verify` takes it. It is sent with two keys, `--allow-operate` and
//! `--confirm VALUE`, and never twice; where its answer is lost, or the process is killed, the same call finds out what became of it.
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
mod collector;
mod connection;
mod ended;
mod evidence;
mod exit;
mod failure;
mod files;
mod guide;
mod help;
mod lookup;
mod network;
mod operate;
mod request;
mod secrets;
mod settings;
mod sink;
mod table;
mod test;
mod text;
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
        Call::Operate(order) => {
            let (clock, wire) = (Rc::new(clock::System), wasi::Wire);
            let (nonce, plugin) = (wasi::nonce(), evidence::record::plugin_digest());
            let world = operate::World { clock, wire, nonce, plugin };
            operate::run::<P>(&order, world, &mut std::io::stdout())
        }
        Call::LookUp(order) => {
            lookup::run::<P>(&order, Rc::new(clock::System), wasi::Wire, &mut std::io::stdout())
        }
        Call::Guide => guide::run(&manifest, &mut std::io::stdout()),
        Call::Test(order) => test::run(&manifest, &order, &mut std::io::stdout()),
    }
}
