//! The part of WASI that signing takes. Generated from `wit/`.

#![allow(missing_docs, reason = "every item is documented where WASI is")]
#![allow(clippy::all, clippy::undocumented_unsafe_blocks, unreachable_pub, unsafe_op_in_unsafe_fn)]

wit_bindgen::generate!({ path: "wit", world: "signer", generate_all });
