//! Which hosts are asked for.

use super::{
    groups::{GROUPS, TAGS, group_id, tag_id},
    host::Host,
};
use crate::{
    parameters::{Parameters, Ranges},
    refusal::Refusal,
};

/// The conditions of a request; a host has to meet all of them.
#[derive(Default)]
pub(crate) struct Filter {
    addresses: Option<Ranges>,
    /// A bit for each asset group, of which a host needs one.
    groups: Option<u8>,
    dates: Vec<DateCondition>,
    compliance_enabled: Option<bool>,
    networks: Option<Ranges>,
    tags_included: Option<TagCondition>,
    tags_excluded: Option<TagCondition>,
}

/// A date that a host may have, in seconds since 1970.
type HostDate = fn(&Host) -> Option<i64>;

struct DateCondition {
    date: HostDate,
    bound: Bound,
}

/// Makes a bound of the moment that a parameter gives.
type Bounding = fn(i64) -> Bound;

enum Bound {
    From(i64),
    Until(i64),
    /// Not since then, or never.
    NotSince(i64),
}

struct TagCondition {
    /// A bit for each tag.
    tags: u16,
    all: bool,
}

impl Filter {
    pub(crate) fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        let processed: HostDate = |host| host.vm_processed;
        let scanned: HostDate = |host| host.vm_scanned;
        let auth: HostDate = |host| host.vm_auth_scanned;
        let compliance: HostDate = |host| host.compliance_scanned;
        let bounds: [(&str, HostDate, Bounding); 10] = [
            ("vm_scan_since", processed, Bound::From),
            ("no_vm_scan_since", processed, Bound::NotSince),
            ("vm_processed_after", processed, Bound::From),
            ("vm_processed_before", processed, Bound::Until),
            ("vm_scan_date_after", scanned, Bound::From),
            ("vm_scan_date_before", scanned, Bound::Until),
            ("vm_auth_scan_date_after", auth, Bound::From),
            ("vm_auth_scan_date_before", auth, Bound::Until),
            ("compliance_scan_since", compliance, Bound::From),
            ("no_compliance_scan_since", compliance, Bound::NotSince),
        ];
        let mut dates = Vec::new();
        for (name, date, bound) in bounds {
            if let Some(moment) = parameters.moment(name)? {
                let bound = bound(moment);
                dates.push(DateCondition { date, bound });
            }
        }
        let (tags_included, tags_excluded) = tags(parameters)?;
        Ok(Self {
            addresses: parameters.addresses("ips")?,
            groups: groups(parameters)?,
            dates,
            compliance_enabled: parameters.flag("compliance_enabled")?,
            networks: parameters.ranges("network_ids")?,
            tags_included,
            tags_excluded,
        })
    }

    /// Whether a host is asked for.
    pub(crate) fn admits(&self, host: &Host) -> bool {
        let address = u64::from(host.address);
        self.addresses.as_ref().is_none_or(|ranges| ranges.contains(address))
            && self.groups.is_none_or(|groups| groups & host.groups != 0)
            && self.dates.iter().all(|condition| condition.admits(host))
            && self.compliance_enabled.is_none_or(|enabled| enabled == host.compliance_enabled)
            // All hosts are in the Global Default Network.
            && self.networks.as_ref().is_none_or(|networks| networks.contains(0))
            && self.tags_included.as_ref().is_none_or(|tags| tags.matches(host))
            && !self.tags_excluded.as_ref().is_some_and(|tags| tags.matches(host))
    }
}

impl DateCondition {
    fn admits(&self, host: &Host) -> bool {
        let date = (self.date)(host);
        match self.bound {
            Bound::From(moment) => date.is_some_and(|date| date >= moment),
            Bound::Until(moment) => date.is_some_and(|date| date <= moment),
            Bound::NotSince(moment) => date.is_none_or(|date| date < moment),
        }
    }
}

impl TagCondition {
    fn matches(&self, host: &Host) -> bool {
        let of_host = host.tags().fold(0, |tags, place| tags | 1 << place);
        match self.all {
            true => self.tags & !of_host == 0,
            false => self.tags & of_host != 0,
        }
    }
}

fn groups(parameters: &Parameters) -> Result<Option<u8>, Refusal> {
    let ids = parameters.ranges("ag_ids")?;
    let titles = parameters.texts("ag_titles");
    if ids.is_none() && titles.is_none() {
        return Ok(None);
    }
    let wanted = |place: usize| {
        ids.as_ref().is_some_and(|ids| ids.contains(group_id(place)))
            || titles.as_ref().is_some_and(|titles| titles.contains(&GROUPS[place]))
    };
    let places = (0..GROUPS.len()).filter(|&place| wanted(place));
    Ok(Some(places.fold(0, |groups, place| groups | 1 << place)))
}

fn tags(parameters: &Parameters) -> Result<(Option<TagCondition>, Option<TagCondition>), Refusal> {
    let by_name = parameters.choice("tag_set_by", &[("id", false), ("name", true)])?;
    let selectors = [("all", true), ("any", false)];
    let include_all = parameters.choice("tag_include_selector", &selectors)?;
    let exclude_all = parameters.choice("tag_exclude_selector", &selectors)?;
    if !parameters.is_set("use_tags")? {
        return Ok((None, None));
    }
    let by_name = by_name.unwrap_or(false);
    let condition = |name, all: Option<bool>| {
        let tags = places(parameters, name, by_name)?;
        Ok(tags.map(|tags| TagCondition { tags, all: all.unwrap_or(false) }))
    };
    Ok((condition("tag_set_include", include_all)?, condition("tag_set_exclude", exclude_all)?))
}

/// A bit for each of the tags that a parameter names.
fn places(parameters: &Parameters, name: &str, by_name: bool) -> Result<Option<u16>, Refusal> {
    let Some(given) = parameters.texts(name) else {
        return Ok(None);
    };
    let mut tags = 0;
    for part in given {
        let place = if by_name {
            TAGS.iter().position(|&tag| tag == part)
        } else {
            let id: u64 = part.parse().map_err(|_| Refusal::bad_value(name, part))?;
            (0..TAGS.len()).find(|&place| tag_id(place) == id)
        };
        match place {
            Some(place) => tags |= 1 << place,
            None => return Err(Refusal::bad_value(name, part)),
        }
    }
    Ok(Some(tags))
}
