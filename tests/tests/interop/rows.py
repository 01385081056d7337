"""Reads the kept answers of evidence with Python's own XML parser, says what each field of each record is by the
documentation of Qualys and of the fields, and compares that with the rows of the evidence.

Usage: python rows.py FOLDER

FOLDER has proof.json, rows.ndjson, index.ndjson and, without an extension, the body of each answer, unpacked.
Prints JSON: how many records and fields were compared, how often each field had a value, was empty and was absent,
and each difference.
"""

import json
import re
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from xml.etree import ElementTree

# An element that is not there, and so a key that is not there. None is an element with nothing in it: null.
ABSENT = "(absent)"
# What XML takes for a blank; Python's own strip() takes more.
BLANKS = " \t\r\n"
DAY_TIME = re.compile(r"(?:(\d+) days? )?(\d+):(\d\d):(\d\d)")


def text(record, path):
    """The text of the element there, without what pads it."""
    element = record.find(path)
    if element is None:
        return ABSENT
    return (element.text or "").strip(BLANKS) or None


def as_(convert, value):
    return value if value is ABSENT or value is None else convert(value)


def integer(record, path):
    return as_(int, text(record, path))


def flag(record, path):
    return as_({"0": False, "1": True}.__getitem__, text(record, path))


def moment(value):
    """All of Qualys' times are of UTC, with a Z or without."""
    return datetime.fromisoformat(value.removesuffix("Z")).replace(tzinfo=timezone.utc)


def written(value):
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(record, path):
    value = text(record, path)
    # `N/A` is how Qualys writes that there was none.
    return None if value == "N/A" else as_(lambda it: written(moment(it)), value)


def never(record, path):
    """A date that is missing because it never happened."""
    value = instant(record, path)
    return None if value is ABSENT else value


def stated(value):
    """A value that is not known where it is empty."""
    return ABSENT if value is None else value


def texts(record, path, within="."):
    """All texts that are at `within` of the elements at the path. ABSENT where the list itself is not there. What is
    listed without a text is listed."""
    container, _, item = path.rpartition("/")
    if record.find(container) is None:
        return ABSENT
    found = [text(element, within) for element in record.findall(f"{container}/{item}")]
    return [it or "" for it in found if it is not ABSENT] or None


def first(*values):
    """The first value that there is; empty where one of them is."""
    return next((it for it in values if it not in (ABSENT, None)), None if None in values else ABSENT)


def host(record, proof):
    dns, netbios, ip, ipv6 = (text(record, it) for it in ("DNS", "NETBIOS", "IP", "IPV6"))
    tags = texts(record, "TAGS/TAG", "NAME")
    groups = text(record, "ASSET_GROUP_IDS")
    # The address of IPv4, so an empty one of IPv6 says nothing of it.
    address = ip if ipv6 is None else first(ip, ipv6)
    return {
        "asset": first(dns, netbios, address),
        "ip-address": address,
        "operating-system": text(record, "OS"),
        "last-vulnerability-scan": never(record, "LAST_VULN_SCAN_DATETIME"),
        "last-vm-scan": never(record, "LAST_VM_SCANNED_DATE"),
        "last-compliance-scan": never(record, "LAST_COMPLIANCE_SCAN_DATETIME"),
        "tags": None if tags is ABSENT else tags,
        "host-id": integer(record, "ID"),
        "asset-id": integer(record, "ASSET_ID"),
        "ipv6-address": ipv6,
        "tracking-method": text(record, "TRACKING_METHOD"),
        "network-id": integer(record, "NETWORK_ID"),
        "dns-name": dns,
        "netbios-name": netbios,
        "cloud-provider": text(record, "CLOUD_PROVIDER"),
        "cloud-service": text(record, "CLOUD_SERVICE"),
        "cloud-resource-id": text(record, "CLOUD_RESOURCE_ID"),
        "ec2-instance-id": text(record, "EC2_INSTANCE_ID"),
        "qualys-host-id": text(record, "QG_HOSTID"),
        "first-found": instant(record, "FIRST_FOUND_DATE"),
        "last-activity": instant(record, "LAST_ACTIVITY"),
        "agent-status": text(record, "AGENT_STATUS"),
        "last-authenticated-scan": never(record, "LAST_VM_AUTH_SCANNED_DATE"),
        "last-scap-scan": never(record, "LAST_SCAP_SCAN_DATETIME"),
        "owner": text(record, "OWNER"),
        "trurisk-score": first(integer(record, "TRURISK_SCORE"), integer(record, "ASSET_RISK_SCORE")),
        "criticality": integer(record, "ASSET_CRITICALITY_SCORE"),
        "fqdn": text(record, "DNS_DATA/FQDN"),
        "serial-number": text(record, "SERIAL_NUMBER"),
        "hardware-id": text(record, "HARDWARE_UUID"),
        "last-boot": instant(record, "LAST_BOOT"),
        "comments": text(record, "COMMENTS"),
        "asset-group-ids": as_(lambda it: [part.strip(BLANKS) for part in it.split(",")], groups),
        "insufficient-privilege": text(record, "VM_AUTH_INSUFFICIENT_PRIVILEGE"),
    }


