//! Verifying evidence, or a store with all evidence in it, offline.

use std::path::{Path, PathBuf};

use exhibit_records::{Digest, PROOF_FILE};

use crate::checks::{Check, Report};
use crate::disk::Scratch;
use crate::evidence::{kept_plugin, read};
use crate::plugin::{Engine, Plugin};
use crate::remedy::Remedy;
use crate::retry::Retry;
use crate::signing::{Authorities, PublicKey};
use crate::store::{self, OpenError, OpenEvidence, OpenStore, StoreCheck, StoreError};
use crate::verify::{self, Subject};

use super::events::{Event, Events};

/// Who is trusted, and what may be run. The plugins that are kept with evidence join those that are at hand.
///
/// ```no_run
/// # async fn verify() -> Result<(), Box<dyn std::error::Error>> {
/// use std::path::Path;
///
/// use exhibit::run::{Silent, Verifier};
/// use exhibit::signing::{Authorities, read_public};
/// use exhibit::store::{Location, ObjectStoreOptions};
///
/// let (keys, authorities) = ([read_public("evidence.pem.pub".as_ref())??], Authorities::default());
/// let evidence = Location::from(Path::new("evidence/users")).evidence(&ObjectStoreOptions::default()).await?;
/// let mut verifier = Verifier::new(&keys, &authorities);
/// let verified = verifier.evidence(&evidence, &Silent, &mut |_| ()).await?;
/// assert_eq!(verified.report.failed(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Verifier<'a> {
    /// Keys that are trusted to sign evidence and the log of its store.
    pub keys: &'a [PublicKey],
    /// Authorities that are trusted to stamp evidence.
    pub authorities: &'a Authorities,
    /// Plugins that may have collected or judged it.
    pub plugins: Vec<Plugin>,
    /// The folder in which compiled plugins are kept; none are, where it is `None`.
    pub cache: Option<&'a Path>,
    /// Check digests and signatures alone, and make nothing again.
    pub digests_only: bool,
}

/// What a report is of.
#[derive(Debug)]
#[non_exhaustive]
pub struct Verified {
    /// All checks that were made.
    pub report: Report,
}

/// Why nothing was verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyFailure {
    /// Nothing is there.
    #[error("there is no {}", .0.display())]
    Nothing(PathBuf),
    /// Something else is there.
    #[error("{} is no evidence: it has no {PROOF_FILE}", folder.display())]
    NoEvidence {
        /// What was named.
        folder: PathBuf,
        /// The name of the one folder in it that has evidence: archivers put such folders around another.
        within: Option<String>,
    },
    /// This machine failed, so some checks could not be made; those that were made passed.
    #[error("this machine cannot check all of it: {0}")]
    Machine(String),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store cannot be reached.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl Verified {
    fn of(report: Report) -> Result<Self, VerifyFailure> {
        match report.of_this_machine() {
            Some(why) => Err(VerifyFailure::Machine(why.to_owned())),
            None => Ok(Self { report }),
        }
    }
}

impl<'a> Verifier<'a> {
    /// With these keys and authorities, and no plugin yet.
    pub fn new(keys: &'a [PublicKey], authorities: &'a Authorities) -> Self {
        Self { keys, authorities, plugins: vec![], cache: None, digests_only: false }
    }

    /// Verifies evidence. `on_check` is called after each check.
    ///
    /// # Errors
    /// Where there is no evidence. What is wrong with evidence is in the report.
    pub async fn evidence(
        &mut self,
        evidence: &OpenEvidence,
        events: &dyn Events,
        on_check: &mut (dyn FnMut(&Check) + Send),
    ) -> Result<Verified, VerifyFailure> {
        if !evidence.folder.exists() {
            return Err(VerifyFailure::Nothing(evidence.folder.clone()));
        }
        if !evidence.folder.join(PROOF_FILE).is_file() {
            let folder = evidence.folder.clone();
            return Err(VerifyFailure::NoEvidence { within: within(&folder), folder });
        }
        let bundled = evidence.is_bundle();
        let report = self.one((&evidence.folder, bundled), None, events, on_check).await?;
        Verified::of(report)
    }

