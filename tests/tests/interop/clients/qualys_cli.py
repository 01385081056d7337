"""Calls all commands of PyPI's qualys-cli for what Exhibit collects and does.

Usage: python qualys_cli.py URL USERNAME PASSWORD
Prints JSON: for each call, how many records or what was said, or why it failed.
"""

import json
import os
import sys
import tempfile

url, username, password = sys.argv[1:]
# It writes its journal and its cache into the folder of the user.
folder = tempfile.mkdtemp()
os.environ.update({
    "HOME": folder, "QUALYS_URL": url, "QUALYS_GATEWAY_URL": url, "QUALYS_USERNAME": username, "QUALYS_PASSWORD": password,
    "QUALYS_OUTPUT_MODE": "agentic", "QUALYS_NO_TELEMETRY_HEADERS": "1", "QUALYS_MAX_RETRIES": "1",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
})

from qualys_cli.cli import app  # noqa: E402  after its environment
from typer.testing import CliRunner  # noqa: E402

said = {}


def call(name, line, count):
    """What a command prints; kept is how much, or why it failed."""
    result = CliRunner().invoke(app, line.split("|") if "|" in line else line.split())
    try:
        if result.exit_code != 0:
            raise result.exception
        said[name] = count(json.loads(result.stdout or "null"))
    except BaseException as error:  # What others raise is their own, and kept as what came of the call.
        said[name] = f"{type(error).__name__}: {error} {result.stderr}"[:300].strip()


def within(*path, count=len):
    """What is at a path of the answer; a record alone counts as a list of one."""
    def taken(it):
        for name in path:
            it = (it or {}).get(name)
        return count(it if isinstance(it, list) else [it] if it is not None else [])
    return taken


first = lambda it: it[0]
call("hosts", "vm host list --all", len)
call("hosts, one page", "vm host list --limit 7", within("HOST_LIST_OUTPUT", "RESPONSE", "HOST_LIST", "HOST"))
call("detections", "vm host detection --all --include-ignored", lambda hosts: sum(
    len(it["DETECTION_LIST"]["DETECTION"]) if isinstance(it["DETECTION_LIST"]["DETECTION"], list) else 1 for it in hosts))
call("knowledge base", "vm kb list --ids 38000-38100", within("KNOWLEDGE_BASE_VULN_LIST_OUTPUT", "RESPONSE", "VULN_LIST", "VULN"))
call("knowledge base, ids", "vm kb list --ids 38000-38100 --details None", within("KNOWLEDGE_BASE_VULN_LIST_OUTPUT", "RESPONSE", "ID_SET", "ID"))
call("scans", "vm scan list --launched-after 2020-01-01 --all", len)
call("scans of 30 days", "vm scan list --limit 1000", within("SCAN_LIST_OUTPUT", "RESPONSE", "SCAN_LIST", "SCAN"))
call("scans, canceled as it spells that", "vm scan list --state Cancelled", len)
call("compliance scans", "pc scan list", within("SCAN_LIST_OUTPUT", "RESPONSE", "SCAN_LIST", "SCAN"))
call("schedules", "vm scan-schedule list", within("SCHEDULE_SCAN_LIST_OUTPUT", "RESPONSE", "SCHEDULE_SCAN_LIST", "SCAN"))
call("schedules, by ids", "vm scan-schedule list --ids 1", len)
call("scanners", "vm appliance list", within("APPLIANCE_LIST_OUTPUT", "RESPONSE", "APPLIANCE_LIST", "APPLIANCE"))
call("option profiles", "vm option-profile list", within("OPTION_PROFILES", "OPTION_PROFILE"))
call("option profiles, by ids", "vm option-profile list --ids 510001", len)
call("asset groups", "asset group list", within("ASSET_GROUP_LIST_OUTPUT", "RESPONSE", "ASSET_GROUP_LIST", "ASSET_GROUP"))
call("tags, a page", "asset tag list", len)
call("tags, the largest page", "asset tag list --limit 1000", len)
call("users", "user list --limit 1000", within("USER_LIST_OUTPUT", "USER_LIST", "USER"))
call("web applications, a page", "was webapp list", within("ServiceResponse", "data", "WebApp"))
call("web application", "was webapp get 2384102", within("ServiceResponse", "data", "WebApp", count=lambda it: it[0]["name"]))
call("web applications, counted", "was webapp count", within("ServiceResponse", "count", count=first))
call("web application scans, a page", "was scan list", within("ServiceResponse", "data", "WasScan"))
call("web application scans, canceled as it spells that", "was scan list --status CANCELLED", within("ServiceResponse", "responseCode", count=first))
call("web application scans, counted", "was scan count", within("ServiceResponse", "count", count=first))
call("web application scan", "was scan get 7000000", within("ServiceResponse", "data", "WasScan", count=lambda it: it[0]["status"]))
call("status of a web application", "was scan status 7000000", within("ServiceResponse", "data", "WasScan", count=lambda it: it[0]["status"]))
call("option profiles of web applications", "was option-profile list", within("ServiceResponse", "data", "OptionProfile"))
call("token", "rotate-jwt", lambda _: "done")

# From here on it changes something.
call("launch", "vm|scan|launch|--title|By qualys-cli|--ip|10.7.0.1|--option-title|Initial Options", len)
call("launch, with a scanner", "vm|scan|launch|--title|By qualys-cli|--ip|10.7.0.1|--option-title|Initial Options|--scanner|External", len)
call("cancel", "vm scan cancel scan/1.2", len)
call("launch of a web application", "was|scan|launch|--name|By <qualys-cli>|--webapp-id|2384102|--profile-id|2084083", len)
call("cancel of a web application", "was scan cancel 7001751 --keep-results", len)
call("scan again", "was scan scan-again 7000000", len)
call("add user", "user|create|--role|reader|--business-unit|Unassigned|--first-name|Ada|--last-name|Byron|--title|Auditor|--phone|555 0100|"
     "--email|ada@acme.example|--address|1 Example Street|--city|Berlin|--country|Germany", len)

print(json.dumps({"said": said}))
