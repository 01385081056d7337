//! What a check says that an account may do, against what collecting and operating then really do: for every account of the
//! simulator, and all that the manifest has.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use exhibit::clock::SystemClock;
use exhibit::collect::progress::{Event, Progress};
use exhibit::collect::sink::{Answer, Sink};
use exhibit::collect::spool::Spool;
use exhibit::collect::{self, CollectError, Connection, Limits, Order, Outcome};
use exhibit::contract::collection::{OperationOutcome, Rejection, Task};
use exhibit::contract::settings;
use exhibit::contract::types::{Error, Row, Setting, Value};
use exhibit::http::SignError;
use exhibit::plugin::{Engine, Plugin, PluginError};
use exhibit::run::{self, Access, AccessCheck, CheckProblem, CheckedKind, NotTried};
use exhibit_simulator::{ACCOUNTS, Fault, Rule, Simulator, World};

/// A check ends within it.
const QUICK: Duration = Duration::from_secs(15);
/// The account of each column of the guide's table.
const COLUMNS: [&str; 7] =
    ["acme_manager", "acme_unit", "acme_admin", "acme_scanner", "acme_reader", "acme_auditor", "acme_remedy"];

/// Keeps the rows alone.
#[derive(Default)]
struct Rows(Vec<Row>);

impl Sink for Rows {
    fn begin(&mut self, _: &Answer<'_>) -> io::Result<()> {
        Ok(())
    }

