"""What an app sends a person with to /oauth/authorize: read, and refused in the way that OAuth has for each fault."""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from identity.pkce import is_challenge
from models.database import Database
from models.on_behalf import OnBehalf
from registry.app_clients import App, app_at
from registry.app_launches import Wanted
from registry.app_scopes import granted
from registry.errors import MalformedRequest, TrialbookError
from registry.launch_contexts import is_prepared
from registry.oauth_errors import WrongScope
from web.issuer import fhir_base

LONGEST = {"state": 1000, "scope": 2000, "redirect_uri": 2000}
NO_APP = (
    "No app of this `client_id` is registered with exactly this `redirect_uri`, or it may not be let in. You are not "
    "sent on, since the address could be anybody's. Tell whoever made the app, or an administrator."
)
TWICE = "`{}` is sent more than once, and only one can be meant."
NO_CODE = "Send `response_type=code`: there is no other way."
NO_STATE = "Send a `state` of 1 to 1000 printable characters, which nobody can guess."
NO_PKCE = "Send `code_challenge_method=S256` and a `code_challenge` of 43 characters (RFC 7636); `plain` is refused."
NO_AUDIENCE = "Send `aud` as the base of the FHIR interface: {}"
NO_LAUNCH = (
    "The `launch` is not one that was prepared for this app, was used before, or its five minutes are over. Have the "
    "EHR begin it anew, or leave `launch` out to let the person pick a patient."
)
NO_SCOPE = "Send `scope` with at least one SMART scope, in printable characters, at most 2000."


class Sent(NamedTuple):
    """The parameters, each once; what is not sent is empty. Unknown ones are ignored, as OAuth asks."""

    response_type: str = ""
    client_id: str = ""
    redirect_uri: str = ""
    scope: str = ""
    state: str = ""
    aud: str = ""
    launch: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""


class AppNotKnown(TrialbookError):
    """Whoever came is not sent on: the app, or the address that it names, is not known."""

    status, slug, title = 400, "app-not-known", "This app is not known here"


class BackToApp(Exception):
    """The app is told what was wrong, at its own address."""

    def __init__(self, error: str, description: str, sent: Sent) -> None:
        """OAuth's word, and a sentence."""
        super().__init__(error)
        self.error, self.description, self.sent = error, description, sent

    def address(self, issuer: str) -> str:
        """Where the person is sent."""
        said = {"error": self.error, "error_description": self.description.replace('"', "'").replace("\\", "/")}
        return returning(self.sent.redirect_uri, self.sent.state[: LONGEST["state"]], issuer, said)


def returning(redirect_uri: str, state: str, issuer: str, said: dict[str, str]) -> str:
    """The app's address with an answer. `iss` says whose it is (RFC 9207)."""
    query = urlencode({**said, **({"state": state} if state else {}), "iss": issuer})
    return f"{redirect_uri}{'&' if urlsplit(redirect_uri).query else '?'}{query}"


def origin_of(redirect_uri: str) -> str:
    """Scheme, host and port: where a form of ours may lead on to."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}"


def sent_in(pairs: Iterable[tuple[str, str]]) -> Sent:
    """The parameters of a request.

    Raises:
        MalformedRequest: one is sent twice.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found and name in Sent._fields:
            raise MalformedRequest(TWICE.format(name))
        found[name] = value
    return Sent(**{name: found.get(name, "") for name in Sent._fields})


async def app_of(database: Database, sent: Sent) -> App:
    """The app that asks.

    Raises:
        AppNotKnown: there is none of that id and exactly that address.
    """
    try:
        client_id = UUID(sent.client_id)
    except ValueError:
        raise AppNotKnown(NO_APP) from None
    app = await app_at(database, client_id, sent.redirect_uri)
    if app is None:
        raise AppNotKnown(NO_APP)
    return app


def wanted_by(app: App, sent: Sent, issuer: str) -> Wanted:
    """What the app asks for, if it can be had.

    Raises:
        BackToApp: it cannot.
    """
    base = fhir_base(issuer)
    kind = "unsupported_response_type" if sent.response_type else "invalid_request"
    for good, error, sentence in (
        (sent.response_type == "code", kind, NO_CODE),
        (_is_text(sent.state, LONGEST["state"]), "invalid_request", NO_STATE),
        (sent.code_challenge_method == "S256" and is_challenge(sent.code_challenge), "invalid_request", NO_PKCE),
        (sent.aud.removesuffix("/") == base, "invalid_request", NO_AUDIENCE.format(base)),
        (_is_text(sent.scope, LONGEST["scope"]), "invalid_scope", NO_SCOPE),
    ):
        if not good:
            raise BackToApp(error, sentence, sent)
    try:
        scope = granted(sent.scope, app.scope, from_ehr=bool(sent.launch))
    except WrongScope as error:
        raise BackToApp("invalid_scope", error.detail, sent) from None
    return Wanted(app, sent.redirect_uri, scope, sent.state, sent.code_challenge, sent.launch)


async def expect_launch(database: Database, app: App, sent: Sent) -> None:
    """See that what an EHR began the launch with, if one did, waits to be used.

    Raises:
        BackToApp: it does not.
    """
    inside = database.bound(OnBehalf(app.organisation_id))
    if sent.launch and not await is_prepared(inside, app.organisation_id, app.id, sent.launch):
        raise BackToApp("invalid_request", NO_LAUNCH, sent)


def _is_text(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isascii() and text.isprintable()
