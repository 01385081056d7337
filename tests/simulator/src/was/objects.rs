//! What scans of web applications, and of instances, choose from: web applications, option profiles, tags and connectors.

use super::scan::{APPLICATIONS, PROFILES};
use crate::{
    assets,
    qps::{Field, Refused, Request},
    question::Question,
    refusal::Refusal,
    stream::{Response, Rows, Source},
    xml::Xml,
};

const RESPONSE: Response = Response { schema: "qps/xsd/3.0/was/webapp.xsd" };

/// An object: its id, its name, and the rest of its elements, some of which have others in them.
struct Object {
    id: u64,
    name: &'static str,
    fields: Vec<(&'static str, &'static str)>,
    details: Vec<(&'static str, Vec<(&'static str, &'static str)>)>,
}

/// The web applications that were searched for.
pub(crate) fn answer_applications(question: &Question<'_>) -> Result<Source, Refusal> {
    let objects = APPLICATIONS.iter().map(|it| Object {
        id: it.id,
        name: it.name,
        fields: vec![("url", it.url)],
        details: vec![
            ("defaultProfile", vec![("id", "2084083"), ("name", "Initial WAS Options")]),
            ("defaultScanner", vec![("type", "EXTERNAL")]),
        ],
    });
    Ok(answer(question, "WebApp", objects.collect()))
}

/// The option profiles of web application scans that were searched for.
pub(crate) fn answer_profiles(question: &Question<'_>) -> Result<Source, Refusal> {
    let objects =
        PROFILES.iter().map(|&(id, name)| Object { id, name, fields: Vec::new(), details: Vec::new() });
    Ok(answer(question, "OptionProfile", objects.collect()))
}

/// The tags that were searched for.
pub(crate) fn answer_tags(question: &Question<'_>) -> Result<Source, Refusal> {
    let objects = assets::tags().map(|(id, name)| Object {
        id,
        name,
        fields: vec![("ruleType", "STATIC")],
        details: Vec::new(),
    });
    Ok(answer(question, "Tag", objects.collect()))
}

/// The AWS connectors that were searched for.
pub(crate) fn answer_connectors(question: &Question<'_>) -> Result<Source, Refusal> {
    let connector = |id, name, state, disabled| Object {
        id,
        name,
        fields: vec![
            ("connectorState", state),
            ("disabled", disabled),
            ("lastSync", "2026-10-31T20:00:00Z"),
            ("awsAccountId", "000000000000"),
            // What nothing may keep.
            ("arn", "arn:aws:iam::000000000000:role/never-to-be-read"),
            ("externalId", "never-to-be-read"),
        ],
        details: Vec::new(),
    };
    let objects = vec![
        connector(5_001, "prod", "FINISHED_SUCCESS", "false"),
        connector(5_002, "staging", "ERROR", "false"),
        connector(5_003, "old", "DISABLED", "true"),
    ];
    Ok(answer(question, "AwsAssetDataConnector", objects))
}

fn answer(question: &Question<'_>, element: &'static str, objects: Vec<Object>) -> Source {
    match search(question, element, objects) {
        Ok(source) => source,
        Err(refused) => refused.source(),
    }
}

fn search(question: &Question<'_>, element: &'static str, objects: Vec<Object>) -> Result<Source, Refused> {
    let request = Request::read(&question.call.body)?;
    let mut found = Vec::new();
    for object in objects {
        let mut is_wanted = true;
        for criterion in &request.criteria {
            is_wanted &= match criterion.field.as_str() {
                "id" => criterion.admits(&Field::Number(object.id))?,
                "name" => criterion.admits(&Field::Text(object.name))?,
                other => {
                    return Err(Refused::request(
                        format!("Criteria: There is no criteria '{other}'."),
                        "Please check the criteria.",
                    ));
                }
            };
        }
        if is_wanted {
            found.push(object);
        }
    }
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let has_more = found.len() > limit;
    found.truncate(limit);
    Ok(RESPONSE.report(Objects { element, found, has_more, verbose: request.verbose, next: 0 }))
}

struct Objects {
    element: &'static str,
    found: Vec<Object>,
    has_more: bool,
    verbose: bool,
    next: usize,
}

impl Objects {
    fn write(&self, xml: &mut Xml<'_>, object: &Object) {
        xml.open(self.element);
        xml.number("id", object.id);
        xml.cdata("name", object.name);
        for (name, text) in &object.fields {
            xml.cdata(name, text);
        }
        for (name, fields) in object.details.iter().filter(|_| self.verbose) {
            xml.open(name);
            for (name, text) in fields {
                xml.text(name, text);
            }
            xml.close(name);
        }
        xml.close(self.element);
    }
}

impl Rows for Objects {
    fn head(&mut self, xml: &mut Xml<'_>) {
        xml.text("responseCode", "SUCCESS");
        xml.number("count", self.found.len() as u64);
        if let Some(last) = self.found.last() {
            xml.word("hasMoreRecords", self.has_more);
            if self.has_more {
                xml.number("lastId", last.id);
            }
        }
    }

    fn row(&mut self, xml: &mut Xml<'_>) -> bool {
        let Some(object) = self.found.get(self.next) else { return false };
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
        if !self.found.is_empty() {
            xml.deeper().close("data");
        }
    }
}
