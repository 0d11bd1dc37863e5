"""The hospital edge: FHIR, CDS Hooks, SMART. It translates and calls the registry; it decides nothing."""

from interop.fhir import routes

REGISTERED = (routes.router,)
"""The routers of this edge."""
