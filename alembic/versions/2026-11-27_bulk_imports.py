"""Bulk imports: bodies wait sealed, progress is kept beside what was written, and each record knows its sources.

Revision: 0024
Follows: 0023
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SERVICE = "trialbook_service"
HERE = "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"
GRANTED = {
    "imports": "SELECT, INSERT, UPDATE",
    "import_chunks": "SELECT, INSERT, DELETE",
    "import_rejects": "SELECT, INSERT, DELETE",
    "import_queue": "SELECT, INSERT, UPDATE, DELETE",
    "derived_records": "SELECT, INSERT, UPDATE (version, digest, provenance)",
}
TABLES = tuple(GRANTED)
WORDS = {
    "state": ("receiving", "waiting", "reading", "writing", "done", "refused", "cancelled"),
    "form": ("ndjson", "json", "zip"),
}


def ids(*names: str) -> list[sa.Column[sa.Uuid]]:
    """Columns of identities."""
    return [sa.Column(name, sa.Uuid(), nullable=False) for name in names]


def said(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    """A column of text."""
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=nullable)


def moment(name: str, *, now: bool = False) -> sa.Column[sa.DateTime]:
    """A moment; that of the writing, or none yet."""
    default = sa.text("clock_timestamp()") if now else None
    return sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), server_default=default, nullable=not now)


def counted(name: str, kind: type[sa.Integer] = sa.Integer) -> sa.Column[int]:
    """A number that begins with 0."""
    return sa.Column(name, kind(), server_default=sa.text("0"), nullable=False)


def of_organisation(table: str) -> sa.ForeignKeyConstraint:
    """Each belongs to an organisation."""
    return sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f(f"fk_{table}_organisation"))


def of_import(table: str) -> sa.ForeignKeyConstraint:
    """Each belongs to an import."""
    columns, others = ["organisation_id", "import_id"], ["imports.organisation_id", "imports.id"]
    return sa.ForeignKeyConstraint(columns, others, name=op.f(f"fk_{table}_import"))


def key_of(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    """What tells rows apart."""
    return sa.PrimaryKeyConstraint("organisation_id", *columns, name=op.f(f"pk_{table}"))


def create_imports() -> None:
    """The imports themselves."""
    listed = {name: ", ".join(f"'{word}'" for word in words) for name, words in WORDS.items()}
    op.create_table(
        "imports",
        *ids("organisation_id", "id"),
        said("state", 20),
        said("form", 20),
        said("source", 300, nullable=True),
        said("subject", 200),
        sa.Column("who", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        moment("created_at", now=True),
        moment("updated_at", now=True),
        moment("started_at"),
        moment("finished_at"),
        counted("bytes_total", sa.BigInteger),
        counted("bytes_read", sa.BigInteger),
        counted("chunks"),
        counted("resources_read", sa.BigInteger),
        counted("resources_done", sa.BigInteger),
        counted("batches_done"),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        said("problem", 1000, nullable=True),
        *(sa.CheckConstraint(f"{name} IN ({words})", name=op.f(f"ck_imports_{name}_word"))
          for name, words in listed.items()),
        sa.CheckConstraint("resources_done <= resources_read", name=op.f("ck_imports_no_more_done_than_read")),
        of_organisation("imports"),
        key_of("imports", "id"),
    )  # fmt: skip


def create_parts() -> None:
    """What belongs to an import, and the queue."""
    op.create_table(
        "import_chunks",
        *ids("organisation_id", "import_id"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        of_import("import_chunks"),
        key_of("import_chunks", "import_id", "number"),
    )
    op.create_table(
        "import_rejects",
        *ids("organisation_id", "import_id"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        said("reference", 300),
        said("code", 40),
        said("sentence", 1000),
        said("place", 300),
        of_import("import_rejects"),
        key_of("import_rejects", "import_id", "number"),
    )
    op.create_table(
        "import_queue",
        *ids("organisation_id", "import_id"),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        moment("taken_until"),
        of_organisation("import_queue"),
        key_of("import_queue", "import_id"),
    )


def create_derived_records() -> None:
    """Which record was made of what. It goes with its patient."""
    op.create_table(
        "derived_records",
        *ids("organisation_id", "patient_id"),
        said("kind", 40),
        said("key", 300),
        *ids("record_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        said("digest", 64),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name=op.f("fk_derived_records_patient"),
            ondelete="CASCADE",
        ),
        key_of("derived_records", "patient_id", "kind", "key"),
    )
    op.create_index(
        "ix_derived_records_source",
        "derived_records",
        ["organisation_id", "key"],
        unique=True,
        postgresql_where=sa.text("kind = 'patients'"),
    )


def upgrade() -> None:
    create_imports()
    create_parts()
    create_derived_records()
    # A body has passed through a compressor already: a second one finds nothing.
    op.execute("ALTER TABLE import_chunks ALTER COLUMN sealed SET STORAGE EXTERNAL")
    for table, rights in GRANTED.items():
        op.execute(f"GRANT {rights} ON {table} TO {SERVICE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({HERE}) WITH CHECK ({HERE})")
    # Whoever runs imports looks for whom there is one: the queue says ids, and whose they are.
    op.execute(f"CREATE POLICY runner ON import_queue FOR SELECT TO {SERVICE} USING (true)")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
