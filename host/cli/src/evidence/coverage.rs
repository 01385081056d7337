//! `exhibit evidence coverage`: which times are proven.

use std::collections::BTreeMap;

use clap::Args;
use exhibit::clock::{Clock as _, SystemClock};
use exhibit::contract::types::Instant;
use exhibit::evidence::{format_instant, parse_instant};
use exhibit::format::counted;
use exhibit::store::{self, Interval, Location, NoTime, Package};

use super::super::arguments;
use super::super::done::Done;
use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{CoverageOutput, UncountedOutput, json};
use super::super::terminal::{Terminal, shown};
use super::list::short;
use super::timeline;

/// A line that is no longer than this is taken in at a glance.
const CELLS: usize = 72;

const EXAMPLES: &str = "\
Examples:
  exhibit evidence coverage evidence vm-scans --from 2026-01-01 --to 2027-01-01
  exhibit evidence coverage evidence users --from 2026-10-01 --to 2027-01-01 --json

Evidence of events, as of scans, covers its window. Evidence of a state, as of users, covers the time until it
is stale, as far as that is over; so does one that a window filters, as of assets. `exhibit types TYPE` says which it is. Superseded
and pruned evidence does not count. Exit code 1: there are gaps.";

/// Says which times a proof type is proven for: windows, gaps, overlaps
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Coverage {
    /// The store: a folder, or an address such as s3://bucket/evidence
    #[arg(value_name = "STORE")]
    store: Location,
    /// The proof type
    #[arg(value_name = "TYPE")]
    proof_type: String,
    /// Where the time begins that should be proven
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    from: Instant,
    /// Where it ends: the first instant that no longer belongs to it
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    to: Instant,
    /// The instant that counts as now: nothing after it is proven [default: now]
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    as_of: Option<Instant>,
}

/// What is known of one connection and what it was narrowed down to.
struct Group<'a> {
    label: &'a str,
    coverage: store::Coverage,
    uncounted: Vec<(&'a str, NoTime)>,
    /// Since when none of it is good any more.
    stale_since: Option<Instant>,
}

/// What stands of one connection, before it is laid over a span of time.
#[derive(Default)]
struct Pieces<'a> {
    intervals: Vec<Interval>,
    uncounted: Vec<(&'a str, NoTime)>,
    /// Until when each of them is good; `None` without an end.
    expiries: Vec<Option<Instant>>,
}

impl Pieces<'_> {
    /// Since when none of it is good any more.
    fn stale_since(&self, now: Instant) -> Option<Instant> {
        let expiries: Option<Vec<Instant>> = self.expiries.iter().copied().collect();
        expiries?.into_iter().max().filter(|it| *it <= now)
    }
}

impl Group<'_> {
    fn output(&self) -> CoverageOutput<'_> {
        let uncounted = self.uncounted.iter();
        let uncounted = uncounted.map(|(evidence, why)| UncountedOutput { evidence, why: why.to_string() });
        CoverageOutput::new(self.label, &self.coverage, uncounted.collect(), self.stale_since)
    }
}

impl Coverage {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<Done, Failure> {
        if self.from >= self.to {
            return Err(Failure::call("--to is not after --from").next("name an instant after --from"));
        }
        let open = self.store.store(&environment.object_stores).await?;
        let catalog = open.catalog()?;
        let now = self.as_of.unwrap_or_else(|| SystemClock.now());
        let groups = self.groups(catalog.packages(), now);
        if groups.is_empty() {
            let known: std::collections::BTreeSet<&str> =
                catalog.packages().iter().map(|it| it.kept.proof_type.as_str()).collect();
            let known: Vec<&str> = known.into_iter().collect();
            let next = match known.as_slice() {
                [] => format!("collect some: exhibit collect {} --store …", shown(&self.proof_type)),
                known => format!("name one of: {}", shown(&known.join(", "))),
            };
            return Err(
                Failure::call(format!("the store has no evidence of `{}`", self.proof_type)).next(next)
            );
        }
        terminal.say(&if terminal.json() {
            json(&groups.iter().map(Group::output).collect::<Vec<_>>())?
        } else {
            let texts: Vec<String> = groups.iter().map(|it| self.text(it, now, terminal)).collect();
            texts.join("\n\n")
        });
        let gaps = groups.iter().any(|it| it.coverage.gaps().next().is_some());
        Ok(if gaps { Done::NotPassed } else { Done::Well })
    }

