"""Treatment plans: what changes after it was signed is signed no more, and steps name what is the patient's own.

Revision: 0009
Follows: 0008
"""

from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A signature is for what was signed: whatever else changes removes it, and a new one bears the time of its version.
SIGN_PLAN = """
CREATE FUNCTION sign_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.signed_by IS NULL THEN
        new.signed_at := NULL;
    ELSIF TG_OP = 'INSERT'
          OR (new.signed_by, new.signed_meaning) IS DISTINCT FROM (old.signed_by, old.signed_meaning) THEN
        new.signed_at := new.updated_at;
    ELSIF (new.title, new.goals, new.steps) IS DISTINCT FROM (old.title, old.goals, old.steps) THEN
        new.signed_by := NULL;
        new.signed_meaning := NULL;
        new.signed_at := NULL;
    ELSE
        new.signed_at := old.signed_at;
    END IF;
    RETURN new;
END $$
"""
# Steps name trials and treatments of the same patient, none entered in error; what was named before may stay.
REFUSE_FOREIGN_STEPS = """
CREATE FUNCTION refuse_foreign_steps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held jsonb := CASE TG_OP WHEN 'UPDATE' THEN old.steps ELSE '[]' END;
    foreign_step bigint;
BEGIN
    SELECT listed.place - 1 INTO foreign_step
    FROM jsonb_array_elements(new.steps) WITH ORDINALITY AS listed (step, place)
    WHERE listed.step ->> 'trial_id' IS NOT NULL
      AND NOT held @> jsonb_build_array(jsonb_build_object('trial_id', listed.step -> 'trial_id'))
      AND NOT EXISTS (
          SELECT FROM medication_trials AS meant
          WHERE meant.organisation_id = new.organisation_id AND meant.patient_id = new.patient_id
            AND meant.id = (listed.step ->> 'trial_id')::uuid AND NOT meant.entered_in_error)
    ORDER BY listed.place LIMIT 1;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = 'A step names no trial of this patient.',
            CONSTRAINT = 'fk_treatment_plans_trial', COLUMN = foreign_step::text;
    END IF;
    SELECT listed.place - 1 INTO foreign_step
    FROM jsonb_array_elements(new.steps) WITH ORDINALITY AS listed (step, place)
    WHERE listed.step ->> 'treatment_id' IS NOT NULL
      AND NOT held @> jsonb_build_array(jsonb_build_object('treatment_id', listed.step -> 'treatment_id'))
      AND NOT EXISTS (
          SELECT FROM treatments AS meant
          WHERE meant.organisation_id = new.organisation_id AND meant.patient_id = new.patient_id
            AND meant.id = (listed.step ->> 'treatment_id')::uuid AND NOT meant.entered_in_error)
    ORDER BY listed.place LIMIT 1;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = 'A step names no treatment of this patient.',
            CONSTRAINT = 'fk_treatment_plans_treatment', COLUMN = foreign_step::text;
    END IF;
    RETURN new;
END $$
"""


def keep_history_of(table: str) -> None:
    """Stamp and keep each version of a table's rows, and refuse to lose any, as for the records before."""
    moved = "WHEN (new.patient_id IS DISTINCT FROM old.patient_id)"
    for trigger in (
        f"a_stamp BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION stamp_record_of_patient()",
        f"b_keep_version AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_version()",
        f"c_keep_patient BEFORE UPDATE ON {table} FOR EACH ROW {moved} EXECUTE FUNCTION keep_patient()",
        f"refuse_loss BEFORE DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()",
    ):
        op.execute(f"CREATE TRIGGER {trigger}")


def create_records(table: str, *parts: sa.Column[Any] | sa.Constraint) -> None:
    """A table with the columns that every record of a patient has, and its own."""
    moment, now = sqlmodel.sql.sqltypes.UTCDateTime, sa.text("clock_timestamp()")
    op.create_table(
        table,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", moment(), server_default=now, nullable=False),
        sa.Column("updated_at", moment(), server_default=now, nullable=False),
        sa.Column("entered_in_error", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name=op.f(f"fk_{table}_patient"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "organisation_id", "patient_id", "id", name=op.f(f"uq_{table}_organisation_id_patient_id_id")
        ),
    )
    keep_history_of(table)


def text(name: str, length: int, *, nullable: bool = False) -> sa.Column[Any]:
    """A column of text."""
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=nullable)


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    """A rule that the database keeps."""
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    table = "treatment_plans"
    create_records(
        table,
        text("title", 200),
        sa.Column("goals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signed_by", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        text("signed_meaning", 20, nullable=True),
        sa.Column("signed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        check(table, "goals_are_a_list", "jsonb_typeof(goals) = 'array'"),
        check(table, "steps_are_a_list", "jsonb_typeof(steps) = 'array'"),
        check(table, "signed_by_is_an_object", "jsonb_typeof(signed_by) = 'object'"),
        check(table, "signature_is_whole", "num_nulls(signed_by, signed_meaning, signed_at) IN (0, 3)"),
        check(table, "signed_meaning_word", "signed_meaning IN ('author', 'reviewer', 'approver')"),
    )
    op.execute(SIGN_PLAN)
    op.execute(REFUSE_FOREIGN_STEPS)
    op.execute(
        "CREATE TRIGGER d_sign_plan BEFORE INSERT OR UPDATE ON treatment_plans FOR EACH ROW "
        "EXECUTE FUNCTION sign_plan()"
    )
    op.execute(
        "CREATE TRIGGER e_refuse_foreign_steps BEFORE INSERT OR UPDATE OF steps ON treatment_plans FOR EACH ROW "
        "EXECUTE FUNCTION refuse_foreign_steps()"
    )


def downgrade() -> None:
    op.drop_table("treatment_plans")
    op.execute("DROP FUNCTION refuse_foreign_steps()")
    op.execute("DROP FUNCTION sign_plan()")
