//! The second look for secrets: in what the plugin hands over. What the source repeats is replaced before the plugin has
//! it, but a source can write a secret in a way that is not looked for, and the plugin can make the secret of that again.
//! Rows are made again from the answers when evidence is verified, so nothing can be replaced in them: the collection ends.

use std::collections::BTreeMap;

use crate::contract::Manifest;
use crate::contract::collection::{
    Batch, Body, Change, Content, Effect, Pause, Request, Step, Summary, Task,
};
use crate::contract::types::{Error, Problem, Row, Value};
use crate::http::Echo;
use crate::plugin::PluginError;

use super::super::error::CollectError;

/// Between two texts: no secret that signs a request has a line break in it.
const BETWEEN: &str = "\n";

/// So many are known for each auth: the last ones. One that was renewed may be in what an earlier answer left behind.
const RENEWED: usize = 2;

/// The secrets that requests of this process were signed with, by the names of their auths.
#[derive(Default)]
pub(super) struct Secrets(BTreeMap<String, Vec<Echo>>);

impl Secrets {
    /// A request is signed with these.
    pub(super) fn used(&mut self, auth: &str, echo: &Echo) {
        let known = self.0.entry(auth.to_owned()).or_default();
        if known.contains(echo) {
            return;
        }
        if known.len() == RENEWED {
            known.remove(0);
        }
        known.push(echo.clone());
    }

    /// Refuses rows and rejections with one in them.
    pub(super) fn batch(&self, batch: &Batch, task: &Task, manifest: &Manifest) -> Result<(), CollectError> {
        let rejected = batch.rejected.iter().flat_map(|it| [it.subject.as_str(), &it.reason]);
        // Searched as one text, as most are short.
        if !self.are_in(batch.rows.iter().flatten().flat_map(texts).chain(rejected)) {
            return Ok(());
        }
        let has = |row: &Row| row.iter().position(|value| self.are_in(texts(value)));
        Err(handed_over(match batch.rows.iter().find_map(has) {
            Some(at) => field(at, task, manifest),
            None => "what is wrong with a rejected record".to_owned(),
        }))
    }

    /// Refuses a request or a summary with one in it, and replaces it in why there is to be a pause.
    pub(super) fn step(&self, step: &mut Step) -> Result<(), CollectError> {
        match step {
            Step::Send(request) if self.is_in_request(request) => Err(handed_over("a request".to_owned())),
            Step::Finished(Summary { notes, .. }) if self.are_in(notes.iter().map(String::as_str)) => {
                Err(handed_over("a note".to_owned()))
            }
            Step::Wait(Pause { message, .. }) => {
                self.replace(message);
                Ok(())
            }
            Step::Send(_) | Step::Finished(_) => Ok(()),
        }
    }

    /// Refuses a checkpoint with one in it.
    pub(super) fn checkpoint(&self, bytes: &[u8]) -> Result<(), CollectError> {
        if self.is_in(bytes) { Err(handed_over("its checkpoint".to_owned())) } else { Ok(()) }
    }

    /// The same error, without secrets in what the plugin says.
    pub(super) fn without(&self, mut error: PluginError) -> PluginError {
        match &mut error {
            PluginError::Said(
                Error::Denied(it)
                | Error::Unlicensed(it)
                | Error::Invalid(it)
                | Error::Rejected(it)
                | Error::Unavailable(it)
                | Error::Malformed(it),
            ) => {
                let Problem { message, remedy, code, subject } = it;
                self.replace(message);
                [remedy, code, subject].into_iter().flatten().for_each(|it| self.replace(it));
            }
            PluginError::Trapped { why, stderr, .. } => {
                self.replace(why);
                self.replace(stderr);
            }
            PluginError::OutOfMemory { stderr, .. } => self.replace(stderr),
            PluginError::Broke { what, .. } => self.replace(what),
            _ => {}
        }
        error
    }

    fn is_in_request(&self, request: &Request) -> bool {
        let of = |pairs: &[(String, String)]| {
            self.are_in(pairs.iter().flat_map(|(name, value)| [name.as_str(), value]))
        };
        let body = match &request.body {
            Body::None => false,
            Body::Form(pairs) => of(pairs),
            Body::Content(Content { media_type, bytes }) => {
                self.are_in([media_type.as_str()]) || self.is_in(bytes)
            }
        };
        let change = match &request.effect {
            Effect::Read => false,
            Effect::Write(Change { summary, details }) => self.are_in([summary.as_str()]) || of(details),
        };
        body || change || self.are_in([request.path.as_str()]) || of(&request.query) || of(&request.headers)
    }

