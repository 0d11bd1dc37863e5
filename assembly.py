"""Puts the parts of a running service together from its settings."""

import asyncio
import secrets
import time
from collections.abc import Callable
from datetime import datetime

from identity.ehr_tokens import Ehrs, EhrSettings
from identity.keys import Keys
from identity.oidc import Provider, ProviderSettings
from identity.tokens import Issuer
from identity.trust import Tokens
from models.database import Database
from registry.audit_book import AuditBook
from registry.rate_limits import request_limiter, sign_in_limiter
from registry.standing import Standing
from registry.vaults import Vaults
from settings import Settings
from vault.keys import Masters
from web.cursors import Cursors
from web.deps import Service
from web.doorman import Doorman
from web.ehr_door import EhrDoor
from web.hooks import Hooks


def assembled(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Service:
    """The service on this database. Without a secret one is made, which lives as long as the process."""
    secret = settings.secret_key.get_secret_value() if settings.secret_key else secrets.token_urlsafe(48)
    before = [settings.previous_secret_key.get_secret_value()] if settings.previous_secret_key else []
    keys = Keys(secret, before)
    issuer = Issuer(settings.address, settings.address, keys)
    tokens = Tokens(issuer, _providers(settings))
    standing = Standing(database, time.monotonic)
    ehrs = EhrDoor(Ehrs(_ehrs(settings)), database, standing, issuer.url, clock)

    return Service(
        database=database,
        cursors=Cursors(secret),
        clock=clock,
        max_body_bytes=settings.max_body_bytes,
        max_bundle_bytes=settings.max_bundle_bytes,
        seconds_for_a_body=settings.seconds_for_a_request,
        doorman=Doorman(tokens, standing, issuer.url, clock, ehrs),
        issuer=issuer,
        keys=keys,
        book=AuditBook(database),
        vaults=Vaults(Masters.from_settings(*settings.master_keys)),
        token_seconds=settings.access_token_seconds,
        embedded=settings.embedded_issuer,
        requests=request_limiter(database, settings.rate_limit, _seconds(clock)),
        sign_ins=sign_in_limiter(database, settings.sign_in_limit, _seconds(clock)),
        hooks=Hooks(settings.cds_definition, settings.cds_deadline_seconds, frozenset(settings.cds_fhir_servers)),
        max_import_bytes=settings.max_import_bytes,
        something_to_import=asyncio.Event(),
    )


def _seconds(clock: Callable[[], datetime]) -> Callable[[], float]:
    return lambda: clock().timestamp()


def _ehrs(settings: Settings) -> list[EhrSettings]:
    """The EHRs that sign their calls of the CDS services."""
    return [
        EhrSettings(each.iss, each.organisation_id, each.jwks_url, each.jwks_file, each.algorithms)
        for each in settings.cds_clients
    ]


def for_imports(settings: Settings) -> dict[str, str]:
    """What the process that works imports off reads of its environment, besides what this one was given."""
    current, previous = settings.master_keys
    return {
        "DATABASE_URL": settings.database_dsn,
        "DATABASE_POOLER": str(settings.database_pooler),
        "ENVIRONMENT": "test",  # what production asks for was seen to when this process started
        "LOG_LEVEL": settings.log_level,
        "LOG_FORMAT": settings.log_format or "",
        "ENCRYPTION_KEY": current,
        "PREVIOUS_ENCRYPTION_KEYS": previous or "",
    }


def _providers(settings: Settings) -> list[Provider]:
    """The OpenID Connect provider that the settings name, if any."""
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return []
    known = ProviderSettings(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        algorithms=tuple(name.strip() for name in settings.oidc_algorithms.split(",")),
        skew_seconds=settings.oidc_clock_skew_seconds,
        jwks_url=settings.oidc_jwks_url,
        organisation_claim=settings.oidc_organisation_claim,
        roles_claim=settings.oidc_roles_claim,
        patient_claim=settings.oidc_patient_claim,
        default_organisation=settings.oidc_organisation_id,
    )
    return [Provider(known)]
