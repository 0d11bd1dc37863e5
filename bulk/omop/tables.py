"""The tables of an OMOP CDM, read with DuckDB in bounded memory, joined with the concepts that they use."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bulk.found import Entry, Unreadable
from bulk.omop.coding import SYSTEMS
from bulk.omop.rows import READERS

ROWS_AT_ONCE = 1_000
MEMORY = "160MB"
CONCEPT = "concept"
NOT_A_TABLE = "The table {} cannot be read as CSV with a head line, or as Parquet."
NO_COLUMNS = "The table {} lacks the columns {}."


class Columns(NamedTuple):
    """Where a table keeps what every row has: its id, concepts, dates; and what else is read of it."""

    id: str
    concept: str
    source_concept: str
    source_value: str
    started: str
    ended: str
    more: tuple[str, ...] = ()


TABLES = {
    "drug_exposure": Columns(
        *("drug_exposure_id", "drug_concept_id", "drug_source_concept_id", "drug_source_value"),
        *("drug_exposure_start_date", "drug_exposure_end_date"),
        ("drug_type_concept_id AS type_concept_id", "days_supply", "quantity", "refills", "sig", "stop_reason"),
    ),
    "drug_era": Columns(
        *("drug_era_id", "drug_concept_id", "none", "none", "drug_era_start_date", "drug_era_end_date"),
    ),
    "condition_occurrence": Columns(
        *("condition_occurrence_id", "condition_concept_id", "condition_source_concept_id"),
        *("condition_source_value", "condition_start_date", "condition_end_date"),
    ),
    "measurement": Columns(
        *("measurement_id", "measurement_concept_id", "measurement_source_concept_id", "measurement_source_value"),
        *("measurement_date", "none"),
        ("value_as_number",),
    ),
    "observation": Columns(
        *("observation_id", "observation_concept_id", "observation_source_concept_id", "observation_source_value"),
        *("observation_date", "none"),
        ("value_as_number",),
    ),
    "procedure_occurrence": Columns(
        *("procedure_occurrence_id", "procedure_concept_id", "procedure_source_concept_id"),
        *("procedure_source_value", "procedure_date", "none"),
    ),
}
PERSON = (
    *("person_id", "gender_concept_id", "gender_source_value", "year_of_birth", "month_of_birth", "day_of_birth"),
    "person_source_value",
)


class Cdm:
    """The tables that were sent."""

    def __init__(self, files: dict[str, Path], folder: Path, source: str) -> None:
        """`files` are by the names of their tables; `folder` is for what does not fit in memory."""
        import duckdb  # noqa: PLC0415 - 14 MiB, for the process that works imports off alone

        self._files, self._source, self._fault = files, source, duckdb.Error
        self._db = duckdb.connect()
        self._db.execute(f"SET memory_limit = '{MEMORY}'; SET threads = 1; SET preserve_insertion_order = true")
        self._db.execute(f"SET temp_directory = '{folder}'")

    def entries(self) -> Iterator[list[Entry]]:
        """All rows as resources. Eras are drawn from exposures, so they count only where there are none.

        Raises:
            Unreadable: a table cannot be read, or lacks what every row needs.
        """
        wanted = [name for name in READERS if name in self._files]
        if "drug_exposure" in wanted and "drug_era" in wanted:
            wanted.remove("drug_era")
        try:
            for name in (*wanted, *((CONCEPT,) if CONCEPT in self._files else ())):
                self._view(name)
            self._concepts([name for name in wanted if name in TABLES])
            for name in wanted:
                yield from self._rows(name)
        except self._fault as error:
            raise Unreadable(NOT_A_TABLE.format(name)) from error
        finally:
            self._db.close()

    def _view(self, name: str) -> None:
        path = self._files[name]
        read = "read_parquet(?)" if path.suffix == ".parquet" else "read_csv(?, header = true, all_varchar = true)"
        self._db.from_query(f"SELECT * FROM {read}", params=[str(path)]).create_view(f"sent_{name}")  # noqa: S608 - ours

    def _has(self, name: str) -> set[str]:
        rows = self._db.execute(f"DESCRIBE sent_{name}").fetchall()
        return {str(row[0]).lower() for row in rows}

    def _concepts(self, tables: list[str]) -> None:
        """The concepts that are used, in a table of their own: the whole vocabulary is far larger than memory."""
        made = "CREATE TABLE used (id VARCHAR, code VARCHAR, vocabulary VARCHAR, name VARCHAR)"
        self._db.execute(made)
        if CONCEPT not in self._files:
            return
        ids = " UNION ".join(
            f"SELECT DISTINCT CAST({column} AS VARCHAR) AS id FROM sent_{name}"  # noqa: S608 - names of ours
            for name in tables
            for column in TABLES[name][1:3]
            if column in self._has(name)
        )
        listed = ", ".join(f"'{each}'" for each in SYSTEMS)
        if ids:
            self._db.execute(
                "INSERT INTO used SELECT CAST(concept_id AS VARCHAR), concept_code, vocabulary_id, concept_name "  # noqa: S608
                f"FROM sent_concept WHERE vocabulary_id IN ({listed}) AND CAST(concept_id AS VARCHAR) IN ({ids})"
            )

    def _rows(self, name: str) -> Iterator[list[Entry]]:
        found = self._db.execute(self._person() if name == "person" else self._query(name))
        names = [each[0] for each in found.description]
        number = 0
        while rows := found.fetchmany(ROWS_AT_ONCE):
            yield [self._entry(name, number + at, dict(zip(names, row, strict=True))) for at, row in enumerate(rows, 1)]
            number += len(rows)

    def _entry(self, name: str, number: int, row: dict[str, Any]) -> Entry:
        return Entry(READERS[name]({**row, "table": name}, self._source), f"{name}, row {number}")

    def _person(self) -> str:
        has = self._has("person")
        if "person_id" not in has:
            raise Unreadable(NO_COLUMNS.format("person", "person_id"))
        return f"SELECT {', '.join(_selected(column, has) for column in PERSON)} FROM sent_person AS sent"  # noqa: S608 - ours

    def _query(self, name: str) -> str:
        of, has = TABLES[name], self._has(name)
        lacking = {"person_id", of.id, of.started} - has
        if lacking:
            raise Unreadable(NO_COLUMNS.format(name, ", ".join(sorted(lacking))))
        kept = (("id", of.id), ("source_value", of.source_value), ("started", of.started), ("ended", of.ended))
        columns = [_selected("person_id", has), *(_selected(f"{column} AS {called}", has) for called, column in kept)]
        columns += [_selected(each, has) for each in of.more]
        for which in ("standard", "source"):
            columns += [f"{which}.{part} AS {which}_{part}" for part in ("code", "vocabulary", "name")]
        joined = " ".join(
            f"LEFT JOIN used AS {which} ON {which}.id = {_value(column, has)}"
            for which, column in (("standard", of.concept), ("source", of.source_concept))
        )
        return f"SELECT {', '.join(columns)} FROM sent_{name} AS sent {joined}"  # noqa: S608 - names of ours


def _selected(column: str, has: set[str]) -> str:
    """A column as text under its name; null where the table does not have it."""
    name, _, called = column.partition(" AS ")
    return f"{_value(name, has)} AS {called or name}"


def _value(column: str, has: set[str]) -> str:
    return f"CAST(sent.{column} AS VARCHAR)" if column in has else "CAST(NULL AS VARCHAR)"
