//! Runs of tests that several processes add at once, in an object store in memory.

use std::fs;

use exhibit_records::{Entry, EvidenceTested, Predecessor, RUN_FILE};
use exhibit_secrets::{Backends, SecretRef};

use super::super::catalog::tests::kept;
use super::super::error::StoreError;
use super::*;
use crate::signing::make;

type Tested = Result<(), Box<dyn std::error::Error>>;

/// A process with the store in a folder of its own.
struct Process {
    objects: Objects,
    store: Store,
    key: SigningKey,
    _place: tempfile::TempDir,
}

impl Process {
    /// The one that makes the store, with the evidence `a` in its log.
    async fn first() -> Result<Self, Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        make(&place.path().join("key"))?;
        let key = SigningKey::read(&SecretRef::File(place.path().join("key")), &Backends::default()).await?;
        let mut objects = Objects::new(&"memory:///store".parse()?, [], &place.path().join("mirror"))?;
        objects.create(&"example.com/store".parse()?, &key).await?;
        let store = objects.pull().await?;
        store.change(&key, |_| Ok(vec![Entry::from(kept("a", 1))]))?;
        objects.push(&|_| Ok(())).await?;
        Ok(Self { objects, store, key, _place: place })
    }

    /// Another one, with the same store.
    async fn other(&self) -> Result<Self, Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        let mut objects = Objects::new(&"memory:///store".parse()?, [], &place.path().join("mirror"))?;
        objects.objects = Arc::clone(&self.objects.objects);
        let store = objects.pull().await?;
        Ok(Self { objects, store, key: self.key.clone(), _place: place })
    }

    /// A run with this number, made here.
    fn run(&self, number: &str) -> std::io::Result<PathBuf> {
        let folder = self.store.evidence().join("a/tests").join(number);
        fs::create_dir_all(&folder)?;
        for file in [RUN_FILE, "signature.json"] {
            fs::write(folder.join(file), "provisional")?;
        }
        Ok(folder)
    }

    /// Claims a number for it. Gives the folder, and the record that it comes after.
    async fn claim(&mut self, run: &Path) -> Result<(PathBuf, Predecessor), ObjectsError> {
        let mut before = None;
        let mut seal = |folder: &Path, previous: Predecessor| {
            fs::write(folder.join(RUN_FILE), format!("after {previous:?}"))?;
            fs::write(folder.join("signature.json"), format!("over {previous:?}"))?;
            before = Some(previous);
            Ok(())
        };
        let folder = self.objects.claim(&self.store, run, &mut seal).await?;
        Ok((folder, before.ok_or(StoreError::NoRun(run.to_owned()))?))
    }

    /// Enters the run in the log, and puts it there.
    async fn enter(&mut self, run: &Path) -> Result<exhibit_records::Digest, ObjectsError> {
        let digest = exhibit_records::Digest::of(&fs::read(run.join(RUN_FILE))?);
        let number = run.file_name().unwrap_or_default().to_string_lossy();
        let tested = EvidenceTested {
            at: "2026-11-02T00:00:00Z".to_owned(),
            evidence: "a".to_owned(),
            run: format!("tests/{number}"),
            digest,
            tests: None,
            verdicts: None,
        };
        let entry = || Ok(vec![Entry::Tested(tested.clone())]);
        self.store.change(&self.key, |_| entry())?;
        let key = self.key.clone();
        self.objects.push(&|store| store.change(&key, |_| entry()).map(drop)).await?;
        Ok(digest)
    }

    fn has(&self, path: &str) -> bool {
        self.objects.listed.contains_key(path)
    }
}

fn ends_with(folder: &Path, run: &str) -> bool {
    folder.ends_with(Path::new("a/tests").join(run))
}

#[tokio::test]
async fn a_run_comes_after_the_last_one_that_the_log_lists() -> Tested {
    let mut first = Process::first().await?;
    let run = first.run("0001")?;
    let (run, before) = first.claim(&run).await?;
    assert!(ends_with(&run, "0001"));
    assert_eq!((before.file.as_str(), before.digest), ("proof.json", kept("a", 1).proof));
    let digest = first.enter(&run).await?;
    let mut second = first.other().await?;
    let run = second.run("0001")?;
    let (run, before) = second.claim(&run).await?;
    assert!(ends_with(&run, "0002"), "the number of the first is taken: {}", run.display());
    assert_eq!(before, Predecessor { file: "tests/0001/run.json".to_owned(), digest });
    Ok(())
}

#[tokio::test]
async fn the_number_of_a_process_that_was_killed_is_stepped_over_and_no_run_comes_after_it() -> Tested {
    let mut killed = Process::first().await?;
    let run = killed.run("0001")?;
    let (killed_run, _) = killed.claim(&run).await?;
    let mut next = killed.other().await?;
    let run = next.run("0001")?;
    let (run, before) = next.claim(&run).await?;
    assert!(ends_with(&run, "0002"));
    assert_eq!(before.file, "proof.json", "what the log does not list is no predecessor");
    next.enter(&run).await?;
    // It was not killed: its run cannot come before one that is listed, so it gets a number after that.
    let last = killed.objects.last_before(&killed.store, &killed_run).await?;
    assert_eq!(last, None);
    let moved = killed.objects.withdraw(&killed_run).await?;
    let (moved, before) = killed.claim(&moved).await?;
    assert!(ends_with(&moved, "0003"), "{}", moved.display());
    assert_eq!(before.file, "tests/0002/run.json");
    killed.objects.list().await?;
    assert!(!killed.has("evidence/a/tests/0001/signature.json"), "its number is given up");
    assert!(
        killed.has("evidence/a/tests/0002/run.json") && killed.has("evidence/a/tests/0003/signature.json")
    );
    Ok(())
}
