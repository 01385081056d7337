"""Rows out of a host list with xmltodict, in either of its two ways.

Usage: xmltodict_rows.py streaming|whole FILE. Prints the number of rows and the seconds they took.
"""

import sys
import time

import xmltodict

from row import row

# HOST_LIST_OUTPUT, RESPONSE, HOST_LIST, HOST.
RECORD_DEPTH = 4


def to_row(host):
    tags = (host.get("TAGS") or {}).get("TAG", [])
    # xmltodict makes no list of a single element.
    tags = tags if isinstance(tags, list) else [tags]
    return row(host, [tag["NAME"] for tag in tags])


def streaming(file):
    count = 0

    def record(path, host):
        nonlocal count
        # The list's date is at no such depth, and so is everything else but hosts.
        if path[-1][0] == "HOST":
            to_row(host)
            count += 1
        return True

    xmltodict.parse(file, item_depth=RECORD_DEPTH, item_callback=record)
    return count


def whole(file):
    hosts = xmltodict.parse(file)["HOST_LIST_OUTPUT"]["RESPONSE"]["HOST_LIST"]["HOST"]
    return sum(1 for host in hosts if to_row(host))


way = {"streaming": streaming, "whole": whole}[sys.argv[1]]
start = time.perf_counter()
with open(sys.argv[2], "rb") as file:
    count = way(file)
print(count, time.perf_counter() - start)
