//! The source's answers as they came: one zstd file each, and an index that says what
//! was asked. No secret is in it: a request is recorded as the plugin said it, before
//! the host signed it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use exhibit_records::weight::{self, Weight};
use exhibit_records::{AnswerRecord, BodyRecord, Digest, Digester, RequestRecord, StoredRecord};

use crate::collect::sink::Answer;
use crate::contract::collection::{Body, Effect, Method, Request};
use crate::disk::{AppendFile, Extent, LEVEL, Reached, at, invalid, names, private, private_file, sync};

use super::index::{file_name, index_in};
use super::instant;

/// Writes the answers of one collection.
#[derive(Debug)]
pub(super) struct Answers {
    folder: PathBuf,
    index: AppendFile,
    count: u32,
    /// Those whose bodies are on the disk for good.
    synced: u32,
    open: Option<Open>,
    /// The answer before, where that broke off or was refused.
    failed: Option<Failed>,
}

/// An answer that is no evidence. Its body is there until the next one begins.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) record: AnswerRecord,
    pub(super) body: PathBuf,
}

/// The answer at hand.
struct Open {
    record: AnswerRecord,
    path: PathBuf,
    file: zstd::Encoder<'static, Stored>,
    digester: Digester,
}

impl Answers {
    /// In this folder, which is made.
    pub(super) fn create(folder: PathBuf) -> io::Result<Self> {
        private(&folder).map_err(|error| at(&folder, error))?;
        let index = AppendFile::create(folder.join("index.ndjson"))?;
        Ok(Self { folder, index, count: 0, synced: 0, open: None, failed: None })
    }

    /// In this folder, which has so many answers, the first of them on the disk for good. Removes all others. Reads all
    /// of them: what is missing or altered must be known before the evidence is signed.
    ///
    /// # Errors
    /// Where one of them is not there any more as it was.
    pub(super) fn reopen(folder: PathBuf, index: &Reached, count: u32, synced: u32) -> io::Result<Self> {
        let path = folder.join("index.ndjson");
        let reopened = AppendFile::reopen(path.clone(), index)?;
        let mut whole = BTreeSet::new();
        for record in index_in(&folder)? {
            let record = record?;
            let (Some(name), Some(stored)) = (&record.file, &record.stored) else { continue };
            check(&folder.join(name), stored)?;
            whole.insert(name.clone());
        }
        for name in names(&folder)? {
            let known = name.to_str().is_some_and(|it| it == "index.ndjson" || whole.contains(it));
            if !known {
                remove(&folder.join(name))?;
            }
        }
        Ok(Self { folder, index: reopened, count, synced, open: None, failed: None })
    }

    /// How far its index reaches, how many answers it has, and how many are on the disk for good.
    pub(super) fn position(&self) -> (Reached, u32, u32) {
        (self.index.reached(), self.count, self.synced)
    }

    /// What is in it, on the disk for good.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.sync_bodies()?;
        sync(&self.folder)?;
        self.index.sync()
    }

    fn sync_bodies(&mut self) -> io::Result<()> {
        for answer in self.synced.saturating_add(1)..=self.count {
            let path = self.folder.join(file_name(answer));
            match File::open(&path).and_then(|it| it.sync_all()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&path, error)),
                _ => {}
            }
        }
        self.synced = self.count;
        Ok(())
    }

    pub(super) fn begin(&mut self, mut record: AnswerRecord) -> io::Result<()> {
        self.forget()?;
        self.count = self.count.saturating_add(1);
        record.answer = self.count;
        let path = self.folder.join(file_name(self.count));
        let file = compressed(private_file(&path)?).map_err(|error| at(&path, error))?;
        self.open = Some(Open { record, path, file, digester: Digester::default() });
        Ok(())
    }

    pub(super) fn body(&mut self, chunk: &[u8]) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Err(out_of_turn("a body without an answer")) };
        open.digester.update(chunk);
        open.record.bytes += chunk.len() as u64;
        open.file.write_all(chunk).map_err(|error| at(&open.path, error))
    }

    pub(super) fn redacted(&mut self, times: u64) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Err(out_of_turn("a mark without an answer")) };
        open.record.redacted = Some(times);
        Ok(())
    }

    pub(super) fn blanked(&mut self, by_name: BTreeMap<String, u64>) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Err(out_of_turn("a mark without an answer")) };
        open.record.blanked = by_name;
        Ok(())
    }

    pub(super) fn commit(&mut self) -> io::Result<()> {
        let Some(mut open) = self.open.take() else { return Err(out_of_turn("the end of no answer")) };
        let stored = open.file.finish().map_err(|error| at(&open.path, error))?;
        open.record.stored = Some(stored.record());
        open.record.digest = Some(open.digester.finish());
        open.record.file = Some(file_name(open.record.answer));
        self.list(&open.record)
    }

    pub(super) fn abandon(&mut self, why: &str) -> io::Result<()> {
        let Some(mut open) = self.open.take() else { return Err(out_of_turn("the end of no answer")) };
        open.file.finish().map_err(|error| at(&open.path, error))?;
        open.record.broken = Some(why.to_owned());
        self.list(&open.record)?;
        self.failed = Some(Failed { record: open.record, body: open.path });
        Ok(())
    }

    /// Removes the answer at hand, which may have a secret in it, and the one before it that broke off or was refused.
    pub(super) fn discard(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else { return Err(out_of_turn("the end of no answer")) };
        drop(open.file);
        remove(&open.path)?;
        self.forget()
    }

    /// The last answer, if it broke off or was refused.
    pub(super) fn failed(&self) -> Option<&Failed> {
        self.failed.as_ref()
    }

    fn forget(&mut self) -> io::Result<()> {
        self.failed.take().map_or(Ok(()), |it| remove(&it.body))
    }

    /// The index, on the disk for good: its size in bytes and its digest.
    pub(crate) fn finish(mut self) -> io::Result<(u64, Digest)> {
        self.forget()?;
        if self.open.is_some() {
            return Err(out_of_turn("an answer that never ended"));
        }
        // By now most of them are on the disk, and waiting for the rest costs little.
        self.sync_bodies()?;
        self.index.finish()
    }

    fn list(&mut self, record: &AnswerRecord) -> io::Result<()> {
        self.index.append(|out| {
            let before = out.len();
            serde_json::to_writer(&mut *out, record)?;
            out.push(b'\n');
            // It could not be read again.
            let line = out.get(before..).unwrap_or_default();
            weight::check(line, &Weight::ANSWER).map_err(|error| invalid(format!("the request: {error}")))
        })?;
        // What is in the index stays.
        self.index.checkpoint()
    }
}

