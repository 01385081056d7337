//! Reading what a call names: it may be a pipe that no one writes to, or on a drive that hangs.

use super::failure::Failure;

/// Does this on a thread of its own. A signal ends the command meanwhile, and the thread with the process.
pub(super) async fn off_thread<T: Send + 'static>(
    reads: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(reads).await;
    done.map_err(|error| Failure::call(format!("what the call names cannot be read: {error}")))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_pipe_that_no_one_writes_to_can_be_left_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let path = pipe.clone();
        let waited = runtime.block_on(async {
            tokio::time::timeout(Duration::from_millis(50), off_thread(move || std::fs::read(path))).await
        });
        assert!(waited.is_err(), "nothing was written");
        runtime.shutdown_background();
        // Its other end, so that the thread ends, too.
        drop(std::fs::OpenOptions::new().write(true).open(&pipe));
    }
}
