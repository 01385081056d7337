//! What clients have changed since the simulator started: scans launched and controlled, users added and switched off. The
//! rest of the world stays as it was made up.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::world::World;

/// Seconds that a launched scan is queued, is loading, and takes to be processed after its end.
const QUEUED: i64 = 30;
const LOADING: i64 = 30;
const PROCESSING: i64 = 120;

/// What makes the references of launched scans unlike those of the made-up ones.
const FIRST_SUFFIX: u64 = 50_000;

/// A scan that was launched while the simulator runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launched {
    /// What other calls name the scan by.
    pub reference: String,
    /// Its title.
    pub title: String,
    /// Who launched it.
    pub login: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// What it scans, as the list shows it.
    pub target: String,
    /// The asset groups that it was launched on.
    pub groups: Vec<String>,
    /// The title of its option profile.
    pub profile: String,
    /// Its priority.
    pub priority: u64,
    /// Seconds that it runs.
    pub duration: i64,
    /// Seconds that it was paused.
    paused: i64,
    stopped: Option<Stopped>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stopped {
    Paused(i64),
    Canceled(i64),
}

/// How far a launched scan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Queued,
    Loading,
    Running,
    Paused,
    Canceled,
    Finished,
}

/// What is done to a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    Cancel,
    Pause,
    Resume,
}

/// A user who was added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddedUser {
    /// The login that was given out.
    pub login: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// What was sent, by the names of the API.
    pub fields: Vec<(String, String)>,
}

/// A scan of a web application that was launched while the simulator runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchedWas {
    /// Its name.
    pub name: String,
    /// Who launched it.
    pub login: String,
    /// The place of its web application among all.
    pub(crate) application: u64,
    /// The place of its option profile among all.
    pub(crate) profile: usize,
    /// The scanner appliance, where it is not one of the Internet.
    pub appliance: Option<&'static str>,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// A scan of a web application that was canceled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CanceledWas {
    pub(crate) id: u64,
    /// Whether what it had found is kept.
    pub(crate) with_results: bool,
    /// When, in seconds since 1970.
    pub(crate) at: i64,
}

/// The changes, and the clock that they go by.
pub(crate) struct Changes {
    begun: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    advanced: i64,
    launched: Vec<Launched>,
    controlled: Vec<(String, Control)>,
    was: Vec<LaunchedWas>,
    was_canceled: Vec<CanceledWas>,
    users: Vec<AddedUser>,
    /// Logins, and whether they are active.
    switched: Vec<(String, bool)>,
}

impl Launched {
    /// A scan that is about to be launched.
    pub(crate) fn new(title: &str, login: &str, target: String) -> Self {
        Self {
            reference: String::new(),
            title: title.to_owned(),
            login: login.to_owned(),
            at: 0,
            target,
            groups: Vec::new(),
            profile: String::new(),
            priority: 0,
            duration: 900,
            paused: 0,
            stopped: None,
        }
    }

    pub(crate) fn phase(&self, now: i64) -> Phase {
        match self.stopped {
            Some(Stopped::Canceled(_)) => return Phase::Canceled,
            Some(Stopped::Paused(_)) => return Phase::Paused,
            None => {}
        }
        let elapsed = self.elapsed(now);
        if elapsed < QUEUED {
            Phase::Queued
        } else if elapsed < QUEUED + LOADING {
            Phase::Loading
        } else if elapsed < QUEUED + LOADING + self.duration {
            Phase::Running
        } else {
            Phase::Finished
        }
    }

    /// Whether its results are in the data of the hosts.
    pub(crate) fn is_processed(&self, now: i64) -> bool {
        self.elapsed(now) >= QUEUED + LOADING + self.duration + PROCESSING && self.stopped.is_none()
    }

    /// What it took so far.
    pub(crate) fn took(&self, now: i64) -> i64 {
        self.elapsed(now).min(QUEUED + LOADING + self.duration)
    }

    fn elapsed(&self, now: i64) -> i64 {
        let until = match self.stopped {
            Some(Stopped::Canceled(at) | Stopped::Paused(at)) => at,
            None => now,
        };
        (until - self.at - self.paused).max(0)
    }
}

impl Changes {
    pub(crate) fn none() -> Self {
        Self { begun: Instant::now(), state: Mutex::default() }
    }

    /// The moment, in seconds since 1970: that of the world, and what has passed since.
    pub(crate) fn now(&self, world: &World) -> i64 {
        let passed = self.begun.elapsed().as_secs_f64() * f64::from(world.speed);
        world.now_seconds() + self.state().advanced + passed as i64
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.state().advanced += i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
    }

    /// Launches a scan, and gives it its reference.
    pub(crate) fn launch(&self, scan: Launched, now: i64) -> Launched {
        let mut state = self.state();
        let suffix = FIRST_SUFFIX + state.launched.len() as u64;
        let scan = Launched { reference: format!("scan/{now}.{suffix}"), at: now, ..scan };
        state.launched.push(scan.clone());
        scan
    }

    /// The launched scans, oldest first.
    pub(crate) fn launched(&self) -> Vec<Launched> {
        self.state().launched.clone()
    }

    /// Does something to a scan that suits it.
    pub(crate) fn control(&self, reference: &str, control: Control, now: i64) {
        let mut state = self.state();
        if let Some(scan) = state.launched.iter_mut().find(|scan| scan.reference == reference) {
            match (control, scan.stopped) {
                (Control::Cancel, _) => scan.stopped = Some(Stopped::Canceled(now)),
                (Control::Pause, _) => scan.stopped = Some(Stopped::Paused(now)),
                (Control::Resume, Some(Stopped::Paused(since))) => {
                    scan.paused += now - since;
                    scan.stopped = None;
                }
                (Control::Resume, _) => {}
            }
            return;
        }
        state.controlled.retain(|(known, _)| known != reference);
        state.controlled.push((reference.to_owned(), control));
    }

    /// What was done last to a made-up scan.
    pub(crate) fn controlled(&self) -> Vec<(String, Control)> {
        self.state().controlled.clone()
    }

    /// Launches a scan of a web application, and says how many there were before.
    pub(crate) fn launch_was(&self, scan: LaunchedWas, now: i64) -> u64 {
        let mut state = self.state();
        state.was.push(LaunchedWas { at: now, ..scan });
        state.was.len() as u64 - 1
    }

    /// The launched scans of web applications, oldest first.
    pub(crate) fn launched_was(&self) -> Vec<LaunchedWas> {
        self.state().was.clone()
    }

    pub(crate) fn cancel_was(&self, scan: CanceledWas) {
        self.state().was_canceled.push(scan);
    }

    /// The scans of web applications that were canceled.
    pub(crate) fn canceled_was(&self) -> Vec<CanceledWas> {
        self.state().was_canceled.clone()
    }

    pub(crate) fn add_user(&self, user: AddedUser) {
        self.state().users.push(user);
    }

    /// The users who were added, oldest first.
    pub(crate) fn users(&self) -> Vec<AddedUser> {
        self.state().users.clone()
    }

    pub(crate) fn switch(&self, login: &str, active: bool) {
        let mut state = self.state();
        state.switched.retain(|(known, _)| known != login);
        state.switched.push((login.to_owned(), active));
    }

    /// Logins that were switched, and whether they are active now.
    pub(crate) fn switched(&self) -> Vec<(String, bool)> {
        self.state().switched.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
