//! `exhibit demo`: every proof type, from a simulated source on this machine.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use exhibit::checks::Report;
use exhibit::clock::{Clock as _, FixedClock};
use exhibit::collect::{CollectError, Connection};
use exhibit::contract::catalog::ProofType;
use exhibit::contract::types::{Setting, Value};
use exhibit::disk::{Scratch, write_private};
use exhibit::format::count;
use exhibit::plugin::Plugin;
use exhibit::run::{self, CollectOptions, Destination};
use exhibit::signing::Authorities;
use exhibit::testing::TestRun;
use exhibit::testing::file::{Source, Suite};
use exhibit::verify::{self, Requirements, Subject};
use exhibit_records::{Proof, Verdict};
use exhibit_rows::ShowPath as _;
use exhibit_secrets::SecretRef;
use exhibit_simulator::{CallerRole, Simulator, World};

use super::arguments::{self, Assignment};
use super::collect::gathered;
use super::environment::{Environment, quoted};
use super::failure::Failure;
use super::loading::load;
use super::operate::dry_run;
use super::output::{CollectedOutput, DemoOutput, InvitationOutput, RunOutput};
use super::signals::Stop;
use super::table::{self, Column};
use super::terminal::Terminal;
use super::watch::Watch;
use super::{output, places, show, verdicts};

/// The simulated account is Qualys's; which of its platforms it is said to be on does not matter.
const PLATFORM: &str = "US2";
/// Where the evidence goes, where nothing else is said.
const FOLDER: &str = "exhibit-demo";
/// A table of each proof type fits on a few screens.
const SHOWN_ROWS: usize = 3;
/// Good for a hundred years.
const DEMO_DAYS: u32 = 36_500;
/// Of each test that did not pass.
const FAULTED_ROWS: usize = 2;

/// The proof type of which an account sees more or less, by its role.
const SEEN_BY_ROLE: &str = "users";
/// Inconclusive results should be seen, too.
const RESTRICTED: &str = "\
The same users, as an account sees them that is restricted to its own unit. What it may not see is
absent, and a test that looks at it is inconclusive: neither passed nor failed.
";

/// An operation whose dry run is shown, and what it is given; the simulated account has these names.
const OPERATION: &str = "launch-vm-scan";
const OPERATED: [(&str, &str); 4] = [
    ("title", "Weekly servers"),
    ("option-profile", "Initial Options"),
    ("addresses", "10.0.0.0/28"),
    ("scanner", "fra-scanner-1"),
];

const EXAMPLES: &str = "\
Examples:
  exhibit demo
  exhibit demo --out /tmp/evidence
  exhibit demo --serve      # and go on with all other commands, against the stand-in";

/// Collects, tests and verifies every proof type from a simulated source on this machine
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Demo {
    /// The folder for the evidence: made if it is not there, never overwritten [default: exhibit-demo,
    /// or the first of exhibit-demo-2, exhibit-demo-3 and so on that is not there]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Keep the stand-in for the source running afterwards, until Ctrl-C, to try all other commands with
    #[arg(long)]
    serve: bool,
}

impl Demo {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        terminal: &Terminal,
        stop: &Stop,
    ) -> Result<(), Failure> {
        let out = match &self.out {
            Some(out) => out.clone(),
            None => fresh(Path::new(FOLDER)),
        };
        places::outside(&out, "the evidence", "--out")?;
        let plugin = load(None, environment).await?;
        let mut made: Vec<(DemoOutput, Vec<String>)> = Vec::new();
        // What is collected here is of the simulated day, and so are the dates of its answers: a verifier would doubt its clock.
        let world = World { dated: true, ..World::default() };
        let account = Account::new(world, plugin.clone()).await?;
        for proof_type in &plugin.manifest().proof_types {
            made.push(account.show(proof_type, &out.join(&proof_type.name), terminal, stop).await?);
        }
        if let Some(users) = plugin.manifest().proof_type(SEEN_BY_ROLE) {
            if !terminal.json() {
                terminal.say(RESTRICTED);
            }
            let caller_role = CallerRole::RestrictedUnitManager;
            let world = World { caller_role, dated: true, ..World::default() };
            let account = Account::new(world, plugin.clone()).await?;
            let folder = out.join(format!("{SEEN_BY_ROLE}-restricted"));
            made.push(account.show(users, &folder, terminal, stop).await?);
            account.simulator.stop().await;
        }
        if !terminal.json()
            && let Some(shown) = account.dry_run(terminal).await?
        {
            terminal.say(&shown);
        }
        terminal.say(&if terminal.json() {
            output::json(&made.iter().map(|it| &it.0).collect::<Vec<_>>())?
        } else {
            let lines = made.into_iter().map(|it| it.1).collect();
            format!("{}\n\n{}", overview(lines, terminal), farewell(&out, &plugin, &environment.program))
        });
        account.simulator.stop().await;
        if self.serve {
            // Others are answered by the clock, as they go by it.
            let account = Account::new(World::default(), plugin).await?;
            terminal.say(&account.invitation(&environment.program, terminal.json())?);
            stop.asked().await;
        }
        Ok(())
    }
}

