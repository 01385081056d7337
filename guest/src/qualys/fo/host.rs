//! What a host is called, wherever one is listed.

use exhibit_plugin::Value;
use exhibit_plugin::cell::text;

/// The DNS name, else the NetBIOS name, else the IP address, `get` giving the texts of a host's elements. Empty where there
/// is an element for one of them, and nothing in any.
pub fn name<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Value {
    let names = [get("DNS"), get("NETBIOS"), ip_address(&get)];
    let mut written = names.into_iter().flatten();
    text(written.clone().find(|it| !it.is_empty()).or_else(|| written.next()))
}

/// The IPv4 address; the IPv6 address where the host has no other.
pub fn ip_address<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Option<&'a str> {
    let addresses = [get("IP"), get("IPV6")];
    addresses.into_iter().flatten().find(|it| !it.is_empty()).or(get("IP"))
}
