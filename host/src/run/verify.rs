//! Verifying evidence, or a store with all evidence in it, offline.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use exhibit_records::{Digest, PROOF_FILE};
use exhibit_rows::ShowPath as _;

use crate::checks::{Check, Report};
use crate::clock::{Clock as _, SystemClock};
use crate::contract::types::Instant;
use crate::disk::{self, Scratch};
use crate::evidence::{MaxUnpacked, kept_plugin, read};
use crate::plugin::{Engine, PLUGIN_TIME, Plugin, TimeBudget};
use crate::remedy::Remedy;
use crate::retry::Retry;
use crate::signing::{Authorities, PublicKey};
use crate::store::{self, OpenError, OpenEvidence, OpenStore, StoreCheck, StoreError};
use crate::verify::{self, Bounds, CHECK_TIME, Requirements, SharedFiles, Subject};

use super::events::{Event, Events};

/// So many warnings about the evidence of a store are listed: a store may have thousands of them.
const LISTED_WARNINGS: usize = 20;
/// So many different ones are told apart; of more, it is only known that there are more.
const KNOWN_WARNINGS: usize = 1_000;

/// Who is trusted, and what may be run. A plugin that is kept with evidence is run only where it is trusted: the evidence
/// could bring one that makes any rows of its answers.
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
    /// Plugins that are trusted, and may have collected or judged it.
    pub plugins: Vec<Plugin>,
    /// Digests of components that are trusted: where one of these is kept with evidence, it is used for that.
    pub trusted: Vec<Digest>,
    /// Ids that belong to plugins that are trusted, as far as they are known without these: no other plugin that evidence
    /// brings is run under one of them.
    pub trusted_ids: Vec<String>,
    /// Digests of components that were used on this machine, and that nobody said to be trusted. They are not, and the report
    /// says that they are these.
    pub used: Vec<Digest>,
    /// Runs a plugin that is kept with evidence although it is not trusted. That its rows are the same shows nothing about
    /// what the answers say, and a warning in the report says that. Not one with the id of a plugin that is trusted.
    pub allow_unknown: bool,
    /// What evidence must show.
    pub requirements: Requirements,
    /// What compiles and runs the plugins that are kept with evidence: they are of its author, not of the caller. One that compiles
    /// in this process, where it is `None`.
    pub engine: Option<Engine>,
    /// The folder in which compiled plugins are kept; none are, where it is `None`.
    pub cache: Option<&'a Path>,
    /// How long all calls of plugins together may run for one piece of evidence: to make its rows again, and the verdicts of
    /// its tests. What is not done by then could not be checked.
    pub plugin_time: Duration,
    /// How much the answers of one piece of evidence may have, unpacked, and how much its rows with all runs of tests: of what
    /// has more, none is read.
    pub unpacked: MaxUnpacked,
    /// How long all checks of one piece of evidence may take.
    pub time: Duration,
    /// Whether the report of a store lists all checks of its evidence, which takes more memory the more evidence there is. Where
    /// it does not, it lists those that did not pass, and counts the others.
    pub lists_all: bool,
    /// Check digests and signatures alone, and make nothing again.
    pub digests_only: bool,
    /// Now, in milliseconds since 1970: no log has entered anything later. The system's clock, unless the caller has another.
    pub now: Instant,
    /// Trusted plugins that came with evidence, to compile each once. Each is used for evidence that brings it, and for no
    /// other: what comes of one piece of evidence does not depend on what else there is.
    loaded: Vec<Plugin>,
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
    #[error("there is no {}", .0.shown())]
    Nothing(PathBuf),
    /// Something else is there.
    #[error("{} is no evidence: it has no {PROOF_FILE}", folder.shown())]
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
        Self {
            keys,
            authorities,
            plugins: vec![],
            trusted: vec![],
            trusted_ids: vec![],
            used: vec![],
            allow_unknown: false,
            requirements: Requirements::Claimed,
            engine: None,
            cache: None,
            plugin_time: PLUGIN_TIME,
            unpacked: MaxUnpacked::default(),
            time: CHECK_TIME,
            lists_all: true,
            digests_only: false,
            now: SystemClock.now(),
            loaded: vec![],
        }
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
        let machine = |error: io::Error| VerifyFailure::Machine(error.to_string());
        if !disk::is_there(&evidence.folder).map_err(machine)? {
            return Err(VerifyFailure::Nothing(evidence.folder.clone()));
        }
        if !disk::is_file(&evidence.folder.join(PROOF_FILE)).map_err(machine)? {
            if evidence.is_bundle() {
                let why = format!("the bundle has no {PROOF_FILE}");
                return Verified::of(verify::altered_bundle("proof", why, on_check));
            }
            let folder = evidence.folder.clone();
            return Err(VerifyFailure::NoEvidence { within: within(&folder), folder });
        }
        let bundled = evidence.is_bundle();
        let shared = SharedFiles::default();
        let alone = evidence.store.as_ref().is_some_and(OpenStore::is_remote);
        let subject = (evidence.folder.as_path(), bundled, alone);
        let report = self.one(subject, (None, &shared), events, on_check).await?;
        Verified::of(report)
    }

    /// What is to be said of evidence that could not be opened. `on_check` is called after each check.
    ///
    /// # Errors
    /// The error itself, but for a bundle that was altered: that is a failed check.
    pub fn unopened(
        error: OpenError,
        on_check: &mut (dyn FnMut(&Check) + Send),
    ) -> Result<Verified, VerifyFailure> {
        match error {
            OpenError::AlteredBundle(why) => {
                Verified::of(verify::altered_bundle("files", why.to_string(), on_check))
            }
            error => Err(error.into()),
        }
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
        let subject = StoreCheck {
            folder: open.folder(),
            keys: self.keys,
            earlier,
            under_way: open.under_way(),
            beside: open.beside(),
            log_required: self.requirements.wants_log(),
            now: self.now,
        };
        let (mut report, folders) = store::check(&subject, on_check)?;
        let mut warned: BTreeMap<String, (usize, String)> = BTreeMap::new();
        let shared = SharedFiles::default();
        for (folder, logged) in folders {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let own = self.one((&folder, false, false), (Some(logged), &shared), events, &mut |_| ()).await?;
            on_evidence(&name, &own);
            for warning in &own.warnings {
                if warned.len() < KNOWN_WARNINGS || warned.contains_key(warning) {
                    warned.entry(warning.clone()).or_insert_with(|| (0, name.clone())).0 += 1;
                }
            }
            // Which evidence a check was of is lost otherwise.
            let named = own.checks.into_iter().map(|it| Check {
                about: Some(it.about.iter().fold(name.clone(), |name, about| format!("{name}, {about}"))),
                ..it
            });
            if self.lists_all {
                report.checks.extend(named);
            } else {
                report.extend_by_what_matters(named);
            }
        }
        let more = warned.len().saturating_sub(LISTED_WARNINGS);
        let listed = warned.into_iter().take(LISTED_WARNINGS);
        report.warnings = listed.map(|(what, (times, first))| of_several(&first, times, &what)).collect();
        if more > 0 {
            report.warnings.push(format!("and {more} more like these"));
        }
        Verified::of(report)
    }

    async fn one(
        &mut self,
        (folder, bundled, alone): (&Path, bool, bool),
        (logged, shared): (Option<Digest>, &SharedFiles),
        events: &dyn Events,
        on_check: &mut (dyn FnMut(&Check) + Send),
    ) -> Result<Report, VerifyFailure> {
        // Digests need none, and to make one for each of thousands takes longer than to check it.
        let held = if self.digests_only { None } else { Some(Scratch::new().map_err(OpenError::Scratch)?) };
        let (mut plugins, mut unknown) = (self.plugins.clone(), Vec::new());
        if !self.digests_only {
            match self.kept(folder).await {
                Ok(Some(kept)) if self.trusted.contains(&kept.digest()) => plugins.push(kept),
                Ok(kept) => unknown.extend(kept),
                // That the evidence cannot be read is said by its first check.
                Err(why) if read::proof(folder).is_ok() => events.event(&Event::PluginUnusable(&why)),
                Err(_) => {}
            }
        }
        let budget = TimeBudget::new(self.plugin_time);
        let bounded =
            |plugins: &[Plugin]| plugins.iter().map(|it| it.with_budget(&budget)).collect::<Vec<_>>();
        let subject = Subject {
            folder,
            keys: self.keys,
            authorities: self.authorities,
            plugins: &bounded(&plugins),
            unknown_plugins: &bounded(&unknown),
            trusted_ids: &self.trusted_ids,
            used: &self.used,
            requirements: &self.requirements,
            scratch: held.as_ref().map_or(Path::new(""), Scratch::path),
            shared,
            logged,
            bundled,
            alone,
            now: self.now,
            bounds: Bounds::begin(self.unpacked, self.time),
        };
        Ok(if self.digests_only {
            verify::digests(&subject, on_check)
        } else {
            verify::verify(&subject, on_check).await
        })
    }

    /// The plugin that is kept with the evidence, if it is another than those that are at hand and may be run. What is wrong
    /// with it, where it cannot.
    async fn kept(&mut self, folder: &Path) -> Result<Option<Plugin>, String> {
        let proof = read::proof(folder).map_err(|error| error.to_string())?;
        // What is at hand is not unpacked, and what is not trusted is not even compiled.
        let is_wanted = |digest: Digest| {
            let is_at_hand = self.plugins.iter().any(|it| it.digest() == digest);
            !is_at_hand && (self.allow_unknown || self.trusted.contains(&digest))
        };
        if !is_wanted(proof.plugin.digest) {
            return Ok(None);
        }
        if let Some(loaded) = self.loaded.iter().find(|it| it.digest() == proof.plugin.digest) {
            return Ok(Some(loaded.clone()));
        }
        let kept = kept_plugin(folder).map_err(|error| error.to_string())?;
        // It may be another one than the evidence says.
        let Some(component) = kept.filter(|it| is_wanted(Digest::of(it))) else { return Ok(None) };
        let engine = match &self.engine {
            Some(engine) => engine.clone(),
            None => Engine::new().map_err(|error| error.to_string())?,
        };
        let loaded =
            Plugin::load(&engine, &component, self.cache).await.map_err(|error| error.to_string())?;
        // As many as are trusted, at most.
        if self.trusted.contains(&loaded.digest()) {
            self.loaded.push(loaded.clone());
        }
        Ok(Some(loaded))
    }
}

/// A warning about several pieces of evidence.
fn of_several(first: &str, times: usize, what: &str) -> String {
    match times {
        1 => format!("{first}: {what}"),
        _ => format!("{first} and {} more: {what}", times - 1),
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
