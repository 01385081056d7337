//! Collects one proof: its rows to standard output, all else to standard error.

mod report;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::rc::Rc;

use exhibit_plugin::Plugin;
use exhibit_plugin::Work;
use exhibit_plugin::collection::{Job, Task};
use exhibit_plugin::types::{Instant, Window};

use crate::answers::Recording;
use crate::arguments::{self, Collect};
use crate::blanking::Blanking;
use crate::clock::{Clock, this_second};
use crate::collector::{Collector, Open};
use crate::connection;
use crate::ended::{Ended, Permit};
use crate::exit;
use crate::failure::Failure;
use crate::network::Wire;
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
        settings: settings::read(&manifest.settings, &order.connect.set)?,
        criteria: settings::read(&proof_type.criteria, &order.with)?,
        window: window(order.from, order.to, as_of, this_second(&*clock))?,
        since: None,
        as_of,
        id: None,
        checkpoint: None,
    };
    let mut transport: Box<dyn Transport> = if let Some(folder) = &order.answers {
        Box::new(Recording::open(folder)?)
    } else {
        let origins = connection::origins::<P>(&order.connect, &job.settings)?;
        let secrets = connection::secrets(&order.connect, &manifest)?;
        let network = connection::network(wire, &manifest, origins, secrets, Rc::clone(&clock));
        Box::new(Blanking::new(network, &proof_type.blanked))
    };
    let open: Open = Box::new(move |checkpoint| Work::open::<P>(Job { checkpoint, ..job.clone() }));
    let mut table =
        if order.csv { Table::csv(&proof_type.fields, out)? } else { Table::lines(&proof_type.fields, out) };
    let times = (order.max_wait, order.max_time);
    let mut collector = Collector::new(open, &mut *transport, &mut table, &*clock, Permit::Read, times)?;
    let ended = collector.run().map_err(|failure| failure.after(collector.written()))?;
    if let Ended::Finished(outcome) = ended {
        report::print(&outcome);
    }
    Ok(exit::OK)
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
