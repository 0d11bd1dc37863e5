"""The hospital edge: FHIR, CDS Hooks, SMART. It translates and calls the registry; it decides nothing."""

from interop import smart
from interop.cds_hooks.routes import router as for_hooks
from interop.fhir.routes import router as for_fhir

REGISTERED = (for_fhir, for_hooks, smart.router)
"""The routers of this edge."""
