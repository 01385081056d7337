//! Where stores and evidence are: folders here, or object stores.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use exhibit::clock::{Clock as _, SystemClock};
use exhibit::contract::testing::Test;
use exhibit::evidence::bundle;
use exhibit::log::Origin;
use exhibit::signing::SigningKey;
use exhibit::store::{Objects, ObjectsError, Store, StoreError, Tended, store_of};
use exhibit_records::Proof;
use url::Url;

use super::environment::Environment;
use super::failure::Failure;
use super::scratch::Scratch;
use super::terminal::{Terminal, shown};

/// What separates a store's address from the name of evidence in it.
const EVIDENCE: &str = "/evidence/";

/// A folder, or an address such as `s3://bucket/evidence`.
#[derive(Debug, Clone)]
pub(super) enum Location {
    Folder(PathBuf),
    Objects(Url),
}

/// A store, and where its changes go.
pub(super) struct OpenStore {
    pub(super) store: Store,
    remote: Option<Remote>,
    /// What was left out of it, as others may be about to finish it.
    under_way: Vec<String>,
}

/// Evidence in a folder: its own, or one that stands for it here.
pub(super) struct OpenEvidence {
    pub(super) folder: PathBuf,
    /// The store that it is in, where it is in one.
    pub(super) store: Option<OpenStore>,
    /// What a bundle is unpacked into. Removed when dropped.
    unpacked: Option<Scratch>,
}

struct Remote {
    objects: Objects,
    /// Removed when dropped.
    mirror: Option<Scratch>,
}

/// Whatever is no address is a folder, also where its name is no text.
impl From<OsString> for Location {
    fn from(text: OsString) -> Self {
        let url = text.to_str().filter(|it| it.contains("://")).and_then(|it| Url::parse(it).ok());
        url.map_or_else(|| Self::Folder(text.into()), Self::Objects)
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Objects(url) => write!(f, "{url}"),
        }
    }
}

impl Location {
    /// The folder that it is, where it is one.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Objects(_) => None,
        }
    }

    /// The store here.
    pub(super) async fn store(&self, environment: &Environment) -> Result<OpenStore, Failure> {
        match self {
            Self::Folder(folder) => Ok(OpenStore::here(Store::open(folder)?)),
            Self::Objects(url) => {
                let (store, remote) = pull(url, environment).await?;
                Ok(OpenStore::remote(store, remote))
            }
        }
    }

    /// The store here, and all evidence that is in it. `None` where there is no store.
    pub(super) async fn whole_store(&self, environment: &Environment) -> Result<Option<OpenStore>, Failure> {
        match self {
            Self::Folder(bundle) if bundle.is_file() => Ok(None),
            Self::Folder(folder) => match Store::open(folder) {
                Err(StoreError::NoStore(_)) => Ok(None),
                store => Ok(Some(OpenStore::here(store?))),
            },
            Self::Objects(url) if names_evidence(url) => Ok(None),
            Self::Objects(url) => {
                let mut remote = Remote::new(url, environment)?;
                let (store, under_way) = remote.objects.pull_all(SystemClock.now()).await?;
                Ok(Some(OpenStore { store, remote: Some(remote), under_way }))
            }
        }
    }

    /// Makes a store here.
    pub(super) async fn create(
        &self,
        name: &Origin,
        key: &SigningKey,
        environment: &Environment,
    ) -> Result<OpenStore, Failure> {
        match self {
            Self::Folder(folder) => Ok(OpenStore::here(Store::create(folder, name, key)?)),
            Self::Objects(url) => {
                let mut remote = Remote::new(url, environment)?;
                let store = remote.objects.create(name, key).await?;
                Ok(OpenStore::remote(store, remote))
            }
        }
    }

    /// The evidence here.
    pub(super) async fn evidence(&self, environment: &Environment) -> Result<OpenEvidence, Failure> {
        match self {
            Self::Folder(bundle) if bundle.is_file() => OpenEvidence::unpack(bundle),
            Self::Folder(folder) => {
                let store = store_of(folder).map(|it| Store::open(&it)).transpose()?;
                let store = store.map(OpenStore::here);
                Ok(OpenEvidence { folder: folder.clone(), store, unpacked: None })
            }
            Self::Objects(url) => {
                let (store, name) = url.path().rsplit_once(EVIDENCE).ok_or_else(|| {
                    Failure::call(format!("{} names no evidence", shown(url.as_str())))
                        .next("name it as s3://bucket/store/evidence/NAME")
                })?;
                let mut address = url.clone();
                address.set_path(store);
                let (store, remote) = pull(&address, environment).await?;
                let folder = remote.objects.fetch(&store, name.trim_end_matches('/')).await?;
                let store = OpenStore::remote(store, remote);
                Ok(OpenEvidence { folder, store: Some(store), unpacked: None })
            }
        }
    }
}

/// Whether the address is of evidence in a store, and not of a store.
fn names_evidence(url: &Url) -> bool {
    let path = url.path().trim_end_matches('/');
    path.rsplit_once(EVIDENCE).is_some_and(|(_, name)| {
        // As stores call evidence: its type, its time, eight digits.
        let digits = name.rsplit('-').next().unwrap_or_default();
        digits.len() == 8 && digits.bytes().all(|it| it.is_ascii_hexdigit())
    })
}