    /// One for each connection and what it was narrowed down to, in the order of their labels.
    fn groups<'a>(&self, packages: &'a [Package], now: Instant) -> Vec<Group<'a>> {
        let mut pieces: BTreeMap<(&str, String), Pieces<'_>> = BTreeMap::new();
        for package in packages.iter().filter(|it| it.kept.proof_type == self.proof_type) {
            let of = pieces.entry((&package.kept.label, package.kept.about.to_string())).or_default();
            if package.pruned.is_none() && package.superseded_by.is_none() {
                of.expiries.push(package.kept.expires.as_deref().and_then(parse_instant));
                match Interval::of(package).and_then(|it| it.until(now)) {
                    Ok(interval) => of.intervals.push(interval),
                    Err(why) => of.uncounted.push((&package.kept.evidence, why)),
                }
            }
        }
        let group = |((label, _), pieces): ((&'a str, String), Pieces<'a>)| Group {
            label,
            coverage: store::Coverage::of(&pieces.intervals, self.from, self.to),
            stale_since: pieces.stale_since(now),
            uncounted: pieces.uncounted,
        };
        pieces.into_iter().map(group).collect()
    }

    fn text(&self, group: &Group<'_>, now: Instant, terminal: &Terminal) -> String {
        let coverage = &group.coverage;
        let cells = terminal.width().map_or(CELLS, usize::from).min(CELLS);
        let (from, to) = (short(&format_instant(self.from)), short(&format_instant(self.to)));
        let mut text = format!(
            "{} {}: {}\n{}\n{}",
            shown(&self.proof_type),
            shown(group.label),
            percent(coverage),
            timeline::draw(&coverage.intervals, cells),
            timeline::ends(&from, &to, cells)
        );
        for (mark, what, intervals) in [
            ("✘", "gap", coverage.gaps().collect::<Vec<_>>()),
            ("▓", "overlap", coverage.overlaps().collect()),
        ] {
            for it in intervals {
                let (start, end) = (short(&format_instant(it.start)), short(&format_instant(it.end)));
                let by = if it.evidence.is_empty() {
                    String::new()
                } else {
                    format!(": {}", shown(&it.evidence.join(", ")))
                };
                text.push_str(&format!("\n{mark} {what} from {start} to before {end}{by}"));
            }
        }
        if self.to > now {
            let now = short(&format_instant(now));
            text.push_str(&format!("\n? not yet: nothing after {now} can be proven, which counts as now"));
        }
        if let Some(since) = group.stale_since {
            let since = short(&format_instant(since));
            text.push_str(&format!(
                "\n? stale since {since}: none of this evidence shows how things are now"
            ));
        }
        for (evidence, why) in &group.uncounted {
            text.push_str(&format!("\n? not counted: {}: {why}", shown(evidence)));
        }
        if group.uncounted.iter().any(|(_, why)| *why == NoTime::OneInstant) {
            text.push_str("\nnext: collect with --good-for DAYS, to say how long a state is good");
        }
        if group.uncounted.iter().any(|(_, why)| *why == NoTime::Unknown) {
            text.push_str("\nnext: collect again with a plugin that says what a window proves, as `exhibit types TYPE` shows");
        }
        if group.uncounted.iter().any(|(_, why)| *why == NoTime::Missing) {
            text.push_str("\nnext: restore what is missing from a copy; `exhibit verify` says what else is not as it was");
        }
        if group.uncounted.iter().any(|(_, why)| *why == NoTime::Future) {
            text.push_str(
                "\nnext: check the clock of this machine and of the one that collects, and --as-of",
            );
        }
        if group.uncounted.iter().any(|(_, why)| *why == NoTime::Clock) {
            text.push_str("\nnext: set the clock of the machine that collects, and collect again");
        }
        text
    }
}

fn percent(coverage: &store::Coverage) -> String {
    let gaps = coverage.gaps().count() as u64;
    if gaps == 0 {
        return "✔ all of it is proven".to_owned();
    }
    // Rounded down: what is not all is never said to be all.
    let percent = (coverage.share() * 1000.0).floor() / 10.0;
    format!("{percent} % is proven, with {}", counted(gaps, "gap", "gaps"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_stale_where_none_of_it_is_good_any_more() {
        let since = |expiries: &[Option<Instant>], now| {
            Pieces { expiries: expiries.to_vec(), ..Pieces::default() }.stale_since(now)
        };
        assert_eq!(since(&[], 10), None);
        assert_eq!(since(&[Some(5), Some(9)], 10), Some(9));
        assert_eq!(since(&[Some(5), Some(10)], 10), Some(10), "it is good until then, and not at it");
        assert_eq!(since(&[Some(5), Some(11)], 10), None, "one is good");
        assert_eq!(since(&[Some(5), None], 10), None, "one has no end");
    }
}
