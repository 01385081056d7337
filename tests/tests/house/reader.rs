//! Steps through tokens.

use crate::tokens::Token;

/// A place among tokens.
pub(crate) struct Reader<'a> {
    pub(crate) tokens: &'a [Token],
    pub(crate) at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(tokens: &'a [Token]) -> Self {
        Self { tokens, at: 0 }
    }

    pub(crate) fn peek(&self, ahead: usize) -> Option<&'a Token> {
        self.tokens.get(self.at + ahead)
    }

    pub(crate) fn before(&self, back: usize) -> Option<&'a Token> {
        self.tokens.get(self.at.checked_sub(back)?)
    }

    pub(crate) fn is(&self, ahead: usize, sign: char) -> bool {
        self.peek(ahead).is_some_and(|it| it.is(sign))
    }

    pub(crate) fn word(&self, ahead: usize) -> Option<&'a str> {
        self.peek(ahead).and_then(Token::word)
    }

    /// Past the bracket that closes the one that comes next.
    pub(crate) fn skip_brackets(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.peek(0) {
            self.at += 1;
            match token {
                Token::Sign('(' | '[' | '{') => depth += 1,
                Token::Sign(')' | ']' | '}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// `a::b::c`, as far as it has names. Nothing where no name comes next.
    pub(crate) fn segments(&mut self) -> Vec<String> {
        let mut path = Vec::new();
        while let Some(segment) = self.word(0) {
            path.push(segment.to_owned());
            self.at += 1;
            if self.peek(0) != Some(&Token::Path) || self.word(1).is_none() {
                break;
            }
            self.at += 1;
        }
        path
    }
}
