//! XML: the values of elements and attributes.

use super::names::{Names, begins_name, is_blank, is_of_name};
use super::pen::Pen;
use super::quoted::Quoted;
use super::step::Step;

/// What is counted where a document type has declarations of its own.
pub const DOCTYPE: &str = "DOCTYPE";
/// A name with its prefix. A document with a longer one is not read.
const LONGEST: usize = 256;
/// What follows `<!`.
const DECLARATIONS: [(&str, At); 3] =
    [("--", At::Comment(0)), ("[CDATA[", At::CData(0)), ("DOCTYPE", At::Doctype)];

/// Where the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum At {
    #[default]
    Text,
    /// After `<`.
    Less,
    /// After `<!`.
    Declaration,
    Start,
    /// In a start tag, after its name or an attribute.
    Tag,
    /// After the `/` of `/>`.
    Slash,
    Attribute,
    Equals,
    Quote,
    Value(u8),
    AfterValue,
    /// In the name of an end tag.
    End,
    AfterEnd,
    /// So many `-` came one after the other.
    Comment(u8),
    /// So many `]`.
    CData(u8),
    Instruction(bool),
    Doctype,
    DoctypeQuoted(u8),
}

/// Reads a document, and keeps of it what is no value of a name.
#[derive(Debug, Default)]
pub(crate) struct Xml {
    at: At,
    /// Of the tag, attribute or declaration at hand.
    name: Vec<u16>,
    /// That of the start tag.
    tag: Vec<u16>,
    /// Which name the start tag has.
    element: Option<usize>,
    /// Of which name the value of the attribute at hand is.
    attribute: Option<usize>,
    /// The element whose value is blanked.
    blank: Option<Blank>,
    text: Quoted,
    /// Of which name the last value in the tag at hand was. Where a quote too many ended it early, its rest follows: that is
    /// kept once it shows to be another attribute.
    after: Option<usize>,
    held: Vec<u16>,
    /// Whether the value of the attribute at hand is marked.
    is_marked: bool,
}

#[derive(Debug)]
struct Blank {
    name: usize,
    tag: Vec<u16>,
    /// Of the elements within, itself included.
    depth: u64,
    is_marked: bool,
}

enum Fault {
    Unreadable,
    Declarations,
}

impl Xml {
    pub(crate) fn unit(&mut self, unit: u16, names: &Names, pen: &mut Pen<'_>) -> Step {
        match self.step(unit, names, pen) {
            Ok(at) => {
                self.at = at;
                Step::Taken
            }
            Err(Fault::Declarations) => {
                pen.mark(names.count());
                Step::Blanked
            }
            Err(Fault::Unreadable) => self.unreadable(pen),
        }
    }

    /// Whether the next unit would not be kept.
    pub(crate) fn is_blanking(&self) -> bool {
        self.blank.is_some() || self.text.blanks()
    }

    /// The document is over.
    pub(crate) fn end(&mut self, pen: &mut Pen<'_>) {
        if self.at != At::Text {
            // Markup within the value that did not come to its end is left out with it.
            self.mark(pen);
        }
        if let Some(name) = self.after.filter(|_| !self.held.is_empty()) {
            pen.mark(name);
        }
    }

    /// Where a value may have begun, nothing more is kept.
    fn unreadable(&mut self, pen: &mut Pen<'_>) -> Step {
        if self.blank.is_some() {
            self.mark(pen);
            return Step::Blanked;
        }
        if let Some(name) = self.attribute.or(self.element) {
            if !self.is_marked {
                pen.mark(name);
            }
            return Step::Blanked;
        }
        if let Some(name) = self.after {
            pen.mark(name);
            return Step::Blanked;
        }
        if self.text.blanks() {
            return Step::Blanked;
        }
        Step::Unreadable(std::mem::take(&mut self.name))
    }

    /// The element whose value is blanked has one.
    fn mark(&mut self, pen: &mut Pen<'_>) {
        if let Some(blank) = self.blank.as_mut().filter(|it| !it.is_marked) {
            pen.mark(blank.name);
            blank.is_marked = true;
        }
    }

    fn keep(&self, unit: u16, pen: &mut Pen<'_>) {
        if self.blank.is_none() {
            pen.keep(unit);
        }
    }

