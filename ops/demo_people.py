"""The invented people of `make demo`, read from demo_patients.toml and turned into what the service takes."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

SYSTEM = "https://trialbook.example/demo"
FILE = Path(__file__).with_name("demo_patients.toml")
Fields = dict[str, Any]
KINDS = {
    "episodes": "episodes",
    "trials": "medication-trials",
    "ratings": "assessments",
    "treatments": "treatments",
    "symptoms": "symptoms",
    "factors": "contributing-factors",
}


class Person(BaseModel):
    """One invented patient: the history, what it teaches, and what the service must answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    name: str
    born: str
    sex: str
    teaches: str
    status: str
    """By the default definition."""
    by_definition: dict[str, str] = {}
    """By others, where that is the point."""
    safety: str | None = None
    """The level, where that is the point."""
    reasons: tuple[str, ...] = ()
    """What must be among the reasons for pseudo-resistance."""
    episodes: tuple[Fields, ...] = ()
    trials: tuple[Fields, ...] = ()
    ratings: tuple[Fields, ...] = ()
    treatments: tuple[Fields, ...] = ()
    symptoms: tuple[Fields, ...] = ()
    factors: tuple[Fields, ...] = ()

    @property
    def condition(self) -> str:
        """For If-None-Exist: this person is made once, however often the demo runs."""
        return f"identifier={SYSTEM}|{self.key}"

    def as_patient(self) -> Fields:
        """The patient's own record."""
        return {
            "identifiers": [{"system": SYSTEM, "value": self.key}],
            "display_name": self.name,
            "birth_date": self.born,
            "sex": self.sex,
        }

    def records(self, patient_id: str) -> Iterator[tuple[str, Fields]]:
        """Kind and body of every record, those that others point to first; the ids are the same at each run."""
        for part, kind in KINDS.items():
            entries: tuple[Fields, ...] = getattr(self, part)
            for place, entry in enumerate(entries):
                yield kind, _body(entry, UUID(patient_id), kind, place)


def _body(entry: Fields, patient_id: UUID, kind: str, place: int) -> Fields:
    """An entry of the file in the words of the service."""
    body = dict(entry)
    body["id"] = _id(patient_id, kind, body.pop("ref", str(place)))
    if kind == "medication-trials":
        body["medication"] = {"text": body["medication"]}
    if "dose" in body:
        body["daily_dose_mg"] = body.pop("dose")
    if "episode" in body:
        body["episode_id"] = _id(patient_id, "episodes", body.pop("episode"))
    if "augments" in body:
        body["augments"] = _id(patient_id, "medication-trials", body["augments"])
    return body


def _id(patient_id: UUID, kind: str, name: str) -> str:
    return str(uuid5(patient_id, f"{kind}/{name}"))


def people() -> list[Person]:
    """Everybody in the file, in its order."""
    with FILE.open("rb") as file:
        return [Person.model_validate(entry) for entry in tomllib.load(file)["patients"]]
