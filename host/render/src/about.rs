//! What a reader must know of a proof before its rows: what it is, what it covers, how it was made,
//! how complete it is, and what this export leaves out.

use exhibit::evidence::stale;
use exhibit::format::{count, counted, line, time};
use exhibit_records::{Argument, Completeness, Proof, ProvenTime, Span};

use super::order::Order;
use super::{Persons, REDACTED, RunSigned, Subject};

/// Records that could not become rows are named one by one up to here; all of them are counted.
const REJECTIONS: usize = 20;

/// Where a document for people says a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Beside the verdict: what was shown, for which time, and how complete it is.
    Summary,
    /// Below the tests: what a reader must know to read the rows right.
    Notes,
    /// At the end: how it was made, and how it can be checked.
    Provenance,
}

/// Something that there is to know.
#[derive(Debug)]
pub(super) struct Fact {
    pub(super) place: Place,
    /// What it is about, in a few words.
    pub(super) term: &'static str,
    pub(super) text: String,
    /// An address that the text may lead to: http or https.
    pub(super) link: Option<String>,
    /// Whether every reader should see it.
    pub(super) warns: bool,
}

impl Fact {
    fn new(term: &'static str, text: impl Into<String>) -> Self {
        Self { place: Place::Provenance, term, text: text.into(), link: None, warns: false }
    }

    fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    fn warning(term: &'static str, text: impl Into<String>) -> Self {
        Self { warns: true, ..Self::new(term, text) }
    }
}

/// All of it, in the order of reading. Texts are safe to show.
pub(super) fn facts(subject: &Subject, order: &Order) -> Vec<Fact> {
    let proof = &subject.proof;
    let mut facts = limits(subject, order);
    if let Some(stale) = order.now.and_then(|now| stale(proof, now)) {
        facts.push(Fact::warning("Stale", stale).at(Place::Summary));
    }
    facts.push(Fact::new("What it shows", line(&proof.proof_type.help)).at(Place::Summary));
    if !proof.job.criteria.is_empty() {
        facts.push(criteria(&proof.job.criteria, proof.rows).at(Place::Summary));
    }
    facts.push(Fact::new("Window", window(proof)).at(Place::Summary));
    facts.push(Fact::new("As of", format!("{} UTC", time(&proof.job.as_of))).at(Place::Summary));
    if let Some(expires) = &proof.expires {
        facts.push(Fact::new("Good until", format!("{} UTC", time(expires))));
    }
    if let (Some(first), Some(last)) = (&proof.first_answer, &proof.last_answer) {
        let text = if first == last {
            format!("{} UTC", time(first))
        } else {
            format!("{} to {} UTC", time(first), time(last))
        };
        facts.push(Fact::new("Collected", text).at(Place::Summary));
    }
    let origins: Vec<String> =
        proof.origins.iter().map(|it| format!("{} ({})", line(&it.url), line(&it.name))).collect();
    facts.push(Fact::new("From", origins.join(", ")));
    facts.extend(proof.account.iter().map(|it| Fact::new("Account", line(it)).at(Place::Summary)));
    let collected_by = format!(
        "the plugin {} {}, run by Exhibit {}",
        line(&proof.plugin.id),
        line(&proof.plugin.version),
        line(&proof.host)
    );
    facts.push(Fact::new("Collected by", collected_by).at(Place::Summary));
    if !proof.job.settings.is_empty() {
        facts.push(Fact::new("Settings", arguments(&proof.job.settings)));
    }
    facts.push(completeness(&proof.completeness).at(Place::Summary));
    facts.extend(rejections(subject));
    let notes = proof.notes.iter().chain(&proof.host_notes);
    facts.extend(notes.map(|it| Fact::warning("Note", line(it)).at(Place::Notes)));
    if let Some(link) = &proof.proof_type.link
        && let Some(url) = &link.url
    {
        let safe = url.starts_with("https://") || url.starts_with("http://");
        facts.push(Fact { link: safe.then(|| url.clone()), ..Fact::new("At the source", line(url)) });
        facts.extend(link.note.iter().map(|it| Fact::new("How the console differs", line(it))));
    }
    if let Some(run) = &subject.run {
        let at = format!("{} UTC, run {}", time(&run.run.as_of), run.number);
        facts.push(Fact::new("Tested as of", at));
        facts.push(Fact::new("Tests' digest", run.digest.to_string()));
        facts.push(run_signed(&run.signed, order));
    }
    if let Some(signature) = &subject.signature {
        let text = format!("by the key {}", line(&signature.key));
        facts.push(Fact::new("Signed", followed(text, order.verifying.signature)));
        facts.push(Fact::new("Signature", line(&signature.base64)));
    }
    if let Some(authority) = &proof.timestamped_by {
        let text = format!("by {}", line(authority));
        facts.push(Fact::new("Time stamp", followed(text, order.verifying.timestamp)));
    }
    facts.push(Fact::new("Plugin's digest", proof.plugin.digest.to_string()));
    facts.push(Fact::new("Evidence's digest", subject.digest.to_string()));
    facts
}

