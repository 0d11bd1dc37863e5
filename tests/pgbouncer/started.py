"""Poolers for tests: started before a server, gone at the end."""

from collections.abc import Callable
from contextlib import ExitStack

from ops.account import database_account
from ops.pgbouncer import pooler
from tests.conftest import own_folder

CONNECTIONS = 3
"""To the server, for each user and database: far fewer than the service has to the pooler."""
Through = Callable[[str], str]


def poolers(stack: ExitStack) -> Through:
    """Starts one before the server of an address; it stops with the stack."""

    def through(url: str) -> str:
        folder = stack.enter_context(own_folder())
        return stack.enter_context(pooler(url, folder, CONNECTIONS, database_account(folder)))

    return through
