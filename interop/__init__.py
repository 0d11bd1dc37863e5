"""The hospital edge: FHIR, CDS Hooks, SMART. It translates and calls the registry; it decides nothing."""

from interop import smart
from interop.fhir import routes

REGISTERED = (routes.router, smart.router)
"""The routers of this edge."""