def user(record, proof):
    permissions = ABSENT
    if (listed := record.find("PERMISSIONS")) is not None:
        permissions = [it.tag for it in listed if text(listed, it.tag) == "1"] or None
    return {
        "username": text(record, "USER_LOGIN"),
        "first-name": text(record, "CONTACT_INFO/FIRSTNAME"),
        "last-name": text(record, "CONTACT_INFO/LASTNAME"),
        "email": text(record, "CONTACT_INFO/EMAIL"),
        "business-unit": text(record, "BUSINESS_UNIT"),
        "roles": text(record, "USER_ROLE"),
        "status": text(record, "USER_STATUS"),
        "last-login": instant(record, "LAST_LOGIN_DATE"),
        "user-id": integer(record, "USER_ID"),
        "external-id": text(record, "EXTERNAL_ID"),
        "title": text(record, "CONTACT_INFO/TITLE"),
        "company": text(record, "CONTACT_INFO/COMPANY"),
        "asset-groups": texts(record, "ASSIGNED_ASSET_GROUPS/ASSET_GROUP_TITLE"),
        "created": instant(record, "CREATION_DATE"),
        "unit-manager-contact": flag(record, "UNIT_MANAGER_POC"),
        "manager-contact": flag(record, "MANAGER_POC"),
        "permissions": permissions,
    }


def seconds(value):
    """Of `00:29:43` or `3 days 00:29:43`; a scan that waits or runs has a word there, and no duration yet."""
    if value in ("Pending", "Running"):
        return None
    days, hours, minutes, rest = (int(it or 0) for it in DAY_TIME.fullmatch(value).groups())
    return days * 86_400 + hours * 3_600 + minutes * 60 + rest


def scan(record, proof):
    launched, duration = instant(record, "LAUNCH_DATETIME"), as_(seconds, text(record, "DURATION"))
    end = ABSENT
    if not {ABSENT, None} & {launched, duration}:
        end = written(moment(launched) + timedelta(seconds=duration))
    return {
        "title": text(record, "TITLE"),
        "type": text(record, "TYPE"),
        "user": text(record, "USER_LOGIN"),
        "launch-date": launched,
        "duration": duration,
        # Qualys wraps long lists; no address has a line break in it.
        "targets": as_(lambda it: re.sub(f"[{BLANKS}]+", " ", it), text(record, "TARGET")),
        "status": text(record, "STATUS/STATE"),
        "reference": text(record, "REF"),
        "scan-id": integer(record, "ID"),
        "scan-type": text(record, "SCAN_TYPE"),
        "sub-status": text(record, "STATUS/SUB_STATE"),
        "duration-as-written": text(record, "DURATION"),
        "end-date": end,
        "processed": flag(record, "PROCESSED"),
        "priority": text(record, "PROCESSING_PRIORITY"),
        "asset-groups": texts(record, "ASSET_GROUP_TITLE_LIST/ASSET_GROUP_TITLE"),
        "option-profile": text(record, "OPTION_PROFILE/TITLE"),
        "client": text(record, "CLIENT/NAME"),
    }


def event(entry):
    """A line of a ticket's history."""
    parts = [
        ("", instant(entry, "DATETIME")),
        ("by ", text(entry, "ACTOR")),
        ("from ", text(entry, "STATE/OLD")),
        ("to ", text(entry, "STATE/NEW")),
        ("rule ", text(entry, "RULE")),
        ("scan ", text(entry, "SCAN/REF")),
        ("assigned to ", text(entry, "ADDED_ASSIGNEE/NAME")),
        ("no longer assigned to ", text(entry, "REMOVED_ASSIGNEE/NAME")),
        ("comment: ", text(entry, "COMMENT")),
    ]
    return " ".join(before + it for before, it in parts if it not in (ABSENT, None))


