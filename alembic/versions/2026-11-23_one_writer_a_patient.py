"""One writer a patient at a time: what is known of a patient grows in the order of its moments.

Revision: 0006
Follows: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

RECORDS = ("episodes", "medication_trials", "assessments")
# A writer that was stamped first could commit second: whoever asked between the two saw the later moment and not the
# earlier record. The patient's row is locked before the stamp is taken, so stamps come in the order of commits. A row
# lock and no advisory one: those are kept in a table of fixed size, which a bulk import of many patients would fill.
# `latest` keeps the order when the clock of the machine is set back.
STAMP_RECORD_OF_PATIENT = """
CREATE FUNCTION stamp_record_of_patient() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    latest timestamptz;
BEGIN
    PERFORM FROM patients WHERE organisation_id = new.organisation_id AND id = new.patient_id FOR NO KEY UPDATE;
    SELECT max(recorded_at) INTO latest FROM record_versions
    WHERE organisation_id = new.organisation_id AND patient_id = new.patient_id;
    new.updated_at := greatest(clock_timestamp(), latest + interval '1 microsecond');
    IF TG_OP = 'INSERT' THEN
        new.version := 1;
        new.created_at := new.updated_at;
        RETURN new;
    END IF;
    IF (new.organisation_id, new.id) IS DISTINCT FROM (old.organisation_id, old.id) THEN
        RAISE integrity_constraint_violation USING MESSAGE = 'The identity of a record never changes.';
    END IF;
    new.version := old.version + 1;
    new.created_at := old.created_at;
    RETURN new;
END $$
"""


def stamp(table: str, function: str) -> None:
    """Let another function stamp the rows of a table."""
    op.execute(f"DROP TRIGGER a_stamp ON {table}")
    op.execute(f"CREATE TRIGGER a_stamp BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")


def upgrade() -> None:
    op.execute(STAMP_RECORD_OF_PATIENT)
    for table in RECORDS:
        stamp(table, "stamp_record_of_patient")


def downgrade() -> None:
    for table in RECORDS:
        stamp(table, "stamp_record")
    op.execute("DROP FUNCTION stamp_record_of_patient()")
