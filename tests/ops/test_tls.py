"""TLS by the service itself: verified by a client that trusts the certificate, and nothing weak is spoken."""

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from main import create_app
from ops.health import is_healthy
from ops.tls import check_tls
from settings import Settings, SettingsRefused
from tests.ops.conftest import Start
from tests.ops.serving import served


class Pair(NamedTuple):
    certificate: Path
    key: Path


def made_in(folder: Path, name: str, encryption: KeySerializationEncryption | None = None) -> Pair:
    """A certificate for the loopback address that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "trialbook.test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pair = Pair(folder / f"{name}.crt", folder / f"{name}.key")
    pair.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()))
    return pair


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return made_in(tmp_path_factory.mktemp("tls"), "own")


def settings_with(certificate: Path, key: Path) -> Settings:
    return Settings(
        environment="test",
        database_url=SecretStr("postgresql://nobody@127.0.0.1:1/nothing"),
        encryption_key=SecretStr("Hn4vQ8sTz1XbK6yMw3RgP9dLc7JfUe2A"),
        tls_certificate=certificate,
        tls_key=key,
    )


@pytest.fixture(scope="module")
def port(pair: Pair) -> Iterator[int]:
    settings = settings_with(*pair)
    check_tls(settings)
    with served(settings, create_app(settings)) as taken:
        yield taken


def trusting(pair: Pair) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pair.certificate))


def test_a_client_that_trusts_the_certificate_is_answered_and_told_to_stay_with_tls(port: int, pair: Pair) -> None:
    answer = httpx.get(f"https://127.0.0.1:{port}/healthz", verify=trusting(pair))
    assert answer.json() == {"status": "ok"}
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert "server" not in answer.headers


def test_the_health_check_on_this_machine_asks_by_tls_where_tls_is_spoken(port: int) -> None:
    assert is_healthy(str(port), tls=True)
    assert not is_healthy(str(port))


def test_a_client_that_does_not_trust_it_is_not(port: int) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://127.0.0.1:{port}/healthz")


def handshake(port: int, context: ssl.SSLContext) -> tuple[str, str]:
    """The version and the cipher that were agreed on."""
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain, context.wrap_socket(plain) as secured:
        cipher = secured.cipher()
        assert cipher is not None
        return str(secured.version()), cipher[0]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_of_today_are_spoken_with_forward_secrecy(port: int, version: ssl.TLSVersion) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = version
    spoken, cipher = handshake(port, context)
    assert spoken == version.name.replace("_", ".")
    assert cipher.startswith(("ECDHE-", "TLS_"))
    assert "GCM" in cipher or "CHACHA20" in cipher


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_versions_of_yesterday_and_weak_ciphers_are_not(port: int) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.minimum_version = ssl.TLSVersion.TLSv1_1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    weak = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0")
    for context in (old, weak):
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            handshake(port, context)


def test_plain_http_on_the_port_is_not_answered(port: int) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"http://127.0.0.1:{port}/healthz")


def refused(certificate: Path, key: Path) -> str:
    with pytest.raises(SettingsRefused) as caught:
        check_tls(settings_with(certificate, key))
    return str(caught.value)


def test_files_that_cannot_be_meant_are_refused_at_start_with_a_sentence(pair: Pair, tmp_path: Path) -> None:
    other = made_in(tmp_path, "other")
    locked = made_in(tmp_path, "locked", BestAvailableEncryption(b"hidden-word"))
    text = tmp_path / "text.crt"
    text.write_text("no certificate")
    missing = tmp_path / "missing.key"
    assert refused(pair.certificate, missing) == (
        f"Trialbook does not start: TLS_KEY names {missing}, and there is no such file."
    )
    assert "TLS_CERTIFICATE names" in refused(tmp_path, pair.key)
    assert "TLS_KEY is not the key of TLS_CERTIFICATE" in refused(pair.certificate, other.key)
    assert "must be PEM files" in refused(text, pair.key)
    assert "without a password" in refused(locked.certificate, locked.key)


def test_no_tls_asks_for_no_files() -> None:
    check_tls(Settings(environment="test"))


def test_make_run_ends_at_once_with_the_sentence(start: Start, folder: Path, pair: Pair) -> None:
    service = start(
        "-m",
        "ops.serve",
        PORT="0",
        DATA_DIR=str(folder / "data"),
        TLS_CERTIFICATE=str(pair.certificate),
        TLS_KEY=str(folder / "nothing.key"),
    )
    _, said = service.communicate(timeout=30)
    assert service.returncode == 1
    assert said == f"Trialbook does not start: TLS_KEY names {folder / 'nothing.key'}, and there is no such file.\n"
    assert not (folder / "data").exists()