def reopenings(history):
    """How often it became open after another state."""
    count, state = 0, None
    for entry in history:
        old, new = first(text(entry, "STATE/OLD"), state), first(text(entry, "STATE/NEW"), None)
        count += new == "OPEN" and old not in (ABSENT, None, "OPEN")
        state = first(new, state)
    return count


def ticket(record, proof):
    as_of = moment(proof["job"]["as-of"])
    history = record.findall("HISTORY_LIST/HISTORY")
    state, detail = text(record, "CURRENT_STATE"), text(record, "CURRENT_STATUS")
    created, due = instant(record, "CREATION_DATETIME"), instant(record, "DUE_DATETIME")
    stats = {it: instant(record, f"STATS/LAST_{it}_DATETIME") for it in ("OPEN", "RESOLVED", "CLOSED", "IGNORED")}
    severity = integer(record, "VULNINFO/SEVERITY")
    dated = [it for it in (instant(entry, "DATETIME") for entry in history) if it not in (ABSENT, None)]

    took, late, overdue = None, None, False
    if state in (ABSENT, None):
        took = late = overdue = ABSENT
    elif state == "IGNORED" or detail == "IGNORED":
        pass
    elif state in ("RESOLVED", "CLOSED"):
        opened = [instant(it, "DATETIME") for it in history if text(it, "STATE/NEW") == "OPEN"]
        ends = [instant(it, "DATETIME") for it in history if text(it, "STATE/NEW") in ("RESOLVED", "CLOSED")]
        ends = [it for it in ends + [stats["RESOLVED"], stats["CLOSED"]] if it not in (ABSENT, None)]
        start = first(*opened, created)
        known = ends and start not in (ABSENT, None)
        took = int((moment(max(ends)) - moment(start)).total_seconds()) if known else ABSENT
        late = max(ends) > due if ends and due not in (ABSENT, None) else ABSENT
    else:
        overdue = moment(due) < as_of if due not in (ABSENT, None) else ABSENT
    return {
        "id": integer(record, "NUMBER"),
        "vulnerability-level": severity,
        "status": state if {state, detail} & {ABSENT, None} else f"{state}/{detail}",
        "due-date": due,
        "last-modified": max(dated) if dated else ABSENT,
        "time-to-resolution": took,
        "overdue": overdue,
        "resolved-late": late,
        "state": state,
        "state-detail": detail,
        "invalid": flag(record, "INVALID"),
        "created": created,
        "assignee": text(record, "ASSIGNEE/NAME"),
        "assignee-email": text(record, "ASSIGNEE/EMAIL"),
        "assignee-login": text(record, "ASSIGNEE/LOGIN"),
        "ip-address": text(record, "DETECTION/IP"),
        "host-id": integer(record, "DETECTION/HOST_ID"),
        "dns-name": text(record, "DETECTION/DNSNAME"),
        "netbios-name": text(record, "DETECTION/NBHNAME"),
        "fqdn": text(record, "DETECTION/FQDN"),
        "port": integer(record, "DETECTION/PORT"),
        "service": text(record, "DETECTION/SERVICE"),
        "protocol": text(record, "DETECTION/PROTOCOL"),
        "ssl": flag(record, "DETECTION/SSL"),
        "vulnerability": text(record, "VULNINFO/TITLE"),
        "vulnerability-type": text(record, "VULNINFO/TYPE"),
        "qid": integer(record, "VULNINFO/QID"),
        "standard-severity": integer(record, "VULNINFO/STANDARD_SEVERITY"),
        "cves": cves(record),
        "first-found": instant(record, "STATS/FIRST_FOUND_DATETIME"),
        "last-found": instant(record, "STATS/LAST_FOUND_DATETIME"),
        "last-scan": instant(record, "STATS/LAST_SCAN_DATETIME"),
        "times-found": integer(record, "STATS/TIMES_FOUND"),
        "times-not-found": integer(record, "STATS/TIMES_NOT_FOUND"),
        "last-open": stats["OPEN"],
        "last-resolved": stats["RESOLVED"],
        "last-closed": stats["CLOSED"],
        "last-ignored": stats["IGNORED"],
        "times-reopened": reopenings(history) if history else ABSENT,
        "history": ABSENT if record.find("HISTORY_LIST") is None else [event(it) for it in history] or None,
        # What was selected is there.
        "left": False,
    }


def cves(record):
    """Each is a text, or has its name in a child."""
    if record.find("VULNINFO/CVE_ID_LIST") is None:
        return ABSENT
    listed = record.findall("VULNINFO/CVE_ID_LIST/CVE_ID")
    return [first(text(it, "ID"), text(it, ".")) or "" for it in listed] or None


