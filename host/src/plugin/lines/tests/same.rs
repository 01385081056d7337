//! A plugin of the line 0.1, by today's way and by the line's adapter: it gives the same.

use std::path::Path;

use anyhow::{Context as _, ensure};
use serde_json::Value as Json;

use crate::contract::catalog::{Manifest, Origin};
use crate::contract::collection::{Batch, Job, Request, Response, Step, Summary, Task};
use crate::contract::testing::{Observation, Operand, Report, Test};
use crate::contract::types::{Row, Setting, Value};
use crate::plugin::{Engine, Plugin, PluginError};

use super::super::newest::Newest;
use super::super::v0_1::V0_1;
use super::{frozen, root};

/// 2026-11-01T00:00:00Z: when the evidence was collected, as it says.
const AS_OF: i64 = 1_793_491_200_000;
/// As a body comes from the network: rows are cut in two by it.
const CHUNK: usize = 4 << 10;
/// Pages that no test here has.
const STEPS: usize = 20;

/// All that a plugin gave.
#[derive(Debug, PartialEq)]
struct Run {
    manifest: Manifest,
    origins: Vec<Origin>,
    requests: Vec<Request>,
    batches: Vec<Batch>,
    checkpoints: Vec<Vec<u8>>,
    summary: Summary,
    fields: Vec<String>,
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
    let (mut requests, mut batches, mut checkpoints) = (vec![], vec![], vec![]);
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
        checkpoints.push(session.checkpoint().await?);
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
    Ok(Run {
        manifest: (**plugin.manifest()).clone(),
        origins: plugin.resolve(&job.settings).await?,
        requests,
        batches,
        checkpoints,
        summary: summary.context("it does not end")?,
        fields,
        observed,
        reports,
    })
}

/// The plugin by today's way and by the adapter. It is compiled once.
async fn both_ways(component: &[u8]) -> anyhow::Result<[Plugin; 2]> {
    let (engine, cache) = (Engine::new()?, tempfile::tempdir()?);
    let cache = Some(cache.path());
    let today = Plugin::load_as(&engine, component, cache, &[&Newest]).await?;
    let adapted = Plugin::load_as(&engine, component, cache, &[&V0_1]).await?;
    Ok([today, adapted])
}

fn job(proof_type: &str, settings: Vec<Setting>) -> Job {
    Job {
        task: Task::Collect(proof_type.to_owned()),
        settings,
        criteria: vec![],
        window: None,
        as_of: AS_OF,
        checkpoint: None,
    }
}

#[tokio::test]
async fn the_plugin_that_was_written_by_hand_gives_the_same_through_the_adapter() -> anyhow::Result<()> {
    let [today, adapted] = both_ways(&frozen()?).await?;
    let thing = || vec![b"a thing".to_vec()];
    let run_of = async |plugin| run(plugin, &job("things", vec![]), &[], &thing()).await;
    let (today, adapted) = (run_of(&today).await?, run_of(&adapted).await?);
    assert_eq!(today.rows(), [[Value::Text("a thing".to_owned())]]);
    assert_eq!(today, adapted);
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
async fn the_plugin_of_old_evidence_gives_the_same_through_the_adapter() -> anyhow::Result<()> {
    let [today, adapted] = both_ways(&of_old_evidence("plugin.wasm.zst")?).await?;
    let tests = today.manifest().proof_type("assets").context("assets")?.suggested.clone();
    let kept: Json = serde_json::from_slice(&of_old_evidence("proof.json")?)?;
    let setting = |name: &str, value| Setting { name: name.to_owned(), value };
    let settings = vec![
        setting("platform", Value::Text("US2".to_owned())),
        setting("page-size", Value::Integer(kept["job"]["settings"][2]["value"].as_i64().context("a size")?)),
    ];
    let job = job("assets", settings);
    let answers = old_answers()?;
    let (run_of_today, run_of_adapted) =
        (run(&today, &job, &tests, &answers).await?, run(&adapted, &job, &tests, &answers).await?);

    // As rich as an adapter needs to be tried: rows, findings, and tests that pass and fail.
    assert_eq!(Some(run_of_today.rows().len() as u64), kept["rows"].as_u64());
    assert_eq!(run_of_today.requests.len(), 3);
    assert!(!run_of_today.observed.findings.is_empty());
    assert!(tests.iter().any(|it| it.cases[0].conditions[0].operand != Operand::None));
    assert_eq!(run_of_today, run_of_adapted);

    // And it refuses the same.
    let unknown = setting("unheard-of", Value::Boolean(true));
    let wrong = Job { settings: [job.settings.clone(), vec![unknown]].concat(), ..job };
    let refusal = async |plugin: &Plugin| match plugin.open(&wrong).await {
        Err(PluginError::Said(error)) => Ok(error),
        other => Err(anyhow::anyhow!("{other:?}")),
    };
    assert_eq!(refusal(&today).await?, refusal(&adapted).await?);
    Ok(())
}
