//! A launch whose request or answer is lost, in processes that end at any moment: one scan, or none, and the report says which.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use exhibit::clock::Clock;
use exhibit::collect::{CollectError, Connection};
use exhibit::contract::settings;
use exhibit::contract::types::{Instant, Setting, Value};
use exhibit::plugin::{Engine, Plugin};
use exhibit::run::{self, CollectFailure, CollectOptions, Destination, OperateFailure, Progress, Silent};
use exhibit_records::OperationOutcome;
use exhibit_simulator::{Fault, Rule, Simulator, World};
use serde_json::Value as Json;

use super::stage::Stage;

/// As many launches are made; `EXHIBIT_TEST_LAUNCHES` says otherwise.
const LAUNCHES: u64 = 60;
/// A launch is resumed no more often: it looks six times, and waits in between.
const CALLS: u32 = 40;
const TITLE: &str = "Weekly servers";
/// Where scans are launched.
const CONTROL: &str = "/api/2.0/fo/scan/";

/// Stands still until it is moved.
#[derive(Debug, Default)]
struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Instant {
        self.0.load(Ordering::SeqCst)
    }
}

/// Numbers that look like chance, and are the same each time.
struct Dice(u64);

impl Dice {
    /// SplitMix64: neighbouring seeds give unlike numbers.
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// What goes wrong with the write of a launch.
fn faults(dice: &mut Dice) -> Vec<Rule> {
    let lost = match dice.below(6) {
        0 => Fault::LoseRequest,
        1 => Fault::LoseAnswer,
        2 => Fault::PageForAnswer { status: 502 },
        3 => Fault::ResetAt(dice.below(200)),
        4 => Fault::TruncateAt(dice.below(200)),
        _ => return vec![],
    };
    let mut rules = vec![Rule::once(lost).on(CONTROL)];
    let hidden = u32::try_from(dice.below(4)).unwrap_or_default();
    if hidden > 0 {
        rules.push(Rule::times(hidden, Fault::HideLaunched).on("/api/3.0/fo/scan/"));
    }
    rules
}

fn parameters() -> Vec<Setting> {
    let text =
        |name: &str, text: &str| Setting { name: name.to_owned(), value: Value::Text(text.to_owned()) };
    let addresses = Value::Texts(vec!["10.0.0.1-10.0.0.9".to_owned()]);
    vec![
        text("title", TITLE),
        text("option-profile", "Initial Options"),
        text("scanner", "fra-scanner-1"),
        Setting { name: "addresses".to_owned(), value: addresses },
    ]
}

/// `secrets` is a folder with a file of each.
async fn connect(
    plugin: &Plugin,
    source: &Simulator,
    secrets: &Path,
    clock: Arc<dyn Clock>,
) -> Result<Connection> {
    let kept = |name: &str| format!("file:{}", secrets.join(name).display());
    let connection = Connection::builder(plugin.clone())
        .settings(settings::typical(&plugin.manifest().settings, [])?)
        .origin("api", source.url())
        .origin("gateway", source.url())
        .secret("username", kept("username").parse()?)
        .secret("password", kept("password").parse()?)
        .clock(clock)
        .may_operate(true);
    Ok(connection.build().await?)
}

/// Launches into `out`, in as many calls as it takes, of which some are dropped in their midst. Gives what the report says.
async fn launch(
    plugin: &Plugin,
    source: &Simulator,
    (secrets, out): (&Path, &Path),
    dice: &mut Dice,
) -> Result<Option<OperationOutcome>> {
    let clock = Arc::new(Moved(AtomicI64::new(1_793_491_200_000)));
    let mut options = CollectOptions::default();
    options.criteria = parameters();
    options.hold = Some(Duration::ZERO);
    let mut kills = dice.below(3);
    for _ in 0..CALLS {
        let connection = connect(plugin, source, secrets, Arc::clone(&clock) as Arc<dyn Clock>).await?;
        let destination = Destination::Folder(out);
        let call =
            run::operate(&connection, "launch-vm-scan", Some(TITLE), destination, &options, &*clock, &Silent);
        let ended = if kills > 0 {
            kills -= 1;
            let at = source.requests().len() as u64 + 1 + dice.below(6);
            let micros = dice.below(8_000);
            let killed = async {
                source.asked(at).await;
                tokio::time::sleep(Duration::from_micros(micros)).await;
            };
            tokio::select! {
                ended = call => ended,
                () = killed => continue,
            }
        } else {
            call.await
        };
        match ended {
            Ok(Progress::Done(done)) => return Ok(done.proof.outcome),
            Ok(Progress::Suspended(it)) => {
                let passed = it.until.saturating_sub(clock.now()).max(0).unsigned_abs();
                clock.0.store(it.until, Ordering::SeqCst);
                source.advance(Duration::from_millis(passed));
            }
            Err(OperateFailure { why: CollectFailure::Collection { error, .. }, .. })
                if matches!(*error, CollectError::Unknown { .. }) =>
            {
                return Ok(Some(OperationOutcome::Unknown));
            }
            Err(error) => return Err(error).context("a call failed"),
        }
    }
    bail!("no end after {CALLS} calls")
}

/// What one call is made with, again and again.
struct Caller {
    plugin: Plugin,
    source: Simulator,
    secrets: tempfile::TempDir,
    clock: Arc<Moved>,
}

impl Caller {
    async fn new() -> Result<Self> {
        let plugin = Plugin::load(&Engine::new()?, &std::fs::read(env!("QUALYS_PLUGIN"))?, None).await?;
        let world = World { dated: true, ..World::default() };
        let secrets = tempfile::tempdir()?;
        std::fs::write(secrets.path().join("username"), &world.username)?;
        std::fs::write(secrets.path().join("password"), &world.password)?;
        let source = Simulator::start(world).await?;
        let clock = Arc::new(Moved(AtomicI64::new(1_793_491_200_000)));
        Ok(Self { plugin, source, secrets, clock })
    }

