"""Two organisations with one record of every kind each, and values that aim every statement at the other's records."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from models.database import Database
from registry.audit_events import RECORD
from registry.audit_sealer import SEAL
from registry.card_feedback import KEEP as KEEP_DEED
from registry.client_sign_in import USE
from registry.credentials import OPEN_SESSION, SET_PASSWORD
from registry.desk import Desk
from registry.ehr_sign_in import USE as USE_CALL
from registry.erasures import ERASE
from registry.idempotency import KEEP
from registry.import_jobs import ADD as ADD_IMPORT
from registry.import_jobs import ADD_CHUNK, ADD_REJECTS, READY, TAKE
from registry.import_statements import KEEP as KEEP_DERIVED
from registry.launch_contexts import PREPARE
from registry.launch_statements import BEGIN, GAVE, GRANT
from registry.local_definitions import ADD
from registry.statements import Statement
from registry.vaults import MAKE_FIRST
from tests.registry.test_statements import VALUES
from tests.signed_in import desk_of, owner_connection
from tests.tenants.named import NOUNS, Named

PAST, FAR = datetime(2020, 1, 1, tzinfo=UTC), 1_000_000_000
FIRST = ("patient", "episode", "medication trial", "treatment")
MORE: dict[str, Any] = {
    "known_at": None,
    "version": None,
    "versions": None,
    "before": FAR,
    "at_most": 1000,
    "name": "A machine",
    "scope": "system/*.rs",
    "jwks": {"keys": []},
    "redirect_uris": [],
    "redirect_uri": "https://app.example/back",
    "state": "a state",
    "challenge": "c" * 43,
    "code_digest": b"",
    "idle": timedelta(hours=1),
    "disabled": False,
    "roles": ["administrator"],
    "password_hash": "x",
    "digest": b"",
    "presented_digest": b"",
    "lifetime": timedelta(days=1),
    "jti": "once",
    "expires_at": PAST,
    "review": "Seen",
    "reviewed_by": "somebody",
    "events": [],
    "reason": "considered",
    "kept_for": timedelta(0),
}
WHO = "somebody"
WAITS, GRANTED, GAVE_ONE, OVER = "launch that waits", "launch granted", "launch that gave", "launch that is over"
OF_LAUNCHES = {"SPEND": GRANTED, "END_GIVEN": GAVE_ONE}
"""The launch that a statement is about; the others are about one that waits."""
RUNNER = UUID("0192f0c1-c000-7c1f-9a3c-5d2e8f4b6a01")
REJECT = {"number": 1, "reference": "Observation/1", "code": "not_json", "sentence": "Said", "place": ""}
INSERTED = {"known_at": PAST, "version": 1, "digest": "sha256:0", "expires_at": datetime(2100, 1, 1, tzinfo=UTC)}
"""What a new row needs where a question leaves it open."""


class Sown(NamedTuple):
    """One organisation and its records by kind; `session` and a patient who was `erased` besides."""

    organisation: UUID
    ids: dict[str, UUID]

    @property
    def username(self) -> str:
        """The name of its user."""
        return f"{self.organisation}@test"

    @property
    def carried(self) -> str:
        """The digest of the identifier that its patient carries."""
        return sha256(self.organisation.bytes).hexdigest()

    def own(self) -> dict[str, Any]:
        """Values that name what is the organisation's own."""
        return {
            "patient_id": self.ids.get("patient"),
            "user_id": self.ids.get("user"),
            "client_id": self.ids.get("client"),
            "session_id": self.ids.get("session"),
            "context_id": self.ids.get("launch context"),
            "username": self.username,
            "subject": None,
            "key": str(self.organisation),
            "slug": f"own_{self.organisation.hex}",
            "slugs": [f"own_{self.organisation.hex}"],
            "import_id": self.ids.get("import"),
            "runner": RUNNER,
            "digests": [self.carried],
            "identity": f"1:{self.organisation}",
            "identifier_digests": [self.carried],
            "records": [self.ids.get("held by")],
            "patients": [self.ids.get("patient")],
            "card": self.organisation,
            "cards": [self.organisation],
        }


