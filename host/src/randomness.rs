//! The one place that asks the system for randomness. Everything else is given what to use.

use ring::rand::{SystemRandom, generate};
use secrecy::zeroize::Zeroizing;

/// The system has no randomness to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers, which keys and requests for time stamps need")]
pub struct NoRandomness;

/// 32 unpredictable bytes, for a key. Cleared when dropped.
pub fn seed() -> Result<Zeroizing<[u8; 32]>, NoRandomness> {
    let bytes = generate(&SystemRandom::new()).map_err(|_| NoRandomness)?;
    Ok(Zeroizing::new(bytes.expose()))
}

/// 8 unpredictable bytes, by which an answer is known to be the one to this request.
pub fn nonce() -> Result<[u8; 8], NoRandomness> {
    Ok(generate(&SystemRandom::new()).map_err(|_| NoRandomness)?.expose())
}
