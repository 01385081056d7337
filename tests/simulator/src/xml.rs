//! Writes the XML of the answers into a byte buffer, fast enough not to be what a benchmark measures.

use crate::clock;

/// Two blanks for each level, as deep as any answer goes.
const INDENT: &[u8] = b"                    ";

/// Writes one element a line, indented.
pub(crate) struct Xml<'a> {
    out: &'a mut Vec<u8>,
    depth: usize,
}

impl<'a> Xml<'a> {
    /// Continues a document that has `depth` elements open.
    pub(crate) fn new(out: &'a mut Vec<u8>, depth: usize) -> Self {
        Self { out, depth }
    }

    /// The same document, one level deeper.
    pub(crate) fn deeper(&mut self) -> Xml<'_> {
        Xml::new(self.out, self.depth + 1)
    }

    /// The same document, with so many elements open.
    pub(crate) fn at(&mut self, depth: usize) -> Xml<'_> {
        Xml::new(self.out, depth)
    }

    /// A comment, which must not have `--` in it.
    pub(crate) fn comment(&mut self, text: &str) {
        self.indent();
        for part in ["<!--", text, "-->\n"] {
            self.out.extend_from_slice(part.as_bytes());
        }
    }

    /// Opens an element that will hold others.
    pub(crate) fn open(&mut self, name: &str) {
        self.indent();
        self.start(name);
        self.out.push(b'\n');
        self.depth += 1;
    }

    /// Closes what [`open`](Self::open) opened.
    pub(crate) fn close(&mut self, name: &str) {
        self.depth -= 1;
        self.indent();
        self.end(name);
    }

    /// An element whose content is written by `content`, which has to escape it.
    pub(crate) fn with(&mut self, name: &str, content: impl FnOnce(&mut Vec<u8>)) {
        self.indent();
        self.start(name);
        content(self.out);
        self.end(name);
    }

    /// A number.
    pub(crate) fn number(&mut self, name: &str, number: u64) {
        self.with(name, |out| push_number(out, number));
    }

    /// `true` or `false`, as the portal's APIs write it.
    pub(crate) fn word(&mut self, name: &str, flag: bool) {
        self.text(name, if flag { "true" } else { "false" });
    }

    /// `1` or `0`.
    pub(crate) fn flag(&mut self, name: &str, flag: bool) {
        self.with(name, |out| out.push(b'0' + u8::from(flag)));
    }

    /// A moment in seconds since 1970.
    pub(crate) fn moment(&mut self, name: &str, seconds: i64) {
        self.with(name, |out| clock::push(out, seconds));
    }

    /// Text with `&`, `<` and `>` escaped.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.with(name, |out| escape(out, text));
    }

    /// Text in a CDATA section; a `]]>` in it is split over two sections.
    pub(crate) fn cdata(&mut self, name: &str, text: &str) {
        self.cdata_with(name, |out| push_in_cdata(out, text));
    }

    /// A CDATA section whose content is written by `content`, which must not write `]]>`.
    pub(crate) fn cdata_with(&mut self, name: &str, content: impl FnOnce(&mut Vec<u8>)) {
        self.with(name, |out| {
            out.extend_from_slice(b"<![CDATA[");
            content(out);
            out.extend_from_slice(b"]]>");
        });
    }

    /// A CDATA section on a line of its own, so that line breaks and blanks surround it.
    pub(crate) fn padded_cdata(&mut self, name: &str, text: &str) {
        let indent = &INDENT[..2 * self.depth];
        self.with(name, |out| {
            for part in [b"\n  ", indent, b"<![CDATA["] {
                out.extend_from_slice(part);
            }
            push_in_cdata(out, text);
            for part in [b"]]>\n", indent] {
                out.extend_from_slice(part);
            }
        });
    }

    /// An element with attributes, whose values need no escaping, and text.
    pub(crate) fn attributed(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.indent();
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        for (attribute, value) in attributes {
            for part in [" ", attribute, "=\"", value, "\""] {
                self.out.extend_from_slice(part.as_bytes());
            }
        }
        self.out.push(b'>');
        escape(self.out, text);
        self.end(name);
    }

    /// Opens an element with attributes, whose values need no escaping.
    pub(crate) fn open_attributed(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        for (attribute, value) in attributes {
            for part in [" ", attribute, "=\"", value, "\""] {
                self.out.extend_from_slice(part.as_bytes());
            }
        }
        self.out.extend_from_slice(b">\n");
        self.depth += 1;
    }

    fn indent(&mut self) {
        self.out.extend_from_slice(&INDENT[..2 * self.depth]);
    }

    fn start(&mut self, name: &str) {
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'>');
    }

    fn end(&mut self, name: &str) {
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b">\n");
    }
}

/// Appends a number in decimal.
pub(crate) fn push_number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends 16 hexadecimal digits.
pub(crate) fn push_hex(out: &mut Vec<u8>, bits: u64) {
    for shift in (0..64).step_by(4).rev() {
        out.push(b"0123456789abcdef"[(bits >> shift) as usize & 15]);
    }
}

fn escape(out: &mut Vec<u8>, text: &str) {
    for &byte in text.as_bytes() {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            _ => out.push(byte),
        }
    }
}

fn push_in_cdata(out: &mut Vec<u8>, text: &str) {
    let mut sections = text.split("]]>");
    out.extend_from_slice(sections.next().unwrap_or_default().as_bytes());
    for section in sections {
        out.extend_from_slice(b"]]]]><![CDATA[>");
        out.extend_from_slice(section.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Xml<'_>)) -> String {
        let mut out = Vec::new();
        write(&mut Xml::new(&mut out, 0));
        String::from_utf8(out).expect("the tests write text")
    }

    #[test]
    fn elements_are_indented_by_depth() {
        let xml = written(|xml| {
            xml.open("HOST");
            xml.number("ID", 7);
            xml.close("HOST");
        });
        assert_eq!(xml, "<HOST>\n  <ID>7</ID>\n</HOST>\n");
    }

    #[test]
    fn attributes_stand_in_the_start_tag() {
        let attributes = [("status", "FAILED"), ("number", "999")];
        assert_eq!(
            written(|xml| xml.attributed("RETURN", &attributes, "a & b")),
            "<RETURN status=\"FAILED\" number=\"999\">a &amp; b</RETURN>\n"
        );
    }

    #[test]
    fn markup_in_texts_stays_text() {
        assert_eq!(written(|xml| xml.text("OWNER", "R&D <lab>")), "<OWNER>R&amp;D &lt;lab&gt;</OWNER>\n");
        assert_eq!(written(|xml| xml.cdata("DNS", "a]]>b")), "<DNS><![CDATA[a]]]]><![CDATA[>b]]></DNS>\n");
    }
}
