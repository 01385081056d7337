//! Recorded answers, served from a folder.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::{answer::Answer, call::Received, stream::Source};

/// The name of the index in a folder of recorded answers.
const INDEX: &str = "replay.json";

/// Answers that were recorded, and the requests they are given to.
///
/// A folder holds the answers and a `replay.json`; the first entry that fits a request answers it:
///
/// ```json
/// {"answers": [{
///   "method": "GET",
///   "path": "/api/5.0/fo/asset/host/",
///   "params": {"details": "All"},
///   "status": 200,
///   "headers": {"content-type": "application/xml"},
///   "file": "hosts.xml"
/// }]}
/// ```
///
/// `method`, `path`, `params` (those that must be there with this value, also as members of a JSON body), `status` and `headers` may be
/// left out.
#[derive(Clone, Debug)]
pub struct Replay(Arc<Vec<Recorded>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    answers: Vec<Recorded>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    method: Option<String>,
    path: Option<String>,
    #[serde(default)]
    params: BTreeMap<String, String>,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    file: PathBuf,
}

fn ok() -> u16 {
    200
}

impl Replay {
    /// Reads the index of a folder. Fails when it is missing, or when it names what is not there.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(INDEX);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read; it says what to answer", path.display()))?;
        let mut index: Index = serde_json::from_str(&text)
            .with_context(|| format!("{} is not an index of answers", path.display()))?;
        for recorded in &mut index.answers {
            let mut parts = recorded.file.components();
            if !parts.all(|part| matches!(part, Component::Normal(_))) {
                bail!("{} names {}, which is not in its folder", path.display(), recorded.file.display());
            }
            recorded.file = folder.join(&recorded.file);
            check(recorded.status, &recorded.file)?;
        }
        Ok(Self(Arc::new(index.answers)))
    }

    /// Answers every request with one file. Fails when it cannot be read.
    pub fn always(status: u16, file: &Path) -> Result<Self> {
        check(status, file)?;
        Ok(Self(Arc::new(vec![Recorded {
            method: None,
            path: None,
            params: BTreeMap::new(),
            status,
            headers: BTreeMap::new(),
            file: file.to_owned(),
        }])))
    }

    /// The answer to a call: 404 when none was recorded for it, 500 when its file has gone.
    pub(crate) fn answer(&self, call: &Received) -> Answer {
        let Some(recorded) = self.0.iter().find(|recorded| recorded.fits(call)) else {
            return Answer::xml(404, Source::empty());
        };
        let Ok(file) = File::open(&recorded.file) else {
            return Answer::xml(500, Source::empty());
        };
        let answer = Answer::xml(recorded.status, Source::File(file));
        let headers = recorded.headers.iter();
        headers.fold(answer, |answer, (name, value)| answer.with(name, value))
    }
}

impl Recorded {
    fn fits(&self, call: &Received) -> bool {
        self.method.as_ref().is_none_or(|method| *method == call.method)
            && self.path.as_ref().is_none_or(|path| *path == call.path)
            && self.params.iter().all(|(name, value)| call.member(name).as_ref() == Some(value))
    }
}

fn check(status: u16, file: &Path) -> Result<()> {
    if !(200..=599).contains(&status) {
        bail!("{status} is not the status of an answer; it must be from 200 to 599");
    }
    let known = fs::metadata(file).with_context(|| format!("{} cannot be read", file.display()))?;
    if !known.is_file() {
        bail!("{} is not a file", file.display());
    }
    Ok(())
}
