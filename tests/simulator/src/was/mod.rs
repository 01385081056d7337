//! The web application scans, `/qps/rest/3.0/search/was/wasscan`, what launches them, and what they choose from.

mod filter;
mod launch;
mod listing;
mod objects;
mod scan;

use std::sync::Arc;

pub(crate) use launch::{answer as answer_launch, answer_again, is_again};
pub(crate) use objects::{answer_applications, answer_connectors, answer_profiles, answer_tags};

use crate::{
    qps::{Refused, Request},
    question::Question,
    refusal::Refusal,
    stream::{Response, Source},
};

const RESPONSE: Response = Response { schema: "qps/xsd/3.0/was/wasscan.xsd" };

/// The scans that were searched for. A search that makes no sense is refused under status 200.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    Ok(search(question).unwrap_or_else(|refused| refused.source()))
}

fn search(question: &Question<'_>) -> Result<Source, Refused> {
    let mut request = Request::read(&question.call.body)?;
    if question.quirks.stuck_paging {
        request.criteria.retain(|it| it.field != "id");
    }
    let listing = listing::Listing::new(Arc::clone(question.world), &request, question)?;
    Ok(RESPONSE.report(listing))
}
