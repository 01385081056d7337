//! The Qualys plugin carries operations out here, over connections that are cut and in processes that end: whatever happens, a
//! launch is one scan or none, and what the report says of it is true.

mod plugin;

use std::time::Duration;

use exhibit_plugin::collection::{Effect, Job, Step, Task};
use exhibit_plugin::types::{Setting, Value};
use exhibit_plugin::{Row, Work};
use exhibit_qualys::{Qualys, catalog};
use exhibit_simulator::{Fault, Rule, Simulator, World};
use plugin::{job, send, text};

const SEEDS: u64 = 200;
/// No operation takes more.
const STEPS: usize = 300;

/// SplitMix64: the same seed, the same mishaps.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// One clock dates all of an answer, as at the real source.
fn world() -> World {
    World { rate_limit: 1_000_000, gzip: false, dated: true, ..World::default() }
}

fn texts(name: &str, values: &[&str]) -> Setting {
    let values = values.iter().map(|it| (*it).to_owned()).collect();
    Setting { name: name.to_owned(), value: Value::Texts(values) }
}

/// A report: its row, by the names of its fields, and the writes that were sent.
struct Report {
    row: Row,
    names: Vec<String>,
    writes: usize,
}

impl Report {
    fn cell(&self, name: &str) -> String {
        let at = self.names.iter().position(|it| it == name).expect("a field");
        match &self.row[at] {
            Value::Text(text) => text.clone(),
            Value::Texts(texts) => texts.join(" "),
            Value::Absent | Value::Empty => String::new(),
            other => format!("{other:?}"),
        }
    }
}

/// Carries it out as a host does: the checkpoint before a write is kept, and that it was sent. A process may end after any step;
/// the next one goes on from what was kept.
async fn carry_out(
    simulator: &Simulator,
    job: &Job,
    mut dies: impl FnMut() -> bool,
) -> Result<Report, String> {
    let open = |checkpoint: Option<Vec<u8>>| Work::open::<Qualys>(Job { checkpoint, ..job.clone() });
    let failed = |error: exhibit_plugin::Error| format!("{:?}", error.problem());
    let mut work = open(None).map_err(failed)?;
    let (mut rows, mut writes): (Vec<Row>, _) = (Vec::new(), 0);
    for _ in 0..STEPS {
        let kept = work.checkpoint();
        let step = work.next().map_err(failed)?;
        let request = match step {
            Step::Send(request) => request,
            Step::Wait(pause) => {
                simulator.advance(Duration::from_secs(pause.seconds.into()));
                work.waited();
                if dies() {
                    work = open(Some(kept)).map_err(failed)?;
                }
                continue;
            }
            Step::Finished(_) => {
                let Task::Operate(name) = &job.task else { panic!("an operation") };
                let manifest = catalog::manifest();
                let operation = manifest.operations.iter().find(|it| it.name == *name).expect("known");
                let names = operation.fields.iter().map(|it| it.name.clone()).collect();
                assert_eq!(rows.len(), 1);
                return Ok(Report { row: rows.remove(0), names, writes });
            }
        };
        let is_write = matches!(request.effect, Effect::Write(_));
        writes += usize::from(is_write);
        assert!(writes < 2, "a second write");
        let answer = send(simulator, &request).await;
        let died = dies();
        match answer {
            Some((head, body)) if !died || !is_write => {
                work.accept(&head).map_err(failed)?;
                let mut batch = work.feed(&body).map_err(failed)?.rows;
                batch.extend(work.end().map_err(failed)?.rows);
                if died {
                    // The rows were not kept, and the read is repeated.
                    work = open(Some(kept)).map_err(failed)?;
                } else {
                    rows.extend(batch);
                }
            }
            answer => {
                if died || answer.is_some() {
                    work = open(Some(kept)).map_err(failed)?;
                    work.next().map_err(failed)?;
                }
                work.interrupted();
            }
        }
    }
    panic!("no end after {STEPS} steps");
}

fn launch() -> Vec<Setting> {
    vec![
        text("title", "Weekly"),
        text("option-profile", "initial options"),
        texts("addresses", &["192.0.2.0/29", "203.0.113.7"]),
    ]
}

/// What goes wrong with a write.
fn mishap(dice: &mut Dice) -> Option<Fault> {
    Some(match dice.below(9) {
        0 => Fault::LoseRequest,
        1 => Fault::LoseAnswer,
        2 => Fault::ResetAt(dice.below(500)),
        3 => Fault::TruncateAt(dice.below(500)),
        4 => Fault::PageForAnswer { status: if dice.below(2) == 0 { 200 } else { 504 } },
        5 => Fault::BadGateway,
        6 => Fault::Html { status: 200 },
        7 => Fault::ServerError,
        _ => return None,
    })
}

