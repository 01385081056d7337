//! The web application scans, `/qps/rest/3.0/…/was/wasscan`: what lists, launches and cancels them, and what they choose
//! from.

mod cancel;
mod common;
mod filter;
mod launch;
mod listing;
mod objects;
mod scan;

use std::sync::Arc;

pub(crate) use objects::{answer_applications, answer_connectors, answer_profiles, answer_tags};

use common::{RESPONSE, changed, place};
use filter::Filter;
use listing::{Listing, Shown};
use scan::{Changed, Scan};

use crate::{
    qps::{Counted, Page, Path, Refused, Request, Verb, search_of},
    question::Question,
    refusal::Refusal,
    stream::Source,
};

/// What was asked of the scans. What makes no sense is refused under status 200.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    let answered = match Path::of_call(question.call).verb {
        Verb::Search => search(question),
        Verb::Count => count(question),
        Verb::Get => one(question, Shown::Details),
        Verb::Status => one(question, Shown::Status),
        Verb::Launch => launch::launch(question),
        Verb::Cancel => cancel::cancel(question),
        Verb::Again => launch::again(question),
    };
    Ok(answered.unwrap_or_else(|refused| refused.source()))
}

fn search(question: &Question<'_>) -> Result<Source, Refused> {
    let request = search_of(question.call)?.stuck(question.quirks);
    let changed = changed(question);
    let page = Page::of(&request, fitting(question, &changed, &request)?)?;
    let world = Arc::clone(question.world);
    Ok(RESPONSE.report(Listing::new(world, changed, page, &request, question.quirks)))
}

fn count(question: &Question<'_>) -> Result<Source, Refused> {
    let request = search_of(question.call)?;
    let places: Result<Vec<u64>, Refused> = fitting(question, &changed(question), &request)?.collect();
    Ok(RESPONSE.report(Counted(places?.len() as u64)))
}

/// The scan that the path names.
fn one(question: &Question<'_>, shown: Shown) -> Result<Source, Refused> {
    let changed = changed(question);
    let place = place(question, &changed)?;
    let world = Arc::clone(question.world);
    Ok(RESPONSE.report(Listing::of_one(world, changed, place, shown, question.quirks)))
}

/// The places of the scans that meet a search.
fn fitting<'a>(
    question: &'a Question<'_>,
    changed: &'a Changed,
    request: &'a Request,
) -> Result<impl Iterator<Item = Result<u64, Refused>> + use<'a>, Refused> {
    let filter = Filter::read(&request.criteria)?;
    let world = question.world;
    let places = 0..world.was_scans + changed.launched.len() as u64;
    let places = places.filter(|&place| Scan::id_at(place) >= request.from_id);
    Ok(places.filter_map(move |place| match filter.admits(&Scan::of(world, changed, place)) {
        Ok(is_admitted) => is_admitted.then_some(Ok(place)),
        Err(refused) => Some(Err(refused)),
    }))
}
