"""The clients for JavaScript: each walks in a process of Node, and says a line of JSON for each operation."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator

from ops.fhir_validators import VALIDATORS
from ops.npm import NONE
from tests.clients.walk import FAILED, Said

SECONDS = 120
FHIR_KIT_CLIENT, FHIRCLIENT, MEDPLUM = "with_fhir_kit_client.mjs", "with_fhirclient.mjs", "with_medplum.mjs"
CDS_VALIDATOR = "with_cds_validator.mjs"
SCRIPTS = (FHIR_KIT_CLIENT, FHIRCLIENT, MEDPLUM)
"""The clients of FHIR."""


def run(script: str, base: str, token: str) -> Iterator[Said]:
    """Every operation of one client; what Node says instead is a failure."""
    node = shutil.which("node")
    if node is None:
        raise RuntimeError(NONE)
    VALIDATORS.ensure()
    told = {**os.environ, "FHIR_BASE": base, "FHIR_TOKEN": token}
    ran = subprocess.run(  # noqa: S603 - Node, and a script of ours
        [node, script], cwd=VALIDATORS.folder, env=told, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    yield from (Said(**json.loads(line)) for line in ran.stdout.splitlines() if line.startswith('{"client"'))
    if ran.returncode:
        yield Said(script, "run", FAILED, ran.stderr[-1000:])
