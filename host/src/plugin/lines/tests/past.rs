//! A plugin of a line whose types are not today's, in one host with a plugin of today.

use anyhow::{bail, ensure};

use crate::contract::collection::{Job, Method, Response, Step, Task};
use crate::contract::types::{Error, Value};
use crate::plugin::{Engine, LoadError, Plugin, PluginError};

use super::super::v0_1::V0_1;
use super::super::{LINES, Line};
use super::made_up::MadeUp;
use super::{component, frozen, root};

const BOTH: &[&dyn Line] = &[&V0_1, &MadeUp];

fn of_the_past() -> anyhow::Result<Vec<u8>> {
    let folder = root().join("host/src/plugin/lines/tests/made-up");
    component(&folder.join("plugin.wat"), &folder)
}

fn job(task: Task) -> Job {
    Job {
        task,
        settings: vec![],
        criteria: vec![],
        window: None,
        since: None,
        as_of: 0,
        id: None,
        checkpoint: None,
    }
}

/// From its manifest to its end: the rows.
async fn rows(plugin: &Plugin) -> anyhow::Result<Vec<Vec<Value>>> {
    let origins = plugin.resolve(&[]).await?;
    ensure!(origins.len() == 1 && origins[0].url.as_deref() == Some("https://api.example"), "{origins:?}");
    let mut session = plugin.open(&job(Task::Collect("things".to_owned()))).await?;
    match session.next().await? {
        Step::Send(it) => {
            ensure!((it.method, it.path.as_str(), &it.origin) == (Method::Get, "/things", &origins[0].name));
        }
        other => bail!("{other:?} instead of a request"),
    }
    session.accept(&Response { status: 200, headers: vec![] }).await?;
    let mut rows = session.feed(b"a thing").await?.rows;
    rows.extend(session.end().await?.rows);
    match session.next().await? {
        Step::Finished(it) => ensure!((it.pages, it.rows) == (1, rows.len() as u64), "{it:?}"),
        other => bail!("{other:?} instead of the end"),
    }
    Ok(rows)
}

#[tokio::test]
async fn plugins_of_two_lines_run_side_by_side() -> anyhow::Result<()> {
    let engine = Engine::new()?;
    let past = Plugin::load_as(&engine, &of_the_past()?, None, BOTH).await?;
    let today = Plugin::load_as(&engine, &frozen()?, None, BOTH).await?;
    assert_eq!((past.line().as_str(), today.line().as_str()), ("0.0.9", "0.1"));

    let text = |it: &str| Value::Text(it.to_owned());
    // What the line has as `none` is not said: absent, and not empty.
    assert_eq!(rows(&past).await?, [[text("a thing"), Value::Absent]]);
    assert_eq!(rows(&today).await?, [[text("a thing")]]);
    Ok(())
}

#[tokio::test]
async fn what_a_line_of_the_past_has_not_is_refused_as_today_s_would() -> anyhow::Result<()> {
    let plugin = Plugin::load_as(&Engine::new()?, &of_the_past()?, None, BOTH).await?;
    let said = |error| match error {
        PluginError::Said(Error::Invalid(it)) => it.message,
        other => format!("{other:?}"),
    };
    let probe = plugin.open(&job(Task::Probe("things".to_owned()))).await.map(drop).map_err(said);
    assert_eq!(probe, Err("it only collects".to_owned()));
    let tester = plugin.tester("things", &[], 0).await.map(drop).map_err(said);
    assert_eq!(tester, Err("plugins of the line 0.0.9 test nothing".to_owned()));
    Ok(())
}

#[tokio::test]
async fn without_its_adapter_it_is_too_old() -> anyhow::Result<()> {
    match Plugin::load_as(&Engine::new()?, &of_the_past()?, None, LINES).await {
        Err(LoadError::TooOld { found, line, runs }) => {
            assert_eq!((found.as_str(), line.as_str(), runs.as_str()), ("0.0.9", "0.0.9", "0.1 and 0.2"));
            Ok(())
        }
        other => bail!("{other:?}"),
    }
}
