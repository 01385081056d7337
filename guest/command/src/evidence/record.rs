//! The plugin's types, as records have them.

use exhibit_plugin::catalog::{self, Operation};
use exhibit_plugin::collection::{self, Body, Effect, Method, Request};
use exhibit_plugin::types::{Instant, Kind, Setting};
use exhibit_records::{
    Argument, BodyRecord, Digest, Field, OperationOutcome, ProvenTime, RequestRecord, Type,
};
use exhibit_rows::ndjson;

use crate::table;

/// The digest of the plugin that is built into this command, where it was built along. The evidence names it, so that
/// the plugin makes the report again of the answers.
const PLUGIN_DIGEST: Option<&str> = option_env!("EXHIBIT_PLUGIN_DIGEST");

/// The digest of the plugin that this command is built of.
pub(crate) fn plugin_digest() -> Option<Digest> {
    PLUGIN_DIGEST.and_then(|it| it.parse().ok())
}

/// A request as the plugin said it.
pub(crate) fn request(request: &Request) -> RequestRecord {
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
    RequestRecord {
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

/// What an operation reports, as the type of its evidence.
pub(crate) fn report_type(it: &Operation) -> Type {
    Type {
        name: it.name.clone(),
        label: it.label.clone(),
        help: it.help.clone(),
        operation: true,
        fields: it.fields.iter().map(field).collect(),
        key: it.fields.first().map(|it| it.name.clone()).into_iter().collect(),
        window: None,
        // What was done once is not how things stand.
        proves: Some(ProvenTime::Nothing),
        changes: None,
        needs: it.needs.clone(),
        link: None,
    }
}

fn field(it: &catalog::Field) -> Field {
    Field {
        name: it.name.clone(),
        label: it.label.clone(),
        kind: kind(it.kind).to_owned(),
        help: it.help.clone(),
        shown: it.shown,
        personal: it.personal,
    }
}

fn kind(kind: Kind) -> &'static str {
    table::kind(kind).name()
}

/// A setting or a parameter.
pub(crate) fn argument(setting: &Setting) -> Argument {
    let mut json = Vec::new();
    let written = ndjson::value(table::cell(&setting.value), &mut json).ok();
    Argument {
        name: setting.name.clone(),
        kind: setting.value.kind().map(|it| kind(it).to_owned()),
        value: written.and_then(|()| serde_json::from_slice(&json).ok()).unwrap_or_default(),
    }
}

/// What came of an operation.
pub(crate) fn outcome(it: collection::OperationOutcome) -> OperationOutcome {
    match it {
        collection::OperationOutcome::Done => OperationOutcome::Done,
        collection::OperationOutcome::NotDone => OperationOutcome::NotDone,
        collection::OperationOutcome::Unknown => OperationOutcome::Unknown,
    }
}

/// RFC 3339.
pub(crate) fn instant(it: Instant) -> String {
    exhibit_rows::instant::format(it)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