/// A simulated account, and a connection to it.
struct Account {
    simulator: Simulator,
    connection: Connection,
    /// What is simulated is simulated for a certain day.
    clock: FixedClock,
    /// Removed when dropped.
    secrets: Secrets,
}

impl Account {
    async fn new(world: World, plugin: Plugin) -> Result<Self, Failure> {
        let clock = FixedClock(world.now);
        let secrets = Secrets::new(&world).map_err(Failure::call)?;
        let simulator = Simulator::start(world)
            .await
            .map_err(|error| Failure::call(format!("the simulator cannot start: {error:#}")))?;
        let platform = Setting { name: "platform".to_owned(), value: Value::Text(PLATFORM.to_owned()) };
        let connection = Connection::builder(plugin)
            .settings(vec![platform])
            .origin("api", simulator.url())
            .origin("gateway", simulator.url())
            .secret("username", secrets.reference("username"))
            .secret("password", secrets.reference("password"))
            .clock(Arc::new(clock))
            .build()
            .await?;
        Ok(Self { simulator, connection, clock, secrets })
    }

    /// How any command reaches it.
    fn invitation(&self, program: &str, json: bool) -> Result<String, Failure> {
        let secret = |name| quoted(&self.secrets.folder.path().join(name));
        if json {
            return Ok(output::json(&InvitationOutput {
                origin: self.simulator.url(),
                username: self.secrets.folder.path().join("username"),
                password: self.secrets.folder.path().join("password"),
            })?);
        }
        Ok(format!(
            "\nThe stand-in for the source answers until Ctrl-C. From another terminal, into a store:\n  \
             {program} keys new --out evidence.pem\n  \
             {program} evidence init evidence --name example.com/evidence --sign file:evidence.pem\n  \
             {program} collect {SEEN_BY_ROLE} --store evidence --sign file:evidence.pem \\\n    \
             --set platform={PLATFORM} --origin api={} --origin gateway={} \\\n    \
             --secret username=file:{} --secret password=file:{}\n  \
             {program} verify evidence --key evidence.pem.pub",
            self.simulator.url(),
            self.simulator.url(),
            secret("username"),
            secret("password")
        ))
    }

    /// Collects and tests a proof, and shows what came of it. With its line of the table at the end.
    async fn show(
        &self,
        proof_type: &ProofType,
        folder: &Path,
        terminal: &Terminal,
        stop: &Stop,
    ) -> Result<(DemoOutput, Vec<String>), Failure> {
        let suite = Suite::gather(&[Source::Suggested], proof_type)?;
        let mut options = CollectOptions::default();
        options.suite = Some(&suite);
        // What it simulates is new each time.
        options.fresh = true;
        // What is simulated is of a fixed day: it is not to be called stale when that day is long ago.
        options.good_for_days = DEMO_DAYS;
        let destination = Destination::Folder(folder);
        let gathered =
            gathered(&self.connection, proof_type, destination, &options, &self.clock, terminal, stop)
                .await?;
        let (proof, held) = (gathered.proof, gathered.tests);
        if !terminal.json() {
            let source = &self.connection.plugin().manifest().label;
            let text =
                show::proof(folder, &proof, source, SHOWN_ROWS, terminal.width()).map_err(Failure::call)?;
            let tests = held.as_ref().map(|it| verdicts::text(it, &proof, FAULTED_ROWS, terminal));
            terminal.say(&format!("{}\n\n{text}\n", tests.unwrap_or_default()));
        }
        let verified = self.verified(folder, terminal).await?;
        let folder = folder.display().to_string();
        let line = line_of(&folder, &proof, held.as_ref());
        let collected = CollectedOutput { proof, run: held.as_ref().map(RunOutput::from) };
        Ok((DemoOutput { folder, collected, verified: output::checks(&verified) }, line))
    }

    /// What an operation would send, where the plugin has it. Nothing is sent.
    async fn dry_run(&self, terminal: &Terminal) -> Result<Option<String>, Failure> {
        let Some(operation) = self.connection.plugin().manifest().operation(OPERATION) else {
            return Ok(None);
        };
        let given =
            OPERATED.map(|(name, value)| Assignment { name: name.to_owned(), value: value.to_owned() });
        let mut options = CollectOptions::default();
        options.criteria = arguments::settings(&operation.parameters, &given).map_err(CollectError::from)?;
        let watch = Watch::new(terminal);
        let proposed = run::propose(&self.connection, OPERATION, &options, &self.clock, &watch).await;
        let proposed =
            proposed.map_err(|error| Failure::source(&error).during(format!("showing {OPERATION}")))?;
        Ok(proposed.map(|it| {
            let text = dry_run(operation, &it.request, &it.origin, terminal.width());
            format!("{text}\n\nSo far nothing is sent: `exhibit operate --help` says how it is confirmed.\n")
        }))
    }

