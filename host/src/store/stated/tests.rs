use std::fs;
use std::path::PathBuf;

use exhibit_records::{ProvenTime, Span};
use exhibit_secrets::{Backends, SecretRef};

use super::*;
use crate::checks::{Report, Verdict};
use crate::evidence::format_instant;
use crate::log::Log;
use crate::run::{Silent, Verifier, bundle};
use crate::signing::{Authorities, PublicKey, SigningKey, make, read_public};
use crate::store::adding::Entering;
use crate::store::intent::Intent;
use crate::store::{Location, ObjectStoreOptions, Store, StoreCheck, StoreError, check};

type Tested<T = ()> = Result<T, Box<dyn std::error::Error>>;

const HOUR: Instant = 60 * 60 * 1000;

/// Soon after all that the fixtures say: they are made again when their contract changes.
fn now() -> Instant {
    [2, 3, 4].map(latest).into_iter().max().expect("a format") + HOUR
}

/// The latest date of the fixture's entries. The last entry is of a prune as of an earlier day.
fn latest(format: u32) -> Instant {
    entries_of(format).expect("a fixture").iter().map(at).max().expect("an entry")
}

/// When this entry was made.
fn at(entry: &Entry) -> Instant {
    let at = match entry {
        Entry::Kept(it) => &it.at,
        Entry::Tested(it) => &it.at,
        Entry::Pruned(it) => &it.at,
    };
    parse_instant(at).expect("an instant")
}

fn shown(instant: Instant) -> String {
    format_instant(instant)
}

/// The store of this format, as it was committed at its time.
fn fixture(format: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/fixtures/evidence/format-{format}/store"))
}

fn entries_of(format: u32) -> Tested<Vec<Entry>> {
    let store = Store::open(&fixture(format))?;
    let view = store.log().read()?;
    let mut entries = view.entries();
    let all = (0..view.checkpoint().size).map(|index| Ok(serde_json::from_slice(&entries.get(index)?.0)?));
    all.collect()
}

fn report(folder: &Path, keys: &[PublicKey]) -> Tested<Report> {
    let store = StoreCheck {
        folder,
        keys,
        earlier: None,
        under_way: &[],
        beside: &[],
        log_required: true,
        now: now(),
    };
    Ok(check(&store, &mut |_| ())?.0)
}

/// All that is wrong, each with the check that says so.
fn faults(report: &Report) -> Vec<String> {
    let failed = report.checks.iter().filter_map(|it| match &it.verdict {
        Verdict::Failed { faults, .. } => Some((it.name, faults)),
        _ => None,
    });
    failed.flat_map(|(name, faults)| faults.iter().map(move |it| format!("{name}: {}", it.what))).collect()
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &place)?;
        } else {
            fs::copy(entry.path(), place).map(drop)?;
        }
    }
    Ok(())
}

/// A store with the evidence of the fixture of this format, whose holder signed other entries.
struct Signed {
    place: tempfile::TempDir,
    key: SigningKey,
    keys: [PublicKey; 1],
}

impl Signed {
    async fn new(format: u32, entries: &[Entry]) -> Tested<Self> {
        let place = tempfile::tempdir()?;
        let file = place.path().join("key");
        make(&file)?;
        let key = SigningKey::read(&SecretRef::File(file), &Backends::default()).await?;
        let folder = place.path().join("store");
        Store::create(&folder, &"example.com/lies".parse()?, &key)?;
        for within in ["evidence", "plugins"] {
            copy(&fixture(format).join(within), &folder.join(within))?;
        }
        let entries: Vec<Vec<u8>> = entries.iter().map(serde_json::to_vec).collect::<Result<_, _>>()?;
        let log = Log::new(&folder.join("log"), "example.com/lies".parse()?, vec![key.public()]);
        log.append(&entries.iter().map(Vec::as_slice).collect::<Vec<_>>(), &key)?;
        Ok(Self { place, keys: [key.public()], key })
    }