    fn are_in<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let mut all = String::new();
        for text in texts {
            all.push_str(text);
            all.push_str(BETWEEN);
        }
        self.is_in(all.as_bytes())
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        self.0.values().flatten().any(|it| it.is_in(bytes))
    }

    fn replace(&self, text: &mut String) {
        for echo in self.0.values().flatten() {
            let (replaced, times) = echo.redact(text);
            if times > 0 {
                *text = replaced;
            }
        }
    }
}

fn handed_over(place: String) -> CollectError {
    CollectError::SecretHandedOver { place }
}

/// The field at this place of a row, for people.
fn field(at: usize, task: &Task, manifest: &Manifest) -> String {
    let name = task.name();
    match manifest.fields(task).and_then(|it| it.get(at)) {
        Some(field) => format!("the field `{}` of `{name}`", field.name),
        None => format!("a row of `{name}`"),
    }
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let (one, several): (Option<&String>, &[String]) = match value {
        Value::Text(it) => (Some(it), &[]),
        Value::Texts(it) => (None, it),
        _ => (None, &[]),
    };
    one.into_iter().chain(several).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use exhibit_secrets::Secret;

    use super::*;
    use crate::contract::collection::Rejection;

    const SECRET: &str = "pässwörd-2026";

    fn secrets() -> Secrets {
        let mut secrets = Secrets::default();
        for secret in ["another-secret", SECRET, SECRET] {
            secrets.used("basic", &Echo::of([&Secret::from(secret.to_owned())]));
        }
        assert_eq!(secrets.0["basic"].len(), 2);
        secrets
    }

    fn refused<T>(result: Result<T, CollectError>) -> String {
        let said = result.err().map(|it| it.to_string()).unwrap_or_default();
        assert!(!said.contains(SECRET), "{said}");
        said
    }

    #[test]
    fn a_row_or_a_rejection_with_a_secret_in_it_is_refused() {
        let manifest = Manifest::check(crate::contract::manifest::tests::manifest()).expect("it is valid");
        let proof_type = &manifest.proof_types[0];
        let task = Task::Collect(proof_type.name.clone());
        let batch = |value: Value, reason: &str| Batch {
            rows: vec![vec![Value::Absent], vec![value]],
            rejected: vec![Rejection { subject: "1".to_owned(), reason: reason.to_owned() }],
        };
        let check = |batch: &Batch| secrets().batch(batch, &task, &manifest);
        assert!(check(&batch(Value::Text("pässwörd-2025".to_owned()), "no key")).is_ok());
        let field = format!("the field `{}` of `{}`", proof_type.fields[0].name, proof_type.name);
        for value in [
            Value::Text(format!("it is {SECRET}.")),
            Value::Texts(vec![String::new(), SECRET.to_owned()]),
            Value::Text("p&#228;ssw&ouml;rd-2026".to_owned()),
            Value::Text("the older another-secret".to_owned()),
        ] {
            let said = refused(check(&batch(value, "no key")));
            assert!(said.contains(&field), "{said}");
        }
        let said = refused(check(&batch(Value::Absent, &format!("{SECRET} is no date"))));
        assert!(said.contains("rejected record"), "{said}");
        // Neither is it one that two texts are together.
        let two = Batch {
            rows: vec![["pässwörd", "-2026"].map(|it| Value::Text(it.to_owned())).into()],
            rejected: vec![],
        };
        assert!(check(&two).is_ok());
        assert!(
            Secrets::default().batch(&batch(Value::Text(SECRET.to_owned()), ""), &task, &manifest).is_ok()
        );
    }

    #[test]
    fn what_is_kept_beside_rows_is_refused_and_what_is_only_said_is_replaced() {
        let pause = |message: &str| Pause {
            seconds: 1,
            reason: crate::contract::collection::PauseReason::RateLimit,
            connection_wide: false,
            message: message.to_owned(),
        };
        let mut wait = Step::Wait(pause(&format!("{SECRET} has to wait")));
        assert!(secrets().step(&mut wait).is_ok());
        assert!(matches!(wait, Step::Wait(it) if it.message == "[redacted] has to wait"));
        assert!(refused(secrets().checkpoint(format!("\u{1}{SECRET}").as_bytes())).contains("checkpoint"));
        assert!(secrets().checkpoint(b"page 2").is_ok());
        let problem = Problem {
            message: format!("unknown: {SECRET}"),
            remedy: Some(SECRET.to_owned()),
            code: None,
            subject: Some("users".to_owned()),
        };
        let error = secrets().without(PluginError::Said(Error::Denied(problem)));
        assert_eq!(error.to_string(), "unknown: [redacted] [users]");
        let PluginError::Said(error) = error else { panic!("another error") };
        assert_eq!(error.problem().remedy.as_deref(), Some("[redacted]"));
    }
}
