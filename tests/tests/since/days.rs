//! Many days of a source whose records change: what each day's proof of changes has, joined with those before it, is the whole list of
//! that day.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use exhibit::clock::Clock;
use exhibit::collect::{Connection, Limits};
use exhibit::contract::types::{Instant, Row, Setting, Value};
use exhibit::evidence::{json, parse_instant, read};
use exhibit::log::Origin;
use exhibit::plugin::{Engine, Plugin};
use exhibit::run::{self, CollectFailure, CollectOptions, Collected, Destination, Silent, Verifier};
use exhibit::secrets::{Backends, SecretRef};
use exhibit::signing::{Authorities, SigningKey};
use exhibit::store::{Location, ObjectStoreOptions, OpenStore};
use exhibit_records::Proof;
use exhibit_simulator::{Fault, Rule, Simulator, World};

/// Days of the usual run, and of the whole one.
const DAYS: u64 = 25;
const ALL_DAYS: u64 = 100;
const DAY: u64 = 86_400;
/// One day in so many fails.
const FAILED: u64 = 10;
/// By how much the clock of the host is wrong at most, in milliseconds.
const SKEW: u64 = 3 * 60 * 60 * 1000;
/// 2026-11-01T00:00:00Z: when the world begins.
const BEGIN: Instant = 1_793_491_200_000;

/// The proof types that can be asked for what changed, with the fields that follow from the day or that the simulated source changes without dating
/// the record: joined, they are as of the day on which the record changed.
const TYPES: [(&str, &[&str]); 4] = [
    ("assets", &[]),
    ("tickets", &["overdue"]),
    ("detections", &["age-in-days", "last-compliance-scan"]),
    ("certificates", &["days-left"]),
];

/// A clock that the test sets.
#[derive(Debug, Default)]
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Instant {
        self.0.load(Ordering::SeqCst)
    }
}

/// Numbers of which each follows from the one before it (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (bits ^ (bits >> 31)) % bound
    }
}

/// A source, a store, and a connection between them.
struct Bench {
    source: Simulator,
    connection: Connection,
    clock: Arc<SetClock>,
    store: OpenStore,
    key: SigningKey,
    folder: tempfile::TempDir,
    plugin: Plugin,
}

impl Bench {
    async fn new(world: World) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for (name, text) in [("username", &world.username), ("password", &world.password)] {
            std::fs::write(folder.path().join(name), text)?;
        }
        let source = Simulator::start(world).await?;
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        let component = std::fs::read(env!("QUALYS_PLUGIN"))?;
        let plugin = Plugin::load(&Engine::new()?, &component, Some(&cache)).await?;
        let clock = Arc::new(SetClock::default());
        let secret = |name: &str| SecretRef::File(folder.path().join(name));
        let connection = Connection::builder(plugin.clone())
            .settings(vec![
                Setting { name: "platform".to_owned(), value: Value::Text("US2".to_owned()) },
                // So that a list has several pages.
                Setting { name: "page-size".to_owned(), value: Value::Integer(50) },
                Setting { name: "detection-page-size".to_owned(), value: Value::Integer(20) },
            ])
            .origin("api", source.url())
            .origin("gateway", source.url())
            .secret("username", secret("username"))
            .secret("password", secret("password"))
            .clock(std::sync::Arc::<SetClock>::clone(&clock))
            .build()
            .await?;
        exhibit::signing::make(&folder.path().join("key"))?;
        let key = SigningKey::read(&SecretRef::File(folder.path().join("key")), &Backends::default()).await?;
        let name: Origin = "example.com/since".parse()?;
        let location = Location::from(folder.path().join("store").as_path());
        let store = location.create(&name, &key, &ObjectStoreOptions::default()).await?;
        Ok(Self { source, connection, clock, store, key, folder, plugin })
    }

    /// What changed since the last proof, into the store.
    async fn changes(&mut self, proof_type: &str) -> Result<Collected, CollectFailure> {
        let mut options = options();
        options.since_last = true;
        let to = Destination::Store(&mut self.store, &self.key);
        let collected =
            run::collect(&self.connection, proof_type, to, &options, &*self.clock, &Silent).await?;
        Ok(collected.done().expect("nothing is suspended"))
    }

    /// All that there is, into a folder that is removed.
    async fn whole(&self, proof_type: &str) -> Result<(Proof, Vec<Row>)> {
        let folder = tempfile::tempdir()?;
        let out = folder.path().join("whole");
        let to = Destination::Folder(&out);
        let collected =
            run::collect(&self.connection, proof_type, to, &options(), &*self.clock, &Silent).await?;
        let proof = collected.done().context("nothing is suspended")?.proof;
        let rows = read::rows(&out, &proof)?.collect::<std::io::Result<_>>()?;
        Ok((proof, rows))
    }

    /// The list that a proof of the store and those that it continues show.
    fn joined(&self, proof: &Collected) -> Result<Vec<Row>> {
        let name = proof.folder.file_name().context("a name")?.to_string_lossy();
        let joined = self.store.store.joined(&name)?;
        Ok(joined.map(|it| it.map(|it| it.row)).collect::<std::io::Result<_>>()?)
    }
}

