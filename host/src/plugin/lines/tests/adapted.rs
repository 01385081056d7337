//! Plugins of the line 0.1, by the line's adapter: they give what they gave when 0.1 was today's line, and what the line
//! cannot say is not guessed.

use std::path::Path;

use anyhow::{Context as _, ensure};
use serde_json::Value as Json;

use crate::contract::catalog::ProvenTime;
use crate::contract::collection::{Batch, Job, Request, Response, Step, Summary, Task};
use crate::contract::testing::{Observation, Report, Test};
use crate::contract::types::{Error, Row, Setting, Value};
use crate::evidence::Encoder;
use crate::plugin::{Engine, Plugin, PluginError};

use super::super::v0_1::V0_1;
use super::{frozen, root};

/// 2026-11-01T00:00:00Z: when the evidence was collected, as it says.
const AS_OF: i64 = 1_793_491_200_000;
/// As a body comes from the network: rows are cut in two by it.
const CHUNK: usize = 4 << 10;
/// Pages that no test here has.
const STEPS: usize = 20;

/// All that a plugin gave.
#[derive(Debug)]
struct Run {
    requests: Vec<Request>,
    batches: Vec<Batch>,
    summary: Summary,
    observed: Observation,
    reports: Vec<Report>,
}

impl Run {
    fn rows(&self) -> Vec<Row> {
        self.batches.iter().flat_map(|it| it.rows.clone()).collect()
    }
}

/// Collects with these bodies as answers, and tests the rows.
async fn run(plugin: &Plugin, job: &Job, tests: &[Test], answers: &[Vec<u8>]) -> anyhow::Result<Run> {
    let Task::Collect(proof_type) = &job.task else { anyhow::bail!("{:?} gives no rows to test", job.task) };
    let (mut requests, mut batches) = (vec![], vec![]);
    let mut session = plugin.open(job).await?;
    let mut summary = None;
    for _ in 0..STEPS {
        match session.next().await? {
            Step::Send(it) => requests.push(it),
            Step::Finished(it) => {
                summary = Some(it);
                break;
            }
            Step::Wait(it) => anyhow::bail!("it waits: {it:?}"),
        }
        let answer = answers.get(requests.len() - 1).context("another request")?;
        let head = Response { status: 200, headers: vec![] };
        // At first the answer breaks off, and the same is asked for again.
        session.accept(&head).await?;
        session.feed(&answer[..answer.len() / 2]).await?;
        session.interrupted().await?;
        ensure!(matches!(session.next().await?, Step::Send(it) if Some(&it) == requests.last()));
        session.accept(&head).await?;
        for chunk in answer.chunks(CHUNK) {
            batches.push(session.feed(chunk).await?);
        }
        batches.push(session.end().await?);
        let checkpoint = session.checkpoint().await?;
        if !checkpoint.is_empty() {
            // Another session goes on from here, as another process would.
            session = plugin.open(&Job { checkpoint: Some(checkpoint), ..job.clone() }).await?;
        }
    }

    let mut tester = plugin.tester(proof_type, tests, job.as_of).await?;
    let fields = tester.fields().to_vec();
    let known = &plugin.manifest().proof_type(proof_type).context("a proof type")?.fields;
    let columns: Vec<usize> =
        fields.iter().filter_map(|name| known.iter().position(|it| it.name == *name)).collect();
    let looked_at = |row: &Row| columns.iter().map(|it| row[*it].clone()).collect();
    let rows: Vec<Row> = batches.iter().flat_map(|it| &it.rows).map(looked_at).collect();
    let observed = tester.observe(&rows).await?;
    let reports = tester.finish().await?;
    Ok(Run { requests, batches, summary: summary.context("it does not end")?, observed, reports })
}

async fn adapted(component: &[u8]) -> anyhow::Result<Plugin> {
    Ok(Plugin::load_as(&Engine::new()?, component, None, &[&V0_1]).await?)
}

fn job(proof_type: &str, settings: Vec<Setting>) -> Job {
    Job {
        task: Task::Collect(proof_type.to_owned()),
        settings,
        criteria: vec![],
        window: None,
        since: None,
        as_of: AS_OF,
        id: None,
        checkpoint: None,
    }
}

