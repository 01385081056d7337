//! Generated from `wit/`.

#![allow(missing_docs, reason = "every item is documented where it is defined, in wit/")]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "plugin",
    exports: { default: async },
    additional_derives: [Clone, PartialEq, serde::Serialize, serde::Deserialize],
});
