//! The contract, as a plugin sees it. Generated from `wit/`.

#![allow(missing_docs, reason = "every item is documented where it is defined, in wit/")]
#![allow(clippy::all, clippy::undocumented_unsafe_blocks, unreachable_pub, unsafe_op_in_unsafe_fn)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "plugin",
    pub_export_macro: true,
    export_macro_name: "export_bindings",
    default_bindings_module: "exhibit_plugin::bindings",
    additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
});
