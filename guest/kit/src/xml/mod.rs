//! Records out of XML that arrives in pieces of any size.
//!
//! The reader parses what it has, keeps the place after the last whole record, and
//! keeps the rest for the next piece: so a record that is cut in two costs one more
//! parse of itself, and CDATA that contains a closing tag cannot fool it.
//!
//! A text that may be of megabytes is kept short before it is in memory: see [`Reader::shortening`].
//!
//! DTDs are never fetched, and a document that defines entities is refused. What is
//! not XML in a text (control characters, broken UTF-8) is repaired, and reported.

mod bytes;
mod element;
mod encoding;
mod index;
mod input;
mod leaf;
mod node;
mod plain;
mod reader;
mod shorten;
#[cfg(test)]
mod tests;
mod tree;

pub use element::Element;
pub use reader::{Handler, Reader};
