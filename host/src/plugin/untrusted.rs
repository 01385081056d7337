//! Text of a plugin or a source on its way to a person.

pub use exhibit_rows::Shown;