def values_for(named: Named, aimed_at: Sown) -> dict[str, Any]:
    """A value for each parameter but the organisation, so that the statement would meet the records aimed at."""
    statement, noun = named.statement, named.noun
    own = aimed_at.own()
    record = aimed_at.ids.get(noun.name if noun else "kept answer")
    if named.name.startswith("registry.emergency_accesses"):
        record = aimed_at.ids["emergency access"]
    if noun is not None and "patient_id" not in noun.table.c:
        own["patient_id"] = record
    if named.name in {"registry.erasures.READ", "registry.erasures.PAGE"}:
        own["patient_id"] = aimed_at.ids["erased"]
    if named.name.startswith("registry.fhir_resources"):
        record = aimed_at.ids["kept resource"]
    if named.name == "registry.emergency_accesses.UNTIL":
        own["subject"] = WHO
    if named.name.startswith("registry.launch_statements"):
        own["launch_id"] = aimed_at.ids.get(OF_LAUNCHES.get(named.name.rpartition(".")[2], WAITS))
    own |= of_imports(named, aimed_at, {**own, "id": record or uuid4()})
    if named.name == "registry.patient_search.FIND":
        own["digest"] = aimed_at.carried
    inserted = INSERTED | {"subject": WHO} if named.name.endswith(".insert") else {}
    return _filled(statement, {**VALUES, **MORE, **own, **inserted, "record_id": record, **new_ids()})


def of_imports(named: Named, aimed_at: Sown, own: dict[str, Any]) -> dict[str, Any]:
    """Which import a statement is about, and rows where it takes many."""
    found: dict[str, Any] = {"rows": [row_of(named, {**VALUES, **MORE, **own})]}
    if named.name in {"registry.import_jobs.READY", "registry.import_jobs.ADD_CHUNK"}:
        found["import_id"] = aimed_at.ids["import that comes in"]
    if named.name == "registry.import_jobs.ADD":
        found["import_id"] = uuid4()
    return found


def row_of(named: Named, known: dict[str, Any]) -> dict[str, Any]:
    """One of many rows: a record of this kind that is changed, a new one, a reject, or what was derived of what."""
    if named.noun is None:
        return REJECT | derived_of(str(known["patient_id"]))
    row = {column.name: known.get(column.name) for column in named.noun.table.c if column.computed is None}
    new = named.name.endswith(".insert")
    row |= {"id": str(uuid4() if new else known["id"]), "patient_id": str(known["patient_id"])}
    return {**row, "expected_version": 1, "organisation_id": None}


def derived_of(patient: str) -> dict[str, Any]:
    """That a patient was derived from something."""
    key = {"kind": "patients", "key": patient, "patient_id": patient, "record_id": patient}
    return {**key, "version": 1, "digest": "d", "provenance": {}}


def new_ids() -> dict[str, UUID]:
    """Ids of whatever is new."""
    return {name: uuid4() for name in ("id", "fields_id", "search_id")}


def _filled(statement: Statement, known: dict[str, Any]) -> dict[str, Any]:
    types = {name: _type_of(statement, number) for number, name in enumerate(statement.order, 1)}
    if types.get("after") in {"INTEGER", "BIGINT"}:
        known["after"] = 0
    if types.get("digest") == "VARCHAR" and not known["digest"]:
        known["digest"] = "sha256:0"
    if "scored_on" in types:
        known["instrument"] = "athf_sf2"  # no rating scale
    return {name: known.get(name) for name in types if name not in statement.constants and name != "organisation_id"}


def _type_of(statement: Statement, number: int) -> str:
    found = re.search(rf"\${number}::(\w+)", statement.sql)
    return found[1] if found else ""


async def _import(desk: Desk, sown: Sown) -> None:
    """An import that a runner had and lost, with a chunk and a reject; another that comes in; and what was derived."""
    mine = {"organisation_id": sown.organisation}
    for name in ("import", "import that comes in"):
        sown.ids[name] = uuid4()
        of = {**mine, "import_id": sown.ids[name]}
        await ADD_IMPORT.fetch_all(desk.database, **of, form="ndjson", source=None, subject="x", who={})
    of = {**mine, "import_id": sown.ids["import"]}
    await ADD_CHUNK.fetch_all(desk.database, **of, number=VALUES["number"], sealed="1:sealed")
    await READY.fetch_all(desk.database, **of, bytes=1, number=1)
    await ADD_REJECTS.fetch_all(desk.database, **of, rows=[REJECT])
    await TAKE.fetch_all(desk.database, **of, runner=RUNNER)
    await KEEP_DERIVED.fetch_all(desk.database, **mine, rows=[derived_of(str(sown.ids["patient"]))])


