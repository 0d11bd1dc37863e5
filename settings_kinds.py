"""Kinds of values that settings have: rates, origins of pages, network addresses."""

from ipaddress import ip_network
from typing import Annotated
from urllib.parse import urlsplit

from limits import parse_many
from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

EVERY_ORIGIN = "*"
MOST_OF_A_RATE = 1_000_000_000
NOT_A_RATE = "it must be one number in a span of time, such as 60/minute or 5/10second; 0 is no limit"


def _rate(text: str) -> str:
    """One rate as `60/minute`, or 0 for none."""
    try:
        [rate] = parse_many(text) if text != "0" else [None]
    except ValueError:
        raise ValueError(NOT_A_RATE) from None
    if rate is not None and not 0 < rate.amount <= MOST_OF_A_RATE:
        raise ValueError(f"it must be from 1 to {MOST_OF_A_RATE} in a span of time; 0 alone is no limit")
    return text


def listed(text: object) -> object:
    """What is separated by commas in the environment."""
    return tuple(part.strip() for part in text.split(",") if part.strip()) if isinstance(text, str) else text


def _origin(text: str) -> str:
    """A scheme and a host as a browser sends them."""
    if text == EVERY_ORIGIN:
        return text
    parts = urlsplit(text)
    if text != f"{parts.scheme}://{parts.netloc}".lower() or parts.scheme not in {"http", "https"} or "*" in text:
        raise ValueError("each must be an origin such as https://ehr.example.org: in small letters, without a path")
    return text


def _address(text: str) -> str:
    """An address or a network."""
    try:
        ip_network(text)
    except ValueError:
        raise ValueError("each must be an address or a network, such as 10.0.0.5 or 10.0.0.0/24") from None
    return text


Rate = Annotated[str, AfterValidator(_rate)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(listed)]
Addresses = Annotated[tuple[Annotated[str, AfterValidator(_address)], ...], NoDecode, BeforeValidator(listed)]
