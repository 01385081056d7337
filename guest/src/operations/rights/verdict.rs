//! What follows from what is known of an account.

use exhibit_plugin::problem::denied;
use exhibit_plugin::{Error, Report};

use super::known::{Ask, Known, MANAGER, Right};
use crate::qualys::guide::Step;

const UNIT_MANAGER: &str = "Unit Manager";
const SCANNER: &str = "Scanner";
/// The list of users and the API have each their own name for it.
const ADMINISTRATORS: [&str; 2] = ["User Administrator", "Administrator"];

/// Nothing where the account may do it.
///
/// # Errors
/// `denied` where it may not.
pub(super) fn verdict(right: Right, known: &Known, report: &mut Report) -> Result<(), Error> {
    if known.is_role(MANAGER) {
        if known.may(Ask::Connectors) != Some(true) {
            report.undecided(format!(
                "The role of the account is Manager, but not with full scope: whether {} was taken from it, reads do not show. \
                 Look in the console, under Roles and Scopes: {}.",
                name(right),
                Step::Operations
            ));
        }
        return Ok(());
    }
    match right {
        Right::VmScans => vm_scans(known, report),
        Right::Users => users(known, report),
        Right::WasLaunch | Right::WasRescan => {
            report.undecided(format!(
                "The account can use the WAS module. Whether it has {}, reads do not show: {}.",
                name(right),
                Step::Modules
            ));
            Ok(())
        }
    }
}

fn vm_scans(known: &Known, report: &mut Report) -> Result<(), Error> {
    if known.is_role(UNIT_MANAGER) {
        report.note("Only hosts of the business unit of the account can be scanned.");
        return Ok(());
    }
    if known.is_role(SCANNER) {
        return Ok(());
    }
    if let Some(role) = &known.role {
        return Err(of_role(role, "launch or control scans"));
    }
    match known.may(Ask::Detections) {
        Some(false) => Err(denied(
            "the account may list neither users nor detections, so its role is not one that may launch scans",
        )
        .remedy(format!(
            "use an account with the role Scanner, Unit Manager or Manager: {}",
            Step::Operations
        ))),
        Some(true) => {
            report.undecided(format!(
                "The account is a Scanner, who may launch and control scans, or a Reader, who may not: no list that it may read \
                 shows which. Look in the console at the role of the user: {}.",
                Step::Operations
            ));
            Ok(())
        }
        None => not_listed(report),
    }
}

fn users(known: &Known, report: &mut Report) -> Result<(), Error> {
    if known.is_role(UNIT_MANAGER) {
        report.note("Only users of the business unit of the account can be added or changed.");
        return Ok(());
    }
    // Of those who may list users, all others may list appliances.
    let is_administrator = known.role.is_none() && known.may(Ask::Appliances) == Some(false);
    if is_administrator || ADMINISTRATORS.iter().any(|it| known.is_role(it)) {
        report.note("Managers and Administrators cannot be added or changed by this account.");
        return Ok(());
    }
    match &known.role {
        Some(role) => Err(of_role(role, "add or change users")),
        None => not_listed(report),
    }
}

/// The account reads the list of users, and is not in it.
fn not_listed(report: &mut Report) -> Result<(), Error> {
    report.undecided(format!(
        "The list of users does not show which role the account has. Look in the console at the role of the user: {}.",
        Step::Operations
    ));
    Ok(())
}

fn of_role(role: &str, what: &str) -> Error {
    denied(format!("the role of the account is {role:.40}, which may not {what}"))
        .remedy(format!("use an account whose role may: {}", Step::Operations))
}

/// What is asked about, as the console names it where it is a permission.
fn name(right: Right) -> &'static str {
    match right {
        Right::VmScans => "the right to launch scans",
        Right::WasLaunch => "the permission Launch WAS Scan",
        Right::WasRescan => "the permission Access WAS module",
        Right::Users => "the right to manage users",
    }
}