/// The answer as it begins. Its number is not known yet.
pub(super) fn begun(answer: &Answer<'_>) -> AnswerRecord {
    AnswerRecord {
        answer: 0,
        request: RequestRecord::from(answer.request),
        origin: answer.origin.to_owned(),
        redirected: answer.redirected.to_vec(),
        received: instant::format(answer.received),
        status: answer.head.status,
        headers: answer.head.headers.clone(),
        bytes: 0,
        digest: None,
        file: None,
        stored: None,
        broken: None,
        redacted: None,
        blanked: BTreeMap::new(),
    }
}

/// As the plugin said it.
impl From<&Request> for RequestRecord {
    fn from(request: &Request) -> Self {
        let body = match &request.body {
            Body::None => None,
            Body::Form(pairs) => Some(BodyRecord::Form(pairs.clone())),
            Body::Content(content) => {
                let media_type = content.media_type.clone();
                Some(match std::str::from_utf8(&content.bytes) {
                    Ok(text) => BodyRecord::Text { media_type, text: text.to_owned() },
                    Err(_) => BodyRecord::Bytes { media_type, hex: hex(&content.bytes) },
                })
            }
        };
        Self {
            origin: request.origin.clone(),
            method: match request.method {
                Method::Get => "GET".to_owned(),
                Method::Post => "POST".to_owned(),
            },
            path: request.path.clone(),
            query: request.query.clone(),
            headers: request.headers.clone(),
            body,
            auth: request.auth.clone(),
            effect: match request.effect {
                Effect::Read => "read".to_owned(),
                Effect::Write(_) => "write".to_owned(),
            },
        }
    }
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").field("record", &self.record).finish_non_exhaustive()
    }
}

/// A file, digested as it is written.
struct Stored {
    file: File,
    bytes: u64,
    digester: Digester,
}

impl Stored {
    fn record(self) -> StoredRecord {
        StoredRecord { bytes: self.bytes, digest: self.digester.finish() }
    }
}

impl Write for Stored {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digester.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn compressed(file: File) -> io::Result<zstd::Encoder<'static, Stored>> {
    let stored = Stored { file, bytes: 0, digester: Digester::default() };
    let mut encoder = zstd::Encoder::new(stored, LEVEL)?;
    encoder.include_checksum(true)?;
    Ok(encoder)
}

/// The file is as it was written.
fn check(path: &Path, stored: &StoredRecord) -> io::Result<()> {
    let file = File::open(path).map_err(|error| at(path, error))?;
    let file = Extent::read(file.take(stored.bytes.saturating_add(1))).map_err(|error| at(path, error))?;
    if file.finish() == (stored.bytes, stored.digest) {
        Ok(())
    } else {
        Err(at(path, invalid("it was altered".to_owned())))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn remove(path: &Path) -> io::Result<()> {
    std::fs::remove_file(path).map_err(|error| at(path, error))
}

fn out_of_turn(what: &str) -> io::Error {
    io::Error::other(format!("the collection handed over {what}"))
}
