"""A PgBouncer for tests: the machine's own, else Debian's package where we may; started and stopped here."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from ops.account import Account, let_through
from ops.say import say

PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
PORT = 6432
"""Of the socket's name: no network port is opened."""
SECONDS_TO_START = 10.0
SECONDS_TO_STOP = 10.0
CONFIGURATION = """
[databases]
* = {server}
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
logfile = {folder}/pgbouncer.log
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
server_round_robin = 1
"""


class NoPgBouncer(SystemExit):
    """There is none, or it does not start. The message says what to do."""


def on_this_machine() -> str | None:
    """The path of a PgBouncer that is installed, or that PGBOUNCER names."""
    return os.environ.get("PGBOUNCER") or shutil.which("pgbouncer", path=PLACES)


def _install_debian_package() -> bool:
    """Install Debian's package, if this is root on a machine with apt. RUNLEVEL=1: without starting it as a service."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for words in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", "pgbouncer")):
        if subprocess.run([apt, *words], env=quiet, stdout=subprocess.DEVNULL, check=False).returncode:
            return False
    return on_this_machine() is not None


@contextmanager
def pooler(dsn: str, folder: Path, size: int, account: Account | None) -> Iterator[str]:
    """Run one in transaction mode before the server of the address, with so many connections a user and database.

    Hands connections on in turn, so that whatever one request left on one would meet the next.

    Returns:
        The same address through the pooler.

    Raises:
        NoPgBouncer: there is none, or it does not start; the message holds the end of its log.
    """
    program = on_this_machine()
    if program is None:
        raise NoPgBouncer("No PgBouncer: install one, or name one: make test PGBOUNCER=/path/to/pgbouncer")
    file = _configure(dsn, folder, size)
    if account is not None:
        let_through(file, account)
        for each in (folder, *folder.iterdir()):
            os.chown(each, *account)
    process = subprocess.Popen(
        [program, "-q", str(file)],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
    )
    try:
        _wait(process, folder)
        yield _through(dsn, folder)
    finally:
        process.terminate()
        process.wait(SECONDS_TO_STOP)


def _configure(dsn: str, folder: Path, size: int) -> Path:
    """Write what it reads: where the server is, and everybody whom the tests connect as."""
    parts = urlsplit(dsn)
    host = parse_qs(parts.query).get("host", [parts.hostname or "127.0.0.1"])[0]
    server = f"host={host} port={parts.port or 5432}"
    file = folder / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(server=server, port=PORT, folder=folder, size=size), "utf-8")
    users = {unquote(parts.username or ""), "trialbook", "trialbook_service"}
    password = unquote(parts.password or "")
    (folder / "users").write_text("".join(f'"{user}" "{password}"\n' for user in sorted(users)), "utf-8")
    return file


def _through(dsn: str, folder: Path) -> str:
    parts = urlsplit(dsn)
    return f"postgresql://{parts.username}@/{parts.path.lstrip('/')}?host={quote(str(folder), safe='/')}&port={PORT}"


def _wait(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Wait until it takes connections."""
    until = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < until:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(folder / f".s.PGSQL.{PORT}"))
        except OSError:
            time.sleep(0.02)
        else:
            return
    log = folder / "pgbouncer.log"
    raise NoPgBouncer(f"PgBouncer does not start:\n{log.read_text('utf-8')[-2000:] if log.exists() else ''}")


def main() -> None:
    """See that there is one, and say which it is."""
    if path := on_this_machine():
        say(f"PgBouncer: {path}.")
    elif _install_debian_package():
        say(f"PgBouncer: installed Debian's package, {on_this_machine()}.")
    else:
        raise SystemExit("No PgBouncer: install one, or name one: make test PGBOUNCER=/path/to/pgbouncer")


if __name__ == "__main__":
    main()
