//! One web application scan, made up from its place in the list.

use std::borrow::Cow;

use crate::{
    chance::{Chance, Subject},
    changes::{CanceledWas, LaunchedWas},
    scans::age,
    texts,
    world::World,
};

/// The id of the oldest scan.
const FIRST_ID: u64 = 7_000_000;

/// What the words of a search may be, as documented.
pub(super) const TYPES: [&str; 2] = ["VULNERABILITY", "DISCOVERY"];
pub(super) const MODES: [&str; 3] = ["ONDEMAND", "SCHEDULED", "API"];
pub(super) const STATUSES: [&str; 6] =
    ["SUBMITTED", "RUNNING", "FINISHED", "ERROR", "CANCELED", "PROCESSING"];
pub(super) const AUTH_STATUSES: [&str; 5] = ["NONE", "NOT_USED", "SUCCESSFUL", "FAILED", "PARTIAL"];
pub(super) const RESULTS_STATUSES: [&str; 21] = [
    "NOT_USED",
    "TO_BE_PROCESSED",
    "NO_HOST_ALIVE",
    "NO_WEB_SERVICE",
    "SERVICE_ERROR",
    "TIME_LIMIT_REACHED",
    "SCAN_INTERNAL_ERROR",
    "SCAN_RESULTS_INVALID",
    "SUCCESSFUL",
    "PROCESSING",
    "TIME_LIMIT_EXCEEDED",
    "SCAN_NOT_LAUNCHED",
    "SCANNER_NOT_AVAILABLE",
    "SUBMITTED",
    "RUNNING",
    "CANCELED",
    "CANCELING",
    "ERROR",
    "DELETED",
    "CANCELED_WITH_RESULTS",
    "FINISHED",
];

/// A web application.
#[derive(Clone)]
pub(super) struct Application {
    pub(super) id: u64,
    pub(super) name: Cow<'static, str>,
    pub(super) url: Cow<'static, str>,
}

/// The id of the first web application.
const FIRST_APPLICATION: u64 = 2_384_101;

/// Names and addresses of the web applications that are scanned.
const APPLICATIONS: [(&str, &str); 4] = [
    ("Shop & checkout", "https://shop.acme.example/?lang=en&view=all"),
    ("Customer portal", "https://portal.acme.example"),
    ("Blog", "https://blog.acme.example"),
    ("Staff <intranet>", "https://intranet.acme.example"),
];

impl Application {
    /// The application at a place among all. Those beyond the first are scanned only where clients launch that.
    pub(super) fn at(index: u64) -> Self {
        let id = FIRST_APPLICATION + index;
        match usize::try_from(index).ok().and_then(|it| APPLICATIONS.get(it)) {
            Some((name, url)) => Self { id, name: (*name).into(), url: (*url).into() },
            None => Self {
                id,
                name: format!("Application {}", index + 1).into(),
                url: format!("https://app{}.acme.example", index + 1).into(),
            },
        }
    }
}

/// The option profiles: ids and names.
pub(super) const PROFILES: [(u64, &str); 2] =
    [(2_084_083, "Initial WAS Options"), (2_084_090, "Deep & slow")];

