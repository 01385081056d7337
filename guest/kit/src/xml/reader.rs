//! The push reader.

use std::io::BufRead as _;

use quick_xml::events::{BytesStart, Event};

use super::element::Element;
use super::input::Input;
use super::node::Place;
use super::shorten::Shortener;
use super::tree::{TooMuch, Tree};
use crate::contract::types::Error;
use crate::problem::malformed;

/// The largest record, comment or DTD, in bytes: no source has one of this size, and memory is bounded by it.
const MAX_BYTES: usize = 8 << 20;
/// An unfinished record of up to this many bytes is parsed again with every piece. A longer one is parsed again
/// only when half as much has been added: otherwise it would cost the square of its length.
const EAGER_UP_TO: usize = 4 << 10;
/// quick-xml drops it from the start of what it is given, and does not count it.
const BYTE_ORDER_MARK: char = '\u{FEFF}';
/// Envelopes nest to about four.
const MAX_ENVELOPE_DEPTH: usize = 32;
/// How much of an unreadable answer an error shows.
const EXCERPT_CHARS: usize = 60;

/// Takes what a [`Reader`] finds.
pub trait Handler {
    /// The document's root element began. `Ok(false)` leaves the rest unread.
    fn root(&mut self, name: &str) -> Result<bool, Error>;

    /// Whether elements of this name are wanted: one that is comes whole, with all that
    /// is in it. Never asked about the root or about what is inside a wanted one.
    fn wants(&self, name: &str) -> bool;

