//! Why a replay did not come to its end.

use std::io;

use exhibit_records::{BodyRecord, RequestRecord};
use exhibit_rows::Shown;

use crate::plugin::PluginError;

/// Why a replay did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The plugin cannot go on.
    #[error("at answer {answer}: {error}")]
    Plugin {
        /// The answer that it was given last; 0 before the first.
        answer: u32,
        /// Why.
        #[source]
        error: PluginError,
    },
    /// The plugin asks for something else than was recorded.
    #[error("at answer {answer}, the plugin asks for something else: {}", differing(asked, recorded))]
    OtherRequest {
        /// The answer that comes next.
        answer: u32,
        /// What it asks for.
        asked: Box<RequestRecord>,
        /// What was asked for when the answer was recorded.
        recorded: Box<RequestRecord>,
    },
    /// The plugin asks for more than was recorded.
    #[error("after answer {answer}, the plugin asks for one more: {}", place(asked))]
    NoMore {
        /// The last answer.
        answer: u32,
        /// What it asks for.
        asked: Box<RequestRecord>,
        /// Whether it waited first.
        waited: bool,
    },
    /// The plugin is done before all answers were asked for.
    #[error("the plugin is done before it asked for answer {answer}")]
    Early {
        /// The answer that comes next.
        answer: u32,
    },
    /// The plugin does not repeat itself where it must.
    #[error("at answer {answer}, the plugin asks for something else {when}")]
    Fickle {
        /// The answer that is at hand.
        answer: u32,
        /// What happened in between.
        when: &'static str,
    },
    /// The plugin's account of what it did is wrong.
    #[error("after answer {answer}, the plugin miscounts: {what}")]
    Miscounted {
        /// The last answer.
        answer: u32,
        /// What it says, and what is so.
        what: String,
    },
    /// The plugin waits on and on.
    #[error("at answer {answer}, the plugin waits {waits} times in a row")]
    Waits {
        /// The answer that comes next.
        answer: u32,
        /// How often.
        waits: u32,
    },
    /// The recording cannot be read, or its rows cannot be written.
    #[error("the recording: {0}")]
    Io(#[from] io::Error),
}

/// Which part of a request is another, and how.
fn differing(asked: &RequestRecord, recorded: &RequestRecord) -> String {
    if place(asked) != place(recorded) {
        return format!("{}, and {} was recorded", place(asked), place(recorded));
    }
    let form = |it: &RequestRecord| match &it.body {
        Some(BodyRecord::Form(pairs)) => pairs.clone(),
        _ => Vec::new(),
    };
    for (what, asked, recorded) in [
        ("parameter", &asked.query, &recorded.query),
        ("header", &asked.headers, &recorded.headers),
        ("form field", &form(asked), &form(recorded)),
    ] {
        let mut pairs = asked.iter().map(Some).chain([None]).zip(recorded.iter().map(Some).chain([None]));
        match pairs.find(|(asked, recorded)| asked != recorded) {
            None if asked.len() == recorded.len() => {}
            Some((asked, recorded)) => {
                return format!("the {what} {}, and {} was recorded", pair(asked), pair(recorded));
            }
            None => return format!("{} {what}s, and {} were recorded", asked.len(), recorded.len()),
        }
    }
    format!("another body, signature or effect of {}", place(asked))
}

fn pair(it: Option<&(String, String)>) -> String {
    it.map_or("none".to_owned(), |(name, value)| {
        let text = format!("{name}={value}");
        format!("`{}`", Shown::line(&text))
    })
}

fn place(request: &RequestRecord) -> String {
    format!("{} {} at `{}`", request.method, Shown::line(&request.path), Shown::line(&request.origin))
}
