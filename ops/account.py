"""PostgreSQL refuses to run as root. Started by root, it gets an account of its own and just enough access."""

import os
import pwd
import shutil
import stat
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from ops.say import say

ACCOUNT = "trialbook"


class Account(NamedTuple):
    """Whom the database runs as."""

    uid: int
    gid: int


def _find(name: str) -> Account | None:
    """The account of that name, if the machine has one."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def _create() -> Account | None:
    """Ask the system for the account. Another start may be asking for it at the same time, hence the retries."""
    command = shutil.which("useradd")
    for _ in range(10 if command else 0):
        subprocess.run(
            [str(command), "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT],
            check=False,
            capture_output=True,
        )
        if found := _find(ACCOUNT):
            return found
        time.sleep(0.3)
    return None


def database_account(cluster: Path) -> Account | None:
    """Whom to run the database as: None is whoever we are, which is right for all but root.

    A cluster that exists belongs to somebody already: data that moved between machines keep their owner.
    """
    if os.geteuid() != 0:
        return None
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    return _find(ACCOUNT) or _create() or _find("nobody")


def _can_pass(folder: Path, account: Account) -> bool:
    """True when the account may go through the folder (which is not to list it)."""
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def let_through(target: Path, account: Account) -> None:
    """Let the account reach the target through its parents: the right to pass, never the right to list or read."""
    closed = [folder for folder in target.resolve().parents if not _can_pass(folder, account)]
    for folder in closed:
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    if closed:
        say(
            f"Root's database runs as an account without rights; it may now pass through {', '.join(map(str, closed))}."
        )


def let_read(tree: Path, account: Account) -> None:
    """Let the account read and run the programs of PostgreSQL, which a strict umask may have kept to root."""
    let_through(tree, account)
    if tree.stat().st_mode & stat.S_IROTH:
        return
    for path in [*tree.rglob("*"), tree]:
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
