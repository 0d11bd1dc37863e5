"""The numbers that the rules share, whatever the definition, each with its source: `conventions.toml`, read once."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from clinical.data_file import read_toml
from clinical.vocabulary import Evidence


class Convention(BaseModel):
    """One number in `unit`, what it decides, where it was read, and how well that was verified."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    value: Annotated[int, Field(ge=1)]
    unit: Literal["d", "%", "mg/d", "times"]
    sentence: str
    source: str
    evidence: Evidence


class Conventions(BaseModel):
    """All of them. Modules keep the value under a name of their own, so that no rule pays for looking it up."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: str
    longest_gap: Convention
    baseline_before: Convention
    baseline_after: Convention
    cross_taper: Convention
    remission_between_episodes: Convention
    new_course_after: Convention
    no_response_below: Convention
    response_from: Convention
    graver_answer_stands: Convention
    times_the_highest_dose: Convention
    highest_dose: Convention


@lru_cache(maxsize=1)
def conventions() -> Conventions:
    """The conventions that the service ships.

    Raises:
        LibraryFault: the file cannot be used.
    """
    return read_toml(Path(__file__).with_name("conventions.toml"), Conventions)
