"""What the tests of calls between hospitals share: an EHR with its FHIR server, and a service that believes it."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from main import create_app
from settings import Settings
from tests.interop.cds_hooks.hospital import FhirServer, call, token, told
from tests.interop.cds_hooks.sent import prefetch, view
from tests.signed_in import new_organisation


@pytest.fixture(scope="session")
async def fhir_server() -> AsyncIterator[FhirServer]:
    server = FhirServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
async def hospital(settings: Settings, database_url: str, fhir_server: FhirServer) -> AsyncIterator[FastAPI]:
    """The service; it knows the keys of the EHR already."""
    another = await new_organisation(database_url, "Another hospital")
    application = create_app(settings.model_copy(update=told(fhir_server, another)))
    async with application.router.lifespan_context(application):
        assert (await call(application, token(fhir_server), view(prefetch()))).status_code == 200
        yield application


@pytest.fixture
def ehr(fhir_server: FhirServer) -> FhirServer:
    fhir_server.forget()
    return fhir_server
