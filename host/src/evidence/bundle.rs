//! Evidence as one file: a tar archive that `tar -xf` unpacks. The same evidence gives the same bytes:
//! names in their order, no owners, no times. What is not written so is refused, so no byte of a
//! bundle can change unnoticed.

mod form;
mod reader;
mod writer;

pub(crate) use self::form::is_part;
pub use self::form::{ENDING, ENTRY, INCLUSION, LOG};
pub(crate) use self::reader::{UnpackError, files, is_meant_as_one, unpack};
pub use self::writer::write;
pub(crate) use self::writer::{Check, add, end, write_checked};

#[cfg(test)]
mod tests;
