"""Reads workbooks with PyPI's openpyxl, and prints what is in them: one that names persons, and one that does not."""

import json
import sys

import openpyxl

named, redacted = map(openpyxl.load_workbook, sys.argv[1:])
rows = named["Rows"]
cells = [cell for sheet in named for row in sheet.iter_rows() for cell in row]
redacted = [str(cell.value) for sheet in redacted for row in sheet.iter_rows() for cell in row]

print(json.dumps({
    "names": [it.value for it in rows["A"]][1:],
    "types": [type(it.value).__name__ for it in rows[2]],
    "formulas": sum(it.data_type == "f" for it in cells),
    "sheets": named.sheetnames,
    "reasons": [[cell.value for cell in row] for row in named["What did not pass"].iter_rows(min_row=4, max_row=5)],
    "frozen": rows.freeze_panes,
    "filter": rows.auto_filter.ref,
    "cells": len(redacted),
    "persons": sum("ada@" in it or "ada's" in it for it in redacted),
}))
