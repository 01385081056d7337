//! Launches a VM scan again, with the targets and the option profile that it had.

use exhibit_plugin::catalog::{self, Parameter};
use exhibit_plugin::problem::invalid;
use exhibit_plugin::{Arguments, Assignment, Error, Procedure, Value};

use super::launch::{Again, EXTERNAL, Launch};
use super::launch_vm_scan::{excluded, fill, needs, network, profile, scanner};
use super::operation::Operation;
use super::rights::Right;
use super::{flow, parameters, scan};
use crate::qualys::blanked::{APPLIANCES, OPTION_PROFILES, names};

pub(super) const OPERATION: Operation =
    Operation { name: "relaunch-vm-scan", describe, right: Right::VmScans, open };

/// How far back a scan is looked for by its title.
const DAYS: &str = "days";
const DEFAULT_DAYS: i64 = 30;
const MAX_DAYS: i64 = 366;

fn describe() -> catalog::Operation {
    let mut parameters = vec![
        Parameter::text(
            "scan",
            "Scan",
            "The title or the reference of a scan. Of several with one title, the newest is launched again.",
        )
        .required(),
        scanner(
            "Qualys does not list which one the scan had: it is External, for what the Internet reaches, unless an \
             appliance is named.",
        )
        .default(Value::Text(EXTERNAL.to_owned())),
        excluded("Addresses and ranges to leave out. Qualys does not list which ones the scan left out."),
        network(" Qualys does not list of which one the scan was."),
        profile(),
        Parameter::integer(DAYS, "Days", "How many days back a scan is looked for by its title, from 1 to 366.")
            .default(Value::Integer(DEFAULT_DAYS)),
    ];
    parameters.extend(parameters::wait());
    catalog::Operation {
        name: OPERATION.name.to_owned(),
        label: "Launch a VM scan again".to_owned(),
        help: "Finds a scan and launches another one with the same targets, option profile and priority. Qualys lists neither its \
               scanner nor its network nor what it left out: name these."
            .to_owned(),
        parameters,
        fields: scan::fields(),
        confirm: "scan".to_owned(),
        needs: needs(),
        blanked: names(&[APPLIANCES, OPTION_PROFILES]),
    }
}

fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    let wait = parameters::wait_seconds(&assignment.parameters)?;
    flow::open(assignment, saved, wait, |assignment| {
        let given = &assignment.parameters;
        let days = given.integer(DAYS).unwrap_or(DEFAULT_DAYS);
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(invalid(format!("the parameter {DAYS:?} must be from 1 to {MAX_DAYS}")).about(DAYS));
        }
        let mut launch = Launch::new(assignment, "Launches a VM scan again.")?;
        fill(&mut launch, assignment)?;
        let wanted = parameters::required(given, "scan")?.to_owned();
        let reference = scan::is_reference(&wanted).then(|| wanted.clone());
        launch.again = Some(Again { wanted, days, reference, scan: None, not_given: not_given(given) });
        launch.checked()
    })
}

/// What a scan can have that Qualys does not list, and that a person did not give.
fn not_given(given: &Arguments) -> Vec<(String, String)> {
    let mut not_given = Vec::new();
    let mut add = |what: &str, parameter: &str| not_given.push((what.to_owned(), parameter.to_owned()));
    if given.texts("excluded").is_empty() {
        add("what the scan left out", "excluded");
    }
    if given.integer("network").is_none() {
        add("the network of the scan", "network");
    }
    // The default is the same value as one that is given.
    if given.text("scanner").is_none_or(|it| it.eq_ignore_ascii_case(EXTERNAL)) {
        add("the scanner of the scan, so that External is taken", "scanner");
    }
    not_given
}
