//! What Qualys left out of a launch.

use super::Launch;
use crate::names::listed;
use crate::operations::scan::{self, Scan};
use crate::operations::targets::{self, Range};
use crate::qualys::reading::short;

impl Launch {
    /// What Qualys left out, as the end of a sentence; empty where it left out nothing that is known.
    pub(super) fn dropped_in_words(&self) -> String {
        match self.dropped.as_deref() {
            None | Some([]) => String::new(),
            Some(dropped) => format!("; Qualys left out {}", listed(dropped.iter().cloned())),
        }
    }

    /// What Qualys left out of what was asked; `None` where it lists nothing to compare.
    pub(super) fn compare(&self, scan: &Scan) -> Option<Vec<String>> {
        if let Some(cloud) = &self.cloud {
            // The list has IDs of Qualys in place of instances, so only what Qualys says itself is known.
            let is_word = |it: char| it.is_ascii_alphanumeric() || it == '-';
            let words = self.notifications.iter().flat_map(|it| it.split(|it| !is_word(it)));
            let words: Vec<&str> = words.collect();
            let skipped = cloud.instances.iter().filter(|it| words.contains(&it.as_str()));
            let skipped: Vec<String> = skipped.cloned().collect();
            return (!skipped.is_empty()).then_some(skipped);
        }
        if !self.targets.tags.is_empty() {
            return None;
        }
        let listed = scan.targets.as_ref()?;
        let ranges = |texts: &[String]| texts.iter().filter_map(|it| Range::parse(it)).collect::<Vec<_>>();
        let asked = targets::minus(&ranges(&self.targets.addresses), &ranges(&self.targets.excluded));
        let missing = targets::minus(&asked, &ranges(listed));
        let mut dropped: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let is_listed = |name: &&String| !listed.iter().any(|it| it.eq_ignore_ascii_case(name));
        dropped.extend(self.targets.host_names.iter().filter(is_listed).cloned());
        if !scan.groups.is_empty() {
            let groups = self.targets.found_groups.iter().flatten();
            let missing = groups.filter(|it| !scan.groups.contains(&short(&it.title)));
            dropped.extend(missing.map(|it| format!("asset group {}", it.title)));
        }
        scan::bound(&mut dropped);
        Some(dropped)
    }
}
