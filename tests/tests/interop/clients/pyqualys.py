"""Calls all that PyPI's pyqualys has for what Exhibit collects and does.

Usage: python pyqualys.py URL USERNAME PASSWORD
Prints JSON: for each call, how many records or what was said, or why it failed.
"""

import json
import sys
from xml.etree import ElementTree

from pyqualys import QualysAPI

url, username, password = sys.argv[1:]
api = QualysAPI(host=url, username=username, password=password)
vulnerability, assets = api.service("vulnerability"), api.service("assetview")
said = {}


def call(name, function, /, *arguments, count, **options):
    """What a call gives; kept is how much, or why it failed."""
    try:
        said[name] = count(function(*arguments, **options))
    except Exception as error:  # What others raise is their own, and kept as what came of the call.
        said[name] = f"{type(error).__name__}: {error}"[:300]


def records(element):
    """How many records are in a text."""
    return lambda it: len(ElementTree.fromstring(it).findall(f".//{element}"))


def within(*path, count=len):
    """What is at a path of a decoded answer; a record alone counts as a list of one."""
    def taken(it):
        it = it["data"]
        for name in path:
            it = (it or {}).get(name)
        return count(it if isinstance(it, list) else [it] if it is not None else [])
    return taken


def text(path):
    return lambda it: (ElementTree.fromstring(it).findtext(path) or "").strip()


def first(it):
    return it[0]


def pages(element):
    return lambda all_pages: sum(map(records(element), all_pages))


call("hosts", vulnerability.iter_hosts, truncation_limit=150, count=pages("HOST"))
call("hosts, one page", vulnerability.list_hosts, details="All", truncation_limit=7, count=records("HOST"))
call("detections", vulnerability.iter_host_detections, truncation_limit=150, include_ignored=1, include_disabled=1, count=pages("DETECTION"))
call("scans", vulnerability.scanner.scan_list, launched_after_datetime="2020-01-01",
     count=within("SCAN_LIST_OUTPUT", "RESPONSE", "SCAN_LIST", "SCAN"))
call("scans of 30 days", vulnerability.scanner.scan_list, count=within("SCAN_LIST_OUTPUT", "RESPONSE", "SCAN_LIST", "SCAN"))
call("asset groups", lambda: vulnerability.list_assets()["response"], count=records("ASSET_GROUP"))
call("users", vulnerability.get_users, count=records("USER"))
search = "<ServiceRequest><preferences><limitResults>{}</limitResults></preferences></ServiceRequest>"
call("tags", assets.search_tag, search.format(1000), count=records("Tag"))
call("tags, a page", assets.search_tag, search.format(5), count=records("Tag"))
call("tags, counted", assets.count_child_tag, "", count=text("count"))

# From here on it changes something.
launch = {"scan_title": "By pyqualys", "option_title": "Initial Options", "ip": "10.7.0.0/30"}
reference = []
call("launch", vulnerability.scanner.start_scan, **launch,
     count=within("SIMPLE_RETURN", "RESPONSE", "ITEM_LIST", "ITEM", count=lambda it: reference.extend(it) or it[1]["KEY"]))
reference = reference[1]["VALUE"] if reference else ""
state = within("SCAN_LIST_OUTPUT", "RESPONSE", "SCAN_LIST", "SCAN", "STATUS", "STATE", count=first)
target = within("SCAN_LIST_OUTPUT", "RESPONSE", "SCAN_LIST", "SCAN", "TARGET", count=first)
call("status", vulnerability.scanner.scan_status, reference, count=state)
call("target", vulnerability.scanner.scan_status, reference, count=target)
call("pause, too early", vulnerability.scanner.manage_scan, action="pause", scan_ref=reference, count=len)
call("cancel", vulnerability.scanner.manage_scan, action="cancel", scan_ref=reference, count=within("SIMPLE_RETURN", "RESPONSE", "TEXT", count=first))
call("status, canceled", vulnerability.scanner.scan_status, reference, count=state)
person = {"first_name": "Ada", "last_name": "Byron", "title": "Auditor", "phone": "555 0100", "email": "ada@acme.example",
          "address1": "1 Example Street", "city": "Berlin", "country": "Germany", "user_role": "reader", "business_unit": "Unassigned",
          "send_email": 1}
call("add user", vulnerability.add_user, count=text("RETURN/MESSAGE"), **person)
call("add user, state missing", vulnerability.add_user, count=text("RETURN/MESSAGE"), **{**person, "country": "India"})
call("deactivate user", vulnerability.deactivate_user, "acme_sim1", count=text("RETURN/MESSAGE"))
call("activate user", vulnerability.activate_user, "acme_sim1", count=text("RETURN/MESSAGE"))
call("activate user, pending", vulnerability.activate_user, "acme_ab900", count=text("RETURN/MESSAGE"))

print(json.dumps({"said": said}))
