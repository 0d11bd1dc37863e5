"""What the database itself keeps, past the service: constraints, triggers, history."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from models.base import new_id
from settings import FIRST_ORGANISATION

pytestmark = pytest.mark.anyio
TRIAL: dict[str, Any] = {
    "medication": '{"text": "x"}',
    "ingredient": "sertraline",
    "doses": "[]",
    "indication": "unknown",
    "role": "monotherapy",
    "outcome_response": "unknown",
    "outcome_early_failure_confirmed": False,
    "stop_reason": "unknown",
}
EPISODE: dict[str, Any] = {"polarity": "unknown", "severity": "unknown"}
RATING: dict[str, Any] = {"instrument": "phq9", "assessed_on": "2025", "total_score": 9, "rater": "self"}
TREATMENT: dict[str, Any] = {
    "kind": "neuromodulation",
    "modality": "ect",
    "laterality": "unknown",
    "outcome_response": "unknown",
    "outcome_early_failure_confirmed": False,
    "stop_reason": "unknown",
}
SYMPTOMS: dict[str, Any] = {"observed_on": "2025", "present": ["fatigue"], "absent": []}
FACTOR: dict[str, Any] = {"category": "genetics", "factor": "family_history", "certainty": "suspected"}
SCORE: dict[str, Any] = {"instrument": "athf_sf2", "scored_on": "2025", "score": 2}
PLAN: dict[str, Any] = {"title": "Plan", "goals": "[]", "steps": "[]"}
SIGNED: dict[str, Any] = {"signed_by": '{"name": "A", "role": "B"}', "signed_meaning": "author"}
TABLES = {
    "episodes": EPISODE,
    "medication_trials": TRIAL,
    "assessments": RATING,
    "treatments": TREATMENT,
    "symptoms": SYMPTOMS,
    "contributing_factors": FACTOR,
    "external_scores": SCORE,
    "treatment_plans": PLAN,
}
ALL_TABLES = (*TABLES, "patients")


async def insert(connection: asyncpg.Connection, table: str, patient_id: str, **columns: Any) -> UUID:  # noqa: ANN401
    row = {"organisation_id": FIRST_ORGANISATION, "id": uuid4(), **TABLES[table], "patient_id": patient_id, **columns}
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})",  # noqa: S608 - our own names
        *row.values(),
    )
    return row["id"]


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "trial: end before start": ("medication_trials", {"started": "2025-02", "ended": "2025-01-31"}),
    "trial: not a date": ("medication_trials", {"started": "soon"}),
    "trial: no such day": ("medication_trials", {"started": "2025-02-29"}),
    "trial: another century": ("medication_trials", {"started": "1899-12-31"}),
    "trial: unknown start": ("medication_trials", {"started": "unknown"}),
    "trial: outcome before start": ("medication_trials", {"started": "2025-02", "outcome_assessed_on": "2025-01"}),
    "trial: zero dose": ("medication_trials", {"doses": '[{"daily_dose_mg": 0}]'}),
    "trial: negative dose": ("medication_trials", {"doses": '[{"daily_dose_mg": -1}]'}),
    "trial: absurd dose": ("medication_trials", {"doses": '[{"daily_dose_mg": 100000}]'}),
    "trial: dose as text": ("medication_trials", {"doses": '[{"daily_dose_mg": "50"}]'}),
    "trial: doses no list": ("medication_trials", {"doses": "{}"}),
    "trial: fraction": ("medication_trials", {"adherence_taken_fraction": 2}),
    "trial: improvement": ("medication_trials", {"outcome_improvement_percent": 101}),
    "trial: role": ("medication_trials", {"role": "placebo"}),
    "trial: no episode": ("medication_trials", {"episode_id": uuid4()}),
    "trial: augments nothing": ("medication_trials", {"role": "augmentation", "augments": uuid4()}),
    "episode: resolved before onset": ("episodes", {"onset": "2025", "resolved": "2024"}),
    "episode: severity": ("episodes", {"severity": "bad"}),
    "rating: total": ("assessments", {"total_score": 101}),
    "rating: nothing": ("assessments", {"total_score": None}),
    "rating: items no list": ("assessments", {"items": "3"}),
    "treatment: end before start": ("treatments", {"started": "2025-02", "ended": "2025-01-31"}),
    "treatment: outcome before start": ("treatments", {"started": "2025-02", "outcome_assessed_on": "2025-01"}),
    "treatment: no session": ("treatments", {"sessions": 0}),
    "treatment: a side of what has none": ("treatments", {"modality": "rtms", "laterality": "bilateral"}),
    "treatment: kind": ("treatments", {"kind": "surgery"}),
    "treatment: modality": ("treatments", {"modality": "lobotomy"}),
    "treatment: no episode": ("treatments", {"episode_id": uuid4()}),
    "symptoms: nothing said": ("symptoms", {"present": []}),
    "symptoms: present and absent": ("symptoms", {"absent": ["fatigue"]}),
    "symptoms: no such symptom": ("symptoms", {"present": ["sadness"]}),
    "symptoms: no date": ("symptoms", {"observed_on": "unknown"}),
    "factor: certainty": ("contributing_factors", {"certainty": "sure"}),
    "factor: no such factor": ("contributing_factors", {"factor": "bad_luck"}),
    "score: negative": ("external_scores", {"score": -1}),
    "score: too high": ("external_scores", {"score": 1000}),
    "score: a rating scale": ("external_scores", {"instrument": "phq9"}),
    "plan: steps no list": ("treatment_plans", {"steps": "{}"}),
    "plan: a name without a meaning": ("treatment_plans", {"signed_by": SIGNED["signed_by"]}),
    "plan: a meaning without a name": ("treatment_plans", {"signed_meaning": "author"}),
    "plan: no such trial": ("treatment_plans", {"steps": f'[{{"trial_id": "{uuid4()}"}}]'}),
    "plan: no such treatment": ("treatment_plans", {"steps": f'[{{"treatment_id": "{uuid4()}"}}]'}),
}


@pytest.mark.parametrize(("table", "columns"), REFUSED.values(), ids=REFUSED.keys())
async def test_the_database_refuses(
    connection: asyncpg.Connection, patient_id: str, table: str, columns: dict[str, Any]
) -> None:
    with pytest.raises((asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)):
        await insert(connection, table, patient_id, **columns)


@pytest.mark.parametrize("table", TABLES)
async def test_a_record_of_another_organisation_cannot_be_written(
    connection: asyncpg.Connection, patient_id: str, table: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await insert(connection, table, patient_id, organisation_id=uuid4())


async def test_a_record_belongs_to_a_patient_that_exists(connection: asyncpg.Connection) -> None:
    for table in TABLES:
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await insert(connection, table, str(uuid4()))


async def test_the_database_accepts_what_may_be_true(connection: asyncpg.Connection, patient_id: str) -> None:
    for started, ended in (("2025", "2025"), ("2025-01-31", "2025-01"), (None, "unknown"), ("2024-02-29", "unknown")):
        await insert(connection, "medication_trials", patient_id, started=started, ended=ended)


async def test_a_record_of_another_patient_cannot_be_referred_to(
    connection: asyncpg.Connection, patient_id: str
) -> None:
    other = uuid4()
    await connection.execute(
        "INSERT INTO patients (organisation_id, id, identity, identifier_digests, sex, entered_in_error) "
        "VALUES ($1, $2, '1:sealed', '[]', 'unknown', true)",
        FIRST_ORGANISATION,
        other,
    )
    episode = await insert(connection, "episodes", str(other))
    trial = await insert(connection, "medication_trials", str(other))
    treatment = await insert(connection, "treatments", str(other))
    for table, columns in (
        ("treatments", {"episode_id": episode}),
        ("treatment_plans", {"steps": f'[{{"trial_id": "{trial}"}}]'}),
        ("treatment_plans", {"steps": f'[{{"treatment_id": "{treatment}"}}]'}),
    ):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await insert(connection, table, patient_id, **columns)
    for columns in ({"episode_id": episode}, {"role": "augmentation", "augments": trial}):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await insert(connection, "medication_trials", patient_id, **columns)


async def test_a_change_by_hand_removes_the_signature_and_nobody_chooses_its_time(
    connection: asyncpg.Connection, patient_id: str
) -> None:
    plan = await insert(connection, "treatment_plans", patient_id, **SIGNED)
    back = "UPDATE treatment_plans SET signed_at = '2020-01-01' WHERE id = $1 RETURNING signed_at = created_at"
    assert await connection.fetchval(back, plan)
    title = "UPDATE treatment_plans SET title = 'Other' WHERE id = $1 RETURNING num_nulls(signed_by, signed_at)"
    assert await connection.fetchval(title, plan) == 2


@pytest.mark.parametrize("table", ALL_TABLES)
async def test_no_record_is_ever_removed(connection: asyncpg.Connection, table: str) -> None:
    for sql in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608 - our own names
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="entered in error"):
            await connection.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM record_versions",
        "TRUNCATE record_versions",
        "UPDATE record_versions SET document = '{}'",
        "UPDATE record_versions SET superseded_at = clock_timestamp() WHERE superseded_at IS NULL",
        "INSERT INTO record_versions SELECT (jsonb_populate_record(v, '{\"version\": 99}')).* FROM record_versions v",
    ],
)
async def test_the_history_is_written_by_the_database_alone(
    connection: asyncpg.Connection, patient_id: str, sql: str
) -> None:
    assert patient_id
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await connection.execute(sql)


async def test_what_never_changes_cannot_be_changed(connection: asyncpg.Connection, patient_id: str) -> None:
    trial = await insert(connection, "medication_trials", patient_id)
    for column, value in (("id", uuid4()), ("patient_id", uuid4()), ("organisation_id", uuid4())):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(f"UPDATE medication_trials SET {column} = $1 WHERE id = $2", value, trial)  # noqa: S608


async def test_versions_and_times_are_the_databases_own(connection: asyncpg.Connection, patient_id: str) -> None:
    trial = await insert(connection, "medication_trials", patient_id, version=7)
    row = await connection.fetchrow("SELECT * FROM medication_trials WHERE id = $1", trial)
    assert (row["version"], row["created_at"]) == (1, row["updated_at"])
    changed = await connection.fetchrow(
        "UPDATE medication_trials SET version = 9, created_at = '2020-01-01', updated_at = '2020-01-01' "
        "WHERE id = $1 RETURNING *",
        trial,
    )
    assert (changed["version"], changed["created_at"]) == (2, row["created_at"])
    assert changed["updated_at"] > row["updated_at"]


async def test_every_version_is_kept_and_one_is_open(connection: asyncpg.Connection, patient_id: str) -> None:
    trial = await insert(connection, "medication_trials", patient_id, note="one")
    for note in ("two", "three"):
        await connection.execute("UPDATE medication_trials SET note = $1 WHERE id = $2", note, trial)
    versions = await connection.fetch("SELECT * FROM record_versions WHERE record_id = $1 ORDER BY version", trial)
    assert [version["version"] for version in versions] == [1, 2, 3]
    assert [version["superseded_at"] for version in versions] == [
        versions[1]["recorded_at"],
        versions[2]["recorded_at"],
        None,
    ]
    assert {str(version["patient_id"]) for version in versions} == {patient_id}
    assert {version["kind"] for version in versions} == {"medication_trials"}
    noted = await connection.fetchval(
        "SELECT array_agg(document ->> 'note' ORDER BY version) FROM record_versions WHERE record_id = $1", trial
    )
    assert noted == ["one", "two", "three"]


async def test_versions_of_one_transaction_are_apart_in_time(connection: asyncpg.Connection, patient_id: str) -> None:
    async with connection.transaction():
        trial = await insert(connection, "medication_trials", patient_id)
        for number in range(20):
            await connection.execute("UPDATE medication_trials SET note = $1 WHERE id = $2", str(number), trial)
    times = await connection.fetch("SELECT recorded_at FROM record_versions WHERE record_id = $1", trial)
    assert len({row["recorded_at"] for row in times}) == 21


@pytest.mark.parametrize(
    ("partial", "earliest", "latest"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024-12", "2024-12-01", "2024-12-31"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        ("unknown", None, None),
        (None, None, None),
    ],
)
async def test_partial_dates_span_the_same_days_as_in_the_rules(
    connection: asyncpg.Connection, partial: str | None, earliest: str | None, latest: str | None
) -> None:
    row = await connection.fetchrow("SELECT earliest_day($1)::text AS e, latest_day($1)::text AS l", partial)
    assert (row["e"], row["l"]) == (earliest, latest)


def test_ids_are_uuid_version_7_and_sort_by_time() -> None:
    made = [new_id() for _ in range(200)]
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {"specified in RFC 4122"}
    assert len(set(made)) == 200
    assert [one.int >> 80 for one in made] == sorted(one.int >> 80 for one in made)
