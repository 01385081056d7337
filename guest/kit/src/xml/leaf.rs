//! The most common case by far: an element that holds a text and nothing else. It is
//! recognised here in one step; everything else is left to the parser.

use super::bytes::same;

const CDATA: &[u8] = b"<![CDATA[";
const CDATA_END: &[u8] = b"]]>";

/// The text of an element and how long all of it is, its end tag included.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Where the text begins and ends, from where the start tag ended.
    pub(super) text: (usize, usize),
    /// Where the end tag ends.
    pub(super) length: usize,
}

/// Reads what follows the start tag of an element of this name, where it is plain text
/// or one CDATA section, and then its end tag.
pub(super) fn leaf(rest: &[u8], name: &[u8]) -> Option<Leaf> {
    let (text, after) = match rest.strip_prefix(CDATA) {
        Some(data) => {
            let end = CDATA.len() + cdata_end(data)?;
            ((CDATA.len(), end), end + CDATA_END.len())
        }
        None => {
            let end = memchr::memchr2(b'<', b'&', rest)?;
            ((0, end), end)
        }
    };
    let length = after + "</>".len() + name.len();
    let tag = rest.get(after..length)?.strip_prefix(b"</")?.strip_suffix(b">")?;
    same(tag, name).then_some(Leaf { text, length })
}

/// Where a CDATA section ends. Texts are short, and hold few brackets: to prepare a search
/// for all three of its bytes would take longer than the search.
fn cdata_end(data: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b']', data).find(|&at| data[at..].starts_with(CDATA_END))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rest: &str) -> Option<(&str, &str)> {
        let leaf = leaf(rest.as_bytes(), b"ID")?;
        Some((&rest[leaf.text.0..leaf.text.1], &rest[leaf.length..]))
    }

    #[test]
    fn takes_texts_and_cdata() {
        assert_eq!(read("7</ID><IP>"), Some(("7", "<IP>")));
        assert_eq!(read("</ID>"), Some(("", "")));
        assert_eq!(read("<![CDATA[a]]b</ID>]]></ID>x"), Some(("a]]b</ID>", "x")));
    }

    #[test]
    fn leaves_everything_else_to_the_parser() {
        for rest in [
            "7",
            "7</ID",
            "7</IP>",
            "7</id>",
            "7</ID >",
            "a&amp;b</ID>",
            "<A/></ID>",
            "<![CDATA[a]]> </ID>",
            "<![CDATA[a",
        ] {
            assert_eq!(read(rest), None, "{rest}");
        }
    }
}
