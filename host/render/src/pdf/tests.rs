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

/// An object and what follows it, where the table of objects at the end of the document has it.
fn object(pdf: &[u8], number: usize) -> &[u8] {
    let after =
        |what: &[u8]| pdf.windows(what.len()).rposition(|it| it == what).expect("such a word") + what.len();
    let number_at = |at: usize| -> usize {
        let digits: Vec<u8> = pdf[at..].iter().copied().take_while(u8::is_ascii_digit).collect();
        String::from_utf8(digits).expect("digits").parse().expect("a number")
    };
    let table = number_at(after(b"startxref\n"));
    assert!(pdf[table..].starts_with(b"xref\n0 "), "a table of all objects");
    let first =
        table + pdf[table..].iter().enumerate().filter(|it| *it.1 == b'\n').nth(1).expect("lines").0 + 1;
    &pdf[number_at(first + 20 * number)..]
}

#[test]
fn nothing_is_said_of_suspects_and_every_offset_is_right() {
    let (pdf, _) = rendered(&evidence(), &Order::new(Format::Pdf)).expect("a document");
    let has = |within: &[u8], what: &[u8]| within.windows(what.len()).any(|it| it == what);
    assert!(!has(&pdf, b"/Suspects"), "poppler takes it for a syntax error");
    let root = pdf.windows(6).rposition(|it| it == b"/Root ").expect("a trailer") + 6;
    let root: String =
        pdf[root..].iter().map(|it| char::from(*it)).take_while(char::is_ascii_digit).collect();
    let catalog = object(&pdf, root.parse().expect("a number"));
    assert!(catalog.starts_with(format!("{root} 0 obj").as_bytes()));
    let end = catalog.windows(6).position(|it| it == b"endobj").expect("an end");
    assert!(has(&catalog[..end], b"/Type/Catalog") && has(&catalog[..end], b"/Marked true"));
}
