"""The application: settings, routers, error handlers. Refuses to start on a malformed data file."""

from clinical.library import checked_library

checked_library()  # before anything that is built from the data files is imported

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from api import REGISTERED
from api.openapi import refined
from api.openapi_text import DESCRIPTION, TAGS
from api.sign_in_page import lead_to_sign_in
from assembly import assembled, for_imports
from interop import REGISTERED as HOSPITAL
from models.database import Database
from registry.audit_sealer import keep_sealing
from settings import Settings, get_settings
from web.cors import allow_origins
from web.errors import add_error_handlers
from web.importing import Importing
from web.metrics import Metrics
from web.middleware import Envelope
from web.routing import FlatRouter
from web.security_headers import Guards
from web.telemetry import Telemetry, telemetry_for

VERSION = "0.1.0"


class Trialbook(FastAPI):
    """The application, with the OpenAPI document refined."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = refined(super().openapi())
        return self.openapi_schema


def now() -> datetime:
    """The clock: only here is it looked at."""
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, clock: Callable[[], datetime] = now) -> FastAPI:
    """Build the application. Its data files were checked when this module was imported."""
    chosen = settings or get_settings()
    telemetry = telemetry_for(chosen.otel_exporter_otlp_endpoint, VERSION)
    metrics = Metrics(VERSION, chosen.prometheus_multiproc_dir)
    app = Trialbook(
        title="Trialbook",
        version=VERSION,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        telemetry=telemetry.options,
    )
    app.router = FlatRouter(
        routes=app.router.routes, dependency_overrides_provider=app, lifespan=_lifespan(chosen, clock, telemetry)
    )
    for router in (*REGISTERED, *HOSPITAL):
        app.router.adopt(router)
    add_error_handlers(app)
    lead_to_sign_in(app)
    app.add_middleware(Envelope, metrics=metrics)
    allow_origins(app, chosen.cors_origins)
    app.add_middleware(Guards, only_over_tls=chosen.only_over_tls)
    app.state.metrics, app.state.metrics_token = metrics, chosen.metrics_token
    return app


def _lifespan(settings: Settings, clock: Callable[[], datetime], telemetry: Telemetry) -> Callable[[FastAPI], Any]:
    """Open the pool when the application starts; when it ends, close it and send what was not sent yet."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = Database(settings.database_dsn, settings.database_pool_size, pooled=settings.database_pooler)
        async with aclosing(telemetry), pool as database, app.state.metrics.watching(database.state):
            app.state.service = service = assembled(settings, database, clock)
            tasks = [asyncio.create_task(keep_sealing(database, service.book.something_to_seal))]
            if settings.run_imports:
                importing = Importing(database, for_imports(settings), service.something_to_import)
                tasks.append(asyncio.create_task(importing.keep()))
            # Definitions, routes and schemas live as long as the process: they are left out of every later search for
            # garbage, which would otherwise stop all answers for a tenth of a second now and then.
            gc.collect()
            gc.freeze()
            yield
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await service.doorman.close()

    return lifespan


def write_openapi(path: Path = Path("docs/openapi.json")) -> None:
    """Write the OpenAPI document to be kept with the code; a test compares it."""
    path.write_text(openapi_text(), "utf-8")


def openapi_text() -> str:
    """The OpenAPI document as it is kept."""
    return json.dumps(create_app().openapi(), indent=1, ensure_ascii=False) + "\n"
