"""A route of FHIR: behind the gate, reading FHIR's media types alone; its errors are OperationOutcomes."""

from urllib.parse import parse_qsl

import orjson
from fastapi import Request, Response
from starlette.types import Scope

from interop.fhir import outcome
from interop.fhir.address import BASE_PATH
from interop.fhir.calls import JSON
from interop.fhir.expressions import BUNDLE
from interop.fhir.patching import MEDIA_TYPES
from models import decimals
from registry.errors import TrialbookError
from web.bodies import CheckedRequest, read_json, whole_form
from web.errors import UnsupportedMediaType
from web.problems import SPOKEN
from web.routing import CheckedRoute, Handler

READ = (JSON, "application/json", "application/json+fhir")
NOT_SERVED = "This service speaks FHIR as JSON alone. Ask with `Accept: application/fhir+json`, or leave it out."
FORMATS = ("json", "text/json", "application/json", JSON, "application/json+fhir")


class FhirRoute(CheckedRoute):
    """Any parameters, a body of FHIR, the same gate as everywhere."""

    def _checked(self, handle: Handler) -> Handler:
        async def read_then_handle(request: Request) -> Response:
            _refuse_other_formats(request)
            checked = CheckedRequest(request.scope, request.receive)
            service = request.app.state.service
            if request.url.path.endswith("/_search"):
                form = await whole_form(request, service.seconds_for_a_body)
                form.checked = parse_qsl((await form.body()).decode("latin-1"), keep_blank_values=True)
                return await handle(form)
            if request.method in {"POST", "PUT", "PATCH"}:
                accepted = MEDIA_TYPES if request.method == "PATCH" else READ
                await read_json(checked, service.max_bundle_bytes, service.seconds_for_a_body, accepted, decimals.read)
            return await handle(checked)

        return read_then_handle


def _refuse_other_formats(request: Request) -> None:
    """XML and Turtle are refused cleanly.

    Raises:
        UnsupportedMediaType: only another format is wanted.
    """
    wanted = dict(parse_qsl(request.scope["query_string"].decode("latin-1"))).get("_format")
    if wanted is not None and wanted.replace(" ", "+").partition(";")[0] not in FORMATS:
        raise UnsupportedMediaType(NOT_SERVED)
    accepted = request.headers.get("accept", "*/*").lower()
    if "json" not in accepted and "*" not in accepted:
        raise UnsupportedMediaType(NOT_SERVED)


def _outcome(scope: Scope, error: TrialbookError) -> Response:
    kind = str(scope.get("path", "")).removeprefix(f"{BASE_PATH}/").partition("/")[0]
    said = outcome.to_fhir(error, kind or BUNDLE)
    return Response(orjson.dumps(said), error.status, error.headers, JSON)


SPOKEN[BASE_PATH] = _outcome
