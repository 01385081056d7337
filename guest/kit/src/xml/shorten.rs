//! Texts of any length, kept short while they arrive: one of megabytes would otherwise have to be in memory as a whole
//! before the record that it stands in can be read.

/// Stands between the beginning of a text that was cut and its length in bytes. No document has this character: it is
/// replaced where one does.
pub(super) const MARK: char = '\u{FFFE}';

const CDATA: &str = "<![CDATA[";
const CDATA_END: &str = "]]>";
const COMMENT: &str = "<!--";
const COMMENT_END: &str = "-->";
/// A reference that is cut in two is no reference: none is longer.
const MAX_REFERENCE: usize = 12;
/// A start tag is a name and a blank or two.
const MAX_TAG: usize = 1 << 10;

/// Lets a document pass, but for what is too long in elements of one name.
#[derive(Debug)]
pub(super) struct Shortener {
    name: &'static str,
    /// Bytes of a text that pass.
    most: usize,
    state: State,
    /// What could not be decided yet: the beginning of a tag or of an end.
    undecided: String,
    /// Bytes of the text under way: those that passed, and all.
    passed: usize,
    length: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Outside the elements of that name.
    Outside,
    /// Until this ends, nothing is a tag.
    Within(&'static str),
    /// In the start tag of such an element.
    Tag,
    /// In the text of such an element.
    Text,
    /// In a section of it.
    Section,
    /// In a comment of it.
    Comment,
}

impl Shortener {
    pub(super) fn new(name: &'static str, most: usize) -> Self {
        Self { name, most, state: State::Outside, undecided: String::new(), passed: 0, length: 0 }
    }

    /// Appends to `out` what passes of the next piece of a document, and of what was undecided before; all of it where
    /// it is the last one.
    pub(super) fn pass(&mut self, piece: &str, last: bool, out: &mut String) {
        let mut undecided = std::mem::take(&mut self.undecided);
        let rest = if undecided.is_empty() {
            self.pass_all(piece, last, out)
        } else {
            undecided.push_str(piece);
            self.pass_all(&undecided, last, out)
        };
        if last {
            out.push_str(rest);
        } else {
            self.undecided = rest.to_owned();
        }
    }

