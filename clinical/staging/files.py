"""Reads the staging methods, once, at start: one file a method; a misspelt key or an unknown name stops the start."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from clinical.data_file import LibraryFault, read_toml
from clinical.medicines import formulary
from clinical.staging.method import StagingMethod

HERE = Path(__file__).parent


def load_methods(folder: Path = HERE) -> Mapping[str, StagingMethod]:
    """All methods by slug, each with the digest of its file; dose tables and classes that they name must exist.

    Raises:
        LibraryFault: a file cannot be used.
    """
    found: dict[str, StagingMethod] = {}
    groups = {medicine.group for medicine in formulary().medicines.values()}
    for path in sorted(folder.glob("*.toml")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        method = read_toml(path, StagingMethod, digest=f"sha256:{digest}")
        table = method.reading.dose.table
        if table not in formulary().dose_tables:
            raise LibraryFault(f"staging/{path.name}: key `reading.dose.table`: no dose table is called {table!r}")
        for key in ("tricyclic", "maoi"):
            unknown = set(getattr(method.classes, key, ())) - groups
            if unknown:
                name = min(unknown)
                raise LibraryFault(f"staging/{path.name}: key `classes.{key}`: no class is called {name!r}")
        found[path.stem] = method
    return MappingProxyType(found)
