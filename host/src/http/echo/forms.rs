//! How servers write a text.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use secrecy::zeroize::Zeroizing;

/// The longest form of one byte: `&quot;`, `\u0026`. Room for all of them, or a text that grows would leave copies in
/// memory that are not cleared.
const BYTES_OF_ONE: usize = 6;

/// How XML and HTML are written: the quotation mark and the apostrophe, beside what every writer escapes.
const QUOTES: [[&str; 2]; 6] = [
    ["\"", "'"],
    ["&quot;", "'"],
    ["&quot;", "&apos;"],
    ["&quot;", "&#39;"],
    ["&#34;", "&#39;"],
    ["&quot;", "&#x27;"],
];
/// What URLs and forms have unescaped, beside letters and digits: nothing, RFC 3986, JavaScript, forms.
const PLAIN: [&str; 4] = ["", "-._~", "-._~!*'()", "-._*"];
/// What JSON writers escape by its number: nothing, as Go does, as .NET does.
const NUMBERED: [&str; 3] = ["", "<>&", "<>&'\"+`"];

/// In base64, without the padding: with it and without it are found by that.
pub(super) fn base64(text: &str) -> [Zeroizing<String>; 2] {
    [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD].map(|it| Zeroizing::new(it.encode(text)))
}

/// As it is, and escaped for XML, URLs and JSON, where that is different.
pub(super) fn forms(text: &str) -> Vec<Zeroizing<String>> {
    let mut forms = vec![Zeroizing::new(text.to_owned())];
    let mut add = |escape: &dyn Fn(char, &mut String)| {
        let mut form = Zeroizing::new(String::with_capacity(BYTES_OF_ONE * text.len()));
        text.chars().for_each(|it| escape(it, &mut form));
        if !forms.contains(&form) {
            forms.push(form);
        }
    };
    for [quotation, apostrophe] in QUOTES {
        add(&|char, out| match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str(quotation),
            '\'' => out.push_str(apostrophe),
            other => out.push(other),
        });
    }
    for plain in PLAIN {
        for upper in [true, false] {
            for space in ["%20", "+"] {
                add(&|char, out| match char {
                    ' ' => out.push_str(space),
                    it if it.is_ascii_alphanumeric() || plain.contains(it) => out.push(it),
                    other => other.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| {
                        let _ = if upper { write!(out, "%{byte:02X}") } else { write!(out, "%{byte:02x}") };
                    }),
                });
            }
        }
    }
    for numbered in NUMBERED {
        for slash in ["/", "\\/"] {
            for (ascii, upper) in [(false, true), (false, false), (true, true), (true, false)] {
                add(&|char, out| match char {
                    it if numbered.contains(it) || (ascii && !it.is_ascii()) => {
                        for unit in it.encode_utf16(&mut [0; 2]) {
                            let _ = if upper {
                                write!(out, "\\u{unit:04X}")
                            } else {
                                write!(out, "\\u{unit:04x}")
                            };
                        }
                    }
                    '"' => out.push_str("\\\""),
                    '\\' => out.push_str("\\\\"),
                    '/' => out.push_str(slash),
                    other => out.push(other),
                });
            }
        }
    }
    forms
}
