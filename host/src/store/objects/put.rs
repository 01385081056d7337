//! Files on their way into an object store.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use object_store::path::Path as Key;
use object_store::{ObjectStoreExt as _, PutMode, WriteMultipart};

use crate::disk::at;

use super::Objects;
use super::error::ObjectsError;
use super::paths::comes_last;
use super::pull::{bytes, files};

/// Larger files go in pieces of this size: the least that S3 takes of a piece is 5 MiB.
const PIECE: usize = 8 << 20;
/// So many pieces are on their way at once.
const PIECES: usize = 4;

impl Objects {
    /// Puts a file where none exists.
    pub(super) async fn put_file(&mut self, path: &str) -> Result<(), ObjectsError> {
        let file = self.mirror.join(path);
        self.put(path, &file).await?;
        self.list().await
    }

    /// Puts a file in the place of what is there: each process that does so puts the same.
    pub(super) async fn replace_file(&mut self, path: &str) -> Result<(), ObjectsError> {
        let file = self.mirror.join(path);
        let bytes = fs::read(&file).map_err(|error| at(&file, error))?;
        self.objects.put(&self.key(path), bytes.into()).await?;
        self.list().await
    }

    /// Puts what is in the folder and not there yet. What makes a folder evidence comes last.
    pub(super) async fn put_new(&self, folder: &str) -> Result<(), ObjectsError> {
        let here = self.mirror.join(folder);
        if !here.is_dir() {
            return Ok(());
        }
        let mut new: Vec<_> = files(&here)?.into_iter().collect();
        new.retain(|(path, _)| {
            let path = format!("{folder}/{path}");
            !path.contains("/.") && !self.listed.contains_key(&path) && !self.is_brought(&path)
        });
        new.sort_by_key(|(path, _)| comes_last(path));
        for (path, file) in new {
            self.put(&format!("{folder}/{path}"), &file).await?;
        }
        Ok(())
    }

    async fn put(&self, path: &str, file: &Path) -> Result<(), ObjectsError> {
        let key = self.key(path);
        let size = fs::metadata(file).map_err(|error| at(file, error))?.len();
        if size > PIECE as u64 {
            return self.put_pieces(&key, file).await;
        }
        let bytes = Bytes::from(fs::read(file).map_err(|error| at(file, error))?);
        let expected = bytes.clone();
        match self.objects.put_opts(&key, bytes.into(), PutMode::Create.into()).await {
            Ok(_) => Ok(()),
            // Somebody has put the same, as is so with plugins; or the answer to an earlier try was lost.
            Err(object_store::Error::AlreadyExists { .. }) if self.has(path, &expected).await? => Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => Err(ObjectsError::Stranger(path.to_owned())),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether an object has these bytes.
    async fn has(&self, path: &str, expected: &[u8]) -> Result<bool, ObjectsError> {
        match self.get(path).await? {
            Some(got) if got.meta.size == expected.len() as u64 => {
                Ok(bytes(got, path, expected.len() as u64).await? == expected)
            }
            _ => Ok(false),
        }
    }

    async fn put_pieces(&self, key: &Key, file: &Path) -> Result<(), ObjectsError> {
        use std::io::Read as _;

        let mut from = fs::File::open(file).map_err(|error| at(file, error))?;
        let mut upload = WriteMultipart::new_with_chunk_size(self.objects.put_multipart(key).await?, PIECE);
        loop {
            let mut piece = Vec::new();
            let read = from.by_ref().take(PIECE as u64).read_to_end(&mut piece);
            if read.map_err(|error| at(file, error))? == 0 {
                break;
            }
            upload.wait_for_capacity(PIECES).await?;
            upload.put(piece.into());
        }
        upload.finish().await?;
        Ok(())
    }
}
