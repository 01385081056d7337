//! A span of time on a line: where it is proven, where it is not, and where it is proven twice.

use exhibit::store::Interval;

/// Spoken for once.
pub(super) const PROVEN: char = '█';
/// Spoken for more than once.
pub(super) const TWICE: char = '▓';
/// Not spoken for, or not all of it.
pub(super) const GAP: char = '·';

/// The intervals, which follow on each other, on so many cells. A gap is seen however short it is.
pub(super) fn draw(intervals: &[Interval], cells: usize) -> String {
    let (Some(first), Some(last)) = (intervals.first(), intervals.last()) else { return String::new() };
    let (start, span) = (i128::from(first.start), i128::from(last.end) - i128::from(first.start));
    let at = |cell: usize| start + span * cell as i128 / cells.max(1) as i128;
    let cell = |it: usize| {
        // Of a span shorter than its cells, each cell is one instant at least.
        let (from, to) = (at(it), at(it + 1).max(at(it) + 1));
        let within = |it: &&Interval| i128::from(it.start) < to && from < i128::from(it.end);
        let least = intervals.iter().filter(within).map(|it| it.evidence.len());
        match (least.clone().min(), least.max()) {
            (None | Some(0), _) => GAP,
            (_, Some(1)) => PROVEN,
            _ => TWICE,
        }
    };
    (0..cells).map(cell).collect()
}

/// The first and the last instant below the ends of the line.
pub(super) fn ends(start: &str, end: &str, cells: usize) -> String {
    let between = cells.saturating_sub(start.len() + end.len()).max(1);
    format!("{start}{}{end}", " ".repeat(between))
}

#[cfg(test)]
mod tests {
    use super::*;
    use exhibit::contract::types::Instant;

    fn interval(start: Instant, end: Instant, speakers: usize) -> Interval {
        Interval { start, end, evidence: vec!["a".to_owned(); speakers] }
    }

    #[test]
    fn a_gap_is_seen_however_short_it_is() {
        let intervals = [interval(0, 50, 1), interval(50, 51, 0), interval(51, 80, 1), interval(80, 100, 2)];
        assert_eq!(draw(&intervals, 10), "█████·██▓▓");
        assert_eq!(draw(&intervals, 4), "██·▓");
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert_eq!(draw(&[], 10), "");
        assert_eq!(draw(&[interval(0, 1, 1)], 3), "███");
    }

    #[test]
    fn the_ends_stand_below_the_ends() {
        assert_eq!(ends("2026-10-01", "2027-01-01", 24), "2026-10-01    2027-01-01");
        assert_eq!(ends("2026-10-01", "2027-01-01", 4), "2026-10-01 2027-01-01");
    }
}
