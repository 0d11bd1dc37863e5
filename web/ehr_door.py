"""EHRs that sign each of their calls: believed at the CDS services, and nowhere else."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from fastapi import Request

from access.caller import Caller
from access.roles import Role
from identity.ehr_tokens import Ehrs, EhrToken
from identity.errors import BadToken
from identity.jws import unverified
from identity.scopes import parsed
from models.database import Database
from registry.ehr_sign_in import use_once
from registry.standing import Standing

SERVICES = "/cds-services"
FEEDBACK = "/feedback"
SCOPES = parsed("system/Patient.s")
"""A call is about a patient whom the caller knows, and reads no record of ours."""
REPLAYED = "it was used before; sign a new one, with a `jti` of its own, for each call"
NOBODY = "its issuer is listed for an organisation that is not known here"


class EhrDoor(NamedTuple):
    """Knows the EHRs, and which of their tokens were used."""

    ehrs: Ehrs
    database: Database
    standing: Standing
    address: str
    """The address by which others reach the service: what a token must be meant for begins with it."""
    clock: Callable[[], datetime]

    async def caller(self, request: Request, token: str) -> Caller | None:
        """The EHR that signed this call; None where the call or the token is of another kind.

        Raises:
            BadToken: it is of an EHR, and is not believed.
            KeysUnavailable: the EHR cannot be asked for its keys.
        """
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        if not path.startswith(f"{SERVICES}/"):
            return None
        opened = unverified(token)
        if not self.ehrs.lists(opened):
            return None
        audiences = list(self._addresses_of(path))
        return await self._admitted(await self.ehrs.believed(opened, audiences, self.clock()))

    def _addresses_of(self, path: str) -> Iterator[str]:
        """What a call of this path may be meant for: its own address; feedback also for the service's."""
        whole = f"{self.address}{path.rstrip('/')}"
        yield from (whole, f"{whole}/")
        if path.endswith(FEEDBACK):
            yield whole.removesuffix(FEEDBACK)

    async def _admitted(self, token: EhrToken) -> Caller:
        if not await self.standing.knows(token.organisation_id):
            raise BadToken(NOBODY)
        if not await use_once(self.database, token):
            raise BadToken(REPLAYED)
        return Caller(
            organisation_id=token.organisation_id,
            subject=token.issuer,
            kind="client",
            roles=frozenset({Role.INTEGRATION}),
            scopes=SCOPES,
        )
