"""A row of the proof, out of the texts of a record's elements: what lxml and xmltodict share."""

from datetime import datetime

TEXTS = {
    "ip-address": "IP",
    "operating-system": "OS",
    "ipv6-address": "IPV6",
    "tracking-method": "TRACKING_METHOD",
    "dns-name": "DNS",
    "netbios-name": "NETBIOS",
    "cloud-provider": "CLOUD_PROVIDER",
    "cloud-service": "CLOUD_SERVICE",
    "cloud-resource-id": "CLOUD_RESOURCE_ID",
    "ec2-instance-id": "EC2_INSTANCE_ID",
    "qualys-host-id": "QG_HOSTID",
    "agent-status": "AGENT_STATUS",
    "owner": "OWNER",
}
INTEGERS = {"host-id": "ID", "asset-id": "ASSET_ID", "network-id": "NETWORK_ID"}
INSTANTS = {
    "last-vulnerability-scan": "LAST_VULN_SCAN_DATETIME",
    "last-vm-scan": "LAST_VM_SCANNED_DATE",
    "last-compliance-scan": "LAST_COMPLIANCE_SCAN_DATETIME",
    "first-found": "FIRST_FOUND_DATE",
    "last-activity": "LAST_ACTIVITY",
    "last-authenticated-scan": "LAST_VM_AUTH_SCANNED_DATE",
    "last-scap-scan": "LAST_SCAP_SCAN_DATETIME",
}


def row(texts, tags):
    """A dict with a value for each field: None where the element is missing."""
    get = texts.get
    made = {name: text and text.strip() for name, text in ((name, get(it)) for name, it in TEXTS.items())}
    for name, element in INTEGERS.items():
        text = get(element)
        made[name] = text and int(text)
    for name, element in INSTANTS.items():
        text = get(element)
        made[name] = text and int(datetime.fromisoformat(text).timestamp() * 1000)
    made["asset"] = made["dns-name"] or made["netbios-name"] or made["ip-address"]
    made["tags"] = tags
    return made
