//! What a plugin says about itself, checked once and relied on afterwards.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Deref;

use exhibit_rows::Shown;

use super::bounds::{self, ENTRIES, HELP_BYTES, LABEL_BYTES};
use super::catalog::{
    self, AuthScheme, Field, Lookup, Operation, Parameter, ProofType, ProvenTime, TokenExchange,
};
use super::collection::Task;
use super::may_sign;
use super::settings::is_of;
use super::testing::Test;
use super::types::{Kind, Value};

mod inventories;

/// Columns of a proof.
const FIELDS: usize = 500;
/// Values that one can choose from.
const CHOICES: usize = 1_000;
/// Headers that never reach a plugin: they carry what signs requests.
const UNREADABLE_HEADERS: [&str; 4] = ["set-cookie", "set-cookie2", "authorization", "proxy-authenticate"];
/// A page or two that a person reads, with a table.
const GUIDE_BYTES: usize = 64 << 10;
/// A token that lives longer should be requested again anyway.
const TOKEN_LIFETIME_SECONDS: u32 = 24 * 60 * 60;

/// A manifest that makes sense: names are well-formed and unique, references lead
/// somewhere, defaults are of their kind, texts are bounded and show no more than
/// they say.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest(catalog::Manifest);

/// Where a manifest makes no sense.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct ManifestError {
    place: String,
    what: String,
}

type Checked = Result<(), ManifestError>;

impl Manifest {
    /// Checks a manifest.
    ///
    /// # Errors
    ///
    /// At the first place that makes no sense, with what is wrong there.
    pub fn check(manifest: catalog::Manifest) -> Result<Self, ManifestError> {
        let it = &manifest;
        name("id", &it.id)?;
        line("version", &it.version, LABEL_BYTES)?;
        line("label", &it.label, LABEL_BYTES)?;
        line("vendor", &it.vendor, LABEL_BYTES)?;
        parameters("settings", &it.settings)?;
        parameters("secrets", &it.secrets)?;
        auths(it)?;
        answer_headers(&it.answer_headers)?;
        names("proof-types", it.proof_types.iter().map(|it| it.name.as_str()), ENTRIES)?;
        it.proof_types.iter().try_for_each(proof_type)?;
        names("operations", it.operations.iter().map(|it| it.name.as_str()), ENTRIES)?;
        it.operations.iter().try_for_each(operation)?;
        names("lookups", it.lookups.iter().map(|it| it.name.as_str()), ENTRIES)?;
        it.lookups.iter().try_for_each(lookup)?;
        names("inventories", it.inventories.iter().map(|it| it.name.as_str()), ENTRIES)?;
        for inventory in &it.inventories {
            let place = &format!("inventory `{}`", inventory.name);
            line(place, &inventory.label, LABEL_BYTES)?;
            line(place, &inventory.group, LABEL_BYTES)?;
            inventories::check(inventory, &it.proof_types).map_err(|what| wrong(place, what))?;
        }
        guide(&it.guide)?;
        Ok(Self(manifest))
    }

    /// The proof type of this name.
    pub fn proof_type(&self, name: &str) -> Option<&ProofType> {
        self.proof_types.iter().find(|it| it.name == name)
    }

