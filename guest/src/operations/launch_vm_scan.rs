//! Launches a VM scan of addresses, host names, asset groups or tags.

use exhibit_plugin::catalog::{self, Parameter};
use exhibit_plugin::problem::invalid;
use exhibit_plugin::{Assignment, Error, Procedure, Value};

use super::launch::{EXTERNAL, Launch, Name};
use super::operation::Operation;
use super::rights::Right;
use super::{flow, parameters, scan};
use crate::qualys::blanked::{APPLIANCES, OPTION_PROFILES, names};

pub(super) const OPERATION: Operation =
    Operation { name: "launch-vm-scan", describe, right: Right::VmScans, open };

/// What `tags-match` takes.
const ANY: &str = "any";
const ALL: &str = "all";

fn describe() -> catalog::Operation {
    let mut parameters = vec![
        title(),
        profile().required(),
        Parameter::texts(
            "addresses",
            "Addresses",
            "Addresses to scan: 192.0.2.1, 192.0.2.1-192.0.2.9 or 192.0.2.0/28.",
        ),
        Parameter::texts("host-names", "Host names", "Full names of hosts to scan."),
        Parameter::texts("asset-groups", "Asset groups", "Titles of asset groups to scan."),
        tags(),
        tags_match(),
        excluded("Addresses and ranges to leave out."),
        network(""),
        scanner("It is External, for what the Internet reaches, unless an appliance is named.")
            .default(Value::Text(EXTERNAL.to_owned())),
        priority(),
    ];
    parameters.extend(parameters::wait());
    catalog::Operation {
        name: OPERATION.name.to_owned(),
        label: "Launch a VM scan".to_owned(),
        help: "Launches a scan for vulnerabilities. Qualys sends no e-mail at its end: wait for it, or look later.".to_owned(),
        parameters,
        fields: scan::fields(),
        confirm: "title".to_owned(),
        needs: needs(),
        blanked: names(&[APPLIANCES, OPTION_PROFILES]),
    }
}

/// What an account needs that launches scans.
pub(super) fn needs() -> Vec<String> {
    vec![
        "API access".to_owned(),
        "the VM module".to_owned(),
        "the role Manager, Unit Manager or Scanner: a Reader cannot launch or control scans".to_owned(),
    ]
}

pub(super) fn title() -> Parameter {
    Parameter::text(
        "title",
        "Title",
        "The title of the scan. A mark in brackets is added to it, by which exactly this scan is found.",
    )
    .required()
}

pub(super) fn profile() -> Parameter {
    Parameter::text("option-profile", "Option profile", "The title of an option profile for VM scans.")
}

pub(super) fn scanner(which: &str) -> Parameter {
    Parameter::text("scanner", "Scanner", &format!("The name of the scanner appliance. {which}"))
}

pub(super) fn excluded(help: &str) -> Parameter {
    Parameter::texts("excluded", "Excluded addresses", help)
}

/// The parameter that names a network. `more` is what else a person should know of it.
pub(super) fn network(more: &str) -> Parameter {
    let help = "The ID of the network that the addresses are of, where the subscription has networks; 0 is the default network.";
    Parameter::integer("network", "Network", &format!("{help}{more}"))
}

pub(super) fn tags() -> Parameter {
    Parameter::texts("tags", "Tags", "Names of asset tags to scan; not together with other targets.")
}

pub(super) fn tags_match() -> Parameter {
    Parameter::text(
        "tags-match",
        "Which tags",
        "Whether assets with any of the tags are scanned, or only those with all.",
    )
    .choices([(ANY, "Any of the tags"), (ALL, "All of the tags")])
    .default(Value::Text(ANY.to_owned()))
}

pub(super) fn priority() -> Parameter {
    Parameter::text("priority", "Priority", "The priority at which Qualys processes the results.").choices([
        ("0", "No priority"),
        ("1", "Emergency"),
        ("2", "Ultimate"),
        ("3", "Critical"),
        ("4", "Major"),
        ("5", "High"),
        ("6", "Standard"),
        ("7", "Medium"),
        ("8", "Minor"),
        ("9", "Low"),
    ])
}

/// Takes what all launches are given.
pub(super) fn fill(launch: &mut Launch, assignment: &Assignment) -> Result<(), Error> {
    let given = &assignment.parameters;
    launch.profile.wanted = parameters::text(given, "option-profile")?.unwrap_or_default().to_owned();
    launch.scanner = Name::of(parameters::text(given, "scanner")?.unwrap_or(EXTERNAL));
    launch.priority = given.text("priority").map(str::to_owned);
    launch.targets.tags = parameters::texts(given, "tags")?;
    launch.targets.all_tags = given.text("tags-match") == Some(ALL);
    launch.targets.excluded = parameters::texts(given, "excluded")?;
    launch.targets.network = given.integer("network");
    match launch.targets.network {
        Some(id) if id < 0 => {
            Err(invalid("the parameter \"network\" must be the ID of a network").about("network"))
        }
        _ => Ok(()),
    }
}

fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    let wait = parameters::wait_seconds(&assignment.parameters)?;
    flow::open(assignment, saved, wait, |assignment| {
        let given = &assignment.parameters;
        let mut launch = Launch::new(assignment, "Launches a VM scan.")?;
        fill(&mut launch, assignment)?;
        launch.title = parameters::required(given, "title")?.to_owned();
        let targets = &mut launch.targets;
        targets.addresses = parameters::texts(given, "addresses")?;
        targets.host_names = parameters::texts(given, "host-names")?;
        targets.groups = parameters::names(given, "asset-groups")?;
        let named = targets.addresses.len() + targets.host_names.len() + targets.groups.len();
        match (named, targets.tags.len()) {
            (0, 0) => Err(invalid("nothing is named to be scanned")
                .remedy("name addresses, host names, asset groups or tags")
                .about("addresses")),
            (1.., 1..) => Err(invalid("tags cannot be scanned together with other targets").about("tags")),
            _ => launch.checked(),
        }
    })
}
