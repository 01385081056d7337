//! What Qualys would send, with something else in it.

use std::io::Write as _;

use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use flate2::{Compress, Compression, Crc, FlushCompress};
use serde_json::{Value as Json, json};

pub(crate) const DECLARED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n";

/// A user of this name and first name, as they are written.
pub(crate) fn user(login: &str, first: &str) -> String {
    user_with(login, &format!("<CONTACT_INFO><FIRSTNAME>{first}</FIRSTNAME></CONTACT_INFO>"))
}

/// A user of this name with these elements.
pub(crate) fn user_with(login: &str, elements: &str) -> String {
    format!("<USER><USER_LOGIN>{login}</USER_LOGIN>{elements}</USER>\n")
}

/// A list of users.
pub(crate) fn users(users: &str) -> String {
    format!("{DECLARED}<USER_LIST_OUTPUT><USER_LIST>\n{users}</USER_LIST></USER_LIST_OUTPUT>\n")
}

/// Two users.
pub(crate) fn two() -> String {
    users(&(user("one", "Ada") + &user("two", "Bo")))
}

/// The rows of [`two`].
pub(crate) fn two_rows() -> Vec<Json> {
    vec![json!({ "username": "one", "first-name": "Ada" }), json!({ "username": "two", "first-name": "Bo" })]
}

/// The row of a user of this name, whose first name is this.
pub(crate) fn row(login: &str, first: impl Into<Json>) -> Vec<Json> {
    vec![json!({ "username": login, "first-name": first.into() })]
}

/// A page of hosts with these numbers, and what comes after them.
pub(crate) fn hosts(numbers: &[&str], after: &str) -> String {
    let hosts: String =
        numbers.iter().map(|it| format!("<HOST><ID>{it}</ID><IP>10.0.0.1</IP></HOST>\n")).collect();
    format!(
        "{DECLARED}<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME><HOST_LIST>\n{hosts}</HOST_LIST>\
         {after}</RESPONSE></HOST_LIST_OUTPUT>\n"
    )
}

/// That there are more hosts, at this address.
pub(crate) fn more(url: &str) -> String {
    format!(
        "<WARNING><CODE>1980</CODE><TEXT>2 record limit exceeded.</TEXT><URL><![CDATA[{url}]]></URL></WARNING>"
    )
}

/// The rows of hosts with these numbers.
pub(crate) fn host_rows(numbers: &[i64]) -> Vec<Json> {
    numbers.iter().map(|it| json!({ "host-id": it })).collect()
}

pub(crate) fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut it = GzEncoder::new(Vec::new(), Compression::best());
    it.write_all(bytes.as_ref()).and_then(|()| it.finish()).expect("in memory")
}

/// This, and then the same piece so many times, and then that. The piece is compressed once: a hundred times as many
/// megabytes are made in no more time.
pub(crate) fn gzip_of(before: &str, piece: &[u8], times: usize, after: &str) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    bytes.extend(blocks(before.as_bytes(), FlushCompress::Full));
    let repeated = blocks(piece, FlushCompress::Full);
    let mut sum = Crc::new();
    sum.update(before.as_bytes());
    let mut of_piece = Crc::new();
    of_piece.update(piece);
    for _ in 0..times {
        bytes.extend(&repeated);
        sum.combine(&of_piece);
    }
    bytes.extend(blocks(after.as_bytes(), FlushCompress::Finish));
    sum.update(after.as_bytes());
    bytes.extend(sum.sum().to_le_bytes());
    bytes.extend(sum.amount().to_le_bytes());
    bytes
}

/// Whole blocks of deflate, which refer to nothing before them.
fn blocks(bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut compress = Compress::new(Compression::fast(), false);
    let mut out = Vec::with_capacity(bytes.len() + 1024);
    compress.compress_vec(bytes, &mut out, flush).expect("in memory");
    out
}

pub(crate) fn zlib(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut it = ZlibEncoder::new(Vec::new(), Compression::fast());
    it.write_all(bytes.as_ref()).and_then(|()| it.finish()).expect("in memory")
}

pub(crate) fn deflate(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut it = DeflateEncoder::new(Vec::new(), Compression::fast());
    it.write_all(bytes.as_ref()).and_then(|()| it.finish()).expect("in memory")
}