    fn folder(&self) -> PathBuf {
        self.place.path().join("store")
    }

    fn faults(&self) -> Tested<Vec<String>> {
        Ok(faults(&report(&self.folder(), &self.keys)?))
    }

    /// What verifying evidence, or a bundle of it, says of the log.
    async fn verified(&self, what: &Path) -> Tested<Vec<String>> {
        let authorities = Authorities::default();
        let mut verifier = Verifier::new(&self.keys, &authorities);
        verifier.digests_only = true;
        verifier.now = now();
        let open = Location::from(what).evidence(&ObjectStoreOptions::default()).await?;
        let mut all = faults(&verifier.evidence(&open, &Silent, &mut |_| ()).await?.report);
        // The fixture's key signed the evidence, and is gone.
        all.retain(|it| it.starts_with("log: "));
        Ok(all)
    }
}

/// The entry of the last evidence of the fixture, which was not pruned.
fn last_added(entries: &mut [Entry]) -> &mut EvidenceAdded {
    let mut added = entries.iter_mut().rev();
    added.find_map(|it| if let Entry::Kept(it) = it { Some(&mut **it) } else { None }).expect("evidence")
}

fn last_tested(entries: &mut [Entry]) -> &mut EvidenceTested {
    let mut tested = entries.iter_mut().rev();
    tested.find_map(|it| if let Entry::Tested(it) = it { Some(it) } else { None }).expect("a run")
}

#[test]
fn stores_of_every_format_say_what_follows_from_their_evidence() -> Tested {
    for format in [2, 3, 4] {
        let folder = fixture(format);
        let key = read_public(&folder.join("../key.pem.pub"))??;
        let report = report(&folder, &[key])?;
        assert_eq!(faults(&report), [""; 0], "format {format}");
        let passed = report.checks.iter().find(|it| it.name == "evidence").map(|it| &it.verdict);
        let Some(Verdict::Passed { tried }) = passed else { panic!("{passed:?}") };
        assert!(tried.ends_with("; 1 pruned, and what these were is as the log states"), "{tried}");
    }
    Ok(())
}

