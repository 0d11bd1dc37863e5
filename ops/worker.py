"""What each worker process runs: the application, and an eye on the supervisor."""

import importlib
import multiprocessing
import os
import signal
import threading
import traceback
from typing import TYPE_CHECKING, cast

from uvicorn.config import STARTUP_FAILURE

from ops.logs import configure
from ops.say import say
from settings import get_settings

if TYPE_CHECKING:
    from fastapi import FastAPI


def leave_with_supervisor() -> None:
    """End this worker when its supervisor is gone: an orphan would keep the port from the next start."""
    supervisor = multiprocessing.parent_process()
    if supervisor is None:
        return  # the only worker is the supervisor itself

    def watch() -> None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="supervisor-watch", daemon=True).start()


def create_app() -> "FastAPI":
    """Make the application. What keeps it from starting would do so for ever: the supervisor must not try again.

    Raises:
        SystemExit: with the exit code that uvicorn's supervisor knows as hopeless; the reason is printed.
    """
    leave_with_supervisor()
    try:
        configure(get_settings())
        return cast("FastAPI", importlib.import_module("main").create_app())
    except SystemExit as refused:
        say(str(refused))
    except Exception:  # noqa: BLE001 - whatever it is, it is printed whole and ends the start
        say(traceback.format_exc())
    raise SystemExit(STARTUP_FAILURE)
