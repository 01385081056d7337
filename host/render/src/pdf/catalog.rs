//! The document's catalog, as it was written.

/// That no structure is in doubt, which is also what it means where nothing is said.
const SUSPECTS: &[u8] = b"/Suspects false";
const CATALOG: &[u8] = b"/Type/Catalog";
const START: &[u8] = b"startxref\n";

/// Puts blanks in the place of `/Suspects false`, which krilla 0.8 always writes: a stated `false` is the default of
/// ISO 32000-1 and what PDF/UA-1 asks for, but poppler, which most free programs read PDF with, takes it for a syntax
/// error. Nothing moves, so that all offsets stay right; where the catalog does not have it, nothing changes.
pub(super) fn leave_out_suspects(pdf: &mut [u8]) {
    // The catalog is the last object, so no text of a source comes after its type and before the table of objects.
    let Some(table) = table(pdf) else { return };
    let Some(catalog) = last(&pdf[..table], CATALOG) else { return };
    let Some(at) = last(&pdf[catalog..table], SUSPECTS) else { return };
    pdf[catalog + at..][..SUSPECTS.len()].fill(b' ');
}

/// Where the table of objects begins, as the end of the document says.
fn table(pdf: &[u8]) -> Option<usize> {
    let digits = &pdf[last(pdf, START)? + START.len()..];
    let digits = digits.split(|it| !it.is_ascii_digit()).next()?;
    let table: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (table <= pdf.len()).then_some(table)
}

fn last(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).rposition(|it| it == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(catalog: &str) -> Vec<u8> {
        let objects = format!("%PDF-1.7\n1 0 obj (/Suspects false) endobj\n2 0 obj {catalog} endobj\n");
        format!("{objects}xref\n0 1\ntrailer <</Root 2 0 R>>\nstartxref\n{}\n%%EOF", objects.len()).into()
    }

    #[test]
    fn only_the_catalog_changes_and_nothing_moves() {
        let catalog = "<</Type/Catalog/MarkInfo<</Marked true/Suspects false>>/Lang(en)>>";
        let mut pdf = document(catalog);
        leave_out_suspects(&mut pdf);
        assert_eq!(pdf, document(&catalog.replace("/Suspects false", &" ".repeat(SUSPECTS.len()))));
    }

    #[test]
    fn what_is_not_as_expected_stays_as_it_is() {
        let without = document("<</Type/Catalog/MarkInfo<</Marked true>>>>");
        let other = "startxref\n99999999999\n/Type/Catalog/Suspects false".to_owned().into_bytes();
        for pdf in [without, other, b"%PDF-1.7".to_vec(), vec![]] {
            let mut out = pdf.clone();
            leave_out_suspects(&mut out);
            assert_eq!(out, pdf);
        }
    }
}
