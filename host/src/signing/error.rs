//! Why an envelope is not what was signed.

use exhibit_rows::Shown;

/// The payload type of in-toto statements.
pub(super) const IN_TOTO: &str = "application/vnd.in-toto+json";

/// Why what an envelope says is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// None of its signatures is said to be of a trusted key.
    #[error("not signed by the given key; it carries {}", said_by(.signers))]
    NotSigned {
        /// The names of the keys that it has signatures of.
        signers: Vec<String>,
    },
    /// A signature is said to be of a trusted key, and does not fit.
    #[error("it was altered after it was signed: the signature of key {key} does not fit")]
    Altered {
        /// The trusted key.
        key: String,
    },
    /// Signed, and something else.
    #[error("what was signed is of type {}, and should be an in-toto statement ({IN_TOTO})", Shown::line(.found))]
    OtherPayload {
        /// Its type.
        found: String,
    },
    /// Signed, and yet no statement.
    #[error("what was signed is no in-toto statement: {}", Shown::line(.0))]
    NotAStatement(String),
    /// Signed, and says something else.
    #[error("what was signed states {}, and should state {expected}", Shown::line(.found))]
    OtherStatement {
        /// The type of its predicate.
        found: String,
        /// The type that was looked for.
        expected: &'static str,
    },
}

fn said_by(signers: &[String]) -> String {
    if signers.is_empty() {
        return "no signatures".to_owned();
    }
    let signers = signers.iter().map(|it| Shown::line(it).to_string()).collect::<Vec<_>>().join(", ");
    format!("signatures of {signers}")
}
