//! Which reader a document is read by.

use super::json::Json;
use super::names::{Names, is_blank};
use super::pen::Pen;
use super::step::Step;
use super::words::Words;
use super::xml::Xml;

/// Takes a document unit by unit.
#[derive(Debug, Default)]
pub(crate) enum Machine {
    /// Nothing but white space came.
    #[default]
    Begin,
    Xml(Xml),
    Json(Json),
    /// It cannot be read.
    Words(Words),
    /// All is blanked from here on.
    Blanked,
}

/// Of UTF-8, its bytes one by one, and of UTF-16.
const BYTE_ORDER_MARKS: [u16; 4] = [0xef, 0xbb, 0xbf, 0xfeff];

impl Machine {
    pub(crate) fn unit(&mut self, unit: u16, names: &Names, pen: &mut Pen<'_>) {
        let step = match self {
            Self::Begin => match u8::try_from(unit) {
                _ if is_blank(unit) || BYTE_ORDER_MARKS.contains(&unit) => {
                    pen.keep(unit);
                    return;
                }
                Ok(b'<') => {
                    *self = Self::Xml(Xml::default());
                    return self.unit(unit, names, pen);
                }
                Ok(b'{' | b'[' | b'"') => {
                    *self = Self::Json(Json::default());
                    return self.unit(unit, names, pen);
                }
                _ => Step::Unreadable(Vec::new()),
            },
            Self::Xml(it) => it.unit(unit, names, pen),
            Self::Json(it) => it.unit(unit, names, pen),
            Self::Words(it) => it.unit(unit, names, pen),
            Self::Blanked => Step::Taken,
        };
        match step {
            Step::Taken => {}
            Step::Blanked => *self = Self::Blanked,
            Step::Unreadable(before) => {
                *self = Self::Words(Words::after(before, names));
                self.unit(unit, names, pen);
            }
        }
    }

    pub(crate) fn end(&mut self, pen: &mut Pen<'_>) {
        match self {
            Self::Xml(it) => it.end(pen),
            Self::Json(it) => it.end(pen),
            Self::Begin | Self::Words(_) | Self::Blanked => {}
        }
    }

    /// Whether the next unit would not be kept.
    pub(crate) fn is_blanking(&self) -> bool {
        match self {
            Self::Xml(it) => it.is_blanking(),
            Self::Json(it) => it.is_blanking(),
            Self::Blanked => true,
            Self::Begin | Self::Words(_) => false,
        }
    }
}
