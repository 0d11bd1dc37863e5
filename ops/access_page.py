"""`make access`: writes docs/access.md, the table of who may do what. A test tries every cell of it over HTTP."""

from collections.abc import Iterator
from pathlib import Path

from fastapi.routing import APIRoute

from access.fhir import interactions
from access.operations import OPERATIONS, Operation
from access.roles import Role, letters_of
from api import REGISTERED
from interop import REGISTERED as HOSPITAL

PAGE = Path(__file__).resolve().parent.parent / "docs" / "access.md"
HEAD = """# Who may do what

Every operation of the service, with the role that may use it and the scopes that a token must have if it is narrowed
by SMART scopes at all (a machine's always is). A role is what a person or a machine is to the organisation, whose
records alone it ever sees; another organisation's are not found (404). What is not allowed here is refused (403).

- `yes`: allowed. `own`: a patient, for their own record alone, and of a body only what is named under the table.
- Scopes name FHIR's kinds with the letters of SMART v2: `c` create, `r` read, `u` change, `d` remove, `s` search; v1's
  `.read`, `.write` and `.*` are `rs`, `cud` and `cruds`. `user/` counts for persons, `system/` for machines, `patient/`
  for tokens that name one patient. All kinds that are named are needed. A dash: no scope is needed.
- Nobody: `public` operations are answered without a token, and hold nothing of anybody.
- A record with `restricted_to` is closed to all clinicians but those named; `POST .../emergency-access` opens it for
  an hour, with a reason, and marks all that is done meanwhile.

Written by `make access` from `access/operations.py` and `access/roles.py`; tests/access/test_sweep.py reads this table
and asks the running service for each cell.

"""


def served() -> dict[str, str]:
    """Method and path of every operation that the service has, by its name."""
    return {
        str(route.operation_id): f"{next(iter(route.methods or ()))} {route.path}"
        for router in (*REGISTERED, *HOSPITAL)
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
    }


def cell(operation: Operation, role: Role) -> str:
    """Whether the role may: `yes`, `own`, or `no`."""
    if operation.public or not operation.needs:
        return "yes"
    if not all(letter in letters_of(frozenset({role}), kind) for kind, letter in operation.needs):
        return "no"
    if role is not Role.PATIENT:
        return "yes"
    allowed = operation.of_patient and (operation.alone is not None or not operation.writes)
    return "own" if allowed else "no"


def _only(values: frozenset[str] | None) -> str:
    return f" ({', '.join(f'`{value}`' for value in sorted(values))})" if values else ""


def scopes(operation: Operation) -> str:
    """What a narrowed token must have."""
    return " ".join(f"`{kind}.{letter}`" for kind, letter in operation.needs) or "-"


def page() -> str:
    """The whole page."""
    return HEAD + "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f"| operation | request | nobody | {' | '.join(Role)} | scopes |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, request in sorted(served().items(), key=lambda each: each[1].split()[::-1]):
        operation = OPERATIONS[name]
        roles = " | ".join(cell(operation, role) for role in Role)
        public = "public" if operation.public else "no"
        yield f"| `{name}` | `{request}` | {public} | {roles} | {scopes(operation)} |"
    yield from _fhir_lines()
    yield ""
    yield "What a patient may send:"
    yield ""
    for name, operation in OPERATIONS.items():
        if operation.alone is not None:
            fields = (f"`{field}`{_only(values)}" for field, values in operation.alone.items())
            yield f"- `{name}`: {', '.join(fields)}"
    yield ""
    yield "The roles:"
    yield ""
    yield from (f"- `{role.value}`: {role.meaning}" for role in Role)


def _fhir_lines() -> Iterator[str]:
    """FHIR, an interaction a line: the same roles and scopes decide."""
    yield ""
    yield "FHIR, below `/fhir/R4`. A resource names its patient: whoever may read one record alone is let through for"
    yield "resources of that patient, and finds no others. A bundle is let through; each entry is decided by itself."
    yield ""
    yield f"| interaction | {' | '.join(Role)} | scopes |"
    yield "|---|---|---|---|---|---|---|"
    for name, _ in interactions():
        roles = " | ".join(cell(OPERATIONS[name], role) for role in Role)
        yield f"| `{name}` | {roles} | {scopes(OPERATIONS[name])} |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
