//! Being asked to stop: by Ctrl-C, or by what manages processes.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use exhibit::collect::spool::WriteState;
use tokio_util::sync::CancellationToken;

use super::failure::{Failure, STOPPED};
use super::under_way::UnderWay;

/// Becomes done at the first signal. All who wait for it see it at once: whoever is asked first ends first.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    asked: CancellationToken,
    under_way: Arc<Mutex<UnderWay>>,
    /// Whether a command has ended early as it was stopped while it waited, and says so as an error of its own.
    ended: Arc<AtomicBool>,
}

impl Stop {
    /// Listens for signals from now on. After the first one a further one ends the process at once,
    /// whatever is still being tidied up. Needs a runtime.
    pub(super) fn on_signals() -> Self {
        let stop = Self::unasked();
        let asked = stop.asked.clone();
        tokio::spawn(async move {
            signalled().await;
            asked.cancel();
            signalled().await;
            std::process::exit(STOPPED.into());
        });
        stop
    }

    fn unasked() -> Self {
        Self { asked: CancellationToken::new(), under_way: Arc::default(), ended: Arc::default() }
    }

    fn is(&self, change: impl FnOnce(&mut UnderWay)) {
        change(&mut self.under_way.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// So many pages of the collection under way are kept, for the same command to resume after them.
    pub(super) fn keeps(&self, pages: u64) {
        self.is(|it| match it {
            UnderWay::Operation { .. } => {}
            it => *it = UnderWay::Collection(pages),
        });
    }

    /// An operation on this is under way, with evidence for this place.
    pub(super) fn operates(&self, subject: String, place: String) {
        self.is(|it| *it = UnderWay::Operation { subject, write: WriteState::NotSent, place });
    }

    /// This is known of what the operation under way has sent.
    pub(super) fn wrote(&self, state: &WriteState) {
        self.is(|it| {
            if let UnderWay::Operation { write, .. } = it {
                *write = state.clone();
            }
        });
    }

    /// What was under way has ended.
    pub(super) fn has_ended(&self) {
        self.is(|it| *it = UnderWay::Nothing);
    }

    /// Returns once the process was asked to stop.
    pub(super) async fn asked(&self) {
        self.asked.cancelled().await;
    }

    /// Whether what waits without being asked, as for a lock, should end now: its command ends as one that was stopped.
    pub(super) fn ends_waiting(&self) -> bool {
        let asked = self.asked.is_cancelled();
        self.ended.fetch_or(asked, Ordering::Relaxed);
        asked
    }

    /// What a command comes to, or that it was stopped. One that itself waits for being stopped ends well.
    pub(super) async fn or<T>(
        &self,
        command: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let stopped = || Failure::stopped(&self.under_way.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::select! {
            biased;
            done = command => match done {
                Err(_) if self.ended.load(Ordering::Relaxed) => Err(stopped()),
                done => done,
            },
            () = self.asked() => Err(stopped()),
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
            let stop = Stop::unasked();
            let commands = stop.clone();
            let waits = stop.or(async {
                commands.asked().await;
                Ok(())
            });
            let asks = async {
                tokio::task::yield_now().await;
                stop.asked.cancel();
            };
            assert!(tokio::join!(waits, asks).0.is_ok());
        }
    }

    #[tokio::test]
    async fn one_that_fails_as_its_waiting_was_ended_was_stopped() {
        let stop = Stop::unasked();
        let fails = || async { Err::<(), _>(Failure::call("stopped while waiting")) };
        assert!(!stop.ends_waiting());
        assert_eq!(stop.or(fails()).await.expect_err("it fails").what(), "stopped while waiting");
        stop.asked.cancel();
        assert!(stop.ends_waiting());
        let stopped = stop.or(fails()).await.expect_err("it was stopped");
        assert_eq!(stopped.what(), Failure::stopped(&UnderWay::Nothing).what());
    }

    #[tokio::test]
    async fn any_other_one_is_stopped() {
        let stop = Stop::unasked();
        stop.asked.cancel();
        assert!(stop.or(std::future::pending::<Result<(), _>>()).await.is_err());
    }
}