    /// A wanted element.
    fn element(&mut self, element: &Element<'_>) -> Result<(), Error>;

    /// An element began that is not wanted, and so may have wanted ones in it. Never the root.
    fn opened(&mut self, name: &str) -> Result<(), Error> {
        let _ = name;
        Ok(())
    }

    /// The innermost of these ended.
    fn closed(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// A comment outside of the wanted elements.
    fn comment(&mut self, text: &str) {
        let _ = text;
    }
}

/// Reads a document in pieces of any size.
#[derive(Debug, Default)]
pub struct Reader {
    input: Input,
    shortener: Option<Shortener>,
    /// What was read, before it is shortened.
    read: String,
    /// What is not yet parsed up to the end of a record.
    pending: String,
    /// How much must be pending before another try makes sense.
    min_pending: usize,
    /// Names of the open elements around the wanted ones.
    envelope: Vec<String>,
    record: Tree,
    stage: Stage,
    /// Whether the document has anything but white space so far.
    begun: bool,
}

#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
enum Stage {
    #[default]
    BeforeRoot,
    InRoot,
    AfterRoot,
    /// The rest is not wanted.
    Unread,
}

impl Reader {
    /// Reads an answer whose head has this `content-type`: its charset comes before what the document says of itself.
    pub fn of(content_type: Option<&str>) -> Self {
        let charset = content_type.and_then(charset);
        Self { input: Input::labelled(charset.as_deref()), ..Self::default() }
    }

    /// Of texts in elements of this name, only the first `most` bytes are kept, however long they are:
    /// [`Element::kept`] gives them. No text of other elements may be cut.
    #[must_use]
    pub fn shortening(self, name: &'static str, most: usize) -> Self {
        Self { shortener: Some(Shortener::new(name, most)), ..self }
    }

    /// A part of the document.
    pub fn feed(&mut self, chunk: &[u8], handler: &mut dyn Handler) -> Result<(), Error> {
        if self.stage == Stage::Unread {
            return Ok(());
        }
        self.begun = self.begun || !chunk.trim_ascii().is_empty();
        match &mut self.shortener {
            None => self.input.read(chunk, &mut self.pending),
            Some(shortener) => {
                self.input.read(chunk, &mut self.read);
                shortener.pass(&self.read, false, &mut self.pending);
                self.read.clear();
            }
        }
        self.readable()?;
        if self.pending.len() < self.min_pending.min(MAX_BYTES) {
            return Ok(());
        }
        self.advance(false, handler)?;
        bounded(self.pending.len())
    }

    /// The document is complete, or should be.
    pub fn end(&mut self, handler: &mut dyn Handler) -> Result<(), Error> {
        if self.stage == Stage::Unread {
            return Ok(());
        }
        self.input.end(&mut self.read);
        match &mut self.shortener {
            None => self.pending.push_str(&self.read),
            Some(shortener) => shortener.pass(&self.read, true, &mut self.pending),
        }
        self.readable()?;
        self.advance(true, handler)?;
        match self.stage {
            Stage::InRoot | Stage::BeforeRoot => {
                Err(malformed("the answer is truncated: it ends before its root element does"))
            }
            Stage::AfterRoot | Stage::Unread => Ok(()),
        }
    }

    /// Whether the document has only white space so far.
    pub fn is_blank(&self) -> bool {
        !self.begun
    }

    /// After an error: whether the end of the root follows all the same, so that the document was not cut off.
    pub fn has_end(&self) -> bool {
        self.envelope.first().is_some_and(|root| self.pending.contains(&format!("</{root}>")))
    }

    /// Whether something that XML does not allow was replaced.
    pub fn repaired(&self) -> bool {
        self.input.repaired + self.record.repaired > 0
    }

    /// Whether a text had a reference to an entity that XML does not define, such as `&nbsp;`: it stays as it was written.
    pub fn has_undefined_entities(&self) -> bool {
        self.record.undefined > 0
    }

    fn readable(&self) -> Result<(), Error> {
        match self.input.unknown() {
            Some(name) => {
                let name: String = name.chars().take(EXCERPT_CHARS).collect();
                Err(malformed(format!(
                    "the answer is encoded in {name:?}, and only UTF-8, UTF-16, ISO-8859-1 and windows-1252 can be read"
                )))
            }
            None => Ok(()),
        }
    }

    fn advance(&mut self, last: bool, handler: &mut dyn Handler) -> Result<(), Error> {
        let mut pending = std::mem::take(&mut self.pending);
        // Outside a record, where what is pending begins, it means nothing.
        let mark = if pending.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
        let safe = match self.parse(&pending[mark..], last, handler) {
            Ok(safe) => safe,
            Err(error) => {
                self.pending = pending;
                return Err(error);
            }
        };
        pending.drain(..mark + safe);
        self.min_pending = if pending.len() > EAGER_UP_TO { pending.len() / 2 * 3 } else { 0 };
        self.pending = pending;
        Ok(())
    }

    /// Parses `source` as far as possible, and returns up to where it is done with.
    fn parse(&mut self, source: &str, last: bool, handler: &mut dyn Handler) -> Result<usize, Error> {
        let mut parser = quick_xml::Reader::from_str(source);
        let config = parser.config_mut();
        // Names are checked here, against what was open before `source`, too.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        // A lone `&` is a common mistake of sources, and harmless.
        config.allow_dangling_amp = true;

        self.record.clear();
        let mut safe = 0;
        loop {
            let event = match parser.read_event() {
                Ok(Event::Eof) => break,
                Ok(event) => event,
                // Whatever is cut off by the end of a piece is a syntax error, too.
                Err(quick_xml::Error::Syntax(_)) if !last => break,
                Err(error) => return Err(unreadable(&error)),
            };
            // White space between tags is layout. Elsewhere it stays: it may stand beside a reference.
            let tag = matches!(event, Event::Start(_) | Event::End(_) | Event::Empty(_));
            parser.config_mut().trim_text_start = tag;
            if self.record.is_open() {
                self.inside(source, &event)?;
            } else {
                self.outside(source, &event, handler)?;
                if self.stage == Stage::Unread {
                    return Ok(source.len());
                }
            }
            if tag && self.record.is_open() {
                let at = position(&parser, source);
                let begun = matches!(event, Event::Start(_));
                let plain = self.record.plain(source, at, begun).map_err(too_much)?;
                parser.stream().consume(plain - at);
            }
            if !self.record.is_open() {
                let end = position(&parser, source);
                // The same bound, no matter how the document was cut into pieces.
                bounded(end - safe)?;
                if !self.record.nodes.is_empty() {
                    handler.element(&Element::new(&self.record, source, 0))?;
                    self.record.clear();
                }
                safe = end;
            }
        }
        Ok(safe)
    }

    /// An event in the envelope.
    fn outside(&mut self, source: &str, event: &Event<'_>, handler: &mut dyn Handler) -> Result<(), Error> {
        match event {
            Event::Start(tag) => self.begin(source, tag, false, handler),
            Event::Empty(tag) => self.begin(source, tag, true, handler),
            Event::End(tag) => {
                let name = tag.name();
                if self.envelope.pop().as_deref() != Some(name.as_ref()) {
                    return Err(misnested(name.as_ref()));
                }
                if self.envelope.is_empty() {
                    self.stage = Stage::AfterRoot;
                    return Ok(());
                }
                handler.closed()
            }
            Event::DocType(dtd) if dtd.to_ascii_lowercase().contains("<!entity") => Err(malformed(
                "the answer defines XML entities; they are refused because they can be an attack",
            )),
            Event::Comment(text) => {
                handler.comment(text);
                Ok(())
            }
            Event::Text(text) if self.envelope.is_empty() => no_text(text),
            Event::CData(text) if self.envelope.is_empty() => no_text(text),
            Event::GeneralRef(name) if self.envelope.is_empty() => no_text(&format!("&{};", &**name)),
            _ => Ok(()),
        }
    }

    fn begin(
        &mut self,
        source: &str,
        tag: &BytesStart<'_>,
        empty: bool,
        handler: &mut dyn Handler,
    ) -> Result<(), Error> {
        let name = tag.name();
        let name: &str = name.as_ref();
        match self.stage {
            Stage::BeforeRoot => {
                self.stage = if handler.root(name)? { Stage::InRoot } else { Stage::Unread };
            }
            Stage::AfterRoot => return Err(malformed("the answer has a second root element")),
            Stage::InRoot if handler.wants(name) => return self.open(source, tag, empty),
            Stage::InRoot => handler.opened(name)?,
            Stage::Unread => {}
        }
        if empty {
            if !self.envelope.is_empty() {
                return handler.closed();
            }
            if self.stage == Stage::InRoot {
                self.stage = Stage::AfterRoot;
            }
        } else if self.envelope.len() < MAX_ENVELOPE_DEPTH {
            self.envelope.push(name.to_owned());
        } else {
            return Err(malformed("the answer is nested too deeply"));
        }
        Ok(())
    }

    /// An event in a wanted element.
    fn inside(&mut self, source: &str, event: &Event<'_>) -> Result<(), Error> {
        match event {
            Event::Start(tag) => self.open(source, tag, false)?,
            Event::Empty(tag) => self.open(source, tag, true)?,
            Event::End(tag) => {
                let name = tag.name();
                let expected = self.record.innermost().map(|it| &source.as_bytes()[it.name.range()]);
                if expected != Some(name.as_ref().as_bytes()) {
                    return Err(misnested(name.as_ref()));
                }
                self.record.close();
            }
            Event::Text(text) => self.record.text(source, place(source, text)),
            Event::CData(text) => self.record.text(source, place(source, text)),
            Event::GeneralRef(name) => self.record.reference(source, name),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn open(&mut self, source: &str, tag: &BytesStart<'_>, empty: bool) -> Result<(), Error> {
        let name = place(source, tag.name().as_ref());
        let attributes = place(source, tag.attributes_raw());
        self.record.start(source, name, attributes).map_err(too_much)?;
        if empty {
            self.record.close();
        }
        Ok(())
    }
}

/// How far the parser has come.
fn position(parser: &quick_xml::Reader<&[u8]>, source: &str) -> usize {
    usize::try_from(parser.buffer_position()).unwrap_or(source.len())
}

/// Where a part of `source`, which the parser borrowed from it, stands.
fn place(source: &str, part: &str) -> Place {
    // What is pending is bounded by MAX_BYTES and a chunk, so offsets fit.
    let start = (part.as_ptr() as usize).wrapping_sub(source.as_ptr() as usize) as u32;
    Place { start, end: start.wrapping_add(part.len() as u32) }
}

fn too_much(TooMuch(what): TooMuch) -> Error {
    malformed(format!("the answer has a record that {what}"))
}

fn bounded(bytes: usize) -> Result<(), Error> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    Err(malformed(format!(
        "the answer has a record of more than {} MiB, which is the limit",
        MAX_BYTES >> 20
    )))
}

/// Outside the root, only white space may stand.
fn no_text(text: &str) -> Result<(), Error> {
    let text = text.trim_matches(|it: char| it.is_whitespace() || it == BYTE_ORDER_MARK);
    if text.is_empty() {
        return Ok(());
    }
    let excerpt: String = text.chars().take(EXCERPT_CHARS).collect();
    Err(malformed(format!("the answer is not XML: it has the text {excerpt:?} outside its root")))
}

/// The charset of a `content-type`, where it names one.
fn charset(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    })
}

fn unreadable(error: &quick_xml::Error) -> Error {
    malformed(format!("the answer is not well-formed XML: {error}"))
}

fn misnested(name: &str) -> Error {
    let name: String = name.chars().take(EXCERPT_CHARS).collect();
    malformed(format!("the answer is not well-formed XML: unexpected end tag {name:?}"))
}
