"""Definitions of an organisation's own, to be posted and varied by tests."""

from copy import deepcopy
from itertools import count
from typing import Any

from models.local_definition_example import EXAMPLE
from tests.factories import Json

_NUMBERS = count(1)


def own_definition(**changes: Any) -> Json:  # noqa: ANN401 - any JSON
    """A definition under a name that no other test uses, with some fields changed."""
    return deepcopy({**EXAMPLE, "slug": f"own_{next(_NUMBERS)}", **changes})
