"""What a token claims, read with suspicion: each has a kind and a bound, and an error names it but never quotes it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from identity.errors import BadToken, TokenExpired

LONGEST_TEXT = 255
MOST_WORDS = 256
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
Kind = Literal["user", "client"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a token, and for what."""

    subject: str
    kind: Kind
    organisation_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    scope: tuple[str, ...] = ()
    patient_id: UUID | None = None
    session_id: str | None = None
    name: str | None = None
    actor: str | None = None
    """Who acts for the subject, by RFC 8693 (`act.sub`)."""
    client_id: str | None = None
    """The app that a person let in (RFC 9068)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims(Holder):
    """What is believed of a token, once it is verified."""

    issuer: str
    issued_at: datetime
    expires_at: datetime


def text_in(claims: Mapping[str, Any], name: str) -> str | None:
    """A short printable text; None when it is left out.

    Raises:
        BadToken: it is something else.
    """
    found = claims.get(name)
    if found is None:
        return None
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_TEXT or not found.isprintable():
        raise BadToken(f"its claim `{name}` is not a text of 1 to {LONGEST_TEXT} printable characters")
    return found


def name_in(claims: Mapping[str, Any]) -> str | None:
    """A name to show; None when there is none that could be shown, which is no reason to refuse anybody."""
    try:
        return text_in(claims, "name")
    except BadToken:
        return None


def required_text(claims: Mapping[str, Any], name: str) -> str:
    """A short text that must be there.

    Raises:
        BadToken: it is not.
    """
    found = text_in(claims, name)
    if found is None:
        raise BadToken(f"its claim `{name}` is missing")
    return found


def uuid_in(claims: Mapping[str, Any], name: str) -> UUID | None:
    """A UUID; None when it is left out.

    Raises:
        BadToken: it is something else.
    """
    found = text_in(claims, name)
    if found is None:
        return None
    try:
        return UUID(found)
    except ValueError:
        raise BadToken(f"its claim `{name}` is not a UUID") from None


def words_in(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Words, sent as a list or in one text with spaces between; none when they are left out.

    Raises:
        BadToken: they are something else, or too many.
    """
    found = claims.get(name)
    words = found.split() if isinstance(found, str) else [] if found is None else found
    if not isinstance(words, list) or len(words) > MOST_WORDS:
        raise BadToken(f"its claim `{name}` is not a list of at most {MOST_WORDS} words")
    return tuple(required_text({name: word}, name) for word in words)


def instant_in(claims: Mapping[str, Any], name: str) -> datetime | None:
    """Seconds since 1970 as a moment; None when it is left out.

    Raises:
        BadToken: it is something else, or beyond all calendars.
    """
    found = claims.get(name)
    if found is None:
        return None
    number = isinstance(found, int | float) and not isinstance(found, bool)
    if not number or not 0 <= found < END_OF_TIME:
        raise BadToken(f"its claim `{name}` is not a number of seconds since 1970")
    return datetime.fromtimestamp(found, UTC)


def check_audience(claims: Mapping[str, Any], ours: Collection[str]) -> None:
    """See that it was made for this service.

    Raises:
        BadToken: it was made for another, or does not say.
    """
    named = claims.get("aud")
    audience = [named] if isinstance(named, str) else named
    if not isinstance(audience, list) or not any(isinstance(each, str) and each in ours for each in audience):
        raise BadToken("it was made for another service (`aud`)")


def times_in(claims: Mapping[str, Any], now: datetime, skew: timedelta) -> tuple[datetime, datetime]:
    """When it was issued and when it expires, if `now` is between, give or take `skew`.

    Raises:
        TokenExpired: it is no longer valid.
        BadToken: it is not valid yet, or does not say.
    """
    expires, issued = instant_in(claims, "exp"), instant_in(claims, "iat")
    begins = instant_in(claims, "nbf")
    if expires is None or issued is None:
        raise BadToken("its claim `exp` or `iat` is missing")
    if now >= expires + skew:
        raise TokenExpired("it has expired; sign in again, or use the refresh token")
    if issued > now + skew or (begins is not None and begins > now + skew):
        raise BadToken("it is not valid yet (`iat`, `nbf`); are the clocks right?")
    return issued, expires
