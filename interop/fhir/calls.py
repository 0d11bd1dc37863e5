"""One interaction as it was asked, by an address or by an entry of a Bundle, and how it is answered."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import Request

from access.fhir import name_of
from interop.fhir.address import base_of
from interop.fhir.elements import Fhir
from registry.desk import Desk
from registry.errors import NotFound
from web.deps import shows_also
from web.guard import allowed

JSON = "application/fhir+json"
NO_SUCH = "There is no {} of this id."
Pairs = list[tuple[str, str]]
BARE = re.compile(r"\s*(?:W/)?([0-9]{1,9})\s*")
"""A version without the quotation marks that an ETag has: some clients send it so."""


class Conditions(NamedTuple):
    """What must hold for an interaction, as its headers say."""

    if_match: str | None = None
    if_none_match: str | None = None
    if_none_exist: str | None = None

    @classmethod
    def read(cls, if_match: str | None, if_none_match: str | None, if_none_exist: str | None) -> "Conditions":
        """As they were sent, with quotation marks where a version lacks them."""
        return cls(_quoted(if_match), _quoted(if_none_match), if_none_exist)


def _quoted(tags: str | None) -> str | None:
    if tags is None:
        return None
    return ",".join(f'"{bare[1]}"' if (bare := BARE.fullmatch(part)) else part for part in tags.split(","))


NONE = Conditions()


class Look(NamedTuple):
    """What anybody may look at, signed in or not: the same as `Call`, without a desk."""

    request: Request
    kind: str
    id: str = ""
    pairs: Pairs = []  # noqa: RUF012 - never changed

    @property
    def base(self) -> str:
        """The address of FHIR here."""
        return base_of(self.request)


class Call(NamedTuple):
    """One interaction.

    Attributes:
        request: the request that it came with.
        desk: where it is done; inside a transaction of several, that one.
        kind: the type of resource.
        id: the resource, as it was written.
        pairs: the parameters of its address.
        body: what was sent with it.
        conditions: what must hold.
        reserved: the identity of what is created, where others refer to it already.
        lenient: whether what a search does not know is passed over.
        by_form: whether it was asked for in a form, which may name somebody, and not in an address.
        within: whether it is a part of a transaction, which ends with the first refusal.
    """

    request: Request
    desk: Desk
    kind: str
    id: str = ""
    pairs: Pairs = []  # noqa: RUF012 - never changed
    body: Any = None
    conditions: Conditions = NONE
    reserved: UUID | None = None
    lenient: bool = False
    by_form: bool = False
    within: bool = False

    @property
    def base(self) -> str:
        """The address of FHIR here."""
        return base_of(self.request)

    @property
    def uuid(self) -> UUID:
        """The identity of the resource.

        Raises:
            NotFound: it is none of ours, since ours are UUIDs.
        """
        try:
            return UUID(self.id)
        except ValueError:
            raise NotFound(NO_SUCH.format(self.kind)) from None

    def decide(self, verb: str, patient_id: UUID | None) -> None:
        """May whoever asks do this with this type, for this patient?

        Raises:
            Forbidden: they may not.
        """
        allowed(self.request, name_of(verb, self.kind), patient_id)
        if patient_id is not None:
            shows_also(self.request, patient_id)


class Reply(NamedTuple):
    """An answer: a status, a resource if there is one, and headers."""

    status: int
    resource: Fhir | None = None
    headers: Mapping[str, str] = {}
