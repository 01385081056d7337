//! Waiting for other processes: what a person who waits is shown of it.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use exhibit::disk::{LockWait, on_lock_wait};
use exhibit::format;

use super::signals::Stop;
use super::terminal::Terminal;

/// A shorter wait is not worth a line.
const SAID_AFTER: Duration = Duration::from_secs(1);
/// Then it is said again, first after this long, and then after twice as long each time.
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// From now on, a process that waits for another one says so, and ends at a signal. `command` is what others are shown that
/// wait for this one.
pub(super) fn begin(command: &str, terminal: Terminal, stop: &Stop) {
    let (stop, said) = (stop.clone(), Mutex::new(Said::default()));
    let on_wait = move |wait: &LockWait| {
        if stop.ends_waiting() {
            return ControlFlow::Break(());
        }
        if said.lock().unwrap_or_else(PoisonError::into_inner).is_due(wait.waited) {
            terminal.warn(&sentence(wait));
        }
        ControlFlow::Continue(())
    };
    on_lock_wait(format!("exhibit {command}"), Box::new(on_wait));
}

/// How long the last wait was when it was said.
#[derive(Debug, Default)]
struct Said {
    at: Option<Duration>,
}

impl Said {
    fn is_due(&mut self, waited: Duration) -> bool {
        // Another wait has begun.
        self.at = self.at.filter(|it| *it <= waited);
        let next = match self.at {
            None => SAID_AFTER,
            Some(last) => last + last.max(AGAIN_AFTER),
        };
        let due = waited >= next;
        if due {
            self.at = Some(waited);
        }
        due
    }
}

fn sentence(wait: &LockWait) -> String {
    let (waited, limit) = (format::duration(wait.waited.as_secs()), format::duration(wait.limit.as_secs()));
    format!("waiting, for {waited} so far and {limit} at most: {wait}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_said_and_said_again_ever_less_often() {
        let mut said = Said::default();
        let seconds = |tenths: u64| Duration::from_millis(tenths * 100);
        let due: Vec<u64> = (0..1_200).filter(|it| said.is_due(seconds(*it))).collect();
        assert_eq!(due, [10, 110, 220, 440, 880]);
        assert!(!said.is_due(seconds(5)), "another one");
        assert!(said.is_due(seconds(10)));
    }
}
