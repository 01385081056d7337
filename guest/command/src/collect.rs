//! Collects one proof: its rows to standard output, all else to standard error.

mod collector;
mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::Write;
use std::rc::Rc;

use exhibit_plugin::Work;
use exhibit_plugin::collection::{Job, Task};
use exhibit_plugin::types::{Instant, Window};
use exhibit_plugin::{Arguments, Plugin};
use exhibit_signing::Origin;

use self::collector::{Collector, Open};
use crate::answers::Recording;
use crate::arguments::{self, Collect};
use crate::clock::{Clock, this_second};
use crate::exit;
use crate::failure::Failure;
use crate::network::{Network, Signing, Wire};
use crate::secrets;
use crate::settings;
use crate::table::Table;
use crate::transport::Transport;

/// Collects the ordered proof into `out`. Returns the exit code.
pub(crate) fn run<P: Plugin>(
    order: &Collect,
    clock: Rc<dyn Clock>,
    wire: impl Wire + 'static,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let manifest = P::manifest();
    let proof_type = arguments::proof_type(&manifest, &order.proof_type)?;
    let as_of = order.as_of.unwrap_or_else(|| this_second(&*clock));
    let job = Job {
        task: Task::Collect(proof_type.name.clone()),
        settings: settings::read(&manifest.settings, &order.set)?,
        criteria: settings::read(&proof_type.criteria, &order.with)?,
        window: window(order.from, order.to, as_of, this_second(&*clock))?,
        since: None,
        as_of,
        id: None,
        checkpoint: None,
    };
    let transport: Box<dyn Transport> = if let Some(folder) = &order.answers {
        Box::new(Recording::open(folder)?)
    } else {
        let signing = if order.signer {
            Signing::InFront
        } else {
            Signing::Here(secrets::places(&manifest, &order.secrets)?)
        };
        Box::new(Network::new(wire, &manifest, origins::<P>(order, &job)?, signing, Rc::clone(&clock)))
    };
    let open: Open = Box::new(move |checkpoint| Work::open::<P>(Job { checkpoint, ..job.clone() }));
    let table =
        if order.csv { Table::csv(&proof_type.fields, out)? } else { Table::lines(&proof_type.fields, out) };
    let mut collector = Collector::new(open, transport, table, &*clock, (order.max_wait, order.max_time))?;
    let outcome = collector.run();
    let outcome = outcome.map_err(|failure| failure.after(collector.written()))?;
    report::print(&outcome);
    Ok(exit::OK)
}

/// The origins that the settings resolve to, replaced by those of the command line.
fn origins<P: Plugin>(order: &Collect, job: &Job) -> Result<BTreeMap<String, Origin>, Failure> {
    let settings = Arguments::check("setting", &P::manifest().settings, job.settings.clone())?;
    let resolved = P::resolve(&settings)?;
    let known: Vec<&str> = resolved.iter().map(|it| it.name.as_str()).collect();
    for name in order.origins.iter().map(|(name, _)| name).chain(&order.plain_http) {
        if !known.contains(&name.as_str()) {
            return Err(Failure::call(format!("unknown origin `{name}`: choose from {}", known.join(", "))));
        }
    }
    let mut origins = BTreeMap::new();
    for origin in &resolved {
        let given = order.origins.iter().rfind(|(name, _)| *name == origin.name).map(|(_, url)| url);
        let plain_http = given.is_some() && order.plain_http.contains(&origin.name);
        if let Some(url) = given.or(origin.url.as_ref()) {
            let parsed = Origin::parse(url, plain_http).map_err(|why| {
                Failure::call(format!("the origin `{}` cannot be used: {why}", origin.name))
            })?;
            origins.insert(origin.name.clone(), parsed);
        }
    }
    Ok(origins)
}

/// The window between the two, where either is given. One that is open at its end reaches to
/// `as_of`.
fn window(
    from: Option<Instant>,
    to: Option<Instant>,
    as_of: Instant,
    now: Instant,
) -> Result<Option<Window>, Failure> {
    if from.is_some_and(|it| it >= now) {
        return Err(Failure::call("the window begins in the future: nothing of it has happened yet"));
    }
    match (from, to) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Failure::call("--to needs --from, the beginning of the window")),
        (Some(start), to) => match to.unwrap_or(as_of) {
            end if start < end => Ok(Some(Window { start, end })),
            _ => Err(Failure::call(
                "the window is empty: --from must be before --to, or before --as-of where there is no --to",
            )),
        },
    }
}
