//! Launches a VM scan of instances of Amazon EC2.

use exhibit_plugin::catalog::{self, Parameter};
use exhibit_plugin::problem::invalid;
use exhibit_plugin::{Assignment, Error, Procedure};

use super::launch::{Cloud, EXTERNAL, Launch};
use super::launch_vm_scan::{fill, needs, priority, profile, scanner, tags, tags_match, title};
use super::operation::Operation;
use super::rights::Right;
use super::{flow, parameters, scan};
use crate::qualys::blanked::{APPLIANCES, CONNECTORS, OPTION_PROFILES, names};

pub(super) const OPERATION: Operation =
    Operation { name: "launch-ec2-scan", describe, right: Right::VmScans, open };

/// Qualys takes no more in one scan.
const MAX_INSTANCES: usize = 10;

fn describe() -> catalog::Operation {
    let mut parameters = vec![
        title(),
        profile().required(),
        Parameter::text("connector", "Connector", "The name of the AWS connector.").required(),
        Parameter::text(
            "region",
            "Region or VPC",
            "The code of the region, such as us-east-1, or the ID of a VPC.",
        )
        .required(),
        Parameter::texts("instances", "Instances", "IDs of up to 10 instances, such as i-0123456789abcdef0."),
        tags(),
        tags_match(),
        scanner("It must run in AWS.").required(),
        priority(),
    ];
    parameters.extend(parameters::wait());
    catalog::Operation {
        name: OPERATION.name.to_owned(),
        label: "Launch an EC2 scan".to_owned(),
        help: "Launches a scan of EC2 instances. Instances that Qualys skips, such as terminated ones, are not scanned; the \
               report names them as far as Qualys does."
            .to_owned(),
        parameters,
        fields: scan::fields(),
        confirm: "title".to_owned(),
        needs: needs(),
        blanked: names(&[APPLIANCES, OPTION_PROFILES, CONNECTORS]),
    }
}

fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    let wait = parameters::wait_seconds(&assignment.parameters)?;
    flow::open(assignment, saved, wait, |assignment| {
        let given = &assignment.parameters;
        let mut launch = Launch::new(assignment, "Launches a VM scan of EC2 instances.")?;
        fill(&mut launch, assignment)?;
        launch.title = parameters::required(given, "title")?.to_owned();
        let instances = parameters::texts(given, "instances")?;
        if launch.scanner.wanted.eq_ignore_ascii_case(EXTERNAL) {
            return Err(invalid("an EC2 scan needs a scanner appliance in AWS").about("scanner"));
        }
        if instances.is_empty() && launch.targets.tags.is_empty() {
            return Err(invalid("nothing is named to be scanned")
                .remedy("name instances or tags")
                .about("instances"));
        }
        if instances.len() > MAX_INSTANCES {
            let message = format!("Qualys takes at most {MAX_INSTANCES} instances in one scan");
            return Err(invalid(message).remedy("name them by a tag").about("instances"));
        }
        launch.cloud = Some(Cloud {
            connector: parameters::required(given, "connector")?.to_owned(),
            region: parameters::required(given, "region")?.to_owned(),
            instances,
            found: None,
        });
        launch.checked()
    })
}