def word(record, path):
    return as_({"false": False, "true": True}.__getitem__, text(record, path))


def applications(record, name):
    """Of the web application, or of each of them."""
    if record.find("target/webApp") is not None:
        return text(record, f"target/webApp/{name}")
    several = (record.findall(f"target/webApps/{it}/WebApp") for it in ("list", "set"))
    found = [text(it, name) for listed in several for it in listed]
    return ", ".join(it for it in found if it not in (ABSENT, None)) or ABSENT


def was_scan(record, proof):
    # A user with a name of its own, or in an element with more about it.
    canceled_by = text(record, "canceledBy")
    if record.find("canceledBy/*") is not None:
        canceled_by = text(record, "canceledBy/username")
    return {
        "title": text(record, "name"),
        "application": applications(record, "name"),
        "url": applications(record, "url"),
        "type": text(record, "type"),
        "mode": text(record, "mode"),
        "user": text(record, "launchedBy/username"),
        "launch-date": instant(record, "launchedDate"),
        "end-date": instant(record, "endScanDate"),
        "duration": integer(record, "scanDuration"),
        "status": text(record, "status"),
        "results-status": text(record, "summary/resultsStatus"),
        "authentication-status": text(record, "summary/authStatus"),
        "scan-id": integer(record, "id"),
        "reference": text(record, "reference"),
        "multiple": word(record, "multi"),
        "application-id": integer(record, "target/webApp/id"),
        "option-profile": text(record, "profile/name"),
        "option-profile-id": integer(record, "profile/id"),
        "scanner-type": text(record, "target/scannerAppliance/type"),
        "scanner": text(record, "target/scannerAppliance/friendlyName"),
        "randomized": word(record, "target/randomizeScan"),
        "user-first-name": text(record, "launchedBy/firstName"),
        "user-last-name": text(record, "launchedBy/lastName"),
        "user-id": integer(record, "launchedBy/id"),
        "consolidated-status": text(record, "consolidatedStatus"),
        "cancel-mode": text(record, "cancelMode"),
        "canceled-by": canceled_by,
        "crawl-duration": integer(record, "summary/crawlDuration"),
        "test-duration": integer(record, "summary/testDuration"),
        "links-crawled": integer(record, "summary/linksCrawled"),
        "requests": integer(record, "summary/nbRequests"),
        "operating-system": text(record, "summary/os"),
    }


def at(record, *path):
    """What is at this path of members. ABSENT where there is none."""
    for name in path:
        if not isinstance(record, dict) or name not in record:
            return ABSENT
        record = record[name]
    return record


def clean(value):
    """A text without the NUL characters that pad it; one within it is shown."""
    return re.sub(r"^[\0\s]+|[\0\s]+$", "", value).replace("\0", "\\0") or None


def member(record, *path):
    value = at(record, *path)
    return clean(value) if isinstance(value, str) and value is not ABSENT else value


def day(record, *names):
    """A date in the first form that there is: a text with an offset, or milliseconds."""
    found = [at(record, name) for name in names]
    for value in found:
        if value is not ABSENT and isinstance(value, str) and value:
            return written(datetime.fromisoformat(value).astimezone(timezone.utc))
        if isinstance(value, int):
            return written(datetime.fromtimestamp(value / 1000, timezone.utc))
    return None if any(it in (None, "") for it in found) else ABSENT


def listed(values):
    """Each text once, in its order."""
    found = dict.fromkeys(it for it in values if it not in (ABSENT, None))
    return list(found) or None


def members(record, *path):
    value = at(record, *path)
    return ABSENT if value is ABSENT else listed(clean(it) for it in value or [])


def rank(grade):
    """Greater is worse."""
    return (ord(grade[0]), {"+": 0, "": 1, "-": 2}[grade[1:]])


def strength(algorithm, size):
    if algorithm in (ABSENT, None):
        known = isinstance(size, int) and size > 571
        return ("sufficient" if size >= 2048 else "weak") if known else ABSENT
    if not isinstance(size, int):
        return ABSENT
    return "weak" if size < {"RSA": 2048, "EC": 256}[algorithm] else "sufficient"


