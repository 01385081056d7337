//! Reads back what a collection was asked for and what it was answered: all that it takes,
//! with the plugin, to make the same rows again.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use exhibit_records::{AnswerRecord, Argument, Digester, Proof};
use exhibit_rows::ShowPath as _;
use serde_json::Value as Json;

use crate::contract::collection::{Job, Task};
use crate::contract::types::{Instant, Kind, Setting, Value, Window};
use crate::disk::{self, invalid};

use super::content::unpacked;
use super::instant;
use super::read::kind;

pub(crate) use super::index::file_name;
pub use super::index::{Index, index};

/// The job of a proof, from its beginning on.
pub fn job(proof: &Proof) -> io::Result<Job> {
    let it = &proof.job;
    let window = it.window.as_ref().map(|it| {
        Ok::<_, io::Error>(Window { start: at("window", &it.start)?, end: at("window", &it.end)? })
    });
    Ok(Job {
        task: match proof.proof_type.operation {
            true => Task::Operate(proof.proof_type.name.clone()),
            false => Task::Collect(proof.proof_type.name.clone()),
        },
        settings: it.settings.iter().map(setting).collect::<io::Result<_>>()?,
        criteria: it.criteria.iter().map(setting).collect::<io::Result<_>>()?,
        window: window.transpose()?,
        since: it.since.as_deref().map(|it| at("since", it)).transpose()?,
        as_of: at("as-of", &it.as_of)?,
        id: it.id.clone(),
        checkpoint: None,
    })
}

fn setting(argument: &Argument) -> io::Result<Setting> {
    let read = match &argument.kind {
        None => Some(Value::Empty),
        Some(word) => kind(word).and_then(|kind| value(kind, argument.value.clone())),
    };
    let value = read.ok_or_else(|| invalid(format!("the job's {:?} is not of its kind", argument.name)))?;
    Ok(Setting { name: argument.name.clone(), value })
}

fn value(kind: Kind, json: Json) -> Option<Value> {
    if json.is_null() {
        return Some(Value::Empty);
    }
    match (kind, json) {
        (Kind::Text, Json::String(it)) => Some(Value::Text(it)),
        (Kind::Integer, json) => json.as_i64().map(Value::Integer),
        (Kind::Number, json) => json.as_f64().map(Value::Number),
        (Kind::Boolean, json) => json.as_bool().map(Value::Boolean),
        (Kind::Instant, Json::String(it)) => instant::parse(&it).map(Value::Instant),
        (Kind::Duration, json) => json.as_u64().map(Value::Duration),
        (Kind::Texts, Json::Array(it)) => {
            let text = |json| if let Json::String(it) = json { Some(it) } else { None };
            it.into_iter().map(text).collect::<Option<_>>().map(Value::Texts)
        }
        _ => None,
    }
}

fn at(what: &str, text: &str) -> io::Result<Instant> {
    instant::parse(text).ok_or_else(|| invalid(format!("the job's {what} {text:?} is no instant")))
}

/// When the head of an answer arrived.
pub fn received(record: &AnswerRecord) -> io::Result<Instant> {
    let number = record.answer;
    instant::parse(&record.received)
        .ok_or_else(|| invalid(format!("answer {number} came at {:?}, which is no instant", record.received)))
}

/// The body of a whole answer. What is not as long as the index says, or has another
/// digest, ends in an error: a reader that reaches the end has what came.
pub struct Body {
    path: PathBuf,
    bytes: zstd::Decoder<'static, BufReader<File>>,
    left: u64,
    digester: Option<Digester>,
    record: AnswerRecord,
}

/// The body of this answer of the evidence in this folder.
pub fn body(folder: &Path, record: &AnswerRecord) -> io::Result<Body> {
    let name = file_name(record.answer);
    // The index is not to lead anywhere else.
    if record.file.as_deref() != Some(name.as_str()) {
        return Err(invalid(format!("answer {} should be in {name}, and is not", record.answer)));
    }
    let path = folder.join("answers").join(&name);
    let file = disk::open_regular_file(&path)?;
    Ok(Body {
        bytes: unpacked(file)?,
        left: record.bytes,
        digester: Some(Digester::default()),
        record: record.clone(),
        path,
    })
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(into).map_err(|error| crate::disk::at(&self.path, error))?;
        let came = into.get(..read).unwrap_or_default();
        match self.left.checked_sub(came.len() as u64) {
            Some(left) => self.left = left,
            None => return Err(self.differs("longer")),
        }
        if let Some(digester) = &mut self.digester {
            digester.update(came);
        }
        if came.is_empty() && !into.is_empty() {
            let digest = self.digester.take().map(Digester::finish);
            if self.left > 0 {
                return Err(self.differs("shorter"));
            }
            if digest.is_some() && digest != self.record.digest {
                return Err(self.differs("another"));
            }
        }
        Ok(read)
    }
}