    fn step(&mut self, unit: u16, names: &Names, pen: &mut Pen<'_>) -> Result<At, Fault> {
        if self.at == At::Text {
            self.after = None;
        }
        // All of markup is ASCII.
        let byte = u8::try_from(unit).unwrap_or(b'a');
        match self.at {
            At::Text if byte == b'<' => {
                self.text.restart();
                self.name.clear();
                self.keep(unit, pen);
                Ok(At::Less)
            }
            At::Text => self.content(unit, names, pen, At::Text),
            At::Less => self.less(unit, byte, pen),
            At::Declaration => self.declaration(unit, pen),
            At::Start if is_of_name(unit) => self.name_goes_on(unit, pen),
            At::Start => {
                if self.blank.is_none() {
                    self.element = names.find_local(&self.name);
                }
                self.tag.clone_from(&self.name);
                self.tag(unit, byte, pen)
            }
            At::Tag => self.tag(unit, byte, pen),
            At::Slash if byte == b'>' => {
                self.keep(unit, pen);
                self.element = None;
                Ok(At::Text)
            }
            At::Attribute if is_of_name(unit) => self.name_goes_on(unit, pen),
            At::Attribute => {
                if self.blank.is_none() {
                    let is_namespace = self.name.split(|it| *it == b':'.into()).next() == Some(&XMLNS);
                    let of_element = self.element.filter(|_| !is_namespace);
                    self.attribute = names.find_local(&self.name).or(of_element);
                }
                self.equals(unit, byte, pen)
            }
            At::Equals => self.equals(unit, byte, pen),
            At::Quote if is_blank(unit) => {
                self.hold(unit, pen)?;
                Ok(At::Quote)
            }
            At::Quote if matches!(byte, b'"' | b'\'') => {
                self.text.restart();
                std::mem::take(&mut self.held).into_iter().for_each(|it| self.keep(it, pen));
                self.keep(unit, pen);
                Ok(At::Value(byte))
            }
            At::Value(quote) if byte == quote => {
                self.after = self.attribute.or(self.text.blanked()).or(self.after);
                self.text.restart();
                (self.attribute, self.is_marked) = (None, false);
                self.keep(unit, pen);
                Ok(At::AfterValue)
            }
            At::AfterValue if !is_blank(unit) && !matches!(byte, b'/' | b'>') => Err(Fault::Unreadable),
            At::AfterValue => self.tag(unit, byte, pen),
            At::Value(_) if byte != b'<' => {
                match self.attribute {
                    Some(name) if !self.is_marked => {
                        pen.mark(name);
                        self.is_marked = true;
                    }
                    Some(_) => {}
                    // No address of a namespace has these, so that a quote is missing somewhere.
                    None if self.element.is_some() && (is_blank(unit) || matches!(byte, b'"' | b'\'')) => {
                        return Err(Fault::Unreadable);
                    }
                    None => return self.content(unit, names, pen, self.at),
                }
                Ok(self.at)
            }
            At::End if is_of_name(unit) => self.name_goes_on(unit, pen),
            At::End => {
                self.end_of_element(pen)?;
                self.after_end(unit, byte, pen)
            }
            At::AfterEnd => self.after_end(unit, byte, pen),
            At::Comment(2) if byte == b'>' => Ok(self.end_of_text("-->", unit, pen)),
            At::Comment(dashes @ 0..2) => {
                let dashes = if byte == b'-' { dashes + 1 } else { 0 };
                self.content(unit, names, pen, At::Comment(dashes))
            }
            At::CData(2) if byte == b'>' => Ok(self.end_of_text("]]>", unit, pen)),
            At::CData(brackets) => {
                let brackets = if byte == b']' { (brackets + 1).min(2) } else { 0 };
                self.content(unit, names, pen, At::CData(brackets))
            }
            At::Instruction(true) if byte == b'>' => Ok(self.end_of_text("?>", unit, pen)),
            At::Instruction(_) => self.content(unit, names, pen, At::Instruction(byte == b'?')),
            At::Doctype => match byte {
                b'[' => Err(Fault::Declarations),
                b'<' => Err(Fault::Unreadable),
                _ => {
                    pen.keep(unit);
                    Ok(match byte {
                        b'>' => At::Text,
                        b'"' | b'\'' => At::DoctypeQuoted(byte),
                        _ => At::Doctype,
                    })
                }
            },
            At::DoctypeQuoted(quote) => {
                pen.keep(unit);
                Ok(if byte == quote { At::Doctype } else { self.at })
            }
            At::Slash | At::Quote | At::Value(_) | At::Comment(_) => Err(Fault::Unreadable),
        }
    }

    /// A unit of a text, whatever it is in.
    fn content(&mut self, unit: u16, names: &Names, pen: &mut Pen<'_>, then: At) -> Result<At, Fault> {
        if self.blank.is_some() {
            self.mark(pen);
        } else {
            self.text.unit(unit, names, pen);
        }
        Ok(then)
    }

