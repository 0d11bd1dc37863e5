"""The hospital edge: FHIR, CDS Hooks, SMART. It translates and calls the registry; it decides nothing."""

from fastapi import APIRouter

from interop import smart

REGISTERED: tuple[APIRouter, ...] = (smart.router,)
"""The routers of this edge."""
