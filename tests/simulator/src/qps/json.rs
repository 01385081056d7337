//! The same requests and answers in JSON, which the portal's APIs take and give as well as XML.

use quick_xml::{Reader, events::Event};
use serde_json::{Map, Number, Value};

use super::{Criterion, Refused, Request};
use crate::{call::Received, stream::Source};

/// Whether a call brings a document in JSON.
pub(super) fn is_sent(call: &Received) -> bool {
    call.header("content-type").is_some_and(|it| it.starts_with("application/json"))
}

/// Whether the answer to a call is to be in JSON.
pub(crate) fn is_wanted(call: &Received) -> bool {
    call.header("accept").is_some_and(|it| it.contains("application/json"))
}

/// Reads a search.
pub(super) fn request(body: &[u8]) -> Result<Request, Refused> {
    let mut request = Request::default();
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(request);
    }
    for (name, value) in members(&service_request(body)?)? {
        match name.as_str() {
            "preferences" => {
                for (name, value) in members(value)? {
                    request.prefer(name, &text(value))?;
                }
            }
            "filters" => {
                for (name, value) in members(value)? {
                    if name != "Criteria" {
                        return Err(Refused::document(format!("There is no {name} in filters.")));
                    }
                    let one = std::slice::from_ref(value);
                    for criterion in value.as_array().map_or(one, Vec::as_slice) {
                        let part = |name: &str| {
                            let missing = || Refused::document(format!("A Criteria has no {name}."));
                            criterion.get(name).filter(|it| !it.is_null()).map(text).ok_or_else(missing)
                        };
                        let (field, operator, value) = (part("field")?, part("operator")?, part("value")?);
                        request.criteria.push(Criterion { field, operator, value });
                    }
                }
            }
            _ => return Err(Refused::document(format!("There is no {name} in a search."))),
        }
    }
    Ok(request)
}

/// The texts of a document that says what is to be made, each with the path of its member.
pub(super) fn texts(body: &[u8]) -> Result<Vec<(String, String)>, Refused> {
    let mut texts = Vec::new();
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(texts);
    }
    flatten("ServiceRequest", &service_request(body)?, &mut texts);
    Ok(texts)
}

fn flatten(path: &str, value: &Value, texts: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                flatten(&format!("{path}/{name}"), value, texts);
            }
        }
        Value::Array(list) => list.iter().for_each(|it| flatten(path, it, texts)),
        Value::Null => {}
        leaf => texts.push((path.to_owned(), text(leaf))),
    }
}

fn service_request(body: &[u8]) -> Result<Value, Refused> {
    let document: Value = serde_json::from_slice(body)
        .map_err(|it| Refused::document(format!("The body is not JSON: {it}.")))?;
    let missing = || Refused::document("There is no ServiceRequest.");
    document.get("ServiceRequest").cloned().ok_or_else(missing)
}

fn members(value: &Value) -> Result<&Map<String, Value>, Refused> {
    value.as_object().ok_or_else(|| Refused::document("A part of the request is not an object."))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// An answer in JSON. What is not an answer of the portal stays as it is.
pub(crate) fn answer(mut source: Source) -> Source {
    let mut bytes = Vec::new();
    let mut block = Vec::new();
    loop {
        block.clear();
        let more = source.next_block(&mut block);
        bytes.extend_from_slice(&block);
        // A report, and what was made beforehand, cannot fail.
        if !more.unwrap_or(false) {
            break;
        }
    }
    let read = std::str::from_utf8(&bytes).ok().and_then(|it| element(&mut Reader::from_str(it)));
    match read {
        Some(root) => {
            let mut document = Map::new();
            document.insert(root.name.clone(), root.value());
            Source::Whole(Value::Object(document).to_string().into())
        }
        None => Source::Whole(bytes.into()),
    }
}

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Self>,
}

