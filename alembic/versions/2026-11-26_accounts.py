"""Users, clients, sessions and emergency access; patients whose record is open to few.

Revision: 0013
Follows: 0012
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

VERSIONED = ("users", "clients")


def text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    """A column of text."""
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=nullable)


def moment(name: str, *, nullable: bool = False, now: bool = True) -> sa.Column[sa.DateTime]:
    """A moment, by default the one of the writing."""
    default = sa.text("clock_timestamp()") if now else None
    return sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), server_default=default, nullable=nullable)


def record(table: str, *parts: sa.Column | sa.Constraint) -> None:
    """A table with the columns that every record has, and its own."""
    op.create_table(
        table,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        moment("created_at"),
        moment("updated_at"),
        sa.Column("entered_in_error", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f(f"pk_{table}")),
    )


def of_organisation(table: str) -> sa.ForeignKeyConstraint:
    """Each belongs to an organisation."""
    return sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f(f"fk_{table}_organisation"))


def of_user(table: str) -> sa.ForeignKeyConstraint:
    """Each belongs to a user."""
    columns = ["organisation_id", "user_id"]
    return sa.ForeignKeyConstraint(columns, ["users.organisation_id", "users.id"], name=op.f(f"fk_{table}_user"))


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    """A rule that the database keeps."""
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def json(name: str, *, nullable: bool = False) -> sa.Column:
    """A column of JSON."""
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=nullable)


def flag(name: str) -> sa.Column[bool]:
    """No, unless it is said."""
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def create_users() -> None:
    """Users, what they sign in with, and their sessions."""
    record(
        "users",
        text("username", 200),
        text("display_name", 200, nullable=True),
        json("roles"),
        sa.Column("own_patient_id", sa.Uuid(), nullable=True),
        flag("disabled"),
        of_organisation("users"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "own_patient_id"],
            ["patients.organisation_id", "patients.id"],
            name=op.f("fk_users_own_patient"),
        ),
        sa.UniqueConstraint("organisation_id", "username", name=op.f("uq_users_organisation_id_username")),
        check("users", "username_is_lower_case", "username = lower(username)"),
        check("users", "roles_are_a_list", "jsonb_typeof(roles) = 'array'"),
        check("users", "patients_have_a_record", "(roles @> '[\"patient\"]') = (own_patient_id IS NOT NULL)"),
    )
    op.create_index("ix_users_username", "users", ["username"])
    op.create_table(
        "credentials",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        text("username", 200),
        text("password_hash", 300),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        moment("next_attempt_at"),
        moment("changed_at"),
        of_user("credentials"),
        sa.PrimaryKeyConstraint("organisation_id", "user_id", name=op.f("pk_credentials")),
    )
    op.create_index(op.f("ix_credentials_username"), "credentials", ["username"])
    op.create_table(
        "sessions",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("previous_digest", sa.LargeBinary(), nullable=True),
        text("scope", 2000),
        moment("created_at"),
        moment("used_at"),
        moment("expires_at", now=False),
        moment("ended_at", now=False, nullable=True),
        of_user("sessions"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_user", "sessions", ["organisation_id", "user_id"])


def create_clients() -> None:
    """Machines that sign in with a key, and the assertions that they have used."""
    record(
        "clients",
        text("name", 200),
        text("scope", 2000),
        json("jwks"),
        flag("disabled"),
        of_organisation("clients"),
        check("clients", "jwks_is_an_object", "jsonb_typeof(jwks) = 'object'"),
    )
    op.create_table(
        "used_assertions",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        text("jti", 200),
        moment("expires_at", now=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "client_id"],
            ["clients.organisation_id", "clients.id"],
            name=op.f("fk_used_assertions_client"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "client_id", "jti", name=op.f("pk_used_assertions")),
    )
    op.create_index(op.f("ix_used_assertions_expires_at"), "used_assertions", ["expires_at"])


def create_emergency_accesses() -> None:
    """Break-glass, and whom a record is open to."""
    table = "emergency_accesses"
    record(
        table,
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        text("subject", 200),
        text("reason", 1000),
        moment("expires_at", now=False),
        text("reviewed_by", 200, nullable=True),
        moment("reviewed_at", now=False, nullable=True),
        text("review", 2000, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name=op.f(f"fk_{table}_patient"),
        ),
        sa.UniqueConstraint(
            "organisation_id", "patient_id", "id", name=op.f(f"uq_{table}_organisation_id_patient_id_id")
        ),
    )
    op.create_index(f"ix_{table}_subject", table, ["organisation_id", "patient_id", "subject", "expires_at"])
    op.add_column("patients", json("restricted_to", nullable=True))
    op.create_check_constraint(
        op.f("ck_patients_restricted_to_is_a_list"), "patients", "jsonb_typeof(restricted_to) = 'array'"
    )
    op.execute(IS_CLOSED)


# `*` is whoever is not bound by it: a client, the patient, the system itself.
IS_CLOSED = """
CREATE FUNCTION is_closed(organisation uuid, patient uuid, care_team jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT care_team IS NOT NULL
        AND coalesce(current_setting('app.subject', true), '') <> '*'
        AND NOT care_team ? coalesce(current_setting('app.subject', true), '')
        AND NOT EXISTS (
            SELECT FROM emergency_accesses AS opened
            WHERE opened.organisation_id = organisation AND opened.patient_id = patient
              AND opened.subject = current_setting('app.subject', true)
              AND opened.expires_at > clock_timestamp() AND NOT opened.entered_in_error)
$$
"""


def keep_history_of(table: str, stamp: str) -> None:
    """Stamp and keep each version of a table's rows, and refuse to lose any, as for the records before."""
    for trigger in (
        f"a_stamp BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {stamp}()",
        f"b_keep_version AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_version()",
        f"refuse_loss BEFORE DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()",
    ):
        op.execute(f"CREATE TRIGGER {trigger}")


def upgrade() -> None:
    create_users()
    create_clients()
    create_emergency_accesses()
    for table in VERSIONED:
        keep_history_of(table, "stamp_record")
    keep_history_of("emergency_accesses", "stamp_record_of_patient")
    op.execute(
        "CREATE TRIGGER c_keep_patient BEFORE UPDATE ON emergency_accesses FOR EACH ROW "
        "WHEN (new.patient_id IS DISTINCT FROM old.patient_id) EXECUTE FUNCTION keep_patient()"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION is_closed(uuid, uuid, jsonb)")
    op.drop_column("patients", "restricted_to")
    for table in ("emergency_accesses", "used_assertions", "clients", "sessions", "credentials", "users"):
        op.drop_table(table)
