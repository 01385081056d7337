//! What a source answers, as the plugin reads it.

use std::sync::LazyLock;

use exhibit_plugin::collection::{Job, Response, Task};
use exhibit_plugin::json::{self, Json, cell};
use exhibit_plugin::types::{Row, Setting};
use exhibit_plugin::xml::{self, Element};
use exhibit_plugin::{Error, Plugin as _, Value, Work};
use exhibit_qualys::Qualys;

/// The names of all proof types of the manifest: a new one is fuzzed without a change here.
static PROOFS: LazyLock<Vec<String>> =
    LazyLock::new(|| Qualys::manifest().proof_types.into_iter().map(|it| it.name).collect());
const STATUSES: [u16; 6] = [200, 200, 200, 401, 409, 503];
/// How an answer says what it is written in.
const CONTENT_TYPES: [Option<&str>; 4] =
    [None, Some("text/xml"), Some("text/xml; charset=utf-16"), Some("text/xml;charset=\"windows-1252\"")];

/// Any answer to any proof type's request: the first byte chooses the proof type, the second the status, the third the
/// size of the pieces that the body comes in, which makes no difference.
pub fn answer(bytes: &[u8]) {
    let [proof, status, size, body @ ..] = bytes else { return };
    let proof = &PROOFS[usize::from(*proof) % PROOFS.len()];
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let whole = read(proof, status, body, usize::MAX);
    let pieces = read(proof, status, body, usize::from(*size).max(1));
    assert_eq!(whole.is_ok(), pieces.is_ok());
    if let (Ok(whole), Ok(pieces)) = (whole, pieces) {
        assert_eq!(whole, pieces);
    }
}

fn job(proof: &str, checkpoint: Option<Vec<u8>>) -> Job {
    let platform = Setting { name: "platform".to_owned(), value: Value::Text("US2".to_owned()) };
    Job {
        task: Task::Collect(proof.to_owned()),
        settings: vec![platform],
        criteria: Vec::new(),
        window: None,
        since: None,
        as_of: 1_793_491_200_000,
        id: None,
        checkpoint,
    }
}

fn read(proof: &str, status: u16, body: &[u8], size: usize) -> Result<Vec<Row>, Error> {
    let mut session = Work::open::<Qualys>(job(proof, None)).expect("a good job");
    session.next()?;
    session.accept(&Response { status, headers: Vec::new() })?;
    let mut rows = Vec::new();
    for chunk in body.chunks(size) {
        rows.extend(session.feed(chunk)?.rows);
    }
    rows.extend(session.end()?.rows);
    session.checkpoint();
    Ok(rows)
}

/// A checkpoint that a host gives back, as it stands and as one of the same work: the first byte chooses the proof type.
/// What is taken is given out again as a checkpoint that is taken, too.
pub fn resume(bytes: &[u8]) {
    let [proof, checkpoint @ ..] = bytes else { return };
    let proof = &PROOFS[usize::from(*proof) % PROOFS.len()];
    let open = |checkpoint: &[u8]| Work::open::<Qualys>(job(proof, Some(checkpoint.to_owned())));
    let resumed = |checkpoint: &[u8]| {
        let Ok(mut session) = open(checkpoint) else { return };
        let written = session.checkpoint();
        let again = open(&written).expect("it was written");
        assert_eq!(again.checkpoint(), written);
        drop(session.next());
    };
    resumed(checkpoint);
    let Ok(Json::Object(mut of_this_work)) = serde_json::from_slice(checkpoint) else { return };
    let fresh = Work::open::<Qualys>(job(proof, None)).expect("a good job").checkpoint();
    let fresh: Json = serde_json::from_slice(&fresh).expect("a checkpoint is JSON");
    for name in ["version", "work"] {
        of_this_work.insert(name.to_owned(), fresh[name].clone());
    }
    resumed(&serde_json::to_vec(&of_this_work).expect("it was JSON"));
}

/// What is seen of an XML document.
#[derive(Debug, Default, PartialEq)]
struct Elements(Vec<String>);

