"""One runner a data directory: a lock that the kernel lets go when its holder dies, however it dies."""

import fcntl
import os
from pathlib import Path
from typing import IO


class AlreadyRunning(SystemExit):
    """Somebody else runs on this data directory. The message says who."""


class RunLock:
    """Held from `take` to `release`, or to the end of the process."""

    def __init__(self, path: Path) -> None:
        """Name the lock file; nothing is touched yet."""
        self.path = path
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take it unless it is ours already, and leave our process id in it for the next one to read.

        Raises:
            AlreadyRunning: another process holds it.
        """
        if self._file is not None:
            return
        file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read().strip() or "unknown"
            file.close()
            raise AlreadyRunning(
                f"Trialbook already runs on {self.path.parent} (process {holder}). "
                "Stop that one first, or choose another DATA_DIR and PORT."
            ) from None
        self._file = file
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()

    def release(self) -> None:
        """Let go. The file stays: removing it would let two runners lock two files of one name."""
        if self._file is not None:
            self._file.close()
            self._file = None
