"""Calls all that PyPI's qualysapi has for what Exhibit collects and does.

Usage: python qualysapi.py URL USERNAME PASSWORD
Prints JSON: for each call, how many records or what was said, or why it failed.
"""

import json
import sys
from xml.etree import ElementTree

import qualysapi
from qualysapi.connector import QGConnector

url, username, password = sys.argv[1:]
said = {}
# It knows https only.
secure = QGConnector.url_api_version
QGConnector.url_api_version = lambda self, version: secure(self, version).replace(f"https://{self.server}", url)
api = qualysapi.connect(username=username, password=password, hostname="127.0.0.1")


def call(name, function, /, *arguments, count=len, **options):
    """What a call gives; kept is how much, or why it failed."""
    try:
        said[name] = count(function(*arguments, **options))
    except Exception as error:  # What others raise is their own, and kept as what came of the call.
        said[name] = f"{type(error).__name__}: {error}"[:300]


def records(element):
    return lambda it: len(ElementTree.fromstring(it).findall(f".//{element}"))


def text(path):
    return lambda it: (ElementTree.fromstring(it).findtext(path) or "").strip()


call("about", api.request, "about.php", count=text("WEB-VERSION"))
call("hosts", api.listHosts, limit=0)
call("hosts, by tag", api.listHosts, tags="Production", limit=0)
call("hosts, all groups", api.listHosts, detailed=True, limit=50)
call("hosts, not scanned for long", api.notScannedSince, 10_000)
call("detections", api.request, "api/2.0/fo/asset/host/vm/detection", {"action": "list", "truncation_limit": 0}, count=records("DETECTION"))
call("knowledge base", api.request, "api/2.0/fo/knowledge_base/vuln/", {"action": "list", "ids": "38000-38100"}, count=records("VULN"))
call("scans of 30 days", api.listScans)
call("scans", api.listScans, launched_after="2020-01-01")
call("scans, running", api.listScans, state="Running", launched_after="2020-01-01")
call("compliance scans", api.request, "api/2.0/fo/scan/compliance/", {"action": "list"}, count=records("SCAN"))
call("scanners", api.listAppliances)
call("users", api.request, "user_list.php", count=records("USER"))
call("tickets", api.request, "ticket_list.php", {"states": "OPEN,RESOLVED,CLOSED,IGNORED", "since_ticket_number": "1"}, count=records("TICKET"))
search = "<ServiceRequest><preferences><limitResults>1000</limitResults></preferences></ServiceRequest>"
call("tags", api.request, "/search/am/tag", search, count=records("Tag"))
call("tags, counted", api.request, "/count/am/tag", count=text("count"))
call("web applications, counted", api.request, "/count/was/webapp", count=text("count"))
call("web applications", api.request, "/search/was/webapp", search, count=records("WebApp"))
call("web application", api.request, "/get/was/webapp/2384102", count=text("data/WebApp/name"))
call("web application scans", api.request, "/search/was/wasscan", search, count=records("WasScan"))
call("status of a web application", api.request, "/status/was/wasscan/7000000", count=text("data/WasScan/status"))

# From here on it changes something.
scan = []
call("launch", api.launchScan, "By qualysapi", "Initial Options", "External", ip="10.7.0.1", count=lambda it: scan.append(it) or it.status)
if scan:
    call("cancel", scan[0].cancel, api, count=lambda _: str(scan[0].status))

print(json.dumps({"said": said}))