    /// The last unit of what ends a comment and the like.
    fn end_of_text(&mut self, end: &str, unit: u16, pen: &mut Pen<'_>) -> At {
        if self.blank.is_none() && self.text.blanks() {
            pen.write(end);
        } else {
            self.keep(unit, pen);
        }
        self.text.restart();
        At::Text
    }

    fn name_goes_on(&mut self, unit: u16, pen: &mut Pen<'_>) -> Result<At, Fault> {
        if self.name.len() == LONGEST {
            return Err(Fault::Unreadable);
        }
        self.name.push(unit);
        self.hold(unit, pen)?;
        Ok(self.at)
    }

    /// Keeps a unit before the value of an attribute, or holds it back until that comes.
    fn hold(&mut self, unit: u16, pen: &mut Pen<'_>) -> Result<(), Fault> {
        if self.after.is_none() {
            self.keep(unit, pen);
        } else if self.held.len() < 2 * LONGEST {
            self.held.push(unit);
        } else {
            return Err(Fault::Unreadable);
        }
        Ok(())
    }

    fn less(&mut self, unit: u16, byte: u8, pen: &mut Pen<'_>) -> Result<At, Fault> {
        if byte != b'/' {
            self.mark(pen);
        }
        let at = match byte {
            b'/' => At::End,
            b'!' => At::Declaration,
            b'?' => At::Instruction(false),
            _ if begins_name(unit) => {
                self.name.push(unit);
                At::Start
            }
            _ => return Err(Fault::Unreadable),
        };
        self.keep(unit, pen);
        Ok(at)
    }

    fn declaration(&mut self, unit: u16, pen: &mut Pen<'_>) -> Result<At, Fault> {
        let begun: Vec<u16> = self.name.iter().copied().chain([unit]).collect();
        let begun = String::from_utf16_lossy(&begun).to_ascii_uppercase();
        let Some((whole, at)) = DECLARATIONS.iter().find(|(it, _)| it.starts_with(&begun)) else {
            return Err(Fault::Unreadable);
        };
        if self.blank.is_some() && *at == At::Doctype {
            return Err(Fault::Unreadable);
        }
        self.keep(unit, pen);
        self.name.push(unit);
        Ok(if *whole == begun { *at } else { At::Declaration })
    }

    fn tag(&mut self, unit: u16, byte: u8, pen: &mut Pen<'_>) -> Result<At, Fault> {
        let at = match byte {
            b'/' => At::Slash,
            b'>' => {
                self.keep(unit, pen);
                let name = self.element.take();
                match (&mut self.blank, name) {
                    (Some(blank), _) => blank.depth += 1,
                    (none, Some(name)) => {
                        let tag = std::mem::take(&mut self.tag);
                        *none = Some(Blank { name, tag, depth: 1, is_marked: false });
                    }
                    (None, None) => {}
                }
                return Ok(At::Text);
            }
            _ if is_blank(unit) => At::Tag,
            _ if begins_name(unit) => {
                self.name.clear();
                self.name.push(unit);
                self.hold(unit, pen)?;
                return Ok(At::Attribute);
            }
            _ => return Err(Fault::Unreadable),
        };
        self.keep(unit, pen);
        Ok(at)
    }

    fn equals(&mut self, unit: u16, byte: u8, pen: &mut Pen<'_>) -> Result<At, Fault> {
        if byte != b'=' && !is_blank(unit) {
            return Err(Fault::Unreadable);
        }
        self.hold(unit, pen)?;
        Ok(if byte == b'=' { At::Quote } else { At::Equals })
    }

    /// The name of an end tag is complete.
    fn end_of_element(&mut self, pen: &mut Pen<'_>) -> Result<(), Fault> {
        let Some(blank) = &mut self.blank else { return Ok(()) };
        if blank.depth > 1 {
            blank.depth -= 1;
            return Ok(());
        }
        if blank.tag != self.name {
            return Err(Fault::Unreadable);
        }
        self.blank = None;
        pen.write("</");
        pen.keep_all(&self.name);
        Ok(())
    }

    fn after_end(&mut self, unit: u16, byte: u8, pen: &mut Pen<'_>) -> Result<At, Fault> {
        if byte != b'>' && !is_blank(unit) {
            return Err(Fault::Unreadable);
        }
        self.keep(unit, pen);
        Ok(if byte == b'>' { At::Text } else { At::AfterEnd })
    }
}

/// What declares namespaces.
const XMLNS: [u16; 5] = [b'x' as u16, b'm' as u16, b'l' as u16, b'n' as u16, b's' as u16];
