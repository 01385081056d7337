//! What all calls about web application scans need.

use super::scan::{Changed, Scan};
use crate::{
    qps::{Path, Refused},
    question::Question,
    stream::{Response, Rows},
    xml::Xml,
};

pub(super) const RESPONSE: Response = Response { schema: "qps/xsd/3.0/was/wasscan.xsd" };

/// What clients have changed, unless it is hidden.
pub(super) fn changed(question: &Question<'_>) -> Changed {
    let is_hidden = question.quirks.hide_launched;
    Changed {
        launched: if is_hidden { Vec::new() } else { question.changes.launched_was() },
        canceled: question.changes.canceled_was(),
        now: question.changes.now(question.world),
    }
}

/// The place of the scan that the path names.
pub(super) fn place(question: &Question<'_>, changed: &Changed) -> Result<u64, Refused> {
    let id = Path::of_call(question.call).id;
    let mut places = 0..question.world.was_scans + changed.launched.len() as u64;
    let found = places.find(|&place| Some(Scan::id_at(place)) == id);
    found.ok_or_else(|| Refused::missing("There is no such scan."))
}

/// The ids of the scans that were changed.
pub(super) struct Ids(pub(super) Vec<u64>);

impl Rows for Ids {
    fn head(&mut self, xml: &mut Xml<'_>) {
        xml.text("responseCode", "SUCCESS");
        xml.number("count", self.0.len() as u64);
        xml.open("data");
        for id in &self.0 {
            xml.open("WasScan");
            xml.number("id", *id);
            xml.close("WasScan");
        }
        xml.close("data");
    }

    fn row(&mut self, _: &mut Xml<'_>) -> bool {
        false
    }

    fn foot(&mut self, _: &mut Xml<'_>) {}
}