impl Element {
    fn value(&self) -> Value {
        // What holds records is a list, in which each stands in an object of its own.
        if matches!(self.name.as_str(), "data" | "list") {
            let records = self.children.iter().map(|it| {
                let mut record = Map::new();
                record.insert(it.name.clone(), it.value());
                Value::Object(record)
            });
            return Value::Array(records.collect());
        }
        if !self.children.is_empty() {
            let members = self.children.iter().map(|it| (it.name.clone(), it.value()));
            return Value::Object(members.collect());
        }
        // Booleans stay texts, as they do in recorded answers.
        let is_number = self.name == "id" || self.name == "count" || self.name.ends_with("Id");
        match self.text.trim().parse::<u64>() {
            Ok(number) if is_number => Value::Number(Number::from(number)),
            _ => Value::String(self.text.clone()),
        }
    }
}

/// The root of a document.
fn element(reader: &mut Reader<&[u8]>) -> Option<Element> {
    let mut open: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                open.push(Element { name: tag.name().as_ref().to_owned(), ..Element::default() });
            }
            Event::Text(part) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&part);
                }
            }
            Event::CData(part) => open.last_mut()?.text.push_str(&part),
            Event::GeneralRef(name) => open.last_mut()?.text.push(super::request::character(&name).ok()?),
            Event::End(_) => {
                let element = open.pop()?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return Some(element),
                }
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_lists_numbers_and_texts() {
        let xml = "<?xml version=\"1.0\"?>\n<ServiceResponse a=\"b\">\n  <responseCode>SUCCESS</responseCode><count>1</count>\
            <hasMoreRecords>false</hasMoreRecords><data><Tag><id>7</id><name><![CDATA[R&D]]></name><color>&lt;</color>\
            <children><list><TagSimple><id>8</id></TagSimple></list></children></Tag></data></ServiceResponse>";
        let Source::Whole(json) = answer(Source::Whole(xml.into())) else { panic!("it is made beforehand") };
        let json: Value = serde_json::from_slice(&json).expect("JSON");
        let expected = serde_json::json!({"ServiceResponse": {
            "responseCode": "SUCCESS", "count": 1, "hasMoreRecords": "false",
            "data": [{"Tag": {"id": 7, "name": "R&D", "color": "<", "children": {"list": [{"TagSimple": {"id": 8}}]}}}],
        }});
        assert_eq!(json, expected);
    }

    #[test]
    fn a_search_is_read_as_the_one_in_xml_is() {
        let body = br#"{"ServiceRequest": {"preferences": {"limitResults": 7, "verbose": "true"},
            "filters": {"Criteria": [{"field": "id", "operator": "GREATER", "value": 5}]}}}"#;
        let xml = b"<ServiceRequest><preferences><limitResults>7</limitResults><verbose>true</verbose></preferences><filters>\
            <Criteria field=\"id\" operator=\"GREATER\">5</Criteria></filters></ServiceRequest>";
        assert_eq!(request(body), Request::read(xml));
        assert_eq!(request(b" "), Ok(Request::default()));
        for wrong in
            [&b"<a/>"[..], b"{}", br#"{"ServiceRequest": {"colour": "red"}}"#, br#"{"ServiceRequest": 1}"#]
        {
            assert_eq!(request(wrong).map_err(|it| it.code), Err("INVALID_XML"));
        }
    }

    #[test]
    fn texts_have_the_paths_that_they_have_in_xml() {
        let body =
            br#"{"ServiceRequest": {"data": {"WasScan": {"name": "a", "target": {"webApp": {"id": 3}}}}}}"#;
        let xml = b"<ServiceRequest><data><WasScan><name><![CDATA[a]]></name><target><webApp><id>3</id></webApp></target>\
            </WasScan></data></ServiceRequest>";
        let sorted = |texts: Result<Vec<(String, String)>, Refused>| {
            let mut texts = texts.expect("a document");
            texts.sort();
            texts
        };
        assert_eq!(sorted(texts(body)), sorted(super::super::request::texts(xml)));
    }
}
