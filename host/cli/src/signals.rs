//! Being asked to stop: by Ctrl-C, or by what manages processes.

use std::future::Future;

use tokio_util::sync::CancellationToken;

use super::failure::{Failure, STOPPED};

/// Becomes done at the first signal. All who wait for it see it at once: whoever is asked first ends first.
#[derive(Debug, Clone)]
pub(super) struct Stop(CancellationToken);

impl Stop {
    /// Listens for signals from now on. After the first one a further one ends the process at once,
    /// whatever is still being tidied up. Needs a runtime.
    pub(super) fn on_signals() -> Self {
        let asked = CancellationToken::new();
        let stop = Self(asked.clone());
        tokio::spawn(async move {
            signalled().await;
            asked.cancel();
            signalled().await;
            std::process::exit(STOPPED.into());
        });
        stop
    }

    /// Returns once the process was asked to stop.
    pub(super) async fn asked(&self) {
        self.0.cancelled().await;
    }

    /// What a command comes to, or that it was stopped. One that itself waits for being stopped ends well.
    pub(super) async fn or<T>(
        &self,
        command: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            done = command => done,
            () = self.asked() => Err(Failure::stopped()),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_command_that_waits_for_it_ends_well() {
        for _ in 0..100 {
            let stop = Stop(CancellationToken::new());
            let commands = stop.clone();
            let waits = stop.or(async {
                commands.asked().await;
                Ok(())
            });
            let asks = async {
                tokio::task::yield_now().await;
                stop.0.cancel();
            };
            assert!(tokio::join!(waits, asks).0.is_ok());
        }
    }

    #[tokio::test]
    async fn any_other_one_is_stopped() {
        let stop = Stop(CancellationToken::new());
        stop.0.cancel();
        assert!(stop.or(std::future::pending::<Result<(), _>>()).await.is_err());
    }
}
