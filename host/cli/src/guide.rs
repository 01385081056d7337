//! `exhibit guide`: how an account at the source is set up for a plugin.

use clap::Args;

use super::connection::PluginArgs;
use super::environment::Environment;
use super::failure::Failure;
use super::output::{GuideOutput, json};
use super::table::{self, Column};
use super::terminal::{Terminal, shown_lines};
use super::wrap::wrap;

/// Says how an account at the source is set up for collecting, step by step
#[derive(Debug, Args)]
pub(super) struct Guide {
    #[command(flatten)]
    plugin: PluginArgs,
}

impl Guide {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let plugin = self.plugin.load(environment).await?;
        let guide = plugin.manifest().guide.trim();
        if guide.is_empty() && !terminal.json() {
            return Err(Failure::call(format!("the plugin `{}` brings no guide", plugin.manifest().id))
                .next("`exhibit types` says which rights each proof type needs"));
        }
        terminal.say(&match terminal.json() {
            true => json(&GuideOutput { guide })?,
            false => rendered(&shown_lines(guide), terminal.width()),
        });
        Ok(())
    }
}

/// CommonMark as wide as a terminal. `None`: as it is, for programs that read it.
fn rendered(guide: &str, width: Option<u16>) -> String {
    if width.is_none() {
        return guide.to_owned();
    }
    let lines: Vec<&str> = guide.lines().collect();
    let parts = lines.chunk_by(|one, next| is_row(one) == is_row(next));
    let part = |lines: &[&str]| match lines {
        [heading, rule, rows @ ..] if is_row(heading) && is_rule(rule) => {
            let columns: Vec<Column> = cells(heading).into_iter().map(Column::new).collect();
            table::render(&columns, rows.iter().map(|it| cells(it)).collect(), width)
        }
        lines => wrap(&lines.join("\n"), width),
    };
    parts.map(part).collect::<Vec<_>>().join("\n")
}

fn is_row(line: &str) -> bool {
    line.trim_start().starts_with('|')
}

/// What is between the heading of a table and its rows.
fn is_rule(line: &str) -> bool {
    is_row(line) && line.chars().all(|it| "|-: ".contains(it))
}

fn cells(row: &str) -> Vec<String> {
    row.trim().trim_matches('|').split('|').map(|it| it.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = "\
# Guide

1. A step that says what is to be done, in more words than fit into a line.

| For | It needs |
| --- | --- |
| `assets` | the module, and a role that may see all hosts of the unit |";

    #[test]
    fn it_fits_the_terminal_and_is_as_it_is_for_programs() {
        insta::assert_snapshot!(rendered(GUIDE, Some(40)), @"
        # Guide

        1. A step that says what is to be done,
           in more words than fit into a line.

        For       It needs
        ────────────────────────────────────────
        `assets`  the module, and a role that
                  may see all hosts of the
                  unit
        ");
        assert_eq!(rendered(GUIDE, None), GUIDE);
    }
}
