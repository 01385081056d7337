"""Alters kept answers: elements are left out, emptied, padded, written in other ways that XML has, and elements that the
documentation names are added. Writes them as recordings that the simulator serves.

Usage: python altered.py FOLDER OUT SEED

FOLDER is that of rows.py; OUT gets replay.json and the answers.
"""

import json
import random
import sys
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

RECORDS = {
    "assets": "HOST",
    "users": "USER",
    "vm-scans": "SCAN",
    "pc-scans": "SCAN",
    "tickets": "TICKET",
    "was-scans": "WasScan",
    "detections": "HOST",
    "scan-schedules": "SCAN",
}
# Without its key a record is none; and what a CVE without a name is, no documentation says.
KEPT = {
    "HOST": {"ID", "DETECTION_LIST", "DETECTION", "QID"},
    "VULN": {"QID"},
    "USER": {"EMAIL"},
    "SCAN": {"REF", "ID"},
    "TICKET": {"NUMBER", "CVE_ID"},
    "WasScan": {"id"},
}
HOSTILE = ['R&D <lab> "East"', "a ]]> b", "Zürich – 東京 🗼", "=1+1", "&amp; once", "tab\there", "two\nlines", "x"]


def added(record, chance, name):
    """Adds elements that the simulator does not write, with what the documentation knows of their values."""

    def add(parent, element, *values):
        if parent is not None and parent.find(element) is None and chance.random() < 0.5:
            ElementTree.SubElement(parent, element).text = chance.choice(values)

    if name == "assets":
        add(record, "AGENT_STATUS", *HOSTILE)
        add(record, chance.choice(["TRURISK_SCORE", "ASSET_RISK_SCORE"]), "0", "731", "")
        add(record, "ASSET_CRITICALITY_SCORE", "1", "5")
        add(record, "ASSET_GROUP_IDS", "7", "7,12", "7, 12,\n 40", "")
        if chance.random() < 0.1:
            # A host of IPv6 alone.
            for gone in ("IP", "DNS", "NETBIOS"):
                for it in record.findall(gone):
                    record.remove(it)
            add(record, "IPV6", "2001:db8::1")
    elif name == "users":
        if chance.random() < 0.5:
            granted = ElementTree.SubElement(record, "PERMISSIONS")
            for it in ("CREATE_OPTION_PROFILES", "PURGE_INFO", "ADD_ASSETS", "EDIT_AUTH_RECORDS"):
                add(granted, it, "0", "1")
    elif name == "tickets":
        add(record.find("DETECTION"), "FQDN", *HOSTILE)
        add(record.find("DETECTION"), "SSL", "0", "1")
    elif name == "was-scans":
        add(record, "consolidatedStatus", *HOSTILE)
        add(record, "cancelMode", *HOSTILE)
        add(record, "canceledBy", *HOSTILE)
        add(record.find("summary"), "os", *HOSTILE)
        target = record.find("target")
        if chance.random() < 0.2:
            # A scan of several web applications.
            target.remove(target.find("webApp"))
            applications = ElementTree.SubElement(target, "webApps")
            listed = ElementTree.SubElement(applications, chance.choice(["list", "set"]))
            for _ in range(chance.randrange(3)):
                application = ElementTree.SubElement(listed, "WebApp")
                add(application, "id", "1", "2")
                add(application, "name", *HOSTILE)
                add(application, "url", "https://a.example/?b=1&c=2", "https://d.example")
    elif name == "detections":
        for element, values in (("NETWORK_ID", ["0", "1103", ""]), ("ASSET_ID", ["400000001", ""])):
            # What is of the host stands before its detections.
            if record.find(element) is None and chance.random() < 0.5:
                record.insert(1, ElementTree.Element(element))
                record[1].text = chance.choice(values)
        for it in record.findall("DETECTION_LIST/DETECTION"):
            add(it, "FQDN", *HOSTILE)
            # Where a reference is cut, and how long the results were, depends on how they are written.
            if (results := it.find("RESULTS")) is not None:
                results.text = results.text and results.text[:2_000]
    elif name == "scan-schedules":
        add(record, "NETWORK_ID", "0", "1103", "")
        add(record, "MODIFIED", "2026-09-30T11:12:13Z", "")
        add(record.find("SCHEDULE"), "LASTLAUNCH_UTC", "2026-10-25T02:30:00", "2026-10-25T02:30:00Z", "")
        add(ElementTree.SubElement(record, "ELB_DNS"), "DNS", *HOSTILE)
        for element in record.findall("SCHEDULE/WEEKLY"):
            element.set("weekdays", chance.choice(["monday", "Monday,Friday", "0,3", ""]))
    else:
        add(record, "ID", "3332486")
        add(record, "SCAN_TYPE", "certview", "ec2certview")
        add(record, "PROCESSING_PRIORITY", "2 - Ultimate")
        add(record.find("STATUS"), "SUB_STATE", "No_Vuln", "No_Host")
        if chance.random() < 0.3:
            client = ElementTree.SubElement(record, "CLIENT")
            add(client, "ID", "12")
            add(client, "NAME", *HOSTILE)