/// Whether the request does not arrive, and is answered all the same: then it is not known whether it will be carried out.
fn is_taken(fault: Option<&Fault>) -> bool {
    matches!(fault, Some(Fault::BadGateway | Fault::Html { .. } | Fault::ServerError))
}

#[tokio::test]
async fn a_launch_whose_connection_is_cut_is_one_scan_or_none_and_the_report_is_true() {
    let mut outcomes = std::collections::BTreeMap::<String, u32>::new();
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let world = World { other_launches: u32::try_from(dice.below(3)).expect("small"), ..world() };
        let simulator = Simulator::start(world).await.expect("a free port");
        let fault = mishap(&mut dice);
        let lag = u32::try_from(dice.below(4)).expect("small");
        let mut rules = vec![Rule::times(lag, Fault::HideLaunched).on("/api/3.0/fo/scan/")];
        rules.extend(fault.clone().map(|fault| Rule::once(fault).on("/api/2.0/fo/scan/")));
        if dice.below(3) == 0 {
            rules.push(Rule::on_request(2, Fault::ResetAt(dice.below(400))).on("/api/3.0/fo/scan/"));
        }
        simulator.faults().set(rules);
        let deadly = dice.below(3) == 0;
        let id = format!("operation-number-{seed}");
        let job = job("launch-vm-scan", &id, &launch());
        let report = carry_out(&simulator, &job, || deadly && dice.below(5) == 0).await;
        let report = report.unwrap_or_else(|error| panic!("seed {seed}, {fault:?}: {error}"));
        let ours: Vec<_> = simulator.launched().into_iter().filter(|it| it.login == "acme_sim1").collect();
        let case = format!(
            "seed {seed}, {fault:?}, lag {lag}: {} {}",
            report.cell("outcome"),
            report.cell("message")
        );
        assert!(ours.len() < 2, "{case}");
        match (report.cell("outcome").as_str(), ours.as_slice()) {
            ("done", [scan]) => {
                assert_eq!(report.cell("reference"), scan.reference, "{case}");
                assert_eq!(report.cell("dropped-targets"), "203.0.113.7", "{case}");
            }
            ("not done", []) => assert_eq!(report.cell("reference"), "", "{case}"),
            // Something answered in the place of Qualys.
            ("unknown", []) => assert!(is_taken(fault.as_ref()), "{case}"),
            _ => panic!("{case}: {} launched", ours.len()),
        }
        assert_eq!(report.writes, 1, "{case}");
        *outcomes.entry(report.cell("outcome")).or_default() += 1;
    }
    assert!(outcomes["done"] > SEEDS as u32 / 4 && outcomes["not done"] > SEEDS as u32 / 16, "{outcomes:?}");
}

