//! The fonts that a document may need, best first: the last two have a glyph for nearly every character
//! that there is. What none of them has is written as its code point.

use std::io::Cursor;
use std::ops::Range;
use std::sync::Arc;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Face, UnicodeBuffer};
use unicode_bidi::BidiInfo;

/// Noto Sans with Latin, Greek and Cyrillic; its bold; Arabic, Devanagari, Hebrew and Thai; Chinese, Japanese and Korean as far as
/// GB 2312, JIS X 0208, KS X 1001 and the common part of Big5 go; and GNU Unifont.
const FONTS: [&[u8]; 9] = [
    include_bytes!("../../fonts/NotoSans-Regular.ttf.zst"),
    include_bytes!("../../fonts/NotoSans-Bold.ttf.zst"),
    include_bytes!("../../fonts/NotoSansArabic-Regular.ttf.zst"),
    include_bytes!("../../fonts/NotoSansDevanagari-Regular.ttf.zst"),
    include_bytes!("../../fonts/NotoSansHebrew-Regular.ttf.zst"),
    include_bytes!("../../fonts/NotoSansThai-Regular.ttf.zst"),
    include_bytes!("../../fonts/NotoSansCJKsc-Regular.otf.zst"),
    include_bytes!("../../fonts/Unifont.otf.zst"),
    include_bytes!("../../fonts/UnifontUpper.otf.zst"),
];
const BOLD: usize = 1;

/// The fonts' files.
pub(super) struct Files(Vec<Arc<Vec<u8>>>);

pub(super) struct Fonts<'a>(Vec<Loaded<'a>>);

struct Loaded<'a> {
    font: Font,
    face: Face<'a>,
    units: f32,
}

/// Part of a line, in one font and one direction.
pub(super) struct Run {
    pub(super) font: Font,
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// Of the line's text; the glyphs' ranges count from its start.
    pub(super) range: Range<usize>,
    /// In ems.
    pub(super) width: f32,
}

impl Files {
    pub(super) fn unpack() -> std::io::Result<Self> {
        let unpack = |packed: &&[u8]| zstd::stream::decode_all(Cursor::new(packed)).map(Arc::new);
        FONTS.iter().map(unpack).collect::<Result<_, _>>().map(Self)
    }
}

