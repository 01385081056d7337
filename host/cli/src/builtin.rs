//! The plugin that the binary carries.

/// The component of the built-in plugin.
#[cfg(not(no_plugin))]
pub(super) fn component() -> &'static [u8] {
    include_bytes!(env!("EXHIBIT_PLUGIN"))
}

/// The tests beside the code need no plugin, and linters none either.
#[cfg(all(no_plugin, test))]
pub(super) fn component() -> &'static [u8] {
    &[]
}

/// Checks without a plugin, and does not build without one.
#[cfg(all(no_plugin, not(test)))]
pub(super) fn component() -> &'static [u8] {
    missing(())
}

#[cfg(all(no_plugin, not(test)))]
fn missing<T>(_: T) -> &'static [u8] {
    // Evaluated for each type that it is built for, so never by a mere check.
    const { panic!("the plugin was not built: run guest/toolchain.sh, then build again") }
}