fn options<'a>() -> CollectOptions<'a> {
    let mut options = CollectOptions::default();
    options.limits = Limits::default();
    options.limits.attempts = 1;
    // A day that failed is not gone on with the day after.
    options.fresh = true;
    options
}

/// Rows by their keys, without the fields that may lag.
fn by_key(proof: &Proof, rows: &[Row], lagging: &[&str]) -> Result<BTreeMap<String, String>> {
    let fields = &proof.proof_type.fields;
    let said = |row: &Row, has: &dyn Fn(&str) -> bool| {
        let cells = fields.iter().zip(row).filter(|(field, _)| has(&field.name));
        let cells: Vec<String> =
            cells.map(|(field, value)| format!("{}={}", field.name, json(value))).collect();
        cells.join(" ")
    };
    let mut all = BTreeMap::new();
    for row in rows {
        let key = said(row, &|name| proof.proof_type.key.iter().any(|it| it == name));
        let rest = said(row, &|name| !lagging.contains(&name));
        ensure!(all.insert(key.clone(), rest).is_none(), "two rows with the key {key}");
    }
    Ok(all)
}

fn same(whole: &BTreeMap<String, String>, joined: &BTreeMap<String, String>) -> Result<()> {
    for (key, row) in whole {
        match joined.get(key) {
            None => bail!("missing: {row}"),
            Some(other) if other != row => bail!("is  {other}\nnot {row}"),
            Some(_) => {}
        }
    }
    match joined.iter().find(|(key, _)| !whole.contains_key(*key)) {
        Some((_, row)) => bail!("too many: {row}"),
        None => Ok(()),
    }
}

/// The rows of records that changed at or after a point: of certificates, whose lists are dated by their heads, in the minutes before
/// these. They are in the next proof.
fn dated_late(proof: &Proof, rows: &[Row], point: Instant) -> Vec<Row> {
    let at = proof.proof_type.fields.iter().position(|it| it.name == "updated");
    let is_late =
        |row: &&Row| at.is_some_and(|at| matches!(row.get(at), Some(Value::Instant(date)) if *date >= point));
    rows.iter().filter(is_late).cloned().collect()
}

/// Takes the records of these rows out of both. How many they are.
fn without_late(
    whole: &mut BTreeMap<String, String>,
    joined: &mut BTreeMap<String, String>,
    late: &BTreeMap<String, String>,
) -> u64 {
    late.keys().for_each(|key| drop((whole.remove(key), joined.remove(key))));
    late.len() as u64
}

fn world(seed: u64) -> World {
    World {
        assets: 110,
        detections: 3,
        tickets: 130,
        certificates: 230,
        change_one_in: 6,
        dated: true,
        rate_limit: 1_000_000,
        concurrency_limit: 100,
        seed,
        ..World::default()
    }
}

/// How a day fails: before anything comes, or in the middle.
fn fault(dice: &mut Dice) -> Fault {
    match dice.below(3) {
        0 => Fault::ServerError,
        1 => Fault::ResetAt(500),
        _ => Fault::TruncateAt(700),
    }
}

