//! `exhibit evidence list`: what there is in a store.

use clap::Args;
use exhibit::clock::{Clock as _, DAY, SystemClock};
use exhibit::contract::types::Instant;
use exhibit::evidence::{format_instant, parse_instant};
use exhibit::format::{count, counted};
use exhibit::store::{Interval, Location, Package, State};
use exhibit_records::{EvidenceAdded, Outcomes, ProvenTime};

use super::super::arguments;
use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{ListedOutput, json};
use super::super::table::{Column, render};
use super::super::terminal::{Terminal, shown};
use super::super::wrap::wrap;

const EXAMPLES: &str = "\
Examples:
  exhibit evidence list evidence
  exhibit evidence list evidence --type users --all
  exhibit evidence list evidence --json | jq '.[] | select(.state == \"stale\")'";

/// Lists the evidence in a store, and says what of it is stale or superseded
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct List {
    /// The store: a folder, or an address such as s3://bucket/evidence
    #[arg(value_name = "STORE")]
    store: Location,
    /// Of this proof type alone
    #[arg(long = "type", value_name = "TYPE")]
    proof_type: Option<String>,
    /// What is superseded or pruned, too
    #[arg(long)]
    all: bool,
    /// The instant that counts as now [default: now]
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    as_of: Option<Instant>,
}

impl List {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let open = self.store.store(&environment.object_stores).await?;
        let now = self.as_of.unwrap_or_else(|| SystemClock.now());
        let catalog = open.catalog()?;
        let is_asked =
            |it: &&Package| self.proof_type.as_ref().is_none_or(|name| *name == it.kept.proof_type);
        let of_type: Vec<&Package> = catalog.packages().iter().filter(is_asked).collect();
        let stands = |it: &&&Package| matches!(it.state(now), State::Current | State::Stale | State::Missing);
        let listed: Vec<&Package> = of_type.iter().filter(|it| self.all || stands(it)).copied().collect();
        terminal.say(&if terminal.json() {
            json(&listed.iter().map(|it| ListedOutput::new(it, now)).collect::<Vec<_>>())?
        } else {
            wrap(&text(&listed, of_type.len() - listed.len(), now, terminal), terminal.width())
        });
        Ok(())
    }
}

fn text(listed: &[&Package], others: usize, now: Instant, terminal: &Terminal) -> String {
    let mut text = if listed.is_empty() {
        "No evidence matches.".to_owned()
    } else {
        let headings = ["Evidence", "From", "Covers", "Rows", "Tests", "State"];
        let columns = headings.map(|it| Column::new(it).numeric(it == "Rows"));
        render(&columns, listed.iter().map(|it| cells(it, now)).collect(), terminal.width())
    };
    if others > 0 {
        let others = counted(others as u64, "superseded or pruned proof", "superseded or pruned proofs");
        text.push_str(&format!("\n\nNot shown: {others}; --all shows them."));
    }
    text
}

fn cells(it: &Package, now: Instant) -> Vec<String> {
    let kept = &it.kept;
    vec![
        shown(&kept.evidence),
        from(kept),
        covers(it),
        format!("{}{}", count(kept.rows), if kept.complete == Some(false) { " (incomplete)" } else { "" }),
        it.tests().map_or_else(|| "–".to_owned(), outcomes),
        state(it, now),
    ]
}

/// From where, and since which proof, where it has only what changed.
fn from(kept: &EvidenceAdded) -> String {
    match (&kept.since, &kept.predecessor) {
        (Some(since), Some(predecessor)) => shown(&format!(
            "{}; changes since {}; predecessor {}",
            kept.label,
            short(since),
            predecessor.evidence
        )),
        _ => shown(&kept.label),
    }
}

/// The window of events, or the instant of a state, as people say them.
fn covers(it: &Package) -> String {
    let kept = &it.kept;
    let span = |start: &str, end: &str| shown(&format!("{} to before {}", short(start), short(end)));
    match (it.proves, Interval::of(it), &kept.window) {
        (Some(ProvenTime::Events), Ok(proven), _) => {
            span(&format_instant(proven.start), &format_instant(proven.end))
        }
        (Some(ProvenTime::State), _, _) => format!("as of {}", shown(&short(&kept.as_of))),
        (_, _, Some(window)) => format!("not known ({})", span(&window.start, &window.end)),
        (_, _, None) => "not known".to_owned(),
    }
}

/// A whole day by its date; other instants to the minute.
pub(super) fn short(instant: &str) -> String {
    match instant.split_once('T') {
        Some((day, "00:00:00Z")) => day.to_owned(),
        Some((day, time)) => format!("{day} {}", time.get(..5).unwrap_or(time)),
        None => instant.to_owned(),
    }
}

fn state(it: &Package, now: Instant) -> String {
    let kept = &it.kept;
    match (it.state(now), &kept.expires) {
        (State::Pruned, _) => match &it.pruned {
            Some(pruned) => shown(&format!("pruned {}: {}", short(&pruned.at), pruned.why)),
            None => "pruned".to_owned(),
        },
        (State::Missing, _) => "✘ missing from the store".to_owned(),
        (State::Superseded, _) => {
            shown(&format!("superseded by {}", it.superseded_by.as_deref().unwrap_or_default()))
        }
        (State::Stale, Some(expires)) => format!("✘ stale since {}", short(expires)),
        (State::Current, Some(expires)) => match left(expires, now) {
            Some(days) => format!("✔ good for {}", counted(days, "day", "days")),
            None => "✔ good".to_owned(),
        },
        (_, None) => "✔ good, without an end".to_owned(),
    }
}

/// What tests came to: the worst first.
pub(super) fn outcomes(it: Outcomes) -> String {
    let said =
        [("✘", it.failed, "failed"), ("?", it.inconclusive, "inconclusive"), ("✔", it.passed, "passed")];
    let said: Vec<String> = said
        .iter()
        .filter(|(_, number, _)| *number > 0)
        .map(|(mark, number, what)| format!("{mark} {number} {what}"))
        .collect();
    said.join(", ")
}

/// Whole days until then.
fn left(expires: &str, now: Instant) -> Option<u64> {
    u64::try_from((parse_instant(expires)? - now) / DAY).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_as_short_as_they_can_be() {
        assert_eq!(short("2026-11-01T00:00:00Z"), "2026-11-01");
        assert_eq!(short("2026-11-01T08:30:59.123Z"), "2026-11-01 08:30");
        assert_eq!(short("?"), "?");
    }
}
