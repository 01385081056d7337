//! What a launch consists of, and how Qualys lists it.

use exhibit_plugin::Error;
use exhibit_plugin::xml::Element;
use serde::{Deserialize, Serialize};

use crate::operations::call::Call;
use crate::operations::names::{What, choose};
use crate::operations::scan::Scan;
use crate::operations::targets::Range;
use crate::qualys::qps::whole::Query;
use crate::qualys::reading::short;

#[derive(Serialize, Deserialize)]
pub(in crate::operations) struct Paths {
    pub(in crate::operations) scans: String,
    pub(in crate::operations) profiles: String,
    pub(in crate::operations) groups: String,
}

/// A name that a person gave, and what Qualys calls it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::operations) struct Name {
    pub(in crate::operations) wanted: String,
    pub(in crate::operations) found: Option<Found>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::operations) struct Found {
    pub(in crate::operations) name: String,
    pub(in crate::operations) id: String,
    /// What else a person should see of it.
    pub(in crate::operations) remark: String,
}

/// What is to be scanned.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::operations) struct Targets {
    pub(in crate::operations) addresses: Vec<String>,
    pub(in crate::operations) excluded: Vec<String>,
    pub(in crate::operations) host_names: Vec<String>,
    pub(in crate::operations) groups: Vec<String>,
    pub(in crate::operations) found_groups: Option<Vec<Group>>,
    pub(in crate::operations) tags: Vec<String>,
    /// What a person should know of the tags; `None` until they were looked up.
    pub(in crate::operations) tags_remark: Option<String>,
    pub(in crate::operations) all_tags: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::operations) struct Group {
    pub(in crate::operations) id: String,
    pub(in crate::operations) title: String,
    /// Addresses of it that no scanner of Qualys' own reaches.
    pub(in crate::operations) private: Option<String>,
}

/// Where instances of EC2 are.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::operations) struct Cloud {
    pub(in crate::operations) connector: String,
    pub(in crate::operations) region: String,
    pub(in crate::operations) instances: Vec<String>,
    /// What a person should know of the connector; `None` until it was looked up.
    pub(in crate::operations) remark: Option<String>,
}

/// The scan that is launched again.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::operations) struct Again {
    pub(in crate::operations) wanted: String,
    pub(in crate::operations) days: i64,
    pub(in crate::operations) reference: Option<String>,
    pub(in crate::operations) scan: Option<Scan>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::operations) struct Surroundings {
    pub(in crate::operations) login: Option<String>,
    pub(in crate::operations) under_way: Vec<String>,
}

impl Name {
    pub(in crate::operations) fn in_words(&self) -> String {
        let Some(found) = &self.found else { return self.wanted.clone() };
        let id = Some(format!("id {}", found.id)).filter(|_| !found.id.is_empty());
        let remark = Some(found.remark.clone()).filter(|it| !it.is_empty());
        let more: Vec<String> = id.into_iter().chain(remark).collect();
        if more.is_empty() { found.name.clone() } else { format!("{} ({})", found.name, more.join(", ")) }
    }
}

pub(in crate::operations) fn named(element: &Element<'_>, name: &str) -> Option<Found> {
    let name = element.get(name).filter(|it| !it.is_empty())?.to_owned();
    let id = element.get("ID").unwrap_or_default().to_owned();
    Some(Found { name, id, remark: String::new() })
}

pub(in crate::operations) fn appliance(element: &Element<'_>) -> Option<Found> {
    let mut remark = vec![short(element.get("STATUS").unwrap_or_default())];
    let cloud = element.child("CLOUD_INFO");
    if let Some(ec2) = cloud.and_then(|it| it.child("EC2_INFO")) {
        remark.extend(["INSTANCE_REGION", "INSTANCE_VPC_ID"].iter().filter_map(|it| ec2.get(it)).map(short));
    }
    remark.retain(|it| !it.is_empty());
    Some(Found { remark: remark.join(", "), ..named(element, "NAME")? })
}

pub(in crate::operations) fn group(element: &Element<'_>) -> Option<Group> {
    let title = element.get("TITLE").filter(|it| !it.is_empty())?.to_owned();
    let id = element.get("ID").filter(|it| !it.is_empty())?.to_owned();
    let set = element.child("IP_SET");
    let addresses = set.iter().flat_map(|it| it.children());
    let private = addresses.filter(|it| it.is("IP") || it.is("IP_RANGE")).find_map(|it| {
        let range = Range::parse(it.text())?;
        range.is_private().then(|| range.to_string())
    });
    Some(Group { id, title, private })
}

pub(in crate::operations) fn chosen(what: What, wanted: &str, all: &[Found]) -> Result<Found, Error> {
    let shown =
        |it: &Found| if it.id.is_empty() { it.name.clone() } else { format!("{} (id {})", it.name, it.id) };
    choose(what, wanted, all, |it| &it.name, shown).cloned()
}

/// Reads an object of the portal.
pub(in crate::operations) fn portal(element: &Element<'_>) -> Option<Found> {
    let text = |name| element.get(name).filter(|it| !it.is_empty());
    Some(Found { name: text("name")?.to_owned(), id: short(text("id")?), remark: String::new() })
}

/// The search for all tags.
pub(in crate::operations) fn tags() -> Call {
    Call::Search(Query::new("/qps/rest/2.0/search/am/tag", "Tag"))
}

/// The search for all AWS connectors.
pub(in crate::operations) fn connectors() -> Call {
    Call::Search(Query::new("/qps/rest/3.0/search/am/awsassetdataconnector", "AwsAssetDataConnector"))
}
