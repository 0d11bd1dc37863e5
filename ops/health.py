"""Is the service on this machine alive? For a container's health check: standard library only, exit code 0 or 1."""

import os
import ssl
import sys
import urllib.request

SECONDS = 4.0


def is_healthy(port: str, *, tls: bool = False) -> bool:
    """True when `/healthz` answers 200 in time."""
    address = f"{'https' if tls else 'http'}://127.0.0.1:{int(port)}/healthz"
    # The certificate is made out to the name that clients use, and nothing secret is asked on the loopback address.
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(address, timeout=SECONDS, context=anyone) as answer:  # noqa: S310 - ours
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own word for well
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if is_healthy(os.environ.get("PORT", "8000"), tls=bool(os.environ.get("TLS_CERTIFICATE"))) else 1)