    /// The operation of this name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|it| it.name == name)
    }

    /// The lookup of this name.
    pub fn lookup(&self, name: &str) -> Option<&Lookup> {
        self.lookups.iter().find(|it| it.name == name)
    }

    /// What evidence is of: the proof type of this name, or the operation, as the type of its report.
    pub fn evidence_type(&self, name: &str, of_operation: bool) -> Option<Cow<'_, ProofType>> {
        if of_operation {
            self.operation(name).map(|it| Cow::Owned(it.report_type()))
        } else {
            self.proof_type(name).map(Cow::Borrowed)
        }
    }

    /// The columns of what a task gives. `None` where the plugin has no such task.
    pub fn fields(&self, task: &Task) -> Option<&[Field]> {
        Some(match task {
            Task::Collect(name) => &self.proof_type(name)?.fields,
            Task::Probe(name) => match self.proof_type(name) {
                Some(proof_type) => &proof_type.fields,
                None => &self.operation(name)?.fields,
            },
            Task::Operate(name) => &self.operation(name)?.fields,
            Task::LookUp(name) => &self.lookup(name)?.fields,
        })
    }

    /// What a task may and must be given. `None` where the plugin has no such task.
    pub fn parameters(&self, task: &Task) -> Option<&[Parameter]> {
        Some(match task {
            Task::Collect(name) => &self.proof_type(name)?.criteria,
            Task::Probe(name) => match self.proof_type(name) {
                Some(proof_type) => &proof_type.criteria,
                // Whether an operation is permitted does not depend on what it is given.
                None => self.operation(name).map(|_| &[][..])?,
            },
            Task::Operate(name) => &self.operation(name)?.parameters,
            Task::LookUp(name) => &self.lookup(name)?.criteria,
        })
    }

    /// The names whose values are blanked in answers to a task. None where the plugin has no such task.
    pub fn blanked(&self, task: &Task) -> &[String] {
        let names = match task {
            Task::Collect(name) => self.proof_type(name).map(|it| &it.blanked),
            // An operation is probed by the lists that it looks names up in.
            Task::Probe(name) => {
                let proof_type = self.proof_type(name).map(|it| &it.blanked);
                proof_type.or_else(|| self.operation(name).map(|it| &it.blanked))
            }
            Task::Operate(name) => self.operation(name).map(|it| &it.blanked),
            Task::LookUp(name) => self.lookup(name).map(|it| &it.blanked),
        };
        names.map(Vec::as_slice).unwrap_or_default()
    }

    /// How requests that name this auth are signed.
    pub fn auth(&self, name: &str) -> Option<&AuthScheme> {
        self.auth.iter().find(|it| it.name == name).map(|it| &it.scheme)
    }
}

impl Deref for Manifest {
    type Target = catalog::Manifest;

    fn deref(&self) -> &catalog::Manifest {
        &self.0
    }
}

impl Operation {
    /// An operation's report as a table: what was done, in rows that the first field tells apart.
    pub fn report_type(&self) -> ProofType {
        ProofType {
            name: self.name.clone(),
            label: self.label.clone(),
            help: self.help.clone(),
            fields: self.fields.clone(),
            key: self.fields.first().map(|it| it.name.clone()).into_iter().collect(),
            criteria: self.parameters.clone(),
            window: None,
            changes: Err("It is what was done.".to_owned()),
            needs: self.needs.clone(),
            link: None,
            schedule: String::new(),
            suggested: vec![],
            blanked: self.blanked.clone(),
        }
    }
}

/// The name of the secret that a form value of a token exchange stands for.
pub fn secret_in(value: &str) -> Option<&str> {
    value.strip_prefix('{')?.strip_suffix('}')
}

fn wrong(place: &str, what: impl Into<String>) -> ManifestError {
    ManifestError { place: place.to_owned(), what: what.into() }
}

fn name(place: &str, text: &str) -> Checked {
    bounds::name(text).map_err(|what| wrong(place, what))
}

fn names<'a>(place: &str, all: impl Iterator<Item = &'a str>, limit: usize) -> Checked {
    let mut seen = HashSet::new();
    for text in all {
        name(place, text)?;
        if !seen.insert(text) {
            return Err(wrong(place, format!("`{text}` is there twice")));
        }
        if seen.len() > limit {
            return Err(wrong(place, format!("there are more than {limit}")));
        }
    }
    Ok(())
}

fn line(place: &str, text: &str, limit: usize) -> Checked {
    bounds::line(text, limit).map_err(|what| wrong(place, what))
}

fn help(place: &str, text: &str) -> Checked {
    bounds::help(text).map_err(|what| wrong(place, what))
}

fn parameters(place: &str, all: &[Parameter]) -> Checked {
    names(place, all.iter().map(|it| it.name.as_str()), ENTRIES)?;
    for it in all {
        let place = &format!("{place} `{}`", it.name);
        line(place, &it.label, LABEL_BYTES)?;
        help(place, &it.help)?;
        if it.choices.len() > CHOICES {
            return Err(wrong(place, format!("there are more than {CHOICES} choices")));
        }
        for choice in &it.choices {
            line(place, &choice.value, LABEL_BYTES)?;
            line(place, &choice.label, LABEL_BYTES)?;
        }
        default(place, it)?;
    }
    Ok(())
}