impl OpenEvidence {
    fn unpack(path: &Path) -> Result<Self, Failure> {
        let scratch = Scratch::new().map_err(Failure::call)?;
        let folder = scratch.path().join("evidence");
        bundle::unpack(path, &folder).map_err(|error| {
            Failure::call(format!("this is no bundle of evidence, or was altered: {error}"))
                .next("name a folder that `exhibit collect` made, or a bundle that `exhibit bundle` made")
        })?;
        Ok(Self { folder, store: None, unpacked: Some(scratch) })
    }

    /// Whether it is a bundle, to which nothing can be added.
    pub(super) fn is_bundle(&self) -> bool {
        self.unpacked.is_some()
    }
}

/// The store at this address, without its evidence.
async fn pull(url: &Url, environment: &Environment) -> Result<(Store, Remote), Failure> {
    let mut remote = Remote::new(url, environment)?;
    let store = remote.objects.pull().await?;
    Ok((store, remote))
}

impl OpenStore {
    fn here(store: Store) -> Self {
        Self { store, remote: None, under_way: Vec::new() }
    }

    fn remote(store: Store, remote: Remote) -> Self {
        Self { store, remote: Some(remote), under_way: Vec::new() }
    }

    fn say(&self, tended: &Tended, terminal: &Terminal) {
        for kept in &tended.entered {
            terminal.warn(&format!("{} had not been entered in the log, and is now", kept.evidence));
        }
        for it in &tended.tested {
            terminal.warn(&format!("{}/{} had not been entered in the log, and is now", it.evidence, it.run));
        }
        for folder in &tended.removed {
            terminal.warn(&format!("{} had been pruned, and is gone now", self.called(folder)));
        }
        for folder in &tended.strangers {
            terminal.warn(&format!(
                "{} is not in the log, and was not signed with this key: it is left alone",
                self.called(folder)
            ));
        }
    }

    /// Finishes what killed processes had begun, and says so.
    pub(super) async fn tend(&mut self, key: &SigningKey, terminal: &Terminal) -> Result<(), Failure> {
        let now = SystemClock.now();
        let tended = match &mut self.remote {
            Some(remote) => remote.objects.tend(&self.store, key, now).await?,
            None => self.store.tend(key, now)?,
        };
        self.say(&tended, terminal);
        Ok(())
    }

    /// Has what a run of these tests is compared with at hand. `evidence` is the folder of what is tested.
    pub(super) async fn bring_earlier(
        &self,
        evidence: &Path,
        proof: &Proof,
        tests: &[Test],
    ) -> Result<(), ObjectsError> {
        if let Some(remote) = &self.remote {
            let names: Vec<&str> = tests.iter().map(|it| it.name.as_str()).collect();
            remote.objects.fetch_earlier(&self.store, evidence, proof, &names).await?;
        }
        Ok(())
    }

    /// What was left out, as others may be about to finish it.
    pub(super) fn under_way(&self) -> &[String] {
        &self.under_way
    }

    /// Has the number of a run of tests for it alone, or the next one that is free. Gives its folder then.
    pub(super) async fn claim(&mut self, run: PathBuf) -> Result<PathBuf, Failure> {
        match &mut self.remote {
            Some(remote) => remote.objects.claim(&run).await.map_err(|error| remote.kept(error)),
            None => Ok(run),
        }
    }

    /// Takes what was done to the store to where it is. `again` does it once more, to the store as others
    /// have left it meanwhile.
    pub(super) async fn finish(
        &mut self,
        again: &(dyn Fn(&Store) -> Result<(), StoreError> + Sync),
    ) -> Result<(), Failure> {
        match &mut self.remote {
            Some(remote) => remote.objects.push(again).await.map_err(|error| remote.kept(error)),
            None => Ok(()),
        }
    }

    /// Takes what was pruned away from where it is.
    pub(super) async fn remove_pruned(&mut self) -> Result<(), Failure> {
        if let Some(remote) = &mut self.remote {
            remote.objects.remove_pruned(&self.store).await?;
        }
        Ok(())
    }

    /// What people call evidence of it in this folder, or a run of tests.
    pub(super) fn called(&self, folder: &Path) -> String {
        match &self.remote {
            None => folder.display().to_string(),
            Some(remote) => remote.objects.called(folder),
        }
    }

    /// The folder that it is, or that stands for it.
    pub(super) fn folder(&self) -> &Path {
        self.store.folder()
    }
}

impl Remote {
    fn new(url: &Url, environment: &Environment) -> Result<Self, Failure> {
        let mirror = Scratch::new().map_err(Failure::call)?;
        let folder = mirror.path().join("store");
        let objects = Objects::new(url, environment.object_stores.options(), &folder)?;
        Ok(Self { objects, mirror: Some(mirror) })
    }

    /// An hour of collecting is not thrown away for a network: what is here stays, and it is said where.
    fn kept(&mut self, error: ObjectsError) -> Failure {
        let failure = Failure::from(error);
        match self.mirror.take().map(Scratch::keep) {
            Some(folder) => {
                failure.during(format!("taking it to the store; it is kept in {}", folder.display()))
            }
            None => failure,
        }
    }
}
