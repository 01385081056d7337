"""Calls all that PyPI's qualysclient has for what Exhibit collects and does, with sessions instead of logins.

Usage: python qualysclient.py URL USERNAME PASSWORD
Prints JSON: for each call, how many records or what was said, or why it failed.
"""

import json
import sys
from xml.etree import ElementTree

import qualysclient
from qualysclient import _util

url, username, password = sys.argv[1:]
# It knows one platform only.
qualysclient.AUTH_URI, _util.BASE_URI = f"{url}/api/2.0/fo/session/", url
said = {}


def call(name, function, /, *arguments, count, **options):
    """What a call gives; kept is how much, or why it failed."""
    try:
        said[name] = count(function(*arguments, **options))
    except Exception as error:  # What others raise is their own, and kept as what came of the call.
        said[name] = f"{type(error).__name__}: {error}"[:300]


def records(element):
    return lambda it: len(ElementTree.fromstring(it.content).findall(f".//{element}"))


def status(answer):
    return answer.status_code


refused = qualysclient.QualysClient(username, "wrong")
call("hosts, without a session", refused.host_list, count=status)
client = qualysclient.QualysClient(username, password)
call("login", lambda: client.s.cookies, count=lambda it: sorted(it.keys()))
call("hosts", client.host_list, truncation_limit=0, details="All/AGs", show_tags=1, count=records("HOST"))
call("hosts, its usual page", client.host_list, count=records("HOST"))
call("hosts, networks", client.host_list, network_ids="0", count=status)
call("detections", client.host_list_detection, truncation_limit=0, include_ignored=1, include_disabled=1, count=records("DETECTION"))
call("reopened", client.host_list_detection, truncation_limit=0, show_reopened_info=1, count=records("TIMES_REOPENED"))
call("users", client.s.post, f"{url}/msp/user_list.php", count=status)
call("hosts, version 5.0", client.s.post, f"{url}/api/5.0/fo/asset/host/", data={"action": "list"}, count=status)
call("slash", client.s.get, f"{url}/api/2.0/fo/asset/host?action=list&truncation_limit=3", count=records("HOST"))
call("slash, posted", client.s.post, f"{url}/api/2.0/fo/asset/host", data={"action": "list"}, count=status)
client.logout()
call("hosts, logged out", client.host_list, count=status)

print(json.dumps({"said": said}))
