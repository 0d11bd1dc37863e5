"""Every version of every record is kept by the database: nothing is deleted, nothing known once is lost.

Revision: 0004
Follows: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RECORDS = ("patients", "episodes", "medication_trials", "assessments")
ADD_ORGANISATION = """
INSERT INTO organisations (id, name) VALUES ('00000000-0000-7000-8000-000000000001', 'Default organisation')
ON CONFLICT DO NOTHING
"""

STAMP_RECORD = """
CREATE FUNCTION stamp_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        new.version := 1;
        new.created_at := clock_timestamp();
        new.updated_at := new.created_at;
        RETURN new;
    END IF;
    IF (new.organisation_id, new.id) IS DISTINCT FROM (old.organisation_id, old.id) THEN
        RAISE integrity_constraint_violation USING MESSAGE = 'The identity of a record never changes.';
    END IF;
    new.version := old.version + 1;
    new.created_at := old.created_at;
    new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
    RETURN new;
END $$
"""
# The patient of a record of a patient never changes either. patients has no such column, so it cannot share a function.
KEEP_PATIENT = """
CREATE FUNCTION keep_patient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE integrity_constraint_violation USING MESSAGE = 'A record never moves to another patient.';
END $$
"""
KEEP_VERSION = """
CREATE FUNCTION keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_now jsonb := to_jsonb(new);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE record_versions SET superseded_at = new.updated_at
        WHERE organisation_id = new.organisation_id AND record_id = new.id AND superseded_at IS NULL;
    END IF;
    INSERT INTO record_versions (organisation_id, record_id, version, kind, patient_id, recorded_at,
                                 entered_in_error, document)
    VALUES (new.organisation_id, new.id, new.version, TG_TABLE_NAME,
            coalesce((row_now ->> 'patient_id')::uuid, new.id), new.updated_at, new.entered_in_error, row_now);
    RETURN NULL;
END $$
"""
REFUSE_LOSS = """
CREATE FUNCTION refuse_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE integrity_constraint_violation
        USING MESSAGE = format('%s on %s: mark it as entered in error instead.', TG_OP, TG_TABLE_NAME);
END $$
"""
# At depth 1 the statement came from a client; at depth 2 from the trigger that keeps versions.
GUARD_HISTORY = """
CREATE FUNCTION guard_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR pg_trigger_depth() < 2 THEN
        RAISE integrity_constraint_violation USING MESSAGE = 'The history of records is written by the database alone.';
    END IF;
    RETURN new;
END $$
"""


def keep_history_of(table: str) -> None:
    """Stamp and keep each version of a table's rows, and refuse to lose any."""
    op.execute(
        f"CREATE TRIGGER a_stamp BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION stamp_record()"
    )
    op.execute(
        f"CREATE TRIGGER b_keep_version AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_version()"
    )
    refuse_loss_of(table)
    if table != "patients":
        op.execute(
            f"CREATE TRIGGER c_keep_patient BEFORE UPDATE ON {table} FOR EACH ROW "
            "WHEN (new.patient_id IS DISTINCT FROM old.patient_id) EXECUTE FUNCTION keep_patient()"
        )


def refuse_loss_of(table: str) -> None:
    """Refuse DELETE and TRUNCATE."""
    op.execute(
        f"CREATE TRIGGER refuse_loss BEFORE DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()"
    )


def upgrade() -> None:
    for function in (STAMP_RECORD, KEEP_PATIENT, KEEP_VERSION, REFUSE_LOSS, GUARD_HISTORY):
        op.execute(function)
    for table in RECORDS:
        keep_history_of(table)
    refuse_loss_of("record_versions")
    op.execute(
        "CREATE TRIGGER guard_history BEFORE INSERT OR UPDATE OR DELETE ON record_versions "
        "FOR EACH ROW EXECUTE FUNCTION guard_history()"
    )
    op.execute(ADD_ORGANISATION)


def downgrade() -> None:
    op.execute("DROP TRIGGER guard_history ON record_versions")
    op.execute("DROP TRIGGER refuse_loss ON record_versions")
    for table in RECORDS:
        for trigger in ("a_stamp", "b_keep_version", "refuse_loss"):
            op.execute(f"DROP TRIGGER {trigger} ON {table}")
        if table != "patients":
            op.execute(f"DROP TRIGGER c_keep_patient ON {table}")
    for function in ("guard_history", "refuse_loss", "keep_version", "keep_patient", "stamp_record"):
        op.execute(f"DROP FUNCTION {function}()")
