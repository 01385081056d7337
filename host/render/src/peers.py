import json
import pathlib
import sys

import openpyxl
import pyarrow.parquet
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from trestle.oscal.assessment_results import AssessmentResults

folder = pathlib.Path(sys.argv[1])

results = AssessmentResults.oscal_read(folder / "results.json").results
AssessmentResults.oscal_read(folder / "pseudonyms.json")

book = openpyxl.load_workbook(folder / "book.xlsx")
rows = book["Rows"]
cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
redacted = openpyxl.load_workbook(folder / "redacted.xlsx")
redacted = [str(cell.value) for sheet in redacted for row in sheet.iter_rows() for cell in row]

table = pyarrow.parquet.read_table(folder / "table.parquet")
pseudonyms = pyarrow.parquet.read_table(folder / "pseudonyms.parquet")
about = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}

document = json.loads((folder / "statement.json").read_text())
statement = json_format.ParseDict(document, statement_pb2.Statement())
Statement.copy_from_pb(statement).validate()
result = json_format.ParseDict(document["predicate"], test_result_pb2.TestResult())

print(json.dumps({
    "findings": [it.target.status.state.value for it in results[0].findings],
    "statement": [result.result, list(result.passed_tests), list(result.failed_tests), len(statement.subject)],
    "book": {
        "names": [it.value for it in rows["A"]][1:],
        "types": [type(it.value).__name__ for it in rows[2]],
        "formulas": sum(it.data_type == "f" for it in cells),
        "sheets": book.sheetnames,
        "frozen": rows.freeze_panes,
        "filter": rows.auto_filter.ref,
        "persons": sum("ada@" in it or "ada's" in it for it in redacted),
    },
    "table": {
        "names": table["name"].to_pylist(),
        "types": {it.name: str(it.type) for it in table.schema},
        "seen": [it and it.isoformat() for it in table["seen"].to_pylist()[4:]],
        "tags": table["tags"].to_pylist()[0],
        "absent": table["_absent"].to_pylist(),
        "verdicts": table["test:scanned"].to_pylist(),
        "type": about["exhibit.type"],
        "window": [about["exhibit.window-start"], about["exhibit.window-end"]],
        "owners": sorted(set(pseudonyms["owner"].to_pylist())),
    },
}))
