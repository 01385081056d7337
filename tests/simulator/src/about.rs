//! `/msp/about.php`, which clients call to try a login.

use crate::{
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    stream::{Document, Rows, Source},
    xml::Xml,
};

pub(crate) const DOCUMENT: Document = Document { root: "ABOUT", dtd: "about.dtd" };

/// The versions of the made-up platform.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    Parameters::of(question.call, &[])?;
    Ok(DOCUMENT.report(question.world, About))
}

struct About;

impl Rows for About {
    fn head(&mut self, xml: &mut Xml<'_>) {
        xml.text("WEB-VERSION", "0.0.0-0");
        xml.text("SCANNER-VERSION", "0.0.0-0");
        xml.text("VULNSIGS-VERSION", "0.0.0-0");
    }

    fn row(&mut self, _: &mut Xml<'_>) -> bool {
        false
    }

    fn foot(&mut self, _: &mut Xml<'_>) {}
}
