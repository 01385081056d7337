//! Holds tests against the rows of kept evidence, in one pass and with flat memory.

use std::io;
use std::path::Path;

use exhibit_records::{Digest, PartRecord, Proof, Tested};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::contract::catalog::ProofType;
use crate::contract::testing::Test;
use crate::contract::types::Instant;
use crate::disk;
use crate::evidence::ROWS;
use crate::plugin::{Plugin, Tester};
use crate::signing::SigningKey;

use super::columns::{Batch, Columns};
use super::earlier::Known;
use super::error::TestError;
use super::files::Files;
use super::history::History;
use super::run_writer::{RunWriter, Seen};

/// Batches that may wait for the next in line.
const WAITING_BATCHES: usize = 4;

/// Kept evidence: where it is, and what its `proof.json` says.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The folder with its rows.
    pub folder: &'a Path,
    /// What they are.
    pub proof: &'a Proof,
}

/// What to hold against it.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The plugin that judges.
    pub plugin: &'a Plugin,
    /// The tests, of the evidence's proof type.
    pub tests: &'a [Test],
    /// What counts as now.
    pub as_of: Instant,
    /// Now, by the host's clock.
    pub made: Instant,
    /// What signs the run, where somebody does.
    pub key: Option<&'a SigningKey>,
    /// Which earlier runs it may be compared with. `None`: with any.
    pub known: Option<Known<'a>>,
}

impl Subject<'_> {
    /// Of its `proof.json`.
    ///
    /// # Errors
    ///
    /// Where its `proof.json` cannot be read.
    pub fn digest(&self) -> io::Result<Digest> {
        Ok(Digest::of(&disk::read_bounded(&self.folder.join(exhibit_records::PROOF_FILE))?))
    }
}

/// Without the key.
impl std::fmt::Debug for Order<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { plugin: _, tests, as_of, made, key: _, known: _ } = self;
        f.debug_struct("Order")
            .field("tests", tests)
            .field("as_of", as_of)
            .field("made", made)
            .finish_non_exhaustive()
    }
}

/// What came of the tests.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) tests: Vec<Tested>,
    /// Of the rows that were read.
    pub(super) rows: Digest,
    /// All that was written down.
    pub(super) writer: RunWriter,
}

/// Judges every row, and writes the files of it into the folder `into`. Tells `progress` how
/// many rows are done.
///
/// Reading, judging and writing overlap: each has a thread of its own.
pub(super) async fn judge(
    subject: &Subject<'_>,
    order: &Order<'_>,
    into: &Path,
    history: History,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Judged, TestError> {
    let proof_type = proof_type(subject.proof, order.plugin)?;
    let mut tester = order.plugin.tester(&proof_type.name, order.tests, order.as_of).await?;
    let columns = Columns::find(subject.proof, proof_type, tester.fields())?;
    let files = Files::create(into, order.tests, &subject.proof.proof_type.key)?;
    let writer = RunWriter::new(files, history, order.tests.len());

    let (batches, read) = channel(WAITING_BATCHES);
    let (folder, proof) = (subject.folder.to_owned(), subject.proof.clone());
    let reading = tokio::task::spawn_blocking(move || columns.read(&folder, &proof, &batches));
    let (judged, seen) = channel(WAITING_BATCHES);
    let writing = tokio::task::spawn_blocking(move || writer.write(seen));
    let looked = look(&mut tester, read, judged, progress).await;

    // Where the rows ended early, or were no longer written, the reason for that is reported.
    let (rows, writer) = tokio::join!(reading, writing);
    let rows = rows.map_err(io::Error::other)?.map_err(TestError::Evidence)?;
    let writer = writer.map_err(io::Error::other)??;
    looked?;
    check(subject.proof, rows)?;
    let reports = tester.finish().await?;
    let tests = order.tests.iter().zip(reports).map(|(test, report)| super::run::tested(test, report));
    Ok(Judged { tests: tests.collect(), rows, writer })
}

async fn look(
    tester: &mut Tester,
    mut read: Receiver<Batch>,
    judged: Sender<Seen>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(), TestError> {
    let mut done = 0;
    while let Some(Batch { rows, names }) = read.recv().await {
        let seen = tester.observe(&rows).await?;
        if judged.send(Seen { names, seen }).await.is_err() {
            break;
        }
        done += rows.len() as u64;
        progress(done);
    }
    Ok(())
}

/// The evidence's proof type, as the plugin has it now. Another plugin may mean something else by
/// the same name.
///
/// # Errors
///
/// [`TestError::OtherPlugin`] where the evidence is of another plugin, [`TestError::NoType`] where the plugin no longer
/// has the proof type.
pub fn proof_type<'a>(proof: &Proof, plugin: &'a Plugin) -> Result<&'a ProofType, TestError> {
    let name = &proof.proof_type.name;
    let manifest = plugin.manifest();
    if proof.plugin.id != manifest.id {
        let (evidence, plugin) = (proof.plugin.id.clone(), manifest.id.clone());
        return Err(TestError::OtherPlugin { evidence, plugin });
    }
    let unknown = || TestError::NoType { name: name.clone(), plugin: manifest.id.clone() };
    manifest.proof_type(name).ok_or_else(unknown)
}

/// The rows that were tested are the rows that were kept.
fn check(proof: &Proof, found: Digest) -> Result<(), TestError> {
    match proof.part(ROWS).map(PartRecord::meaning) {
        Some(kept) if kept == found => Ok(()),
        Some(kept) => Err(TestError::Altered { path: ROWS, kept, found }),
        None => Err(TestError::Unlisted(ROWS)),
    }
}
