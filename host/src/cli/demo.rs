//! `exhibit demo`: every proof type, from a simulated source on this machine.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use exhibit_simulator::{Simulator, World};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::collect::{Connection, Limits, Order};
use crate::plugin::contract::collection::Task;
use crate::plugin::contract::types::{Setting, Value, Window};
use crate::secrets::SecretRef;

use super::collect::gather;
use super::connection::load;
use super::environment::Environment;
use super::failure::Failure;
use super::show;
use super::terminal::Terminal;

/// The simulated account is Qualys's; which of its platforms it is said to be on does not matter.
const PLATFORM: &str = "US2";
/// A quarter's scans.
const WINDOW_MS: i64 = 92 * 24 * 60 * 60 * 1000;
/// Five tables fit on a screen or two.
const SHOWN_ROWS: usize = 3;

const EXAMPLES: &str = "\
Examples:
  exhibit demo
  exhibit demo --out /tmp/evidence";

/// Collects every proof type from a simulated source on this machine
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Demo {
    /// The folder for the evidence: made if it is not there, never overwritten [default: exhibit-demo]
    #[arg(long, value_name = "DIR", default_value = "exhibit-demo", hide_default_value = true)]
    out: PathBuf,
}

impl Demo {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let world = World::default();
        let (as_of, start) = (world.now, world.now - WINDOW_MS);
        let secrets = Secrets::new(&world).map_err(Failure::call)?;
        let simulator = Simulator::start(world)
            .await
            .map_err(|error| Failure::call(format!("the simulator cannot start: {error:#}")))?;
        let connection = connect(&simulator, &secrets, environment).await?;
        let mut made: Vec<Json> = Vec::new();
        for proof_type in &connection.plugin().manifest().proof_types {
            // Lists of scans are of a time; assets and tickets are shown as they stand.
            let window = proof_type.name.ends_with("scans").then_some(Window { start, end: as_of });
            let order =
                Order { task: Task::Collect(proof_type.name.clone()), criteria: vec![], window, as_of };
            let folder = self.out.join(&proof_type.name);
            let proof =
                gather(&connection, &order, proof_type, &folder, &Limits::default(), terminal).await?;
            if terminal.json() {
                made.push(json!({ "folder": folder, "proof": proof }));
            } else {
                let text =
                    show::proof(&folder, &proof, SHOWN_ROWS, terminal.width()).map_err(Failure::call)?;
                terminal.say(&format!("{text}\n"));
            }
        }
        simulator.stop().await;
        terminal.say(&if terminal.json() {
            Json::from(made).to_string()
        } else {
            self.farewell(&connection)
        });
        Ok(())
    }

    fn farewell(&self, connection: &Connection) -> String {
        let out = self.out.display();
        let first = connection.plugin().manifest().proof_types.first().map_or("assets", |it| &it.name);
        format!(
            "The evidence is in {out}: rows.ndjson, proof.csv, proof.json and answers/ for each type.\n\n\
             Try next:\n  \
             head -2 {out}/{first}/rows.ndjson\n  \
             less {out}/{first}/proof.json\n  \
             exhibit types {first}"
        )
    }
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
    environment: &Environment,
) -> Result<Connection, Failure> {
    let (plugin, _) = load(None, environment).await?;
    let platform = Setting { name: "platform".to_owned(), value: Value::Text(PLATFORM.to_owned()) };
    Ok(Connection::builder(plugin)
        .settings(vec![platform])
        .origin("api", simulator.url())
        .secret("username", secrets.reference("username"))
        .secret("password", secrets.reference("password"))
        .build()
        .await?)
}
