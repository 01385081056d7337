//! What was pulled, on disk, so that a pinned plugin is pulled once and then needs no registry.
//!
//! Each file is named after the digest of what is in it, and believed only as far as that is so:
//! whoever else may write here can take something away, and put nothing else in its place.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use exhibit::disk::private_all;
use exhibit::plugin::COMPONENT_BYTES;
use exhibit_records::Digest;

use crate::bounded;

/// Where it is kept; nothing is, where there is no such place.
pub(super) struct Kept<'a> {
    folder: Option<&'a Path>,
}

impl<'a> Kept<'a> {
    pub(super) fn new(folder: Option<&'a Path>) -> Self {
        Self { folder }
    }

    /// The manifest of the artifact of this digest.
    pub(super) fn manifest(&self, artifact: Digest) -> Option<Vec<u8>> {
        self.read(&manifest_name(artifact), artifact)
    }

    /// The component of this digest.
    pub(super) fn component(&self, digest: Digest) -> Option<Vec<u8>> {
        self.read(&component_name(digest), digest)
    }

    /// Keeps both, where they are not. Where that fails, they are pulled again next time.
    pub(super) fn keep(&self, manifest: &[u8], component: &[u8]) {
        let Some(folder) = self.folder else { return };
        let files = [
            (component_name(Digest::of(component)), component),
            (manifest_name(Digest::of(manifest)), manifest),
        ];
        for (name, bytes) in files {
            let digest = Digest::of(bytes);
            if self.read(&name, digest).is_some() {
                continue;
            }
            if let Err(error) = write(folder, &name, bytes) {
                tracing::warn!(folder = %folder.display(), %error, "cannot keep what was pulled");
            }
        }
    }

    fn read(&self, name: &str, digest: Digest) -> Option<Vec<u8>> {
        let file = self.folder?.join(name);
        // Not what somebody's link leads to.
        if fs::symlink_metadata(&file).ok()?.is_symlink() {
            return None;
        }
        bounded::read(&file, COMPONENT_BYTES).ok().filter(|it| Digest::of(it) == digest)
    }
}

fn manifest_name(artifact: Digest) -> String {
    format!("{}.manifest.json", artifact.hex())
}

fn component_name(digest: Digest) -> String {
    format!("{}.wasm", digest.hex())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    // As for the compiled plugins, which are beside them.
    private_all(folder)?;
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    aside.write_all(bytes)?;
    aside.as_file().sync_all()?;
    aside.persist(folder.join(name)).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_given_again_as_long_as_it_is_that() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let folder = place.path().join("plugins");
        let kept = Kept::new(Some(&folder));
        let (artifact, component) = (Digest::of(b"manifest"), Digest::of(b"component"));
        assert_eq!(kept.component(component), None);
        kept.keep(b"manifest", b"component");
        assert_eq!(kept.manifest(artifact).as_deref(), Some(&b"manifest"[..]));
        assert_eq!(kept.component(component).as_deref(), Some(&b"component"[..]));

        let file = folder.join(component_name(component));
        fs::write(&file, b"componenT")?;
        assert_eq!(kept.component(component), None);
        kept.keep(b"manifest", b"component");
        assert_eq!(fs::read(&file)?, b"component");
        assert_eq!(fs::read_dir(&folder)?.count(), 2, "something was left beside");
        Ok(())
    }

    #[test]
    fn where_there_is_no_place_nothing_is_kept() {
        let kept = Kept::new(None);
        kept.keep(b"manifest", b"component");
        assert_eq!(kept.component(Digest::of(b"component")), None);
    }
}
