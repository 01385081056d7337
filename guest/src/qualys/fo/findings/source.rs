//! The detections as a source of the kit: pages of hosts, and the KnowledgeBase in between.

use exhibit_plugin::collection::{Request, Response};
use exhibit_plugin::{Answer, Error, Source};

use super::super::answer::ListEnvelope;
use super::super::knowledge_base;
use super::super::source::read_request;
use super::hosts::Hosts;
use super::plan::{Findings, RESULTS};
use super::state::State;
use super::titles::Titles;
use crate::qualys::answer::XmlAnswer;

impl Source for Findings {
    fn request(&self, cursor: Option<&str>) -> Request {
        let state = State::read(cursor).unwrap_or_default();
        match &self.knowledge_base {
            Some(version) if state.asks() => knowledge_base::request(version, state.batch()),
            _ => read_request(
                self.listing.path.clone(),
                self.listing.paging.parameters(&self.listing.parameters, state.place()),
            ),
        }
    }

    fn answer(&self, cursor: Option<&str>, head: &Response, attempt: u32) -> Result<Box<dyn Answer>, Error> {
        let state = State::read(cursor)?;
        Ok(Box::new(if self.knowledge_base.is_some() && state.asks() {
            Titles::answer(self.clone(), state, head, attempt)
        } else {
            let place = state.place();
            let hosts = Hosts::new(self.clone(), state);
            let envelope = ListEnvelope::new(self.listing.clone(), place, head).of_inner(Box::new(hosts));
            XmlAnswer::new(envelope, head, attempt).shortening(RESULTS, self.results)
        }))
    }

    fn smaller(&self, cursor: Option<&str>) -> Option<String> {
        State::read(cursor).ok()?.smaller(&self.listing).map(|it| it.write())
    }
}
