//! Scanner appliances and AWS connectors, with what tells whether they fit together.

use exhibit_plugin::Error;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::xml::Element;
use serde::{Deserialize, Serialize};

use crate::names::{Named, listed};
use crate::operations::call::{Call, Reply};
use crate::operations::found::Found;
use crate::qualys::fo::whole::List;
use crate::qualys::reading::{Stop, short};

/// A scanner appliance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::operations) struct Appliance {
    pub(in crate::operations) found: Found,
    pub(in crate::operations) status: String,
    /// Where it runs in AWS; `None` where Qualys lists it as none that runs there.
    pub(in crate::operations) ec2: Option<Ec2>,
    pub(in crate::operations) network: Option<String>,
}

/// Where an appliance runs in AWS. A text is empty where Qualys does not list it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::operations) struct Ec2 {
    pub(in crate::operations) region: String,
    pub(in crate::operations) vpc: String,
    pub(in crate::operations) account: String,
}

/// An AWS connector. The role and the external ID that it signs in with are not read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::operations) struct Connector {
    pub(in crate::operations) found: Found,
    pub(in crate::operations) state: String,
    pub(in crate::operations) is_disabled: bool,
    pub(in crate::operations) last_error: String,
    pub(in crate::operations) account: String,
    /// Codes of the regions that it collects; empty where it collects all, or Qualys does not list them.
    pub(in crate::operations) regions: Vec<String>,
}

impl Appliance {
    /// Reads an `APPLIANCE`; its activation code is not read.
    pub(in crate::operations) fn read(element: &Element<'_>) -> Option<Self> {
        let text = |name: &str| short(element.get(name).unwrap_or_default());
        let name = element.get("NAME").filter(|it| !it.is_empty())?;
        let cloud = element.child("CLOUD_INFO");
        let ec2 = cloud.and_then(|it| it.child("EC2_INFO")).map(|it| {
            let text = |name: &str| short(it.get(name).unwrap_or_default());
            Ec2 { region: text("INSTANCE_REGION"), vpc: text("INSTANCE_VPC_ID"), account: text("ACCOUNT_ID") }
        });
        let status = text("STATUS");
        let network = Some(text("NETWORK_ID")).filter(|it| !it.is_empty());
        let mut remark = vec![status.clone()];
        remark.extend(ec2.iter().flat_map(|it| [it.region.clone(), it.vpc.clone()]));
        remark.extend(network.iter().map(|it| format!("network {it}")));
        remark.retain(|it| !it.is_empty());
        let found = Found::new(name, &text("ID"), remark.join(", "));
        Some(Self { found, status, ec2, network })
    }
}

impl Connector {
    /// Reads an `AwsAssetDataConnector`; `None` where it has no name or no id.
    pub(in crate::operations) fn read(element: &Element<'_>) -> Option<Self> {
        let text = |name: &str| short(element.get(name).unwrap_or_default());
        let is = |name: &str| text(name).eq_ignore_ascii_case("true");
        let list = element.child("endpoints").and_then(|it| it.child("list"));
        let regions = list.iter().flat_map(|it| it.all("AwsEndpointSimple"));
        let regions = regions.filter_map(|it| it.get("regionCode").map(short)).filter(|it| !it.is_empty());
        let regions = if is("allRegions") { Vec::new() } else { regions.collect() };
        let (state, account) = (text("connectorState"), text("awsAccountId"));
        let mut remark = vec![state.clone()];
        if !account.is_empty() {
            remark.push(format!("AWS account {account}"));
        }
        if is("disabled") {
            remark.push("disabled".to_owned());
        }
        remark.retain(|it| !it.is_empty());
        Some(Self {
            found: Found::read(element, remark.join(", "))?,
            state,
            is_disabled: is("disabled"),
            last_error: text("lastError"),
            account,
            regions,
        })
    }
}

/// The list of all scanner appliances.
pub(in crate::operations) fn appliances() -> Call {
    Call::new(
        "/api/2.0/fo/appliance/",
        List { root: "APPLIANCE_LIST_OUTPUT", record: "APPLIANCE" },
        [("action", "list"), ("output_mode", "full"), ("include_cloud_info", "1")],
    )
}

/// Refuses a scan that needs an appliance: why, and those that the answer lists. Where the account may not list them, it is said
/// without them.
pub(in crate::operations) fn needed(why: &str, reply: &Reply<'_>) -> Stop {
    let listed = match reply.records(Appliance::read) {
        Ok(all) => listed(all.records.iter().map(Appliance::in_words)),
        Err(Stop::Failed(Error::Denied(_) | Error::Unlicensed(_) | Error::Rejected(_))) => String::new(),
        Err(stop) => return stop,
    };
    let which = if listed.is_empty() { listed } else { format!(": {listed}") };
    invalid(why).remedy(format!("choose a scanner appliance that reaches it{which}")).about("scanner").into()
}

/// What is found by its name, with more that is known of it.
macro_rules! named {
    ($($name:ident),*) => {$(
        impl Named for $name {
            fn name(&self) -> &str {
                self.found.name()
            }

            fn keys(&self) -> Vec<&str> {
                self.found.keys()
            }

            fn in_words(&self) -> String {
                self.found.in_words()
            }
        }
    )*};
}

named!(Appliance, Connector);
