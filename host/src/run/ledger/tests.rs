//! What the ledger refuses, for how long, and what stays in it.

use super::*;

const HOUR: Instant = 3_600_000;
const DAY: Instant = 24 * HOUR;

fn sent(at: Instant) -> SentWrite {
    let sent = serde_json::json!({
        "number": 3, "at": at, "url": "https://api.example/launch", "summary": "Launches it."
    });
    serde_json::from_value(sent).expect("it is written so")
}

/// A ledger, and runs of one operation in it.
struct Stage {
    place: tempfile::TempDir,
    ledger: Ledger,
}

impl Stage {
    fn new() -> io::Result<Self> {
        let place = tempfile::tempdir()?;
        let ledger = Ledger::new(place.path().join("state/operations"));
        Ok(Self { place, ledger })
    }

    fn run(&self, id: &str, again: bool) -> Result<LedgerRun<'_>, CollectFailure> {
        LedgerRun::new(&self.ledger, Digest::of(b"one"), id, &self.place.path().join(id), again)
    }

    fn refused(&self, now: Instant) -> bool {
        matches!(self.ledger.check(Digest::of(b"one"), "next", now), Err(CollectFailure::SentBefore(_)))
    }

    fn files(&self) -> usize {
        let names = names_if_any(&self.ledger.folder).unwrap_or_default();
        names.iter().filter(|it| it.to_str().is_some_and(|it| parts(it).is_some())).count()
    }
}

fn end(at: Instant, outcome: OperationOutcome) -> EarlierEnd {
    EarlierEnd { at, outcome: Some(outcome) }
}

#[test]
fn the_same_is_refused_for_an_hour_after_its_end() -> Result<(), Box<dyn std::error::Error>> {
    let stage = Stage::new()?;
    assert!(!stage.refused(0));
    let mut run = stage.run("a", false)?;
    run.sending(&sent(7), 7)?;
    run.ended(&stage.place.path().join("out"), end(DAY, OperationOutcome::Done))?;
    for now in [-DAY, 7, DAY, DAY + HOUR] {
        assert!(stage.refused(now), "{now}");
    }
    let Err(CollectFailure::SentBefore(it)) = stage.ledger.check(run.key, "next", DAY) else {
        return Err("it is not refused".into());
    };
    assert_eq!((&it.place, it.sent.at), (&stage.place.path().join("out"), 7));
    assert!(stage.ledger.check(Digest::of(b"another"), "next", DAY).is_ok());
    assert!(!stage.refused(DAY + HOUR + 1));
    assert_eq!(stage.files(), 0, "what refuses nothing any more is gone");
    Ok(())
}

#[test]
fn one_that_did_not_end_is_refused_for_longer_and_goes_on_itself() -> Result<(), Box<dyn std::error::Error>> {
    let stage = Stage::new()?;
    stage.run("a", false)?.sending(&sent(7), 7)?;
    assert!(stage.refused(20 * DAY));
    // The same run, in another process.
    stage.run("a", false)?.sending(&sent(7), DAY)?;
    assert_eq!(stage.files(), 1);
    let refused = stage.run("b", false)?.sending(&sent(9), 9);
    assert!(matches!(refused, Err(CollectFailure::SentBefore(_))), "{refused:?}");
    stage.run("b", true)?.sending(&sent(9), 9)?;
    assert_eq!(stage.files(), 2, "it was wanted a second time, and the first one is known still");
    assert!(!stage.refused(31 * DAY));
    Ok(())
}

#[test]
fn what_had_no_effect_may_be_sent_again() -> Result<(), Box<dyn std::error::Error>> {
    let stage = Stage::new()?;
    let mut run = stage.run("a", false)?;
    run.sending(&sent(7), 7)?;
    run.forget()?;
    assert!(!stage.refused(7));
    run.sending(&sent(8), 8)?;
    run.ended(stage.place.path(), end(9, OperationOutcome::NotDone))?;
    assert!(!stage.refused(9));
    let mut taken = stage.run("b", false)?;
    taken.sending(&sent(9), 9)?;
    taken.taken();
    taken.ended(stage.place.path(), end(10, OperationOutcome::NotDone))?;
    assert!(stage.refused(10), "it was launched, and canceled then");
    assert!(!stage.refused(10 + 2 * HOUR));
    run.sending(&sent(10), 3 * HOUR)?;
    run.ended(stage.place.path(), end(3 * HOUR + 1, OperationOutcome::Unknown))?;
    assert!(stage.refused(3 * HOUR + 1), "a person has to look");
    Ok(())
}

#[test]
fn a_damaged_entry_refuses_its_own_operation_alone() -> Result<(), Box<dyn std::error::Error>> {
    let stage = Stage::new()?;
    let mut run = stage.run("a", false)?;
    run.sending(&sent(7), 7)?;
    fs::write(run.file.as_ref().expect("it is written"), "{")?;
    let refused = stage.ledger.check(run.key, "next", 7);
    assert!(matches!(refused, Err(CollectFailure::Damaged { .. })), "{refused:?}");
    assert!(stage.ledger.check(Digest::of(b"another"), "next", 2 * HOUR).is_ok());
    Ok(())
}

#[cfg(unix)]
#[test]
fn it_is_for_its_owner_alone() -> Result<(), Box<dyn std::error::Error>> {
    use std::os::unix::fs::PermissionsExt as _;

    let stage = Stage::new()?;
    let mut run = stage.run("a", false)?;
    run.sending(&sent(7), 7)?;
    let mode = |path: &Path| Ok::<_, io::Error>(path.metadata()?.permissions().mode() & 0o777);
    assert_eq!(mode(&stage.ledger.folder)?, 0o700);
    assert_eq!(mode(run.file.as_ref().expect("it is written"))?, 0o600);
    // Where it cannot be written, nothing is sent.
    let taken = stage.place.path().join("taken");
    fs::write(&taken, "")?;
    let ledger = Ledger::new(&taken);
    let refused = ledger.check(Digest::of(b"one"), "a", 7);
    assert!(matches!(refused, Err(CollectFailure::Ledger { .. })), "{refused:?}");
    Ok(())
}