    /// Verifies a store and all evidence in it. `earlier` is a copy of its log's checkpoint from an earlier time: then
    /// the log must still have all that it had. `on_check` is called after each check of the store itself, `on_evidence`
    /// after all checks of one piece of evidence, with its name.
    ///
    /// # Errors
    /// Where the store cannot be read. What is wrong with it is in the report.
    pub async fn store(
        &mut self,
        open: &OpenStore,
        earlier: Option<&str>,
        events: &dyn Events,
        on_check: &mut (dyn FnMut(&Check) + Send),
        on_evidence: &mut (dyn FnMut(&str, &Report) + Send),
    ) -> Result<Verified, VerifyFailure> {
        let subject =
            StoreCheck { folder: open.folder(), keys: self.keys, earlier, under_way: open.under_way() };
        let (mut report, folders) = store::check(&subject, on_check)?;
        for (folder, logged) in folders {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let own = self.one((&folder, false), Some(logged), events, &mut |_| ()).await?;
            on_evidence(&name, &own);
            // Which evidence a check was of is lost otherwise.
            report.checks.extend(own.checks.into_iter().map(|it| Check {
                about: Some(it.about.iter().fold(name.clone(), |name, about| format!("{name}, {about}"))),
                ..it
            }));
        }
        Verified::of(report)
    }

    async fn one(
        &mut self,
        (folder, bundled): (&Path, bool),
        logged: Option<Digest>,
        events: &dyn Events,
        on_check: &mut (dyn FnMut(&Check) + Send),
    ) -> Result<Report, VerifyFailure> {
        let held = Scratch::new().map_err(OpenError::Scratch)?;
        let (scratch, keys, authorities) = (held.path(), self.keys, self.authorities);
        if self.digests_only {
            let subject = Subject { folder, keys, authorities, plugins: &[], scratch, logged, bundled };
            return Ok(verify::digests(&subject, on_check));
        }
        match self.kept(folder).await {
            Ok(kept) => self.plugins.extend(kept),
            // That the evidence cannot be read is said by its first check.
            Err(why) if read::proof(folder).is_ok() => events.event(&Event::PluginUnusable(&why)),
            Err(_) => {}
        }
        let subject = Subject { folder, keys, authorities, plugins: &self.plugins, scratch, logged, bundled };
        Ok(verify::verify(&subject, on_check).await)
    }

    /// The plugin that is kept with the evidence, if it is another than those that are at hand. What is wrong with it,
    /// where it cannot run.
    async fn kept(&self, folder: &Path) -> Result<Option<Plugin>, String> {
        let Some(component) = kept_plugin(folder).map_err(|error| error.to_string())? else {
            return Ok(None);
        };
        let digest = Digest::of(&component);
        if self.plugins.iter().any(|it| it.digest() == digest) {
            return Ok(None);
        }
        let engine = Engine::new().map_err(|error| error.to_string())?;
        let loaded = Plugin::load(&engine, &component, self.cache).await;
        loaded.map(Some).map_err(|error| error.to_string())
    }
}

/// The one folder in this one that has evidence. `None` where there are several, or none.
fn within(folder: &Path) -> Option<String> {
    let entries = folder.read_dir().ok()?.filter_map(Result::ok);
    let mut found = entries.filter(|it| it.path().join(PROOF_FILE).is_file());
    match (found.next(), found.next()) {
        (Some(only), None) => Some(only.file_name().to_string_lossy().into_owned()),
        _ => None,
    }
}

impl VerifyFailure {
    /// Whether the same call can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Open(error) => error.retry(),
            _ => Retry::NeedsPerson,
        }
    }

    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Nothing(_) => Some(Remedy::NameEvidenceBundleOrStore),
            Self::NoEvidence { within: Some(name), .. } => {
                Some(Remedy::NameFolderWithin { folder: name.clone() })
            }
            Self::NoEvidence { within: None, .. } => Some(Remedy::NameEvidenceOrStore),
            Self::Machine(_) => Some(Remedy::CheckMachine),
            Self::Store(error) => error.remedy(),
            Self::Open(error) => error.remedy(),
        }
    }
}
