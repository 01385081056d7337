//! All cases, a file for each layer that they are about.

mod codings;
mod framing;
mod heads;
mod paging;
mod redirects;
mod refusals;
mod values;
mod xml;

use crate::case::Case;

pub(crate) fn all() -> Vec<Case> {
    [
        framing::cases(),
        heads::cases(),
        redirects::cases(),
        codings::cases(),
        xml::cases(),
        values::cases(),
        paging::cases(),
        refusals::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
