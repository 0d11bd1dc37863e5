"""Reads and validates the data folders, once, at start. A malformed file stops the start with a plain sentence."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from clinical.conventions import conventions
from clinical.crosswalk import crosswalk
from clinical.data_file import LibraryFault, read_toml
from clinical.definition import Definition
from clinical.medicines import Formulary, formulary
from clinical.names import unknown_names
from clinical.rating_scales import Scale
from clinical.sections import Adherence, Dose, Duration
from clinical.staging.files import load_methods
from clinical.staging.method import StagingMethod
from clinical.treatments.catalogue import Treatments, load_treatments

__all__ = [
    "Cautions",
    "Library",
    "LibraryFault",
    "checked_library",
    "library",
    "load_definitions",
    "load_scales",
    "read_toml",
    "scales",
]
HERE = Path(__file__).parent


class Cautions(BaseModel):
    """What makes a trial doubtful where a definition does not ask; shown, never deciding."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: str
    duration: Duration
    dose: Dose
    adherence: Adherence


class Library(NamedTuple):
    """All data of the clinical core."""

    definitions: Mapping[str, Definition]
    scales: Mapping[str, Scale]
    formulary: Formulary
    cautions: Cautions
    staging: Mapping[str, StagingMethod]
    treatments: Treatments


def load_scales(folder: Path = HERE / "scales") -> Mapping[str, Scale]:
    """All rating scales by slug."""
    return MappingProxyType({path.stem: read_toml(path, Scale) for path in sorted(folder.glob("*.toml"))})


def load_definitions(folder: Path = HERE / "definitions") -> Mapping[str, Definition]:
    """All definitions by slug, each with the digest of its file; dose tables, scales, classes they name must exist."""
    found: dict[str, Definition] = {}
    for path in sorted(folder.glob("*.toml")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        definition = read_toml(path, Definition, digest=f"sha256:{digest}")
        for key, message in unknown_names(definition, formulary(), scales()):
            raise LibraryFault(f"definitions/{path.name}: key `{key}`: {message}")
        found[path.stem] = definition
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def scales() -> Mapping[str, Scale]:
    """The rating scales that the service ships."""
    return load_scales()


@lru_cache(maxsize=1)
def library() -> Library:
    """All data that the service ships, read once, so that a fault is found at the start and not in an answer.

    Raises:
        LibraryFault: a file cannot be used.
    """
    conventions()
    crosswalk()
    try:
        medicines = formulary()
    except ValueError as fault:
        raise LibraryFault(f"formulary/{fault}") from fault
    cautions = read_toml(HERE / "cautions.toml", Cautions)
    treatments = load_treatments(medicines)
    return Library(load_definitions(), scales(), medicines, cautions, load_methods(), treatments)


def checked_library() -> Library:
    """The data, or the end of the program with one sentence that names file, key and fault."""
    try:
        return library()
    except LibraryFault as fault:
        raise SystemExit(f"Trialbook does not start: {fault}") from None
