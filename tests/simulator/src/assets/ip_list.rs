//! The list of the addresses of the subscription, `/api/2.0/fo/asset/ip/`.

use std::net::Ipv4Addr;

use crate::{
    parameters::{Parameters, Ranges},
    question::Question,
    refusal::Refusal,
    stream::{Document, Source},
    written,
};

const DOCUMENT: Document = Document { root: "IP_LIST_OUTPUT", dtd: "api/2.0/fo/asset/ip/ip_list_output.dtd" };

/// These addresses are in no subscription.
const OUTSIDE: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(203, 0, 113, 0), Ipv4Addr::new(203, 0, 113, 255));

/// Those of some addresses that the subscription has.
pub(crate) fn in_subscription(asked: &Ranges) -> Ranges {
    let [low, high] = [OUTSIDE.0, OUTSIDE.1].map(|it| u64::from(u32::from(it)));
    asked.without(&Ranges::from_to(low, high))
}

/// Ranges as they are written: `192.0.2.1` or `192.0.2.1-192.0.2.9`.
pub(crate) fn written(ranges: &Ranges) -> Vec<String> {
    let address = |number: u64| Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX));
    let ranges = ranges.iter().map(|(low, high)| match low == high {
        true => address(low).to_string(),
        false => format!("{}-{}", address(low), address(high)),
    });
    ranges.collect()
}

/// The addresses that were asked for.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    let known = ["ips", "network_id", "tracking_method", "compliance_enabled", "certview_enabled"];
    let parameters = Parameters::of_list(question.call, &known)?;
    let all = || Ranges::from_to(1 << 24, u64::from(u32::from(Ipv4Addr::new(223, 255, 255, 255))));
    let known = in_subscription(&parameters.addresses("ips")?.unwrap_or_else(all));
    let ranges = written(&known);
    Ok(written::whole(DOCUMENT, |xml| {
        xml.open("RESPONSE");
        xml.moment("DATETIME", question.changes.now(question.world));
        if !ranges.is_empty() {
            xml.open("IP_SET");
            for range in &ranges {
                xml.text(if range.contains('-') { "IP_RANGE" } else { "IP" }, range);
            }
            xml.close("IP_SET");
        }
        xml.close("RESPONSE");
    }))
}
