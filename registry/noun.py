"""A kind of record: its table, its words, and how a row becomes an answer and an entry becomes a row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Table

from models.base import Shape
from registry.desk import Desk
from registry.errors import Fault, InvalidRequest
from registry.merge import merged
from registry.record_statements import Beside, RecordStatements, nothing_beside, record_statements
from registry.wording import wrong

Row = Mapping[str, Any]
Entry = TypeVar("Entry", bound=Shape)
Sealing = Callable[[dict[str, Any], Desk, UUID], dict[str, Any]]
"""Turns columns into what is stored of them for the record of that id."""
CANNOT_STORE = "The record cannot be stored as it is; `errors` says what to correct."


def nothing_sealed(columns: dict[str, Any], _desk: Desk, _record_id: UUID) -> dict[str, Any]:
    """Most records are stored as they are."""
    return columns


def nothing_to_open(row: Row, _desk: Desk) -> Row:
    """Most rows are read as they are."""
    return row


@dataclass(frozen=True)
class Noun(Generic[Entry]):
    """One kind of record.

    Attributes:
        name: what people call it.
        table: where its current state is kept.
        entry: what a client sends to create one.
        to_row: the columns of an entry; raises InvalidRequest for what contradicts itself or the calendar.
        to_public: the answer for a row.
        to_entry: what a client could have sent to get this row.
        amend: lays a merge patch over such an entry.
        beside: columns that the answer needs besides the row.
        sealed: the columns as they are stored, where some are encrypted.
        opened: the row, or that of a kept version, with everything readable: what `to_public` and `to_entry` take.
    """

    name: str
    table: Table
    entry: type[Entry]
    to_row: Callable[[Entry, Desk], dict[str, Any]]
    to_public: Callable[[Row], dict[str, Any]]
    to_entry: Callable[[Row], dict[str, Any]]
    amend: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]] = merged
    beside: Beside = nothing_beside
    sealed: Sealing = nothing_sealed
    opened: Callable[[Row, Desk], Row] = nothing_to_open
    statements: RecordStatements = field(init=False)

    def __post_init__(self) -> None:
        """Build the statements, once."""
        object.__setattr__(self, "statements", record_statements(self.table, self.beside))

    def said(self, row: Row, desk: Desk) -> dict[str, Any]:
        """The answer for a row as it is stored."""
        return self.to_public(self.opened(row, desk))

    def amended(self, row: Row, patch: dict[str, Any]) -> Entry:
        """The whole record, opened, as it would be after the patch, checked as if it were newly sent.

        Raises:
            InvalidRequest: it could not have been created like this.
        """
        return validated(self.entry, self.amend(self.to_entry(row), patch))


def validated(shape: type[Entry], sent: dict[str, Any]) -> Entry:
    """What was sent or understood, checked as the JSON edge checks it.

    Raises:
        InvalidRequest: it is no such shape; each fault has its pointer.
    """
    try:
        return shape.model_validate(sent)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise InvalidRequest(CANNOT_STORE, tuple(map(_fault, faults))) from error


def _fault(error: Any) -> Fault:  # noqa: ANN401 - pydantic's own error dictionary
    return Fault("".join(f"/{part}" for part in error["loc"]), wrong(error))


def refuse(faults: list[Fault]) -> None:
    """Raise if anything was found.

    Raises:
        InvalidRequest: there are faults.
    """
    if faults:
        raise InvalidRequest(CANNOT_STORE, tuple(faults))


def future_fault(pointer: str, span_start: int | None, desk: Desk) -> list[Fault]:
    """The fault of a day that has not come yet (tomorrow is allowed, for other time zones)."""
    if span_start is None or span_start <= desk.last_day:
        return []
    return [Fault(pointer, f"This day is in the future; today is {_words(desk.today)}. Send a day up to today.")]


def _words(day: date) -> str:
    return day.isoformat()
