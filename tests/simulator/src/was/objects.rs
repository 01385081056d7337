//! What scans of web applications, and of instances, choose from: web applications, option profiles, tags and connectors.

use std::borrow::Cow;

use super::scan::{Application, PROFILES};
use crate::{
    assets,
    clock::DAY,
    qps::{Counted, Field, Page, Path, Refused, Request, Verb, search_of},
    question::Question,
    quirks::Quirks,
    refusal::Refusal,
    stream::{Response, Rows, Source},
    world::World,
    xml::Xml,
};

const RESPONSE: Response = Response { schema: "qps/xsd/3.0/was/webapp.xsd" };

/// An object: its id, its name, and the rest of its elements.
struct Object {
    id: u64,
    name: Cow<'static, str>,
    fields: Vec<(&'static str, Content)>,
    /// What it has only where details are asked for, or it alone.
    details: Vec<(&'static str, Content)>,
}

/// What is in an element.
enum Content {
    Text(Cow<'static, str>),
    Moment(i64),
    Parts(Vec<(&'static str, &'static str)>),
}

const fn text(text: &'static str) -> Content {
    Content::Text(Cow::Borrowed(text))
}

/// Objects of a kind: the element of each, what it can be searched by besides its id and its name, and all of them.
struct Kind<O> {
    element: &'static str,
    criteria: &'static [&'static str],
    objects: O,
}

/// The web applications that were asked for.
pub(crate) fn answer_applications(question: &Question<'_>) -> Result<Source, Refusal> {
    let now = question.world.now_seconds();
    let objects = (0..question.world.web_applications).map(|index| {
        let it = Application::at(index);
        let created = now - 900 * DAY + index as i64;
        Object {
            id: it.id,
            name: it.name,
            fields: vec![
                ("url", Content::Text(it.url)),
                ("owner", Content::Parts(vec![("id", "17729931")])),
                ("tags", Content::Parts(vec![("count", "0")])),
                ("createdDate", Content::Moment(created)),
                ("updatedDate", Content::Moment(created + (index as i64 % 300) * DAY)),
            ],
            details: vec![
                ("defaultProfile", Content::Parts(vec![("id", "2084083"), ("name", "Initial WAS Options")])),
                ("defaultScanner", Content::Parts(vec![("type", "EXTERNAL")])),
            ],
        }
    });
    let criteria = &["url", "createdDate", "updatedDate"];
    Ok(answer(question, Kind { element: "WebApp", criteria, objects }))
}

/// The option profiles of web application scans that were asked for.
pub(crate) fn answer_profiles(question: &Question<'_>) -> Result<Source, Refusal> {
    let objects = PROFILES.iter().map(|&(id, name)| Object {
        id,
        name: name.into(),
        fields: Vec::new(),
        details: Vec::new(),
    });
    Ok(answer(question, Kind { element: "OptionProfile", criteria: &[], objects }))
}

/// The tags that were asked for.
pub(crate) fn answer_tags(question: &Question<'_>) -> Result<Source, Refusal> {
    let created = question.world.now_seconds() - 1_200 * DAY;
    let objects = assets::tags(question.world).map(|(id, name)| Object {
        id,
        name,
        fields: vec![
            ("created", Content::Moment(created)),
            ("modified", Content::Moment(created + DAY)),
            ("ruleType", text("STATIC")),
        ],
        details: Vec::new(),
    });
    Ok(answer(question, Kind { element: "Tag", criteria: &["ruleType"], objects }))
}

/// The AWS connectors that were asked for.
pub(crate) fn answer_connectors(question: &Question<'_>) -> Result<Source, Refusal> {
    let connector = |(id, name, state, disabled): (u64, &'static str, &'static str, &'static str)| Object {
        id,
        name: name.into(),
        fields: vec![
            ("connectorState", text(state)),
            ("disabled", text(disabled)),
            ("lastSync", text("2026-10-31T20:00:00Z")),
            ("awsAccountId", text("000000000000")),
            // What nothing may keep.
            ("arn", text("arn:aws:iam::000000000000:role/never-to-be-read")),
            ("externalId", text("never-to-be-read")),
        ],
        details: Vec::new(),
    };
    let objects = [
        (5_001, "prod", "FINISHED_SUCCESS", "false"),
        (5_002, "staging", "ERROR", "false"),
        (5_003, "old", "DISABLED", "true"),
    ];
    let objects = objects.into_iter().map(connector);
    Ok(answer(question, Kind { element: "AwsAssetDataConnector", criteria: &["awsAccountId"], objects }))
}

fn answer(question: &Question<'_>, kind: Kind<impl Iterator<Item = Object>>) -> Source {
    found(question, kind).unwrap_or_else(|refused| refused.source())
}

fn found(question: &Question<'_>, kind: Kind<impl Iterator<Item = Object>>) -> Result<Source, Refused> {
    let Kind { element, criteria, mut objects } = kind;
    let path = Path::of_call(question.call);
    let quirks = question.quirks;
    if let Some(id) = path.id {
        let object =
            objects.find(|it| it.id == id).ok_or_else(|| Refused::missing("There is no such object."))?;
        let page = Page { records: vec![object], has_more: false };
        let quirks = Quirks { more_unsaid: true, ..quirks };
        return Ok(RESPONSE.report(Objects { element, page, is_detailed: true, quirks, after: 0, next: 0 }));
    }
    let request = search_of(question.call)?.stuck(quirks);
    for criterion in &request.criteria {
        let field = criterion.field.as_str();
        if !["id", "name"].contains(&field) && !criteria.contains(&field) {
            return Err(Refused::request(
                format!("Criteria: There is no criteria '{field}'."),
                "Please check the criteria.",
            ));
        }
    }
    let fitting =
        objects.filter(|it| it.id >= request.from_id).filter_map(|it| match it.admitted(&request) {
            Ok(is_admitted) => is_admitted.then_some(Ok(it)),
            Err(refused) => Some(Err(refused)),
        });
    if path.verb == Verb::Count {
        let counted = fitting.collect::<Result<Vec<_>, _>>()?.len() as u64;
        return Ok(RESPONSE.report(Counted(counted)));
    }
    let (page, after) = (Page::of(&request, fitting)?, request.after());
    Ok(RESPONSE.report(Objects { element, page, is_detailed: request.verbose, quirks, after, next: 0 }))
}

impl Object {
    /// Whether it meets the criteria of a search, all of which it has.
    fn admitted(&self, request: &Request) -> Result<bool, Refused> {
        for criterion in &request.criteria {
            let content = self.fields.iter().find(|(name, _)| *name == criterion.field).map(|(_, it)| it);
            let field = match (criterion.field.as_str(), content) {
                ("id", _) => Field::Number(self.id),
                (_, Some(Content::Moment(moment))) => Field::Moment(*moment),
                ("ruleType", Some(Content::Text(word))) => Field::Word(word),
                (_, Some(Content::Text(text))) => Field::Text(text),
                _ => Field::Text(&self.name),
            };
            if !criterion.admits(&field)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

struct Objects {
    element: &'static str,
    page: Page<Object>,
    is_detailed: bool,
    quirks: Quirks,
    /// The id that it was asked to come after.
    after: u64,
    next: usize,
}

impl Objects {
    fn write(&self, xml: &mut Xml<'_>, object: &Object) {
        xml.open(self.element);
        xml.number("id", object.id);
        xml.cdata("name", &object.name);
        let details = object.details.iter().filter(|_| self.is_detailed);
        for (name, content) in object.fields.iter().chain(details) {
            match content {
                Content::Text(text) => xml.cdata(name, text),
                Content::Moment(moment) => xml.moment(name, *moment),
                Content::Parts(parts) => {
                    xml.open(name);
                    for (name, text) in parts {
                        xml.text(name, text);
                    }
                    xml.close(name);
                }
            }
        }
        xml.close(self.element);
    }
}

impl Rows for Objects {
    fn head(&mut self, xml: &mut Xml<'_>) {
        self.page.head(xml, self.quirks, |it| it.id, self.after);
    }

    fn row(&mut self, xml: &mut Xml<'_>) -> bool {
        let Some(object) = self.page.records.get(self.next) else { return false };
        if self.next == 0 {
            xml.open("data");
            self.write(xml, object);
        } else {
            self.write(&mut xml.deeper(), object);
        }
        self.next += 1;
        true
    }

    fn foot(&mut self, xml: &mut Xml<'_>) {
        if !self.page.records.is_empty() {
            xml.deeper().close("data");
        }
    }
}

/// The place of the web application with this id.
pub(super) fn application(world: &World, id: &str) -> Option<u64> {
    (0..world.web_applications).find(|&index| Application::at(index).id.to_string() == id)
}
