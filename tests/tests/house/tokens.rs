//! Rust's text as the few kinds of token that paths are made of. Comments are gone, and what is in a
//! literal cannot be taken for code.

/// A piece of source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// A keyword, a name, or `$crate`, which is written here as `crate`.
    Word(String),
    /// A string literal, by what stands between its quotes.
    Text(String),
    /// A number, a character or a lifetime.
    Other,
    /// `::`
    Path,
    /// Any other character.
    Sign(char),
}

impl Token {
    pub(crate) fn is(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }

    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// The tokens of a source file. Text that does not end, such as an open comment, ends with the file.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut text = Text { rest: source };
    let mut tokens = Vec::new();
    while let Some(first) = text.first() {
        match first {
            _ if first.is_whitespace() => text.skip(1),
            '/' if text.rest.starts_with("//") => text.line_comment(),
            '/' if text.rest.starts_with("/*") => text.block_comment(),
            '"' => tokens.push(text.string()),
            '\'' => tokens.push(text.quote()),
            '$' if text.rest.starts_with("$crate") => text.skip(1),
            ':' if text.rest.starts_with("::") => {
                text.skip(2);
                tokens.push(Token::Path);
            }
            _ if first.is_ascii_digit() => tokens.push(text.number()),
            _ if begins_word(first) => tokens.push(text.word()),
            _ => {
                text.skip(1);
                tokens.push(Token::Sign(first));
            }
        }
    }
    tokens
}

fn begins_word(first: char) -> bool {
    first == '_' || first.is_alphabetic()
}

fn is_in_word(it: char) -> bool {
    it == '_' || it.is_alphanumeric()
}

struct Text<'a> {
    rest: &'a str,
}

impl<'a> Text<'a> {
    fn first(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn skip(&mut self, characters: usize) {
        let mut rest = self.rest.chars();
        rest.by_ref().take(characters).for_each(drop);
        self.rest = rest.as_str();
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|it| !wanted(it)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// What stands before `end`; `end` is passed, too.
    fn take_until(&mut self, end: &str) -> &'a str {
        let (taken, rest) = self.rest.split_once(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn line_comment(&mut self) {
        self.take_until("\n");
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.skip(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.skip(2);
            } else {
                self.skip(1);
            }
            if depth == 0 || self.rest.is_empty() {
                return;
            }
        }
    }

    fn string(&mut self) -> Token {
        self.skip(1);
        let whole = self.rest;
        while let Some(next) = self.first() {
            match next {
                '"' => break,
                '\\' => self.skip(2),
                _ => self.skip(1),
            }
        }
        let text = &whole[..whole.len() - self.rest.len()];
        self.skip(1);
        Token::Text(text.to_owned())
    }

    /// A character, or a lifetime or label.
    fn quote(&mut self) -> Token {
        self.skip(1);
        let mut next = self.rest.chars();
        match (next.next(), next.next()) {
            (Some(first), second) if begins_word(first) && second != Some('\'') => {
                self.take_while(is_in_word);
            }
            (Some('\\'), _) => {
                self.skip(2);
                self.take_until("'");
            }
            _ => self.skip(2),
        }
        Token::Other
    }

    /// A number, its fraction included, but neither a range (`1..2`) nor a method (`1.max(2)`).
    fn number(&mut self) -> Token {
        self.take_while(is_in_word);
        let fraction = self.rest.strip_prefix('.').and_then(|it| it.chars().next());
        if fraction.is_some_and(|it| it.is_ascii_digit()) {
            self.skip(1);
            self.take_while(is_in_word);
        }
        Token::Other
    }

    /// A word, or a literal that begins like one: `r#"…"#`, `b"…"`, `b'…'`, `r#type`.
    fn word(&mut self) -> Token {
        let word = self.take_while(is_in_word);
        let is_raw = matches!(word, "r" | "br" | "cr");
        match self.first() {
            Some('"') if is_raw => self.raw_string(),
            Some('"') if matches!(word, "b" | "c") => self.string(),
            Some('\'') if word == "b" => self.quote(),
            Some('#') if is_raw => {
                let after = self.rest.trim_start_matches('#');
                if after.starts_with('"') {
                    self.raw_string()
                } else {
                    self.skip(1);
                    Token::Word(self.take_while(is_in_word).to_owned())
                }
            }
            _ => Token::Word(word.to_owned()),
        }
    }

    fn raw_string(&mut self) -> Token {
        let marks = self.take_while(|it| it == '#');
        self.skip(1);
        Token::Text(self.take_until(&format!("\"{marks}")).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        tokens(source).iter().filter_map(|it| it.word().map(str::to_owned)).collect()
    }

    #[test]
    fn comments_and_literals_are_no_code() {
        for source in [
            "a // b\nc",
            "a /* b /* b */ b */ c",
            r#"a "b \" b" c"#,
            "a r\"b\\\" c",
            "a r#\"b \" b\"# c",
            r#"a b"b" c"#,
            r"a 'b' '\'' '\u{62}' b'b' c",
            "a 'static 'label: c 1.5e3 0xb",
        ] {
            assert_eq!(words(source), ["a", "c"], "{source}");
        }
    }

    #[test]
    fn what_does_not_end_ends_with_the_file() {
        for source in ["a /* b", "a \"b", "a r#\"b", "a \"b\\", "a // b", "a '\\"] {
            assert_eq!(words(source), ["a"], "{source}");
        }
    }

    #[test]
    fn paths_are_told_from_colons() {
        let word = |word: &str| Token::Word(word.to_owned());
        let text = Token::Text("é".to_owned());
        assert_eq!(
            tokens("$crate::a:b r#type::\"é\""),
            [
                word("crate"),
                Token::Path,
                word("a"),
                Token::Sign(':'),
                word("b"),
                word("type"),
                Token::Path,
                text
            ]
        );
        assert_eq!(tokens("1..b"), [Token::Other, Token::Sign('.'), Token::Sign('.'), word("b")]);
    }
}
