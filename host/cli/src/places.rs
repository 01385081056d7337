//! Where files and folders may go that a call names: not into evidence or a store, which have nothing in them but what they
//! record.

use std::path::{Path, PathBuf};

use exhibit::run::Destination;
use exhibit::signing::SigningKey;
use exhibit::store::{Location, OpenStore};
use exhibit_records::{PROOF_FILE, STORE_FILE};
use exhibit_rows::ShowPath as _;

use super::environment::Environment;
use super::failure::Failure;
use super::sign::SignArgs;

/// Refuses a place within evidence or a store, whether it is there yet or not: it could replace a file of that, and would
/// no longer verify. `what` is to go there, as `option` says.
pub(super) fn outside(path: &Path, what: &str, option: &str) -> Result<(), Failure> {
    let place = located(path);
    let kinds = [(STORE_FILE, "the store"), (PROOF_FILE, "the evidence")];
    let around = place.ancestors().find_map(|folder| {
        let (name, kind) = kinds.iter().find(|(name, _)| folder.join(name).is_file())?;
        // That evidence is never overwritten says more of evidence itself.
        (folder != place || *name == STORE_FILE).then_some((folder, kind))
    });
    match around {
        None => Ok(()),
        Some((folder, kind)) => {
            let (path, folder) = (path.shown(), folder.shown());
            Err(Failure::call(format!(
                "{what} {path} would be inside {kind} {folder}, where nothing else may be"
            ))
            .next(format!("name a place elsewhere with {option}")))
        }
    }
}

/// Refuses a call that names no place for evidence, one that is not fit for it, or a store without the key that it takes.
pub(super) fn of_evidence(
    out: Option<&Path>,
    store: Option<&Location>,
    sign: &SignArgs,
) -> Result<(), Failure> {
    if out.is_none() && store.is_none() {
        return Err(Failure::call("no place is given for the evidence").next(
            "add --out DIR for a new folder, or --store STORE --sign file:PATH for a store that \
             `exhibit evidence init` made",
        ));
    }
    if store.is_some() && !sign.is_given() {
        return Err(SignArgs::missing());
    }
    out.map_or(Ok(()), |out| outside(out, "the evidence", "--out, or the store with --store"))
}

/// Where the evidence of a call goes.
pub(super) struct EvidencePlace {
    folder: PathBuf,
    store: Option<OpenStore>,
}

impl EvidencePlace {
    /// The folder, or the store, which is opened.
    pub(super) async fn open(
        out: Option<&Path>,
        store: Option<&Location>,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let folder = out.or_else(|| store?.folder()).unwrap_or(Path::new("")).to_owned();
        let store = match store {
            Some(store) => Some(store.store(&environment.object_stores).await?),
            None => None,
        };
        Ok(Self { folder, store })
    }

    /// For people.
    pub(super) fn called(&self) -> String {
        match &self.store {
            Some(_) => format!("the store {}", self.folder.shown()),
            None => self.folder.shown().to_string(),
        }
    }

    /// As the library takes it. A store takes nothing without a key.
    pub(super) fn destination<'a>(&'a mut self, key: Option<&'a SigningKey>) -> Destination<'a> {
        match (&mut self.store, key) {
            (Some(store), Some(key)) => Destination::Store(store, key),
            _ => Destination::Folder(&self.folder),
        }
    }
}

/// Where a path leads, without links as far as it is there.
fn located(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = |it: &Path| Some(it.canonicalize().ok()?.join(path.strip_prefix(it).ok()?));
    path.ancestors().find_map(there).unwrap_or_else(|| path.clone())
}

/// Whether a path leads into a folder.
pub(super) fn is_within(path: &Path, folder: &Path) -> bool {
    located(path).starts_with(located(folder))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn nothing_goes_into_evidence_or_a_store() -> std::io::Result<()> {
        let place = tempfile::tempdir()?;
        let (store, evidence) = (place.path().join("store"), place.path().join("users"));
        fs::create_dir_all(store.join("log"))?;
        fs::create_dir_all(&evidence)?;
        fs::write(store.join(STORE_FILE), "{}")?;
        fs::write(evidence.join(PROOF_FILE), "{}")?;
        #[cfg(unix)]
        std::os::unix::fs::symlink(&store, place.path().join("link"))?;
        let refused = |path: &Path| outside(path, "the export", "--out").is_err();
        for inside in
            ["store", "store/log/checkpoint", "store/new/mine", "users/proof.json", "users/../store/x"]
        {
            assert!(refused(&place.path().join(inside)), "{inside}");
        }
        #[cfg(unix)]
        assert!(refused(&place.path().join("link/log/checkpoint")));
        for elsewhere in ["users.csv", "new/users.csv", "stored"] {
            assert!(!refused(&place.path().join(elsewhere)), "{elsewhere}");
        }
        Ok(())
    }
}
