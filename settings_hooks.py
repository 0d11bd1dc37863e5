"""Settings of CDS Hooks: which EHRs are believed, which FHIR servers may be asked, and how long an answer may take."""

import json
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode

from settings_kinds import listed

LONGEST_ISSUER = 200
"""The audit has room for so many characters of who asks."""
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
NOT_PRIVATE = "{} must have https:// addresses; http:// is for this machine alone, and not in production"


class CdsClient(BaseModel):
    """An EHR that signs its calls: whose tokens these are, where its keys are, and for which organisation it calls."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    iss: Annotated[str, Field(min_length=1, max_length=LONGEST_ISSUER)]
    organisation_id: UUID
    jwks_url: str | None = None
    jwks_file: Path | None = None
    algorithms: tuple[str, ...] = ("ES384", "RS384")

    @model_validator(mode="after")
    def _have_keys_at_one_place(self) -> Self:
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("name either jwks_url or jwks_file, where its keys are")
        return self


def _clients(text: object) -> object:
    """A list in JSON, as it stands in the environment."""
    if not isinstance(text, str):
        return text
    try:
        return tuple(json.loads(text))
    except (ValueError, TypeError):
        raise ValueError('it must be a list in JSON, such as [{"iss": "...", "jwks_url": "...", ...}]') from None


def _server(text: str) -> str:
    """The base address of a FHIR server, without a slash at its end."""
    parts = urlsplit(text)
    strange = parts.query or parts.fragment or parts.username or parts.password or not parts.hostname
    if parts.scheme not in {"http", "https"} or strange:
        raise ValueError("each must be the address of a FHIR server, such as https://ehr.example.org/fhir")
    return text.rstrip("/")


Clients = Annotated[tuple[CdsClient, ...], NoDecode, BeforeValidator(_clients)]
Servers = Annotated[tuple[Annotated[str, AfterValidator(_server)], ...], NoDecode, BeforeValidator(listed)]


class HookSettings(BaseSettings):
    """What belongs to CDS Hooks."""

    cds_clients: Annotated[Clients, Field(description="EHRs whose signed calls are believed, as a list in JSON.")] = ()
    cds_fhir_servers: Annotated[Servers, Field(description="FHIR servers that may be asked for what is missing.")] = ()
    cds_definition: Annotated[str, Field(max_length=100)] = "two_failed_medications"
    cds_deadline_seconds: Annotated[
        float, Field(ge=0.05, le=60, description="Then a card says that it took too long; below what the EHR waits.")
    ] = 4.5

    @model_validator(mode="after")
    def _be_private_with_hospitals(self) -> Self:
        """Nobody on the way may read what is fetched, or put keys of their own there. Files need no address."""
        loopback = getattr(self, "environment", "production") != "production"
        keys = [("CDS_CLIENTS", each.jwks_url) for each in self.cds_clients if each.jwks_url]
        for name, address in [*keys, *(("CDS_FHIR_SERVERS", each) for each in self.cds_fhir_servers)]:
            if not _is_private(address, loopback=loopback):
                raise ValueError(NOT_PRIVATE.format(name))
        return self


def _is_private(address: str, *, loopback: bool) -> bool:
    parts = urlsplit(address)
    here = loopback and parts.scheme == "http" and parts.hostname in HERE
    return parts.scheme == "https" or here
