//! Ends as a calendar, iCalendar (RFC 5545): an event on each day on which a certificate ends.

use exhibit::evidence::format_instant;
use exhibit_inventory::{AsOf, Item};
use exhibit_rows::Shown;

use super::columns::{day, owned_label, owner, places};
use super::opened::Opened;

/// Octets of a line without its break (RFC 5545, 3.1).
const LINE: usize = 75;
/// Reminders are that long before the end: weeks for an order, days for those who forgot.
const REMINDERS: [&str; 2] = ["-P30D", "-P7D"];

/// A calendar of these.
pub(super) fn calendar(items: &[Item], opened: &Opened) -> Vec<u8> {
    let mut out = Vec::new();
    let mut line = |text: &str| fold(text, &mut out);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Exhibit//Certificates//EN");
    for item in items {
        let Some(ends) = item.ends else { continue };
        event(item, ends, opened, opened.as_of, &mut line);
    }
    line("END:VCALENDAR");
    out
}

fn event(item: &Item, ends: i64, opened: &Opened, as_of: AsOf, line: &mut impl FnMut(&str)) {
    let compact = |it: &str| it.replace(['-', ':'], "");
    let stamp: String = format_instant(as_of.now).chars().take(19).collect();
    let title = text(&item.title);
    line("BEGIN:VEVENT");
    line(&format!("UID:{}@exhibit", text(&item.identity)));
    line(&format!("DTSTAMP:{}Z", compact(&stamp)));
    line(&format!("DTSTART;VALUE=DATE:{}", compact(&day(ends))));
    line("TRANSP:TRANSPARENT");
    line(&format!("SUMMARY:{title} ends"));
    let mut about = vec![
        format!("Ends: {}", format_instant(ends)),
        format!("Group: {}", item.group),
        format!("Owner: {}", owner(item).unwrap_or("no owner is entered")),
    ];
    let at = places(item, opened).join(", ");
    if !at.is_empty() {
        about.push(format!("Where: {at}"));
    }
    if let Some(renewal) = item.owned.get("renewal") {
        about.push(format!("{}: {renewal}", owned_label("renewal")));
    }
    about.push(format!("Identity: {}", item.identity));
    let about: Vec<String> = about.iter().map(|it| text(it)).collect();
    line(&format!("DESCRIPTION:{}", about.join("\\n")));
    for before in REMINDERS {
        line("BEGIN:VALARM");
        line("ACTION:DISPLAY");
        line(&format!("TRIGGER:{before}"));
        line(&format!("DESCRIPTION:{title} ends"));
        line("END:VALARM");
    }
    line("END:VEVENT");
}

/// A value of text (RFC 5545, 3.3.11): on one line, nothing in it that ends a value.
fn text(it: &str) -> String {
    let mut escaped = String::new();
    for char in Shown::line(it).to_string().chars() {
        if matches!(char, '\\' | ';' | ',') {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

/// Writes a line, folded where it is too long, between characters.
fn fold(line: &str, out: &mut Vec<u8>) {
    let mut room = LINE;
    for char in line.chars() {
        if char.len_utf8() > room {
            out.extend_from_slice(b"\r\n ");
            // The blank is a part of the line.
            room = LINE - 1;
        }
        room -= char.len_utf8();
        out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_characters_and_texts_cannot_end_them() {
        let mut out = Vec::new();
        let long = "é".repeat(100);
        fold(&format!("SUMMARY:{long}"), &mut out);
        let folded = String::from_utf8(out).expect("characters are whole");
        assert!(folded.split("\r\n").all(|it| it.len() <= LINE), "{folded}");
        assert_eq!(folded.replace("\r\n ", ""), format!("SUMMARY:{long}\r\n"));
        assert_eq!(text("a,b;c\\d\r\nEND:VEVENT"), r"a\,b\;c\\d  END:VEVENT");
    }
}
