//! What is signed, and how, outside the host: for the command that runs under any WebAssembly
//! runtime, and for the component that signs in its stead.

mod basic;
pub mod mark;
mod origin;

pub use basic::{Unfit, basic};
pub use origin::{Origin, OriginError, Scheme};
