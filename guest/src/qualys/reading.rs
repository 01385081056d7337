//! What operations read out of whole answers, whichever API family they are of.

use exhibit_plugin::Error;
use exhibit_plugin::collection::Pause;
use exhibit_plugin::types::Instant;

/// The most characters that are kept of a text of Qualys.
const MAX_TEXT_CHARS: usize = 300;

/// The records of a list.
#[derive(Debug)]
pub struct Records<T> {
    /// The records.
    pub records: Vec<T>,
    /// The account that asked, where the answer names it.
    pub login: Option<String>,
    /// When the answer was made, by the clock of Qualys.
    pub at: Option<Instant>,
    /// Whether there are more.
    pub is_cut: bool,
}

/// Why there are no records.
#[derive(Debug)]
pub enum Stop {
    /// The same request may be answered after a pause.
    Pause(Pause),
    /// It will not.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What Qualys said to a write.
#[derive(Debug)]
pub enum Written {
    /// It was carried out.
    Accepted(Accepted),
    /// It was not, and nothing was changed: in Qualys' words, with its code and what to do.
    Refused(String),
    /// An answer came, of Qualys or of something before it, and does not say: why.
    Unclear(String),
}

/// The words of an answer that says that a write was carried out. It never has a password: the element of one is not read.
#[derive(Debug, Default)]
pub struct Accepted {
    /// Qualys' own message.
    pub text: String,
    /// The reference of a scan that was launched, or the id of a web application scan.
    pub reference: Option<String>,
    /// What was left out, in Qualys' own words.
    pub notifications: Vec<String>,
}

/// A text of Qualys in one line, of bounded length.
pub fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|it| !it.is_control()).take(MAX_TEXT_CHARS).collect()
}
