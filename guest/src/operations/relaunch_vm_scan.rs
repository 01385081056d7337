//! Launches a VM scan again, with the targets and the option profile that it had.

use exhibit_plugin::catalog::{self, Parameter};
use exhibit_plugin::problem::invalid;
use exhibit_plugin::{Assignment, Error, Procedure, Value};

use super::launch::{Again, EXTERNAL, Launch};
use super::launch_vm_scan::{fill, needs, profile, scanner};
use super::operation::Operation;
use super::rights::Right;
use super::{flow, parameters, scan};

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
        profile(),
        Parameter::integer(DAYS, "Days", "How many days back a scan is looked for by its title, from 1 to 366.")
            .default(Value::Integer(DEFAULT_DAYS)),
    ];
    parameters.extend(parameters::wait());
    catalog::Operation {
        name: OPERATION.name.to_owned(),
        label: "Launch a VM scan again".to_owned(),
        help: "Finds a scan and launches another one with the same targets, option profile and priority."
            .to_owned(),
        parameters,
        fields: scan::fields(),
        confirm: "scan".to_owned(),
        needs: needs(),
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
        launch.again = Some(Again { wanted, days, reference, scan: None });
        launch.checked()
    })
}
