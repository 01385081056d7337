//! How an account at the source is set up, as the plugin says it.

use std::io::Write;

use exhibit_plugin::catalog::Manifest;

use crate::exit;
use crate::failure::{Failure, written};

/// Writes the guide of the plugin to `out`. Returns the exit code.
pub(crate) fn run(manifest: &Manifest, out: &mut dyn Write) -> Result<u8, Failure> {
    let guide = manifest.guide.trim();
    if guide.is_empty() {
        return Err(Failure::call("the plugin brings no guide")
            .next("`types` and `operate` say which rights each of them needs"));
    }
    written(out.write_all(format!("{guide}\n").as_bytes()))?;
    Ok(exit::OK)
}
