"""Every environment variable that the service reads, typed once. What is unsafe in production is refused at start."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, NoReturn, Self
from uuid import UUID

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import SettingsConfigDict

from settings_hooks import HookSettings
from settings_kinds import EVERY_ORIGIN, Addresses, Origins, Rate

MINIMUM_SECRET_LENGTH = 32
MEBIBYTE = 1024 * 1024
FIRST_ORGANISATION = UUID("00000000-0000-7000-8000-000000000001")
ACCEPTED_SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")


class SettingsRefused(SystemExit):
    """The service does not start with these settings. The message is one sentence for whoever runs it."""


class Settings(HookSettings):
    """The environment, read once at start. An empty variable is the same as none."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    environment: Literal["development", "test", "production"] = "development"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="0 takes any free port.")] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    data_dir: Path = Path("data")
    database_url: SecretStr | None = None
    database_pool_size: Annotated[int, Field(ge=1, le=100, description="Connections of one worker.")] = 8
    secret_key: Annotated[SecretStr | None, Field(description="Signs cursors, so that nobody can forge one.")] = None
    encryption_key: Annotated[SecretStr | None, Field(description="Wraps the keys that names are sealed with.")] = None
    previous_encryption_keys: Annotated[
        SecretStr | None, Field(description="Earlier ones, separated by commas, which still open what they wrapped.")
    ] = None
    max_body_bytes: Annotated[int, Field(ge=1024, description="A larger request body is refused.")] = MEBIBYTE
    max_bundle_bytes: Annotated[int, Field(ge=1024, description="The same for FHIR and Bundles.")] = 8 * MEBIBYTE
    max_import_bytes: Annotated[int, Field(ge=1024, description="A larger bulk import is refused.")] = 4096 * MEBIBYTE
    run_imports: Annotated[bool, Field(description="Whether this service works bulk imports off.")] = True
    public_url: Annotated[
        str | None, Field(description="The address by which others reach the service; tokens have it as issuer.")
    ] = None
    previous_secret_key: Annotated[
        SecretStr | None, Field(description="The key before: tokens that it signed are still believed.")
    ] = None
    access_token_seconds: Annotated[int, Field(ge=1, le=86_400, description="How long a token is good.")] = 900
    embedded_issuer: Annotated[bool, Field(description="Whether users sign in here with a password.")] = True
    oidc_issuer: Annotated[str | None, Field(description="An OpenID Connect provider whose tokens are believed.")] = (
        None
    )
    oidc_audience: Annotated[str | None, Field(description="What its tokens must be meant for.")] = None
    oidc_jwks_url: Annotated[str | None, Field(description="Its keys; else found by discovery.")] = None
    oidc_algorithms: Annotated[str, Field(description="The algorithms that are allowed.")] = "RS256,PS256,ES256,ES384"
    oidc_clock_skew_seconds: Annotated[int, Field(ge=0, le=300)] = 30
    oidc_organisation_claim: str = "org"
    oidc_roles_claim: str = "roles"
    oidc_patient_claim: str = "patient"
    oidc_organisation_id: Annotated[
        UUID | None, Field(description="The organisation of tokens that name none; without it they are refused.")
    ] = None
    bootstrap_user: Annotated[str, Field(description="The first user, on an empty database.")] = "clinician@localhost"
    bootstrap_password: Annotated[SecretStr | None, Field(description="Their password; else one is made.")] = None
    database_owner_url: Annotated[
        SecretStr | None, Field(description="Who migrates, if the role of DATABASE_URL owns nothing.")
    ] = None
    database_pooler: Annotated[bool, Field(description="A pooler in transaction mode (PgBouncer) stands between.")] = (
        False
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Annotated[
        Literal["json", "text"] | None, Field(description="None: text for a terminal in development, else JSON.")
    ] = None
    metrics_token: Annotated[SecretStr | None, Field(description="Who sends it may read /metrics.")] = None
    prometheus_multiproc_dir: Annotated[Path | None, Field(description="Set for its workers by `make run`.")] = None
    otel_exporter_otlp_endpoint: Annotated[str | None, Field(description="Traces and metrics go there.")] = None

    rate_limit: Annotated[Rate, Field(description="Requests of one client.")] = "30000/minute"
    sign_in_limit: Annotated[Rate, Field(description="Attempts to sign in from one network address.")] = "300/minute"
    seconds_for_a_request: Annotated[
        float, Field(ge=1, le=600, description="In which a head, and then a body, must be here, and an answer taken.")
    ] = 20.0
    max_connections: Annotated[int, Field(ge=8, le=100_000, description="Of one worker; more are refused.")] = 1000
    cors_origins: Origins = ()
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: Annotated[Addresses, Field(description="Who may say for whom it asks.")] = ()

    @field_validator("otel_exporter_otlp_endpoint", mode="after")
    @classmethod
    def _be_an_address(cls, address: str | None) -> str | None:
        """A collector is spoken to over HTTP and by nothing else."""
        if address is not None and not address.startswith(("http://", "https://")):
            raise ValueError("it must begin with http:// or https://, since telemetry is sent over OTLP/HTTP")
        return address

    @field_validator("database_url", "database_owner_url", mode="after")
    @classmethod
    def _speak_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        """Bring the address into the one form that asyncpg reads; any other database is refused."""
        if url is None:
            return None
        scheme, found, rest = url.get_secret_value().strip().partition("://")
        if not found or scheme not in ACCEPTED_SCHEMES:
            raise ValueError("it must begin with postgresql://, since PostgreSQL is the only database that is spoken")
        return SecretStr(f"postgresql://{rest}")

    @field_validator("encryption_key", mode="after")
    @classmethod
    def _fit_in_a_list(cls, key: SecretStr | None) -> SecretStr | None:
        """One day it is among the earlier ones, which are separated by commas."""
        if key is not None and "," in key.get_secret_value():
            raise ValueError("it must not have a comma, since PREVIOUS_ENCRYPTION_KEYS are separated by commas")
        return key

    @model_validator(mode="after")
    def _have_both_of_tls_or_none(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("TLS_CERTIFICATE and TLS_KEY belong together: set both, or none")
        return self

    @model_validator(mode="after")
    def _be_safe_in_production(self) -> Self:
        """Refuse what is convenient for trying and dangerous with patients."""
        if self.environment != "production":
            return self
        if self.database_url is None:
            raise ValueError(
                "ENVIRONMENT=production needs DATABASE_URL: the embedded database is for trying and for tests"
            )
        self._ask_for_secrets()
        if self.public_url is None or not self.public_url.startswith("https://"):
            raise ValueError("ENVIRONMENT=production needs PUBLIC_URL: the https:// address that others use")
        if self.metrics_token is not None and not _is_strong(self.metrics_token):
            raise ValueError("METRICS_TOKEN is too weak for ENVIRONMENT=production: use at least 32 random characters")
        if EVERY_ORIGIN in self.cors_origins:
            raise ValueError("CORS_ORIGINS=* would let every page in the world call: name the origins that may")
        return self

    def _ask_for_secrets(self) -> None:
        """Each is there, strong, and for one thing alone."""
        for name, secret in (("SECRET_KEY", self.secret_key), ("ENCRYPTION_KEY", self.encryption_key)):
            if secret is None:
                raise ValueError(f"ENVIRONMENT=production needs {name}: at least 32 random characters, kept secret")
            if not _is_strong(secret):
                raise ValueError(f"{name} is too weak for ENVIRONMENT=production: use at least 32 random characters")
        if self.secret_key == self.encryption_key:
            raise ValueError("ENCRYPTION_KEY must not be the same as SECRET_KEY: make a key for each")

    @model_validator(mode="after")
    def _know_who_signs_in(self) -> Self:
        """Somebody must be able to sign in, and a provider must be named whole."""
        if self.oidc_issuer is not None and self.oidc_audience is None:
            raise ValueError("OIDC_ISSUER needs OIDC_AUDIENCE: tokens that are meant for others must be refused")
        if self.oidc_issuer is None and not self.embedded_issuer:
            raise ValueError("EMBEDDED_ISSUER=false needs OIDC_ISSUER: nobody could sign in")
        return self

    @property
    def address(self) -> str:
        """The address by which the service calls itself, without a slash at its end."""
        scheme = "http" if self.tls_certificate is None else "https"
        return (self.public_url or f"{scheme}://{self.host}:{self.port}").rstrip("/")

    @property
    def owner_dsn(self) -> str:
        """The address that migrations connect to.

        Raises:
            SettingsRefused: as for `database_dsn`.
        """
        return self.database_dsn if self.database_owner_url is None else self.database_owner_url.get_secret_value()

    @property
    def only_over_tls(self) -> bool:
        """True when browsers are to be told never to come by plain HTTP."""
        return self.environment == "production" or self.tls_certificate is not None

    @property
    def master_keys(self) -> tuple[str, str | None]:
        """The current master key, and earlier ones separated by commas.

        Raises:
            SettingsRefused: there is none; `make run` makes one and sets it.
        """
        if self.encryption_key is None:
            raise SettingsRefused(
                "ENCRYPTION_KEY is not set: start with `make run`, or set one of 32 random characters."
            )
        earlier = self.previous_encryption_keys
        return self.encryption_key.get_secret_value(), earlier.get_secret_value() if earlier else None

    @property
    def database_dsn(self) -> str:
        """The address that asyncpg connects to.

        Raises:
            SettingsRefused: there is none; `make run` starts an embedded database and sets it.
        """
        if self.database_url is None:
            raise SettingsRefused("DATABASE_URL is not set: start with `make run`, or name a PostgreSQL of your own.")
        return self.database_url.get_secret_value()


def _is_strong(key: SecretStr) -> bool:
    """Long enough, and not one character over and over."""
    text = key.get_secret_value()
    return len(text) >= MINIMUM_SECRET_LENGTH and len(set(text)) >= MINIMUM_SECRET_LENGTH // 4


def _refuse(error: ValidationError) -> NoReturn:
    """Say which variable is at fault and why, never what it held."""
    faults = [
        ": ".join([*(str(part).upper() for part in fault["loc"][:1]), fault["msg"].removeprefix("Value error, ")])
        for fault in error.errors(include_input=False, include_url=False)
    ]
    raise SettingsRefused(f"Trialbook does not start: {'; '.join(faults)}.") from None


def read_settings() -> Settings:
    """Read the environment anew.

    Raises:
        SettingsRefused: a variable is malformed, or unsafe in production.
    """
    try:
        return Settings()
    except ValidationError as error:
        _refuse(error)


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return read_settings()
