//! `exhibit certificates assign`: whose they are.

use clap::Args;
use exhibit::clock::{Clock as _, SystemClock};
use exhibit::format::counted;
use exhibit_inventory::{By, Entry, Item};

use super::super::arguments::Assignment;
use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{AssignedOutput, json};
use super::super::table::{self, Column};
use super::super::terminal::{Terminal, shown};
use super::super::wrap::wrap;
use super::columns::owned_label;
use super::list;
use super::opened::{InventoryArgs, Opened};
use super::selection::Selection;

/// So many are shown before they are changed: a glance.
const SHOWN: usize = 20;

const EXAMPLES: &str = "\
Examples:
  What would be changed:
    exhibit certificates assign --host www.example.com --put team='Web shop' --put email=web@example.com

  And change it:
    exhibit certificates assign --host www.example.com --put team='Web shop' --put email=web@example.com --confirm

  Its renewal is under way:
    exhibit certificates assign www.example.com --put renewal=https://tickets.example.com/4711 --confirm

People fill in: contact, email, team, environment, cost-centre, application, renewal, notes. No collection touches them.";

/// Who changes something.
#[derive(Debug, Args)]
pub(super) struct ByArgs {
    /// Who does it, as it is kept [default: the user of this machine]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl ByArgs {
    pub(super) fn person(&self, environment: &Environment) -> Result<String, Failure> {
        self.by.clone().or_else(|| environment.person.clone()).ok_or_else(|| {
            Failure::call("it is not known who does this, and that is kept").next("add --by NAME")
        })
    }

    /// The same where something is changed; else anybody may look.
    pub(super) fn person_if(&self, is_done: bool, environment: &Environment) -> Result<String, Failure> {
        if is_done { self.person(environment) } else { Ok("a reader".to_owned()) }
    }
}

/// Which certificates: by name, or all that are selected.
#[derive(Debug, Args)]
pub(super) struct Certificates {
    /// Certificates by name, identity, or the beginning of the fingerprint
    #[arg(value_name = "CERTIFICATE")]
    named: Vec<String>,
    #[command(flatten)]
    selection: Selection,
}

impl Certificates {
    pub(super) async fn items(&self, opened: &Opened) -> Result<Vec<Item>, Failure> {
        if self.named.is_empty() && !self.selection.is_given() {
            return Err(Failure::call("no certificates are named").next(
                "name some, or select them with --group, --owner, --no-owner, --host, --status or --expiring",
            ));
        }
        if !self.named.is_empty() && self.selection.is_given() {
            return Err(Failure::call("certificates are both named and selected")
                .next("name them, or select them, not both"));
        }
        if self.named.is_empty() {
            return list::all(opened, &self.selection).await;
        }
        let mut items = Vec::new();
        for named in &self.named {
            items.push(opened.inventory.show(named, opened.as_of).await?.item);
        }
        Ok(items)
    }
}

/// Enters who looks after certificates, and what else people know of them
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Assign {
    #[command(flatten)]
    certificates: Certificates,
    /// What to enter; may be given again
    #[arg(long, value_name = "FIELD=VALUE")]
    put: Vec<Assignment>,
    /// A field to empty; may be given again
    #[arg(long, value_name = "FIELD")]
    clear: Vec<String>,
    /// Change it; otherwise only show what would be changed
    #[arg(long)]
    confirm: bool,
    #[command(flatten)]
    by: ByArgs,
    #[command(flatten)]
    inventory: InventoryArgs,
}

impl Assign {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let put = self.put.iter().map(|it| Entry { field: it.name.clone(), value: Some(it.value.clone()) });
        let clear = self.clear.iter().map(|it| Entry { field: it.clone(), value: None });
        let entries: Vec<Entry> = put.chain(clear).collect();
        if entries.is_empty() {
            return Err(Failure::call("nothing is to be entered")
                .next("add --put FIELD=VALUE, such as --put team='Web shop', or --clear FIELD"));
        }
        let person = self.by.person_if(self.confirm, environment)?;
        let opened = self.inventory.open(environment).await?;
        // A field that there is not is refused before anything is shown as what would be done.
        opened.inventory.assign(&[], &entries, &By { person: person.clone(), at: 0 }).await?;
        let items = self.certificates.items(&opened).await?;
        let changed: Vec<&Item> = items.iter().filter(|it| is_changed(it, &entries)).collect();
        let identities: Vec<String> = changed.iter().map(|it| it.identity.clone()).collect();
        if self.confirm {
            let by = By { person: person.clone(), at: SystemClock.now() };
            opened.inventory.assign(&identities, &entries, &by).await?;
        }
        terminal.say(&match terminal.json() {
            true => json(&AssignedOutput {
                certificates: &identities,
                by: self.confirm.then_some(person.as_str()),
                is_done: self.confirm,
            })?,
            false => self.text(&items, &changed, &entries, terminal),
        });
        Ok(())
    }

    fn text(&self, items: &[Item], changed: &[&Item], entries: &[Entry], terminal: &Terminal) -> String {
        let of = counted(items.len() as u64, "certificate", "certificates");
        let verdict = match (changed.len(), self.confirm) {
            (0, _) => format!("Nothing is different: {of} selected."),
            (number, true) => format!("✔ {} of {of} changed.", exhibit::format::count(number as u64)),
            (number, false) => {
                let number = exhibit::format::count(number as u64);
                format!("{number} of {of} would be changed; --confirm changes them.")
            }
        };
        let mut parts = vec![wrap(&verdict, terminal.width())];
        if !self.confirm && !changed.is_empty() {
            let row = |item: &&&Item| {
                let change = entries.iter().filter(|it| value(item, it) != it.value.as_deref()).map(|it| {
                    let before = value(item, it).map_or_else(|| "–".to_owned(), shown);
                    let after = it.value.as_deref().map_or_else(|| "–".to_owned(), shown);
                    format!("{}: {before} → {after}", owned_label(&it.field))
                });
                vec![shown(&item.title), change.collect::<Vec<_>>().join("; ")]
            };
            let rows = changed.iter().take(SHOWN).map(|it| row(&it)).collect();
            parts.push(table::render(&["Certificate", "Change"].map(Column::new), rows, terminal.width()));
            if changed.len() > SHOWN {
                parts.push(format!("And {} more.", changed.len() - SHOWN));
            }
        }
        parts.join("\n\n")
    }
}

fn is_changed(item: &Item, entries: &[Entry]) -> bool {
    entries.iter().any(|it| value(item, it) != it.value.as_deref())
}

fn value<'a>(item: &'a Item, entry: &Entry) -> Option<&'a str> {
    item.owned.get(&entry.field).map(String::as_str)
}
