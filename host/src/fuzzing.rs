//! Readers of bytes from outside that are private otherwise, for what tries them with bytes of all kinds: `tests/fuzz`.

use std::io;
use std::path::Path;

use crate::evidence::bundle;

pub use crate::http::fuzzing::decode;
pub use crate::log::fuzzing::tile;
pub use crate::plugin::fuzzing::component;

/// The files of a bundle, by their names.
///
/// # Errors
///
/// Where the bytes are no bundle.
pub fn unpack(bytes: &[u8]) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    let read = bundle::files(&mut &*bytes, Path::new("bundle"), &mut |name, from| {
        let mut content = Vec::new();
        from.read_to_end(&mut content)?;
        let length = content.len() as u64;
        files.push((name.to_owned(), content));
        Ok(length)
    });
    read.map(|()| files).map_err(io::Error::other)
}

/// The bundle of these files.
///
/// # Errors
///
/// Where one has a name that no bundle has.
pub fn pack(files: &[(String, Vec<u8>)]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for (name, content) in files {
        bundle::add(&mut bytes, name, content.len() as u64, content.as_slice())?;
    }
    bundle::end(&mut bytes)?;
    Ok(bytes)
}
