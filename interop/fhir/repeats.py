"""A POST with an `Idempotency-Key`: the same key and request get the same answer, and nothing is done twice.

As on the JSON edge; but a Bundle may be about several patients: then its answer, which is kept for days, names none.
"""

import json
import re
from typing import Any

from fastapi import Response

from interop.fhir.answering import Act, answered
from interop.fhir.batches import BATCH
from interop.fhir.calls import JSON, Call
from registry.desk import Desk
from registry.errors import Fault, InvalidRequest
from registry.idempotency import Keyed, Stored, fingerprint, once
from web.calls import as_kept
from web.deps import SHOWN, caller_of

HEADER, PLACE = "idempotency-key", "#header/idempotency-key"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
BAD = "Send 1 to 255 characters of plain text without blanks, such as a UUID."
OF_MANY = "A batch is many acts, and a key is good for one. Send a transaction, or each with `ifNoneExist`."


async def answered_once(call: Call, act: Act) -> Response:
    """Do it, or give the answer that was kept.

    Raises:
        InvalidRequest: the key is none, or stands by a batch.
        Conflict, Gone: as in `registry.idempotency.once`.
    """
    request = call.request
    key = request.headers.get(HEADER)
    if key is None:
        return answered(request, await act(call))
    if not KEY.fullmatch(key):
        raise InvalidRequest(BAD, (Fault(PLACE, BAD),))
    if isinstance(call.body, dict) and call.body.get("type") == BATCH:
        raise InvalidRequest(OF_MANY, (Fault(PLACE, OF_MANY),))

    async def act_and_keep(desk: Desk) -> Stored:
        reply = await act(call._replace(desk=desk, within=True))
        patients = [each for each in request.scope.get(SHOWN, ()) if each is not None]
        if len(patients) > 1 and reply.resource is not None:
            reply = reply._replace(resource=_without_resources(reply.resource))
        response, whose = answered(request, reply), patients[0] if len(patients) == 1 else None
        return Stored(response.status_code, dict(reply.headers), bytes(response.body), whose)

    mine = fingerprint(b"fhir", caller_of(request).subject.encode(), key.encode()).hex()
    stored, repeated = await once(call.desk, Keyed(mine, _asked(call)), act_and_keep)
    return as_kept(request, stored, JSON if stored.body else None, repeated=repeated)


def _asked(call: Call) -> bytes:
    """The digest of what is asked, whatever the order of its keys."""
    scope = call.request.scope
    condition = call.conditions.if_none_exist or ""
    body = json.dumps(call.body, sort_keys=True).encode()
    return fingerprint(scope["path"].encode(), scope["query_string"], condition.encode(), body)


def _without_resources(bundle: dict[str, Any]) -> dict[str, Any]:
    """The answer to a Bundle as with `Prefer: return=minimal`: what was made, and where it is."""
    entries = [{name: value for name, value in each.items() if name != "resource"} for each in bundle.get("entry", [])]
    return {**bundle, "entry": entries}