impl xml::Handler for Elements {
    fn root(&mut self, name: &str) -> Result<bool, Error> {
        self.0.push(format!("root {name}"));
        Ok(name != "html")
    }

    fn wants(&self, name: &str) -> bool {
        ["HOST", "TICKET", "RETURN", "a"].contains(&name)
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        self.0.push(written(element));
        Ok(())
    }

    fn comment(&mut self, text: &str) {
        self.0.push(format!("comment {text}"));
    }
}

/// By all ways in which an element can be looked at.
fn written(element: &Element<'_>) -> String {
    let children: Vec<String> = element.children().map(|it| written(&it)).collect();
    for child in element.children() {
        let first = element.child(child.name()).expect("a child of this name");
        assert!(first.is(child.name()));
        assert!(element.all(child.name()).count() > 0);
    }
    let attribute = element.attribute("number");
    format!("{} {attribute:?} {:?} {:?} {children:?}", element.name(), element.text(), element.get("ID"))
}

/// An XML document: the first byte chooses its content type, the second the size of the pieces that it comes in, which
/// makes no difference.
pub fn xml(bytes: &[u8]) {
    let [content_type, size, document @ ..] = bytes else { return };
    let content_type = CONTENT_TYPES[usize::from(*content_type) % CONTENT_TYPES.len()];
    let read = |size: usize| {
        let (mut reader, mut seen) = (xml::Reader::of(content_type), Elements::default());
        let fed = document.chunks(size).try_for_each(|it| reader.feed(it, &mut seen));
        let message = |error: Error| error.problem().message.clone();
        fed.and_then(|()| reader.end(&mut seen)).map_err(message)?;
        Ok::<_, String>((seen, reader.repaired(), reader.has_undefined_entities(), reader.is_blank()))
    };
    let (whole, pieces) = (read(usize::MAX), read(usize::from(*size).max(1)));
    // How much of a text an error shows depends on how much of it is there.
    assert_eq!(whole.is_ok(), pieces.is_ok(), "{whole:?} {pieces:?}");
    assert_eq!(whole.ok(), pieces.ok());
}

/// What is seen of a JSON document.
#[derive(Debug, Default, PartialEq)]
struct Records(Vec<String>);

impl json::Handler for Records {
    fn wants(&self, path: &[String]) -> bool {
        path.is_empty() || path == ["items"] || path.last().is_some_and(|it| it == "data")
    }

    fn record(&mut self, record: &Json) -> Result<(), Error> {
        let of = record.get("id");
        let cells = (
            (cell::text(of), cell::integer(of), cell::number(of), cell::boolean(of)),
            (cell::instant(of), cell::seconds(of), cell::texts(of)),
        );
        self.0.push(format!("{record} {cells:?}"));
        Ok(())
    }

    fn end_of_records(&mut self) -> Result<(), Error> {
        self.0.push("end".to_owned());
        Ok(())
    }

    fn value(&mut self, path: &[String], value: &Json) -> Result<(), Error> {
        self.0.push(format!("{path:?}={value}"));
        Ok(())
    }
}

/// A JSON document: the first byte is the size of the pieces that it comes in, which makes no difference. What is
/// taken is JSON.
pub fn json(bytes: &[u8]) {
    let [size, document @ ..] = bytes else { return };
    let read = |size: usize| {
        let (mut reader, mut seen) = (json::Reader::default(), Records::default());
        let fed = document.chunks(size).try_for_each(|it| reader.feed(it, &mut seen));
        let message = |error: Error| error.problem().message.clone();
        fed.and_then(|()| reader.end(&mut seen)).map_err(message)?;
        Ok::<_, String>(seen)
    };
    let (whole, pieces) = (read(usize::MAX), read(usize::from(*size).max(1)));
    assert_eq!(whole.is_ok(), pieces.is_ok(), "{whole:?} {pieces:?}");
    assert_eq!(whole.as_ref().ok(), pieces.as_ref().ok());
    if whole.is_ok() {
        let text = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document);
        assert!(serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok(), "this is no JSON");
    }
}
