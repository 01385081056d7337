#!/bin/sh
# Makes sure that plugins can be built here, that is, for wasm32-wasip2.
#
# Three ways, the first that works: it is already there; rustup adds it; Debian's
# second toolchain (rustc-web) has it. Safe to run twice. Says in one line what it
# did and which compiler builds plugins, or exactly what to do where it cannot.
set -eu

target=wasm32-wasip2
debian_packages="rustc-web cargo-web rust-web-src rust-web-llvm lld-22 wasi-libc"

active="the active toolchain's rustc"
debian="Debian's rustc-web"

# $1: what was done. $2, $3: whose compiler has the target, and the compiler itself.
built_with() { done_with "$1; plugins are built by $2: $("$3" --version)"; }
done_with() { echo "toolchain: $1"; exit 0; }
give_up() { echo "toolchain: $1" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else give_up "needs root for: $*"; fi
}

apt_install() {
    as_root apt-get update -qq >/dev/null 2>&1 || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

rustc_has_target() {
    command -v rustc >/dev/null 2>&1 && [ -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ]
}

debian_has_target() {
    for package in $debian_packages; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || return 1
    done
}

# The host has C in it (zstd, ring), so a compiler and a C library are needed, too.
if ! command -v cc >/dev/null 2>&1; then
    command -v apt-get >/dev/null 2>&1 || give_up "no C compiler: install one that answers to 'cc', then run this again"
    apt_install gcc libc6-dev || give_up "no C compiler: 'apt-get install gcc libc6-dev' failed; run it to see why"
fi

if rustc_has_target; then built_with "$target is already there" "$active" rustc; fi
if debian_has_target; then built_with "$target is already there" "$debian" /usr/bin/rustc; fi

if command -v rustup >/dev/null 2>&1 && rustup target add "$target" >/dev/null 2>&1; then
    built_with "added $target with rustup" "$active" rustc
fi

if command -v apt-get >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # a list of packages
    apt_install $debian_packages || give_up "neither 'rustup target add $target' nor 'apt-get install $debian_packages' worked; run either to see why"
    built_with "installed Debian's second toolchain, which has $target" "$debian" /usr/bin/rustc
fi

give_up "found neither rustup nor apt-get: install Rust from https://rustup.rs, then run 'rustup target add $target'"
