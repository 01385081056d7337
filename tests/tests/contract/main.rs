//! What `wit/README.md` promises about versions of the contract: a plugin built against a frozen
//! version loads and works, within its line it does not matter which side is newer, and another line
//! is refused with what to do about it. And what the built plugin is.

mod built;
mod frozen;
mod loaded;