/// Who launches scans: id, login, first and last name.
pub(super) type User = (u64, &'static str, &'static str, &'static str);

const USERS: [User; 3] = [
    (17_729_931, "acme_ab1", "Ada", "Byron"),
    (17_729_932, "acme_jd1", "Jo", "Doe"),
    (17_729_933, "acme_sc2", "Søren", "O'Connor"),
];

/// Names of scanner appliances; what is scanned from outside has none.
const APPLIANCES: [Option<&str>; 3] = [None, None, Some("dmz-2")];

/// What clients have changed of the scans, and the moment.
pub(super) struct Changed {
    pub(super) launched: Vec<LaunchedWas>,
    pub(super) canceled: Vec<CanceledWas>,
    pub(super) now: i64,
}

/// What there is to say about a scan.
pub(super) struct Scan {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) reference: String,
    pub(super) kind: &'static str,
    pub(super) mode: &'static str,
    pub(super) application: Application,
    pub(super) appliance: Option<&'static str>,
    pub(super) profile: (u64, &'static str),
    pub(super) launched: i64,
    pub(super) launched_by: User,
    /// The login of a client that launched it.
    pub(super) login: Option<String>,
    pub(super) status: &'static str,
    pub(super) results_status: &'static str,
    pub(super) auth_status: &'static str,
    /// Seconds, where the scan has ended.
    pub(super) duration: Option<i64>,
    pub(super) links: u64,
    pub(super) canceled_by: Option<User>,
}

impl Scan {
    /// The id of the scan at a place in the list.
    pub(super) fn id_at(index: u64) -> u64 {
        // Other objects of the platform have the ids in between.
        FIRST_ID + index * 7 + index % 3
    }

    /// The scan at a place in the list, at whose end are those that clients launched, as clients left it.
    pub(super) fn of(world: &World, changed: &Changed, index: u64) -> Self {
        let scan = Self::undisturbed(world, &changed.launched, index, changed.now);
        match changed.canceled.iter().find(|it| it.id == scan.id) {
            Some(canceled) => scan.canceled(canceled),
            None => scan,
        }
    }

    /// Whether it is not over.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.status, "SUBMITTED" | "RUNNING" | "PROCESSING")
    }

    fn canceled(self, canceled: &CanceledWas) -> Self {
        let results_status = if canceled.with_results { "CANCELED_WITH_RESULTS" } else { "CANCELED" };
        let duration = Some((canceled.at - self.launched).max(0));
        Self { status: "CANCELED", results_status, duration, canceled_by: Some(USERS[0]), ..self }
    }

    fn undisturbed(world: &World, launched: &[LaunchedWas], index: u64, now: i64) -> Self {
        let place = index.checked_sub(world.was_scans).and_then(|it| usize::try_from(it).ok());
        let Some(scan) = place.and_then(|it| launched.get(it)) else { return Self::at(world, index) };
        let (status, results_status, duration) = match now - scan.at {
            ..30 => ("SUBMITTED", "SUBMITTED", None),
            30..630 => ("RUNNING", "RUNNING", None),
            630..690 => ("PROCESSING", "TO_BE_PROCESSED", None),
            _ => ("FINISHED", "SUCCESSFUL", Some(600)),
        };
        Self {
            id: Self::id_at(index),
            name: scan.name.clone(),
            reference: format!("was/{}.{}", scan.at * 1_000, 8_000_000 + index),
            kind: "VULNERABILITY",
            mode: "API",
            application: Application::at(scan.application),
            appliance: scan.appliance,
            profile: PROFILES[scan.profile],
            launched: scan.at,
            launched_by: USERS[0],
            login: Some(scan.login.clone()),
            status,
            results_status,
            auth_status: "NOT_USED",
            duration,
            links: 20,
            canceled_by: None,
        }
    }

    /// The scan at a place in the list, which begins with the oldest.
    pub(super) fn at(world: &World, index: u64) -> Self {
        let mut chance = Chance::new(world.seed, Subject::WasScan, index);
        let newer = world.was_scans.saturating_sub(index + 1);
        let (status, results_status) = match newer {
            0 => ("RUNNING", "RUNNING"),
            1 => ("SUBMITTED", "SUBMITTED"),
            2 => ("PROCESSING", "TO_BE_PROCESSED"),
            3 => ("ERROR", "SCAN_INTERNAL_ERROR"),
            4 => ("CANCELED", "CANCELED_WITH_RESULTS"),
            _ if chance.one_in(20) => ("CANCELED", "CANCELED"),
            _ if chance.one_in(20) => ("ERROR", "SCANNER_NOT_AVAILABLE"),
            // They finished, but not with what they were launched for.
            _ if chance.one_in(10) => {
                ("FINISHED", chance.pick(&["NO_HOST_ALIVE", "NO_WEB_SERVICE", "TIME_LIMIT_REACHED"]))
            }
            _ => ("FINISHED", "SUCCESSFUL"),
        };
        let has_ended = newer > 2;
        let launched = world.now_seconds() - age(world.was_scans, newer);
        let application = Application::at(chance.below(APPLICATIONS.len() as u64));
        let mode = chance.pick(&["SCHEDULED", "SCHEDULED", "ONDEMAND", "API"]);
        Self {
            id: Self::id_at(index),
            name: match texts::odd(index) {
                Some(odd) => odd.to_owned(),
                None => format!("Scan of {}", application.name),
            },
            reference: format!("was/{}.{}", launched * 1_000, 8_000_000 + index),
            kind: if chance.one_in(8) { "DISCOVERY" } else { "VULNERABILITY" },
            mode,
            application,
            appliance: chance.pick(&APPLIANCES),
            profile: chance.pick(&PROFILES),
            launched,
            launched_by: chance.pick(&USERS),
            login: None,
            status,
            results_status,
            auth_status: match has_ended {
                true => chance.pick(&["SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL", "PARTIAL", "FAILED", "NONE"]),
                false => "NOT_USED",
            },
            duration: has_ended.then(|| 300 + chance.seconds(4 * 3_600)),
            links: chance.below(900),
            canceled_by: (status == "CANCELED").then(|| chance.pick(&USERS)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_with_the_launch_and_half_of_the_scans_are_new() {
        let world = World::default();
        let scans: Vec<Scan> = (0..world.was_scans).map(|index| Scan::at(&world, index)).collect();
        assert!(scans.windows(2).all(|pair| pair[0].id < pair[1].id && pair[0].launched < pair[1].launched));
        let month_ago = world.now_seconds() - 30 * crate::clock::DAY;
        let new = scans.iter().filter(|it| it.launched >= month_ago).count();
        assert_eq!(new as u64, world.was_scans / 2);
        for status in STATUSES {
            assert!(scans.iter().any(|it| it.status == status), "{status}");
        }
    }
}
