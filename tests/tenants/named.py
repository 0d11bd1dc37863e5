"""Every statement of the service by name, and what becomes of it without the application's filter of organisations."""

import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import main  # noqa: F401 - imports every module that has statements
from registry.import_derived import NOUNS as DERIVED_NOUNS
from registry.import_derived import WRITING
from registry.noun import Noun
from registry.patient_search import WITH_RECORDS
from registry.statements import ALL, Statement

FILTER = re.compile(r"(?:\b\w+\.)?\borganisation_id = (\$\d+::UUID)")
GIVES_ITS_OWN = "It takes nothing from another row: it writes one of the organisation that it is given."
BEFORE_ANYBODY = "A sign-in knows no organisation yet: row-level security shows the one row that is presented."
NAMES_IT = "The function sets the organisation that it is given: the service's own, of whoever asked."
NO_TABLE = "It is about no row of any organisation."
COUNTS = "It counts requests of a client by a digest; no organisation and no patient is in it."
WITHOUT_FILTER = {
    "registry.app_clients.FIND_APP": BEFORE_ANYBODY,
    "registry.audit_events.RECORD": NAMES_IT,
    "registry.audit_sealer.SEAL": NAMES_IT,
    "registry.audit_sealer.WAITING": "The sealer asks for whom there is something to seal; no caller hears of it.",
    "registry.card_feedback.KEEP": GIVES_ITS_OWN,
    "registry.client_sign_in.FIND": BEFORE_ANYBODY,
    "registry.client_sign_in.USE": GIVES_ITS_OWN,
    "registry.credentials.CANDIDATES": BEFORE_ANYBODY,
    "registry.credentials.OPEN_SESSION": GIVES_ITS_OWN,
    "registry.credentials.SET_PASSWORD": GIVES_ITS_OWN,
    "registry.credentials.WHOSE_SESSION": BEFORE_ANYBODY,
    "registry.ehr_sign_in.USE": GIVES_ITS_OWN,
    "registry.erasures.ERASE": "It erases of the organisation that it is given, as far as row-level security lets it.",
    "registry.health.STANDING": NO_TABLE,
    "registry.import_jobs.ADD": GIVES_ITS_OWN,
    "registry.import_jobs.ADD_REJECTS": GIVES_ITS_OWN,
    "registry.import_jobs.WAITING": "The runner asks for whom there is an import: ids alone; no caller hears of it.",
    "registry.import_statements.KEEP": GIVES_ITS_OWN,
    **{f"many {kind}.insert": GIVES_ITS_OWN for kind in WRITING},
    "registry.idempotency.KEEP": GIVES_ITS_OWN,
    "registry.idempotency.LOCK": NO_TABLE,
    "registry.known_patients.HOLD": NO_TABLE,
    "registry.settled.MOMENT": NO_TABLE,
    "registry.launch_contexts.PREPARE": GIVES_ITS_OWN,
    "registry.launch_statements.BEGIN": GIVES_ITS_OWN,
    "registry.launch_statements.FIND": BEFORE_ANYBODY,
    "registry.rate_windows.FORGET": COUNTS,
    "registry.rate_windows.FORGET_ALL": COUNTS,
    "registry.rate_windows.LOOK": COUNTS,
    "registry.rate_windows.TAKE": COUNTS,
    "registry.local_definitions.ADD": GIVES_ITS_OWN,
    "registry.vaults.MAKE_FIRST": GIVES_ITS_OWN,
    "registry.standing.ORGANISATION_KNOWN": "It asks for the organisation itself, by its id.",
    "client.insert": GIVES_ITS_OWN,
    "patient.insert": GIVES_ITS_OWN,
    "user.insert": GIVES_ITS_OWN,
}
"""Statements that have no filter that could be removed, each with the reason."""


class Named(NamedTuple):
    """A statement, how it is called, and the kind of record that it is about, if it is about one."""

    name: str
    statement: Statement
    noun: Noun[Any] | None = None

    @property
    def unfiltered(self) -> str:
        """Its text with every condition on the organisation always true; the values stay the same."""
        return FILTER.sub(r"(\1 IS NOT NULL)", self.statement.sql)


def _defines(module: str, name: str) -> bool:
    """Whether the name is given its value there, and not only imported."""
    text = inspect.getsource(sys.modules[module])
    return re.search(rf"^(?:\w+, )*{name}(?:, \w+)* = ", text, re.MULTILINE) is not None


def _of_imports() -> Iterator[Named]:
    """Those that write many records at once."""
    for kind, writing in WRITING.items():
        for verb, statement in writing._asdict().items():
            yield Named(f"many {kind}.{verb}", statement, DERIVED_NOUNS[kind])


def _named() -> list[Named]:
    """All of them, each once."""
    found: dict[int, Named] = {}
    modules = [(name, vars(module)) for name, module in sorted(sys.modules.items()) if name.startswith("registry.")]
    for noun in (value for _, held in modules for value in held.values() if isinstance(value, Noun)):
        for verb, statement in noun.statements._asdict().items():
            found.setdefault(id(statement), Named(f"{noun.name}.{verb}", statement, noun))
    found |= {id(named.statement): named for named in _of_imports()}
    for kinds, statement in WITH_RECORDS.items():
        found.setdefault(id(statement), Named(f"patient with {' '.join(sorted(kinds))}", statement))
    for module, held in modules:
        for name, value in held.items():
            if isinstance(value, Statement) and _defines(module, name):
                found.setdefault(id(value), Named(f"{module}.{name}", value))
    return [found[id(statement)] for statement in ALL if id(statement) in found]


NAMED = _named()
NOUNS = {named.noun.name: named.noun for named in NAMED if named.noun is not None}
