"""How the server listens: how long it waits, how much it takes, and whom it believes. It keeps its name to itself."""

import resource
from typing import TYPE_CHECKING

from uvicorn import Config

from ops.say import say
from ops.tls import CIPHERS, hardened
from settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

SECONDS_TO_FINISH_REQUESTS = 20
SECONDS_IDLE = 15
BACKLOG = 1024
OTHER_FILES = 200
"""Open files of a worker besides its clients: connections to the database, modules, pipes."""
TOO_FEW_FILES = (
    "This machine allows {} open files to a process: MAX_CONNECTIONS is taken as {}, not {} (`ulimit -n` raises it)."
)


def spare(most: int) -> int:
    """How many connections above the limit still hear why they are refused; those beyond are cut at once."""
    return max(8, most // 4)


def connections_that_fit(settings: Settings) -> int:
    """MAX_CONNECTIONS, or fewer where the machine allows too few open files. Workers inherit what is allowed."""
    most, other = settings.max_connections, OTHER_FILES + settings.database_pool_size
    needed = most + spare(most) + other
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return most
    allowed = needed if hard == resource.RLIM_INFINITY else min(hard, needed)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed == needed:
        return most
    fewer = max(8, (allowed - other) * 4 // 5)
    say(TOO_FEW_FILES.format(allowed, fewer, most))
    return fewer


class Edge(Config):
    """The server's configuration, with what our protocol reads of it. It goes to each worker by pickle."""

    def __init__(self, settings: Settings, app: "ASGIApp | str" = "ops.worker:create_app") -> None:
        """Configure the server for these settings; an application that is named is made in each worker."""
        super().__init__(
            app,
            factory=isinstance(app, str),
            workers=settings.workers,
            loop="uvloop",
            http="ops.protocol:PunctualProtocol",
            ws="none",
            log_config=None,  # ops/logs.py
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
            backlog=BACKLOG,
            timeout_keep_alive=SECONDS_IDLE,
            timeout_graceful_shutdown=SECONDS_TO_FINISH_REQUESTS,
            ssl_certfile=settings.tls_certificate,
            ssl_keyfile=settings.tls_key,
            ssl_ciphers=CIPHERS,
            ssl_context_factory=hardened if settings.tls_certificate else None,
        )
        self.seconds_for_a_request = settings.seconds_for_a_request
        self.most_connections = connections_that_fit(settings)
        self.only_over_tls = settings.only_over_tls
