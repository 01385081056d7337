//! Whether the account may carry out an operation, as far as reads show it. Nothing is changed to find out.
//!
//! No API says what an account may do. What is known of it: a list that it may not read; its role, where the list of users has
//! it, which only Managers, Unit Managers and Administrators may read; and whether a Manager has full scope, which the list of
//! connectors asks for. Source of the roles' rights: qualys.com, "User Roles and Permissions for VM/VMDR, PC, SCA" and
//! "Permissions - Users".

mod known;
mod verdict;

use exhibit_plugin::{Assignment, Error, Need, Procedure, Report, WholeAnswer};
use serde::{Deserialize, Serialize};

pub(super) use self::known::Right;
use self::known::{Ask, Known, essential};
use self::verdict::verdict;
use super::call::{Call, Reply};
use super::launch;
use super::user::{self, User};
use crate::qualys::fo::whole::List;
use crate::qualys::qps::whole::{Operator, Query};
use crate::qualys::reading::Stop;
use crate::qualys::refusal::is_of_the_account;
use crate::qualys::settings::{DETECTION_LIST_VERSION, SCAN_LIST_VERSION, version_of};

#[derive(Serialize, Deserialize)]
struct Probe {
    right: Right,
    known: Known,
    paths: Paths,
    /// Pauses in a row at the request under way.
    attempt: u32,
    is_done: bool,
    #[serde(skip)]
    pause: Option<exhibit_plugin::collection::Pause>,
}

#[derive(Serialize, Deserialize)]
struct Paths {
    scans: String,
    detections: String,
    since: String,
}

/// A day back: what is listed does not matter.
const DAY_MILLIS: i64 = 86_400_000;

/// Finds out whether the account has this right.
///
/// # Errors
/// `invalid` where a version in the settings is none.
pub(super) fn open(assignment: &Assignment, right: Right) -> Result<Box<dyn Procedure>, Error> {
    let version = |setting| version_of(&assignment.settings, setting);
    let paths = Paths {
        scans: format!("/api/{}/fo/scan/", version(SCAN_LIST_VERSION)?),
        detections: format!("/api/{}/fo/asset/host/vm/detection/", version(DETECTION_LIST_VERSION)?),
        since: exhibit_plugin::instant::write(assignment.as_of - DAY_MILLIS),
    };
    let known = Known::default();
    Ok(Box::new(Probe { right, known, paths, attempt: 0, is_done: false, pause: None }))
}

impl Probe {
    fn call(&self, ask: Ask) -> Call {
        let Paths { scans, detections, since } = &self.paths;
        match ask {
            Ask::Scans => super::scan::list(scans)
                .with("ignore_target", "1")
                .with("launched_after_datetime", since.as_str()),
            // One that cannot be there: whether the search is answered is all that matters.
            Ask::WebApplications => Call::Search(nothing("/qps/rest/3.0/search/was/webapp", "WebApp")),
            Ask::WasScans => Call::Search(nothing("/qps/rest/3.0/search/was/wasscan", "WasScan")),
            Ask::Users => user::list(),
            Ask::Appliances => Call::new(
                "/api/2.0/fo/appliance/",
                List { root: "APPLIANCE_LIST_OUTPUT", record: "APPLIANCE" },
                [("action", "list"), ("output_mode", "brief"), ("echo_request", "1")],
            ),
            Ask::Connectors => launch::connectors(),
            Ask::Detections => Call::new(
                detections.as_str(),
                List { root: "HOST_LIST_VM_DETECTION_OUTPUT", record: "HOST" },
                // A host that may not be there: an empty list is an answer, too.
                [("action", "list"), ("ids", "1")],
            ),
        }
    }

    /// Takes the answer.
    fn learn(&mut self, ask: Ask, reply: &Reply<'_>) -> Result<(), Stop> {
        let login = self.known.login.clone();
        let mut role = None;
        let read = reply.records::<()>(|element| {
            if ask == Ask::Users
                && let Some(user) = User::read(element)
                && Some(&user.login) == login.as_ref().filter(|it| !it.is_empty())
            {
                role = Some(user.role);
            }
            None
        });
        match read {
            Ok(records) => {
                self.known.login = self.known.login.take().or(records.login);
                self.known.role = self.known.role.take().or(role);
                self.known.asked.push((ask, true));
                Ok(())
            }
            Err(Stop::Failed(error))
                if ask != essential(self.right) && is_a_right(&error) && !is_of_the_account(&error) =>
            {
                self.known.asked.push((ask, false));
                Ok(())
            }
            Err(stop) => Err(stop),
        }
    }
}

fn nothing(path: &'static str, record: &'static str) -> Query {
    Query::new(path, record).with("id", Operator::Equals, "1")
}

/// Whether it is refused for a right or a licence; a search that the account may not make may also be said not to be there.
fn is_a_right(error: &Error) -> bool {
    matches!(error, Error::Denied(_) | Error::Unlicensed(_) | Error::Rejected(_))
}

impl Procedure for Probe {
    fn next(&self) -> Result<Need, Error> {
        if let Some(pause) = &self.pause {
            return Ok(Need::Wait(pause.clone()));
        }
        Ok(match self.known.next(self.right) {
            Some(ask) if !self.is_done => Need::Send(self.call(ask).request()),
            _ => Need::Done,
        })
    }

    fn answered(&mut self, answer: &WholeAnswer<'_>, report: &mut Report) -> Result<(), Error> {
        let Some(ask) = self.known.next(self.right) else { return Ok(()) };
        let call = self.call(ask);
        match self.learn(ask, &call.reply(answer, self.attempt)) {
            Ok(()) => self.attempt = 0,
            Err(Stop::Pause(pause)) => {
                self.attempt += 1;
                self.pause = Some(pause);
                return Ok(());
            }
            Err(Stop::Failed(error)) => return Err(error),
        }
        if self.known.next(self.right).is_none() {
            self.is_done = true;
            verdict(self.right, &self.known, report)?;
        }
        Ok(())
    }

    fn waited(&mut self) {
        self.pause = None;
    }

    fn interrupted(&mut self, _: bool) {}

    fn save(&self) -> String {
        // Texts and numbers always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}
