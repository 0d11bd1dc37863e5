"""Is the service on this machine alive? For a container's health check: standard library only, exit code 0 or 1."""

import os
import sys
import urllib.request

SECONDS = 4.0


def is_healthy(port: str) -> bool:
    """True when `/healthz` answers 200 in time."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{int(port)}/healthz", timeout=SECONDS) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own word for well
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if is_healthy(os.environ.get("PORT", "8000")) else 1)