impl Body {
    fn differs(&self, how: &str) -> io::Error {
        invalid(format!(
            "{}: the answer is {how} than its index says: it was changed, or the index was",
            self.path.shown()
        ))
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{examples, json};
    use exhibit_records::Digest;

    fn kept(folder: &Path, text: &str) -> io::Result<AnswerRecord> {
        std::fs::create_dir_all(folder.join("answers"))?;
        std::fs::write(folder.join("answers/000001.zst"), zstd::encode_all(text.as_bytes(), 3)?)?;
        Ok(AnswerRecord {
            bytes: text.len() as u64,
            digest: Some(Digest::of(text.as_bytes())),
            file: Some("000001.zst".to_owned()),
            ..examples::answer()
        })
    }

    fn said(folder: &Path, record: &AnswerRecord) -> String {
        let mut text = String::new();
        match body(folder, record).and_then(|mut it| it.read_to_string(&mut text)) {
            Ok(_) => text,
            Err(error) => error.to_string().replace(&folder.display().to_string(), "."),
        }
    }

    #[test]
    fn a_setting_is_read_as_it_was_written() -> io::Result<()> {
        let values = [
            Value::Empty,
            Value::Text("US2".to_owned()),
            Value::Integer(-3),
            Value::Number(0.1),
            Value::Boolean(true),
            Value::Instant(1_793_491_200_500),
            Value::Duration(60),
            Value::Texts(vec!["a".to_owned(), "b".to_owned()]),
        ];
        for value in values {
            let given = Setting { name: "it".to_owned(), value };
            assert_eq!(setting(&Argument::from(&given))?, given);
        }
        let kind = Some("integer".to_owned());
        let wrong = Argument { name: "it".to_owned(), kind, value: json(&Value::Text("3".to_owned())) };
        assert_eq!(
            setting(&wrong).map_err(|it| it.to_string()),
            Err("the job's \"it\" is not of its kind".to_owned())
        );
        Ok(())
    }

    #[test]
    fn an_answer_is_what_its_index_says() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let good = kept(folder.path(), "anvil,3")?;
        assert_eq!(said(folder.path(), &good), "anvil,3");
        let changed = "it was changed, or the index was";
        for (how, bad) in [
            ("longer", AnswerRecord { bytes: 6, ..good.clone() }),
            ("shorter", AnswerRecord { bytes: 8, ..good.clone() }),
            ("another", AnswerRecord { digest: Some(Digest::of(b"")), ..good.clone() }),
        ] {
            let expected =
                format!("./answers/000001.zst: the answer is {how} than its index says: {changed}");
            assert_eq!(said(folder.path(), &bad), expected);
        }
        Ok(())
    }

    #[test]
    fn an_index_leads_nowhere_else() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let good = kept(folder.path(), "anvil,3")?;
        for file in [None, Some("../../secret.zst".to_owned()), Some("000002.zst".to_owned())] {
            let bad = AnswerRecord { file, ..good.clone() };
            assert_eq!(said(folder.path(), &bad), "answer 1 should be in 000001.zst, and is not");
        }
        Ok(())
    }

    #[test]
    fn an_index_is_in_order() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let good = kept(folder.path(), "anvil,3")?;
        let line = |record: &AnswerRecord| serde_json::to_string(record).map(|it| it + "\n");
        let second = AnswerRecord { answer: 2, ..good.clone() };
        let file = folder.path().join("answers/index.ndjson");
        std::fs::write(&file, line(&good)? + &line(&second)?)?;
        assert_eq!(index(folder.path())?.collect::<io::Result<Vec<_>>>()?, [good.clone(), second]);
        std::fs::write(&file, line(&good)? + &line(&good)?)?;
        let error = index(folder.path())?.collect::<io::Result<Vec<_>>>().expect_err("out of turn");
        assert_eq!(error.to_string(), "answers/index.ndjson, line 2: it is answer 1, out of turn");
        Ok(())
    }
}
