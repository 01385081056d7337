#!/bin/sh
# Builds the plugin into {{name}}.wasm. Sets up what is missing first: see toolchain.sh.
set -eu
cd "$(dirname "$0")"

./toolchain.sh
target=wasm32-wasip2

# Messages of what is built in name their files: not where those are on this machine.
cargo fetch --quiet
flags=$(printf '%s\037' -Ctarget-feature=+simd128 "--remap-path-prefix=$PWD=.")
for sources in "${CARGO_HOME:-$HOME/.cargo}" "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
    # Of two that fit, the later one counts.
    flags=$(printf '%s%s\037' "$flags" "--remap-path-prefix=$sources=dependencies")
done

if command -v rustc >/dev/null 2>&1 && [ -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ]; then
    CARGO_ENCODED_RUSTFLAGS="${flags%?}" cargo build --release --lib --target "$target"
else
    # Debian's second toolchain has the standard library as source, and its C library elsewhere.
    PATH="/usr/bin:$PATH" RUSTC_BOOTSTRAP=1 CARGO_ENCODED_RUSTFLAGS="${flags}-Lnative=/usr/lib/wasm32-wasi" \
        /usr/bin/cargo build --release --lib --target "$target" -Zbuild-std=std,panic_abort
fi

# With what it is built of in it: version, licence and dependencies as Cargo knows them, and the revision
# where the variable EXHIBIT_REVISION names it.
cargo run --quiet --package exhibit-package -- \
    . {{name}} "$target" "${CARGO_TARGET_DIR:-target}/$target/release/{{module}}.wasm" {{name}}.wasm
