//! Tags as nearly all records have them: a name and nothing else. They are recognised here in
//! one step; everything else is left to the parser.

use super::bytes::{every, leading, same, within};

/// A tag without attributes. Its positions count from where the search began.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// `<NAME>`, or `<NAME/>`, which is empty.
    Start {
        /// Where the name begins and ends.
        name: (usize, usize),
        empty: bool,
        length: usize,
    },
    /// `</NAME>`, of the element that is open.
    End { length: usize },
}

/// The tag that follows a tag, with nothing but layout between them, where it is a plain one.
/// `open` is the name of the innermost open element.
pub(super) fn tag(rest: &[u8], open: &[u8]) -> Option<Tag> {
    let layout = leading(rest, are_layout);
    let rest = rest[layout..].strip_prefix(b"<")?;
    let start = layout + 1;
    if let Some(end) = rest.strip_prefix(b"/") {
        let (name, after) = end.split_at_checked(open.len())?;
        let is_end = after.starts_with(b">") && same(name, open);
        return is_end.then_some(Tag::End { length: start + open.len() + "/>".len() });
    }
    // A name that begins with anything else is invalid, or left to the parser.
    rest.first().filter(|it| it.is_ascii_alphabetic())?;
    let end = leading(rest, are_of_a_name);
    let name = (start, start + end);
    match rest[end..] {
        [b'>', ..] => Some(Tag::Start { name, empty: false, length: name.1 + ">".len() }),
        [b'/', b'>', ..] => Some(Tag::Start { name, empty: true, length: name.1 + "/>".len() }),
        _ => None,
    }
}

fn are_layout(word: u64) -> u64 {
    within(word, b' ', b' ') | within(word, b'\t', b'\n') | within(word, b'\r', b'\r')
}

/// Of the names that nearly all elements have.
fn are_of_a_name(word: u64) -> u64 {
    let lower = word | every(b'a' - b'A');
    within(lower, b'a', b'z') | within(word, b'0', b'9') | within(word, b'_', b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rest: &str) -> Option<(&str, &str)> {
        Some(match tag(rest.as_bytes(), b"HOST")? {
            Tag::Start { name, empty: false, length } => (&rest[name.0..name.1], &rest[length..]),
            Tag::Start { name, empty: true, length } => {
                assert_eq!(&rest[length - 2..length], "/>");
                (&rest[name.0..name.1], &rest[length..])
            }
            Tag::End { length } => ("/", &rest[length..]),
        })
    }

    #[test]
    fn takes_tags_that_are_a_name() {
        assert_eq!(read("<ID>7"), Some(("ID", "7")));
        assert_eq!(read("\r\n\t <LAST_SCAN_2><"), Some(("LAST_SCAN_2", "<")));
        assert_eq!(read(" <ID/> "), Some(("ID", " ")));
        assert_eq!(read("\n</HOST>\n"), Some(("/", "\n")));
    }

    #[test]
    fn leaves_everything_else_to_the_parser() {
        for rest in [
            "",
            " ",
            "<",
            "<ID",
            "<ID/",
            "<ID a='1'>",
            "<ID >",
            "<ns:ID>",
            "<_ID>",
            "<1>",
            "<Ä>",
            "<!--ID-->",
            "<![CDATA[a]]>",
            "<?pi?>",
            "</HOST",
            "</HOST >",
            "</HOSTS>",
            "</host>",
            "</>",
            "text<ID>",
            "\u{a0}<ID>",
            "&amp;<ID>",
        ] {
            assert_eq!(read(rest), None, "{rest}");
        }
    }
}
