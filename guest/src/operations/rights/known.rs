//! What is known of an account, and what is asked next.

use serde::{Deserialize, Serialize};

/// How the list of users calls the role that may do everything.
pub(super) const MANAGER: &str = "Manager";

/// What an account needs a right for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::operations) enum Right {
    /// To launch and control VM scans.
    VmScans,
    /// To launch scans of web applications.
    WasLaunch,
    /// To scan a web application again.
    WasRescan,
    /// To add users and to switch them on and off.
    Users,
}

/// What one read asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Ask {
    /// The VM scans of the last day: the module, and the login.
    Scans,
    WebApplications,
    WasScans,
    /// The users: who may manage them, and the role of the account.
    Users,
    /// The scanner appliances, for the login: each of the roles may list them that may list users, but the User Administrator.
    Appliances,
    /// The connectors, which only a Manager with full scope may list.
    Connectors,
    /// The detections of one host, which every role may list that may launch scans.
    Detections,
}

/// What is known of the account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) login: Option<String>,
    /// Its role: `None` where it is not listed.
    pub(super) role: Option<String>,
    /// The reads that were answered, and whether the account may make them.
    pub(super) asked: Vec<(Ask, bool)>,
}

impl Known {
    pub(super) fn may(&self, ask: Ask) -> Option<bool> {
        self.asked.iter().find(|it| it.0 == ask).map(|it| it.1)
    }

    pub(super) fn is_role(&self, role: &str) -> bool {
        self.role.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(role))
    }

    /// What is asked next. `None` where all is known that can be.
    pub(super) fn next(&self, right: Right) -> Option<Ask> {
        let mut asks = vec![essential(right)];
        if right == Right::Users {
            // The login is needed to find the account among the users.
            asks.insert(0, Ask::Appliances);
        } else if right != Right::VmScans {
            asks.push(Ask::Appliances);
        }
        asks.push(Ask::Users);
        match self.may(Ask::Users) {
            Some(true) if self.is_role(MANAGER) => asks.push(Ask::Connectors),
            Some(false) if right == Right::VmScans => asks.push(Ask::Detections),
            _ => {}
        }
        asks.into_iter().find(|it| self.may(*it).is_none())
    }
}

/// The list that every account may read that has the right: where it may not, the right is missing.
pub(super) fn essential(right: Right) -> Ask {
    match right {
        Right::VmScans => Ask::Scans,
        Right::WasLaunch => Ask::WebApplications,
        Right::WasRescan => Ask::WasScans,
        Right::Users => Ask::Users,
    }
}
