//! Runs that follow one another.

use std::fs;
use std::path::PathBuf;

use exhibit_records::{Digest, PluginRecord, Run};

use crate::evidence::examples::{framed, part};

use super::super::files::VERDICTS;
use super::*;

type Result<T> = std::result::Result<T, TestError>;

const TEST: &str = "scanned";

/// Runs of one test, each compared with the one before it.
struct Runs {
    folder: tempfile::TempDir,
    last: Option<Arc<Earlier>>,
    number: u32,
    at_once: usize,
    /// How many rows each has, where several have one key.
    repeated: Option<u64>,
}

impl Runs {
    fn new(at_once: usize) -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()?, last: None, number: 0, at_once, repeated: None })
    }

    /// What each row came to this time: `f`ail, `p`ass, `i`nconclusive, `n`ot applicable. Rows that
    /// are not named are not in the proof.
    fn run(&mut self, rows: &[(&str, char)]) -> Result<(Comparison, Vec<String>)> {
        self.number += 1;
        let folder = self.folder.path().join(self.number.to_string());
        fs::create_dir(&folder)?;
        let lines: String = rows.iter().map(|(row, it)| line(row, verdict(*it))).collect();
        fs::write(folder.join(VERDICTS), framed(lines.as_bytes()))?;
        let verdicts = part(VERDICTS, lines.as_bytes());
        let mut tests = [tested()];
        let now = format!("day {}", self.number);
        let last = vec![self.last.clone()];
        let mut history =
            History::with(self.at_once, &folder, vec![TEST.to_owned()], last, now.clone(), self.repeated)?;
        for (row, it) in rows {
            history.row(&format!("[\"{row}\"]"), row, &[verdict(*it)])?;
        }
        let (kept, _) = history.finish(&folder, &verdicts, &mut tests)?;
        let history = String::from_utf8(zstd::decode_all(fs::File::open(folder.join(FILE))?)?).expect("text");
        let [test] = tests;
        let since = test.since.clone().unwrap_or_default();
        self.last = Some(Arc::new(earlier(folder, self.number, test, now, kept)));
        Ok((since, history.lines().map(str::to_owned).collect()))
    }
}

fn verdict(letter: char) -> Verdict {
    match letter {
        'f' => Verdict::Fail,
        'p' => Verdict::Pass,
        'i' => Verdict::Inconclusive,
        _ => Verdict::NotApplicable,
    }
}

fn line(row: &str, verdict: Verdict) -> String {
    format!("{{\"key\":[\"{row}\"],\"row\":\"{row}\",\"verdicts\":{{\"{TEST}\":\"{}\"}}}}\n", verdict.word())
}

fn tested() -> Tested {
    Tested {
        name: TEST.to_owned(),
        label: String::new(),
        why: String::new(),
        controls: vec![],
        threshold: 10_000,
        digest: Digest::of(b"a test"),
        outcome: Verdict::Fail,
        counted: 0,
        passed: 0,
        failed: 0,
        inconclusive: 0,
        not_applicable: 0,
        message: String::new(),
        since: None,
    }
}

fn earlier(folder: PathBuf, number: u32, test: Tested, as_of: String, part: PartRecord) -> Earlier {
    let plugin =
        PluginRecord { id: "demo".to_owned(), version: "1".to_owned(), digest: Digest::of(b"a plugin") };
    let run = Run {
        proof: None,
        previous: None,
        format: exhibit_records::RUN_FORMAT,
        proof_type: "assets".to_owned(),
        rows: Digest::of(b"rows"),
        made: as_of.clone(),
        as_of,
        plugin,
        host: String::new(),
        tests: vec![test],
        parts: vec![part],
    };
    Earlier { folder, evidence: String::new(), number, run }
}

