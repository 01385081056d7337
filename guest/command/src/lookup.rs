//! Lists what can be chosen at the source, by name. Reads alone, and keeps nothing.

use std::io::Write;
use std::rc::Rc;

use exhibit_plugin::catalog::{Lookup, Manifest};
use exhibit_plugin::collection::{Job, Task};
use exhibit_plugin::types::Row;
use exhibit_plugin::{Plugin, Work};
use exhibit_rows::{Shown, shown_fields};

use crate::arguments::LookUp;
use crate::blanking::Blanking;
use crate::clock::{Clock, this_second};
use crate::collector::{Collector, Open};
use crate::connection;
use crate::ended::{Ended, Permit};
use crate::exit;
use crate::failure::{Failure, written};
use crate::network::Wire;
use crate::settings;
use crate::sink::Sink;
use crate::text::{aligned, value};

/// A person looks through them, and narrows a longer list down.
const MAX_ROWS: usize = 10_000;

/// Lists the ordered lookup into `out`. Returns the exit code.
pub(crate) fn run<P: Plugin>(
    order: &LookUp,
    clock: Rc<dyn Clock>,
    wire: impl Wire + 'static,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let manifest = P::manifest();
    let Some(name) = &order.lookup else {
        written(out.write_all(list(&manifest).as_bytes()))?;
        return Ok(exit::OK);
    };
    let lookup = manifest.lookups.iter().find(|it| it.name == *name).ok_or_else(|| {
        let known: Vec<&str> = manifest.lookups.iter().map(|it| it.name.as_str()).collect();
        Failure::call(format!("unknown lookup `{name}`: choose from {}", known.join(", ")))
            .next("`lookup` says what each of them lists")
    })?;
    let job = Job {
        task: Task::LookUp(lookup.name.clone()),
        settings: settings::read(&manifest.settings, &order.connect.set)?,
        criteria: settings::read(&lookup.criteria, &order.with)?,
        window: None,
        since: None,
        as_of: this_second(&*clock),
        id: None,
        checkpoint: None,
    };
    let origins = connection::origins::<P>(&order.connect, &job.settings)?;
    let secrets = connection::secrets(&order.connect, &manifest)?;
    let network = connection::network(wire, &manifest, origins, secrets, Rc::clone(&clock));
    let mut network = Blanking::new(network, &lookup.blanked);
    let open: Open = Box::new(move |checkpoint| Work::open::<P>(Job { checkpoint, ..job.clone() }));
    let mut listed = Listed::default();
    let times = (order.max_wait, None);
    let ended = Collector::new(open, &mut network, &mut listed, &*clock, Permit::Read, times)?.run()?;
    if let Ended::Finished(outcome) = ended {
        for it in &outcome.rejections {
            eprintln!("{} is left out: {}", Shown::line(&it.subject), Shown::line(&it.reason));
        }
        written(out.write_all(text(lookup, &listed, &outcome.summary.notes).as_bytes()))?;
    }
    Ok(exit::OK)
}

fn list(manifest: &Manifest) -> String {
    if manifest.lookups.is_empty() {
        return "The plugin has no lookups.\n".to_owned();
    }
    let line =
        |it: &Lookup| vec![it.name.clone(), it.label.clone(), format!("for: {}", it.parameters.join(", "))];
    aligned(&manifest.lookups.iter().map(line).collect::<Vec<_>>())
}

fn text(lookup: &Lookup, listed: &Listed, notes: &[String]) -> String {
    let places = shown_fields(lookup.fields.iter().map(|it| it.shown));
    let labels = places.iter().filter_map(|it| lookup.fields.get(*it)).map(|it| it.label.clone()).collect();
    let cells = |row: &Row| places.iter().filter_map(|it| row.get(*it)).map(value).collect();
    let lines: Vec<Vec<String>> = std::iter::once(labels).chain(listed.rows.iter().map(cells)).collect();
    let mut text = match listed.rows.len() {
        0 => format!("{}: none.\n", lookup.label),
        _ => aligned(&lines),
    };
    let column = lookup.fields.iter().find(|it| it.name == lookup.value);
    if let Some(column) = column.filter(|_| !lookup.parameters.is_empty() && !listed.rows.is_empty()) {
        text.push_str(&format!("\n{}: the value of {}\n", column.label, lookup.parameters.join(", ")));
    }
    if listed.is_cut {
        text.push_str("\nThere are more than are listed: narrow the list down with --with.\n");
    }
    text.extend(notes.iter().map(|it| format!("\nNote: {}\n", Shown::lines(it))));
    text
}

/// Rows of whole answers.
#[derive(Default)]
struct Listed {
    rows: Vec<Row>,
    /// How many of them are of whole answers.
    whole: usize,
    is_cut: bool,
}

impl Sink for Listed {
    fn rows(&mut self, rows: &[Row]) -> Result<(), Failure> {
        let room = MAX_ROWS - self.rows.len();
        self.is_cut |= rows.len() > room;
        self.rows.extend(rows.iter().take(room).cloned());
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.whole = self.rows.len();
        Ok(())
    }

    fn abandon(&mut self) -> bool {
        self.rows.truncate(self.whole);
        true
    }

    fn count(&self) -> u64 {
        self.whole as u64
    }
}
