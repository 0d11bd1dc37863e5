"""Apps that persons let in: clients without keys, where they are sent back to, launches, and sessions of apps.

Revision: 0022
Follows: 0021
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLE, CONTEXTS = "app_launches", "launch_contexts"
HERE = "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"
# A code is presented before anybody knows of which organisation it is, as a session is: that one row can be seen.
PRESENTED = "id::text = current_setting('app.presented', true)"


def text(name: str, length: int) -> sa.Column[str]:
    """A column of text."""
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def moment(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column[sa.DateTime]:
    """A moment."""
    server_default = None if default is None else sa.text(default)
    return sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), server_default=server_default, nullable=nullable)


def of(table: str, what: str, whole: str, *, goes_with: bool) -> sa.ForeignKeyConstraint:
    """Each belongs to one of those, of the same organisation, and goes with it or keeps it."""
    here, there = ["organisation_id", f"{what}_id"], [f"{whole}.organisation_id", f"{whole}.id"]
    return sa.ForeignKeyConstraint(
        here, there, name=op.f(f"fk_{table}_{what}"), ondelete="CASCADE" if goes_with else None
    )


def create_launches() -> None:
    """One row for each launch, seen by its organisation, or by whoever presents its id."""
    op.create_table(
        TABLE,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        text("redirect_uri", 2000),
        text("scope", 2000),
        text("state", 1000),
        text("challenge", 43),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        moment("created_at", default="clock_timestamp()"),
        moment("expires_at"),
        moment("granted_at", nullable=True),
        moment("ended_at", nullable=True),
        of(TABLE, "user", "users", goes_with=True),
        of(TABLE, "client", "clients", goes_with=False),
        of(TABLE, "patient", "patients", goes_with=True),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_expires_at", TABLE, ["organisation_id", "expires_at"])
    keep_apart(TABLE)
    op.execute(f"CREATE POLICY presented ON {TABLE} FOR SELECT USING ({PRESENTED})")


def create_contexts() -> None:
    """What an EHR says of the record that is open in it, for one launch."""
    op.create_table(
        CONTEXTS,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        moment("created_at", default="clock_timestamp()"),
        moment("expires_at"),
        of(CONTEXTS, "client", "clients", goes_with=False),
        of(CONTEXTS, "patient", "patients", goes_with=True),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f(f"pk_{CONTEXTS}")),
    )
    op.create_index(f"ix_{CONTEXTS}_expires_at", CONTEXTS, ["organisation_id", "expires_at"])
    keep_apart(CONTEXTS)


def keep_apart(table: str) -> None:
    """Only rows of the organisation that is named can be seen or written; what is over may be swept."""
    rights = "SELECT, INSERT, UPDATE, DELETE" if table == TABLE else "SELECT, INSERT, DELETE"
    op.execute(f"GRANT {rights} ON {table} TO trialbook_service")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING ({HERE}) WITH CHECK ({HERE})")


def upgrade() -> None:
    empty = sa.Column("redirect_uris", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False)
    op.add_column("clients", empty)
    op.create_check_constraint(
        op.f("ck_clients_redirect_uris_are_a_list"), "clients", "jsonb_typeof(redirect_uris) = 'array'"
    )
    op.alter_column("clients", "jwks", nullable=True)
    op.add_column("sessions", sa.Column("client_id", sa.Uuid(), nullable=True))
    op.add_column("sessions", sa.Column("patient_id", sa.Uuid(), nullable=True))
    idle = sa.Column("idle", sa.Interval(), server_default=sa.text("'02:00:00'::interval"), nullable=False)
    op.add_column("sessions", idle)
    for what, whole, ondelete in (("client", "clients", None), ("patient", "patients", "CASCADE")):
        here, there = ["organisation_id", f"{what}_id"], ["organisation_id", "id"]
        op.create_foreign_key(op.f(f"fk_sessions_{what}"), "sessions", whole, here, there, ondelete=ondelete)
    create_launches()
    create_contexts()


def downgrade() -> None:
    op.drop_table(CONTEXTS)
    op.drop_table(TABLE)
    # Sessions of apps mean nothing to the version before, which would take them for those of their users.
    op.execute("ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM sessions WHERE client_id IS NOT NULL")
    op.execute("ALTER TABLE sessions FORCE ROW LEVEL SECURITY")
    for name in ("fk_sessions_patient", "fk_sessions_client"):
        op.drop_constraint(op.f(name), "sessions", type_="foreignkey")
    for name in ("idle", "patient_id", "client_id"):
        op.drop_column("sessions", name)
    # Apps without keys are of no use to it either; an empty key set is believed by nobody.
    for rule in ("DISABLE TRIGGER USER", "NO FORCE ROW LEVEL SECURITY"):
        op.execute(f"ALTER TABLE clients {rule}")
    op.execute("UPDATE clients SET jwks = '{}' WHERE jwks IS NULL")
    for rule in ("ENABLE TRIGGER USER", "FORCE ROW LEVEL SECURITY"):
        op.execute(f"ALTER TABLE clients {rule}")
    op.alter_column("clients", "jwks", nullable=False)
    op.drop_constraint(op.f("ck_clients_redirect_uris_are_a_list"), "clients", type_="check")
    op.drop_column("clients", "redirect_uris")