    /// Makes the proof again from what was kept, as an auditor would.
    async fn verified(&self, folder: &Path, terminal: &Terminal) -> Result<Report, Failure> {
        let scratch = Scratch::new().map_err(Failure::call)?;
        let plugins = [self.connection.plugin().clone()];
        let authorities = Authorities::default();
        let subject = Subject {
            folder,
            keys: &[],
            authorities: &authorities,
            plugins: &plugins,
            unknown_plugins: &[],
            trusted_ids: &[],
            used: &[],
            requirements: &Requirements::Claimed,
            scratch: scratch.path(),
            shared: &verify::SharedFiles::default(),
            logged: None,
            bundled: false,
            alone: false,
            now: self.clock.now(),
            bounds: verify::Bounds::default(),
        };
        let report = verify::verify(&subject, &mut |_| ()).await;
        if !report.holds() {
            let what = format!("{} does not verify: that is a fault of exhibit", folder.shown());
            return Err(Failure::source(what));
        }
        if !terminal.json() {
            terminal.say(
                "✔ verified: every digest, and every row and verdict made again from the kept answers\n",
            );
        }
        Ok(report)
    }
}

/// What became of a proof that is verified, as a line of the table at the end.
fn line_of(folder: &str, proof: &Proof, held: Option<&TestRun>) -> Vec<String> {
    let tests = held.map(|it| it.run.tests.as_slice()).unwrap_or_default();
    let number = |verdict| tests.iter().filter(|it| it.outcome == verdict).count();
    let failed = number(Verdict::Fail);
    let passed = format!("{} of {}", number(Verdict::Pass), tests.len());
    let mark = match failed {
        _ if tests.is_empty() => "– no tests",
        0 if number(Verdict::Pass) == tests.len() => "✔ pass",
        0 => "? inconclusive",
        _ => "✘ fail",
    };
    vec![folder.to_owned(), count(proof.rows), passed, mark.to_owned(), "✔ verified".to_owned()]
}

/// All proofs in a table: what the demo did, after pages of it.
fn overview(lines: Vec<Vec<String>>, terminal: &Terminal) -> String {
    let columns = [
        Column::new("Evidence"),
        Column::new("Rows").numeric(true),
        Column::new("Tests passed").numeric(true),
        Column::new(""),
        Column::new("Verified"),
    ];
    table::render(&columns, lines, terminal.width())
}

/// The folder, or one of this name and a number where that one is taken.
fn fresh(folder: &Path) -> PathBuf {
    let numbered = (2_u32..).map(|number| {
        let mut name = folder.as_os_str().to_owned();
        name.push(format!("-{number}"));
        PathBuf::from(name)
    });
    let mut names = std::iter::once(folder.to_owned()).chain(numbered);
    names.find(|it| it.symlink_metadata().is_err()).unwrap_or_else(|| folder.to_owned())
}

fn farewell(out: &Path, plugin: &Plugin, program: &str) -> String {
    let first = plugin.manifest().proof_types.first().map_or("assets", |it| &it.name);
    let folder = out.join(first);
    format!(
        "The evidence is in {}: for each proof its rows, the results of its tests, and every answer.\n\n\
         What verify warns of is so: the answers are of this machine, which stands in for the source.\n\n\
         Try next:\n  \
         less {}\n  \
         {program} verify {}\n  \
         {program} export {} --format html --out {first}.html\n  \
         {program} bundle {}\n  \
         {program} test-file suggested {first} > {first}.toml   # then edit it\n  \
         {program} test {} --test {first}.toml --what-if",
        out.shown(),
        quoted(&folder.join("proof.json")),
        quoted(&folder),
        quoted(&folder),
        quoted(&folder),
        quoted(&folder)
    )
}

/// The simulated account's credentials, where a connection looks for such.
struct Secrets {
    /// Readable by its owner only, and removed when dropped, or by the next command where this one is killed.
    folder: Scratch,
}

impl Secrets {
    fn new(world: &World) -> io::Result<Self> {
        let folder = Scratch::new()?;
        for (name, secret) in [("username", &world.username), ("password", &world.password)] {
            write_private(&folder.path().join(name), secret.as_bytes())?;
        }
        Ok(Self { folder })
    }

    fn reference(&self, name: &str) -> SecretRef {
        SecretRef::File(self.folder.path().join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_command_works_again_and_again() -> io::Result<()> {
        let place = tempfile::TempDir::new()?;
        let folder = place.path().join("exhibit-demo");
        for name in ["exhibit-demo", "exhibit-demo-2", "exhibit-demo-3"] {
            assert_eq!(fresh(&folder), place.path().join(name));
            std::fs::create_dir(place.path().join(name))?;
        }
        Ok(())
    }
}
