//! The earlier scan that is launched again.

use exhibit_plugin::Error;
use exhibit_plugin::problem::invalid;

use super::{Launch, MAX_TARGET_BYTES};
use crate::names::{Named as _, What, choose, listed};
use crate::operations::found::Found;
use crate::operations::mark;
use crate::operations::scan::Scan;
use crate::operations::targets::{self, Range};

impl Launch {
    /// Finds the scan that is meant by its title.
    pub(super) fn choose_again(&mut self, scans: Vec<Scan>) -> Result<(), Error> {
        let Some(again) = &mut self.again else { return Ok(()) };
        let what = What { one: "scan", parameter: "scan" };
        let title = |it: &Scan| mark::without(&it.title).to_owned();
        let same: Vec<&Scan> = scans.iter().filter(|it| title(it) == mark::without(&again.wanted)).collect();
        // Scans of a schedule have one title: the newest one is meant, if all of them are alike.
        let newest = same.iter().max_by_key(|it| (it.launched, &it.reference));
        if let Some(newest) = newest {
            let alike = |it: &&&Scan| it.profile == newest.profile && it.groups == newest.groups;
            if same.iter().all(|it| alike(&it)) {
                again.reference = Some(newest.reference.clone());
                return Ok(());
            }
            return Err(invalid(format!(
                "scans with the title {:?} differ in option profile or asset groups",
                again.wanted
            ))
            .remedy(format!(
                "name one by its reference: {}",
                listed(same.iter().map(|it| it.with_settings()))
            ))
            .about("scan"));
        }
        let mut titles: Vec<String> = scans.iter().map(title).collect();
        titles.sort_unstable();
        titles.dedup();
        let chosen = choose(what, &again.wanted, &titles)?.one.clone();
        again.wanted = chosen;
        self.choose_again(scans)
    }

    /// Takes over what the earlier scan had.
    pub(super) fn take_over(&mut self, scan: Scan) -> Result<(), Error> {
        let about = |error: Error| error.about("scan");
        let what = scan.in_words();
        let Some(old) = &scan.targets else {
            return Err(about(invalid(format!("Qualys does not list the targets of {what}"))));
        };
        if old.iter().map(String::len).sum::<usize>() > MAX_TARGET_BYTES {
            return Err(about(invalid(format!("{what} has too many targets to be launched again"))));
        }
        for target in old {
            if Range::parse(target).is_some() {
                self.targets.addresses.push(target.clone());
            } else if targets::is_host_name(target) {
                self.targets.host_names.push(target.clone());
            } else {
                let message =
                    format!("{what} has the target {target:?}, which is no address and no host name");
                return Err(about(invalid(message).remedy(
                    "scans of cloud instances and of tags are launched by the operations for them",
                )));
            }
        }
        if self.targets.addresses.is_empty() && self.targets.host_names.is_empty() {
            return Err(about(invalid(format!("{what} has no targets"))));
        }
        if self.profile.wanted.is_empty() {
            if scan.profile.is_empty() {
                return Err(invalid(format!("Qualys does not list the option profile of {what}"))
                    .remedy("name an option profile")
                    .about("option-profile"));
            }
            let name = scan.profile.clone();
            self.profile.found = Some(Found::new(&name, "", String::new()));
        }
        let priority = scan.priority.split(' ').next().unwrap_or_default();
        if matches!(priority, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9") {
            self.priority = Some(priority.to_owned());
        }
        self.title = mark::without(&scan.title).to_owned();
        if let Some(again) = &mut self.again {
            again.scan = Some(scan.bounded());
        }
        Ok(())
    }
}
