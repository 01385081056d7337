//! An answer's body, read while the plugin is at work on what came before.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::http::{Incoming, TransportError};

/// What a plugin is fed at a time. Larger chunks would only take more memory.
pub(crate) const CHUNK_BYTES: usize = 64 << 10;
/// Chunks on their way: one that is being taken, one that is ready.
const CHUNKS: usize = 2;

/// The body of an answer, in chunks of at most [`CHUNK_BYTES`]. Read ahead by two of
/// these and no more; dropping it stops reading.
pub(crate) struct Body {
    chunks: Receiver<Result<Bytes, TransportError>>,
    replaced: Arc<Mutex<Replaced>>,
}

/// What was replaced in an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// How many times a secret of its request was.
    pub(crate) secrets: u64,
    /// How many times a value was, by the names that are blanked.
    pub(crate) values: BTreeMap<String, u64>,
}

impl Body {
    /// Begins to read. Needs a tokio runtime.
    pub(crate) fn read(answer: Incoming) -> Self {
        let (sender, receiver) = mpsc::channel(CHUNKS);
        let replaced = Arc::new(Mutex::new(replaced(&answer)));
        tokio::spawn(forward(answer, sender, Arc::clone(&replaced)));
        Self { chunks: receiver, replaced }
    }

    /// The next chunk; `None` at the end. After an error, nothing comes.
    pub(crate) async fn chunk(&mut self) -> Option<Result<Bytes, TransportError>> {
        self.chunks.recv().await
    }

    /// What was replaced in the answer, as far as it was read: all of it once its end came.
    pub(crate) fn replaced(&self) -> Replaced {
        locked(&self.replaced).clone()
    }
}

fn replaced(answer: &Incoming) -> Replaced {
    let values = answer.blanked().map(|(name, times)| (name.to_owned(), times)).collect();
    Replaced { secrets: answer.redacted(), values }
}

fn locked(it: &Mutex<Replaced>) -> MutexGuard<'_, Replaced> {
    // It is replaced as a whole.
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Small pieces of the network grow together while the plugin is busy, and are passed on
/// as they are while it waits.
async fn forward(
    mut answer: Incoming,
    chunks: Sender<Result<Bytes, TransportError>>,
    shared: Arc<Mutex<Replaced>>,
) {
    let mut pending = BytesMut::new();
    loop {
        tokio::select! {
            biased;
            () = chunks.closed() => return,
            place = chunks.reserve(), if !pending.is_empty() => {
                let Ok(place) = place else { return };
                let size = pending.len().min(CHUNK_BYTES);
                place.send(Ok(pending.split_to(size).freeze()));
            }
            piece = answer.chunk(), if pending.len() < CHUNK_BYTES => {
                *locked(&shared) = replaced(&answer);
                match piece {
                    Ok(Some(piece)) => pending.extend_from_slice(&piece),
                    Ok(None) => break,
                    // What came before does not count: the whole answer is asked for again.
                    Err(error) => {
                        drop(chunks.send(Err(error)).await);
                        return;
                    }
                }
            },
        }
    }
    while !pending.is_empty() {
        let size = pending.len().min(CHUNK_BYTES);
        if chunks.send(Ok(pending.split_to(size).freeze())).await.is_err() {
            return;
        }
    }
}
