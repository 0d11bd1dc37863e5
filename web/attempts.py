"""Attempts of whoever is nobody yet, counted by network address."""

from fastapi import Request

from registry.rate_limits import Limiter, network_of
from web.deps import address_of


async def count_attempt(request: Request, limiter: Limiter | None, use: str = "") -> None:
    """Count an attempt from this network address; what is counted for another use keeps nobody from this one.

    Raises:
        TooManyRequests: there were too many.
    """
    if limiter is not None:
        key = f"{use}{network_of(address_of(request))}"
        request.scope["trialbook.allowance"] = await limiter.spend(key)
