"""The hospital edge: FHIR, CDS Hooks, SMART. It translates and calls the registry; it decides nothing."""

from fastapi import APIRouter

from interop.cds_hooks import routes as cds_hooks

REGISTERED: tuple[APIRouter, ...] = (cds_hooks.router,)
"""The routers of this edge."""
DISCOVERY = cds_hooks.DISCOVERY
"""What pages of any origin may read."""
