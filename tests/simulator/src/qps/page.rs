//! A page of what a search found, and what it says of itself.

use super::{Refused, Request};
use crate::{quirks::Quirks, xml::Xml};

/// The records of a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) records: Vec<T>,
    pub(crate) has_more: bool,
}

impl<T> Page<T> {
    /// The page that was asked for of the records that fit, which ascend by their ids.
    pub(crate) fn of(
        request: &Request,
        fitting: impl Iterator<Item = Result<T, Refused>>,
    ) -> Result<Self, Refused> {
        let (mut records, mut skip) = (Vec::new(), request.skip);
        for record in fitting {
            let record = record?;
            if skip > 0 {
                skip -= 1;
            } else if records.len() as u64 == request.limit {
                return Ok(Self { records, has_more: true });
            } else {
                records.push(record);
            }
        }
        Ok(Self { records, has_more: false })
    }

    /// Writes what stands before the records. `id` says by what a record is found, and `after` which one the page
    /// was asked to come after.
    pub(crate) fn head(&self, xml: &mut Xml<'_>, quirks: Quirks, id: impl Fn(&T) -> u64, after: u64) {
        xml.text("responseCode", "SUCCESS");
        xml.number("count", self.records.len() as u64);
        if self.records.is_empty() || quirks.more_unsaid {
            // A page without records says neither, and has no data.
            return;
        }
        if quirks.more_as_text {
            xml.cdata("hasMoreRecords", if self.has_more { " TRUE " } else { " False " });
        } else {
            xml.word("hasMoreRecords", self.has_more);
        }
        if let Some(last) = self.records.last().filter(|_| self.has_more) {
            xml.number("lastId", if quirks.stuck_last_id { after } else { id(last) });
        }
    }
}

/// How many records there are, and no more than that.
pub(crate) struct Counted(pub(crate) u64);

impl crate::stream::Rows for Counted {
    fn head(&mut self, xml: &mut Xml<'_>) {
        xml.text("responseCode", "SUCCESS");
        xml.number("count", self.0);
    }

    fn row(&mut self, _: &mut Xml<'_>) -> bool {
        false
    }

    fn foot(&mut self, _: &mut Xml<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_cut_where_they_are_asked_to_be() {
        let page = |limit, skip| {
            let request = Request { limit, skip, ..Request::default() };
            let page = Page::of(&request, (1..=5).map(Ok)).expect("numbers");
            (page.records, page.has_more)
        };
        assert_eq!(page(2, 0), (vec![1, 2], true));
        assert_eq!(page(2, 3), (vec![4, 5], false));
        assert_eq!(page(5, 0), (vec![1, 2, 3, 4, 5], false));
        assert_eq!(page(5, 9), (vec![], false));
    }
}
