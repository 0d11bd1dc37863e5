"""How an answer leaves: as FHIR, and as much of it as was preferred."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from interop.fhir import outcome
from interop.fhir.calls import JSON, Call, Reply
from models import decimals

Act = Callable[[Call], Awaitable[Reply]]
STORED = "Stored as {}, version {}."


def preferred(request: Request) -> str:
    """What is preferred, in lower case and without blanks."""
    return request.headers.get("prefer", "").replace(" ", "").lower()


def answered(request: Request, reply: Reply) -> Response:
    """The answer as FHIR says it; of what was written as much as was preferred."""
    said, wanted = reply.resource, preferred(request)
    if said is not None and request.method in {"POST", "PUT", "PATCH"} and "ETag" in reply.headers:
        if "return=minimal" in wanted:
            said = None
        elif "return=operationoutcome" in wanted:
            address = f"{said['resourceType']}/{said['id']}"
            said = outcome.outcome([outcome.information(STORED.format(address, said["meta"]["versionId"]))])
    if said is None:
        return Response(status_code=reply.status, headers=dict(reply.headers))
    return Response(decimals.dumps(said), reply.status, dict(reply.headers), JSON)