#[tokio::test]
async fn every_operation_is_carried_out() {
    let simulator = Simulator::start(world()).await.expect("a free port");
    let wait = Setting { name: "wait".to_owned(), value: Value::Boolean(true) };
    let alive = || false;
    let mut with_wait = launch();
    with_wait.push(wait.clone());
    let launched =
        carry_out(&simulator, &job("launch-vm-scan", "1", &with_wait), alive).await.expect("launched");
    assert_eq!(
        (launched.cell("outcome"), launched.cell("result")),
        ("done".to_owned(), "successful".to_owned())
    );
    let again = [text("scan", "weekly")];
    let again = carry_out(&simulator, &job("relaunch-vm-scan", "2", &again), alive).await.expect("launched");
    assert_eq!(again.cell("listed-targets"), "192.0.2.0-192.0.2.7");
    simulator.advance(Duration::from_secs(100));
    for (operation, state) in
        [("pause-scan", "Paused"), ("resume-scan", "Running"), ("cancel-scan", "Canceled")]
    {
        let scan = [text("scan", &again.cell("reference"))];
        let done = carry_out(&simulator, &job(operation, operation, &scan), alive).await.expect(operation);
        assert_eq!((done.cell("outcome").as_str(), done.cell("state").as_str()), ("done", state));
    }
    let ec2 = [
        text("title", "EC2"),
        text("option-profile", "EC2 quick"),
        text("connector", "prod"),
        text("region", "us-east-1"),
        texts("instances", &["i-01", "i-0dead02"]),
        text("scanner", "AWS-US-EAST-1"),
    ];
    let done = carry_out(&simulator, &job("launch-ec2-scan", "3", &ec2), alive).await.expect("launched");
    assert_eq!((done.cell("outcome").as_str(), done.cell("dropped-targets").as_str()), ("done", "i-0dead02"));
    let group = [
        text("title", "Office"),
        text("option-profile", "Initial Options"),
        texts("asset-groups", &["workstations"]),
        text("scanner", "fra-scanner-1"),
        text("priority", "5"),
    ];
    let done = carry_out(&simulator, &job("launch-vm-scan", "4", &group), alive).await.expect("launched");
    assert_eq!((done.cell("outcome").as_str(), done.cell("dropped-targets").as_str()), ("done", ""));
    let refused = [group[..3].to_vec(), vec![text("scanner", "fra-1")]].concat();
    let refused = carry_out(&simulator, &job("launch-vm-scan", "5", &refused), alive).await.err();
    assert!(refused.is_some_and(|it| it.contains("no scanner appliance is called")));
    let was = [
        text("title", "Portal"),
        text("web-application", "Customer portal"),
        text("was-option-profile", "deep & slow"),
        text("scanner", "fra-scanner-1"),
        wait,
    ];
    let done = carry_out(&simulator, &job("launch-was-scan", "8", &was), alive).await.expect("launched");
    assert_eq!((done.cell("outcome").as_str(), done.cell("results-status").as_str()), ("done", "SUCCESSFUL"));
    assert_eq!(
        (done.cell("option-profile").as_str(), done.cell("scanner").as_str()),
        ("Deep & slow", "fra-scanner-1")
    );
    let again = [text("was-scan", "portal")];
    let done = carry_out(&simulator, &job("rescan-was", "9", &again), alive).await.expect("launched");
    assert_eq!((done.cell("outcome").as_str(), done.cell("title").as_str()), ("done", "Portal [exhibit 9]"));
    let user = [
        text("first-name", "Nora"),
        text("last-name", "Unger"),
        text("title", "Auditor"),
        text("email", "nu@acme.example"),
        text("phone", "555 0100"),
        text("address", "1 Example Street"),
        text("city", "Frankfurt"),
        text("country", "Germany"),
        text("external-id", "N-1"),
        text("role", "reader"),
        text("business-unit", "labs"),
        texts("asset-groups", &["Workstations"]),
    ];
    let done = carry_out(&simulator, &job("add-user", "6", &user), alive).await.expect("added");
    assert_eq!((done.cell("outcome").as_str(), done.cell("status").as_str()), ("done", "Pending Activation"));
    assert_eq!(simulator.added_users()[0].login, done.cell("username"));
    assert!(
        carry_out(&simulator, &job("add-user", "7", &user), alive)
            .await
            .is_err_and(|it| it.contains("there already"))
    );
    assert_eq!(simulator.added_users().len(), 1);
}

#[tokio::test]
async fn a_web_application_is_scanned_once_or_not_at_all_and_the_report_is_true() {
    let operations = [
        ("launch-was-scan", vec![text("title", "Weekly"), text("web-application", "shop & CHECKOUT")]),
        ("rescan-was", vec![text("was-scan", "7000352")]),
    ];
    for seed in 0..SEEDS / 2 {
        let mut dice = Dice(seed);
        let other_launches = u32::try_from(dice.below(3)).expect("small");
        let world = World { other_launches, ..world() };
        let simulator = Simulator::start(world).await.expect("a free port");
        let fault = mishap(&mut dice);
        let lag = u32::try_from(dice.below(3)).expect("small");
        let mut rules: Vec<Rule> = Vec::new();
        for path in ["/launch/was/", "/scanagain/was/"] {
            rules.extend(fault.clone().map(|fault| Rule::once(fault).on(path)));
        }
        rules.push(Rule::times(lag, Fault::HideLaunched).on("/search/was/wasscan"));
        simulator.faults().set(rules);
        let deadly = dice.below(3) == 0;
        let (operation, parameters) = &operations[usize::try_from(seed % 2).expect("small")];
        let job = job(operation, &format!("operation-number-{seed}"), parameters);
        let report = carry_out(&simulator, &job, || deadly && dice.below(5) == 0).await;
        let report = report.unwrap_or_else(|error| panic!("seed {seed}, {operation}, {fault:?}: {error}"));
        let launched = simulator.launched_was();
        let ours = launched.iter().filter(|it| it.name == report.cell("title")).count();
        let case = format!(
            "seed {seed}, {operation}, {fault:?}, lag {lag}, others {other_launches}: {} {}",
            report.cell("outcome"),
            report.cell("message")
        );
        match (report.cell("outcome").as_str(), ours) {
            ("done", 1) => assert_ne!(report.cell("scan-id"), "", "{case}"),
            ("not done", 0) => assert_eq!(report.cell("scan-id"), "", "{case}"),
            ("unknown", 0) => assert!(is_taken(fault.as_ref()), "{case}"),
            _ => panic!("{case}: {ours} launched of {}", launched.len()),
        }
        assert_eq!(report.writes, 1, "{case}");
    }
}
