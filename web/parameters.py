"""Query parameters that are not read: one misspelt or repeated would be answered as if it asked something else."""

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query

from registry.errors import Fault, InvalidRequest
from web.errors import CANNOT_ASK, escaped
from web.problems import MOST_SAID

LONGEST_NAME = 100
NO_SUCH = "There is no parameter `{}` here. {}"
TWICE = "`{}` is sent more than once, and only one can be meant. Send it once."
NONE_AT_ALL = "This address takes no parameters; leave it out."


class Known(NamedTuple):
    """The query parameters of one route, found when it is made."""

    names: tuple[str, ...]
    """All of them, in the order of the documentation."""
    repeatable: frozenset[str]
    """Those that may be sent several times."""

    def check(self, request: Request) -> None:
        """Refuse what is not read.

        Raises:
            InvalidRequest: a parameter is not known here, or sent twice.
        """
        if request.scope["query_string"]:
            sent = Counter(name for name, _ in request.query_params.multi_items())
            faults = tuple(self._faults(sent))
            if faults:
                raise InvalidRequest(CANNOT_ASK, faults)

    def _faults(self, sent: Counter[str]) -> Iterator[Fault]:
        unknown = 0
        for name, times in sent.items():
            shown = name[:LONGEST_NAME]
            where = f"#query/{escaped(shown)}"
            if name not in self.names:
                unknown += 1
                # Searching takes longer than naming; what is past the last one said needs no advice.
                near = self._near(shown) if unknown <= MOST_SAID else self.names
                yield Fault(where, NO_SUCH.format(shown, self._instead(near)), near)
            elif times > 1 and name not in self.repeatable:
                yield Fault(where, TWICE.format(shown))

    def _near(self, name: str) -> tuple[str, ...]:
        return tuple(get_close_matches(name.lower(), self.names, 3, 0.5)) or self.names

    def _instead(self, near: tuple[str, ...]) -> str:
        if not self.names:
            return NONE_AT_ALL
        if near == self.names:
            return f"This address takes {_listed(self.names)}."
        return f"Nearest: {_listed(near)}. This address takes {_listed(self.names)}."


def known_to(dependant: Dependant) -> Known:
    """The parameters that a route and all that it depends on take."""
    fields = [field for field in get_flat_params(dependant) if isinstance(field.field_info, Query)]
    several = (field.alias for field in fields if _is_list(field.field_info.annotation))
    return Known(tuple(field.alias for field in fields), frozenset(several))


def _is_list(annotation: object) -> bool:
    """Whether it is a list, or a list or nothing."""
    return list in {get_origin(each) for each in (annotation, *get_args(annotation))}


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
