"""What is served of SMART App Launch, for apps that look for it beside the FHIR interface."""

from typing import Any

from fastapi import APIRouter

from models.token import SmartConfiguration
from web.deps import Service, ServiceDep
from web.issuer import ALGORITHMS, FHIR, SCOPES, SMART, endpoints
from web.routing import CheckedRoute

router = APIRouter(tags=["0 Sign in"], route_class=CheckedRoute)
OF_MACHINES = ("client-confidential-asymmetric", "permission-v1", "permission-v2")
OF_APPS = (
    *("launch-standalone", "launch-ehr", "authorize-post", "client-public"),
    *("context-standalone-patient", "context-ehr-patient"),
    *("permission-patient", "permission-user", "permission-offline", "permission-online"),
)
"""No `sso-openid-connect`, which asks for RS256 (our keys are ES256); without it there is no `issuer` here either."""


@router.get(
    SMART,
    operation_id="read_smart_configuration",
    summary="Discover SMART",
    response_model=SmartConfiguration,
    response_model_exclude_unset=True,
)
async def read_smart_configuration(service: ServiceDep) -> dict[str, Any]:
    """Where an app sends the person who is to let it in, where it gets its token, and what is served of SMART."""
    return _said(service)


@router.get(
    f"{FHIR}{SMART}",
    operation_id="read_fhir_smart_configuration",
    summary="Discover SMART from FHIR",
    response_model=SmartConfiguration,
    response_model_exclude_unset=True,
)
async def read_fhir_smart_configuration(service: ServiceDep) -> dict[str, Any]:
    """The same below the base of the FHIR interface, where an app looks for it."""
    return _said(service)


def _said(service: Service) -> dict[str, Any]:
    base, apps = service.issuer.url, service.embedded
    return {
        **endpoints(base, embedded=apps),
        "grant_types_supported": [*(["authorization_code"] if apps else []), "client_credentials"],
        "response_types_supported": ["code"] if apps else [],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "scopes_supported": SCOPES,
        "capabilities": [*(OF_APPS if apps else ()), *OF_MACHINES],
    }