def certificate(record, proof):
    assets = at(record, "assets")
    hosts = [] if assets in (ABSENT, None) else assets
    instances = [it for host in hosts for it in at(host, "hostInstances") or [] if it and isinstance(it, dict)]
    of_assets = lambda values: ABSENT if assets is ABSENT else listed(values)
    named = at(record, "subjectAlternativeNames")
    dns, ips = ([clean(it) for it in (named or {}).get(kind) or []] if named is not ABSENT else []
                for kind in ("DNS Name", "IP Address"))
    names = [it for it in dns if it] + [f"IP Address: {it}" for it in ips if it]
    algorithm, size = member(record, "publicKeyAlgorithm"), at(record, "keySize")
    ends = day(record, "validToDate", "validTo")
    left = ABSENT
    if ends not in (ABSENT, None):
        left = (moment(ends) - moment(proof["job"]["as-of"])).days
    grades = [it for it in (member(it, "grade") for it in instances) if it not in (ABSENT, None)]
    known = [str(it) for it in (algorithm, size) if it not in (ABSENT, None)]
    key = " ".join(known) if len(known) == 2 or algorithm not in (ABSENT, None) else f"{size} bits"
    port = lambda it: "/".join(str(part) for part in (at(it, "port"), member(it, "protocol")) if part not in (ABSENT, None))
    tagged = any("tags" in host for host in hosts)
    return {
        "common-name": first(member(record, "subject", "name"), *names, f"{record['certhash'][:16]}…"),
        "issuer": ABSENT if at(record, "issuer") is ABSENT
        else first(member(record, "issuer", "name"), member(record, "issuer", "organization"), None),
        "serial-number": member(record, "serialNumber"),
        "valid-from": day(record, "validFromDate", "validFrom"),
        "valid-to": ends,
        "days-left": left,
        "key": key if known else ABSENT,
        "signature-algorithm": member(record, "signatureAlgorithm"),
        "self-signed": at(record, "selfSigned"),
        "hosts": of_assets(
            first(member(it, "name"), member(it, "netbiosName"), member(it, "primaryIp")) for it in hosts
        ),
        "ports": of_assets(port(it) for it in instances if isinstance(at(it, "port"), int)),
        "grade": max(grades, key=rank) if grades else ABSENT,
        "certhash": member(record, "certhash"),
        "certificate-id": at(record, "id"),
        "type": member(record, "type"),
        "alternative-names": ABSENT if named is ABSENT else listed(names),
        "distinguished-name": member(record, "dn"),
        "organization": member(record, "subject", "organization"),
        "organizational-units": members(record, "subject", "organizationUnit"),
        "locality": member(record, "subject", "locality"),
        "state": member(record, "subject", "state"),
        "country": member(record, "subject", "country"),
        "issuer-organization": member(record, "issuer", "organization"),
        "issuer-hash": member(record, "issuer", "certhash"),
        "issuer-category": member(record, "issuerCategory"),
        "root-issuer": member(record, "rootissuer", "name"),
        "root-hash": member(record, "rootissuer", "certhash"),
        "key-algorithm": algorithm,
        "key-size": size,
        "key-strength": strength(algorithm, size),
        "extended-validation": at(record, "extendedValidation"),
        "imported": at(record, "imported"),
        "last-found": day(record, "lastFound"),
        "created": day(record, "createdDate"),
        "updated": day(record, "updateDate"),
        "instance-count": at(record, "instanceCount"),
        "asset-count": at(record, "assetCount"),
        "ip-addresses": of_assets(member(it, "primaryIp") for it in hosts),
        "operating-systems": of_assets(member(it, "operatingSystem") for it in hosts),
        "tags": listed(member(it, "name") for host in hosts for it in host.get("tags") or []) if tagged else ABSENT,
        "sources": members(record, "sources"),
    }


def attribute(record, path, name):
    """The attribute of the element there, without what pads it."""
    element = record.find(path)
    value = None if element is None else element.get(name)
    return ABSENT if value is None else value.strip(BLANKS) or None


def comma_list(value):
    return ", ".join(part.strip(BLANKS) for part in value.split(","))


def often(record, path, name, unit, otherwise):
    """`every day`, `every 3 days`, or a word where no number says how often."""
    number = attribute(record, path, name)
    if number in (ABSENT, None) or not number.isdigit() or int(number) < 1:
        return otherwise
    return f"every {unit}" if int(number) == 1 else f"every {number} {unit}s"


def recurrence(record):
    if record.find("SCHEDULE/DAILY") is not None:
        return often(record, "SCHEDULE/DAILY", "frequency_days", "day", "daily")
    if record.find("SCHEDULE/WEEKLY") is not None:
        weeks = often(record, "SCHEDULE/WEEKLY", "frequency_weeks", "week", "weekly")
        days = attribute(record, "SCHEDULE/WEEKLY", "weekdays")
        if days in (ABSENT, None):
            return weeks
        if any(it in "0123456789" for it in days):
            return f"{weeks}, on the weekdays that Qualys numbers {comma_list(days)}"
        return f"{weeks} on {comma_list(days)}"
    monthly = record.find("SCHEDULE/MONTHLY")
    if monthly is None:
        return ABSENT
    said = ", ".join(f"{name.replace('_', ' ')} {value.strip(BLANKS)}" for name, value in monthly.items())
    return f"monthly ({said})" if said else "monthly"


