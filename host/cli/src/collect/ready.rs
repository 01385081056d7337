//! A proof that was collected, and what is said of it.

use std::path::{Path, PathBuf};

use exhibit::testing::TestRun;
use exhibit_records::Proof;
use exhibit_rows::ShowPath as _;

use super::super::done::Done;
use super::super::environment::quoted;
use super::super::failure::Failure;
use super::super::output::{CollectOutput, CollectedOutput, RunOutput, json};
use super::super::places::EvidencePlace;
use super::super::terminal::{Terminal, shown};
use super::super::{show, test, verdicts};

/// So many rows are shown: a glance. All of them are in the files.
const SHOWN_ROWS: usize = 10;

/// A proof that was collected, and its tests.
pub(crate) struct Gathered {
    pub(crate) proof: Proof,
    pub(crate) folder: PathBuf,
    pub(crate) place: String,
    pub(crate) tests: Option<TestRun>,
}

/// A proof that was collected, where it is now.
pub(crate) struct Ready {
    gathered: Gathered,
    bundle: Option<PathBuf>,
    /// What the plugin calls the source.
    source: String,
    /// Holds the copy of a store that is elsewhere.
    _place: EvidencePlace,
}

impl Ready {
    pub(crate) fn new(
        gathered: Gathered,
        bundle: Option<PathBuf>,
        source: String,
        place: EvidencePlace,
    ) -> Self {
        Self { gathered, bundle, source, _place: place }
    }

    /// The folder of the evidence.
    pub(crate) fn folder(&self) -> &Path {
        &self.gathered.folder
    }

    /// Where it is, for people.
    pub(crate) fn place(&self) -> &str {
        &self.gathered.place
    }

    /// Its tests.
    pub(crate) fn tests(&self) -> Option<&TestRun> {
        self.gathered.tests.as_ref()
    }

    /// What came of its tests.
    pub(crate) fn done(&self) -> Done {
        self.gathered.tests.as_ref().map_or(Done::Well, Done::of)
    }

    /// Says what was collected. Gives its tests.
    pub(super) fn say(self, terminal: &Terminal) -> Result<Option<TestRun>, Failure> {
        let Self { gathered, bundle, source, _place } = self;
        let (proof, folder, called) = (gathered.proof, gathered.folder, gathered.place);
        let held = gathered.tests;
        if terminal.json() {
            let bundle = bundle.map(|it| it.display().to_string());
            let collected = CollectedOutput { proof, run: held.as_ref().map(RunOutput::from) };
            terminal.say(&json(&CollectOutput { folder: &called, bundle, collected })?);
            return Ok(held);
        }
        if let Some(held) = &held {
            terminal.say(&format!("{}\n", verdicts::text(held, &proof, test::SHOWN_ROWS, terminal)));
        }
        let text = show::proof(&folder, &proof, &source, SHOWN_ROWS, terminal.width());
        let unread = |error: std::io::Error| {
            Failure::call(error)
                .during(format!("showing what was collected: it is complete, in {}", shown(&called)))
                .next(format!(
                    "`exhibit verify {}` checks it; it need not be collected again",
                    quoted(&folder)
                ))
        };
        terminal.say(&text.map_err(unread)?);
        terminal.say(&format!("\nThe evidence is in {}", shown(&called)));
        if let Some(bundle) = bundle {
            terminal.say(&format!("The bundle is {}", bundle.shown()));
        }
        Ok(held)
    }
}
