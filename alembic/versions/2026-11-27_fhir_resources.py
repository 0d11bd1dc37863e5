"""FHIR resources are kept as they were sent, sealed whole, each version; an erasure takes them along.

Runs beside the version before: nothing that it knows changes.

Revision: 0021
Follows: 0020
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLE = "fhir_resources"
HERE = "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"
REWRITTEN = f"rewrites_identities('{TABLE}'::regclass)"
REFUSE_REWRITE = """
CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE integrity_constraint_violation USING MESSAGE = 'Only what is sealed is rewritten.';
END $$
"""
TRIGGERS = (
    f"a_stamp_first BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION stamp_record_of_patient()",
    f"a_stamp BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN (NOT {REWRITTEN}) EXECUTE FUNCTION stamp_record_of_patient()",
    (
        f"a_refuse_rewrite BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN ({REWRITTEN} AND to_jsonb(new.*) - 'content' "
        "IS DISTINCT FROM to_jsonb(old.*) - 'content') EXECUTE FUNCTION refuse_rewrite()"
    ),
    f"b_keep_first_version AFTER INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION keep_version()",
    (
        f"b_keep_version AFTER UPDATE ON {TABLE} FOR EACH ROW WHEN (new.version <> old.version) "
        "EXECUTE FUNCTION keep_version()"
    ),
    (
        f"c_keep_patient BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN (new.patient_id IS DISTINCT FROM old.patient_id) "
        "EXECUTE FUNCTION keep_patient()"
    ),
    f"refuse_loss BEFORE DELETE OR TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()",
)
# What is sealed of a kept version, by the kind of record.
GUARD_VERSIONS = """
CREATE OR REPLACE FUNCTION guard_versions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sealed text[] := CASE old.kind
        WHEN 'patients' THEN ARRAY['identity', 'identifier_digests', 'identifiers', 'display_name']
        WHEN 'fhir_resources' THEN ARRAY['content']
    END;
BEGIN
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() < 2 AND rewrites_identities(TG_RELID) THEN
        IF sealed IS NULL
           OR to_jsonb(new) - 'document' IS DISTINCT FROM to_jsonb(old) - 'document'
           OR new.document - sealed IS DISTINCT FROM old.document - sealed THEN
            RAISE integrity_constraint_violation USING MESSAGE = 'Only what names a patient is rewritten.';
        END IF;
        RETURN new;
    END IF;
    IF TG_OP = 'DELETE' OR pg_trigger_depth() < 2 THEN
        RAISE integrity_constraint_violation USING MESSAGE = 'The history of records is written by the database alone.';
    END IF;
    RETURN new;
END $$
"""
GUARD_VERSIONS_BEFORE = """
CREATE OR REPLACE FUNCTION guard_versions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    names text[] := ARRAY['identity', 'identifier_digests', 'identifiers', 'display_name'];
BEGIN
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() < 2 AND rewrites_identities(TG_RELID) THEN
        IF old.kind <> 'patients'
           OR to_jsonb(new) - 'document' IS DISTINCT FROM to_jsonb(old) - 'document'
           OR new.document - names IS DISTINCT FROM old.document - names THEN
            RAISE integrity_constraint_violation USING MESSAGE = 'Only what names a patient is rewritten.';
        END IF;
        RETURN new;
    END IF;
    IF TG_OP = 'DELETE' OR pg_trigger_depth() < 2 THEN
        RAISE integrity_constraint_violation USING MESSAGE = 'The history of records is written by the database alone.';
    END IF;
    RETURN new;
END $$
"""
FIRST_DELETE = "    DELETE FROM treatment_plans WHERE organisation_id = organisation AND patient_id = patient;"
THIS_DELETE = f"    DELETE FROM {TABLE} WHERE organisation_id = organisation AND patient_id = patient;"  # noqa: S608
# The function grows by a line: what is written in it otherwise stays in one place.
EXCHANGE = """
DO $do$ BEGIN
    EXECUTE replace(pg_get_functiondef('erase_patient(uuid, uuid, text)'::regprocedure), $q${old}$q$, $q${new}$q$);
END $do$
"""


def exchange_in_erasure(old: str, new: str) -> None:
    """Put another text in the place of one in the function that erases a patient."""
    op.execute(EXCHANGE.format(old=old, new=new))


def upgrade() -> None:
    moment, now = sqlmodel.sql.sqltypes.UTCDateTime, sa.text("clock_timestamp()")
    op.create_table(
        TABLE,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", moment(), server_default=now, nullable=False),
        sa.Column("updated_at", moment(), server_default=now, nullable=False),
        sa.Column("entered_in_error", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("resource_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("held_by", sa.Uuid(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name=op.f("fk_fhir_resources_patient"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_fhir_resources")),
        sa.UniqueConstraint(
            "organisation_id", "patient_id", "id", name=op.f("uq_fhir_resources_organisation_id_patient_id_id")
        ),
    )
    op.create_index("ix_fhir_resources_kind", TABLE, ["organisation_id", "patient_id", "resource_type"])
    op.create_index(
        "ix_fhir_resources_held_by",
        TABLE,
        ["organisation_id", "held_by"],
        unique=True,
        postgresql_where=sa.text("held_by IS NOT NULL"),
    )
    op.execute(REFUSE_REWRITE)
    for trigger in TRIGGERS:
        op.execute(f"CREATE TRIGGER {trigger}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {TABLE} TO trialbook_service")
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {TABLE} USING ({HERE}) WITH CHECK ({HERE})")
    op.execute(GUARD_VERSIONS)
    exchange_in_erasure(FIRST_DELETE, f"{THIS_DELETE}\n{FIRST_DELETE}")


def downgrade() -> None:
    exchange_in_erasure(f"{THIS_DELETE}\n{FIRST_DELETE}", FIRST_DELETE)
    op.execute(GUARD_VERSIONS_BEFORE)
    op.drop_table(TABLE)
    op.execute("DROP FUNCTION refuse_rewrite()")