def one_line(value):
    """Qualys wraps long lists."""
    return re.sub(f"[{BLANKS}]+", " ", value) if re.search("[\\n\\r\\t]", value) else value


def region(record):
    """The code of the region whose UUID is the endpoint; the UUID where no code is listed."""
    endpoint = text(record, "EC2_INSTANCE/EC2_ENDPOINT")
    for it in record.findall("CLOUD_DETAILS/CLOUD_TARGET/REGION"):
        uuid, code = text(it, "UUID"), text(it, "CODE")
        if {endpoint, uuid} & {ABSENT, None} or endpoint.lower() == uuid.lower():
            return next((it for it in (code, uuid, endpoint) if it not in (ABSENT, None)), ABSENT)
    return ABSENT if endpoint is None else endpoint


def mails(record):
    if record.find("NOTIFICATIONS") is None:
        return ABSENT
    said = []
    if (before := record.find("NOTIFICATIONS/BEFORE_LAUNCH")) is not None:
        when = " ".join(it for it in (text(before, "TIME"), text(before, "UNIT")) if it not in (ABSENT, None))
        said.append(f"before launch: {when}" if when else "before launch")
    if record.find("NOTIFICATIONS/AFTER_COMPLETE") is not None:
        said.append("after completion")
    return said or None


def address_ranges(record):
    if record.find("USER_ENTERED_IPS") is None:
        return ABSENT
    found = []
    for it in record.findall("USER_ENTERED_IPS/RANGE"):
        start, end = (text(it, name) for name in ("START", "END"))
        start, end = ("" if value in (ABSENT, None) else value for value in (start, end))
        found.append(start if not end or start == end else f"{start}-{end}")
    return [it for it in found if it] or None


def schedule(record, proof):
    plan = "SCHEDULE/"
    cloud, target = "CLOUD_DETAILS/", "CLOUD_DETAILS/CLOUD_TARGET/"
    state = text(record, "ACTIVE")
    connectors = text(record, cloud + "CONNECTOR/UUID"), text(record, "EC2_INSTANCE/CONNECTOR_UUID")
    last = instant(record, plan + "LASTLAUNCH_UTC")
    return {
        "title": text(record, "TITLE"),
        "active": stated(as_({"0": False, "1": True, "2": True, "3": False}.__getitem__, state)),
        "target": as_(one_line, text(record, "TARGET")),
        "option-profile": text(record, "OPTION_PROFILE/TITLE"),
        "scanner": as_(one_line, text(record, "ISCANNER_NAME")),
        "recurrence": recurrence(record),
        "next-launch": instant(record, plan + "NEXTLAUNCH_UTC"),
        "last-launch": instant(record, "LASTLAUNCH_UTC") if last is ABSENT else last,
        "owner": text(record, "USER_LOGIN"),
        "schedule-id": integer(record, "ID"),
        "state": as_({"0": "Off", "1": "On", "2": "On (continuous)", "3": "Paused"}.__getitem__, state),
        "weekdays": attribute(record, plan + "WEEKLY", "weekdays"),
        "start-date": instant(record, plan + "START_DATE_UTC"),
        "start-hour": integer(record, plan + "START_HOUR"),
        "start-minute": integer(record, plan + "START_MINUTE"),
        "time-zone": text(record, plan + "TIME_ZONE/TIME_ZONE_CODE"),
        "time-zone-details": text(record, plan + "TIME_ZONE/TIME_ZONE_DETAILS"),
        "daylight-saving": flag(record, plan + "DST_SELECTED"),
        "modified": instant(record, "MODIFIED"),
        "default-option-profile": flag(record, "OPTION_PROFILE/DEFAULT_FLAG"),
        "asset-groups": texts(record, "ASSET_GROUP_TITLE_LIST/ASSET_GROUP_TITLE"),
        "tags-included": text(record, "ASSET_TAGS/TAG_SET_INCLUDE"),
        "tags-included-selector": text(record, "ASSET_TAGS/TAG_INCLUDE_SELECTOR"),
        "tags-excluded": text(record, "ASSET_TAGS/TAG_SET_EXCLUDE"),
        "tags-excluded-selector": text(record, "ASSET_TAGS/TAG_EXCLUDE_SELECTOR"),
        "ip-ranges": address_ranges(record),
        "load-balancers": texts(record, "ELB_DNS/DNS"),
        "network-id": integer(record, "NETWORK_ID"),
        "priority": text(record, "PROCESSING_PRIORITY"),
        "notifications": mails(record),
        "cloud-provider": text(record, cloud + "PROVIDER"),
        "cloud-connector": text(record, cloud + "CONNECTOR/NAME"),
        "cloud-connector-id": next((it for it in connectors if it not in (ABSENT, None)), first(*connectors)),
        "cloud-scan-type": text(record, cloud + "SCAN_TYPE"),
        "cloud-platform": text(record, target + "PLATFORM"),
        "cloud-region": region(record),
        "vpc-scope": text(record, target + "VPC_SCOPE"),
    }


