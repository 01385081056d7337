//! Whether a scan reaches what is to be scanned: by the scanner that was chosen, and by the addresses of the subscription.

use exhibit_plugin::Error;
use exhibit_plugin::xml::Element;

use super::{EXTERNAL, Launch};
use crate::operations::call::{Call, Reply};
use crate::operations::scan;
use crate::operations::targets::{self, Range};
use crate::qualys::fo::whole::List;
use crate::qualys::reading::Stop;

/// Bytes of addresses that are asked about in one address line; of more, all addresses of the subscription are listed.
const MAX_ASKED_BYTES: usize = 2 << 10;

impl Launch {
    /// Why not all is reached, where that is known. An address that only a scanner inside reaches is not scanned by one of Qualys:
    /// it would find no host, and say so as if all were well.
    pub(super) fn not_reached(&self) -> Option<String> {
        if self.cloud.is_some() || !self.is_external() {
            return None;
        }
        let is_private = |it: &&String| Range::parse(it).is_some_and(|it| it.is_private());
        let address = self.targets.addresses.iter().find(is_private).map(|it| format!("{it} is private"));
        let groups = self.targets.found_groups.iter().flatten();
        let group = groups.filter_map(|it| {
            it.private.as_ref().map(|at| format!("the asset group {:?} has {at}, which is private", it.title))
        });
        let why = address.or_else(|| group.into_iter().next())?;
        Some(format!("{why}, and the scanner {EXTERNAL} reaches only what is in the Internet"))
    }

    /// The addresses that are asked for and not left out. The list of the subscription has none of version 6.
    pub(super) fn asked_addresses(&self) -> Vec<Range> {
        let ranges = |texts: &[String]| {
            let ranges = texts.iter().filter_map(|it| Range::parse(it)).filter(|it| !it.is_v6());
            ranges.collect::<Vec<_>>()
        };
        targets::minus(&ranges(&self.targets.addresses), &ranges(&self.targets.excluded))
    }

    /// The list of the addresses of the subscription, narrowed down to those asked for where that is a short list.
    pub(super) fn addresses(&self) -> Call {
        let asked = self.asked_addresses().iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let list = List { root: "IP_LIST_OUTPUT", record: "IP_SET" };
        let call = Call::new("/api/2.0/fo/asset/ip/", list, [("action", "list")]);
        let call = if asked.len() <= MAX_ASKED_BYTES { call.with("ips", asked) } else { call };
        match self.targets.network {
            Some(network) => call.with("network_id", network.to_string()),
            None => call,
        }
    }

    /// Takes the answer to that: which of the addresses asked for the subscription does not have. Where the account may not list
    /// them, nothing is known of that.
    pub(super) fn learn_addresses(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        let ranges = |set: &Element<'_>| {
            let texts: Vec<Range> = set.children().filter_map(|it| Range::parse(it.text())).collect();
            Some(texts)
        };
        self.targets.outside = Some(match reply.records(ranges) {
            Ok(sets) => {
                let known: Vec<Range> = sets.records.into_iter().flatten().collect();
                let outside = targets::minus(&self.asked_addresses(), &known);
                let mut outside: Vec<String> = outside.iter().map(ToString::to_string).collect();
                scan::bound(&mut outside);
                outside
            }
            Err(Stop::Failed(Error::Denied(_) | Error::Unlicensed(_) | Error::Rejected(_))) => Vec::new(),
            Err(stop) => return Err(stop),
        });
        Ok(())
    }
}