fn default(place: &str, parameter: &Parameter) -> Checked {
    let Some(default) = &parameter.default else { return Ok(()) };
    if !is_of(default, parameter.kind) {
        return Err(wrong(place, format!("the default is not of the kind {}", parameter.kind.name())));
    }
    match default {
        Value::Text(text) => {
            line(place, text, HELP_BYTES)?;
            let offered =
                parameter.choices.is_empty() || parameter.choices.iter().any(|it| it.value == *text);
            if offered { Ok(()) } else { Err(wrong(place, "the default is not one of the choices")) }
        }
        Value::Texts(texts) if texts.len() > CHOICES => Err(wrong(place, "the default is too long")),
        Value::Texts(texts) => texts.iter().try_for_each(|it| line(place, it, LABEL_BYTES)),
        _ => Ok(()),
    }
}

fn auths(manifest: &catalog::Manifest) -> Checked {
    names("auth", manifest.auth.iter().map(|it| it.name.as_str()), ENTRIES)?;
    for auth in &manifest.auth {
        let place = &format!("auth `{}`", auth.name);
        let declared = |secret: &str| {
            let known = manifest.secrets.iter().any(|it| it.name == secret);
            let what = || format!("there is no secret `{}`", Shown::line(secret));
            if known { Ok(()) } else { Err(wrong(place, what())) }
        };
        match &auth.scheme {
            AuthScheme::Basic(it) => {
                declared(&it.username)?;
                declared(&it.password)?;
            }
            AuthScheme::Header(it) => {
                declared(&it.secret)?;
                line(place, &it.prefix, LABEL_BYTES)?;
                if !may_sign(&it.name) {
                    let what = format!("no secret may be in the header `{}`", Shown::line(&it.name));
                    return Err(wrong(place, what));
                }
            }
            AuthScheme::Token(TokenExchange { origin, path, form, lifetime }) => {
                name(place, origin)?;
                line(place, path, HELP_BYTES)?;
                if form.len() > ENTRIES {
                    return Err(wrong(place, format!("the form has more than {ENTRIES} fields")));
                }
                for (field, value) in form {
                    line(place, field, LABEL_BYTES)?;
                    line(place, value, HELP_BYTES)?;
                    secret_in(value).map_or(Ok(()), declared)?;
                }
                if !(1..=TOKEN_LIFETIME_SECONDS).contains(lifetime) {
                    let what = format!("the lifetime should be 1 to {TOKEN_LIFETIME_SECONDS} seconds");
                    return Err(wrong(place, what));
                }
            }
        }
    }
    Ok(())
}

fn answer_headers(all: &[String]) -> Checked {
    let place = "answer-headers";
    names(place, all.iter().map(String::as_str), ENTRIES)?;
    match all.iter().find(|it| UNREADABLE_HEADERS.contains(&it.as_str())) {
        Some(header) => Err(wrong(place, format!("no plugin may read `{header}`"))),
        None => Ok(()),
    }
}

fn proof_type(it: &ProofType) -> Checked {
    let place = &format!("proof type `{}`", it.name);
    line(place, &it.label, LABEL_BYTES)?;
    help(place, &it.help)?;
    fields(place, &it.fields)?;
    if it.fields.is_empty() || it.key.is_empty() {
        return Err(wrong(place, "it needs at least one field, and at least one field in its key"));
    }
    for key in &it.key {
        if !it.fields.iter().any(|field| field.name == *key) {
            return Err(wrong(place, format!("its key names `{}`, which is no field", Shown::line(key))));
        }
    }
    names(place, it.key.iter().map(String::as_str), FIELDS)?;
    parameters(place, &it.criteria)?;
    it.window.as_ref().map_or(Ok(()), |it| help(place, &it.help))?;
    changes(place, it)?;
    needs(place, &it.needs)?;
    if let Some(link) = &it.link {
        name(place, &link.origin)?;
        link_path(place, &link.path)?;
        link.note.as_ref().map_or(Ok(()), |it| help(place, it))?;
    }
    line(place, &it.schedule, LABEL_BYTES)?;
    suggested(place, &it.suggested)?;
    blanked(place, &it.blanked)
}