# What a row keeps of results, in bytes.
RESULTS = 32_767


def cut(value):
    """Results as a row has them, and their length where that is less."""
    whole = (value or "").encode()
    if len(whole) <= RESULTS:
        return value, ABSENT
    return whole[:RESULTS].decode(errors="ignore"), len(whole)


def known(vuln):
    """What the KnowledgeBase says of a QID."""
    cves = ABSENT
    if vuln.find("CVE_LIST") is not None:
        listed = vuln.findall("CVE_LIST/CVE")
        cves = [text(it, "ID") if it.find("ID") is not None else text(it, ".") for it in listed]
        cves = [it for it in cves if it] or None
    return text(vuln, "TITLE"), cves, {"0": False, "1": True}.get(text(vuln, "PATCHABLE"), ABSENT)


def detection(host, record, entries, proof):
    as_of = moment(proof["job"]["as-of"])
    dns, netbios, ip, ipv6 = (text(host, it) for it in ("DNS", "NETBIOS", "IP", "IPV6"))
    address = ip if ipv6 is None else first(ip, ipv6)
    status, found, fixed = text(record, "STATUS"), instant(record, "FIRST_FOUND_DATETIME"), instant(record, "LAST_FIXED_DATETIME")
    age = found
    if found not in (ABSENT, None):
        until = moment(fixed) if status == "Fixed" and fixed not in (ABSENT, None) else as_of
        age = max(0, (until - moment(found)) // timedelta(days=1))
    title, cves, patchable = entries.get(text(record, "QID"), (ABSENT, ABSENT, ABSENT))
    results, length = ABSENT, ABSENT
    if (element := record.find("RESULTS")) is not None:
        results, length = cut(element.text)
        results = (results or "").strip(BLANKS) or None
    return {
        "asset": first(dns, netbios, address),
        "ip-address": address,
        "qid": integer(record, "QID"),
        "title": title,
        "severity": stated(integer(record, "SEVERITY")),
        "type": stated(text(record, "TYPE")),
        "status": status,
        "first-found": found,
        "last-found": instant(record, "LAST_FOUND_DATETIME"),
        "times-found": integer(record, "TIMES_FOUND"),
        "age-in-days": age,
        "port": integer(record, "PORT"),
        "protocol": text(record, "PROTOCOL"),
        "host-id": integer(host, "ID"),
        "asset-id": integer(host, "ASSET_ID"),
        "ipv6-address": ipv6,
        "tracking-method": text(host, "TRACKING_METHOD"),
        "network-id": integer(host, "NETWORK_ID"),
        "operating-system": text(host, "OS"),
        "dns-name": dns,
        "netbios-name": netbios,
        "qualys-host-id": text(host, "QG_HOSTID"),
        "last-scan": instant(host, "LAST_SCAN_DATETIME"),
        "last-vm-scan": instant(host, "LAST_VM_SCANNED_DATE"),
        "last-vm-scan-duration": integer(host, "LAST_VM_SCANNED_DURATION"),
        "last-authenticated-scan": instant(host, "LAST_VM_AUTH_SCANNED_DATE"),
        "last-compliance-scan": instant(host, "LAST_PC_SCANNED_DATE"),
        "fqdn": text(record, "FQDN"),
        "ssl": flag(record, "SSL"),
        "instance": text(record, "INSTANCE"),
        "unique-id": text(record, "UNIQUE_VULN_ID"),
        "qds": integer(record, "QDS"),
        "last-tested": instant(record, "LAST_TEST_DATETIME"),
        "last-updated": instant(record, "LAST_UPDATE_DATETIME"),
        "last-fixed": fixed,
        "first-reopened": instant(record, "FIRST_REOPENED_DATETIME"),
        "last-reopened": instant(record, "LAST_REOPENED_DATETIME"),
        "times-reopened": integer(record, "TIMES_REOPENED"),
        "last-processed": instant(record, "LAST_PROCESSED_DATETIME"),
        "ignored": stated(flag(record, "IS_IGNORED")),
        "disabled": flag(record, "IS_DISABLED"),
        "in-knowledge-base": text(record, "QID") in entries,
        "cves": cves,
        "patchable": patchable,
        "results-length": length,
        "results": results,
        # What was selected is there.
        "left": False,
    }


def detections(folder, proof):
    """Each detection of each host, with what another answer says of its QID."""
    entries = {text(it, "QID"): known(it) for it in records(folder, "RESPONSE/VULN_LIST/VULN")}
    for host in records(folder, "RESPONSE/HOST_LIST/HOST"):
        for record in host.findall("DETECTION_LIST/DETECTION"):
            yield detection(host, record, entries, proof)


# For each proof type, where its records are, and what they are read by. Those without a path are the elements of an array.
TYPES = {
    "assets": ("RESPONSE/HOST_LIST/HOST", host),
    "users": ("USER_LIST/USER", user),
    "vm-scans": ("RESPONSE/SCAN_LIST/SCAN", scan),
    "pc-scans": ("RESPONSE/SCAN_LIST/SCAN", scan),
    "tickets": ("TICKET_LIST/TICKET", ticket),
    "was-scans": ("data/WasScan", was_scan),
    "certificates": (None, certificate),
    "scan-schedules": ("RESPONSE/SCHEDULE_SCAN_LIST/SCAN", schedule),
}


def charset(answer):
    """What the head of an answer says of its body; it comes before what the body says of itself."""
    content_type = dict(answer["headers"]).get("content-type", "")
    named = re.search(r"charset=\"?([^;\"\s]+)", content_type, re.IGNORECASE)
    return named and named[1]


def lines(path):
    # Not splitlines(), which splits at characters that JSON leaves in a text.
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def records(folder, path):
    for answer in lines(folder / "index.ndjson"):
        if answer["broken"] is None and path is None:
            body = json.loads((folder / answer["file"].removesuffix(".zst")).read_text("utf-8-sig"))
            yield from body if isinstance(body, list) else body["data"]
        elif answer["broken"] is None:
            parser = ElementTree.XMLParser(encoding=charset(answer))
            parser.feed((folder / answer["file"].removesuffix(".zst")).read_bytes())
            yield from parser.close().findall(path)


def same(one, other):
    """Equal, and of the same kind: 1 is not True."""
    return json.dumps(one) == json.dumps(other)


def compare(folder):
    proof = json.loads((folder / "proof.json").read_text("utf-8"))
    name = proof["type"]["name"]
    fields = [it["name"] for it in proof["type"]["fields"]]
    if name == "detections":
        read_records = detections(folder, proof)
    elif name in TYPES:
        path, read = TYPES[name]
        read_records = (read(it, proof) for it in records(folder, path))
    else:
        sys.exit(f"the proof type {name} has no mapping here: write one from the documentation")
    rows = lines(folder / "rows.ndjson")
    differences, counts = [], {field: [0, 0, 0] for field in fields}
    expected, rejected = [], 0
    for record in read_records:
        # What has nothing to be recognized by is no row, and is counted.
        if {record[it] for it in proof["type"]["key"]} <= {ABSENT, None}:
            rejected += 1
        else:
            expected.append(record)
    read_here, kept = (len(expected), rejected), (len(rows), proof["completeness"]["rejected"])
    if read_here != kept:
        differences.append(f"{name}: {kept} rows and rejected records, and {read_here} in the answers")
    for number, (record, row) in enumerate(zip(expected, rows)):
        place = f"{name}, row {number + 1}"
        if list(record) != fields:
            sys.exit(f"{name} has other fields than are read here: {set(fields) ^ set(record) or 'their order'}")
        if list(row) != [it for it in fields if it in row]:
            differences.append(f"{place}: the keys {list(row)} are not the fields in their order")
        for field, value in record.items():
            counts[field][2 if value is ABSENT else 1 if value is None else 0] += 1
            if not same(row.get(field, ABSENT), value):
                differences.append(f"{place}: {field} is {row.get(field, ABSENT)!r}, and {value!r} in the answer")
    return {
        "type": name,
        "records": len(expected),
        "fields": len(expected) * len(fields),
        "values": counts,
        "differences": differences,
    }


print(json.dumps(compare(Path(sys.argv[1]))))
