//! Signs the requests of the component behind it, so that the latter never has the secrets.
//!
//! Composed in front of a plugin's command, it is what the command sees of the network and of the
//! environment. Requests that carry a mark leave here signed by HTTP Basic; requests to any other
//! place than the one origin do not leave at all; and the environment, which the secrets are in,
//! is empty for the component behind.
//!
//! | variable | content |
//! |---|---|
//! | `SIGNER_ORIGIN` | where requests may go: `https://host[:port]`, or `http` to this machine |
//! | `SIGNER_USERNAME` | the user name |
//! | `SIGNER_PASSWORD` | the password |

#[cfg(target_arch = "wasm32")]
mod bindings;
#[cfg(target_arch = "wasm32")]
mod configuration;
#[cfg(target_arch = "wasm32")]
mod environment;
#[cfg(target_arch = "wasm32")]
mod handler;

/// What the runtime calls.
#[cfg(target_arch = "wasm32")]
pub(crate) struct Signer;

#[cfg(target_arch = "wasm32")]
bindings::export!(Signer with_types_in bindings);
