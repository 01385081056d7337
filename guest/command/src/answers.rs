//! Answers from a recording, as the host keeps it beside the rows of a proof.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use exhibit_plugin::collection::{Request, Response};
use exhibit_records::RequestRecord;
use exhibit_rows::ShowPath as _;
use exhibit_rows::Shown;
use ruzstd::decoding::StreamingDecoder;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::evidence::record;
use crate::failure::Failure;
use crate::files;
use crate::transport::{Answer, Body, Transport, TransportError};

/// A line of the index: a request with its whole body, and little else.
const LONGEST_LINE: u64 = 16 << 20;
/// The largest window of the decoder: twice what the host's encoder uses for long answers. A
/// hostile frame may ask for gigabytes.
const WINDOW_BYTES: u64 = 8 << 20;
/// What a plugin is fed at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// A recording, read from its first answer to its last.
pub(crate) struct Recording {
    folder: PathBuf,
    index: BufReader<Box<dyn Read>>,
    line: u64,
    /// The next complete answer, as long as something else is asked for.
    pending: Option<(Record, String)>,
    /// The heads of the answers before it that were interrupted.
    interrupted: VecDeque<Response>,
}

/// More attempts at one request than any collection makes.
const MAX_INTERRUPTED: usize = 64;

/// What is read of a line of `index.ndjson`.
#[derive(Debug, Deserialize)]
struct Record {
    request: RequestRecord,
    status: u16,
    headers: Vec<(String, String)>,
    digest: Option<String>,
    file: Option<String>,
}

impl Recording {
    /// The recording in this folder.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join("index.ndjson");
        let index = files::open(&path).map_err(|error| {
            Failure::call(format!("{}: {error}", path.shown()))
                .next("name the folder `answers` of a proof, and give access to it: --dir FOLDER before the component's name")
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            index: BufReader::new(Box::new(index)),
            line: 0,
            pending: None,
            interrupted: VecDeque::new(),
        })
    }

    /// The next complete answer, and the file of its body.
    fn next(&mut self) -> Result<(Record, String), Failure> {
        loop {
            let mut line = String::new();
            self.line += 1;
            let read = self.index.by_ref().take(LONGEST_LINE).read_line(&mut line);
            let record = match read {
                Ok(0) => {
                    return Err(Failure::source("the plugin requested more answers than the recording has")
                        .next(
                            "repeat the options that the proof was collected with; proof.json lists them",
                        ));
                }
                Ok(_) => {
                    serde_json::from_str::<Record>(&line).map_err(|error| self.wrong(&error.to_string()))?
                }
                Err(error) => return Err(self.wrong(&error.to_string())),
            };
            match record.file.clone() {
                Some(file) => return Ok((record, file)),
                // An interrupted answer has no file; its request was repeated.
                None if self.interrupted.len() < MAX_INTERRUPTED => {
                    let Record { status, headers, .. } = record;
                    self.interrupted.push_back(Response { status, headers });
                }
                None => {}
            }
        }
    }

    fn wrong(&self, why: &str) -> Failure {
        Failure::call(format!("{}: line {}: {why}", self.folder.join("index.ndjson").shown(), self.line))
    }
}

impl Transport for Recording {
    fn answer(&mut self, request: &Request) -> Result<Answer, TransportError> {
        let (record, file) = match self.pending.take() {
            Some(it) => it,
            None => {
                self.interrupted.clear();
                self.next()?
            }
        };
        if record.request != record::request(request) {
            // After answers that were interrupted, a plugin may make another request, such as for a smaller page.
            if let Some(head) = self.interrupted.pop_front() {
                self.pending = Some((record, file));
                return Ok(Answer { head, body: Box::new(Interrupted) });
            }
            let path = Shown::line(&request.path);
            return Err(self
                .wrong(&format!("the recorded request is not the one that the plugin makes now, to {path}"))
                .next("repeat the options that the proof was collected with; proof.json lists them")
                .into());
        }
        // The index may come from anywhere: it must not lead out of its folder.
        if !file.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'.') || file.starts_with('.') {
            return Err(self.wrong("the name of the file is not valid").into());
        }
        let path = self.folder.join(file);
        let failed = |why: String| Failure::call(format!("{}: {why}", path.shown()));
        let opened = files::open(&path).map_err(|error| failed(error.to_string()))?;
        let decoder = StreamingDecoder::new_with_max_window_size(
            BufReader::new(Box::new(opened) as Box<dyn Read>),
            WINDOW_BYTES,
        )
        .map_err(|error| failed(error.to_string()))?;
        let body = Recorded { path, decoder, digest: record.digest, so_far: Sha256::new() };
        Ok(Answer { head: Response { status: record.status, headers: record.headers }, body: Box::new(body) })
    }

    fn is_live(&self) -> bool {
        false
    }
}

/// The body of an answer that was interrupted: none of it was kept.
struct Interrupted;

impl Body for Interrupted {
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        Err(TransportError::Transient("the recorded answer was interrupted".to_owned()))
    }
}

struct Recorded {
    path: PathBuf,
    decoder: StreamingDecoder<BufReader<Box<dyn Read>>, ruzstd::decoding::FrameDecoder>,
    digest: Option<String>,
    so_far: Sha256,
}

impl Body for Recorded {
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let mut chunk = vec![0; CHUNK_BYTES];
        let size = self
            .decoder
            .read(&mut chunk)
            .map_err(|error| Failure::call(format!("{}: {error}", self.path.shown())))?;
        if size > 0 {
            chunk.truncate(size);
            self.so_far.update(&chunk);
            return Ok(Some(chunk));
        }
        let digest: String = self.so_far.finalize_reset().iter().map(|byte| format!("{byte:02x}")).collect();
        if self.digest.as_deref() != Some(&format!("sha256:{digest}")) {
            let what =
                format!("{}: the digest does not match: this is not the recorded answer", self.path.shown());
            return Err(Failure::call(what).into());
        }
        Ok(None)
    }
}
