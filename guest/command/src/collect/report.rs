//! The result of a collection, as text for standard error.

use exhibit_plugin::instant;
use exhibit_rows::Shown;

use crate::ended::Outcome;

/// The number of rejections that are shown; all of them are counted.
const SHOWN_REJECTIONS: usize = 20;

/// Writes it to standard error.
pub(super) fn print(outcome: &Outcome) {
    eprint!("{}", text(outcome));
}

fn text(outcome: &Outcome) -> String {
    let Outcome { summary, counts, rejections, .. } = outcome;
    let mut text = format!(
        "{} from {} and {}\n",
        counted(summary.rows, "row"),
        counted(summary.pages.into(), "page"),
        counted(counts.requests, "request")
    );
    let left_out = [
        (summary.rejected, "rejected"),
        (summary.duplicates, "skipped as duplicates"),
        (summary.outside_window, "outside the window"),
    ];
    for (count, what) in left_out.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!("{} {what}\n", counted(count, "record")));
    }
    for it in rejections.iter().take(SHOWN_REJECTIONS) {
        text.push_str(&format!("  {}: {}\n", Shown::line(&it.subject), Shown::line(&it.reason)));
    }
    let received = summary.rows + summary.rejected + summary.duplicates + summary.outside_window;
    if let Some(declared) = summary.declared.filter(|it| *it != received) {
        text.push_str(&format!(
            "warning: incomplete: the source reports {declared} records, and {received} were received\n"
        ));
    }
    if let Some(window) = summary.window {
        let (start, end) = (instant::write(window.start), instant::write(window.end));
        text.push_str(&format!("window: {start} to before {end}, as the plugin chose it\n"));
    }
    for note in &summary.notes {
        text.push_str(&format!("note: {}\n", Shown::line(note)));
    }
    text
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use exhibit_driver::Counts;
    use exhibit_plugin::collection::{Rejection, Summary};
    use exhibit_plugin::types::Window;

    use super::*;

    #[test]
    fn says_what_a_reader_must_know() {
        let outcome = Outcome {
            summary: Summary {
                pages: 2,
                rows: 10,
                declared: Some(20),
                rejected: 1,
                duplicates: 2,
                outside_window: 0,
                point: None,
                outcome: None,
                repeated_keys: Some(0),
                window: Some(Window { start: 0, end: 86_400_000 }),
                notes: vec!["it is\u{1b}[2J so".to_owned()],
            },
            counts: Counts { requests: 3, ..Counts::default() },
            waited: Duration::ZERO,
            rejections: vec![Rejection { subject: "host 7".to_owned(), reason: "it has no id".to_owned() }],
        };
        insta::assert_snapshot!(text(&outcome), @r"
        10 rows from 2 pages and 3 requests
        1 record rejected
        2 records skipped as duplicates
          host 7: it has no id
        warning: incomplete: the source reports 20 records, and 13 were received
        window: 1970-01-01T00:00:00Z to before 1970-01-02T00:00:00Z, as the plugin chose it
        note: it is\u{1b}[2J so
        ");
    }
}