#[tokio::test]
async fn nothing_that_an_entry_says_is_believed_because_it_is_signed() -> Tested {
    type Lie = fn(&mut EvidenceAdded);
    let lies: [(&str, Lie); 16] = [
        ("plugin", |it| it.plugin = Some(Digest::of(b"another"))),
        ("type", |it| it.proof_type = "assets".to_owned()),
        ("label", |it| it.label = "Big Bank production".to_owned()),
        ("about", |it| it.about = Digest::of(b"something else")),
        ("proves", |it| it.proves = Some(ProvenTime::Events)),
        ("proves", |it| it.proves = None),
        ("window", |it| {
            it.window =
                Some(Span { start: "2020-01-01T00:00:00Z".into(), end: "2026-11-30T00:00:00Z".into() });
        }),
        ("as-of", |it| it.as_of = "2026-11-02T00:00:00Z".to_owned()),
        ("asked", |it| it.asked = None),
        ("answered", |it| it.answered = Some("2026-11-01T00:00:00Z".to_owned())),
        ("clock-offset", |it| it.clock_offset = Some(0)),
        ("expires", |it| it.expires = Some("2099-01-01T00:00:00Z".to_owned())),
        ("rows", |it| it.rows = 999_999),
        ("complete", |it| it.complete = Some(true)),
        ("tests", |it| it.tests = Some(Outcomes { passed: 40, failed: 0, inconclusive: 0 })),
        ("verdicts", |it| it.verdicts = None),
    ];
    for (field, lie) in lies {
        let mut entries = entries_of(4)?;
        let said = last_added(&mut entries);
        lie(said);
        let name = said.evidence.clone();
        let signed = Signed::new(4, &entries).await?;
        let found = signed.faults()?;
        let wanted = format!("does not follow from the evidence: {field}");
        // A plugin that the log made up is not there either.
        let is_said = |it: &String| it.ends_with(&wanted) || (field == "plugin" && it.contains("is missing"));
        assert!(found.iter().any(|it| it.starts_with("evidence: ") && is_said(it)), "{field}: {found:?}");
        let folder = signed.folder().join("evidence").join(&name);
        let alone = signed.verified(&folder).await?;
        assert!(alone.iter().any(|it| it.ends_with(&wanted)), "{field}: {alone:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_true_is_no_fault_with_ports_or_without() -> Tested {
    let mut entries = entries_of(4)?;
    let whole = Signed::new(4, &entries).await?;
    assert_eq!(whole.faults()?, [""; 0]);
    let said = last_added(&mut entries);
    let folder = whole.folder().join("evidence").join(&said.evidence);
    let proof = Proof::parse(&fs::read(folder.join(PROOF_FILE))?)?;
    // The fixture says it as a build of today does, or as one of before did.
    let with_port = EvidenceAdded::new("", &proof, b"", None, String::new()).label;
    let without = label_without_ports(&proof);
    assert_ne!(with_port, without);
    said.label = if said.label == without { with_port } else { without };
    // What it superseded is not compared: that is said by the entries before it.
    said.supersedes = None;
    let signed = Signed::new(4, &entries).await?;
    assert_eq!(signed.faults()?, [""; 0]);
    let folder = signed.folder().join("evidence").join(&last_added(&mut entries).evidence);
    assert_eq!(signed.verified(&folder).await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn a_bundle_of_what_the_log_lies_about_does_not_verify() -> Tested {
    let mut entries = entries_of(4)?;
    for lies in [false, true] {
        let said = last_added(&mut entries);
        let name = said.evidence.clone();
        if lies {
            said.rows = 999_999;
        }
        let signed = Signed::new(4, &entries).await?;
        let folder = signed.folder().join("evidence").join(&name);
        let file = signed.place.path().join("users.exhibit.tar");
        let open = Location::from(folder.as_path()).evidence(&ObjectStoreOptions::default()).await?;
        bundle(&open, &file)?;
        let found = signed.verified(&file).await?;
        assert_eq!(found.iter().any(|it| it.ends_with("from the evidence: rows")), lies, "{found:?}");
        assert_eq!(found.is_empty(), !lies);
    }
    Ok(())
}

#[tokio::test]
async fn a_run_came_to_what_its_record_says() -> Tested {
    for (field, lie) in [
        (
            "tests",
            (|it| it.tests = Some(Outcomes { passed: 2, failed: 0, inconclusive: 0 }))
                as fn(&mut EvidenceTested),
        ),
        ("tests", |it| it.tests = None),
        ("verdicts", |it| it.verdicts = None),
        ("verdicts", |it| {
            it.verdicts = Some([("made-up".to_owned(), exhibit_records::Verdict::Pass)].into());
        }),
    ] {
        let mut entries = entries_of(4)?;
        lie(last_tested(&mut entries));
        let name = last_tested(&mut entries).evidence.clone();
        let signed = Signed::new(4, &entries).await?;
        let wanted = format!("what it says of the run does not follow from run.json: {field}");
        let found = signed.faults()?;
        assert!(found.iter().any(|it| it.starts_with("runs: ") && it.ends_with(&wanted)), "{found:?}");
        let alone = signed.verified(&signed.folder().join("evidence").join(name)).await?;
        assert!(alone.iter().any(|it| it.ends_with(&wanted)), "{alone:?}");
    }
    Ok(())
}

#[tokio::test]
async fn nothing_is_added_before_the_last_entry() -> Tested {
    let signed = Signed::new(4, &entries_of(4)?).await?;
    let store = Store::open(&signed.folder())?;
    let day = 24 * 60 * 60 * 1000;
    let last = latest(4);
    let error = store.check_clock(last - 30 * day).expect_err("the clock was set back");
    assert!(matches!(error, StoreError::ClockSetBack { .. }) && error.remedy().is_some(), "{error}");
    store.check_clock(last + day)?;
    Ok(())
}

#[tokio::test]
async fn entries_are_dated_in_their_order_after_what_they_are_about_and_not_in_the_future() -> Tested {
    let mut fixture = entries_of(4)?;
    let answered = last_added(&mut fixture).answered.clone().expect("an answer");
    let too_early = shown(at(&fixture[4]) - HOUR);
    for (at, wanted) in [
        (
            "2031-01-01T00:00:00Z",
            "evidence: NAME: log entry 5: it is dated 2031-01-01T00:00:00Z, which is in the future",
        ),
        ("2031-01-01T00:00:00Z", "log: log entry 5 is dated 2031-01-01T00:00:00Z, which is in the future"),
        (
            too_early.as_str(),
            &format!("log: log entry 5 is dated {too_early}, which is before entry 4 that comes before it"),
        ),
        (too_early.as_str(), &format!("which is before its last answer came ({answered})")),
        ("soon", "its date `soon` is no instant"),
    ] {
        let mut entries = entries_of(4)?;
        let said = last_added(&mut entries);
        said.at = at.to_owned();
        let name = said.evidence.clone();
        let signed = Signed::new(4, &entries).await?;
        let found = signed.faults()?;
        let wanted = wanted.replace("NAME", &name);
        assert!(found.iter().any(|it| it.contains(&wanted)), "{at}: {found:?}");
        let alone = signed.verified(&signed.folder().join("evidence").join(name)).await?;
        assert!(!alone.is_empty(), "{at}");
    }
    let mut entries = entries_of(4)?;
    last_tested(&mut entries).at = "2031-01-01T00:00:00Z".to_owned();
    let found = Signed::new(4, &entries).await?.faults()?;
    assert!(found.iter().any(|it| it.starts_with("runs: ") && it.contains("in the future")), "{found:?}");
    // Clocks of several machines.
    let mut entries = entries_of(4)?;
    let entered = at(&entries[5]);
    last_added(&mut entries).at = shown(entered - CLOCKS_APART / 2);
    assert_eq!(Signed::new(4, &entries).await?.faults()?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn what_is_entered_is_what_was_checked() -> Tested {
    // The first entry is of what was pruned later.
    let signed = Signed::new(4, &entries_of(4)?[..1]).await?;
    let store = Store::open(&signed.folder())?;
    let size = || store.log().read().map(|it| it.checkpoint().size);
    let name = &last_tested(&mut entries_of(4)?).evidence.clone();
    let folder = signed.folder().join("evidence").join(name);
    let json = fs::read(folder.join(PROOF_FILE))?;
    let proof = Proof::parse(&json)?;
    let run = earlier::collected_with(&folder, &proof)?;
    store.begin(&Intent::evidence(name, Digest::of(&json)), &signed.key)?;
    let enter = |proof: &Proof, json: &[u8]| {
        store.enter(&folder, &Entering { proof, json, run: run.as_ref() }, &signed.key, now())
    };
    // What came between two reads of it.
    let other = Proof { rows: 999_999, ..proof.clone() };
    let refused = enter(&other, &serde_json::to_vec_pretty(&other)?);
    assert!(matches!(refused, Err(StoreError::Altered(_))), "{refused:?}");
    assert_eq!(size()?, 1);
    assert_eq!(enter(&proof, &json)?.rows, proof.rows);

    let place = folder.join("tests/0002");
    let digest = Digest::of(&fs::read(place.join(RUN_FILE))?);
    let refused = store.tested(&place, Digest::of(b"another read"), &signed.key, now());
    assert!(matches!(refused, Err(StoreError::Altered(_))), "{refused:?}");
    assert_eq!(size()?, 2);
    assert_eq!(store.tested(&place, digest, &signed.key, now())?.digest, digest);
    assert_eq!(size()?, 3);
    Ok(())
}
