//! Breaks texts into lines.

use super::fonts::Fonts;

/// How texts look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    /// In points.
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) colour: [u8; 3],
}

/// A text in lines no wider than `width` points, and no more than `most`: the last one then ends in dots. Tells
/// whether it does.
pub(super) fn wrap(
    fonts: &Fonts<'_>,
    text: &str,
    style: Style,
    width: f32,
    most: usize,
) -> (Vec<String>, bool) {
    let text = fonts.legible(text);
    let measure = |char: char| fonts.advance(char, style.bold) * style.size;
    let mut lines = vec![String::new()];
    let mut used = 0.0;
    let wide = |word: &str| word.trim_end().chars().map(measure).sum::<f32>();
    // What is between blanks stays together where a line has room for it.
    let words = text.split_inclusive(' ').flat_map(|it| words(it, wide(it) > width));
    for word in words {
        if used + wide(word) > width && used > 0.0 {
            lines.push(String::new());
            used = 0.0;
        }
        for char in word.chars() {
            let wide = measure(char);
            // A word that is wider than a line is broken where the line ends.
            if used + wide > width && used > 0.0 && char != ' ' {
                lines.push(String::new());
                used = 0.0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(char);
            }
            used += wide;
        }
        if lines.len() > most {
            break;
        }
    }
    let is_cut = lines.len() > most;
    if is_cut {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.pop();
            last.push('…');
        }
    }
    (lines.into_iter().map(|it| it.trim_end().to_owned()).collect(), is_cut)
}

/// How wide it is on one line, in points.
pub(super) fn width(fonts: &Fonts<'_>, text: &str, style: Style) -> f32 {
    fonts.legible(text).chars().map(|it| fonts.advance(it, style.bold) * style.size).sum()
}

/// The parts of a word that is too long for a line, each with the mark that it ends with; else the word.
fn words(word: &str, long: bool) -> impl Iterator<Item = &str> {
    word.split_inclusive(move |it| long && ['/', ',', ';', '@', '_', '-', '.'].contains(&it))
}

#[cfg(test)]
mod tests {
    use super::super::fonts::Files;
    use super::*;

    #[test]
    fn no_line_is_too_wide_and_nothing_is_lost() {
        let files = Files::unpack().expect("files");
        let fonts = Fonts::load(&files).expect("fonts");
        let style = Style { size: 10.0, bold: false, colour: [0; 3] };
        let text = "short words and averyveryveryverylongone 東京都千代田区霞が関一丁目";
        let (lines, _) = wrap(&fonts, text, style, 60.0, 100);
        assert!(lines.len() > 4);
        assert!(lines.iter().all(|it| width(&fonts, it, style) <= 60.0), "{lines:?}");
        let bare = |it: &str| it.replace(' ', "");
        assert_eq!(bare(&lines.concat()), bare(text));
        let (cut, _) = wrap(&fonts, text, style, 60.0, 2);
        assert!(cut.len() == 2 && cut[1].ends_with('…'));
    }
}
