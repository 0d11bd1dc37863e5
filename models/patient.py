"""Patients: whom the records are about."""

from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field, field_validator
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from clinical.vocabulary import Sex
from models.base import Answer, Record, Shape, StoredAnswer, one_of, partial_date
from models.fields import Address, Name, PartialDate, SaidDay

MOST_IDENTIFIERS = 20
MOST_IN_CARE_TEAM = 200
SEALED = "num_nulls(identity, identifier_digests) = 0 AND num_nonnulls(identifiers, display_name) = 0"


class Identifier(Shape):
    """A number or name under which another system knows the patient."""

    system: Address
    """Who gave the identifier: a URI, such as `urn:oid:1.2.36.146.595.217.0.1`."""
    value: Name
    """The identifier itself, such as a medical record number."""


class PatientBase(Shape):
    """What may be said of a patient. Everything is optional: a pseudonym needs nothing."""

    identifiers: list[Identifier] = Field(default_factory=list, max_length=MOST_IDENTIFIERS)
    """Identifiers in other systems. One identifier belongs to one patient."""
    display_name: Name | None = None
    """How the patient is called on screens; may be a pseudonym."""
    birth_date: PartialDate | None = None
    """Birth date as precise as it is known: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""
    sex: Sex | None = Sex.UNKNOWN
    """Administrative sex. Null is the same as `unknown`."""
    restricted_to: list[Name] | None = Field(default=None, min_length=1, max_length=MOST_IN_CARE_TEAM)
    """The users (their `id`) who alone may open the record; null is every clinician of the organisation."""

    @field_validator("sex")
    @classmethod
    def _name_the_unknown(cls, sex: Sex | None) -> Sex:
        return sex or Sex.UNKNOWN


class PatientCreate(PatientBase):
    """A patient to be added."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "identifiers": [{"system": "urn:oid:1.2.36.146.595.217.0.1", "value": "MRN-1042"}],
                "display_name": "Example patient",
                "birth_date": "1984-03",
                "sex": "female",
            }
        }
    )

    id: UUID | None = None
    """Your own UUID for the record, when it was made offline; else the service makes one."""


class PatientUpdate(PatientBase):
    """What to change of a patient; what is left out stays. Null removes a value."""

    model_config = ConfigDict(json_schema_extra={"example": {"display_name": "Another name"}})

    identifiers: list[Identifier] | None = Field(default=None, max_length=MOST_IDENTIFIERS)  # type: ignore[assignment]
    """All identifiers; the list replaces the stored one."""


class Patient(Record, table=True):
    """The current state of a patient. What names it is sealed in `identity`; the plain columns are always null.

    Those are kept so that databases from before (revision 0012) can be brought up: `ops.encrypt` empties them.
    """

    __tablename__ = "patients"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),
        one_of("sex", Sex),
        partial_date("birth_date"),
        CheckConstraint("jsonb_typeof(identifiers) = 'array'", name="identifiers_are_a_list"),
        CheckConstraint("jsonb_typeof(restricted_to) = 'array'", name="restricted_to_is_a_list"),
        CheckConstraint("jsonb_typeof(identifier_digests) = 'array'", name="identifier_digests_are_a_list"),
        CheckConstraint(SEALED, name="identity_is_sealed"),
    )

    identity: str | None = Column(sa_type=Text)
    """Identifiers and display name, as sealed JSON."""
    identifier_digests: list[str] | None = Column(sa_type=JSONB)
    """The keyed hash of each identifier, in the order of the identifiers."""
    identifiers: list[dict[str, Any]] | None = Column(sa_type=JSONB)
    display_name: str | None = Column(max_length=200)
    birth_date: str | None = Column(max_length=10)
    sex: str = Column(max_length=20)
    restricted_to: list[str] | None = Column(sa_type=JSONB)


class PatientIdentifier(SQLModel, table=True):
    """Which patient an identifier, by its keyed hash, belongs to. Kept by a trigger; patients in error have none."""

    __tablename__ = "patient_identifiers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"], ["patients.organisation_id", "patients.id"], name="patient"
        ),
        Index(None, "organisation_id", "patient_id"),
    )

    organisation_id: UUID = Column(primary_key=True)
    digest: str = Column(primary_key=True, max_length=64)
    patient_id: UUID


class IdentifierPublic(Answer):
    """A number or name under which another system knows the patient."""

    system: str
    """Who gave the identifier."""
    value: str
    """The identifier itself."""


class PatientPublic(StoredAnswer):
    """A patient, as stored."""

    identifiers: list[IdentifierPublic]
    """Identifiers in other systems."""
    display_name: str | None
    """How the patient is called on screens."""
    birth_date: SaidDay | None
    """Birth date as precise as it is known."""
    sex: Sex
    """Administrative sex."""
    restricted_to: list[str] | None
    """The users who alone may open the record; null is every clinician of the organisation."""
