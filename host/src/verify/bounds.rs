//! How far the checks of one piece of evidence go: it may come from anyone.

use std::future::Future;
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use exhibit_records::Proof;

use crate::checks::Verdict;
use crate::evidence::{MaxUnpacked, TooMuch, check_answers, check_parts};
use crate::format::wait;
use crate::remedy::Remedy;
use crate::testing::earlier::Earlier;

/// All checks of one piece of evidence take at most this long. The calls of its plugin alone may take an hour and a half by the
/// clock on the wall, and what is read of the largest evidence takes minutes each time.
pub const CHECK_TIME: Duration = Duration::from_secs(4 * 60 * 60);

/// So much is read between two looks at the clock.
const PIECE: usize = 256 << 10;

/// Bounds of the checks of one piece of evidence, from when they begin.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    unpacked: MaxUnpacked,
    time: Duration,
    /// `None`: later than any clock shows.
    ends: Option<Instant>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self::begin(MaxUnpacked::default(), CHECK_TIME)
    }
}

impl Bounds {
    /// Of checks that begin now: so much of answers, and so much of rows with all runs of tests, unpacked; and so long.
    pub fn begin(unpacked: MaxUnpacked, time: Duration) -> Self {
        Self { unpacked, time, ends: Instant::now().checked_add(time) }
    }

    /// Whether what the records say is within: no more than that is read.
    pub(super) fn size(&self, folder: &Path, proof: &Proof, runs: &[Earlier]) -> Result<(), TooMuch> {
        let parts = proof.parts.iter().chain(runs.iter().flat_map(|it| &it.run.parts));
        check_parts(parts, self.unpacked)?;
        check_answers(folder, self.unpacked)
    }

    /// What is to be said of a check that the time does not suffice for. `None` while there is time.
    pub(super) fn is_over(&self) -> Option<Verdict> {
        self.ends.is_some_and(|it| it <= Instant::now()).then(|| self.over())
    }

    /// Reads to the end, while there is time. The verdict where there is no more of it.
    pub(super) fn read(&self, mut from: impl Read) -> io::Result<Option<Verdict>> {
        let mut piece = vec![0; PIECE];
        while from.read(&mut piece)? > 0 {
            if let Some(over) = self.is_over() {
                return Ok(Some(over));
            }
        }
        Ok(None)
    }

    /// The verdict of a check, where it comes in time.
    pub(super) async fn in_time(&self, check: impl Future<Output = Verdict>) -> Verdict {
        match (self.is_over(), self.ends) {
            (Some(over), _) => over,
            (None, None) => check.await,
            (None, Some(ends)) => {
                tokio::time::timeout_at(ends.into(), check).await.unwrap_or_else(|_| self.over())
            }
        }
    }

    fn over(&self) -> Verdict {
        let time = wait(self.time);
        Verdict::without(
            format!("all checks together took longer than {time}: not checked further"),
            Remedy::AllowCheckTime,
        )
    }
}

/// What is to be said of checks that are not made, as there is too much to read.
pub(super) fn too_much(error: TooMuch) -> Verdict {
    Verdict::without(error.to_string(), Remedy::AllowUnpacked)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use exhibit_records::{AnswerRecord, Digest};
    use serde_json::json;

    use super::*;
    use crate::evidence::examples;
    use crate::signing::Authorities;
    use crate::verify::{Requirements, SharedFiles, Subject, digests};

    /// What is said of evidence whose rows and answers are said to have so many bytes: the checks that failed, those that are
    /// required and were not made, and why.
    fn said(rows: u64, answers: u64, bounds: Bounds) -> (usize, Vec<&'static str>, Option<String>) {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path();
        fs::create_dir_all(folder.join("answers")).expect("a folder");
        let answer =
            AnswerRecord { bytes: answers, file: Some("000001.zst".to_owned()), ..examples::answer() };
        let line = serde_json::to_string(&answer).expect("JSON") + "\n";
        fs::write(folder.join("answers/index.ndjson"), line).expect("an index");
        let mut proof = examples::record();
        let digest = Digest::of(b"");
        proof["parts"] = json!([{ "path": "rows.ndjson.zst", "bytes": 9, "digest": digest,
                                  "content": { "bytes": rows, "digest": digest } }]);
        fs::write(folder.join("proof.json"), proof.to_string()).expect("a record");
        let authorities = Authorities::default();
        let subject = Subject {
            folder,
            keys: &[],
            authorities: &authorities,
            plugins: &[],
            unknown_plugins: &[],
            trusted_ids: &[],
            used: &[],
            requirements: &Requirements::Claimed,
            scratch: folder,
            shared: &SharedFiles::default(),
            logged: None,
            bundled: false,
            alone: false,
            now: 0,
            bounds,
        };
        let report = digests(&subject, &mut |_| ());
        let missing: Vec<_> = report.checks.iter().filter(|it| it.is_missing()).collect();
        let why = missing.iter().find_map(|it| match &it.verdict {
            Verdict::Skipped { why, next: Some(_) } => Some(why.clone()),
            _ => None,
        });
        (report.failed(), missing.iter().map(|it| it.name).collect(), why)
    }

    #[test]
    fn of_what_says_that_it_is_of_a_terabyte_nothing_is_read() {
        const TERABYTE: u64 = 1 << 40;
        let names = vec!["files", "answers", "table", "record"];
        let why = |of| Some(format!("the {of} have more than 64 GiB when unpacked: not checked further"));
        let usual = Bounds::default();
        assert_eq!(said(1, TERABYTE, usual), (0, names.clone(), why("answers")));
        assert_eq!(said(TERABYTE, 1, usual), (0, names, why("rows and runs of tests")));
        // What is allowed is read, and is not there.
        let (failed, missing, _) =
            said(TERABYTE, TERABYTE, Bounds::begin(MaxUnpacked::of_bytes(2 * TERABYTE), CHECK_TIME));
        assert!(failed >= 3 && missing.is_empty(), "{failed} {missing:?}");
    }

    #[test]
    fn what_goes_on_and_on_is_read_while_there_is_time() -> io::Result<()> {
        let short = Bounds::begin(MaxUnpacked::default(), Duration::from_millis(50));
        assert!(matches!(short.read(io::repeat(0))?, Some(Verdict::Skipped { .. })));
        assert_eq!(Bounds::default().read(&b"an answer"[..])?, None);
        Ok(())
    }

    #[test]
    fn what_is_not_checked_in_time_could_not_be_checked() {
        let (_, missing, why) = said(1, 1, Bounds::begin(MaxUnpacked::default(), Duration::ZERO));
        assert_eq!(missing, ["files", "answers", "table"]);
        assert_eq!(why.as_deref(), Some("all checks together took longer than 0s: not checked further"));
    }

    #[tokio::test]
    async fn a_check_that_is_not_done_in_time_could_not_be_made() {
        let over = Bounds::begin(MaxUnpacked::default(), Duration::from_millis(50));
        let Verdict::Skipped { why, next } = over.in_time(std::future::pending()).await else {
            panic!("it never ends")
        };
        assert_eq!(why, "all checks together took longer than 0.05s: not checked further");
        assert_eq!(next, Some(Remedy::AllowCheckTime));
        assert!(over.is_over().is_some(), "nor are those after it");
        assert!(matches!(over.in_time(async { Verdict::of(vec![], "") }).await, Verdict::Skipped { .. }));
        let long = Bounds::begin(MaxUnpacked::default(), Duration::MAX);
        assert!(matches!(long.in_time(async { Verdict::of(vec![], "") }).await, Verdict::Passed { .. }));
    }
}
