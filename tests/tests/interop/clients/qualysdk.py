"""Calls all that PyPI's qualysdk has for what Exhibit collects and does.

Usage: python qualysdk.py URL USERNAME PASSWORD
Prints JSON: for each call, how many records or what was said, or why it failed; and records for comparison.
"""

import contextlib
import json
import sys
from datetime import datetime

from qualysdk import BasicAuth, TokenAuth, cert, tagging, vmdr, was
from qualysdk.auth import PlatformPicker
from qualysdk.vmdr.data_classes.detection import Detection
from qualysdk.vmdr.data_classes.hosts import VMDRHost

url, username, password = sys.argv[1:]
# Its own way to name another platform insists on https, so a platform it knows is moved here.
for urls in PlatformPicker.urls.values():
    urls["qg3"] = url
basic = BasicAuth(username=username, password=password, platform="qg3")
said, records = {}, {}


def call(name, function, /, *arguments, count=len, **options):
    """What a call gives; kept is how much, or why it failed."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            result = function(*arguments, **options)
        said[name] = count(result)
        return result
    except Exception as error:  # What others raise is their own, and kept as what came of the call.
        said[name] = f"{type(error).__name__}: {error}"[:200]
        return []


def written(value):
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


def kept(name, objects, *fields):
    """Some fields of records, for comparison with those of others."""
    records[name] = [{field: written(getattr(it, field)) for field in fields} for it in objects]


def same(result):
    return result


def forgiving(kind, *elements):
    """Makes its records without elements that the DTD has and it does not know, which it would give up on."""
    kind.from_dict = classmethod(lambda cls, data: cls(**{name: it for name, it in data.items() if name not in elements}))


call("about", basic.get_ratelimit, count=lambda it: it["X-RateLimit-Limit"])
# One thread, for its threads share the parameters of the call.
hosts = call("hosts", vmdr.get_host_list, basic, chunk_size=400, threads=1, details="Basic", show_tags=True,
             show_asset_id=True, truncation_limit=150)
kept("hosts", hosts, "ID", "ASSET_ID", "IP", "DNS", "NETBIOS", "OS", "TRACKING_METHOD", "QG_HOSTID", "EC2_INSTANCE_ID")
records["tags of hosts"] = [[tag.NAME for tag in host.TAGS or []] for host in hosts]
call("hosts, all", vmdr.get_host_list, basic, chunk_size=400, threads=1, details="All", retries=0)
forgiving(VMDRHost, "LAST_SCAP_SCAN_DATETIME", "COMMENTS")
hosts = call("hosts, all that it knows", vmdr.get_host_list, basic, chunk_size=400, threads=1, details="All", retries=0)
kept("scans of hosts", hosts, "ID", "LAST_VULN_SCAN_DATETIME", "LAST_VM_SCANNED_DATE", "LAST_COMPLIANCE_SCAN_DATETIME",
     "FIRST_FOUND_DATE", "LAST_ACTIVITY", "LAST_VM_AUTH_SCANNED_DATE", "OWNER")
options = {"chunk_size": 400, "threads": 1, "show_tags": False, "show_qds": True, "truncation_limit": 150, "include_ignored": True,
           "include_disabled": True, "retries": 0, "count": lambda it: sum(len(host.DETECTION_LIST) for host in it)}
call("detections", vmdr.get_hld, basic, **options)
forgiving(Detection, "INSTANCE")
found = call("detections, all that it knows", vmdr.get_hld, basic, **options)
detections = [it for host in found for it in host.DETECTION_LIST]
kept("detections", detections, "UNIQUE_VULN_ID", "QID", "SEVERITY", "STATUS", "PORT", "PROTOCOL", "SSL", "FIRST_FOUND_DATETIME",
     "LAST_FOUND_DATETIME", "TIMES_FOUND", "IS_IGNORED", "IS_DISABLED")
qids = sorted({it.QID for it in detections})
entries = call("knowledge base", vmdr.query_kb, basic, ids=f"{qids[0]}-{qids[-1]}" if qids else "1")
kept("knowledge base", entries, "QID", "TITLE", "SEVERITY_LEVEL", "PATCHABLE")
call("knowledge base, many", vmdr.query_kb, basic, ids=",".join(map(str, qids)))
call("knowledge base, one", vmdr.query_kb, basic, ids="38000")
# It takes every target for an address, which names and machines in a cloud are not.
scans = call("scans", vmdr.get_scan_list, basic, launched_after_datetime="2020-01-01", ignore_target=True)
kept("scans", scans, "REF", "TYPE", "TITLE", "USER_LOGIN", "LAUNCH_DATETIME", "STATE")
call("scans, targets", vmdr.get_scan_list, basic, launched_after_datetime="2020-01-01")
groups = call("asset groups", vmdr.get_ag_list, basic, truncation_limit=400, show_attributes="TITLE,OWNER_USER_NAME,BUSINESS_IMPACT,LAST_UPDATE")
kept("asset groups", groups, "ID", "TITLE", "BUSINESS_IMPACT")
call("scanners", vmdr.get_scanner_list, basic)
call("scanners, full", vmdr.get_scanner_list, basic, output_mode="full")
users = call("users", vmdr.get_user_list, basic)
kept("users", users, "USER_LOGIN", "USER_ID", "FIRSTNAME", "LASTNAME", "EMAIL", "USER_STATUS", "CREATION_DATE", "LAST_LOGIN_DATE",
     "USER_ROLE", "BUSINESS_UNIT")
tags = call("tags", tagging.get_tags, basic)
kept("tags", tags, "id", "name", "ruleType")
call("tags, counted", tagging.count_tags, basic, count=same)
call("tags, some counted", tagging.count_tags, basic, name="Win", name_operator="CONTAINS", count=same)
call("tag", tagging.get_tag_details, basic, tags[0].id if tags else 0, count=lambda it: it.name)
web = call("web application scans", was.get_scans, basic)
kept("web application scans", web, "id", "name", "reference", "type", "mode", "launchedDate", "status", "target_id", "target_name",
     "profile_id", "summary_resultsStatus", "summary_authStatus", "launchedBy_username")
call("web application scans, some", was.get_scans, basic, status="FINISHED", launchedDate="2026-10-02T00:00:00Z", launchedDate_operator="GREATER")
call("web application scans, counted", was.count_scans, basic, count=same)
call("web application scans, some counted", was.count_scans, basic, status="FINISHED", count=same)
call("web application scan", was.get_scan_details, basic, web[0].id if web else 0, count=lambda it: it.scanDuration)
applications = call("web applications", was.get_webapps, basic)
kept("web applications", applications, "id", "name", "url", "updatedDate")
call("web applications, counted", was.count_webapps, basic, count=same)
call("web application", was.get_webapp_details, basic, 2384102, count=lambda it: it.name)
token = call("token", TokenAuth, username=username, password=password, platform="qg3", count=lambda it: bool(it.token))
certificates = call("certificates", cert.list_certs, token, pageSize=70)
kept("certificates", certificates, "id", "certhash", "serialNumber", "validToDate", "type", "subject_name", "issuer_name")
call("certificates, leaves", cert.list_certs, token, certificateType="Leaf", pageSize=200)
call("certificates, by hash", cert.list_certs, token, hash="ab", hash_operator="CONTAINS")

# From here on it changes something.
scan = call("launch", vmdr.launch_scan, basic, scan_title="By qualysdk", option_title="Initial Options", ip="10.7.0.1",
            iscanner_name="External", count=lambda it: it.STATE)
reference = getattr(scan, "REF", "")
call("pause, too early", vmdr.pause_scan, basic, reference, count=same)
call("cancel", vmdr.cancel_scan, basic, reference, count=same)
paused = next((it.REF for it in scans if it.STATE == "Paused"), "")
call("resume", vmdr.resume_scan, basic, paused, count=same)
call("pause", vmdr.pause_scan, basic, paused, count=same)
call("launch, EC2", vmdr.launch_scan, basic, scan_title="In the cloud", option_title="EC2 quick", connector_name="prod",
     ec2_endpoint="us-east-1", ec2_instance_ids="i-0123456789abcdef0", iscanner_name="aws-us-east-1", count=lambda it: it.STATE)
person = {"first_name": "Ada", "last_name": "Byron", "title": "Auditor", "phone": "555 0100", "email": "ada@acme.example",
          "address1": "1 Example Street", "city": "Berlin", "country": "Germany", "state": ""}
call("add user", vmdr.add_user, basic, "reader", "Unassigned", send_email=True, count=lambda it: it.strip(), **person)
call("add user, password", vmdr.add_user, basic, "reader", "Unassigned", send_email=False, count=same, **person)
launched = call("launch of a web application", was.launch_scan, basic, "By qualysdk", "VULNERABILITY", 2084083, web_app_ids=2384102, count=same)
call("status of a web application", was.get_scan_status, basic, launched or 0, count=lambda it: it["data"]["WasScan"]["status"])
call("cancel of a web application", was.cancel_scan, basic, launched or 0, retain_results=True, count=same)
call("cancel of a web application, again", was.cancel_scan, basic, launched or 0, count=same)
call("scan again", was.scan_again, basic, web[0].id if web else 0, newName="Again", count=same)

print(json.dumps({"said": said, "records": records}, default=str))
