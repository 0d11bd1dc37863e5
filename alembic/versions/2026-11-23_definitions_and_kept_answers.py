"""Definitions of an organisation's own, and kept answers: neither is ever changed in place.

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Both histories of versions: rows of definitions are versions themselves, those of kept answers go to record_versions.
REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE integrity_constraint_violation
        USING MESSAGE = format('%s on %s: add a new version instead.', TG_OP, TG_TABLE_NAME);
END $$
"""
# Named to run after a_stamp, which sets the time that new signatures bear.
GUARD_KEPT_ANSWER = """
CREATE FUNCTION guard_kept_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held jsonb := '[]';
    may_change text[] := ARRAY['version', 'updated_at', 'entered_in_error', 'signatures'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        held := old.signatures;
        IF to_jsonb(new) - may_change IS DISTINCT FROM to_jsonb(old) - may_change
           OR old.entered_in_error AND NOT new.entered_in_error THEN
            RAISE integrity_constraint_violation USING MESSAGE = 'A kept answer is never changed.';
        END IF;
        IF held IS DISTINCT FROM (
            SELECT coalesce(jsonb_agg(listed.signature ORDER BY listed.place), '[]')
            FROM jsonb_array_elements(new.signatures) WITH ORDINALITY AS listed (signature, place)
            WHERE listed.place <= jsonb_array_length(held)) THEN
            RAISE integrity_constraint_violation USING MESSAGE = 'A signature is never changed or removed.';
        END IF;
    END IF;
    SELECT coalesce(jsonb_agg(
        CASE WHEN listed.place > jsonb_array_length(held)
             THEN listed.signature || jsonb_build_object('signed_at', new.updated_at) ELSE listed.signature END
        ORDER BY listed.place), '[]') INTO new.signatures
    FROM jsonb_array_elements(new.signatures) WITH ORDINALITY AS listed (signature, place);
    RETURN new;
END $$
"""
TRIGGERS = (
    ("refuse_change", "BEFORE UPDATE OR DELETE OR TRUNCATE ON local_definitions FOR EACH STATEMENT", "refuse_change"),
    ("a_stamp", "BEFORE INSERT OR UPDATE ON kept_answers FOR EACH ROW", "stamp_record_of_patient"),
    ("b_keep_version", "AFTER INSERT OR UPDATE ON kept_answers FOR EACH ROW", "keep_version"),
    (
        "c_keep_patient",
        "BEFORE UPDATE ON kept_answers FOR EACH ROW WHEN (new.patient_id IS DISTINCT FROM old.patient_id)",
        "keep_patient",
    ),
    ("d_guard_kept_answer", "BEFORE INSERT OR UPDATE ON kept_answers FOR EACH ROW", "guard_kept_answer"),
    ("refuse_loss", "BEFORE DELETE OR TRUNCATE ON kept_answers FOR EACH STATEMENT", "refuse_loss"),
)


def upgrade() -> None:
    op.create_table(
        "local_definitions",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "recorded_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=71), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z][a-z0-9_]{2,59}$'", name=op.f("ck_local_definitions_slug_pattern")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_local_definitions_version_range")),
        sa.CheckConstraint(
            "jsonb_typeof(document) = 'object'", name=op.f("ck_local_definitions_document_is_an_object")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_local_definitions_organisation")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "slug", "version", name=op.f("pk_local_definitions")),
    )
    op.create_table(
        "kept_answers",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("entered_in_error", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("definition_version", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("definition_digest", sqlmodel.sql.sqltypes.AutoString(length=71), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("known_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=10000), nullable=True),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=71), nullable=False),
        sa.Column(
            "signatures", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.CheckConstraint("jsonb_typeof(answer) = 'object'", name=op.f("ck_kept_answers_answer_is_an_object")),
        sa.CheckConstraint("jsonb_typeof(facts) = 'array'", name=op.f("ck_kept_answers_facts_are_a_list")),
        sa.CheckConstraint(
            "jsonb_typeof(signatures) = 'array' AND jsonb_array_length(signatures) <= 50",
            name=op.f("ck_kept_answers_signatures_are_not_too_many"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name=op.f("fk_kept_answers_patient"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_kept_answers")),
        sa.UniqueConstraint(
            "organisation_id", "patient_id", "id", name=op.f("uq_kept_answers_organisation_id_patient_id_id")
        ),
    )
    op.execute(REFUSE_CHANGE)
    op.execute(GUARD_KEPT_ANSWER)
    for name, when, function in TRIGGERS:
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {function}()")


def downgrade() -> None:
    op.drop_table("kept_answers")
    op.drop_table("local_definitions")
    op.execute("DROP FUNCTION guard_kept_answer()")
    op.execute("DROP FUNCTION refuse_change()")
