"""Sealing what is stored, batch by batch: what was plain, or what is under an older key. Each batch is a transaction.

A batch that is interrupted is done again, and nothing is done twice: what is done shows in the row itself.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from ops.owner import within
from registry.fhir_resources import FIELD as CONTENT
from registry.idempotency import BODY, sealed_body
from registry.identity import FIELD, NAMES, sealed_columns
from vault.vault import Vault

BATCH = 200
FIRST = UUID(int=0)
Row = Mapping[str, Any]
Told = Callable[[int], object]
"""Hears how many patients or answers were looked at, for a progress bar."""

NEXT = "SELECT id FROM patients WHERE organisation_id = $1 AND id > $2 ORDER BY id LIMIT $3 FOR NO KEY UPDATE"
STATES = (
    "SELECT id, 0 AS version, identity, identifiers, display_name FROM patients "
    "WHERE organisation_id = $1 AND id = ANY($2) UNION ALL "
    "SELECT record_id, version, document ->> 'identity', document -> 'identifiers', document ->> 'display_name' "
    "FROM record_versions WHERE organisation_id = $1 AND record_id = ANY($2) AND kind = 'patients'"
)
PUT_STATE = (
    "UPDATE patients SET identity = $3, identifier_digests = $4, identifiers = NULL, display_name = NULL "
    "WHERE organisation_id = $1 AND id = $2"
)
PUT_VERSION = (
    "UPDATE record_versions SET document = document || jsonb_build_object('identity', $4::text, "
    "'identifier_digests', $5::jsonb, 'identifiers', NULL, 'display_name', NULL) "
    "WHERE organisation_id = $1 AND record_id = $2 AND version = $3"
)
NEXT_RESOURCES = (
    "SELECT id FROM fhir_resources WHERE organisation_id = $1 AND id > $2 ORDER BY id LIMIT $3 FOR NO KEY UPDATE"
)
RESOURCES = (
    "SELECT id, 0 AS version, content FROM fhir_resources WHERE organisation_id = $1 AND id = ANY($2) UNION ALL "
    "SELECT record_id, version, document ->> 'content' FROM record_versions "
    "WHERE organisation_id = $1 AND record_id = ANY($2) AND kind = 'fhir_resources'"
)
PUT_RESOURCE = "UPDATE fhir_resources SET content = $3 WHERE organisation_id = $1 AND id = $2"
PUT_RESOURCE_VERSION = (
    "UPDATE record_versions SET document = document || jsonb_build_object('content', $4::text) "
    "WHERE organisation_id = $1 AND record_id = $2 AND version = $3"
)
ANSWERS = (
    "SELECT key, fingerprint, body FROM idempotency_keys WHERE organisation_id = $1 AND key > $2 "
    "AND body <> '' AND ($4 OR get_byte(body, 0) = ascii('{')) "
    "ORDER BY key LIMIT $3 FOR UPDATE"
)
PUT_ANSWER = "UPDATE idempotency_keys SET body = $3, fingerprint = $4 WHERE organisation_id = $1 AND key = $2"


class Sealer(NamedTuple):
    """Seals what one organisation keeps.

    Attributes:
        anew: also what is sealed already, but not under the key that is written with.
    """

    connection: asyncpg.Connection
    vault: Vault
    anew: bool
    told: Told

    async def everything(self) -> int:
        """Seal patients and FHIR resources with all their versions, and answers kept for repeats.

        Returns:
            How many rows were rewritten.
        """
        return await self._patients() + await self._resources() + await self.answers()

    async def _patients(self) -> int:
        """As long as a patient is locked nobody adds a version."""
        organisation, after, rewritten = self.vault.organisation_id, FIRST, 0
        while True:
            async with within(self.connection, organisation):
                batch = [row["id"] for row in await self.connection.fetch(NEXT, organisation, after, BATCH)]
                if not batch:
                    return rewritten
                rows = await self.connection.fetch(STATES, organisation, batch)
                due = [row for row in rows if self._is_due(row["identity"])]
                await self._put(due)
            after, rewritten = batch[-1], rewritten + len(due)
            self.told(len(batch))

    def _is_due(self, sealed: str | None) -> bool:
        return sealed is None or (self.anew and not self.vault.is_current(sealed))

    async def _put(self, rows: list[Row]) -> None:
        states, versions = [], []
        for row in rows:
            columns = sealed_columns(self.vault, row["id"], self._names(row))
            sealed = (columns[FIELD], columns["identifier_digests"])
            if row["version"]:
                versions.append((self.vault.organisation_id, row["id"], row["version"], *sealed))
            else:
                states.append((self.vault.organisation_id, row["id"], *sealed))
        await self.connection.executemany(PUT_STATE, states)
        await self.connection.executemany(PUT_VERSION, versions)

    def _names(self, row: Row) -> dict[str, Any]:
        if row["identity"] is None:
            return {name: row[name] for name in NAMES}
        names: dict[str, Any] = orjson.loads(self.vault.opened(row["id"], FIELD, row["identity"]))
        return names

    async def _resources(self) -> int:
        """FHIR resources were never stored plain: they are sealed anew only."""
        organisation, after, rewritten = self.vault.organisation_id, FIRST, 0
        while self.anew:
            async with within(self.connection, organisation):
                batch = [row["id"] for row in await self.connection.fetch(NEXT_RESOURCES, organisation, after, BATCH)]
                if not batch:
                    break
                rows = await self.connection.fetch(RESOURCES, organisation, batch)
                due = [row for row in rows if self._is_due(row[CONTENT])]
                await self._put_resources(due)
            after, rewritten = batch[-1], rewritten + len(due)
            self.told(len(batch))
        return rewritten

    async def _put_resources(self, rows: list[Row]) -> None:
        states, versions = [], []
        for row in rows:
            content = self.vault.sealed(row["id"], CONTENT, self.vault.opened(row["id"], CONTENT, row[CONTENT]))
            if row["version"]:
                versions.append((self.vault.organisation_id, row["id"], row["version"], content))
            else:
                states.append((self.vault.organisation_id, row["id"], content))
        await self.connection.executemany(PUT_RESOURCE, states)
        await self.connection.executemany(PUT_RESOURCE_VERSION, versions)

    async def answers(self) -> int:
        """Seal the answers alone.

        Returns:
            How many rows were rewritten.
        """
        organisation, after, rewritten = self.vault.organisation_id, "", 0
        while True:
            async with within(self.connection, organisation):
                batch = await self.connection.fetch(ANSWERS, organisation, after, BATCH, self.anew)
                if not batch:
                    return rewritten
                due = [self._answer(row) for row in batch if self._is_due(_sealed_in(row["body"]))]
                await self.connection.executemany(PUT_ANSWER, due)
            after, rewritten = batch[-1]["key"], rewritten + len(due)
            self.told(len(batch))

    def _answer(self, row: Row) -> tuple[UUID, str, bytes, bytes]:
        organisation, sealed = self.vault.organisation_id, _sealed_in(row["body"])
        if sealed is None:
            keyed = self.vault.request_digest(row["fingerprint"])
            return organisation, row["key"], sealed_body(self.vault, row["key"], row["body"]), keyed
        body = self.vault.opened(row["key"], BODY, sealed)
        return organisation, row["key"], sealed_body(self.vault, row["key"], body), row["fingerprint"]


def _sealed_in(body: bytes) -> str | None:
    """The sealed form of an answer; None when it is plain JSON, which begins with a brace."""
    return None if body.startswith(b"{") else body.decode()


async def count(connection: asyncpg.Connection, organisation_id: UUID) -> int:
    """How many patients, resources and answers there are to look at."""
    async with within(connection, organisation_id):
        found: int = await connection.fetchval(
            "SELECT (SELECT count(*) FROM patients WHERE organisation_id = $1) "
            "+ (SELECT count(*) FROM fhir_resources WHERE organisation_id = $1) "
            "+ (SELECT count(*) FROM idempotency_keys WHERE organisation_id = $1)",
            organisation_id,
        )
    return found
