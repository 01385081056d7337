//! What a module's text says of names: which it defines, which it imports, and which it uses.

use std::collections::BTreeSet;

use crate::conditions::wants_test;
use crate::reader::Reader;
use crate::tokens::{Token, tokens};

/// What stands in one module, tests left out.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Items of its own, macros included.
    pub(crate) defined: BTreeSet<String>,
    /// Those of its macros that the crate's root has, too.
    pub(crate) exported_macros: BTreeSet<String>,
    /// Modules that have files of their own.
    pub(crate) declared: Vec<Declared>,
    /// Modules that stand in the same file.
    pub(crate) inline: Vec<(String, Self)>,
    pub(crate) imports: Vec<Import>,
    /// Paths in its code, as they are written.
    pub(crate) used: BTreeSet<Vec<String>>,
    /// String literals, those of attributes included, without what is documentation, what names a file, and what the
    /// compiler reads from its environment.
    pub(crate) texts: Vec<String>,
    /// Whether all of it is for tests.
    pub(crate) is_test: bool,
}

/// `mod name;`
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) name: String,
    /// Of `#[path = "…"]`.
    pub(crate) path: Option<String>,
}

/// One name of a `use`.
#[derive(Debug)]
pub(crate) struct Import {
    /// Begins with an empty segment where it begins with `::`.
    pub(crate) path: Vec<String>,
    pub(crate) what: Imported,
    /// Whether others may import it from here, so that it is a re-export.
    pub(crate) is_public: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Imported {
    /// By its own name or after `as`.
    Name(String),
    /// `{self}`: the module, never an item of its name.
    Module(String),
    /// `*`
    All,
}

/// Reads a source file.
pub(crate) fn names(source: &str) -> Names {
    let tokens = tokens(source);
    Reader::new(&tokens).module()
}

/// What an attribute means for the item after it.
#[derive(Debug, Default)]
struct Attributes {
    is_test: bool,
    path: Option<String>,
    exports_macro: bool,
}

/// Names that are seen in code, and may be local.
#[derive(Debug, Default)]
struct Lower {
    /// Alone between brackets or commas: an argument, as a function that is passed on would be.
    arguments: BTreeSet<String>,
    /// Bound here: by `let`, as a parameter or a field.
    bound: BTreeSet<String>,
}

impl Reader<'_> {
    /// To the brace that closes the module, or the end of the file.
    fn module(&mut self) -> Names {
        let mut names = Names::default();
        let mut lower = Lower::default();
        let mut attributes = Attributes::default();
        let mut is_public = false;
        let mut depth = 0_usize;
        while let Some(token) = self.peek(0) {
            let start = self.at;
            match token {
                Token::Sign('#') if self.is(1, '[') || (self.is(1, '!') && self.is(2, '[')) => {
                    let is_inner = self.is(1, '!');
                    let found = self.attribute(&mut names);
                    if is_inner {
                        names.is_test |= found.is_test && depth == 0;
                    } else if found.is_test {
                        self.skip_item();
                        attributes = Attributes::default();
                    } else {
                        attributes.path = found.path.or(attributes.path);
                        attributes.exports_macro |= found.exports_macro;
                    }
                    continue;
                }
                Token::Sign('{' | '(' | '[') => depth += 1,
                Token::Sign('}') if depth == 0 => break,
                Token::Sign('}' | ')' | ']') => depth = depth.saturating_sub(1),
                Token::Word(word) => match word.as_str() {
                    "pub" => {
                        self.visibility();
                        is_public = true;
                        continue;
                    }
                    "use" if !self.is(1, '<') => {
                        self.at += 1;
                        self.import(Vec::new(), is_public, &mut names.imports);
                    }
                    "mod" if self.is(2, ';') || self.is(2, '{') => {
                        self.child(&mut names, attributes.path.take());
                    }
                    "macro_rules" if self.is(1, '!') => {
                        if let Some(name) = self.word(2) {
                            names.defined.insert(name.to_owned());
                            if attributes.exports_macro {
                                names.exported_macros.insert(name.to_owned());
                            }
                        }
                        self.at += 3;
                    }
                    "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static"
                        if depth == 0 =>
                    {
                        self.definition(&mut names);
                    }
                    _ => self.path(&mut names, &mut lower),
                },
                Token::Text(text) if !self.is_for_the_compiler() => names.texts.push(text.clone()),
                // The rest of a path whose beginning is a type, or of one to another crate.
                Token::Path => {
                    self.at += 1;
                    self.segments();
                }
                _ => {}
            }
            if self.at == start {
                self.at += 1;
            }
            attributes = Attributes::default();
            is_public = false;
        }
        let passed_on = lower.arguments.difference(&lower.bound);
        names.used.extend(passed_on.map(|it| vec![it.clone()]));
        names
    }