async fn days(days: u64, seed: u64) -> Result<()> {
    let mut bench = Bench::new(world(seed)).await?;
    let mut dice = Dice(seed);
    let (mut elapsed, mut good, mut bad, mut rows, mut listed, mut late) = (0, 0, 0, 0, 0, 0);
    for day in 0..days {
        // Mostly at the same second of the day, in which changes happen, too.
        let step = if dice.below(4) == 0 { DAY - 3_600 + dice.below(7_200) } else { DAY };
        bench.source.advance(Duration::from_secs(step));
        elapsed += step;
        let skew = i64::try_from(dice.below(2 * SKEW))? - i64::try_from(SKEW)?;
        let now = BEGIN + i64::try_from(elapsed)? * 1000;
        // A clock that is wrong goes on all the same: a store takes nothing that is dated before what it has.
        bench.clock.0.fetch_max(now + skew, Ordering::SeqCst);
        for (proof_type, lagging) in TYPES {
            if day > 0 && dice.below(FAILED) == 0 {
                bench.source.faults().set([Rule::always(fault(&mut dice))]);
                let failed = bench.changes(proof_type).await;
                bench.source.faults().clear();
                ensure!(failed.is_err(), "{proof_type}, day {day}: it failed");
                bad += 1;
                continue;
            }
            let about = || format!("{proof_type}, day {day}, seed {seed}");
            let changes = bench.changes(proof_type).await.with_context(about)?;
            let point = changes.proof.point.as_deref().and_then(parse_instant).with_context(about)?;
            ensure!(point <= now && now - point <= 300_000, "{}: by the clock of the source", about());
            assert_eq!(changes.proof.predecessor.is_some(), good >= TYPES.len(), "{}", about());
            let (proof, whole) = bench.whole(proof_type).await.with_context(about)?;
            let joined = bench.joined(&changes).with_context(about)?;
            let known = &proof.proof_type.changes.as_ref().with_context(about)?.lagging;
            ensure!(lagging.iter().all(|it| known.iter().any(|known| known == it)), "the manifest says so");
            let outside = by_key(&proof, &dated_late(&proof, &whole, point), &[])?;
            let (mut whole, mut joined) =
                (by_key(&proof, &whole, lagging)?, by_key(&proof, &joined, lagging)?);
            late += without_late(&mut whole, &mut joined, &outside);
            same(&whole, &joined).with_context(about)?;
            good += 1;
            rows += changes.proof.rows;
            listed += proof.rows;
        }
        bench.clock.0.fetch_add(60_000, Ordering::SeqCst);
    }
    println!(
        "{days} days: {good} proofs equal a whole list of their instant, {bad} failed; {rows} rows \
         instead of {listed}; {late} certificates changed in the five minutes before"
    );
    ensure!(late * 100 < listed, "few of them");
    ensure!(bad > 0, "some days fail");
    ensure!(rows * 2 < listed, "what changed is less than all");
    let (keys, authorities) = ([bench.key.public()], Authorities::default());
    let mut verifier = Verifier::new(&keys, &authorities);
    verifier.plugins = vec![bench.plugin.clone()];
    verifier.digests_only = true;
    verifier.now = bench.clock.now() + 86_400_000;
    let verified = verifier.store(&bench.store, None, &Silent, &mut |_| (), &mut |_, _| ()).await?;
    let report = verified.report;
    let checked = report.checks.iter().filter(|it| it.name == "predecessor").count();
    assert_eq!((report.failed(), checked), (0, good - TYPES.len()), "{:?}", bench.folder.path());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_each_day_joined_are_the_whole_list_of_that_day() -> Result<()> {
    let count = std::env::var("EXHIBIT_TEST_DAYS").ok().map_or(Ok(DAYS), |it| it.parse())?;
    days(count, 1).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "four times as long: the bar itself"]
async fn a_hundred_days() -> Result<()> {
    days(ALL_DAYS, 7).await
}

/// Each call takes hours, and records change meanwhile: nothing of that is lost.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_while_a_list_is_read_is_in_the_next_proof() -> Result<()> {
    let slow = World { seconds_a_call: 5 * 3_600, ..world(3) };
    let mut bench = Bench::new(slow).await?;
    let mut late = 0;
    for _ in 0..12 {
        bench.clock.0.fetch_add(4 * 86_400_000, Ordering::SeqCst);
        for (proof_type, _) in TYPES {
            let changes = bench.changes(proof_type).await?;
            late += changes.proof.completeness.outside_window;
        }
    }
    ensure!(late > 0, "records changed while lists were read");
    // What was read last is from before the end of that list: from there on the world stands still, but for a call each.
    for (proof_type, lagging) in TYPES {
        let changes = bench.changes(proof_type).await?;
        let point = changes.proof.point.as_deref().and_then(parse_instant).context("a point")?;
        let (proof, whole) = bench.whole(proof_type).await?;
        let fields = &proof.proof_type.fields;
        let dates =
            ["last-vulnerability-scan", "last-compliance-scan", "last-modified", "last-updated", "updated"];
        let at: Vec<usize> =
            (0..fields.len()).filter(|it| dates.contains(&fields[*it].name.as_str())).collect();
        let is_old =
            |row: &Row| at.iter().all(|it| !matches!(row[*it], Value::Instant(date) if date >= point));
        let unchanged: Vec<Row> = whole.into_iter().filter(is_old).collect();
        let joined = by_key(&proof, &bench.joined(&changes)?, lagging)?;
        for (key, row) in by_key(&proof, &unchanged, lagging)? {
            assert_eq!(joined.get(&key), Some(&row), "{proof_type}: what has not changed since is as it was");
        }
        ensure!(!unchanged.is_empty(), "{proof_type}");
    }
    Ok(())
}
