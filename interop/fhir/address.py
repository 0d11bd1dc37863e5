"""The address of FHIR here, as whoever asks knows it."""

from urllib.parse import urlsplit

from fastapi import Request

BASE_PATH = "/fhir/R4"
OF_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")


def base_of(request: Request) -> str:
    """The public address. On this machine alone, by the name that was asked for: some clients follow no other.

    No other Host is believed: what a proxy or a forger writes there leads nobody elsewhere.
    """
    public = str(request.app.state.service.issuer.url)
    parts = urlsplit(public)
    port = f":{parts.port}" if parts.port else ""
    same = [f"{name}{port}" for name in OF_THIS_MACHINE]
    asked = request.headers.get("host", "").lower()
    if parts.netloc in same and asked in same:
        return f"{parts.scheme}://{asked}{BASE_PATH}"
    return f"{public}{BASE_PATH}"
