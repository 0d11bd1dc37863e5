"""Headers that every answer carries, so that a browser takes it for nothing but what it is, and shows it to nobody."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PERMISSIONS = ", ".join(f"{what}=()" for what in ("camera", "geolocation", "microphone", "payment", "usb"))
# A page or picture that needs more brings a policy of its own; what an answer says already is left as it is.
GUARDS = {
    "cache-control": "private, no-cache",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": PERMISSIONS,
}
ONLY_OVER_TLS = {"strict-transport-security": "max-age=31536000; includeSubDomains"}

Raw = tuple[bytes, bytes]


def raw_guards(*, only_over_tls: bool) -> list[Raw]:
    """The headers as a server sends them."""
    chosen = GUARDS | ONLY_OVER_TLS if only_over_tls else GUARDS
    return [(name.encode(), value.encode()) for name, value in chosen.items()]


def guarded(headers: list[Raw], guards: list[Raw]) -> list[Raw]:
    """These headers and the guards that are not among them. Names are in lower case, as in ASGI."""
    said = {name for name, _ in headers}
    return headers + [guard for guard in guards if guard[0] not in said]


class Guards:
    """Pure ASGI, round everything else."""

    def __init__(self, app: ASGIApp, *, only_over_tls: bool) -> None:
        """Wrap the application. `only_over_tls` tells browsers never to come by plain HTTP again."""
        self.app = app
        self._guards = raw_guards(only_over_tls=only_over_tls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add what the answer does not say itself."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = guarded(list(message.get("headers", ())), self._guards)
            await send(message)

        await self.app(scope, receive, send_guarded)
