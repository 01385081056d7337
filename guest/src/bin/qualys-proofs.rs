//! The plugin as a command: `wasmtime run -S http qualys-proofs.wasm collect users …`.

fn main() {
    exhibit_command::main::<exhibit_qualys::Qualys>();
}
