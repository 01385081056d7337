//! How many of all came to what, as a bar. The words beside it say the same.

use std::io::{self, Write as _};

use exhibit_records::Verdict;

use crate::order::Out;

/// How wide a bar is, in its own units.
const WIDTH: f64 = 100.0;
/// What is there is seen, however few of many it is.
const NARROWEST: f64 = 1.5;

/// Writes a bar with a part for each of these, as wide as its share. Nothing where all are none.
pub(super) fn write(out: &mut Out<'_>, parts: &[(Verdict, u64)]) -> io::Result<()> {
    let parts: Vec<(Verdict, f64)> =
        parts.iter().filter(|it| it.1 > 0).map(|(verdict, number)| (*verdict, *number as f64)).collect();
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
    for ((verdict, _), width) in parts.iter().zip(widths) {
        let width = width * scale;
        let class = verdict.word();
        write!(out, "<rect class=\"{class}\" x=\"{x:.2}\" width=\"{width:.2}\" height=\"6\"/>")?;
        x += width;
    }
    out.write_all(b"</svg>")
}
