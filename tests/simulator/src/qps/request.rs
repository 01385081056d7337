//! The document of a search, read as strictly as the API reads it.

use quick_xml::{Reader, events::Event};

use super::{Criterion, Refused};
use crate::quirks::Quirks;

/// Records of a page where nothing else is said.
const DEFAULT_LIMIT: u64 = 100;

/// The most records of a page.
const MAX_LIMIT: u64 = 1_000;

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// The most records of the page.
    pub(crate) limit: u64,
    /// How many of the records that fit are skipped.
    pub(crate) skip: u64,
    /// The least id.
    pub(crate) from_id: u64,
    /// Whether details are wanted.
    pub(crate) verbose: bool,
    pub(crate) criteria: Vec<Criterion>,
}

impl Default for Request {
    fn default() -> Self {
        Self { limit: DEFAULT_LIMIT, skip: 0, from_id: 0, verbose: false, criteria: Vec::new() }
    }
}

impl Request {
    /// Reads a document in XML; without one, the first records are wanted.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refused> {
        let mut request = Self::default();
        let body = std::str::from_utf8(body).map_err(|_| Refused::document("The body is not UTF-8."))?;
        if body.trim().is_empty() {
            return Ok(request);
        }
        let mut reader = Reader::from_str(body);
        let mut open: Vec<String> = Vec::new();
        let mut text = String::new();
        let mut criterion: Option<Criterion> = None;
        loop {
            let event = reader.read_event().map_err(|it| Refused::document(it.to_string()))?;
            match event {
                Event::Start(tag) => {
                    open.push(tag.name().as_ref().to_owned());
                    text.clear();
                    if open.last().is_some_and(|it| it == "Criteria") {
                        let attribute = |name: &str| -> Result<String, Refused> {
                            let found = tag.attributes().flatten().find(|it| it.key.as_ref() == name);
                            let missing = || Refused::document(format!("A Criteria has no {name}."));
                            let value = found.ok_or_else(missing)?;
                            let value = value.normalized_value(quick_xml::XmlVersion::Implicit1_0);
                            Ok(value.map_err(|it| Refused::document(it.to_string()))?.into_owned())
                        };
                        let (field, operator) = (attribute("field")?, attribute("operator")?);
                        criterion = Some(Criterion { field, operator, value: String::new() });
                    }
                }
                Event::Text(part) if open.is_empty() && !part.trim().is_empty() => {
                    return Err(Refused::document("The body is not XML."));
                }
                Event::Text(part) => text.push_str(&part),
                Event::CData(part) => text.push_str(&part),
                Event::GeneralRef(name) => text.push(character(&name)?),
                Event::End(_) => {
                    let path: Vec<&str> = open.iter().map(String::as_str).collect();
                    match (path.as_slice(), criterion.take()) {
                        (["ServiceRequest", "filters", "Criteria"], Some(ended)) => {
                            request.criteria.push(Criterion { value: text.trim().to_owned(), ..ended });
                        }
                        (["ServiceRequest", "preferences", name], _) => request.prefer(name, text.trim())?,
                        (["ServiceRequest"] | ["ServiceRequest", "filters" | "preferences"], _) => {}
                        (path, _) => {
                            let path = path.join("/");
                            return Err(Refused::document(format!("There is no {path} in a search.")));
                        }
                    }
                    open.pop();
                    text.clear();
                }
                Event::Empty(tag) => {
                    let name = tag.name();
                    if !matches!(name.as_ref(), "ServiceRequest" | "filters" | "preferences") {
                        let name = name.as_ref();
                        return Err(Refused::document(format!("{name} is empty.")));
                    }
                }
                Event::Eof if open.is_empty() => return Ok(request),
                Event::Eof => return Err(Refused::document("The body ends too early.")),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    /// The same search, which does not come forward where that is what goes wrong.
    pub(crate) fn stuck(mut self, quirks: Quirks) -> Self {
        if quirks.stuck_paging {
            self.criteria.retain(|it| it.field != "id");
        }
        self
    }

    /// The id that its page comes after, where it names one.
    pub(crate) fn after(&self) -> u64 {
        let after = self.criteria.iter().find(|it| it.field == "id" && it.operator == "GREATER");
        after.and_then(|it| it.value.parse().ok()).unwrap_or_default()
    }

    pub(super) fn prefer(&mut self, name: &str, value: &str) -> Result<(), Refused> {
        let wrong = |expected: &str| {
            Refused::request(
                format!("Preferences: Invalid value for '{name}' ({value})."),
                format!("Values expected: {expected}."),
            )
        };
        let number = || value.parse::<u64>().map_err(|_| wrong("a number"));
        match name {
            "limitResults" => {
                self.limit = number()?;
                if !(1..=MAX_LIMIT).contains(&self.limit) {
                    return Err(wrong("1 to 1000"));
                }
            }
            "startFromOffset" => self.skip = number()?.checked_sub(1).ok_or_else(|| wrong("1 or more"))?,
            "startFromId" => self.from_id = number()?,
            "verbose" => self.verbose = value.parse().map_err(|_| wrong("true, false"))?,
            _ => return Err(Refused::document(format!("There is no preference {name}."))),
        }
        Ok(())
    }
}

/// The texts of a document in XML that says what is to be made, each with the path of its element.
pub(super) fn texts(body: &[u8]) -> Result<Vec<(String, String)>, Refused> {
    let body = std::str::from_utf8(body).map_err(|_| Refused::document("The body is not UTF-8."))?;
    let mut reader = Reader::from_str(body);
    let (mut open, mut text, mut texts) = (Vec::<String>::new(), String::new(), Vec::new());
    loop {
        match reader.read_event().map_err(|it| Refused::document(it.to_string()))? {
            Event::Start(tag) => {
                open.push(tag.name().as_ref().to_owned());
                text.clear();
            }
            Event::Text(part) => text.push_str(&part),
            Event::CData(part) => text.push_str(&part),
            Event::GeneralRef(name) => text.push(character(&name)?),
            Event::End(_) => {
                if !text.trim().is_empty() {
                    texts.push((open.join("/"), text.trim().to_owned()));
                }
                text.clear();
                open.pop();
            }
            Event::Eof if open.is_empty() => return Ok(texts),
            Event::Eof => return Err(Refused::document("The body ends too early.")),
            _ => {}
        }
    }
}

/// What a reference stands for.
pub(super) fn character(name: &str) -> Result<char, Refused> {
    let coded = |code: &str, radix| u32::from_str_radix(code, radix).ok().and_then(char::from_u32);
    let found = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match (name.strip_prefix("#x"), name.strip_prefix('#')) {
            (Some(code), _) => coded(code, 16),
            (None, Some(code)) => coded(code, 10),
            (None, None) => None,
        },
    };
    found.ok_or_else(|| Refused::document(format!("There is no entity {name}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_read() {
        let body = b"<?xml version=\"1.0\"?><ServiceRequest><preferences><limitResults>7</limitResults>\
            <startFromOffset>3</startFromOffset><startFromId>9</startFromId><verbose>true</verbose></preferences><filters>\
            <Criteria field=\"webApp.name\" operator=\"EQUALS\">R&amp;D &#60;<![CDATA[a]]></Criteria></filters></ServiceRequest>";
        let criterion = Criterion {
            field: "webApp.name".to_owned(),
            operator: "EQUALS".to_owned(),
            value: "R&D <a".to_owned(),
        };
        let expected = Request { limit: 7, skip: 2, from_id: 9, verbose: true, criteria: vec![criterion] };
        assert_eq!(Request::read(body), Ok(expected));
        for nothing in ["", "  \n", "<ServiceRequest/>", "<ServiceRequest><filters/></ServiceRequest>"] {
            assert_eq!(Request::read(nothing.as_bytes()), Ok(Request::default()), "{nothing}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (body, code) in [
            ("{}", "INVALID_XML"),
            ("<ServiceRequest>", "INVALID_XML"),
            ("<Other/>", "INVALID_XML"),
            ("<ServiceRequest><colour>red</colour></ServiceRequest>", "INVALID_XML"),
            (
                "<ServiceRequest><filters><Criteria field=\"id\">1</Criteria></filters></ServiceRequest>",
                "INVALID_XML",
            ),
            (
                "<ServiceRequest><filters><Criteria field=\"id\" operator=\"EQUALS\">&no;</Criteria></filters></ServiceRequest>",
                "INVALID_XML",
            ),
            (
                "<ServiceRequest><preferences><limitResults>0</limitResults></preferences></ServiceRequest>",
                "INVALID_REQUEST",
            ),
            (
                "<ServiceRequest><preferences><limitResults>1001</limitResults></preferences></ServiceRequest>",
                "INVALID_REQUEST",
            ),
            (
                "<ServiceRequest><preferences><startFromOffset>0</startFromOffset></preferences></ServiceRequest>",
                "INVALID_REQUEST",
            ),
            (
                "<ServiceRequest><preferences><verbose>1</verbose></preferences></ServiceRequest>",
                "INVALID_REQUEST",
            ),
            ("<ServiceRequest><preferences><colour>1</colour></preferences></ServiceRequest>", "INVALID_XML"),
        ] {
            assert_eq!(Request::read(body.as_bytes()).map_err(|it| it.code), Err(code), "{body}");
        }
    }
}
