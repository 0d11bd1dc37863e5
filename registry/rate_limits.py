"""How often a client may ask, and what it is told when that is too often."""

import ipaddress
from collections.abc import Callable
from typing import NamedTuple

from limits import parse
from limits.aio.strategies import FixedWindowRateLimiter

from models.executor import Executor
from registry.errors import TooManyRequests
from registry.rate_windows import Tickets

NO_LIMIT = "0"
TOO_OFTEN = "You may ask {} times in {} seconds, and did. Wait {} seconds, then go on more slowly."


class Allowance(NamedTuple):
    """What a client may still do: how many requests of how many, and in how many seconds it has all of them again."""

    limit: int
    remaining: int
    reset_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """The same for the answer."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


class Limiter:
    """One quota, such as 30,000 requests a minute, for each client that has a key."""

    def __init__(
        self,
        database: Executor,
        rate: str,
        clock: Callable[[], float],
        *,
        name: str = "requests",
        alone_while_away: bool = True,
    ) -> None:
        """Read a rate such as `60/minute`. The clock gives seconds since 1970, the same on all hosts.

        Args:
            database: where all workers count together.
            rate: `amount/span`, such as `60/minute` or `5/10second`.
            clock: where windows begin and end.
            name: limiters of one name and rate count together.
            alone_while_away: count by this worker alone while the database is away, and not refuse all.
        """
        self._rate = parse(rate)
        self._rate.namespace = name
        self._limit, self._seconds, self._clock = self._rate.amount, self._rate.get_expiry(), clock
        self._tickets = Tickets(database, self._limit, self._seconds, clock, alone_while_away=alone_while_away)
        self._strategy = FixedWindowRateLimiter(self._tickets)

    async def spend(self, key: str) -> Allowance:
        """Count one request of this client. From memory, a round trip to the database for each hundredth of the quota.

        Returns:
            What is left, as far as this worker knows: others may have taken more since it asked.

        Raises:
            TooManyRequests: nothing is left in this window.
            DatabaseUnavailable: the database is away, and the limiter was made not to count alone.
        """
        allowed = await self._strategy.hit(self._rate, key)
        number = self._tickets.latest
        reset = self._seconds - int(self._clock() % self._seconds)
        if allowed:
            return Allowance(self._limit, self._limit - number, reset)
        spent = Allowance(self._limit, 0, reset).headers
        detail = TOO_OFTEN.format(self._limit, self._seconds, reset)
        raise TooManyRequests(detail, headers=spent | {"Retry-After": str(reset)})


def request_limiter(database: Executor, rate: str, clock: Callable[[], float]) -> Limiter | None:
    """The limiter of all requests of a client; None where there is no limit.

    While the database is away each worker counts alone, a quota of its own: what needs no database is still answered,
    and still limited.
    """
    return None if rate == NO_LIMIT else Limiter(database, rate, clock)


def sign_in_limiter(database: Executor, rate: str, clock: Callable[[], float]) -> Limiter | None:
    """The limiter of attempts to sign in from a network address; None where there is no limit.

    Nobody signs in while it cannot be counted: an attacker who keeps the database busy gains no guesses.
    """
    return None if rate == NO_LIMIT else Limiter(database, rate, clock, name="sign-ins", alone_while_away=False)


def network_of(address: str) -> str:
    """The key of a network address: whole for IPv4; for IPv6 its /64, of which one customer has all addresses."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
