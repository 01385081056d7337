//! What the Qualys plugin says that an account may do, from reads alone, against what it is then let do here: for every account of
//! the simulator, and all that the manifest has. The guide's table of roles is held against the same.

#[expect(dead_code, reason = "what all tests of the plugin send; not all of it is needed here")]
mod plugin;

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use exhibit_plugin::collection::{
    Body, Effect, Job, Method, OperationOutcome, Request, Response, Step, Summary, Task,
};
use exhibit_plugin::types::{Setting, Value};
use exhibit_plugin::{Error, Row, Work, problem};
use exhibit_qualys::{Qualys, catalog};
use exhibit_simulator::{ACCOUNTS, Simulator, World};
use plugin::{send_as, text};

/// Nothing here takes more.
const STEPS: usize = 300;
/// The account of each column of the guide's table.
const COLUMNS: [&str; 7] =
    ["acme_manager", "acme_unit", "acme_admin", "acme_scanner", "acme_reader", "acme_auditor", "acme_remedy"];

/// What no read shows, of each account. A Scanner may launch scans and a Reader may not, and both may read the same.
const UNDECIDED: [&str; 8] = [
    "acme_unit: launch-ec2-scan",
    "acme_scanner: launch-vm-scan launch-ec2-scan relaunch-vm-scan cancel-scan pause-scan resume-scan",
    "acme_reader: launch-vm-scan launch-ec2-scan relaunch-vm-scan cancel-scan pause-scan resume-scan",
    "acme_agents: launch-vm-scan launch-ec2-scan relaunch-vm-scan cancel-scan pause-scan resume-scan add-user \
     deactivate-user activate-user",
    "acme_was: launch-vm-scan launch-ec2-scan relaunch-vm-scan cancel-scan pause-scan resume-scan launch-was-scan \
     rescan-was",
    "acme_was_read: launch-vm-scan launch-ec2-scan relaunch-vm-scan cancel-scan pause-scan resume-scan launch-was-scan \
     rescan-was",
    "acme_certs: launch-vm-scan launch-ec2-scan relaunch-vm-scan cancel-scan pause-scan resume-scan",
    "acme_unit_r: launch-vm-scan launch-ec2-scan relaunch-vm-scan cancel-scan pause-scan resume-scan add-user \
     deactivate-user activate-user",
];

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

fn texts(name: &str, value: &str) -> Setting {
    Setting { name: name.to_owned(), value: Value::Texts(vec![value.to_owned()]) }
}

/// An account at the simulator.
struct Client<'a> {
    simulator: &'a Simulator,
    login: &'a str,
}

impl Client<'_> {
    /// Sends a request with this `Authorization`, and gives status and body of the answer.
    async fn send(&self, request: &Request, authorization: &str) -> (u16, Vec<u8>) {
        let answer = send_as(self.simulator, request, authorization).await;
        let (head, body) = answer.expect("an answer");
        (head.status, body)
    }

    /// What signs the request, as a host does. `None` where no token is given.
    async fn sign(&self, request: &Request) -> Option<String> {
        let password = world().password;
        if request.auth.as_deref() != Some("token") {
            let pair = format!("{}:{password}", self.login);
            return Some(format!("Basic {}", BASE64_STANDARD.encode(pair)));
        }
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let form = vec![field("username", self.login), field("password", &password), field("token", "true")];
        let exchange = Request {
            method: Method::Post,
            path: "/auth".to_owned(),
            query: Vec::new(),
            body: Body::Form(form),
            ..request.clone()
        };
        let (status, token) = self.send(&exchange, "").await;
        (status == 201).then(|| format!("Bearer {}", String::from_utf8_lossy(&token)))
    }

    /// Does it, and gives what the session says at its end, and its rows.
    async fn run(&self, task: Task, criteria: Vec<Setting>) -> Result<(Summary, Vec<Row>), Error> {
        let reads = !matches!(task, Task::Operate(_));
        let id = (!reads).then(|| "of-the-test".to_owned());
        let settings = vec![text("platform", "US1")];
        let as_of = world().now;
        let job = Job { task, settings, criteria, window: None, since: None, as_of, id, checkpoint: None };
        let mut work = Work::open::<Qualys>(job)?;
        let mut rows = Vec::new();
        for _ in 0..STEPS {
            let request = match work.next()? {
                Step::Send(request) => request,
                Step::Wait(pause) => {
                    self.simulator.advance(Duration::from_secs(pause.seconds.into()));
                    work.waited();
                    continue;
                }
                Step::Finished(summary) => return Ok((summary, rows)),
            };
            assert!(!reads || matches!(request.effect, Effect::Read), "{}: {request:?}", self.login);
            let Some(authorization) = self.sign(&request).await else {
                return Err(problem::denied("no token"));
            };
            let (status, body) = self.send(&request, &authorization).await;
            work.accept(&Response { status, headers: Vec::new() })?;
            rows.extend(work.feed(&body)?.rows);
            rows.extend(work.end()?.rows);
        }
        panic!("{}: it does not end", self.login);
    }

    /// Whether it is done, and not refused for a right.
    async fn may(&self, task: Task, criteria: Vec<Setting>) -> bool {
        let what = format!("{}, {task:?}", self.login);
        match self.run(task, criteria).await {
            Ok((summary, rows)) => match summary.outcome {
                None | Some(OperationOutcome::Done) => true,
                Some(OperationOutcome::NotDone) => {
                    let said = format!("{rows:?}");
                    let of_a_right = ["licence or role", "no permission", "not authorized"];
                    assert!(of_a_right.iter().any(|it| said.contains(it)), "{what}: {said}");
                    false
                }
                Some(OperationOutcome::Unknown) => panic!("{what}: {rows:?}"),
            },
            Err(error) if is_refused(&error) => false,
            // The list of users shows no user names to some.
            Err(Error::Invalid(problem)) if problem.message.starts_with("no user is called") => false,
            Err(error) => panic!("{what}: {:?}", error.problem()),
        }
    }

    /// What reads show: whether the account may; `None` where they do not show it.
    async fn claimed(&self, name: &str) -> Option<bool> {
        match self.run(Task::Probe(name.to_owned()), vec![]).await {
            Err(error) if is_refused(&error) => return Some(false),
            Err(error) => panic!("{}, {name}: {:?}", self.login, error.problem()),
            Ok((summary, _)) if summary.outcome.is_some() => {
                assert!(!summary.notes.is_empty(), "{}, {name}: nothing to look at", self.login);
                return None;
            }
            Ok(_) => {}
        }
        // A host looks at the lists, too, that required parameters are looked up in.
        let manifest = catalog::manifest();
        let operation = manifest.operations.iter().find(|it| it.name == name);
        let required = operation.into_iter().flat_map(|it| &it.parameters).filter(|it| it.required);
        let required: Vec<&str> = required.map(|it| it.name.as_str()).collect();
        for lookup in &manifest.lookups {
            if lookup.parameters.iter().any(|it| required.contains(&it.as_str()))
                && !self.may(Task::LookUp(lookup.name.clone()), vec![]).await
            {
                return None;
            }
        }
        Some(true)
    }
}

