//! Two lists of the same records, one after the other, as one.

use exhibit_plugin::collection::{Request, Response};
use exhibit_plugin::{Answer, Error, Outcome, Page, Source};

use super::listing::Listing;

/// What cursors of the second list begin with: those of the first are numbers.
const SECOND: &str = "second ";

/// Two lists. What is in both is left out of the second, by its
/// [`ChangeDates::listed_before`](super::listing::ChangeDates::listed_before).
#[derive(Debug, Clone)]
pub struct InTurn {
    /// The list that comes first.
    pub first: Listing,
    /// The other one.
    pub second: Listing,
}

/// An answer of one of the two.
struct OfList {
    answer: Box<dyn Answer>,
    is_second: bool,
}

impl InTurn {
    /// The list that a cursor is of, and its place in that.
    fn at<'a>(&self, cursor: Option<&'a str>) -> (&Listing, Option<&'a str>, bool) {
        match cursor.map(|it| (it, it.strip_prefix(SECOND))) {
            None => (&self.first, None, false),
            Some((place, None)) => (&self.first, Some(place), false),
            Some((_, Some(place))) => (&self.second, Some(place).filter(|it| !it.is_empty()), true),
        }
    }
}

/// A place in one of the lists.
fn cursor(place: &str, is_second: bool) -> String {
    if is_second { format!("{SECOND}{place}") } else { place.to_owned() }
}

impl Source for InTurn {
    fn request(&self, cursor: Option<&str>) -> Request {
        let (list, place, _) = self.at(cursor);
        list.request(place)
    }

    fn answer(&self, cursor: Option<&str>, head: &Response, attempt: u32) -> Result<Box<dyn Answer>, Error> {
        let (list, place, is_second) = self.at(cursor);
        Ok(Box::new(OfList { answer: list.answer(place, head, attempt)?, is_second }))
    }

    fn smaller(&self, at: Option<&str>) -> Option<String> {
        let (list, place, is_second) = self.at(at);
        Some(cursor(&list.smaller(place)?, is_second))
    }
}

impl Answer for OfList {
    fn feed(&mut self, chunk: &[u8], page: &mut Page) -> Result<(), Error> {
        self.answer.feed(chunk, page)
    }

    fn end(self: Box<Self>, page: &mut Page) -> Result<Outcome, Error> {
        let Self { answer, is_second } = *self;
        Ok(match answer.end(page)? {
            Outcome::Last if !is_second => Outcome::Next { cursor: SECOND.to_owned(), pause: None },
            Outcome::Next { cursor: place, pause } => {
                Outcome::Next { cursor: cursor(&place, is_second), pause }
            }
            Outcome::Instead { cursor: place } => Outcome::Instead { cursor: cursor(&place, is_second) },
            outcome => outcome,
        })
    }
}
