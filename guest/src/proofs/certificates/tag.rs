//! The tag that certificates are asked for by, looked up before: the gateway answers to a tag that is not there as to one without
//! certificates.

use exhibit_plugin::collection::{Request, Response};
use exhibit_plugin::problem::malformed;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Answer, Error, Outcome, Page, Source, WholeAnswer};

use crate::names::{What, choose};
use crate::qualys::gateway::listing::Listing;
use crate::qualys::qps::whole::{Operator, Query};
use crate::qualys::reading::Stop;

/// The criterion.
pub(super) const TAG: &str = "tag";

/// The cursor of the request for all tags, from which the nearest ones are offered. Those of pages are numbers.
const ALL: &str = "tags";
/// A page of a thousand tags has some hundred KiB.
const MAX_BYTES: usize = 16 << 20;

/// The certificates of assets with a tag.
pub(super) struct Tagged {
    pub(super) tag: String,
    pub(super) listing: Listing,
}

/// Which request a cursor is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The tag of this name.
    Tag,
    AllTags,
    Certificates,
}

impl Tagged {
    fn part(cursor: Option<&str>) -> Part {
        match cursor {
            None => Part::Tag,
            Some(ALL) => Part::AllTags,
            Some(_) => Part::Certificates,
        }
    }

    fn query(&self, part: Part) -> Query {
        let tags = Query::new("/qps/rest/2.0/search/am/tag", "Tag");
        if part == Part::Tag { tags.with("name", Operator::Equals, self.tag.as_str()) } else { tags }
    }
}

impl Source for Tagged {
    fn request(&self, cursor: Option<&str>) -> Request {
        match Self::part(cursor) {
            Part::Certificates => self.listing.request(cursor),
            part => self.query(part).request(),
        }
    }

    fn answer(&self, cursor: Option<&str>, head: &Response, attempt: u32) -> Result<Box<dyn Answer>, Error> {
        let part = Self::part(cursor);
        if part == Part::Certificates {
            return self.listing.answer(cursor, head, attempt);
        }
        Ok(Box::new(TagsAnswer {
            tag: self.tag.clone(),
            query: self.query(part),
            part,
            first: self.listing.first_cursor(),
            head: head.clone(),
            body: Vec::new(),
            attempt,
        }))
    }

    fn smaller(&self, cursor: Option<&str>) -> Option<String> {
        if Self::part(cursor) == Part::Certificates { self.listing.smaller(cursor) } else { None }
    }
}

/// Reads an answer to a search for tags.
struct TagsAnswer {
    tag: String,
    query: Query,
    part: Part,
    /// Where the certificates begin.
    first: String,
    head: Response,
    body: Vec<u8>,
    attempt: u32,
}

impl Answer for TagsAnswer {
    fn feed(&mut self, chunk: &[u8], _: &mut Page) -> Result<(), Error> {
        if self.body.len() + chunk.len() > MAX_BYTES {
            return Err(malformed(format!("a list of tags of more than {} MiB", MAX_BYTES >> 20)));
        }
        self.body.extend_from_slice(chunk);
        Ok(())
    }

    fn end(self: Box<Self>, page: &mut Page) -> Result<Outcome, Error> {
        let Self { tag, query, part, first, head, body, attempt } = *self;
        let name = |it: &Element<'_>| it.get("name").filter(|it| !it.is_empty()).map(str::to_owned);
        let answer = WholeAnswer { head: &head, body: &body };
        let certificates = Outcome::Next { cursor: first, pause: None };
        let tags = match query.records(&answer, attempt, name) {
            Ok(tags) => tags.records,
            Err(Stop::Pause(pause)) => return Ok(Outcome::Again(pause)),
            // An account may see certificates and no tags.
            Err(Stop::Failed(Error::Denied(_) | Error::Unlicensed(_) | Error::Rejected(_))) => Vec::new(),
            Err(Stop::Failed(error)) => return Err(error),
        };
        if tags.contains(&tag) {
            return Ok(certificates);
        }
        match part {
            Part::AllTags if tags.is_empty() => {
                page.note(format!(
                    "Whether there is an asset tag {:?} was not checked: the collecting account cannot list asset tags. Of a \
                     tag that does not exist, Qualys lists no certificates.",
                    tag
                ));
                Ok(certificates)
            }
            Part::AllTags => {
                // The gateway is asked for the name as it is written here.
                let meant = choose(What { one: "tag", parameter: TAG }, &tag, &tags)?.one;
                let what = format!("no tag is called {:?}", tag);
                Err(exhibit_plugin::problem::invalid(what)
                    .remedy(format!("write it as Qualys does: {meant}"))
                    .about(TAG))
            }
            Part::Tag | Part::Certificates => Ok(Outcome::Next { cursor: ALL.to_owned(), pause: None }),
        }
    }
}
