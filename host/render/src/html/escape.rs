//! Text in a page: nothing of it is ever markup.

use std::fmt;

/// Shows the text so that it is text, in an element and in a quoted attribute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        let text = r#"<script>alert("1")</script> & ' ü 漢"#;
        let escaped = Escaped(text).to_string();
        assert_eq!(escaped, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39; ü 漢");
    }
}