/// Whether the run of tests is signed, which does not follow from whether the evidence is.
fn run_signed(signed: &RunSigned, order: &Order) -> Fact {
    match signed {
        RunSigned::No => Fact::warning("Tests' signature", signed.in_words()),
        _ => Fact::new("Tests' signature", followed(signed.in_words(), order.verifying.signature)),
    }
}

/// With a sentence after it, where there is one.
fn followed(text: String, sentence: Option<&str>) -> String {
    match sentence {
        Some(sentence) => format!("{text}; {sentence}"),
        None => text,
    }
}

/// What this export does not have and the evidence does.
pub(super) fn limits(subject: &Subject, order: &Order) -> Vec<Fact> {
    let mut facts = Vec::new();
    let all = subject.proof.rows;
    let shown = order.rows_of(all);
    if shown < all {
        let text = format!("the first {} of {}", count(shown), counted(all, "row", "rows"));
        facts.push(Fact::warning("Only a part", text).at(Place::Summary));
    }
    facts.extend(hidden(subject, &order.persons));
    facts
}

/// What stands in the place of persons.
fn hidden(subject: &Subject, persons: &Persons) -> Option<Fact> {
    let (term, how) = match persons {
        Persons::Named => return None,
        Persons::LeftOut => ("Redacted", format!("personal fields say {REDACTED} in their place")),
        Persons::Pseudonyms(key) => {
            let reach = match key.name() {
                Some(name) => format!("in all exports whose key for pseudonyms is {name}"),
                None => "in this export, and in no other".to_owned(),
            };
            let how = "pseudonyms stand in personal fields: the same text has the same pseudonym";
            ("Pseudonyms", format!("{how} {reach}"))
        }
    };
    let fields: Vec<String> =
        subject.fields().iter().filter(|it| it.personal).map(|it| line(&it.label)).collect();
    if fields.is_empty() {
        let text = "no field is personal: nothing of the rows is hidden";
        return Some(Fact::warning(term, text).at(Place::Summary));
    }
    let fields = fields.join(", ");
    let others = "Notes and other texts hide the same persons and what looks like an account";
    let text = format!("{how}: {fields}. {others}; rejected records are not named.");
    Some(Fact::warning(term, text).at(Place::Summary))
}

