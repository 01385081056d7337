"""Lists hosts, scans and web application scans with PyPI's qualysdk and prints how many there were.

Usage: python qualysdk.py URL USERNAME PASSWORD
"""

import sys

from qualysdk import BasicAuth
from qualysdk.auth import PlatformPicker
from qualysdk.vmdr import get_host_list, get_scan_list
from qualysdk.was import get_scans

url, username, password = sys.argv[1:]
# Its own way to name another platform insists on https, so a platform it knows is moved here.
for urls in PlatformPicker.urls.values():
    urls["qg3"] = url
auth = BasicAuth(username=username, password=password, platform="qg3")

# One thread, for its threads share the parameters of the call. Basic, for it gives up on elements that
# it does not know, and of those that All adds it does not know them all (NETWORK_ID, COMMENTS).
options = {"details": "Basic", "show_tags": True, "truncation_limit": 40}
hosts = get_host_list(auth, chunk_size=100, threads=1, **options)
# It takes every target for an address, which names and machines in a cloud are not.
scans = get_scan_list(auth, launched_after_datetime="2020-01-01", ignore_target=True)
# By id, page by page, as it has no preference for the size of a page.
web = get_scans(auth)
finished = get_scans(auth, status="FINISHED", launchedDate="2026-10-02T00:00:00Z", launchedDate_operator="GREATER")

assert len({host.ID for host in hosts}) == len(hosts), "a host came twice"
assert any(host.TAGS for host in hosts), "no host has a tag"
assert all(host.IP and host.TRACKING_METHOD for host in hosts), "a host lacks what all have"
assert {scan.STATE for scan in scans} >= {"Running", "Finished"}, "a state is missing"
assert len({scan.id for scan in web}) == len(web), "a web application scan came twice"
assert 0 < len(finished) < len(web) and {scan.status for scan in finished} == {"FINISHED"}, "the criteria have no effect"
print(f"hosts {len(hosts)} scans {len(scans)} web {len(web)}")
