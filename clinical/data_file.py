"""Reads one data file as a model, and refuses a wrong one with a sentence that names file, key and fault."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


class LibraryFault(ValueError):
    """A data file that cannot be used: names the file, the key and the fault."""


def read_toml(path: Path, model: type[M], **computed: str) -> M:
    """Read one file as `model`; keys that the model computes from the file itself are passed in.

    Raises:
        LibraryFault: not TOML, an unknown or missing key, a wrong value, or a slug that is not the file's name.
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        record = model.model_validate({**tomllib.loads(path.read_text("utf-8")), **computed})
    except tomllib.TOMLDecodeError as error:
        raise LibraryFault(f"{name}: not valid TOML: {error}") from error
    except ValidationError as error:
        faults = error.errors(include_url=False)
        fault = next((each for each in faults if each["type"] == "extra_forbidden"), faults[0])
        key = ".".join(str(part) for part in fault["loc"]) or "(whole file)"
        said = "no such key; misspelt?" if fault["type"] == "extra_forbidden" else fault["msg"]
        raise LibraryFault(f"{name}: key `{key}`: {said}") from error
    if getattr(record, "slug", None) != path.stem:
        raise LibraryFault(f"{name}: key `slug`: must be {path.stem!r}, the name of the file")
    return record
