"""A body with thousands of faults costs no more than one without: they are counted, and not written out."""

from typing import Any

from fastapi.dependencies.models import Dependant
from pydantic import TypeAdapter, ValidationError

from registry.errors import Fault, InvalidRequest
from registry.noun import CANNOT_STORE

MOST_WRITTEN = 5_000
"""Each fault that is written out costs some 5 microseconds; one for each of 2,000 ratings is still written."""
TOO_MANY = (
    "There are {} faults in this body, too many to name. Compare it with the example in the documentation, and send "
    "one record alone to see what is wrong with it."
)


class Bounded:
    """Checks a body as the framework does, but has no more than so many faults written out."""

    def __init__(self, adapter: TypeAdapter[Any]) -> None:
        """Stand before what checks the body."""
        self._adapter = adapter

    def validate_python(self, value: Any, **options: Any) -> Any:  # noqa: ANN401 - as the adapter
        """What the adapter makes of it.

        Raises:
            ValidationError: there are faults.
            InvalidRequest: there are very many.
        """
        try:
            return self._adapter.validate_python(value, **options)
        except ValidationError as error:
            count = error.error_count()
            if count <= MOST_WRITTEN:
                raise
        raise InvalidRequest(CANNOT_STORE, (Fault("", TOO_MANY.format(count)),))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else the adapter has
        """All else is the adapter's."""
        return getattr(self._adapter, name)


def bound(dependant: Dependant) -> None:
    """Let the body of a route be checked with bounds."""
    for field in dependant.body_params:
        # The framework writes out every fault as soon as it validates; there is no place between to count them.
        field._type_adapter = Bounded(field._type_adapter)  # type: ignore[assignment]  # noqa: SLF001
