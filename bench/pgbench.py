"""PostgreSQL's own load generator on the statements of the service: the ceiling of the database."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

from bench.hot_paths import HotPath, ordered
from ops.postgres import binary

RANDOM_PATIENT = "('00000000-0000-7000-8000-' || lpad(to_hex(:patient::bigint), 12, '0'))"
FIRST_WITH_UUIDV7 = 18
TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
NOBODY = UUID(int=0)
WHICH = {"hostname": "PGHOST", "port": "PGPORT", "username": "PGUSER", "password": "PGPASSWORD"}


def literal(value: Any) -> str:  # noqa: ANN401 - whatever a statement takes
    """A value as SQL text. JSON has a space after each colon, since pgbench takes `:word` for a variable."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value)
    text = json.dumps(value) if isinstance(value, dict | list) else str(value)
    return "'" + text.replace("'", "''") + "'"


def script(path: HotPath, numbers: tuple[int, int], organisation: UUID, server: str) -> str:
    """The statement of a hot path for a patient chosen at random, its other values written into it."""
    statement = path.statement
    values = [literal(value) for value in ordered(path, NOBODY, organisation, path.body or {})]
    values[statement.order.index("patient_id")] = RANDOM_PATIENT
    if path.writes:
        has_uuidv7 = int(server.partition(".")[0]) >= FIRST_WITH_UUIDV7
        values[statement.order.index("id")] = "uuidv7()" if has_uuidv7 else "gen_random_uuid()"
    sql = re.sub(r"\$(\d+)", lambda match: values[int(match[1]) - 1], statement.sql)
    return f"\\set patient random({numbers[0]}, {numbers[1]})\n{sql};\n"


def transactions_per_second(dsn: str, file: Path, connections: int, seconds: int) -> float:
    """Run the script.

    Raises:
        SystemExit: pgbench failed; the message holds what it said.
    """
    options = ["-n", "-M", "prepared", "-f", str(file), "-c", str(connections), "-j", "1", "-T", str(seconds)]
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [binary("pgbench"), *options], env=environment(dsn), capture_output=True, text=True, check=False
    )
    found = TPS.search(done.stdout)
    if done.returncode or found is None:
        raise SystemExit(f"pgbench failed:\n{done.stderr or done.stdout}")
    return float(found[1])


def environment(dsn: str) -> dict[str, str]:
    """The address in the variables of libpq: a password on a command line could be read by all."""
    parts = urlsplit(dsn)
    named = {variable: getattr(parts, part) for part, variable in WHICH.items()}
    named["PGDATABASE"] = parts.path.lstrip("/")
    named |= {f"PG{key.upper()}": value for key, value in parse_qsl(parts.query)}
    given = {variable: unquote(str(value)) for variable, value in named.items() if value}
    return {**os.environ, **given, "PGOPTIONS": "-c jit=off -c timezone=UTC"}