    async fn call(
        &self,
        out: &Path,
        options: &CollectOptions<'_>,
    ) -> Result<Result<Progress, OperateFailure>> {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let connection = connect(&self.plugin, &self.source, self.secrets.path(), clock).await?;
        let destination = Destination::Folder(out);
        Ok(run::operate(
            &connection,
            "launch-vm-scan",
            Some(TITLE),
            destination,
            options,
            &*self.clock,
            &Silent,
        )
        .await)
    }

    /// Is dropped when the scan is launched, before its answer has come.
    async fn interrupted(&self, out: &Path, options: &CollectOptions<'_>) -> Result<()> {
        self.source
            .faults()
            .push(Rule::once(Fault::StallAt { bytes: 0, lasting: Duration::from_secs(600) }).on(CONTROL));
        let launched = async {
            let mut asked = 0;
            while self.source.launched().is_empty() {
                asked += 1;
                self.source.asked(asked).await;
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            ended = self.call(out, options) => bail!("it was not interrupted: {ended:?}"),
            () = launched => Ok(()),
        }
    }
}

fn options(further: &[(&str, Value)]) -> CollectOptions<'static> {
    let mut options = CollectOptions::default();
    options.criteria = parameters();
    let further =
        further.iter().map(|(name, value)| Setting { name: (*name).to_owned(), value: value.clone() });
    options.criteria.extend(further);
    options
}

#[tokio::test(flavor = "multi_thread")]
async fn another_call_does_not_launch_again_what_an_interrupted_one_has() -> Result<()> {
    let caller = Caller::new().await?;
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("out");
    caller.interrupted(&out, &options(&[])).await?;
    // Whatever differs, and whatever the clock says.
    caller.clock.0.fetch_sub(400 * 86_400_000, Ordering::SeqCst);
    let mut named = options(&[]);
    named.account = Some("ours");
    for other in [options(&[("wait", Value::Boolean(true))]), named] {
        match caller.call(&out, &other).await? {
            Err(OperateFailure { why: CollectFailure::Unfinished { differs, .. }, .. }) => {
                ensure!(!differs.is_empty());
            }
            other => bail!("it was not refused: {other:?}"),
        }
    }
    // Nor the same one into another folder beside it.
    match caller.call(&folder.path().join("other"), &options(&[])).await? {
        Err(OperateFailure { why: CollectFailure::Unfinished { differs, .. }, .. }) => {
            assert_eq!(differs, ["folder for the evidence"]);
        }
        other => bail!("it was not refused: {other:?}"),
    }
    // The same one finds out that it was launched.
    let done = caller.call(&out, &options(&[])).await??.done().context("it has ended")?;
    assert_eq!(done.proof.outcome, Some(OperationOutcome::Done));
    assert_eq!(caller.source.launched().len(), 1);
    Ok(())
}

/// By two days, which is more than the day that a list is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_days_off_hides_no_scan_and_claims_none() -> Result<()> {
    for days in [-2, 2] {
        let caller = Caller::new().await?;
        caller.clock.0.fetch_add(days * 86_400_000, Ordering::SeqCst);
        let folder = tempfile::tempdir()?;
        let out = folder.path().join("out");
        caller.interrupted(&out, &options(&[])).await?;
        let done = caller.call(&out, &options(&[])).await??.done().context("it has ended")?;
        assert_eq!(done.proof.outcome, Some(OperationOutcome::Done), "{days}");
        assert_eq!(caller.source.launched().len(), 1, "{days}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_is_not_begun_anew() -> Result<()> {
    for file in ["terms.json", "synced.json"] {
        let caller = Caller::new().await?;
        let folder = tempfile::tempdir()?;
        let out = folder.path().join("out");
        caller.interrupted(&out, &options(&[])).await?;
        let left = std::fs::read_dir(folder.path())?.filter_map(Result::ok).map(|it| it.path());
        let left = left.map(|it| it.join("resume").join(file)).find(|it| it.is_file()).context("a file")?;
        std::fs::write(&left, "{")?;
        ensure!(caller.call(&out, &options(&[])).await?.is_err(), "{file}");
        assert_eq!(caller.source.launched().len(), 1, "{file}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_scan_or_none_and_the_report_says_which() -> Result<()> {
    let launches = std::env::var("EXHIBIT_TEST_LAUNCHES").ok().map_or(Ok(LAUNCHES), |it| it.parse())?;
    let plugin = Plugin::load(&Engine::new()?, &std::fs::read(env!("QUALYS_PLUGIN"))?, None).await?;
    let stage = Stage::new(World::default()).await?;
    let secrets = tempfile::tempdir()?;
    std::fs::write(secrets.path().join("username"), &stage.login.0)?;
    std::fs::write(secrets.path().join("password"), &stage.login.1)?;
    let (mut done, mut not_done, mut unknown) = (0, 0, 0);
    for seed in 0..launches {
        let mut dice = Dice(seed);
        let source = Simulator::start(World { rate_limit: 10_000, ..World::default() }).await?;
        for rule in faults(&mut dice) {
            source.faults().push(rule);
        }
        let name = format!("launch-{seed}");
        let outcome = launch(&plugin, &source, (secrets.path(), &stage.path(&name)), &mut dice).await;
        let outcome = outcome.with_context(|| format!("seed {seed}"))?.context("an outcome")?;
        let scans = source.launched().len();
        let writes = source.requests().iter().filter(|it| it.path == CONTROL && it.method == "POST").count();
        ensure!(scans <= 1 && writes <= 1, "seed {seed}: {scans} scans of {writes} requests");
        match outcome {
            OperationOutcome::Done => {
                ensure!(scans == 1, "seed {seed}: it says that it was launched, and it was not");
                done += 1;
            }
            OperationOutcome::NotDone => {
                ensure!(scans == 0, "seed {seed}: it says that it was not launched, and it was");
                not_done += 1;
            }
            OperationOutcome::Unknown => unknown += 1,
        }
        if stage.path(&name).join("proof.json").is_file() {
            let said: Json = serde_json::from_str(
                &stage
                    .exhibit(&["verify", &name, "--json"])
                    .await?
                    .ended_with(0)
                    .with_context(|| format!("seed {seed}"))?
                    .stdout,
            )?;
            ensure!(!said.is_null());
        }
        source.stop().await;
    }
    println!("{launches} launches: {done} done, {not_done} not done, {unknown} unknown");
    ensure!(done > 0 && not_done > 0, "the faults do what they should");
    ensure!(unknown * 10 <= launches, "what can be found out is found out: {unknown} are unknown");
    Ok(())
}
