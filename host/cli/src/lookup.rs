//! `exhibit lookup`: what can be chosen at the source, by name.

use clap::Args;
use exhibit::clock::SystemClock;
use exhibit::collect::{CollectError, Limits};
use exhibit::contract::Manifest;
use exhibit::contract::catalog::Lookup;
use exhibit::contract::types::Row;
use exhibit::run::{self, LookUpFailure};

use super::arguments::{self, Assignment};
use super::cells::cell;
use super::connection::ConnectionArgs;
use super::environment::Environment;
use super::failure::Failure;
use super::output::{LookupOutput, json};
use super::signals::Stop;
use super::table::{self, Column};
use super::terminal::{Terminal, shown, shown_lines};
use super::watch::Watch;
use super::wrap::wrap;

const EXAMPLES: &str = "\
Examples:
  exhibit lookup
  exhibit lookup scanners --set platform=US2 \\
    --secret username=env:API_USERNAME --secret password=env:API_PASSWORD";

/// Lists what can be chosen at the source, such as scanners by name; reads only, and keeps nothing
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct LookUp {
    /// What to list; without it, what can be listed
    #[arg(value_name = "NAME")]
    lookup: Option<String>,
    #[command(flatten)]
    connection: ConnectionArgs,
    /// What narrows the list down
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<Assignment>,
}

impl LookUp {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        terminal: &Terminal,
        stop: &Stop,
    ) -> Result<(), Failure> {
        let Some(name) = &self.lookup else {
            let plugin = self.connection.plugin(environment).await?;
            terminal.say(&list(plugin.manifest(), terminal)?);
            return Ok(());
        };
        let connection = self.connection.connect(environment, terminal).await?;
        let criteria = match connection.plugin().manifest().lookup(name) {
            Some(lookup) => arguments::settings(&lookup.criteria, &self.with).map_err(CollectError::from)?,
            None => vec![],
        };
        let watch = Watch::collecting(terminal, name, stop);
        let limits = Limits::default();
        let found = run::look_up(&connection, name, criteria, &limits, &SystemClock, &watch).await;
        drop(watch);
        let found = found.map_err(|error| match error {
            error @ LookUpFailure::NoLookup { .. } => {
                Failure::call(error).next("`exhibit lookup` says what each of them lists")
            }
            LookUpFailure::Collection(error) => Failure::from(error).during(format!("looking up {name}")),
            error => Failure::call(error),
        })?;
        if found.is_cut {
            terminal.warn("there are more than are listed: narrow the list down with --with");
        }
        for it in &found.rejected {
            terminal.warn(&format!("{} is left out: {}", shown(&it.subject), shown(&it.reason)));
        }
        terminal.say(&match terminal.json() {
            true => json(&LookupOutput::new(found.lookup, &found.rows, &found.notes))?,
            false => text(found.lookup, &found.rows, &found.notes, terminal.width()),
        });
        Ok(())
    }
}

fn text(lookup: &Lookup, rows: &[Row], notes: &[String], width: Option<u16>) -> String {
    let notes = || notes.iter().map(|it| format!("\nNote: {}", shown_lines(it))).collect::<String>();
    if rows.is_empty() {
        return wrap(&format!("{}: none.{}", shown(&lookup.label), notes()), width);
    }
    let places = exhibit_rows::shown_fields(lookup.fields.iter().map(|it| it.shown));
    let columns: Vec<Column> = places
        .iter()
        .filter_map(|&it| lookup.fields.get(it))
        .map(|it| Column::new(shown(&it.label)))
        .collect();
    let cells = rows.iter().map(|row| places.iter().filter_map(|&it| row.get(it)).map(cell).collect());
    let mut text = table::render(&columns, cells.collect(), width);
    let value = lookup.fields.iter().find(|it| it.name == lookup.value);
    if let Some(value) = value.filter(|_| !lookup.parameters.is_empty()) {
        let parameters = lookup.parameters.join(", ");
        let takes = format!("\n\n{}: the value of {}", shown(&value.label), shown(&parameters));
        text += &wrap(&takes, width);
    }
    text + &wrap(&notes(), width)
}

fn list(manifest: &Manifest, terminal: &Terminal) -> Result<String, Failure> {
    if terminal.json() {
        let all = manifest.lookups.iter().map(|it| LookupOutput::new(it, &[], &[]));
        return Ok(json(&all.collect::<Vec<_>>())?);
    }
    if manifest.lookups.is_empty() {
        return Ok("The plugin has no lookups.".to_owned());
    }
    let columns = ["Lookup", "What it lists", "For", "Needs"].map(Column::new);
    let row = |it: &Lookup| {
        vec![shown(&it.name), shown(&it.label), shown(&it.parameters.join(", ")), shown(&it.needs.join("; "))]
    };
    Ok(table::render(&columns, manifest.lookups.iter().map(row).collect(), terminal.width()))
}