/// The window, and what it proves.
fn window(proof: &Proof) -> String {
    let span = |it: &Span| format!("from {} to before {} UTC", time(&it.start), time(&it.end));
    let asked = proof.job.window.as_ref();
    match (proof.proves(), &proof.window) {
        (ProvenTime::Events, Some(window)) => {
            let why = match asked {
                None => ", as none was asked for",
                Some(asked) if asked != window => ", of a longer one that was asked for",
                Some(_) => "",
            };
            match proof.proven_span() {
                Some(proven) if proven.end == window.end => {
                    format!("{}{why}: it shows what happened in this time", span(window))
                }
                Some(proven) => format!(
                    "{}{why}: it shows what happened up to {} UTC, when the source was asked",
                    span(window),
                    time(&proven.end)
                ),
                None => format!("{}{why}: it had not begun when the source was asked", span(window)),
            }
        }
        (ProvenTime::State, Some(window)) => format!(
            "{}, as a filter: it shows how things stood when it was collected, and nothing of this time",
            span(window)
        ),
        (ProvenTime::State, None) if asked.is_some() => {
            "one was asked for, and the source has none: it shows how things stood when it was collected"
                .to_owned()
        }
        (ProvenTime::State, None) => "none: it shows how things stood when it was collected".to_owned(),
        (ProvenTime::Nothing | ProvenTime::Events, window) => match window.as_ref().or(asked) {
            Some(window) => format!("{}; which time it proves is not known", span(window)),
            None => "none was asked for; which time it proves is not known".to_owned(),
        },
    }
}

/// What the proof is narrowed down to. A misspelt value gives a proof without rows, which a reader has to notice.
fn criteria(all: &[Argument], rows: u64) -> Fact {
    let said = arguments(all);
    match rows {
        0 => {
            Fact::warning("Criteria", format!("{said}; nothing matches, and a misspelt value looks the same"))
        }
        _ => Fact::new("Criteria", said),
    }
}

fn arguments(all: &[Argument]) -> String {
    let text = |it: &serde_json::Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    let argument = |it: &Argument| match &it.value {
        serde_json::Value::Array(texts) => {
            format!("{} = {}", line(&it.name), line(&texts.iter().map(text).collect::<Vec<_>>().join(", ")))
        }
        value => format!("{} = {}", line(&it.name), line(&text(value))),
    };
    all.iter().map(argument).collect::<Vec<_>>().join(", ")
}

fn completeness(it: &Completeness) -> Fact {
    let mut parts = vec![format!("{} kept", count(it.kept))];
    for (number, what) in
        [(it.rejected, "rejected"), (it.duplicates, "duplicate"), (it.outside_window, "outside the window")]
    {
        if number > 0 {
            parts.push(format!("{} {what}", count(number)));
        }
    }
    if let Some(repeated) = it.repeated_keys.filter(|it| *it > 0) {
        parts.push(format!("of the kept, {} with the key of another row", count(repeated)));
    }
    let received = format!("{} received: {}", counted(it.received, "record", "records"), parts.join(", "));
    match it.declared {
        None => Fact::new(
            "Completeness",
            format!("{received}; the source reports no total, so completeness cannot be cross-checked"),
        ),
        Some(declared) if it.complete == Some(true) => Fact::new(
            "Completeness",
            format!("{received}; the source reports the same total, {}", count(declared)),
        ),
        Some(declared) => Fact::warning(
            "Completeness",
            format!("{received}; BUT the source reports a total of {}", count(declared)),
        ),
    }
}

