use std::fs;
use std::io;

use exhibit_records::{PluginRecord, RUN_FORMAT, Run};

use super::super::runs;
use super::*;

type Tested = io::Result<()>;

/// Evidence with runs of tests.
struct Evidence {
    place: tempfile::TempDir,
    own: bool,
}

impl Evidence {
    /// With so many runs of the newest format. `own` says whether the first of them came with it.
    fn new(own: bool, runs: u32) -> io::Result<Self> {
        let it = Self { place: tempfile::tempdir()?, own };
        fs::write(it.place.path().join(PROOF_FILE), "proof")?;
        for number in 1..=runs {
            it.add(number, RUN_FORMAT)?;
        }
        Ok(it)
    }

    /// A run of this number and format, after what is there.
    fn add(&self, number: u32, format: u32) -> Tested {
        let came_with_it = self.own && number == 1;
        let previous = (format >= CHAINED_SINCE && !came_with_it)
            .then(|| earlier::before(self.place.path(), number))
            .transpose()?;
        let run = Run {
            format,
            proof_type: "users".to_owned(),
            proof: (!came_with_it).then(|| Digest::of(b"proof")),
            previous,
            rows: Digest::of(b"rows"),
            as_of: "2026-11-01T00:00:00Z".to_owned(),
            made: format!("2026-11-{number:02}T00:00:00Z"),
            plugin: PluginRecord {
                id: "demo".to_owned(),
                version: "1".to_owned(),
                digest: Digest::of(b"plugin"),
            },
            host: String::new(),
            tests: vec![],
            parts: vec![],
        };
        let folder = self.folder(number);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(RUN_FILE), serde_json::to_vec(&run)?)
    }

    fn folder(&self, number: u32) -> std::path::PathBuf {
        self.place.path().join(format!("{}/{number:04}", earlier::RUNS))
    }

    fn remove(&self, number: u32) -> Tested {
        fs::remove_dir_all(self.folder(number))
    }

    fn rename(&self, from: u32, to: u32) -> Tested {
        fs::rename(self.folder(from), self.folder(to))
    }

    fn copy(&self, from: u32, to: u32) -> Tested {
        fs::create_dir_all(self.folder(to))?;
        fs::copy(self.folder(from).join(RUN_FILE), self.folder(to).join(RUN_FILE)).map(drop)
    }

    /// What the check says, and whether it passed.
    fn said(&self) -> (bool, String) {
        match walk(self.place.path(), self.own, &runs::of(self.place.path()).expect("the runs can be read")) {
            None => (true, "no check".to_owned()),
            Some(Verdict::Passed { tried }) => (true, tried),
            Some(Verdict::Failed { faults, .. }) => {
                (false, faults.into_iter().map(|it| it.what).collect::<Vec<_>>().join("\n"))
            }
            Some(it) => panic!("{it:?}"),
        }
    }
}

#[test]
fn runs_as_they_were_made_are_a_chain_whether_one_came_with_the_evidence_or_not() -> Tested {
    assert_eq!(Evidence::new(false, 0)?.said(), (true, "no check".to_owned()));
    for own in [false, true] {
        assert_eq!(Evidence::new(own, 1)?.said(), (true, "1 run".to_owned()), "{own}");
        assert_eq!(Evidence::new(own, 4)?.said(), (true, "4 runs".to_owned()), "{own}");
    }
    Ok(())
}

#[test]
fn a_run_that_is_removed_is_named() -> Tested {
    for own in [false, true] {
        let evidence = Evidence::new(own, 3)?;
        evidence.remove(2)?;
        let missing = "tests/0002 is missing, which tests/0003 names as the run before it";
        assert_eq!(evidence.said(), (false, missing.to_owned()), "{own}");
    }
    let evidence = Evidence::new(false, 2)?;
    evidence.remove(1)?;
    let (passed, said) = evidence.said();
    assert!(!passed && said.contains("tests/0001 is missing"), "{said}");
    // The one that came with it is missed even if no other is there.
    let evidence = Evidence::new(true, 1)?;
    evidence.remove(1)?;
    assert_eq!(evidence.said(), (false, "tests/0001 is missing, which came with the evidence".to_owned()));
    Ok(())
}

