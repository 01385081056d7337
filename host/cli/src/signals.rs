//! Being asked to stop: by Ctrl-C, or by what manages processes.

use super::failure::STOPPED;

/// Returns at the first signal. From then on a further one ends the process at once, whatever is
/// still being tidied up.
pub(super) async fn asked_to_stop() {
    signalled().await;
    tokio::spawn(async {
        signalled().await;
        std::process::exit(STOPPED.into());
    });
}

#[cfg(unix)]
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};

    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => drop(terminated.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = interrupted() => {}
        () = terminated => {}
    }
}

#[cfg(not(unix))]
async fn signalled() {
    interrupted().await;
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
