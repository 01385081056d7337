"""Reads OSCAL assessment results with PyPI's compliance-trestle, and prints the states of the first one's findings."""

import json
import pathlib
import sys

from trestle.oscal.assessment_results import AssessmentResults

documents = [AssessmentResults.oscal_read(pathlib.Path(it)) for it in sys.argv[1:]]
print(json.dumps([[it.target.status.state.value for it in document.results[0].findings] for document in documents]))
