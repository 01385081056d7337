//! `answers/index.ndjson`: what was asked of the source, and what came.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// A line of `answers/index.ndjson`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AnswerRecord {
    /// Counts from 1, broken answers included.
    pub answer: u32,
    /// What was asked.
    pub request: RequestRecord,
    /// The URL of the origin that it was sent to.
    pub origin: String,
    /// Where the origin redirected the request to, one URL after the other: the last one answered. A secret in it is replaced
    /// by `[redacted]`. Left out where the first one answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirected: Vec<String>,
    /// When the head arrived, RFC 3339.
    pub received: String,
    /// The HTTP status.
    pub status: u16,
    /// Those headers that the plugin reads.
    pub headers: Vec<(String, String)>,
    /// The decoded body's size so far as it came.
    pub bytes: u64,
    /// The decoded body's digest. `None` for an answer that broke off.
    pub digest: Option<Digest>,
    /// Where the body is, beside the index. `None` for an answer that broke off.
    pub file: Option<String>,
    /// The file as it is stored, compressed. `None` for an answer that broke off.
    pub stored: Option<StoredRecord>,
    /// Why the answer broke off, for people. `None` for a whole one.
    pub broken: Option<String>,
    /// How many times a secret of the connection stood in the answer, head and body, as far as it was read: each was
    /// replaced by `[redacted]`. Left out where that is never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<u64>,
    /// How many values were blanked in the body because the plugin's manifest says that they must not be kept, by the names
    /// that it gives: each was replaced by `[blanked]`. `DOCTYPE` stands for a document that was blanked from declarations
    /// of its own on. Left out where that is none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blanked: BTreeMap<String, u64>,
}

/// A file as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoredRecord {
    /// Its size.
    pub bytes: u64,
    /// Of its bytes.
    pub digest: Digest,
}

/// A request as the plugin said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RequestRecord {
    /// The origin's name.
    pub origin: String,
    /// `GET` or `POST`.
    pub method: String,
    /// The path, as it was meant.
    pub path: String,
    /// Names and values, not encoded.
    pub query: Vec<(String, String)>,
    /// The plugin's own headers.
    pub headers: Vec<(String, String)>,
    /// `None` where there was none.
    pub body: Option<BodyRecord>,
    /// The name of the manifest's auth that signed it.
    pub auth: Option<String>,
    /// `read` or `write`.
    pub effect: String,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum BodyRecord {
    /// A form's names and values, not encoded.
    Form(Vec<(String, String)>),
    /// A text of this media type.
    Text {
        /// The media type.
        media_type: String,
        /// The text.
        text: String,
    },
    /// Bytes of this media type.
    Bytes {
        /// The media type.
        media_type: String,
        /// Two lower-case hex digits a byte.
        hex: String,
    },
}
