//! `exhibit certificates show`: one of them, and where each value comes from.

use std::collections::BTreeSet;

use clap::Args;
use exhibit_inventory::{AsOf, Known, OWNED, Shown, Status};

use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{ShownItemOutput, json};
use super::super::table::{self, Column};
use super::super::terminal::{Terminal, shown, shown_lines};
use super::super::wrap::wrap;
use super::columns::{day, left, mark, owned_label, short, text};
use super::opened::{InventoryArgs, Opened};

const EXAMPLES: &str = "\
Examples:
  exhibit certificates show www.example.com
  exhibit certificates show 3f9a1c0b77de --history";

/// Shows one certificate: how it stands, whose it is, and with --history where each value comes from
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Show {
    /// Its name, its identity, or the beginning of its fingerprint, as `exhibit certificates list` shows it
    #[arg(value_name = "CERTIFICATE")]
    certificate: String,
    /// Of each value also its source, its evidence and when it was seen, and who changed what
    #[arg(long)]
    history: bool,
    #[command(flatten)]
    inventory: InventoryArgs,
}

impl Show {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let opened = self.inventory.open(environment).await?;
        let found = opened.inventory.show(&self.certificate, opened.as_of).await?;
        terminal.say(&match terminal.json() {
            true => json(&ShownItemOutput::from(&found))?,
            false => self.text(&found, &opened, terminal),
        });
        Ok(())
    }

    fn text(&self, found: &Shown, opened: &Opened, terminal: &Terminal) -> String {
        let width = terminal.width();
        let mut parts = vec![wrap(&verdict(found, opened.as_of), width)];
        let item = &found.item;
        let mut rows = vec![
            vec!["Identity".to_owned(), shown(&item.identity)],
            vec!["Group".to_owned(), shown(&item.group)],
        ];
        let owned = OWNED.into_iter().filter_map(|it| Some((it, item.owned.get(it)?)));
        rows.extend(owned.map(|(field, value)| vec![owned_label(field).to_owned(), shown_lines(value)]));
        let fields = || opened.inventory.mapping().fields.iter().map(|it| it.0.as_str());
        if !self.history {
            let values = fields()
                .filter_map(|it| Some(vec![shown(opened.label(it)), shown(&text(item.values.get(it)?))]));
            rows.extend(values);
        }
        parts.push(table::render(&["What", "Value"].map(Column::new), rows, width));
        if self.history {
            parts.push(history(found, fields(), opened, width));
            if !found.entries.is_empty() {
                let rows = found.entries.iter().map(|it| {
                    let value = it.value.as_deref().map_or_else(|| "(taken back)".to_owned(), shown);
                    vec![day(it.at), shown(&it.by), owned_label(&it.field).to_owned(), value]
                });
                let columns = ["When", "Who", "What", "Value"].map(Column::new);
                parts.push(table::render(&columns, rows.collect(), width));
            }
        } else if let Some(last) = last(found) {
            parts.push(wrap(&last, width));
        }
        parts.join("\n\n")
    }
}

/// How it stands, and what follows from that.
fn verdict(found: &Shown, as_of: AsOf) -> String {
    let item = &found.item;
    let title = shown(&item.title);
    let ends = item.ends.map_or_else(
        || "it states no end".to_owned(),
        |it| match it < as_of.now {
            true => format!("it ended on {}, {}", day(it), left(it, as_of)),
            false => format!("it ends on {}, {} left", day(it), left(it, as_of)),
        },
    );
    let state = format!("{} {title} is {}", mark(item.status), item.status.word());
    match (item.status, &item.successor) {
        (Status::Replaced, Some(successor)) => format!("{state} by {}; {ends}.", shown(successor)),
        (Status::NotSeen, _) => {
            let last = item.last_seen.map_or_else(String::new, |it| format!(", last seen on {}", day(it)));
            let runs = exhibit::format::counted(item.missed as u64, "whole run", "whole runs");
            format!("{state}: {runs} did not show it{last}; {ends}.")
        }
        _ => format!("{state}: {ends}."),
    }
}

/// Every value that was ever known, the one that counts first, and where it comes from.
fn history<'a>(
    found: &Shown,
    fields: impl Iterator<Item = &'a str>,
    opened: &Opened,
    width: Option<u16>,
) -> String {
    let sources: BTreeSet<&str> = found.facts.values().flatten().map(|it| it.source.as_str()).collect();
    let mut headings = vec!["What", "Value", "First seen", "Last seen", "Evidence"];
    if sources.len() > 1 {
        headings.push("Source");
    }
    let row = |field: &str, it: &Known| {
        let mut cells = vec![
            shown(opened.label(field)),
            shown(&text(&it.value)),
            day(it.first.at),
            day(it.last.at),
            short(&it.last.evidence),
        ];
        if sources.len() > 1 {
            cells.push(shown(&it.source));
        }
        cells
    };
    let rows = fields.filter_map(|field| Some((field, found.facts.get(field)?)));
    let rows = rows.flat_map(|(field, known)| known.iter().map(move |it| (field, it)));
    let columns: Vec<Column> = headings.into_iter().map(Column::new).collect();
    let table = table::render(&columns, rows.map(|(field, it)| row(field, it)).collect(), width);
    let from: Vec<String> = sources.into_iter().map(shown).collect();
    format!("{table}\n\nFrom {}. `exhibit state show` says where the evidence is.", from.join(", "))
}

/// The latest evidence that shows it.
fn last(found: &Shown) -> Option<String> {
    let known = found.facts.values().flatten().max_by_key(|it| it.last.at)?;
    Some(format!(
        "Last seen on {} by {}, in the evidence {}; --history says it of each value.",
        day(known.last.at),
        shown(&known.source),
        shown(&known.last.evidence)
    ))
}
