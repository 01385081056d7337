//! How sessions begin: what is taken, and what is refused.

use exhibit::checks::{Fault, Verdict};
use exhibit::contract::collection::{Effect, Job, Request, Step, Task};
use exhibit::contract::types::{Error, Setting, Value};
use exhibit::http::{Origin, OriginSource, Origins, build};
use exhibit::plugin::{Plugin, PluginError};

/// A name that no plugin has a setting or criterion of.
const UNKNOWN: &str = "no-such-name";
/// Where an origin is whose address the settings do not tell.
const SOMEWHERE: &str = "https://origin.invalid";

fn unknown() -> Setting {
    Setting { name: UNKNOWN.to_owned(), value: Value::Text("x".to_owned()) }
}

/// How something that makes no sense was taken, where it was not refused as the contract says.
pub(super) fn taken<T>(outcome: Result<T, PluginError>) -> Option<String> {
    match outcome {
        Err(PluginError::Said(Error::Invalid(_))) => None,
        Err(PluginError::Said(_)) => Some("is refused, but not as `invalid`".to_owned()),
        Err(error) => Some(format!("fails: {error}")),
        Ok(_) => Some("is accepted".to_owned()),
    }
}

/// An unknown setting, and one that is missing.
pub(super) async fn refuses_settings(plugin: &Plugin, settings: &[Setting]) -> Verdict {
    let next = "check settings against the manifest, and answer `invalid`: a slip of the pen must not change a proof";
    let mut faults = Vec::new();
    let mut strange = settings.to_vec();
    strange.push(unknown());
    let resolved = taken(plugin.resolve(&strange).await);
    faults.extend(resolved.map(|how| Fault::new(format!("`resolve`: an unknown setting {how}"), next)));
    if let Some(proof) = plugin.manifest().proof_types.first() {
        let job = |settings: &[Setting]| Job {
            task: Task::Collect(proof.name.clone()),
            settings: settings.to_vec(),
            criteria: vec![],
            window: None,
            since: None,
            as_of: super::synthetic::AS_OF,
            id: None,
            checkpoint: None,
        };
        let opened = taken(plugin.open(&job(&strange)).await);
        faults.extend(opened.map(|how| Fault::new(format!("`open`: an unknown setting {how}"), next)));
        let needed = plugin.manifest().settings.iter().find(|it| it.required && it.default.is_none());
        if let Some(needed) = needed {
            let lacking: Vec<Setting> =
                settings.iter().filter(|it| it.name != needed.name).cloned().collect();
            let opened = taken(plugin.open(&job(&lacking)).await);
            let what = |how| format!("`open`: a job without the required setting `{}` {how}", needed.name);
            faults.extend(opened.map(|how| Fault::new(what(how), next)));
        }
    }
    Verdict::of(faults, "unknown and missing ones")
}

/// A collection and a probe of a proof type begin with a request that may be sent.
pub(super) async fn begins(plugin: &Plugin, job: &Job) -> Verdict {
    let mut faults = Vec::new();
    let name = job.task.name();
    for (work, task) in [("collect", Task::Collect(name.to_owned())), ("probe", Task::Probe(name.to_owned()))]
    {
        let job = Job { task, ..job.clone() };
        if let Err(fault) = first_request(plugin, &job).await {
            faults.push(Fault { what: format!("{work}: {}", fault.what), ..fault });
        }
        let mut strange = job.clone();
        strange.criteria.push(unknown());
        let next = "check criteria against the manifest, and answer `invalid`";
        let opened = taken(plugin.open(&strange).await);
        faults.extend(opened.map(|how| Fault::new(format!("{work}: an unknown criterion {how}"), next)));
    }
    Verdict::of(faults, "collect and probe")
}

async fn first_request(plugin: &Plugin, job: &Job) -> Result<(), Fault> {
    let said = |error: PluginError| {
        Fault::new(error.to_string(), "open a job of this proof type with these settings")
    };
    let mut session = plugin.open(job).await.map_err(said)?;
    let request = match session.next().await.map_err(said)? {
        Step::Send(request) => request,
        Step::Wait(_) => return Ok(()),
        Step::Finished(_) => {
            return Err(Fault::new("it finishes without a request", "ask the source for the proof"));
        }
    };
    if !matches!(session.next().await.map_err(said)?, Step::Send(again) if again == request) {
        return Err(Fault::new(
            "two calls of `next` in a row give different steps",
            "change nothing in `next`",
        ));
    }
    sendable(plugin, job, &request).await.map_err(|what| {
        Fault::new(
            format!("its request would be refused: {what}"),
            "see `request` in the contract's collection.wit",
        )
    })
}

/// The host would send it.
async fn sendable(plugin: &Plugin, job: &Job, request: &Request) -> Result<(), String> {
    let mut origins = Origins::new();
    for origin in plugin.resolve(&job.settings).await.map_err(|error| error.to_string())? {
        let url = origin.url.as_deref().unwrap_or(SOMEWHERE);
        // One that is no address is said where the origins are looked at.
        let parsed = Origin::parse(url, OriginSource::ByPlugin)
            .or_else(|_| Origin::parse(SOMEWHERE, OriginSource::ByPlugin));
        origins.insert(origin.name, parsed.map_err(|error| error.to_string())?);
    }
    build(&origins, request).map_err(|error| error.to_string())?;
    match &request.auth {
        Some(auth) if plugin.manifest().auth(auth).is_none() => {
            return Err(format!("it is to be signed with {auth:?}, which the manifest does not have"));
        }
        _ => {}
    }
    match request.effect {
        Effect::Read => Ok(()),
        Effect::Write(_) => Err("it would change something at the source".to_owned()),
    }
}
