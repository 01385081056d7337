//! In-toto statements: something is said of subjects that are named by their digests.

use std::collections::HashSet;

use exhibit_records::Digest;
use exhibit_records::weight::{self, Weight};
use exhibit_rows::Shown;
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;

use super::error::VerifyError;
use super::predicate::Predicate;
use super::subject::Subject;

/// The version of the layer that is written and read here.
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// Something is said of these subjects.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement<P> {
    subjects: Vec<Subject>,
    predicate: P,
}

/// Why a part is not what was signed, or why there is nothing to sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// Nothing is said of it.
    #[error("{} is not covered by the signature", Shown::line(.0))]
    Unnamed(String),
    /// Something is said of other bytes.
    #[error("{} was altered after it was signed: its digest is {found}, and {signed} was signed", Shown::line(.name))]
    Altered {
        /// Which part.
        name: String,
        /// What the statement says.
        signed: Digest,
        /// What is there.
        found: Digest,
    },
    /// Two subjects of a statement have this name.
    #[error("{} is named twice", Shown::line(.0))]
    Twice(String),
    /// A statement without a subject.
    #[error("the statement has no subject")]
    NoSubject,
}

/// The statement as JSON has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    predicate_type: String,
    #[serde(default)]
    predicate: Json,
}

impl<P> Statement<P> {
    /// Says this of these subjects. Their order is kept.
    ///
    /// # Errors
    ///
    /// [`Mismatch::NoSubject`] where there is none, [`Mismatch::Twice`] where two have one name.
    pub fn new(subjects: Vec<Subject>, predicate: P) -> Result<Self, Mismatch> {
        let mut names = HashSet::new();
        if let Some(twice) = subjects.iter().find(|it| !names.insert(it.name.as_str())) {
            return Err(Mismatch::Twice(twice.name.clone()));
        }
        if subjects.is_empty() {
            return Err(Mismatch::NoSubject);
        }
        Ok(Self { subjects, predicate })
    }

    /// Its subjects.
    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    /// What it says.
    pub fn predicate(&self) -> &P {
        &self.predicate
    }

    /// Whether it covers a part of this name with these bytes.
    ///
    /// # Errors
    ///
    /// [`Mismatch::Unnamed`] where it covers no such part, [`Mismatch::Altered`] where it covers other bytes.
    pub fn check(&self, name: &str, found: Digest) -> Result<(), Mismatch> {
        match self.subjects.iter().find(|it| it.name == name) {
            None => Err(Mismatch::Unnamed(name.to_owned())),
            Some(it) if it.digest != found => {
                Err(Mismatch::Altered { name: name.to_owned(), signed: it.digest, found })
            }
            Some(_) => Ok(()),
        }
    }
}

impl<P: Predicate> Statement<P> {
    /// The statement as JSON, in one line.
    pub(super) fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    /// Reads a statement whose signature has been checked. Fields that are not known are
    /// passed over, as in-toto has it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, VerifyError> {
        let refuse = |why: String| VerifyError::NotAStatement(why);
        weight::check(bytes, &Weight::RECORD).map_err(|error| refuse(error.to_string()))?;
        let written: Written = serde_json::from_slice(bytes).map_err(|error| refuse(error.to_string()))?;
        if written.kind != STATEMENT {
            return Err(refuse(format!("its type is {}, and should be {STATEMENT}", written.kind)));
        }
        if written.predicate_type != P::TYPE {
            return Err(VerifyError::OtherStatement { found: written.predicate_type, expected: P::TYPE });
        }
        let predicate =
            serde_json::from_value(written.predicate).map_err(|error| refuse(error.to_string()))?;
        Self::new(written.subject, predicate).map_err(|error| refuse(error.to_string()))
    }
}

/// As in-toto has it.
impl<P: Predicate> Serialize for Statement<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Statement", 4)?;
        out.serialize_field("_type", STATEMENT)?;
        out.serialize_field("subject", &self.subjects)?;
        out.serialize_field("predicateType", P::TYPE)?;
        out.serialize_field("predicate", &self.predicate)?;
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::predicate::{Evidence, examples};

    #[test]
    fn is_written_as_in_toto_has_it() {
        let text = String::from_utf8(examples::evidence().to_bytes().expect("JSON")).expect("text");
        insta::assert_snapshot!(text, @r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"rows.ndjson","digest":{"sha256":"f7469be6a939306781e46ff6fb1a59feba56e4a303e962ba51af8a2a90c93795"}},{"name":"answers/index.ndjson","digest":{"sha256":"e030dca68975507e56ba46800182caefcdbb3de366174c7d0c548b240d5f5356"}}],"predicateType":"https://exhibit.invalid/evidence/v1","predicate":{"proofType":"users","window":{"start":"2026-10-01T00:00:00Z","end":"2026-11-01T00:00:00Z"},"asOf":"2026-11-02T08:00:00Z","collector":{"id":"example","version":"1.0.0","component":{"name":"plugin.wasm","digest":{"sha256":"8b3ecc87877b4b498327fff15dd392104ea48318027574799a31e84798e890b9"}}},"host":"0.1.0","rows":1234}}"#);
    }

    #[test]
    fn reads_what_others_write() {
        let mut json: Json = examples::json();
        json["subject"][0]["digest"]["sha512"] = "ab".into();
        json["subject"][0]["mediaType"] = "application/json".into();
        json["more"] = 1.into();
        json["predicate"]["more"] = 1.into();
        let bytes = serde_json::to_vec_pretty(&json).expect("JSON");
        assert_eq!(Statement::<Evidence>::parse(&bytes), Ok(examples::evidence()));
    }

    #[test]
    fn refuses_what_is_no_statement() {
        let json: Json = examples::json();
        let without = |change: fn(&mut Json)| {
            let mut json = json.clone();
            change(&mut json);
            Statement::<Evidence>::parse(&serde_json::to_vec(&json).expect("JSON"))
        };
        let changes: [fn(&mut Json); 7] = [
            |it| it["_type"] = "https://in-toto.io/Statement/v0.1".into(),
            |it| it["subject"] = Json::Array(Vec::new()),
            |it| it["subject"][0]["digest"] = serde_json::json!({ "sha512": "ab" }),
            |it| it["subject"][0]["digest"]["sha256"] = "ab".into(),
            |it| it["subject"][1]["name"] = it["subject"][0]["name"].clone(),
            |it| it["predicate"] = Json::Null,
            |it| it["predicate"]["rows"] = (-1).into(),
        ];
        for (at, change) in changes.into_iter().enumerate() {
            assert!(matches!(without(change), Err(VerifyError::NotAStatement(_))), "change {at}");
        }
        let other = without(|it| it["predicateType"] = "https://slsa.dev/provenance/v1".into());
        assert!(matches!(other, Err(VerifyError::OtherStatement { .. })));
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        let subject = Subject { name: "a".to_owned(), digest: Digest::of(b"a") };
        assert_eq!(Statement::new(Vec::new(), ()), Err(Mismatch::NoSubject));
        let twice = Statement::new(vec![subject.clone(), subject], ());
        assert_eq!(twice, Err(Mismatch::Twice("a".to_owned())));
    }
}
