"""The keys of an identity provider, kept for a while: fetched once for all who wait, and used on while it is away."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta

from joserfc.jwk import Key

from identity.errors import BadKeys, KeysUnavailable
from identity.jwks import public_key

FRESH = timedelta(minutes=10)
USABLE = timedelta(hours=6)
"""How long its last keys are believed while the provider cannot be asked."""
PAUSE = timedelta(seconds=30)
"""Between two attempts, whatever unknown keys are named meanwhile."""
Fetch = Callable[[], Awaitable[list[object]]]
ById = dict[str, tuple[Key, ...]]


class ProviderKeys:
    """What a provider publishes at its `jwks_uri`, as it was not long ago."""

    def __init__(self, fetch: Fetch) -> None:
        """Fetch by this whenever it must be."""
        self._fetch = fetch
        self._by_id: ById = {}
        self._fetched: datetime | None = None
        self._tried: datetime | None = None
        self._away: KeysUnavailable | None = None
        self._task: asyncio.Task[None] | None = None

    async def named(self, key_id: str, now: datetime) -> tuple[Key, ...]:
        """The keys of that id: usually one, none when the provider has no such key.

        Raises:
            KeysUnavailable: the provider is away, and what it said before is too old or does not have this key.
        """
        if not _within(FRESH, self._fetched, now):
            await self._refresh(now)
        if key_id not in self._by_id:
            await self._refresh(now)
        if not _within(USABLE, self._fetched, now) or (self._away and key_id not in self._by_id):
            raise self._away or KeysUnavailable("its keys are too old; try again in a minute")
        return self._by_id.get(key_id, ())

    async def _refresh(self, now: datetime) -> None:
        """Fetch unless that was tried just now. Whoever comes meanwhile waits for the same answer, if need be."""
        known_away = self._away is not None and _within(USABLE, self._fetched, now)
        if self._task is None:
            if _within(PAUSE, self._tried, now):
                return
            self._tried = now
            self._task = asyncio.create_task(self._fetch_at(now))
        if not known_away:
            await asyncio.shield(self._task)

    async def _fetch_at(self, now: datetime) -> None:
        try:
            self._by_id = _by_id(await self._fetch())
            self._fetched, self._away = now, None
        except BadKeys:
            self._away = KeysUnavailable("what it publishes as its keys is no JSON Web Key Set")
        except KeysUnavailable as error:
            self._away = error
        finally:
            self._task = None

    async def close(self) -> None:
        """Stop fetching, if it is going on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


def _within(span: timedelta, then: datetime | None, now: datetime) -> bool:
    """Whether that was at most so long ago. A clock that was set back does not make it younger for ever."""
    return then is not None and abs(now - then) < span


def _by_id(published: Iterable[object]) -> ById:
    """The keys that can be used; a provider may publish others, for encryption or of kinds not known here."""
    found: ById = {}
    for jwk in published:
        try:
            key = public_key(jwk)
        except BadKeys:
            continue
        found[str(key.kid)] = (*found.get(str(key.kid), ()), key)
    return found
