//! What a person sees of a launch before, and what is sent.

use super::parts::{FoundConnector, FoundTags, Group};
use super::{EXTERNAL, Launch};
use crate::names::{Named as _, listed};
use crate::operations::found::Found;

/// What a person reads where a name was not found out to be right.
const UNCHECKED: &str = "not looked up: Qualys refuses what it does not know";
/// What a dry run calls what a person should know before.
pub(in crate::operations) const WARNING: &str = "Warning";

impl Launch {
    pub(super) fn details(&self) -> Vec<(String, String)> {
        let mut details = vec![("Title".to_owned(), self.marked_title())];
        let mut add = |label: &str, text: String| {
            if !text.is_empty() {
                details.push((label.to_owned(), text));
            }
        };
        if let Some(scan) = self.again.as_ref().and_then(|it| it.scan.as_ref()) {
            add("Launches again", scan.in_words());
            add("Its asset groups", listed(scan.groups.iter().cloned()));
        }
        let targets = &self.targets;
        add("Addresses", targets.addresses.join(", "));
        add("Host names", targets.host_names.join(", "));
        let groups: Vec<String> = targets.found_groups.iter().flatten().map(Group::shown).collect();
        add("Asset groups", groups.join(", "));
        if !targets.tags.is_empty() {
            let which = if targets.all_tags { "all of" } else { "any of" };
            add(
                "Tags",
                match &targets.found_tags {
                    Some(FoundTags::Listed(found)) => {
                        format!("{which} {}", found.iter().map(Found::shown).collect::<Vec<_>>().join(", "))
                    }
                    Some(FoundTags::Unchecked) => {
                        format!("{which} {} ({UNCHECKED})", targets.tags.join(", "))
                    }
                    None => format!("{which} {}", targets.tags.join(", ")),
                },
            );
        }
        add("Left out", targets.excluded.join(", "));
        add("Network", targets.network.map(|it| format!("id {it}")).unwrap_or_default());
        if let Some(cloud) = &self.cloud {
            add(
                "Connector",
                match &cloud.found {
                    Some(FoundConnector::Listed(connector)) => connector.found.shown(),
                    Some(FoundConnector::Unchecked) => format!("{} ({UNCHECKED})", cloud.connector),
                    None => cloud.connector.clone(),
                },
            );
            add("Region or VPC", cloud.region.clone());
            add("Instances", cloud.instances.join(", "));
        }
        add("Option profile", self.profile.in_words());
        if self.is_external() {
            add("Scanner", format!("{EXTERNAL}: the scanners of Qualys in the Internet"));
        } else {
            add("Scanner", self.scanner.in_words());
        }
        add("Priority", self.priority.clone().unwrap_or_default());
        if let Some(surroundings) = &self.surroundings {
            add("Account", surroundings.login.clone().unwrap_or_default());
            add("In progress already", surroundings.under_way.join(", "));
        }
        for (what, parameter) in self.again.iter().flat_map(|it| &it.not_given) {
            add("Not taken over", format!("{what}: Qualys does not list it; give it with `{parameter}`"));
        }
        for warning in self.warnings() {
            add(WARNING, warning);
        }
        details
    }

    pub(super) fn form(&self) -> Vec<(String, String)> {
        let mut form = Vec::new();
        let mut add = |name: &str, value: String| {
            if !value.is_empty() {
                form.push((name.to_owned(), value));
            }
        };
        add("action", "launch".to_owned());
        add("scan_title", self.marked_title());
        match &self.profile.found {
            Some(it) if it.id.is_empty() => add("option_title", it.name.clone()),
            Some(it) => add("option_id", it.id.clone()),
            None => {}
        }
        match &self.scanner.found {
            // A name that two have does not say which.
            Some(it) if it.has_namesake && !it.id.is_empty() => add("iscanner_id", it.id.clone()),
            Some(it) => add("iscanner_name", it.name.clone()),
            None => add("iscanner_name", EXTERNAL.to_owned()),
        }
        let targets = &self.targets;
        add("ip", targets.addresses.join(","));
        add("fqdn", targets.host_names.join(","));
        let groups = targets.found_groups.iter().flatten();
        add("asset_group_ids", groups.map(|it| it.id.clone()).collect::<Vec<_>>().join(","));
        add("exclude_ip_per_scan", targets.excluded.join(","));
        if !targets.tags.is_empty() {
            add("target_from", "tags".to_owned());
            match &targets.found_tags {
                Some(FoundTags::Listed(found)) if found.iter().any(|it| it.has_namesake) => {
                    add("tag_set_by", "id".to_owned());
                    let ids: Vec<&str> = found.iter().map(|it| it.id.as_str()).collect();
                    add("tag_set_include", ids.join(","));
                }
                _ => {
                    add("tag_set_by", "name".to_owned());
                    add("tag_set_include", targets.tags.join(","));
                }
            }
            add("tag_include_selector", if targets.all_tags { "all" } else { "any" }.to_owned());
        }
        if let Some(cloud) = &self.cloud {
            add("connector_name", cloud.connector.clone());
            add("ec2_endpoint", cloud.region.clone());
            add("ec2_instance_ids", cloud.instances.join(","));
        }
        add("ip_network_id", targets.network.map(|it| it.to_string()).unwrap_or_default());
        add("priority", self.priority.clone().unwrap_or_default());
        form
    }
}
