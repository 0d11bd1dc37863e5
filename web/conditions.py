"""Conditional requests: a version is an ETag, If-Match names the versions that may be changed."""

import re

from registry.errors import Fault, InvalidRequest, PreconditionRequired
from registry.records import Versions

ANY = "*"
TAGS = re.compile(r'\s*(?:W/)?"([^"]*)"\s*')
VERSION = re.compile(r"[1-9][0-9]{0,8}")
HOW = 'Send If-Match with the ETag of the version that you changed, such as If-Match: "3".'
NEEDED = f"A change needs the version that it was made from, so that nobody's work is overwritten. {HOW}"


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def versions_named(if_match: str | None) -> Versions:
    """The versions that If-Match allows; None for `*`, which allows any.

    Raises:
        PreconditionRequired: there is no If-Match.
        InvalidRequest: it cannot be read.
    """
    if if_match is None:
        raise PreconditionRequired(NEEDED, (Fault("#header/if-match", NEEDED),))
    if if_match.strip() == ANY:
        return None
    tags = [TAGS.fullmatch(part) for part in if_match.split(",")]
    if not all(tags):
        raise InvalidRequest(HOW, (Fault("#header/if-match", HOW),))
    # A tag that is no version of ours matches nothing: that is a stale answer (412), not a fault.
    return [int(tag[1]) for tag in tags if tag and VERSION.fullmatch(tag[1])]


def versions_seen(if_match: str | None) -> Versions:
    """The versions that an optional If-Match allows; without one, any.

    Raises:
        InvalidRequest: it cannot be read.
    """
    return None if if_match is None else versions_named(if_match)


def versions_refused(if_none_match: str | None) -> Versions:
    """The versions beside which nothing is to be made: those that If-None-Match names, None for `*`, which is any."""
    if if_none_match is None:
        return ()
    if if_none_match.strip() == ANY:
        return None
    tags = map(TAGS.fullmatch, if_none_match.split(","))
    return [int(tag[1]) for tag in tags if tag and VERSION.fullmatch(tag[1])]


def is_current(if_none_match: str | None, version: int) -> bool:
    """True when the client has this version already."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == ANY:
        return True
    return any(tag and tag[1] == str(version) for tag in map(TAGS.fullmatch, if_none_match.split(",")))
