//! `exhibit demo`: every proof type, from a simulated source on this machine.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use exhibit_simulator::{Simulator, World};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::clock::{Clock as _, FixedClock};
use crate::collect::{Connection, Limits, Order};
use crate::plugin::contract::collection::Task;
use crate::plugin::contract::types::{Setting, Value};
use crate::secrets::SecretRef;
use crate::testing::file::{Source, Suite};

use super::collect::{Terms, gather};
use super::connection::load;
use super::environment::{Environment, quoted};
use super::failure::Failure;
use super::terminal::Terminal;
use super::{show, verdicts};

/// The simulated account is Qualys's; which of its platforms it is said to be on does not matter.
const PLATFORM: &str = "US2";
/// Where the evidence goes, where nothing else is said.
const FOLDER: &str = "exhibit-demo";
/// Five tables fit on a screen or two.
const SHOWN_ROWS: usize = 3;
/// Of each test that did not pass.
const FAULTED_ROWS: usize = 2;

const EXAMPLES: &str = "\
Examples:
  exhibit demo
  exhibit demo --out /tmp/evidence";

/// Collects and tests every proof type from a simulated source on this machine
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Demo {
    /// The folder for the evidence: made if it is not there, never overwritten [default: exhibit-demo,
    /// or the first of exhibit-demo-2, exhibit-demo-3 and so on that is not there]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Demo {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let world = World::default();
        // What is simulated is simulated for a certain day.
        let clock = FixedClock(world.now);
        let out = match &self.out {
            Some(out) => out.clone(),
            None => fresh(Path::new(FOLDER)),
        };
        let secrets = Secrets::new(&world).map_err(Failure::call)?;
        let simulator = Simulator::start(world)
            .await
            .map_err(|error| Failure::call(format!("the simulator cannot start: {error:#}")))?;
        let connection = connect(&simulator, &secrets, clock, environment).await?;
        let mut made: Vec<Json> = Vec::new();
        for proof_type in &connection.plugin().manifest().proof_types {
            let task = Task::Collect(proof_type.name.clone());
            let order = Order { task, criteria: vec![], window: None, as_of: clock.now() };
            let folder = out.join(&proof_type.name);
            let suite = Suite::gather(&[Source::Suggested], proof_type)?;
            let terms = Terms {
                suite: Some(&suite),
                out: &folder,
                keep_failed: None,
                limits: Limits::default(),
                clock: &clock,
            };
            let (proof, held) = gather(&connection, &order, proof_type, &terms, terminal).await?;
            if terminal.json() {
                let run = held.as_ref().map(verdicts::json);
                made.push(json!({ "folder": folder, "proof": proof, "run": run }));
            } else {
                let text =
                    show::proof(&folder, &proof, SHOWN_ROWS, terminal.width()).map_err(Failure::call)?;
                let tests = held.map(|it| verdicts::text(&it, &proof, FAULTED_ROWS, terminal));
                terminal.say(&format!("{text}\n\n{}\n", tests.unwrap_or_default()));
            }
        }
        simulator.stop().await;
        terminal.say(&if terminal.json() {
            Json::from(made).to_string()
        } else {
            farewell(&out, &connection, &environment.program)
        });
        Ok(())
    }
}

/// The folder, or one of this name and a number where that one is taken.
fn fresh(folder: &Path) -> PathBuf {
    let name = folder.display();
    let numbered = (2_u32..).map(|number| PathBuf::from(format!("{name}-{number}")));
    let mut names = std::iter::once(folder.to_owned()).chain(numbered);
    names.find(|it| it.symlink_metadata().is_err()).unwrap_or_else(|| folder.to_owned())
}

fn farewell(out: &Path, connection: &Connection, program: &str) -> String {
    let first = connection.plugin().manifest().proof_types.first().map_or("assets", |it| &it.name);
    let (rows, proof) = (out.join(first).join("rows.ndjson"), out.join(first).join("proof.json"));
    format!(
        "The evidence is in {}: rows.ndjson, proof.csv, proof.json and answers/ for each type.\n\n\
         Try next:\n  \
         head -2 {}\n  \
         less {}\n  \
         {program} types {first}",
        out.display(),
        quoted(&rows),
        quoted(&proof)
    )
}

/// The simulated account's credentials, where a connection looks for such.
struct Secrets {
    /// Nobody else's to read, and removed when dropped.
    folder: TempDir,
}

impl Secrets {
    fn new(world: &World) -> io::Result<Self> {
        let folder = TempDir::with_prefix("exhibit-demo-")?;
        for (name, secret) in [("username", &world.username), ("password", &world.password)] {
            let mut file =
                tempfile::Builder::new().prefix(name).suffix("").rand_bytes(0).tempfile_in(&folder)?;
            file.write_all(secret.as_bytes())?;
            file.keep()?;
        }
        Ok(Self { folder })
    }

    fn reference(&self, name: &str) -> SecretRef {
        SecretRef::File(self.folder.path().join(name))
    }
}

async fn connect(
    simulator: &Simulator,
    secrets: &Secrets,
    clock: FixedClock,
    environment: &Environment,
) -> Result<Connection, Failure> {
    let (plugin, _) = load(None, environment).await?;
    let platform = Setting { name: "platform".to_owned(), value: Value::Text(PLATFORM.to_owned()) };
    Ok(Connection::builder(plugin)
        .settings(vec![platform])
        .origin("api", simulator.url())
        .secret("username", secrets.reference("username"))
        .secret("password", secrets.reference("password"))
        .clock(Arc::new(clock))
        .build()
        .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_command_works_again_and_again() -> io::Result<()> {
        let place = TempDir::new()?;
        let folder = place.path().join("exhibit-demo");
        for name in ["exhibit-demo", "exhibit-demo-2", "exhibit-demo-3"] {
            assert_eq!(fresh(&folder), place.path().join(name));
            std::fs::create_dir(place.path().join(name))?;
        }
        Ok(())
    }
}
