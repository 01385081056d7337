use crate::examples::{evidence, rendered};
use crate::order::{Format, Order};

#[test]
fn any_text_can_be_drawn_and_the_document_is_accessible() {
    let order = Order::new(Format::Pdf);
    // What PDF/UA asks for is held against it as it is written: it would be an error.
    let (pdf, _) = rendered(&evidence(), &order).expect("a document");
    assert!(pdf.starts_with(b"%PDF-1.7"));
    let has = |what: &[u8]| pdf.windows(what.len()).any(|it| it == what);
    assert!(has(b"/StructTreeRoot") && has(b"pdfuaid"));
}