#[test]
fn a_run_that_is_renumbered_is_named() -> Tested {
    let evidence = Evidence::new(false, 3)?;
    evidence.remove(2)?;
    evidence.rename(3, 2)?;
    let (passed, said) = evidence.said();
    assert!(!passed && said.starts_with("tests/0002 had another number when it was made"), "{said}");
    Ok(())
}

#[test]
fn runs_that_are_swapped_are_named() -> Tested {
    let evidence = Evidence::new(false, 3)?;
    evidence.rename(2, 9)?;
    evidence.rename(3, 2)?;
    evidence.rename(9, 3)?;
    let (passed, said) = evidence.said();
    assert!(!passed && said.contains("tests/0002 had another number when it was made"), "{said}");
    assert!(
        said.contains("tests/0003 names tests/0001/run.json as the record before it, and tests/0002"),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_run_that_is_copied_is_named() -> Tested {
    let evidence = Evidence::new(true, 3)?;
    evidence.copy(2, 4)?;
    assert_eq!(evidence.said(), (false, "tests/0004 is a copy of tests/0002".to_owned()));
    Ok(())
}

#[test]
fn a_run_that_another_takes_the_place_of_is_named() -> Tested {
    let evidence = Evidence::new(false, 3)?;
    let mut run: serde_json::Value = serde_json::from_slice(&fs::read(evidence.folder(2).join(RUN_FILE))?)?;
    run["made"] = "2026-12-01T00:00:00Z".into();
    fs::write(evidence.folder(2).join(RUN_FILE), run.to_string())?;
    let (passed, said) = evidence.said();
    assert!(
        !passed && said.starts_with("tests/0002/run.json is not the one that tests/0003 was made after"),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_run_of_other_evidence_is_named() -> Tested {
    let (evidence, other) = (Evidence::new(false, 1)?, Evidence::new(false, 0)?);
    fs::write(other.place.path().join(PROOF_FILE), "other")?;
    fs::create_dir_all(other.folder(1))?;
    fs::copy(evidence.folder(1).join(RUN_FILE), other.folder(1).join(RUN_FILE))?;
    let (passed, said) = other.said();
    assert!(
        !passed && said.starts_with("proof.json is not the one that tests/0001 was made after"),
        "{said}"
    );
    // And one that came with other evidence.
    let (whole, bare) = (Evidence::new(true, 1)?, Evidence::new(false, 0)?);
    fs::create_dir_all(bare.folder(1))?;
    fs::copy(whole.folder(1).join(RUN_FILE), bare.folder(1).join(RUN_FILE))?;
    assert_eq!(bare.said(), (false, "tests/0001 came with evidence, and not with this one".to_owned()));
    Ok(())
}

#[test]
fn runs_of_before_name_none_and_do_not_fail_and_none_of_them_comes_later() -> Tested {
    let evidence = Evidence::new(false, 0)?;
    evidence.add(1, 3)?;
    evidence.add(2, 3)?;
    let old = "2 runs; 2 runs of a format before 4 name no run before it";
    assert_eq!(evidence.said(), (true, old.to_owned()));
    evidence.add(3, 4)?;
    assert!(evidence.said().0, "{:?}", evidence.said());
    // What the newer one names is held to that, whatever its format.
    evidence.remove(2)?;
    assert!(evidence.said().1.contains("tests/0002 is missing"), "{:?}", evidence.said());
    evidence.add(4, 3)?;
    assert!(evidence.said().1.contains("tests/0004 names no run before it, although tests/0003 does"));
    Ok(())
}

#[test]
fn a_number_that_no_run_has_is_no_fault_where_the_next_one_says_so() -> Tested {
    // In an object store, the number of a run that was never completed is not given again.
    let evidence = Evidence::new(false, 1)?;
    evidence.add(3, 4)?;
    assert_eq!(evidence.said(), (true, "2 runs".to_owned()));
    Ok(())
}

#[test]
fn what_cannot_be_read_as_a_run_is_named() -> Tested {
    let evidence = Evidence::new(false, 2)?;
    fs::write(evidence.folder(2).join(RUN_FILE), "{\"format\":99}")?;
    let unread = "tests/0002/run.json is not a run that this version can read";
    assert_eq!(evidence.said(), (false, unread.to_owned()));
    Ok(())
}