    /// Returns what cannot be decided without what follows it.
    fn pass_all<'a>(&mut self, text: &'a str, last: bool, out: &mut String) -> &'a str {
        let mut rest = text;
        while !rest.is_empty() {
            let before = rest.len();
            let state = self.state;
            rest = match state {
                State::Outside => self.outside(rest, out),
                State::Within(end) => {
                    let at = self.until(rest, end);
                    out.push_str(&rest[..at]);
                    &rest[at..]
                }
                State::Tag => self.tag(rest, out),
                State::Text => self.text(rest, last, out),
                State::Section => {
                    let (at, ended) = before_end(rest, CDATA_END);
                    self.keep(&rest[..at], true, out);
                    if ended {
                        out.push_str(CDATA_END);
                        self.state = State::Text;
                    }
                    &rest[if ended { at + CDATA_END.len() } else { at }..]
                }
                State::Comment => {
                    let (at, ended) = before_end(rest, COMMENT_END);
                    if ended {
                        self.state = State::Text;
                    }
                    &rest[if ended { at + COMMENT_END.len() } else { at }..]
                }
            };
            if rest.len() == before && self.state == state {
                break;
            }
        }
        rest
    }

    /// Up to where `end` ends, which is the end of the state; else all but what may be a part of it.
    fn until(&mut self, rest: &str, end: &str) -> usize {
        let (at, ended) = before_end(rest, end);
        if ended {
            self.state = State::Outside;
            return at + end.len();
        }
        at
    }

    fn outside<'a>(&mut self, rest: &'a str, out: &mut String) -> &'a str {
        let Some(at) = memchr::memchr(b'<', rest.as_bytes()) else {
            out.push_str(rest);
            return "";
        };
        out.push_str(&rest[..at]);
        let rest = &rest[at..];
        for (begin, end) in [(CDATA, CDATA_END), (COMMENT, COMMENT_END)] {
            if let Some(rest) = rest.strip_prefix(begin) {
                self.state = State::Within(end);
                out.push_str(begin);
                return rest;
            }
            if begin.starts_with(rest) {
                return rest;
            }
        }
        let name = rest.as_bytes()[1..].iter().zip(self.name.as_bytes());
        let same = name.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
        let after = rest.as_bytes().get(1 + same);
        if same == self.name.len()
            && after.is_some_and(|it| matches!(it, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n'))
        {
            self.state = State::Tag;
        } else if after.is_none() {
            return rest;
        } else {
            out.push('<');
            return &rest[1..];
        }
        rest
    }

    /// A start tag, as a whole: what it is is known at its end.
    fn tag<'a>(&mut self, rest: &'a str, out: &mut String) -> &'a str {
        let end = memchr::memchr(b'>', rest.as_bytes());
        if end.unwrap_or(rest.len()) > MAX_TAG {
            // Whatever it is, it is left to the parser.
            self.state = State::Outside;
            out.push('<');
            return &rest[1..];
        }
        let Some(end) = end else { return rest };
        let (tag, rest) = rest.split_at(end + 1);
        out.push_str(tag);
        self.state = if tag.ends_with("/>") { State::Outside } else { State::Text };
        (self.passed, self.length) = (0, 0);
        rest
    }

    fn text<'a>(&mut self, rest: &'a str, last: bool, out: &mut String) -> &'a str {
        let Some(at) = memchr::memchr(b'<', rest.as_bytes()) else {
            // What may be the beginning of a reference waits for its end.
            let reference = rest.rfind('&').filter(|&at| !last && rest.len() - at <= MAX_REFERENCE);
            let end = reference.filter(|&at| !rest[at..].contains(';')).unwrap_or(rest.len());
            self.keep(&rest[..end], false, out);
            return &rest[end..];
        };
        self.keep(&rest[..at], false, out);
        let rest = &rest[at..];
        if let Some(rest) = rest.strip_prefix(CDATA) {
            self.state = State::Section;
            out.push_str(CDATA);
            return rest;
        }
        if let Some(rest) = rest.strip_prefix(COMMENT) {
            self.state = State::Comment;
            return rest;
        }
        if !last && (CDATA.starts_with(rest) || COMMENT.starts_with(rest)) {
            return rest;
        }
        // Its end; or an element in it, which no text has: that is left to the parser.
        if self.length > self.passed {
            out.push(MARK);
            out.push_str(&self.length.to_string());
        }
        self.state = State::Outside;
        rest
    }

    /// Lets as much of a text pass as still may. In a section, nothing is a reference.
    fn keep(&mut self, text: &str, section: bool, out: &mut String) {
        self.length += text.len();
        // Once something was left out, all that follows is.
        if text.is_empty() || self.length - text.len() > self.passed {
            return;
        }
        let room = self.most - self.passed;
        let mut end = text.len().min(room);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        if end < text.len() && !section {
            let reference = text[..end].rfind('&').filter(|at| end - at <= MAX_REFERENCE);
            end = reference.filter(|&at| !text[at..end].contains(';')).unwrap_or(end);
        }
        out.push_str(&text[..end]);
        self.passed += end;
    }
}

/// Where `end` begins, and that it is there; else where it may begin, for all that is known.
fn before_end(rest: &str, end: &str) -> (usize, bool) {
    if let Some(at) = rest.find(end) {
        return (at, true);
    }
    let parts = (1..end.len()).rev().filter(|&length| rest.ends_with(&end[..length]));
    (rest.len() - parts.max().unwrap_or(0), false)
}

