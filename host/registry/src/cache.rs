//! What was pulled, on disk, so that a pinned plugin is pulled once and then needs no registry.
//!
//! Each file is named after the digest of what is in it, and used only as far as that is so: others
//! who may write here can take something away, and put nothing else in its place.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use exhibit::disk::{Room, keep_newest, private_all, regular_file, used_now};
use exhibit::plugin::COMPONENT_BYTES;
use exhibit_records::Digest;
use exhibit_rows::ShowPath as _;

/// Components that were pulled, of a few MB each, with the manifest of each beside them.
const COMPONENTS: Room = Room::new(128, 1 << 30);
const MANIFESTS: Room = Room::new(1024, 64 << 20);
/// What the names of components end with.
const COMPONENT_END: &str = ".wasm";
/// What the names of manifests end with.
const MANIFEST_END: &str = ".manifest.json";

/// Where it is kept; nothing is, where there is no such place.
pub(crate) struct BlobCache {
    folder: Option<PathBuf>,
}

impl BlobCache {
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// The manifest of the artifact of this digest.
    pub(crate) fn manifest(&self, artifact: Digest) -> Option<Vec<u8>> {
        self.read(&manifest_name(artifact), artifact)
    }

    /// The component of this digest.
    pub(crate) fn component(&self, digest: Digest) -> Option<Vec<u8>> {
        self.read(&component_name(digest), digest)
    }

    /// Keeps both, where they are not. Where that fails, they are pulled again next time.
    pub(crate) fn keep(&self, manifest: &[u8], component: &[u8]) {
        let Some(folder) = &self.folder else { return };
        let files = [
            (component_name(Digest::of(component)), component, COMPONENT_END, COMPONENTS),
            (manifest_name(Digest::of(manifest)), manifest, MANIFEST_END, MANIFESTS),
        ];
        for (name, bytes, end, room) in files {
            let digest = Digest::of(bytes);
            if self.read(&name, digest).is_some() {
                continue;
            }
            let written = write(folder, &name, bytes)
                .and_then(|()| keep_newest(folder, end, room, &folder.join(&name)));
            if let Err(error) = written {
                tracing::warn!(folder = %folder.shown(), %error, "cannot keep what was pulled");
            }
        }
    }

    fn read(&self, name: &str, digest: Digest) -> Option<Vec<u8>> {
        let file = self.folder.as_ref()?.join(name);
        // Not what a link leads to.
        if fs::symlink_metadata(&file).ok()?.is_symlink() {
            return None;
        }
        let read = bounded(&file).filter(|it| Digest::of(it) == digest)?;
        used_now(&file);
        Some(read)
    }
}

/// All of a file, as far as it may be a component. A longer one has another digest, cut or not.
fn bounded(file: &Path) -> Option<Vec<u8>> {
    let file = regular_file(file).ok()??;
    let mut bytes = vec![];
    file.take(COMPONENT_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() <= COMPONENT_BYTES).then_some(bytes)
}

fn manifest_name(artifact: Digest) -> String {
    format!("{}{MANIFEST_END}", artifact.hex())
}

fn component_name(digest: Digest) -> String {
    format!("{}{COMPONENT_END}", digest.hex())
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
        let kept = BlobCache::new(Some(folder.clone()));
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
        let kept = BlobCache::new(None);
        kept.keep(b"manifest", b"component");
        assert_eq!(kept.component(Digest::of(b"component")), None);
    }
}