def leave_out(element, chance, kept):
    """Leaves out and empties what may be missing, at any depth."""
    for child in list(element):
        if child.tag in kept:
            continue
        fate = chance.random()
        if fate < 0.04:
            element.remove(child)
        elif fate < 0.07:
            child[:], child.text = [], None
        elif child.tag.startswith("LAST_LOGIN") and fate < 0.2:
            child.text = "N/A"
        elif "DATE" in child.tag.upper() and child.text and child.text.endswith("Z") and fate < 0.15:
            # Times are of UTC where they name no zone.
            child.text = child.text[:-1]
        else:
            leave_out(child, chance, kept)


def written(text, chance):
    """A text in one of the ways that XML has for it."""
    way = chance.randrange(6)
    if way == 0:
        return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    if way == 1:
        return "".join(f"&#{ord(it)};" if chance.random() < 0.5 or it in "&<>" else it for it in text)
    if way == 2:
        return "".join(f"&#x{ord(it):x};" for it in text)
    if way == 3:
        half = len(text) // 2
        return f"{escape(text[:half])}<!-- between > two --><![CDATA[{text[half:].replace(']]>', ']]]]><![CDATA[>')}]]>"
    if way == 4:
        return f"\n\t  {escape(text)}\n  "
    return escape(text, {'"': "&quot;", "'": "&apos;"})


def serialized(element, chance):
    # Not those of a namespace, which say where the schema is.
    plain = ((name, value) for name, value in element.items() if not name.startswith("{"))
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in plain)
    if len(element):
        inner = "".join("\n" + serialized(it, chance) for it in element) + "\n"
    elif element.text and element.text.strip():
        inner = written(element.text, chance)
    else:
        inner = chance.choice(["", "<![CDATA[]]>", "\n  ", None])
    if inner is None:
        return f"<{element.tag}{attributes}/>"
    return f"<{element.tag}{attributes}>{inner}</{element.tag}{chance.choice(['', ' '])}>"


def leave_out_members(value, chance, kept):
    """The same in JSON."""
    if isinstance(value, list):
        for it in value:
            leave_out_members(it, chance, kept)
    if not isinstance(value, dict):
        return
    for name in list(value):
        fate = chance.random()
        if name in kept:
            continue
        if fate < 0.04:
            del value[name]
        elif fate < 0.07:
            value[name] = None
        elif isinstance(value[name], str) and fate < 0.09:
            value[name] = ""
        elif name == "name" and isinstance(value[name], str) and fate < 0.25:
            value[name] = chance.choice([*HOSTILE, "trusted\0.evil", "padded\0\0", "\0"])
        else:
            leave_out_members(value[name], chance, kept)


def written_json(value, chance):
    """JSON in one of the ways in which it can be written."""
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5, indent=chance.choice([None, 1]))
    return chance.choice(["", "\ufeff", "\n "]) + text + chance.choice(["", "\n"])


def altered_json(path, chance):
    records = json.loads(path.read_text("utf-8"))
    for record in records:
        leave_out_members(record, chance, {"certhash"})
        if chance.random() < 0.1:
            record["subjectAlternativeNames"] = {"IP Address": ["192.0.2.1"], "DNS Name": ["", "a.example\0"]}
    # An empty page ends the list, in whatever form.
    return written_json(records if chance.random() < 0.5 else {"data": records}, chance)


def alter(folder, out, chance):
    name = json.loads((folder / "proof.json").read_text("utf-8"))["type"]["name"]
    answers = [json.loads(line) for line in (folder / "index.ndjson").read_text("utf-8").splitlines()]
    replayed = []
    for answer in answers:
        if name not in RECORDS:
            request = answer["request"]
            (out / answer["file"]).write_text(altered_json(folder / answer["file"].removesuffix(".zst"), chance), "utf-8")
            page = json.loads(request["body"]["text"]["text"])["pageNumber"]
            replayed.append({
                "method": request["method"],
                "path": request["path"],
                "params": {"pageNumber": str(page)},
                "headers": {"content-type": "application/json"},
                "file": answer["file"],
            })
            continue
        root = ElementTree.parse(folder / answer["file"].removesuffix(".zst")).getroot()
        # In a ticket there are scans, too.
        for record in list(root.iter(RECORDS[name])):
            added(record, chance, name)
            leave_out(record, chance, KEPT[record.tag])
        # What a detection is, another answer says.
        for record in root.iter("VULN"):
            leave_out(record, chance, KEPT[record.tag])
        (out / answer["file"]).write_text('<?xml version="1.0" encoding="UTF-8"?>\n' + serialized(root, chance), "utf-8")
        request = answer["request"]
        replayed.append({
            "method": request["method"],
            "path": request["path"],
            "params": dict(request["query"]) | dict((request["body"] or {}).get("form", [])),
            "headers": {"content-type": "application/xml"},
            "file": answer["file"],
        })
    # The first that fits is served, and what asks for a later page fits the first page, too.
    (out / "replay.json").write_text(json.dumps({"answers": replayed[::-1]}), "utf-8")


alter(Path(sys.argv[1]), Path(sys.argv[2]), random.Random(int(sys.argv[3])))