    /// Whether the literal that comes next is the argument of `env!` or `include_str!` and the like.
    fn is_for_the_compiler(&self) -> bool {
        let called = self.before(3).and_then(Token::word);
        let is_macro =
            self.before(1).is_some_and(|it| it.is('(')) && self.before(2).is_some_and(|it| it.is('!'));
        is_macro && matches!(called, Some("env" | "option_env" | "include_str" | "include_bytes"))
    }

    /// `mod name;` or `mod name { … }`
    fn child(&mut self, names: &mut Names, path: Option<String>) {
        let Some(name) = self.word(1).map(str::to_owned) else { return };
        let is_inline = self.is(2, '{');
        self.at += 3;
        if is_inline {
            let inner = self.module();
            self.at += 1;
            names.inline.push((name, inner));
        } else {
            names.declared.push(Declared { name, path });
        }
    }

    /// The name of an item after its keyword. None for `fn(…)`, a type, and `const fn`, whose name is after
    /// the next keyword.
    fn definition(&mut self, names: &mut Names) {
        self.at += 1;
        if self.word(0) == Some("mut") {
            self.at += 1;
        }
        match self.word(0) {
            Some("fn" | "unsafe" | "async" | "extern" | "const") | None => {}
            Some(name) => {
                names.defined.insert(name.to_owned());
                self.at += 1;
            }
        }
    }

    /// `pub`, `pub(crate)`, `pub(in a::b)`. Not `pub (A, B)`, which is a field.
    fn visibility(&mut self) {
        self.at += 1;
        let of_module = matches!(self.word(1), Some("crate" | "self" | "super")) && self.is(2, ')');
        if self.is(0, '(') && (of_module || self.word(1) == Some("in")) {
            self.skip_brackets();
        }
    }

    /// `#[…]`. Paths in it, such as those of a parser that a derived trait calls, are used.
    fn attribute(&mut self, names: &mut Names) -> Attributes {
        self.at += 1;
        if self.is(0, '!') {
            self.at += 1;
        }
        let begin = self.at;
        self.skip_brackets();
        let tokens = &self.tokens[begin..self.at];
        let inner = tokens.get(1..tokens.len().saturating_sub(1)).unwrap_or_default();
        match inner {
            [Token::Word(name), Token::Sign('('), condition @ ..] if name == "cfg" => {
                Attributes { is_test: wants_test(condition), ..Attributes::default() }
            }
            [Token::Word(name), Token::Sign('='), Token::Text(path)] if name == "path" => {
                Attributes { path: Some(path.clone()), ..Attributes::default() }
            }
            [Token::Word(name), ..] if name == "macro_export" => {
                Attributes { exports_macro: true, ..Attributes::default() }
            }
            _ => {
                if inner.first().and_then(Token::word) != Some("doc") {
                    let texts = inner.iter().filter_map(|it| match it {
                        Token::Text(text) => Some(text.clone()),
                        _ => None,
                    });
                    names.texts.extend(texts);
                }
                let mut reader = Reader::new(inner);
                while reader.peek(0).is_some() {
                    let path = reader.segments();
                    reader.at += usize::from(path.is_empty());
                    if path.len() > 1 {
                        names.used.insert(path);
                    }
                }
                Attributes::default()
            }
        }
    }

