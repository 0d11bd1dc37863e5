"""What the environment may say, and what keeps the service from starting."""

import subprocess
import sys
from uuid import UUID

import pytest

from settings import SettingsRefused, read_settings
from tests.ops.conftest import OURS, ROOT, environment

STRONG = "q7Zk2mVx9LpR4tWc8NbY3sHd6JfGa1Ue"
ANOTHER = STRONG[::-1]
EHR = f'[{{{{"iss": "https://ehr.example", "organisation_id": "{UUID(int=1)}", "jwks_url": "{{}}"}}}}]'
SAFE = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://db/book",
    "SECRET_KEY": STRONG,
    "PUBLIC_URL": "https://trialbook.example.org",
    "ENCRYPTION_KEY": ANOTHER,
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OURS:
        monkeypatch.delenv(name, raising=False)


def set_all(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_nothing_set_is_a_development_service_on_the_loopback_address() -> None:
    settings = read_settings()
    assert (settings.environment, settings.host, settings.port, settings.workers) == (
        "development",
        "127.0.0.1",
        8000,
        1,
    )
    assert settings.max_body_bytes == 1024 * 1024


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_every_usual_address_of_postgresql_becomes_the_one_that_asyncpg_reads(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    set_all(monkeypatch, DATABASE_URL=f"{scheme}://user:word@db:5433/book?sslmode=require")
    assert read_settings().database_dsn == "postgresql://user:word@db:5433/book?sslmode=require"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ENVIRONMENT": "production", "SECRET_KEY": STRONG}, "needs DATABASE_URL"),
        ({"ENVIRONMENT": "production", "DATABASE_URL": "postgresql://db/book"}, "needs SECRET_KEY"),
        ({"ENVIRONMENT": "production", "DATABASE_URL": "postgresql://db/book", "SECRET_KEY": "short"}, "too weak"),
        (SAFE | {"ENCRYPTION_KEY": ""}, "needs ENCRYPTION_KEY"),
        (SAFE | {"ENCRYPTION_KEY": "short"}, "ENCRYPTION_KEY is too weak"),
        (SAFE | {"ENCRYPTION_KEY": STRONG}, "must not be the same as SECRET_KEY"),
        ({"ENCRYPTION_KEY": f"{STRONG[:16]},{STRONG}"}, "ENCRYPTION_KEY: it must not have a comma"),
        ({"ENVIRONMENT": "production", "DATABASE_URL": "postgresql://db/book", "SECRET_KEY": "a" * 64}, "too weak"),
        ({"DATABASE_URL": "sqlite:///book.db"}, "DATABASE_URL: it must begin with postgresql://"),
        ({"DATABASE_URL": "db.example.org"}, "DATABASE_URL: it must begin with postgresql://"),
        ({"ENVIRONMENT": "staging"}, "ENVIRONMENT: Input should be 'development', 'test' or 'production'"),
        ({"PORT": "many"}, "PORT: Input should be a valid integer"),
        ({"PORT": "70000"}, "PORT: Input should be less than or equal to 65535"),
        ({"WORKERS": "0"}, "WORKERS: Input should be greater than or equal to 1"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error'"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT: Input should be 'json' or 'text'"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"}, "OTLP_ENDPOINT: it must begin with http:// or https://"),
        ({**SAFE, "METRICS_TOKEN": "short"}, "METRICS_TOKEN is too weak"),
        ({"RATE_LIMIT": "often"}, "RATE_LIMIT: it must be one number in a span of time, such as 60/minute"),
        ({"RATE_LIMIT": "5/minute;60/hour"}, "RATE_LIMIT: it must be one number in a span of time"),
        ({"RATE_LIMIT": "0/minute"}, "RATE_LIMIT: it must be from 1 to 1000000000"),
        ({"SIGN_IN_LIMIT": "60/fortnight"}, "SIGN_IN_LIMIT: it must be one number in a span of time"),
        ({"SECONDS_FOR_A_REQUEST": "0"}, "SECONDS_FOR_A_REQUEST: Input should be greater than or equal to 1"),
        ({"MAX_CONNECTIONS": "1"}, "MAX_CONNECTIONS: Input should be greater than or equal to 8"),
        ({"CORS_ORIGINS": "ehr.example.org"}, "CORS_ORIGINS: each must be an origin such as https://"),
        ({"CORS_ORIGINS": "https://ehr.example.org/"}, "CORS_ORIGINS: each must be an origin"),
        ({"CORS_ORIGINS": "https://*.example.org"}, "CORS_ORIGINS: each must be an origin"),
        ({"CORS_ORIGINS": "https://a.example, null"}, "CORS_ORIGINS: each must be an origin"),
        ({"CORS_ORIGINS": "*"} | SAFE, "CORS_ORIGINS=* would let every page in the world call"),
        ({"TRUSTED_PROXIES": "*"}, "TRUSTED_PROXIES: each must be an address or a network"),
        ({"TRUSTED_PROXIES": "10.0.0.1, proxy"}, "TRUSTED_PROXIES: each must be an address or a network"),
        ({"CDS_CLIENTS": "ehr"}, "CDS_CLIENTS: it must be a list in JSON"),
        (
            {"CDS_CLIENTS": '[{"iss": "e", "organisation_id": "x", "jwks_url": "https://e/k"}]'},
            "CDS_CLIENTS: Input should",
        ),
        ({"CDS_CLIENTS": f'[{{"iss": "e", "organisation_id": "{UUID(int=1)}"}}]'}, "name either jwks_url or jwks_file"),
        ({"CDS_CLIENTS": EHR.format("http://ehr.example/keys")}, "CDS_CLIENTS must have https:// addresses"),
        ({"CDS_CLIENTS": EHR.format("http://127.0.0.1/keys")} | SAFE, "CDS_CLIENTS must have https:// addresses"),
        ({"CDS_FHIR_SERVERS": "https://ehr.example/fhir, ehr.example"}, "CDS_FHIR_SERVERS: each must be the address"),
        ({"CDS_FHIR_SERVERS": "https://me@ehr.example/fhir"}, "CDS_FHIR_SERVERS: each must be the address"),
        ({"CDS_FHIR_SERVERS": "http://10.0.0.5/fhir"}, "CDS_FHIR_SERVERS must have https:// addresses"),
        ({"CDS_DEADLINE_SECONDS": "0"}, "CDS_DEADLINE_SECONDS: Input should be greater than or equal to 0.05"),
        ({"TLS_KEY": "own.key"}, "TLS_CERTIFICATE and TLS_KEY belong together"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_name_of_the_variable(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    set_all(monkeypatch, **variables)
    with pytest.raises(SettingsRefused, match="Trialbook does not start") as refused:
        read_settings()
    assert said in str(refused.value)


def test_nothing_set_limits_requests_and_lets_nobody_in_by_another_door() -> None:
    settings = read_settings()
    assert (settings.rate_limit, settings.sign_in_limit) == ("30000/minute", "300/minute")
    assert (settings.seconds_for_a_request, settings.max_connections) == (20, 1000)
    assert (settings.cors_origins, settings.trusted_proxies, settings.only_over_tls) == ((), (), False)


def test_what_is_listed_is_separated_by_commas_and_no_limit_is_0(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(
        monkeypatch,
        CORS_ORIGINS="https://ehr.example.org, http://localhost:3000,",
        TRUSTED_PROXIES="10.0.0.5,10.1.0.0/16,::1",
        RATE_LIMIT="0",
        SIGN_IN_LIMIT="5 per 10 second",
    )
    settings = read_settings()
    assert settings.cors_origins == ("https://ehr.example.org", "http://localhost:3000")
    assert settings.trusted_proxies == ("10.0.0.5", "10.1.0.0/16", "::1")
    assert (settings.rate_limit, settings.sign_in_limit) == ("0", "5 per 10 second")


def test_hospitals_are_named_by_their_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (read_settings().cds_clients, read_settings().cds_fhir_servers) == ((), ())
    set_all(
        monkeypatch,
        CDS_CLIENTS=EHR.format("http://localhost:9/keys"),
        CDS_FHIR_SERVERS="https://ehr.example/fhir/, http://127.0.0.1:9/fhir",
    )
    settings = read_settings()
    assert settings.cds_clients[0].algorithms == ("ES384", "RS384")
    assert settings.cds_fhir_servers == ("https://ehr.example/fhir", "http://127.0.0.1:9/fhir")


def test_production_is_kept_to_tls_and_so_is_a_service_that_speaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, TLS_CERTIFICATE="own.crt", TLS_KEY="own.key")
    assert read_settings().only_over_tls
    set_all(monkeypatch, TLS_CERTIFICATE="", TLS_KEY="", **SAFE)
    assert read_settings().only_over_tls


def test_production_with_a_database_and_a_strong_key_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, **SAFE)
    settings = read_settings()
    assert settings.environment == "production"
    assert settings.master_keys == (ANOTHER, None)
    set_all(monkeypatch, PREVIOUS_ENCRYPTION_KEYS="a,b")
    assert read_settings().master_keys == (ANOTHER, "a,b")


def test_an_empty_variable_is_the_same_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, DATABASE_URL="", PORT="")
    settings = read_settings()
    assert settings.database_url is None
    with pytest.raises(SettingsRefused, match="DATABASE_URL is not set"):
        _ = settings.database_dsn
    with pytest.raises(SettingsRefused, match="ENCRYPTION_KEY is not set"):
        _ = settings.master_keys


def test_no_secret_shows_when_settings_are_printed_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, SECRET_KEY=STRONG, DATABASE_URL="postgresql://user:hidden-word@db/book")
    set_all(monkeypatch, ENCRYPTION_KEY=ANOTHER, PREVIOUS_ENCRYPTION_KEYS=f"{ANOTHER}1")
    assert STRONG not in repr(read_settings())
    assert ANOTHER not in repr(read_settings())
    assert "hidden-word" not in repr(read_settings())
    set_all(monkeypatch, DATABASE_URL="mysql://user:hidden-word@db/book")
    with pytest.raises(SettingsRefused) as refused:
        read_settings()
    assert "hidden-word" not in str(refused.value)


def test_an_unsafe_production_ends_at_once_with_one_sentence_and_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ops.serve"],
        cwd=ROOT,
        env=environment(ENVIRONMENT="production"),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Trialbook does not start: ENVIRONMENT=production needs DATABASE_URL")
    assert len(done.stderr.strip().splitlines()) == 1