fn changes(place: &str, it: &ProofType) -> Checked {
    let changes = match &it.changes {
        Ok(changes) => changes,
        Err(why) => return help(place, why),
    };
    help(place, &changes.help)?;
    names(place, changes.lagging.iter().map(String::as_str), FIELDS)?;
    let field = |name: &String| it.fields.iter().find(|field| field.name == *name);
    if let Some(unknown) = changes.lagging.iter().find(|name| field(name).is_none()) {
        return Err(wrong(place, format!("its changes name `{}`, which is no field", Shown::line(unknown))));
    }
    if let Some(key) = it.key.iter().find(|name| changes.lagging.contains(name)) {
        return Err(wrong(
            place,
            format!("`{}` is in its key, and may lag behind changes", Shown::line(key)),
        ));
    }
    if let Some(left) = &changes.left
        && field(left).is_none_or(|field| field.kind != Kind::Boolean)
    {
        let what = format!("`{}` says which rows have left, and is no field of yes or no", Shown::line(left));
        return Err(wrong(place, what));
    }
    match &it.window {
        Some(window) if window.proves == ProvenTime::Events => {
            Err(wrong(place, "its window proves events, and it has changes, too"))
        }
        _ => Ok(()),
    }
}

fn suggested(place: &str, all: &[Test]) -> Checked {
    names(place, all.iter().map(|it| it.name.as_str()), ENTRIES)?;
    for it in all {
        let place = &format!("{place}, test `{}`", it.name);
        line(place, &it.label, LABEL_BYTES)?;
        help(place, &it.help)?;
        if it.controls.len() > ENTRIES {
            return Err(wrong(place, format!("it lists more than {ENTRIES} controls")));
        }
        it.controls.iter().try_for_each(|it| line(place, it, LABEL_BYTES))?;
    }
    Ok(())
}

/// What is put behind a portal's address must not change whose address it is.
fn link_path(place: &str, path: &str) -> Checked {
    line(place, path, HELP_BYTES)?;
    match path.strip_prefix('/') {
        _ if path.is_empty() => Ok(()),
        Some(rest) if !rest.starts_with(['/', '\\']) => Ok(()),
        _ => {
            let what = format!("its link's path is `{}`; it should begin with a single /", Shown::line(path));
            Err(wrong(place, what))
        }
    }
}

fn operation(it: &Operation) -> Checked {
    let place = &format!("operation `{}`", it.name);
    line(place, &it.label, LABEL_BYTES)?;
    help(place, &it.help)?;
    parameters(place, &it.parameters)?;
    fields(place, &it.fields)?;
    needs(place, &it.needs)?;
    blanked(place, &it.blanked)?;
    if it.fields.is_empty() {
        return Err(wrong(place, "it needs at least one field: the first one identifies what it did"));
    }
    if it.parameters.iter().any(|parameter| parameter.name == it.confirm) {
        return Ok(());
    }
    let what = format!("`{}` is to be confirmed, and is no parameter", Shown::line(&it.confirm));
    Err(wrong(place, what))
}

fn lookup(it: &Lookup) -> Checked {
    let place = &format!("lookup `{}`", it.name);
    line(place, &it.label, LABEL_BYTES)?;
    help(place, &it.help)?;
    fields(place, &it.fields)?;
    parameters(place, &it.criteria)?;
    needs(place, &it.needs)?;
    names(place, it.parameters.iter().map(String::as_str), ENTRIES)?;
    blanked(place, &it.blanked)?;
    match it.fields.iter().find(|field| field.name == it.value) {
        Some(Field { kind: Kind::Text, .. }) => Ok(()),
        _ => Err(wrong(
            place,
            format!("its values are in `{}`, which is no field of text", Shown::line(&it.value)),
        )),
    }
}

fn needs(place: &str, all: &[String]) -> Checked {
    if all.len() > ENTRIES {
        return Err(wrong(place, format!("it has more than {ENTRIES} needs")));
    }
    all.iter().try_for_each(|it| line(place, it, HELP_BYTES))
}

fn blanked(place: &str, all: &[String]) -> Checked {
    bounds::blanked(all).map_err(|what| wrong(place, what))
}

fn guide(text: &str) -> Checked {
    let place = "guide";
    if text.len() > GUIDE_BYTES {
        let what = format!("it has {} bytes; at most {GUIDE_BYTES} are allowed", text.len());
        return Err(wrong(place, what));
    }
    text.split('\n').try_for_each(|it| line(place, it, HELP_BYTES))
}

fn fields(place: &str, all: &[Field]) -> Checked {
    let former = all.iter().flat_map(|it| it.aliases.iter().map(String::as_str));
    names(place, all.iter().map(|it| it.name.as_str()).chain(former), FIELDS)?;
    for it in all {
        let place = &format!("{place}, field `{}`", it.name);
        line(place, &it.label, LABEL_BYTES)?;
        help(place, &it.help)?;
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
