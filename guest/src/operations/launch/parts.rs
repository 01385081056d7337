//! What a launch consists of, and how Qualys lists it.

use exhibit_plugin::xml::Element;
use serde::{Deserialize, Serialize};

use super::machines::Connector;
use crate::names::{Named, given_as, with_facts};
use crate::operations::call::Call;
use crate::operations::found::Found;
use crate::operations::scan::Scan;
use crate::operations::targets::Range;
use crate::qualys::fo::whole::List;
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

/// What is to be scanned.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::operations) struct Targets {
    pub(in crate::operations) addresses: Vec<String>,
    pub(in crate::operations) excluded: Vec<String>,
    pub(in crate::operations) host_names: Vec<String>,
    pub(in crate::operations) groups: Vec<String>,
    pub(in crate::operations) found_groups: Option<Vec<Group>>,
    pub(in crate::operations) tags: Vec<String>,
    pub(in crate::operations) found_tags: Option<FoundTags>,
    pub(in crate::operations) all_tags: bool,
    /// The ID of the network that the addresses are of.
    pub(in crate::operations) network: Option<i64>,
    /// The addresses that the subscription does not have; `None` until that was asked.
    pub(in crate::operations) outside: Option<Vec<String>>,
}

/// What a look for tags found.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::operations) enum FoundTags {
    Listed(Vec<Found>),
    /// The account may not list them, so that they are sent as a person gave them.
    Unchecked,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::operations) struct Group {
    pub(in crate::operations) id: String,
    pub(in crate::operations) title: String,
    /// Whose it is.
    remark: String,
    given: String,
    /// Addresses of it that no scanner of Qualys' own reaches.
    pub(in crate::operations) private: Option<String>,
}

/// Where instances of EC2 are.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::operations) struct Cloud {
    pub(in crate::operations) connector: String,
    pub(in crate::operations) region: String,
    pub(in crate::operations) instances: Vec<String>,
    pub(in crate::operations) found: Option<FoundConnector>,
}

/// What a look for the connector found.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::operations) enum FoundConnector {
    Listed(Box<Connector>),
    /// The account may not list them, so that it is sent as a person gave it.
    Unchecked,
}

/// The scan that is launched again.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::operations) struct Again {
    pub(in crate::operations) wanted: String,
    pub(in crate::operations) days: i64,
    pub(in crate::operations) reference: Option<String>,
    pub(in crate::operations) scan: Option<Scan>,
    /// What a scan had and Qualys does not list, as far as a person does not say it: what, and by which parameter.
    pub(in crate::operations) not_given: Vec<(String, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::operations) struct Surroundings {
    pub(in crate::operations) login: Option<String>,
    pub(in crate::operations) under_way: Vec<String>,
}

impl Name {
    /// As a person gave it.
    pub(in crate::operations) fn of(wanted: &str) -> Self {
        Self { wanted: wanted.to_owned(), found: None }
    }

    pub(in crate::operations) fn in_words(&self) -> String {
        self.found.as_ref().map_or_else(|| self.wanted.clone(), Found::shown)
    }
}

impl Group {
    pub(in crate::operations) fn read(element: &Element<'_>) -> Option<Self> {
        let title = element.get("TITLE").filter(|it| !it.is_empty())?.to_owned();
        let id = element.get("ID").filter(|it| !it.is_empty())?.to_owned();
        let set = element.child("IP_SET");
        let addresses = set.iter().flat_map(|it| it.children());
        let private = addresses.filter(|it| it.is("IP") || it.is("IP_RANGE")).find_map(|it| {
            let range = Range::parse(it.text())?;
            range.is_private().then(|| range.to_string())
        });
        Some(Self { id, title, remark: group_owner(element), given: String::new(), private })
    }

    /// The same, as a person gave it.
    pub(in crate::operations) fn given(&self, wanted: &str) -> Self {
        Self { given: given_as(wanted, &self.title), ..self.clone() }
    }

    pub(in crate::operations) fn shown(&self) -> String {
        let id = format!("id {}", self.id);
        with_facts(&short(&self.title), [id.as_str(), &self.remark, &self.given])
    }
}

impl Named for Group {
    fn name(&self) -> &str {
        &self.title
    }

    fn keys(&self) -> Vec<&str> {
        vec![&self.id]
    }

    fn in_words(&self) -> String {
        with_facts(&self.title, [format!("id {}", self.id).as_str(), &self.remark])
    }
}

/// Whose an asset group is, and of which business unit and network, as far as Qualys lists that.
pub(in crate::operations) fn group_owner(group: &Element<'_>) -> String {
    let known = [
        ("owner", "OWNER_USER_NAME"),
        ("business unit", "OWNER_UNIT_ID"),
        ("network", "NETWORK_ID"),
        ("networks", "NETWORK_IDS"),
    ];
    let facts = known.iter().filter_map(|(what, name)| {
        let text = group.get(name).filter(|it| !it.is_empty())?;
        Some(format!("{what} {}", short(text)))
    });
    facts.collect::<Vec<_>>().join(", ")
}

/// The attributes of asset groups by which people tell them apart.
pub(in crate::operations) const GROUP_ATTRIBUTES: &str = "TITLE,OWNER_USER_NAME,OWNER_UNIT_ID,NETWORK_IDS";

/// The list of all asset groups.
pub(in crate::operations) fn groups(path: &str, attributes: &str) -> Call {
    Call::new(
        path,
        List { root: "ASSET_GROUP_LIST_OUTPUT", record: "ASSET_GROUP" },
        [("action", "list"), ("truncation_limit", "0"), ("show_attributes", attributes)],
    )
}

/// Reads the `BASIC_INFO` of an option profile.
pub(in crate::operations) fn profile(info: &Element<'_>) -> Option<Found> {
    let text = |name: &str| info.get(name).map(short).filter(|it| !it.is_empty());
    let name = info.get("GROUP_NAME").filter(|it| !it.is_empty())?;
    let mut remark = Vec::new();
    // The usual type says nothing.
    remark.extend(text("GROUP_TYPE").filter(|it| it != "user").map(|it| format!("type {it}")));
    remark.extend(text("USER_ID").map(|it| format!("owner {it}")));
    if info.get("IS_DEFAULT") == Some("1") {
        remark.push("default".to_owned());
    }
    Some(Found::new(name, info.get("ID").unwrap_or_default(), remark.join(", ")))
}

/// The search for all tags.
pub(in crate::operations) fn tags() -> Call {
    Call::Search(Query::new("/qps/rest/2.0/search/am/tag", "Tag"))
}

/// The search for all AWS connectors.
pub(in crate::operations) fn connectors() -> Call {
    Call::Search(Query::new("/qps/rest/3.0/search/am/awsassetdataconnector", "AwsAssetDataConnector"))
}
