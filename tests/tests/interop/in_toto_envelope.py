"""Checks an envelope with the packages that others check in-toto with: key, envelope, and one altered."""

import json
import sys

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf.json_format import ParseDict
from in_toto.exceptions import SignatureVerificationError
from in_toto.models.metadata import Envelope as InTotoEnvelope
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

public, sealed, altered = sys.argv[1:]


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


with open(public, "rb") as file:
    pem = file.read()
envelope = Envelope.from_dict(load(sealed))
(key_id,) = envelope.signatures
key = SSlibKey.from_crypto(load_pem_public_key(pem), keyid=key_id)

assert list(envelope.verify([key], 1)) == [key_id]
InTotoEnvelope.from_dict(load(sealed)).verify_signature({"keyid": key_id, **key.to_dict()})

statement = Statement.copy_from_pb(
    ParseDict(json.loads(envelope.payload), statement_pb2.Statement())
)
statement.validate()

try:
    Envelope.from_dict(load(altered)).verify([key], 1)
except VerificationError:
    pass
else:
    sys.exit("an altered envelope was taken")
try:
    InTotoEnvelope.from_dict(load(altered)).verify_signature({"keyid": key_id, **key.to_dict()})
except SignatureVerificationError:
    pass
else:
    sys.exit("in-toto took an altered envelope")

print(envelope.payload_type, statement.pb.predicate_type, statement.pb.subject[0].name)
