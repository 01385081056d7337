"""Rows out of a host list with lxml: its event parser, with every record freed behind it.

Usage: lxml_rows.py FILE. Prints the number of rows and the seconds they took.
"""

import sys
import time

from lxml import etree

from row import row


def rows(path):
    for _, host in etree.iterparse(path, tag="HOST"):
        texts, tags = {}, []
        for child in host:
            if child.tag == "TAGS":
                tags = [tag.findtext("NAME").strip() for tag in child]
            else:
                texts[child.tag] = child.text
        yield row(texts, tags)
        host.clear()
        while host.getprevious() is not None:
            del host.getparent()[0]


start = time.perf_counter()
count = sum(1 for _ in rows(sys.argv[1]))
print(count, time.perf_counter() - start)