async def _erase_another(desk: Desk, sown: Sown) -> None:
    """One patient more, who was erased."""
    insert, mine = NOUNS["patient"].statements.insert, {"organisation_id": sown.organisation}
    sown.ids["erased"] = uuid4()
    given = _filled(insert, {**VALUES, **MORE, **sown.own(), "identifier_digests": [], "id": sown.ids["erased"]})
    await insert.fetch_all(desk.database, **mine, **given)
    await ERASE.fetch_all(desk.database, **mine, patient_id=sown.ids["erased"], reason="Asked for")


async def _keep_beside(desk: Desk, sown: Sown) -> None:
    """A resource that is kept beside a record."""
    insert, mine = NOUNS["kept resource"].statements.insert, {"organisation_id": sown.organisation}
    sown.ids["held by"] = uuid4()
    given = _filled(insert, {**VALUES, **MORE, **sown.own(), "id": uuid4(), "held_by": sown.ids["held by"]})
    await insert.fetch_all(desk.database, **mine, **given)


async def _launch(desk: Desk, sown: Sown) -> None:
    """Launches of an app: one that waits for an answer, one granted, one that gave a session, and one long over."""
    own = {**VALUES, **MORE, **sown.own(), **new_ids()}
    for name in (WAITS, GRANTED, GAVE_ONE, OVER):
        sown.ids[name] = uuid4()
        about = {"launch_id": sown.ids[name], "lifetime": timedelta(days=-2 if name == OVER else 1)}
        steps = {GRANTED: (BEGIN, GRANT), GAVE_ONE: (BEGIN, GRANT, GAVE)}.get(name, (BEGIN,))
        for statement in steps:
            given = _filled(statement, {**own, **about})
            await statement.fetch_all(desk.database, organisation_id=sown.organisation, **given)


async def sow(database: Database, url: str, organisation: UUID, seals: int) -> Sown:
    """Record one of everything on behalf of the organisation, by the service's own statements; seal so many times."""
    sown, desk = Sown(organisation, {}), desk_of(database, organisation)
    mine = {"organisation_id": organisation}
    for name in (*FIRST, *sorted(NOUNS.keys() - set(FIRST))):
        noun, sown.ids[name] = NOUNS[name], uuid4()
        given = values_for(Named(f"{name}.insert", noun.statements.insert, noun), sown)
        given |= {"id": sown.ids[name], **({"patient_id": sown.ids["patient"]} if "patient_id" in noun.table.c else {})}
        await noun.statements.insert.fetch_all(desk.database, **mine, **given)
    await _erase_another(desk, sown)
    await _keep_beside(desk, sown)
    await _import(desk, sown)
    sown.ids.update({"session": uuid4(), "launch context": uuid4()})
    for statement in (PREPARE, SET_PASSWORD, OPEN_SESSION, USE, KEEP, ADD, MAKE_FIRST, USE_CALL, KEEP_DEED):
        given = _filled(statement, {**VALUES, **MORE, **sown.own(), **new_ids(), "version": 1})
        await statement.fetch_all(desk.database, **mine, **given)
    await _launch(desk, sown)
    who = {"subject": "x", "kind": "user", "roles": "", "source": "", "request_id": "", "operation": "test"}
    event = {**who, "at": PAST, "action": "R", "outcome": 200, "patient_id": sown.ids["patient"]}
    await RECORD.fetch_all(desk.database, **mine, events=[event])
    for _ in range(seals):
        await SEAL.fetch_all(desk.database, **mine, at_most=3)
    owner = await owner_connection(url, organisation)
    await owner.execute("UPDATE idempotency_keys SET created_at = $1", PAST)
    await owner.execute("UPDATE import_queue SET taken_until = $1", PAST)
    await owner.execute("UPDATE imports SET updated_at = $1 WHERE state = 'receiving'", PAST)
    await owner.close()
    return sown
