//! Telling a machine that has no room from a plugin that is wrong.

use std::io;

/// What the system says, where the runtime failed because it could not map memory. That is a limit on the address
/// space of this process or on what the machine promises, far more often than memory that is really used up.
pub(super) fn no_address_space(error: &wasmtime::Error) -> Option<String> {
    let refused = error.chain().find(|it| is_refusal(*it))?;
    let during = error.to_string();
    let why = refused.to_string();
    Some(if during == why { why } else { format!("{during}: {why}") })
}

fn is_refusal(error: &(dyn std::error::Error + 'static)) -> bool {
    if error.downcast_ref::<io::Error>().is_some_and(|it| it.kind() == io::ErrorKind::OutOfMemory) {
        return true;
    }
    #[cfg(unix)]
    if error.downcast_ref::<rustix::io::Errno>() == Some(&rustix::io::Errno::NOMEM) {
        return true;
    }
    error.is::<wasmtime::OutOfMemory>()
}
