//! How many of all came to what, as a bar. The words beside it say the same.

use std::io::{self, Write as _};

use crate::order::Out;

/// How wide a bar is, in its own units.
const WIDTH: f64 = 100.0;
/// What is there is seen, however few of many it is.
const NARROWEST: f64 = 1.5;

/// Writes a bar with a part for each of these, named by its word, as wide as its share. Nothing where all are none.
pub(super) fn write(
    out: &mut Out<'_>,
    parts: impl IntoIterator<Item = (&'static str, u64)>,
) -> io::Result<()> {
    let parts: Vec<(&str, f64)> =
        parts.into_iter().filter(|it| it.1 > 0).map(|(word, number)| (word, number as f64)).collect();
    let all: f64 = parts.iter().map(|it| it.1).sum();
    if parts.is_empty() {
        return Ok(());
    }
    let widths: Vec<f64> = parts.iter().map(|it| (it.1 / all * WIDTH).max(NARROWEST)).collect();
    let scale = WIDTH / widths.iter().sum::<f64>();
    out.write_all(
        b"<svg class=\"bar\" aria-hidden=\"true\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\">",
    )?;
    let mut x = 0.0;
    for ((class, _), width) in parts.iter().zip(widths) {
        let width = width * scale;
        write!(out, "<rect class=\"{class}\" x=\"{x:.2}\" width=\"{width:.2}\" height=\"6\"/>")?;
        x += width;
    }
    out.write_all(b"</svg>")
}
