"""Reads a statement with PyPI's in-toto-attestation, and prints what it says of the tests."""

import json
import sys

from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
statement = json_format.ParseDict(document, statement_pb2.Statement())
Statement.copy_from_pb(statement).validate()
result = json_format.ParseDict(document["predicate"], test_result_pb2.TestResult())
print(json.dumps([result.result, list(result.passed_tests), list(result.failed_tests), len(statement.subject)]))
