//! The program that makes calls fail: in C, as the kernel's interface is. Whoever links Rust has a C compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use exhibit_skipped::skip;

/// What it ends with where it cannot do its work.
const UNABLE: i32 = 125;

/// Where it was built.
pub(crate) struct Shim(PathBuf);

impl Shim {
    /// Builds it. `None` where the test is skipped, for want of a compiler or of the kernel's help.
    pub(crate) fn build() -> Result<Option<Self>> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/faults.c");
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?.keep();
        let program = folder.join("faults");
        let built = Command::new("cc").args(["-O1", "-o"]).arg(&program).arg(source).output();
        match built {
            Err(error) => return Ok(skip("cc", error).map(|()| None)?),
            Ok(built) => ensure!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr)),
        }
        let tried =
            Command::new(&program).arg(&folder).arg(folder.join("log")).args(["0", "0", "true"]).output()?;
        if tried.status.code() == Some(UNABLE) {
            let why = String::from_utf8_lossy(&tried.stderr).into_owned();
            return Ok(skip("seccomp", why).map(|()| None)?);
        }
        ensure!(tried.status.success(), "{tried:?}");
        Ok(Some(Self(program)))
    }

    /// Its file.
    pub(crate) fn program(&self) -> &Path {
        &self.0
    }
}
