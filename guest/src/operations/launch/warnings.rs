//! What does not go together in a launch, as far as reads can tell. Qualys decides: it is said, and not refused.

use super::Launch;
use super::machines::{Appliance, Connector};
use super::parts::FoundConnector;
use crate::names::listed;

/// States of a connector in which it does not know the instances of its account, or not all of them.
const BROKEN: [&str; 5] = ["ERROR", "FINISHED_ERRORS", "DISABLED", "INCOMPLETE", "PENDING"];
/// What IDs of VPCs begin with; other regions are codes.
const VPC: &str = "vpc-";
/// The network where none was set up.
const DEFAULT_NETWORK: &str = "0";

impl Launch {
    /// What a person should know before this is launched, one sentence each.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        self.warn_of_profile(&mut warnings);
        if let Some(appliance) = &self.appliance {
            warnings.extend(appliance.offline());
            match &self.cloud {
                Some(cloud) => warn_of_region(appliance, &cloud.region, &mut warnings),
                None => self.warn_of_network(appliance, &mut warnings),
            }
        }
        if let Some(cloud) = &self.cloud
            && let Some(FoundConnector::Listed(connector)) = &cloud.found
        {
            warn_of_connector(connector, &cloud.region, &mut warnings);
            self.warn_of_account(connector, &mut warnings);
        }
        if let Some(outside) = self.targets.outside.as_ref().filter(|it| !it.is_empty()) {
            warnings.push(format!(
                "{} not among the addresses of the subscription that this account sees, and Qualys leaves such targets out \
                 without saying so: {}",
                if outside.len() == 1 { "one target is" } else { "some targets are" },
                listed(outside.iter().cloned())
            ));
        }
        warnings
    }

    fn warn_of_profile(&self, warnings: &mut Vec<String>) {
        let Some(profile) = &self.profile.found else { return };
        if profile.remark.starts_with("type compliance") {
            warnings.push(format!(
                "the option profile {:?} is one for compliance scans, which do not look for vulnerabilities",
                profile.name
            ));
        }
    }

    fn warn_of_network(&self, appliance: &Appliance, warnings: &mut Vec<String>) {
        let Some(of_appliance) = appliance.network.as_deref() else { return };
        let of_scan = self.targets.network.map_or(DEFAULT_NETWORK.to_owned(), |it| it.to_string());
        if of_appliance != of_scan {
            warnings.push(format!(
                "the scanner appliance {:?} is of the network {of_appliance}, and the scan of the network {of_scan}: name the \
                 network of the targets with `network`",
                appliance.found.name
            ));
        }
    }

    fn warn_of_account(&self, connector: &Connector, warnings: &mut Vec<String>) {
        let ec2 = self.appliance.as_ref().and_then(|it| it.ec2.as_ref());
        let Some(account) = ec2.map(|it| &it.account).filter(|it| !it.is_empty()) else { return };
        if !connector.account.is_empty() && connector.account != *account {
            warnings.push(format!(
                "the scanner appliance is in the AWS account {account}, and the connector {:?} of the AWS account {}",
                connector.found.name, connector.account
            ));
        }
    }
}

impl Appliance {
    /// The warning of one that is offline.
    pub(in crate::operations) fn offline(&self) -> Option<String> {
        self.status.eq_ignore_ascii_case("Offline").then(|| {
            format!("the scanner appliance {:?} is offline: the scan waits for it, or fails", self.found.name)
        })
    }
}

fn warn_of_region(appliance: &Appliance, region: &str, warnings: &mut Vec<String>) {
    let name = &appliance.found.name;
    let Some(ec2) = &appliance.ec2 else {
        warnings.push(format!("the scanner appliance {name:?} is not listed as one that runs in AWS"));
        return;
    };
    let (what, of_appliance) =
        if region.starts_with(VPC) { ("VPC", &ec2.vpc) } else { ("region", &ec2.region) };
    if !of_appliance.is_empty() && of_appliance != region {
        warnings.push(format!(
            "the scanner appliance {name:?} runs in the {what} {of_appliance}, and the scan is of {region}: check that it \
             reaches the instances"
        ));
    }
}

fn warn_of_connector(connector: &Connector, region: &str, warnings: &mut Vec<String>) {
    let name = &connector.found.name;
    if connector.is_disabled {
        warnings.push(format!(
            "the connector {name:?} is disabled: Qualys does not learn of new or terminated instances"
        ));
    } else if BROKEN.iter().any(|it| it.eq_ignore_ascii_case(&connector.state)) {
        let error = &connector.last_error;
        let error = if error.is_empty() { String::new() } else { format!(" ({error:?})") };
        warnings.push(format!(
            "the state of the connector {name:?} is {}{error}: Qualys may not know all of its instances",
            connector.state
        ));
    }
    let has_region = connector.regions.iter().any(|it| it.eq_ignore_ascii_case(region));
    if !region.starts_with(VPC) && !connector.regions.is_empty() && !has_region {
        warnings.push(format!(
            "the connector {name:?} does not collect the region {region}, only {}",
            listed(connector.regions.iter().cloned())
        ));
    }
}
