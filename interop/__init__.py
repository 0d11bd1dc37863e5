"""The hospital edge: FHIR, CDS Hooks, SMART. It translates and calls the registry; it decides nothing."""

from fastapi import APIRouter

REGISTERED: tuple[APIRouter, ...] = ()
"""The routers of this edge."""
