//! Signs the requests of the component behind it, so that this one never has the secrets.
//!
//! Composed in front of a plugin's command, it is what the command sees of the network and of the
//! environment. Requests that carry a mark leave here signed by HTTP Basic; requests to any other
//! place than the one origin do not leave at all; and the environment, which the secrets are in,
//! is empty for whoever asks from behind.
//!
//! | variable | what it says |
//! |---|---|
//! | `SIGNER_ORIGIN` | where requests may go: `https://host[:port]`, or `http` to this machine |
//! | `SIGNER_USERNAME` | who signs |
//! | `SIGNER_PASSWORD` | with what |

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