    fn body(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn rows(&mut self, rows: Vec<Row>, _: Vec<Rejection>) -> io::Result<()> {
        self.0.extend(rows);
        Ok(())
    }

    fn redacted(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn blanked(&mut self, _: &BTreeMap<String, u64>) -> io::Result<()> {
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn abandon(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.abandon("")
    }

    fn spool(&mut self) -> Option<&mut dyn Spool> {
        None
    }
}

struct Quiet;

impl Progress for Quiet {
    fn event(&self, _: &Event<'_>) {}
}

fn world() -> World {
    World {
        assets: 3,
        users: 60,
        scans: 10,
        tickets: 5,
        certificates: 5,
        rate_limit: 1_000_000,
        concurrency_limit: 1_000,
        ..World::default()
    }
}

/// A connection of an account to a source.
async fn connect(plugin: &Plugin, source: &Simulator, secrets: &Path, login: &str) -> Result<Connection> {
    let file = secrets.join(login);
    std::fs::write(&file, login)?;
    let connection = Connection::builder(plugin.clone())
        .settings(settings::typical(&plugin.manifest().settings, [])?)
        .origin("api", source.url())
        .origin("gateway", source.url())
        .secret("username", format!("file:{}", file.display()).parse()?)
        .secret("password", format!("file:{}", secrets.join("password").display()).parse()?)
        .may_operate(true);
    Ok(connection.build().await?)
}

async fn done(
    connection: &Connection,
    task: Task,
    criteria: Vec<Setting>,
) -> (Result<Outcome, CollectError>, Vec<Row>) {
    let mut rows = Rows::default();
    let mut limits = Limits::default();
    // What is waited for after a change does not matter here.
    limits.max_wait = Duration::ZERO;
    let id = matches!(task, Task::Operate(_)).then(|| "of-the-test".to_owned());
    let as_of = exhibit::clock::Clock::now(&SystemClock);
    let order = Order { task, criteria, window: None, since: None, as_of, id };
    let outcome = collect::run(connection, &order, &mut rows, &Quiet, &limits).await;
    (outcome, rows.0)
}

/// Whether the source lets it be done, and not refuses it for a right.
async fn works(connection: &Connection, task: Task, criteria: Vec<Setting>) -> Result<bool> {
    let name = format!("{task:?}");
    let (outcome, rows) = done(connection, task, criteria).await;
    Ok(match outcome {
        Ok(outcome) => match outcome.summary.outcome {
            // What became of it shows later than this waits for: the source took it.
            None | Some(OperationOutcome::Done | OperationOutcome::Unknown) => true,
            // Only a right is in its way here, and that is in the words of the row.
            Some(OperationOutcome::NotDone) => {
                let said = format!("{rows:?}");
                let of_a_right = ["licence or role", "no permission", "not authorized"];
                ensure!(of_a_right.iter().any(|it| said.contains(it)), "{name}: {said}");
                false
            }
        },
        Err(CollectError::Wait { .. }) => true,
        Err(CollectError::Plugin(PluginError::Said(Error::Denied(_) | Error::Unlicensed(_)))) => false,
        Err(CollectError::Sign(SignError::NotGiven { .. })) => false,
        // The list of users shows no user names to some.
        Err(CollectError::Plugin(PluginError::Said(Error::Invalid(problem))))
            if problem.message.contains("no user is called") =>
        {
            false
        }
        Err(error) => bail!("{name}: {error}"),
    })
}

fn text(name: &str, text: &str) -> Setting {
    Setting { name: name.to_owned(), value: Value::Text(text.to_owned()) }
}

fn texts(name: &str, text: &str) -> Setting {
    Setting { name: name.to_owned(), value: Value::Texts(vec![text.to_owned()]) }
}

fn launch(title: &str) -> Vec<Setting> {
    vec![
        text("title", title),
        text("option-profile", "Initial Options"),
        text("scanner", "fra-scanner-1"),
        texts("addresses", "10.0.0.1-10.0.0.9"),
    ]
}

/// What each operation is given: by its name, in the order in which they are tried.
async fn given(source: &Simulator, manager: &Connection) -> Result<BTreeMap<&'static str, Vec<Setting>>> {
    for title in ["One", "Two", "Three"] {
        let task = Task::Operate("launch-vm-scan".to_owned());
        ensure!(works(manager, task, launch(title)).await?, "launched");
    }
    source.advance(Duration::from_secs(90));
    let scans: Vec<String> = source.launched().into_iter().map(|it| it.reference).collect();
    let [running, other, paused] = scans.as_slice() else { bail!("three scans: {scans:?}") };
    let pause = Task::Operate("pause-scan".to_owned());
    ensure!(works(manager, pause, vec![text("scan", paused)]).await?, "paused");
    let users = done(manager, Task::Collect("users".to_owned()), vec![]).await;
    users.0?;
    let user = |status: &str| {
        let has = |row: &Row, text: &str| {
            row.iter().any(|it| match it {
                Value::Text(it) => it == text,
                Value::Texts(it) => it.iter().any(|it| it == text),
                _ => false,
            })
        };
        let may_change = |row: &&Row| {
            has(row, status) && has(row, "Labs") && !has(row, "Manager") && !has(row, "User Administrator")
        };
        let row = users.1.iter().find(may_change).with_context(|| format!("a user who is {status}"))?;
        match row.first() {
            Some(Value::Text(login)) => Ok(vec![text("user", login)]),
            _ => bail!("no user name: {row:?}"),
        }
    };
    let mut add: Vec<Setting> =
        ["first-name", "last-name", "title", "phone", "address", "city"].map(|it| text(it, "Any")).to_vec();
    add.extend([
        text("email", "any@acme.example"),
        text("country", "Germany"),
        text("role", "reader"),
        text("business-unit", "Labs"),
    ]);
    Ok(BTreeMap::from([
        ("launch-vm-scan", launch("Four")),
        (
            "launch-ec2-scan",
            vec![
                text("title", "Five"),
                text("option-profile", "EC2 quick"),
                text("connector", "prod"),
                text("region", "us-east-1"),
                text("scanner", "aws-us-east-1"),
                texts("instances", "i-0123456789abcdef0"),
            ],
        ),
        ("relaunch-vm-scan", vec![text("scan", other), text("scanner", "fra-scanner-1")]),
        ("cancel-scan", vec![text("scan", other)]),
        ("pause-scan", vec![text("scan", running)]),
        ("resume-scan", vec![text("scan", paused)]),
        ("launch-was-scan", vec![text("title", "Six"), text("web-application", "Blog")]),
        ("rescan-was", vec![text("was-scan", "7000352")]),
        ("add-user", add),
        ("deactivate-user", user("Active")?),
        ("activate-user", user("Inactive")?),
    ]))
}

/// What a check says: `Some` where it claims to know.
fn claimed(check: &AccessCheck) -> Option<bool> {
    match &check.result {
        Ok(Access::Granted) => Some(true),
        Err(CheckProblem::NotTried(NotTried::Refused)) => Some(false),
        Err(problem) if problem.is_refusal() => Some(false),
        _ => None,
    }
}

/// A row of the guide's table: its name, and the cell of each role.
fn guide(text: &str) -> BTreeMap<String, Vec<String>> {
    let lines = text.lines().skip_while(|it| !it.starts_with("| proof type or operation |")).skip(2);
    let rows = lines.take_while(|it| it.starts_with('|')).map(|it| {
        let mut cells = it.trim_matches('|').split('|').map(|it| it.trim().trim_matches('`').to_owned());
        (cells.next().unwrap_or_default(), cells.collect())
    });
    rows.collect()
}

async fn plugin() -> Result<Plugin> {
    let component = std::fs::read(env!("QUALYS_PLUGIN")).context("the plugin")?;
    Ok(Plugin::load(&Engine::new()?, &component, None).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_claims_nothing_that_differs_from_what_then_happens() -> Result<()> {
    let plugin = plugin().await?;
    let manifest = plugin.manifest();
    let guide = guide(&manifest.guide);
    let secrets = tempfile::tempdir()?;
    std::fs::write(secrets.path().join("password"), world().password)?;
    let names: Vec<&str> = manifest
        .proof_types
        .iter()
        .map(|it| it.name.as_str())
        .chain(manifest.operations.iter().map(|it| it.name.as_str()))
        .collect();
    for account in ACCOUNTS {
        let source = Simulator::start(world()).await?;
        let manager = connect(&plugin, &source, secrets.path(), "acme_manager").await?;
        let given = given(&source, &manager).await?;
        let connection = connect(&plugin, &source, secrets.path(), account.login).await?;
        let before = source.launched().len();
        let checks = run::check(&connection, &[], &SystemClock, &|_| {}).await?;
        assert_eq!(source.launched().len(), before, "a check changes nothing");
        assert_eq!(checks.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), names);
        for check in &checks {
            let (name, who) = (check.name.as_str(), account.login);
            let (task, criteria) = match check.kind {
                CheckedKind::Operation => {
                    let given = given.get(name).with_context(|| format!("what {name} is given"))?;
                    (Task::Operate(name.to_owned()), given.clone())
                }
                _ => (Task::Collect(name.to_owned()), vec![]),
            };
            let works = works(&connection, task, criteria).await.context(who)?;
            let claim = claimed(check);
            ensure!(
                claim.is_none_or(|it| it == works),
                "{who}, {name}: the check says {:?}, and it {}",
                check.result,
                if works { "works" } else { "is refused" }
            );
            ensure!(claim.is_some() || !check.remarks.is_empty(), "{who}, {name}: {:?}", check.result);
            ensure!(who != "acme_manager" || claim == Some(true), "a Manager may {name}: {:?}", check.result);
            let cell = COLUMNS.iter().position(|it| *it == who);
            if let Some(cell) = cell.and_then(|it| guide.get(name)?.get(it)) {
                let documented = !matches!(cell.as_str(), "no" | "role");
                assert_eq!(documented, works, "{who}, {name}: the guide says {cell}");
            }
        }
        source.stop().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_says_what_to_compare() -> Result<()> {
    let plugin = plugin().await?;
    let source = Simulator::start(world()).await?;
    let secrets = tempfile::tempdir()?;
    std::fs::write(secrets.path().join("password"), "wrong-one")?;
    let connection = connect(&plugin, &source, secrets.path(), "acme_reader").await?;
    let checks = run::check(&connection, &[], &SystemClock, &|_| {}).await?;
    let (first, others) = checks.split_first().context("checks")?;
    let portal = connection.portal("api").context("a console")?;
    ensure!(first.remarks.iter().any(|it| it.contains(portal)), "{:?}", first.remarks);
    let next = first.result.as_ref().err().and_then(CheckProblem::remedy).context("what to do")?.to_string();
    ensure!(next.contains("step 1 of the guide, Find the platform"), "{next}");
    for it in others {
        ensure!(matches!(it.result, Err(CheckProblem::NotTried(NotTried::Refused))), "{:?}", it.result);
    }
    assert_eq!(source.requests().len(), 1, "further ones could lock the account");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_account_itself_lacks_is_asked_once_and_names_its_step() -> Result<()> {
    let plugin = plugin().await?;
    let source = Simulator::start(world()).await?;
    let secrets = tempfile::tempdir()?;
    std::fs::write(secrets.path().join("password"), world().password)?;
    for (login, step) in [
        ("acme_new", "step 7 of the guide, Sign in once"),
        ("acme_expired", "step 2 of the guide, Create the user"),
        ("acme_inactive", "step 2 of the guide, Create the user"),
        ("acme_no_api", "step 2 of the guide, Create the user"),
        ("acme_sso", "step 3 of the guide, Switch SSO off for it"),
    ] {
        let before = source.requests().len();
        let connection = connect(&plugin, &source, secrets.path(), login).await?;
        let checks = run::check(&connection, &[], &SystemClock, &|_| {}).await?;
        let problem = checks.first().and_then(|it| it.result.as_ref().err()).context("a problem")?;
        let next = problem.remedy().context("what to do")?.to_string();
        ensure!(next.contains(step), "{login}: {next}");
        assert_eq!(source.requests().len() - before, 1, "{login}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_can_be_narrowed_and_a_wrong_name_is_known() -> Result<()> {
    let plugin = plugin().await?;
    let source = Simulator::start(world()).await?;
    let secrets = tempfile::tempdir()?;
    std::fs::write(secrets.path().join("password"), world().password)?;
    let connection = connect(&plugin, &source, secrets.path(), "acme_reader").await?;
    let wanted = ["add-user".to_owned(), "assets".to_owned()];
    let checks = run::check(&connection, &wanted, &SystemClock, &|_| {}).await?;
    let found: Vec<_> = checks.iter().map(|it| (it.name.as_str(), claimed(it))).collect();
    assert_eq!(found, [("assets", Some(true)), ("add-user", Some(false))]);
    let wrong = run::check(&connection, &["asets".to_owned()], &SystemClock, &|_| {}).await;
    assert_eq!(wrong.err().and_then(|it| it.nearest).as_deref(), Some("assets"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_a_slow_source_ends_soon() -> Result<()> {
    let plugin = plugin().await?;
    let source = Simulator::start(world()).await?;
    // It answers, and then sends nothing for an hour.
    let stall = Fault::StallAt { bytes: 10, lasting: Duration::from_secs(3_600) };
    source.faults().set([Rule::always(stall).on("/fo/scan/")]);
    let secrets = tempfile::tempdir()?;
    std::fs::write(secrets.path().join("password"), world().password)?;
    let connection = connect(&plugin, &source, secrets.path(), "acme_manager").await?;
    let begun = Instant::now();
    let checks = run::check(&connection, &[], &SystemClock, &|_| {}).await?;
    ensure!(begun.elapsed() < QUICK, "{:?}", begun.elapsed());
    ensure!(claimed(&checks[0]) == Some(true), "what came before is known: {:?}", checks[0].result);
    let last = checks.last().context("checks")?;
    ensure!(matches!(last.result, Err(CheckProblem::NotTried(NotTried::NoTime(_)))), "{:?}", last.result);
    Ok(())
}
