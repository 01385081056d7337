//! What a person sees of a launch before, and what is sent.

use super::parts::Group;
use super::{EXTERNAL, Launch};
use crate::operations::names::listed;
use crate::qualys::reading::short;

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
        let group = |it: &Group| format!("{} (id {})", short(&it.title), it.id);
        let groups: Vec<String> = targets.found_groups.iter().flatten().map(group).collect();
        add("Asset groups", groups.join(", "));
        if !targets.tags.is_empty() {
            let which = if targets.all_tags { "all of" } else { "any of" };
            let tags = format!("{which} {}", targets.tags.join(", "));
            add("Tags", with_remark(tags, targets.tags_remark.as_deref()));
        }
        add("Left out", targets.excluded.join(", "));
        if let Some(cloud) = &self.cloud {
            add("Connector", with_remark(cloud.connector.clone(), cloud.remark.as_deref()));
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
            add("tag_set_by", "name".to_owned());
            add("tag_set_include", targets.tags.join(","));
            add("tag_include_selector", if targets.all_tags { "all" } else { "any" }.to_owned());
        }
        if let Some(cloud) = &self.cloud {
            add("connector_name", cloud.connector.clone());
            add("ec2_endpoint", cloud.region.clone());
            add("ec2_instance_ids", cloud.instances.join(","));
        }
        add("priority", self.priority.clone().unwrap_or_default());
        form
    }
}

fn with_remark(text: String, remark: Option<&str>) -> String {
    match remark {
        None | Some("") => text,
        Some(remark) => format!("{text} ({remark})"),
    }
}