impl<'a> Fonts<'a> {
    /// `None` where a file is no font.
    pub(super) fn load(files: &'a Files) -> Option<Self> {
        let load = |file: &'a Arc<Vec<u8>>| {
            let face = Face::from_slice(file.as_slice(), 0)?;
            let units = face.units_per_em() as f32;
            let data: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::clone(file) as _;
            Some(Loaded { font: Font::new(data.into(), 0)?, face, units })
        };
        files.0.iter().map(load).collect::<Option<_>>().map(Self)
    }

    /// The text with what no font has as code points, and with what a document may not have.
    pub(super) fn legible(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for char in text.chars() {
            if char == ' ' || (!is_private(char) && self.font_of(char, false).is_some()) {
                out.push(char);
            } else {
                out.extend(char.escape_unicode());
            }
        }
        out
    }

    /// How wide a character is by itself, in ems.
    pub(super) fn advance(&self, char: char, bold: bool) -> f32 {
        let Some(font) = self.font_of(char, bold).and_then(|it| self.0.get(it)) else { return 0.0 };
        let advance = font.face.glyph_index(char).and_then(|it| font.face.glyph_hor_advance(it));
        f32::from(advance.unwrap_or_default()) / font.units
    }

    /// The runs of a line of legible text, from left to right.
    pub(super) fn runs(&self, line: &str, bold: bool) -> Vec<Run> {
        let bidi = BidiInfo::new(line, None);
        let Some(paragraph) = bidi.paragraphs.first() else { return vec![] };
        let (levels, visual) = bidi.visual_runs(paragraph, paragraph.range.clone());
        let mut runs = Vec::new();
        for range in visual {
            let backwards = levels.get(range.start).is_some_and(unicode_bidi::Level::is_rtl);
            let mut parts = self.parts(line, range, bold);
            if backwards {
                parts.reverse();
            }
            runs.extend(parts.into_iter().filter_map(|(font, part)| self.shape(line, font, part, backwards)));
        }
        runs
    }

    /// Stretches of one font.
    fn parts(&self, line: &str, range: Range<usize>, bold: bool) -> Vec<(usize, Range<usize>)> {
        let mut parts: Vec<(usize, Range<usize>)> = Vec::new();
        for (at, char) in line[range.clone()].char_indices() {
            let at = range.start + at;
            let end = at + char.len_utf8();
            let last = parts.last_mut();
            // Blanks, digits and the like stay in the font that is at hand.
            let at_hand =
                last.as_ref().map(|it| it.0).filter(|it| !char.is_alphabetic() && self.has(*it, char));
            let font = at_hand.or_else(|| self.font_of(char, bold)).unwrap_or_default();
            match last {
                Some((same, stretch)) if *same == font => stretch.end = end,
                _ => parts.push((font, at..end)),
            }
        }
        parts
    }

    fn shape(&self, line: &str, font: usize, range: Range<usize>, backwards: bool) -> Option<Run> {
        let loaded = self.0.get(font)?;
        let text = &line[range.clone()];
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(if backwards { Direction::RightToLeft } else { Direction::LeftToRight });
        let shaped = rustybuzz::shape(&loaded.face, &[], buffer);
        // Where the text of each cluster ends: where the next one begins.
        let mut starts: Vec<usize> = shaped.glyph_infos().iter().map(|it| it.cluster as usize).collect();
        starts.sort_unstable();
        starts.push(text.len());
        let scale = |it: i32| it as f32 / loaded.units;
        let glyphs: Vec<KrillaGlyph> = shaped
            .glyph_infos()
            .iter()
            .zip(shaped.glyph_positions())
            .map(|(info, at)| {
                let start = info.cluster as usize;
                let end = starts.iter().copied().find(|it| *it > start).unwrap_or(text.len());
                KrillaGlyph::new(
                    GlyphId::new(info.glyph_id),
                    scale(at.x_advance),
                    scale(at.x_offset),
                    scale(at.y_offset),
                    scale(at.y_advance),
                    start..end,
                    None,
                )
            })
            .collect();
        let width = shaped.glyph_positions().iter().map(|it| scale(it.x_advance)).sum();
        Some(Run { font: loaded.font.clone(), glyphs, range, width })
    }

    fn font_of(&self, char: char, bold: bool) -> Option<usize> {
        if bold && self.has(BOLD, char) {
            return Some(BOLD);
        }
        (0..self.0.len()).find(|it| *it != BOLD && self.has(*it, char))
    }

    fn has(&self, font: usize, char: char) -> bool {
        self.0.get(font).is_some_and(|it| it.face.glyph_index(char).is_some_and(|it| it.0 != 0))
    }
}

/// Characters that mean nothing outside of one company, and those that are none.
fn is_private(char: char) -> bool {
    matches!(char, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..) || u32::from(char) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_every_script_has_glyphs_and_the_rest_has_code_points() {
        let files = Files::unpack().expect("files");
        let fonts = Fonts::load(&files).expect("fonts");
        for text in ["Grüße, Ελλάδα, Москва", "東京 上海 서울", "خادم", "שרת", "เซิร์ฟเวอร์", "सर्वर", "✔ ✘ 🚀"]
        {
            assert_eq!(fonts.legible(text), text);
            let runs = fonts.runs(text, false);
            assert!(!runs.is_empty());
            assert!(
                runs.iter()
                    .flat_map(|it| &it.glyphs)
                    .all(|it| krilla::text::Glyph::glyph_id(it).to_u32() != 0)
            );
        }
        assert_eq!(fonts.legible("a\u{E000}b\u{FFFF}"), r"a\u{e000}b\u{ffff}");
    }

    #[test]
    fn what_is_written_backwards_comes_from_the_right() {
        let files = Files::unpack().expect("files");
        let fonts = Fonts::load(&files).expect("fonts");
        let line = "خادم web";
        let runs = fonts.runs(line, false);
        assert_eq!(&line[runs[0].range.clone()], "web");
    }
}
