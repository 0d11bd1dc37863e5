"""TLS by the service itself: a certificate and its key, at least TLS 1.2, and nothing weak."""

import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

from settings import Settings, SettingsRefused

if TYPE_CHECKING:
    from uvicorn import Config

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: with forward secrecy and authenticated. Those of TLS 1.3 are all strong."""


def hardened(_: "Config", usual: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """The context that connections are made with."""
    context = usual()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    return context


def check_tls(settings: Settings) -> None:
    """See at start that certificate and key can be used, since a worker could say so only in its own log.

    Raises:
        SettingsRefused: a file is missing, cannot be read, or they do not belong together.
    """
    for name, path in (("TLS_CERTIFICATE", settings.tls_certificate), ("TLS_KEY", settings.tls_key)):
        if path is not None and not path.is_file():
            raise SettingsRefused(f"Trialbook does not start: {name} names {path}, and there is no such file.")
    if settings.tls_certificate is None:
        return
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings.tls_certificate, settings.tls_key, password=_no_password)
    except (OSError, ValueError) as error:
        raise SettingsRefused(f"Trialbook does not start: {_reason(error)}.") from None


def _no_password() -> bytes:
    """Nobody is there to type it."""
    raise ValueError


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return "TLS_KEY is not the key of TLS_CERTIFICATE"
    if isinstance(error, PermissionError):
        return "TLS_CERTIFICATE or TLS_KEY may not be read by this account"
    return "TLS_CERTIFICATE and TLS_KEY must be PEM files, the certificate with its chain, the key without a password"