#[tokio::test]
async fn the_plugin_that_was_written_by_hand_gives_its_row() -> anyhow::Result<()> {
    let plugin = adapted(&frozen()?).await?;
    let run = run(&plugin, &job("things", vec![]), &[], &[b"a thing".to_vec()]).await?;
    assert_eq!(run.rows(), [[Value::Text("a thing".to_owned())]]);
    assert_eq!((run.summary.pages, run.summary.rows), (1, 1));
    assert_eq!((run.summary.repeated_keys, run.summary.window), (None, None), "it does not say");
    Ok(())
}

/// A file of the evidence of format 2 that was collected by the program of its time.
fn of_old_evidence(name: &str) -> anyhow::Result<Vec<u8>> {
    let file = root().join("tests/fixtures/evidence/format-2/assets").join(name);
    let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
    let packed = Path::new(name).extension().is_some_and(|it| it == "zst");
    Ok(if packed { zstd::decode_all(bytes.as_slice())? } else { bytes })
}

/// The bodies of its answers, in their order.
fn old_answers() -> anyhow::Result<Vec<Vec<u8>>> {
    let index = String::from_utf8(of_old_evidence("answers/index.ndjson")?)?;
    let mut answers = vec![];
    for line in index.lines() {
        let answer: Json = serde_json::from_str(line)?;
        if let Some(file) = answer["file"].as_str() {
            answers.push(of_old_evidence(&format!("answers/{file}"))?);
        }
    }
    Ok(answers)
}

/// The plugin of old evidence was built against 0.1.0, so it is what an adapter is for.
#[tokio::test]
#[cfg_attr(debug_assertions, ignore = "without optimisation, compiling this plugin takes most of a minute")]
async fn the_plugin_of_old_evidence_gives_what_was_kept() -> anyhow::Result<()> {
    let plugin = adapted(&of_old_evidence("plugin.wasm.zst")?).await?;
    let assets = plugin.manifest().proof_type("assets").context("assets")?.clone();
    let kept: Json = serde_json::from_slice(&of_old_evidence("proof.json")?)?;
    let setting = |name: &str, value| Setting { name: name.to_owned(), value };
    let settings = vec![
        setting("platform", Value::Text("US2".to_owned())),
        setting("page-size", Value::Integer(kept["job"]["settings"][2]["value"].as_i64().context("a size")?)),
    ];
    let job = job("assets", settings);
    let run = run(&plugin, &job, &assets.suggested, &old_answers()?).await?;

    let (mut rows, encoder) = (Vec::new(), Encoder::new(&assets.fields));
    for row in run.rows() {
        encoder.row(&row, &mut rows)?;
    }
    assert_eq!(String::from_utf8(rows)?, String::from_utf8(of_old_evidence("rows.ndjson.zst")?)?);
    assert_eq!(run.requests.len(), 3);
    let counts = &kept["completeness"];
    assert_eq!(
        (Some(run.summary.duplicates), Some(run.summary.rows)),
        (counts["duplicates"].as_u64(), counts["kept"].as_u64())
    );
    let notes: Vec<String> = serde_json::from_value(kept["notes"].clone())?;
    assert_eq!(run.summary.notes, notes);
    // As rich as an adapter needs to be tried: findings, and tests that pass and fail.
    assert!(!run.observed.findings.is_empty());
    let tested: Json = serde_json::from_slice(&of_old_evidence("tests/0001/run.json")?)?;
    let outcomes = tested["tests"].as_array().context("tests")?.iter().map(|it| it["failed"].as_u64());
    assert_eq!(
        run.reports.iter().map(|it| Some(it.failed)).collect::<Vec<_>>(),
        outcomes.collect::<Vec<_>>()
    );

    // The line says what a window is held against, and not what it proves.
    assert_eq!(assets.window.map(|it| it.proves), Some(ProvenTime::Nothing));
    let users = plugin.manifest().proof_type("users").context("users")?;
    assert_eq!(users.window, None);

    let unknown = setting("unheard-of", Value::Boolean(true));
    let wrong = Job { settings: [job.settings.clone(), vec![unknown]].concat(), ..job };
    let refused = plugin.open(&wrong).await.map(drop);
    assert!(matches!(&refused, Err(PluginError::Said(Error::Invalid(_)))), "{refused:?}");
    Ok(())
}
