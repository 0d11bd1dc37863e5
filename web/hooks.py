"""How the CDS services of this installation work: by which definition, for how long, and whom they may ask."""

from typing import NamedTuple


class Hooks(NamedTuple):
    """What the operator decided.

    Attributes:
        definition: the definition that cards are made by.
        deadline_seconds: after which a card says that it took too long.
        fhir_servers: the FHIR servers that may be asked for what was not sent along.
    """

    definition: str
    deadline_seconds: float
    fhir_servers: frozenset[str]
