"""`/metrics`: the numbers of the service, for a Prometheus that knows the token."""

import asyncio
import hmac

from fastapi import APIRouter, Request, Response

from registry.errors import Unauthenticated
from web.metrics import MEDIA_TYPE

router = APIRouter(tags=["9 Service"])
WHO = "Send `Authorization: Bearer` with the value of METRICS_TOKEN. Without that setting, nobody may read the metrics."


def knows_the_token(request: Request) -> bool:
    """Whether the caller sent METRICS_TOKEN. How long that takes to say does not depend on how much was right."""
    token = request.app.state.metrics_token
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if token is None or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(sent.strip().encode(), token.get_secret_value().encode())


# Not in the document: it is no JSON, and no client of records has a use for it.
@router.get("/metrics", operation_id="read_metrics", include_in_schema=False)
async def read_metrics(request: Request) -> Response:
    """All numbers of all workers, in the text form of Prometheus."""
    if not knows_the_token(request):
        raise Unauthenticated(WHO, headers={"WWW-Authenticate": "Bearer"})
    text = await asyncio.to_thread(request.app.state.metrics.text)
    return Response(text, media_type=MEDIA_TYPE)