    /// Past an item that is for tests: a declaration to its semicolon, a definition to its closing brace,
    /// and a field or a variant to its comma.
    fn skip_item(&mut self) {
        while self.is(0, '#') {
            self.at += 1;
            self.skip_brackets();
        }
        if self.word(0) == Some("pub") {
            self.visibility();
        }
        let ends_with_brace = match self.word(0) {
            Some("const") => matches!(self.word(1), Some("fn" | "unsafe" | "async" | "extern")),
            Some(
                "fn" | "unsafe" | "async" | "extern" | "impl" | "trait" | "struct" | "enum" | "union" | "mod",
            )
            | Some("macro_rules") => true,
            Some("use" | "static" | "type" | "let") => false,
            None if self.is(0, '{') => return self.skip_brackets(),
            _ => return self.skip_field(),
        };
        while let Some(token) = self.peek(0) {
            match token {
                Token::Sign(';') => {
                    self.at += 1;
                    return;
                }
                Token::Sign('{') if ends_with_brace => return self.skip_brackets(),
                Token::Sign('(' | '[' | '{') => self.skip_brackets(),
                Token::Sign('}') => return,
                _ => self.at += 1,
            }
        }
    }

    fn skip_field(&mut self) {
        while let Some(token) = self.peek(0) {
            match token {
                Token::Sign(',' | ';') => {
                    self.at += 1;
                    return;
                }
                Token::Sign('(' | '[' | '{') => self.skip_brackets(),
                Token::Sign(')' | ']' | '}') => return,
                _ => self.at += 1,
            }
        }
    }

    /// What comes after `use`, or after a brace or comma in it.
    fn import(&mut self, mut path: Vec<String>, is_public: bool, imports: &mut Vec<Import>) {
        if path.is_empty() && self.peek(0) == Some(&Token::Path) {
            path.push(String::new());
            self.at += 1;
        }
        let begin = path.len();
        loop {
            if self.is(0, '{') {
                self.at += 1;
                while !self.is(0, '}') && self.peek(0).is_some() {
                    let before = self.at;
                    self.import(path.clone(), is_public, imports);
                    if self.is(0, ',') || self.at == before {
                        self.at += 1;
                    }
                }
                self.at += 1;
                return;
            }
            if self.is(0, '*') {
                self.at += 1;
                imports.push(Import { path, what: Imported::All, is_public });
                return;
            }
            let Some(segment) = self.word(0) else { return };
            self.at += 1;
            let is_self = segment == "self" && path.len() == begin && begin > 0;
            if !is_self {
                path.push(segment.to_owned());
            }
            if self.peek(0) == Some(&Token::Path) {
                self.at += 1;
                continue;
            }
            let mut name = path.last().cloned().unwrap_or_default();
            if self.word(0) == Some("as") {
                name = self.word(1).unwrap_or_default().to_owned();
                self.at += 2;
            }
            let what = if is_self { Imported::Module(name) } else { Imported::Name(name) };
            imports.push(Import { path, what, is_public });
            return;
        }
    }

    /// A path or a name in code.
    fn path(&mut self, names: &mut Names, lower: &mut Lower) {
        let before = self.before(1);
        let follows = |sign: char| before.is_some_and(|it| it.is(sign));
        let is_member = follows('.') && !self.before(2).is_some_and(|it| it.is('.'));
        let is_parameter_of_macro = follows('$') && self.word(0) != Some("crate");
        let is_bound = matches!(before.and_then(Token::word), Some("let" | "mut" | "ref" | "for"))
            && !self.before(2).is_some_and(|it| it.is('&'));
        let path = self.segments();
        let [name] = path.as_slice() else {
            if !is_member && !is_parameter_of_macro && !path.is_empty() {
                names.used.insert(path);
            }
            return;
        };
        if is_member || is_parameter_of_macro {
            return;
        }
        if name.starts_with(|it: char| it.is_uppercase()) {
            names.used.insert(path);
            return;
        }
        let is_called =
            self.is(0, '(') || (self.is(0, '!') && !self.is(1, '=')) || self.peek(0) == Some(&Token::Path);
        let in_closure = (follows('|') || follows(',')) && (self.is(0, '|'));
        if is_called && before.and_then(Token::word) != Some("fn") {
            names.used.insert(path);
        } else if is_bound || self.is(0, ':') || in_closure || follows('|') {
            lower.bound.insert(name.clone());
        } else if (follows('(') || follows(',')) && (self.is(0, ')') || self.is(0, ',')) {
            lower.arguments.insert(name.clone());
        }
    }
}
