//! The API family of the gateway: JSON, asked by POST, signed with a token that the host gets for the account.

mod answer;
mod cursor;
pub mod listing;
pub mod record;
mod refused;
mod source;
#[cfg(test)]
mod tests;
