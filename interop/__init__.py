"""The hospital edge: FHIR, CDS Hooks, SMART. It translates and calls the registry; it decides nothing."""

from fastapi import APIRouter

from interop.cds_hooks.routes import DISCOVERY
from interop.cds_hooks.routes import router as cds_hooks_router

REGISTERED: tuple[APIRouter, ...] = (cds_hooks_router,)
"""The routers of this edge."""
__all__ = ["DISCOVERY", "REGISTERED"]
