#!/bin/sh
# Builds the plugin into {{name}}.wasm. Sets up what is missing first: see toolchain.sh.
set -eu
cd "$(dirname "$0")"

./toolchain.sh
target=wasm32-wasip2
flags="-C target-feature=+simd128"

if command -v rustc >/dev/null 2>&1 && [ -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ]; then
    RUSTFLAGS="$flags" cargo build --release --lib --target "$target"
else
    # Debian's second toolchain has the standard library as source, and its C library elsewhere.
    PATH="/usr/bin:$PATH" RUSTC_BOOTSTRAP=1 RUSTFLAGS="-L native=/usr/lib/wasm32-wasi $flags" \
        /usr/bin/cargo build --release --lib --target "$target" -Zbuild-std=std,panic_abort
fi

# With what it is built of in it: version, licence and dependencies as Cargo knows them, and the revision
# where the variable EXHIBIT_REVISION names it.
cargo run --quiet --package exhibit-package -- \
    . {{name}} "$target" "${CARGO_TARGET_DIR:-target}/$target/release/{{module}}.wasm" {{name}}.wasm