fn rejections(subject: &Subject) -> Vec<Fact> {
    let all = &subject.proof.rejections.first;
    let rejected = |it: &exhibit_records::RejectionRecord| {
        Fact::warning("Rejected", format!("{}: {}", line(&it.subject), line(&it.reason))).at(Place::Notes)
    };
    all.iter().take(REJECTIONS).map(rejected).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::evidence;
    use crate::{Format, Verifying};

    #[test]
    fn a_window_says_what_it_proves() {
        let folder = evidence();
        let span = |(start, end): (&str, &str)| Span { start: start.to_owned(), end: end.to_owned() };
        let (october, whole) = (
            ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
            ("2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        );
        let (running, later) = (
            ("2026-10-15T00:00:00Z", "2026-12-01T00:00:00Z"),
            ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        );
        let mut said = String::new();
        for (proves, asked, effective) in [
            (ProvenTime::Events, Some(october), Some(october)),
            (ProvenTime::Events, None, Some(october)),
            (ProvenTime::Events, Some(whole), Some(october)),
            (ProvenTime::Events, Some(running), Some(running)),
            (ProvenTime::Events, Some(later), Some(later)),
            (ProvenTime::State, Some(october), Some(october)),
            (ProvenTime::State, Some(october), None),
            (ProvenTime::State, None, None),
            (ProvenTime::Nothing, Some(october), None),
            (ProvenTime::Nothing, None, None),
        ] {
            let mut proof = Subject::open(folder.path(), None).expect("evidence").proof;
            proof.proof_type.proves = Some(proves);
            (proof.job.window, proof.window) = (asked.map(span), effective.map(span));
            said += &format!("{:8}{}\n", proves.word(), window(&proof));
        }
        insta::assert_snapshot!(said, @"
        events  from 2026-10-01 to before 2026-11-01 UTC: it shows what happened in this time
        events  from 2026-10-01 to before 2026-11-01 UTC, as none was asked for: it shows what happened in this time
        events  from 2026-10-01 to before 2026-11-01 UTC, of a longer one that was asked for: it shows what happened in this time
        events  from 2026-10-15 to before 2026-12-01 UTC: it shows what happened up to 2026-11-01 00:00:01 UTC, when the source was asked
        events  from 2026-12-01 to before 2027-01-01 UTC: it had not begun when the source was asked
        state   from 2026-10-01 to before 2026-11-01 UTC, as a filter: it shows how things stood when it was collected, and nothing of this time
        state   one was asked for, and the source has none: it shows how things stood when it was collected
        state   none: it shows how things stood when it was collected
        nothing from 2026-10-01 to before 2026-11-01 UTC; which time it proves is not known
        nothing none was asked for; which time it proves is not known
        ");
    }

    #[test]
    fn criteria_are_among_the_first_facts_and_warn_where_nothing_matches() {
        let folder = evidence();
        let mut subject = Subject::open(folder.path(), None).expect("evidence");
        let tags = serde_json::json!(["prod", "Prodd"]);
        subject.proof.job.criteria = vec![Argument { name: "tags".to_owned(), kind: None, value: tags }];
        let said = |subject: &Subject| {
            let facts = facts(subject, &Order::new(Format::Html));
            let place = facts.iter().position(|it| it.term == "Criteria").expect("criteria");
            let window = facts.iter().position(|it| it.term == "Window").expect("a window");
            assert!(place < window, "{facts:?}");
            (facts[place].text.clone(), facts[place].warns)
        };
        assert_eq!(said(&subject), ("tags = prod, Prodd".to_owned(), false));
        subject.proof.rows = 0;
        let (text, warns) = said(&subject);
        assert_eq!(text, "tags = prod, Prodd; nothing matches, and a misspelt value looks the same");
        assert!(warns);
        subject.proof.job.criteria.clear();
        assert!(facts(&subject, &Order::new(Format::Html)).iter().all(|it| it.term != "Criteria"));
    }

    #[test]
    fn how_to_verify_is_said_as_the_program_says_it() {
        let folder = evidence();
        let mut subject = Subject::open(folder.path(), None).expect("evidence");
        subject.proof.timestamped_by = Some("https://tsa.example".to_owned());
        let said = |verifying| {
            let order = Order { verifying, ..Order::new(Format::Html) };
            let facts = facts(&subject, &order);
            facts.into_iter().find(|it| it.term == "Time stamp").map(|it| it.text)
        };
        let verifying = Verifying { timestamp: Some("press Verify"), ..Verifying::default() };
        assert_eq!(said(verifying).as_deref(), Some("by https://tsa.example; press Verify"));
        assert_eq!(said(Verifying::default()).as_deref(), Some("by https://tsa.example"));
    }
}
