//! The detections as a source of the kit: pages of hosts, and the KnowledgeBase in between.

use exhibit_plugin::collection::{Request, Response};
use exhibit_plugin::{Answer, Error, Source};

use super::super::answer::ListAnswer;
use super::super::knowledge_base;
use super::super::source::request;
use super::hosts::Hosts;
use super::plan::{Findings, RESULTS};
use super::state::State;
use super::titles::Titles;

impl Source for Findings {
    fn request(&self, cursor: Option<&str>) -> Request {
        let state = State::read(cursor).unwrap_or_default();
        match &self.knowledge_base {
            Some(version) if state.asks() => knowledge_base::request(version, state.batch()),
            _ => request(
                &self.listing.path,
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
            ListAnswer::new(self.listing.clone(), place, head, attempt)
                .of_inner(Box::new(hosts))
                .shortening(RESULTS, self.results)
        }))
    }

    fn smaller(&self, cursor: Option<&str>) -> Option<String> {
        State::read(cursor).ok()?.smaller(&self.listing).map(|it| it.write())
    }
}
