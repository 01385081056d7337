"""Reads Parquet tables with PyPI's pyarrow, and prints what is in them: one that names persons, and one with pseudonyms."""

import json
import sys

import pyarrow.parquet

named, pseudonyms = map(pyarrow.parquet.read_table, sys.argv[1:])
about = {key.decode(): value.decode() for key, value in named.schema.metadata.items()}

print(json.dumps({
    "names": named["name"].to_pylist(),
    "types": {it.name: str(it.type) for it in named.schema},
    "seen": [it and it.isoformat() for it in named["seen"].to_pylist()[4:]],
    "tags": named["tags"].to_pylist()[0],
    "absent": named["_absent"].to_pylist(),
    "verdicts": named["test:scanned"].to_pylist(),
    "type": about["exhibit.type"],
    "window": [about["exhibit.window-start"], about["exhibit.window-end"]],
    "owners": sorted(set(pseudonyms["owner"].to_pylist())),
}))