#[test]
fn rows_are_followed_from_run_to_run() -> Result<()> {
    let mut runs = Runs::new(AT_ONCE)?;
    let days: [&[(&str, char)]; 4] = [
        &[("a", 'f'), ("b", 'p'), ("c", 'f'), ("d", 'f'), ("e", 'i')],
        &[("a", 'p'), ("b", 'f'), ("c", 'f'), ("e", 'p')],
        &[("a", 'f'), ("b", 'i'), ("c", 'n'), ("d", 'p')],
        &[("a", 'f'), ("b", 'f'), ("c", 'f'), ("d", 'p')],
    ];
    let mut said = Vec::new();
    for day in days {
        let (_, history) = runs.run(day)?;
        said.push(history.join("\n"));
    }
    insta::assert_snapshot!(said.join("\n\n"), @r#"
    {"test":"scanned","key":["a"],"row":"a","state":"new","since":"day 1","first":"day 1"}
    {"test":"scanned","key":["c"],"row":"c","state":"new","since":"day 1","first":"day 1"}
    {"test":"scanned","key":["d"],"row":"d","state":"new","since":"day 1","first":"day 1"}

    {"test":"scanned","key":["a"],"row":"a","state":"fixed","since":"day 2","first":"day 1"}
    {"test":"scanned","key":["b"],"row":"b","state":"new","since":"day 2","first":"day 2"}
    {"test":"scanned","key":["c"],"row":"c","state":"still-failing","since":"day 1","first":"day 1"}
    {"test":"scanned","key":["d"],"row":"d","state":"gone","since":"day 2","first":"day 1"}

    {"test":"scanned","key":["a"],"row":"a","state":"reopened","since":"day 3","first":"day 1"}
    {"test":"scanned","key":["b"],"row":"b","state":"unclear","since":"day 2","first":"day 2"}
    {"test":"scanned","key":["c"],"row":"c","state":"out-of-scope","since":"day 3","first":"day 1"}
    {"test":"scanned","key":["d"],"row":"d","state":"fixed","since":"day 3","first":"day 1"}

    {"test":"scanned","key":["a"],"row":"a","state":"still-failing","since":"day 3","first":"day 1"}
    {"test":"scanned","key":["b"],"row":"b","state":"still-failing","since":"day 2","first":"day 2"}
    {"test":"scanned","key":["c"],"row":"c","state":"reopened","since":"day 4","first":"day 1"}
    {"test":"scanned","key":["d"],"row":"d","state":"fixed","since":"day 3","first":"day 1"}
    "#);
    Ok(())
}

#[test]
fn what_was_settled_is_counted_once() -> Result<()> {
    let mut runs = Runs::new(AT_ONCE)?;
    runs.run(&[("a", 'f'), ("b", 'f')])?;
    let fixed = |it: Comparison| (it.fixed, it.gone);
    assert_eq!(fixed(runs.run(&[("a", 'p')])?.0), (1, 1));
    assert_eq!(fixed(runs.run(&[("a", 'p')])?.0), (0, 0));
    assert_eq!(runs.run(&[("a", 'f'), ("b", 'f')])?.0.reopened, 2);
    Ok(())
}

#[test]
fn rows_of_one_key_are_one_row_and_the_worst_of_them_counts() -> Result<()> {
    for at_once in [AT_ONCE, 1] {
        let mut runs = Runs { repeated: Some(4), ..Runs::new(at_once)? };
        let rows = [("a", 'p'), ("b", 'p'), ("a", 'f'), ("c", 'f')];
        let (_, history) = runs.run(&rows)?;
        assert_eq!(history.len(), 2, "{history:?}");
        // Nothing changed, in whichever order they come.
        for rows in [rows, [("a", 'f'), ("c", 'f'), ("b", 'p'), ("a", 'p')]] {
            let (since, _) = runs.run(&rows)?;
            assert_eq!((since.new, since.still_failing, since.fixed), (0, 2, 0));
        }
        let (since, _) = runs.run(&[("a", 'p'), ("a", 'p'), ("c", 'f'), ("c", 'f')])?;
        assert_eq!((since.new, since.still_failing, since.fixed), (0, 1, 1));
    }
    Ok(())
}

#[test]
fn many_rows_are_compared_as_few_are() -> Result<()> {
    let names: Vec<String> = (0..200).map(|it| format!("row-{it:03}")).collect();
    let day = |verdict: fn(usize) -> char| -> Vec<(&str, char)> {
        names.iter().enumerate().map(|(at, name)| (name.as_str(), verdict(at))).collect()
    };
    let days = [day(|at| if at % 2 == 0 { 'f' } else { 'p' }), day(|at| if at % 3 == 0 { 'f' } else { 'p' })];
    let outcome = |at_once: usize| -> Result<_> {
        let mut runs = Runs::new(at_once)?;
        runs.run(&days[0])?;
        let (since, mut history) = runs.run(&days[1])?;
        history.sort();
        Ok((since, history))
    };
    let (since, history) = outcome(AT_ONCE)?;
    assert_eq!((since.new, since.still_failing, since.fixed), (33, 34, 66));
    assert_eq!(outcome(7)?, (since, history));
    Ok(())
}
