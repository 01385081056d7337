//! What a plugin says of itself, beyond what its loading insists on.

use exhibit::checks::{Fault, Verdict};
use exhibit::contract::catalog::{self, AuthScheme};
use exhibit::contract::types::{Error, Setting};
use exhibit::http::{Origin, OriginSource};
use exhibit::plugin::{Plugin, PluginError};
use exhibit_rows::Shown;

/// Another time and other randomness than those of the loading.
const ELSEWHERE: u64 = 1;
/// A five-field cron expression has as many.
const CRON_FIELDS: usize = 5;

/// Texts where people look for them.
pub(super) fn says_what_people_need(plugin: &Plugin) -> Verdict {
    let it = plugin.manifest();
    let mut faults = Vec::new();
    if !is_semver(&it.version) {
        let what = format!("the version {:?} is no semantic version", it.version);
        faults.push(Fault::new(what, "write it as 1.2.3"));
    }
    if it.proof_types.is_empty() && it.operations.is_empty() {
        faults.push(Fault::new("it offers nothing", "name a proof type in the manifest"));
    }
    let mut text = |place: String, text: &str| {
        if text.trim().is_empty() {
            faults
                .push(Fault::new(format!("{place} is empty"), "say it in the manifest: people choose by it"));
        }
    };
    text("the label".to_owned(), &it.label);
    text("the vendor".to_owned(), &it.vendor);
    for parameter in it.settings.iter().chain(&it.secrets) {
        text(format!("the help of {}", parameter.name), &parameter.help);
    }
    for proof in &it.proof_types {
        text(format!("the label of {}", proof.name), &proof.label);
        text(format!("the help of {}", proof.name), &proof.help);
        for field in &proof.fields {
            text(format!("the label of the field {} of {}", field.name, proof.name), &field.label);
        }
        for parameter in &proof.criteria {
            text(format!("the help of the criterion {} of {}", parameter.name, proof.name), &parameter.help);
        }
    }
    faults.extend(super::operation::says_what_people_need(it));
    for proof in &it.proof_types {
        if proof.schedule.split_whitespace().count() != CRON_FIELDS {
            let what = format!("the schedule of {}, {:?}, has not five fields", proof.name, proof.schedule);
            faults.push(Fault::new(what, "write minute, hour, day, month and weekday, as in 0 6 * * 1"));
        }
    }
    let fields: usize = it.proof_types.iter().map(|it| it.fields.len()).sum();
    Verdict::of(faults, format!("proof types: {}, fields: {fields}", it.proof_types.len()))
}

/// `describe` does not depend on when and where it is asked.
pub(super) async fn says_the_same(plugin: &Plugin) -> Verdict {
    let next = "build the manifest from constants alone: no clock, no randomness, no hash map";
    let mut faults = Vec::new();
    for randomness in [0, ELSEWHERE] {
        match plugin.described_anew(super::synthetic::AS_OF, randomness).await {
            Err(error) => faults.push(Fault::new(format!("asked again, {error}"), next)),
            Ok(again) if again == **plugin.manifest() => {}
            Ok(again) => {
                let place = differing(plugin.manifest(), &again);
                faults.push(Fault::new(format!("called again, `describe` gives another {place}"), next));
            }
        }
    }
    Verdict::of(faults, "asked 3 times")
}

fn differing(one: &catalog::Manifest, other: &catalog::Manifest) -> &'static str {
    let places = [
        (one.settings != other.settings, "settings"),
        (one.secrets != other.secrets, "secrets"),
        (one.auth != other.auth, "auth"),
        (one.answer_headers != other.answer_headers, "answer-headers"),
        (one.proof_types != other.proof_types, "proof-types"),
        (one.operations != other.operations, "operations"),
    ];
    places.into_iter().find_map(|(differs, place)| differs.then_some(place)).unwrap_or("name or version")
}

/// `resolve` gives what requests, links and tokens need, and the same each time.
pub(super) async fn resolves(plugin: &Plugin, settings: &[Setting]) -> Verdict {
    let mut faults = Vec::new();
    let origins = match plugin.resolve(settings).await {
        Ok(origins) => origins,
        Err(PluginError::Said(error @ Error::Invalid(_))) => {
            let why = format!("{}: give fitting settings", PluginError::Said(error));
            return Verdict::skipped(why);
        }
        Err(error) => return Verdict::failed(error.to_string(), "resolve from the settings alone"),
    };
    for randomness in [0, ELSEWHERE] {
        let again = plugin.resolve_with(settings, randomness).await;
        if !matches!(&again, Ok(again) if *again == origins) {
            let what = "the same settings give other origins when they are asked for again";
            faults.push(Fault::new(
                what,
                "make them from the settings alone: no clock, no randomness, no state",
            ));
        }
    }
    for origin in &origins {
        if let Some(url) = &origin.url
            && let Err(error) = Origin::parse(url, OriginSource::ByPlugin)
        {
            faults.push(Fault::new(
                format!("the origin `{}`: {error}", Shown::line(&origin.name)),
                "give https://host or https://host:port, or none where the operator must say it",
            ));
        }
    }
    let known = |name: &str| origins.iter().any(|it| it.name == name);
    for it in &plugin.manifest().auth {
        if let AuthScheme::Token(token) = &it.scheme
            && !known(&token.origin)
        {
            let what =
                format!("the auth {} gets its token from `{}`, which is no origin", it.name, token.origin);
            faults.push(Fault::new(what, "name one of the origins that resolve gives"));
        }
    }
    for proof in &plugin.manifest().proof_types {
        if let Some(link) = &proof.link
            && !known(&link.origin)
        {
            let what = format!("the link of {} leads to `{}`, which is no origin", proof.name, link.origin);
            faults.push(Fault::new(what, "name one of the origins that resolve gives"));
        }
    }
    let names: Vec<String> = origins.iter().map(|it| Shown::line(&it.name).to_string()).collect();
    Verdict::of(faults, format!("asked 3 times: {}", names.join(", ")))
}

/// `1.2.3`, and whatever may follow it.
fn is_semver(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = core.split('.').collect();
    numbers.len() == 3
        && numbers.iter().all(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_semver;

    #[test]
    fn tells_a_semantic_version() {
        for good in ["0.1.0", "1.20.3-rc.1", "1.0.0+build.5"] {
            assert!(is_semver(good), "{good}");
        }
        for bad in ["", "1", "1.0", "v1.0.0", "1.0.0.0", "1..0", "latest"] {
            assert!(!is_semver(bad), "{bad}");
        }
    }
}