fn is_refused(error: &Error) -> bool {
    matches!(error, Error::Denied(_) | Error::Unlicensed(_))
}

fn launch(title: &str) -> Vec<Setting> {
    vec![
        text("title", title),
        text("option-profile", "Initial Options"),
        text("scanner", "fra-scanner-1"),
        texts("addresses", "10.0.0.1-10.0.0.9"),
    ]
}

/// What each operation is given. Scans that suit it are launched before.
async fn given(manager: &Client<'_>) -> BTreeMap<&'static str, Vec<Setting>> {
    for title in ["One", "Two", "Three"] {
        assert!(manager.may(Task::Operate("launch-vm-scan".to_owned()), launch(title)).await);
    }
    manager.simulator.advance(Duration::from_secs(90));
    let scans: Vec<String> = manager.simulator.launched().into_iter().map(|it| it.reference).collect();
    let [running, other, paused] = scans.as_slice() else { panic!("three scans: {scans:?}") };
    assert!(manager.may(Task::Operate("pause-scan".to_owned()), vec![text("scan", paused)]).await);
    let (_, users) = manager.run(Task::Collect("users".to_owned()), vec![]).await.expect("users");
    let user = |status: &str| {
        let has = |row: &Row, text: &str| {
            row.iter().any(|it| match it {
                Value::Text(it) => it == text,
                Value::Texts(it) => it.iter().any(|it| it == text),
                _ => false,
            })
        };
        let suits = |row: &&Row| {
            has(row, status) && has(row, "Labs") && !has(row, "Manager") && !has(row, "User Administrator")
        };
        let row = users.iter().find(suits).expect("a user of the unit with this status");
        let Some(Value::Text(login)) = row.first() else { panic!("no user name: {row:?}") };
        vec![text("user", login)]
    };
    let any = ["first-name", "last-name", "title", "phone", "address", "city"].map(|it| text(it, "Any"));
    let add = [
        text("email", "any@acme.example"),
        text("country", "Germany"),
        text("role", "reader"),
        text("business-unit", "Labs"),
    ];
    BTreeMap::from([
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
        ("add-user", any.into_iter().chain(add).collect()),
        ("deactivate-user", user("Active")),
        ("activate-user", user("Inactive")),
    ])
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

#[tokio::test]
async fn nothing_that_reads_show_differs_from_what_then_happens() {
    let manifest = catalog::manifest();
    let guide = guide(&manifest.guide);
    let types = manifest.proof_types.iter().map(|it| Task::Collect(it.name.clone()));
    let all: Vec<Task> =
        types.chain(manifest.operations.iter().map(|it| Task::Operate(it.name.clone()))).collect();
    let mut undecided = Vec::new();
    for account in ACCOUNTS {
        let simulator = Simulator::start(world()).await.expect("it starts");
        let given = given(&Client { simulator: &simulator, login: "acme_manager" }).await;
        let client = Client { simulator: &simulator, login: account.login };
        let (mut may, mut unknown) = (Vec::new(), Vec::new());
        for task in &all {
            let (Task::Collect(name) | Task::Operate(name)) = task else { continue };
            let criteria = given.get(name.as_str()).cloned().unwrap_or_default();
            let claimed = client.claimed(name).await;
            let works = client.may(task.clone(), criteria).await;
            let who = account.login;
            assert!(
                claimed.is_none_or(|it| it == works),
                "{who}, {name}: reads show {claimed:?}, and it works: {works}"
            );
            let cell = COLUMNS.iter().position(|it| *it == who);
            if let Some(cell) = cell.and_then(|it| guide.get(name)?.get(it)) {
                let documented = !matches!(cell.as_str(), "no" | "role");
                assert_eq!(documented, works, "{who}, {name}: the guide says {cell}");
            }
            match claimed {
                Some(true) => may.push(name.as_str()),
                None => unknown.push(name.as_str()),
                Some(false) => {}
            }
        }
        let is_manager = account.login == "acme_manager";
        assert!(!is_manager || may.len() == all.len(), "a Manager may do everything: {may:?}");
        if !unknown.is_empty() {
            undecided.push(format!("{}: {}", account.login, unknown.join(" ")));
        }
    }
    assert_eq!(undecided, UNDECIDED);
}