/// A text and, where it was cut, the length that it had, in bytes as they were written.
pub(super) fn parted(text: &str) -> (&str, Option<u64>) {
    match text.rsplit_once(MARK) {
        Some((kept, length)) => (kept, length.parse().ok()),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passed(most: usize, pieces: &[&str]) -> String {
        let (mut shortener, mut out) = (Shortener::new("RESULTS", most), String::new());
        for (at, piece) in pieces.iter().enumerate() {
            shortener.pass(piece, at + 1 == pieces.len(), &mut out);
        }
        out
    }

    #[test]
    fn cuts_only_what_is_too_long_in_elements_of_the_name() {
        for (document, wanted) in [
            ("<A>1234567</A>", "<A>1234567</A>"),
            ("<RESULTS>123</RESULTS>", "<RESULTS>123</RESULTS>"),
            ("<RESULTS>12345</RESULTS>x", "<RESULTS>123\u{FFFE}5</RESULTS>x"),
            ("<results>12345</results>", "<results>123\u{FFFE}5</results>"),
            ("<RESULTS ><![CDATA[12345]]></RESULTS>", "<RESULTS ><![CDATA[123]]>\u{FFFE}5</RESULTS>"),
            (
                "<RESULTS>1<![CDATA[2]]><!-- 9 -->3<![CDATA[4]]></RESULTS>",
                "<RESULTS>1<![CDATA[2]]>3<![CDATA[]]>\u{FFFE}4</RESULTS>",
            ),
            (
                "<RESULTS><![CDATA[</RESULTS>]]></RESULTS><A/>",
                "<RESULTS><![CDATA[</R]]>\u{FFFE}10</RESULTS><A/>",
            ),
            ("<A><![CDATA[<RESULTS>12345</RESULTS>]]></A>", "<A><![CDATA[<RESULTS>12345</RESULTS>]]></A>"),
            ("<!--<RESULTS>12345</RESULTS>--><A/>", "<!--<RESULTS>12345</RESULTS>--><A/>"),
            ("<RESULTS/><A>12345</A>", "<RESULTS/><A>12345</A>"),
            ("<RESULTSET>12345</RESULTSET>", "<RESULTSET>12345</RESULTSET>"),
            ("<RESULTS>a&amp;b</RESULTS>", "<RESULTS>a\u{FFFE}7</RESULTS>"),
            ("<RESULTS>ää</RESULTS>", "<RESULTS>ä\u{FFFE}4</RESULTS>"),
            ("<RESULTS>1<B>2345</B></RESULTS>", "<RESULTS>1<B>2345</B></RESULTS>"),
            ("<RESULTS>123", "<RESULTS>123"),
        ] {
            assert_eq!(passed(3, &[document]), wanted, "{document}");
        }
        assert_eq!(
            passed(0, &["<RESULTS><![CDATA[12345]]></RESULTS>"]),
            "<RESULTS><![CDATA[]]>\u{FFFE}5</RESULTS>"
        );
    }

    #[test]
    fn holds_no_more_than_the_beginning_of_a_tag() {
        let mut shortener = Shortener::new("RESULTS", 10);
        let mut out = String::new();
        shortener.pass("<R><RESULTS><![CDATA[", false, &mut out);
        for _ in 0..1_000 {
            shortener.pass(&"]]x".repeat(1_000), false, &mut out);
            assert!(out.len() < 100 && shortener.undecided.len() < 3, "{}", out.len());
        }
        shortener.pass("]]></RESULTS></R>", true, &mut out);
        assert_eq!(out, "<R><RESULTS><![CDATA[]]x]]x]]x]]]>\u{FFFE}3000000</RESULTS></R>");
    }

    proptest! {
        #[test]
        fn cutting_makes_no_difference(parts in proptest::collection::vec(prop_oneof![
            Just("<RESULTS>"), Just("</RESULTS>"), Just("<![CDATA["), Just("]]>"), Just("]"), Just("<!--"), Just("-->"), Just("<A>"),
            Just("text"), Just("&amp;"), Just("ä"), Just("<"), Just("-"), Just("<RESULTS/>"), Just("<RESULTS"), Just(">"),
        ], 0..20), cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..4)) {
            let whole = parts.concat();
            let mut at: Vec<usize> = cuts.iter().map(|it| it.index(whole.len() + 1)).filter(|&it| whole.is_char_boundary(it)).collect();
            at.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for to in at.into_iter().chain([whole.len()]) {
                pieces.push(&whole[from..to]);
                from = to;
            }
            prop_assert_eq!(passed(4, &pieces), passed(4, &[&whole]));
        }
    }
}
