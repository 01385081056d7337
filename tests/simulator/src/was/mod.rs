//! The web application scans, `/qps/rest/3.0/search/was/wasscan`.

mod filter;
mod listing;
mod scan;

use std::sync::Arc;

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
    let listing = listing::Listing::new(Arc::clone(question.world), &request, question.quirks)?;
    Ok(RESPONSE.report(listing))
}
