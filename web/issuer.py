"""Where the embedded issuer and the hospital edge answer: said once, for every document that tells others."""

TOKEN, REVOKE, KEYS, INTROSPECT = "/oauth/token", "/oauth/revoke", "/oauth/jwks", "/oauth/introspect"
AUTHORIZE = "/oauth/authorize"
FHIR, CDS = "/fhir/R4", "/cds-services"
SMART, DISCOVERY = "/.well-known/smart-configuration", "/.well-known/oauth-authorization-server"
ALGORITHMS = ["RS384", "ES384"]
"""By which a client signs what proves who it is."""
SCOPES = [
    *("launch", "launch/patient", "offline_access", "online_access"),
    *("patient/*.rs", "patient/*.cruds", "user/*.rs", "user/*.cruds", "system/*.rs", "system/*.cruds"),
]
"""Examples: every kind of thing can be named for itself."""


def fhir_base(issuer: str) -> str:
    """What an app names as `aud`."""
    return f"{issuer}{FHIR}"


def audiences(issuer: str) -> tuple[str, ...]:
    """What a client may mean an assertion for, whatever it asks for with it."""
    return f"{issuer}{TOKEN}", issuer


def endpoints(issuer: str, *, embedded: bool) -> dict[str, str]:
    """The addresses; an app is let in only where persons sign in."""
    said = {"token": TOKEN, "revocation": REVOKE, "introspection": INTROSPECT}
    if embedded:
        said["authorization"] = AUTHORIZE
    return {f"{name}_endpoint": f"{issuer}{path}" for name, path in said.items()} | {"jwks_uri": f"{issuer}{KEYS}"}


def grants(*, embedded: bool) -> list[str]:
    """The ways to a token; those of persons only where persons sign in."""
    return [*(("authorization_code", "password") if embedded else ()), "refresh_token", "client_credentials"]
