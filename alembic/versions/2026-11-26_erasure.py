"""A patient can be erased: all that is held of them goes, and a tombstone and an event of the audit say that it did.

Revision: 0018
Follows: 0017
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

HERE = "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"
# True inside erase_patient alone: it runs as the owner of the tables, and the service may not delete anything.
ERASES = """
CREATE FUNCTION erases(which oid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('app.erasing', true), '') <> ''
       AND EXISTS (SELECT FROM pg_class WHERE oid = which AND pg_get_userbyid(relowner) = current_user)
$$
"""
REFUSE_LOSS = """
CREATE OR REPLACE FUNCTION refuse_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND erases(TG_RELID) THEN
        RETURN NULL;
    END IF;
    RAISE integrity_constraint_violation
        USING MESSAGE = format('%s on %s: mark it as entered in error instead.', TG_OP, TG_TABLE_NAME);
END $$
"""
REFUSE_LOSS_BEFORE = """
CREATE OR REPLACE FUNCTION refuse_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE integrity_constraint_violation
        USING MESSAGE = format('%s on %s: mark it as entered in error instead.', TG_OP, TG_TABLE_NAME);
END $$
"""
LET_ERASE = """
CREATE FUNCTION let_erase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT erases(TG_RELID) OR old.patient_id::text <> current_setting('app.erasing', true) THEN
        RAISE integrity_constraint_violation USING MESSAGE = 'The history of records is written by the database alone.';
    END IF;
    RETURN old;
END $$
"""
REFUSE_ERASED = """
CREATE FUNCTION refuse_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM erasures WHERE organisation_id = new.organisation_id AND patient_id = new.id) THEN
        RAISE unique_violation USING MESSAGE = 'A patient of this id was erased.', CONSTRAINT = 'pk_patients';
    END IF;
    RETURN new;
END $$
"""
PARTS = (
    *("treatment_plans", "kept_answers", "external_scores", "contributing_factors", "symptoms", "treatments"),
    *("assessments", "medication_trials", "emergency_accesses", "episodes"),
)
"""Records of a patient, those that refer to others first."""
OF_USERS = """
    SELECT array_agg(id) INTO own_users FROM users
    WHERE organisation_id = organisation AND own_patient_id = patient;
    DELETE FROM sessions WHERE organisation_id = organisation AND user_id = ANY (own_users);
    DELETE FROM credentials WHERE organisation_id = organisation AND user_id = ANY (own_users);
    DELETE FROM users WHERE organisation_id = organisation AND id = ANY (own_users);
    FOREACH own_user IN ARRAY coalesce(own_users, ARRAY[]::uuid[]) LOOP
        PERFORM set_config('app.erasing', own_user::text, true);
        DELETE FROM record_versions WHERE organisation_id = organisation AND patient_id = own_user;
    END LOOP;
    PERFORM set_config('app.erasing', patient::text, true);
"""
DELETES = "\n".join(
    f"    DELETE FROM {table} WHERE organisation_id = organisation AND patient_id = patient;"  # noqa: S608 - words of ours
    for table in PARTS
)
# The digest is over all that was erased, in the order of records and versions: whoever still has a copy can show that
# it is that one, and nobody can learn anything from it.
ERASE_PATIENT = """
CREATE FUNCTION erase_patient(organisation uuid, patient uuid, why text) RETURNS SETOF erasures
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    who jsonb := nullif(current_setting('app.audit', true), '')::jsonb;
    held record;
    event bigint;
    own_users uuid[];
    own_user uuid;
BEGIN
    IF who IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'Nothing is erased without saying who erases (app.audit).';
    END IF;
    -- Row-level security says the same, but not to an owner who is a superuser.
    IF organisation::text IS DISTINCT FROM current_setting('app.organisation', true) THEN
        RETURN;
    END IF;
    PERFORM FROM patients WHERE organisation_id = organisation AND id = patient FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT count(DISTINCT record_id) AS records, count(*) AS versions, encode(sha256(convert_to(string_agg(
        record_id || ':' || version || ':' || document::text, ',' ORDER BY record_id, version), 'UTF8')), 'hex')
        AS digest
    INTO held FROM record_versions WHERE organisation_id = organisation AND patient_id = patient;
    PERFORM set_config('app.erasing', patient::text, true);
-- DELETES
    DELETE FROM patient_identifiers WHERE organisation_id = organisation AND patient_id = patient;
    -- What was answered goes; that the key was used stays, so that a late repeat brings nobody back.
    UPDATE idempotency_keys SET body = '', headers = '{}', patient_id = NULL
    WHERE organisation_id = organisation AND patient_id = patient;
    DELETE FROM record_versions WHERE organisation_id = organisation AND patient_id = patient;
    DELETE FROM patients WHERE organisation_id = organisation AND id = patient;
    PERFORM set_config('app.erasing', '', true);
    INSERT INTO audit_events (organisation_id, subject, kind, roles, on_behalf_of, source, request_id, operation,
                              action, entity, patient_id, record_id, outcome)
    VALUES (organisation, who ->> 'subject', who ->> 'kind', who ->> 'roles', who ->> 'on_behalf_of', who ->> 'source',
            who ->> 'request_id', who ->> 'operation', 'D', 'erasures', patient, patient, 201)
    RETURNING id INTO event;
    RETURN QUERY INSERT INTO erasures (organisation_id, patient_id, erased_by, reason, records, versions, digest,
                                       audit_event_id)
    VALUES (organisation, patient, who ->> 'subject', why, held.records, held.versions, held.digest, event)
    RETURNING *;
END $$
""".replace("-- DELETES\n", DELETES + OF_USERS)
GUARDED_BEFORE = "BEFORE INSERT OR UPDATE OR DELETE ON record_versions FOR EACH ROW EXECUTE FUNCTION guard_versions()"
GUARDED = "BEFORE INSERT OR UPDATE ON record_versions FOR EACH ROW EXECUTE FUNCTION guard_versions()"


def text(name: str, length: int) -> sa.Column[str]:
    """A column of text."""
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def create_erasures() -> None:
    """What is left of a patient: that there was one, and who erased what, when and why."""
    now = sa.text("clock_timestamp()")
    op.create_table(
        "erasures",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sqlmodel.sql.sqltypes.UTCDateTime(), server_default=now, nullable=False),
        text("erased_by", 200),
        text("reason", 1000),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        text("digest", 64),
        sa.Column("audit_event_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_erasures_organisation")),
        sa.PrimaryKeyConstraint("organisation_id", "patient_id", name=op.f("pk_erasures")),
    )
    op.execute("GRANT SELECT ON erasures TO trialbook_service")
    op.execute("ALTER TABLE erasures ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE erasures FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON erasures USING ({HERE}) WITH CHECK ({HERE})")
    op.execute("CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON erasures FOR EACH STATEMENT "
               "EXECUTE FUNCTION refuse_change()")  # fmt: skip


def upgrade() -> None:
    create_erasures()
    op.add_column("idempotency_keys", sa.Column("patient_id", sa.Uuid(), nullable=True))
    op.create_index("ix_idempotency_keys_patient", "idempotency_keys", ["organisation_id", "patient_id"])
    for function in (ERASES, REFUSE_LOSS, LET_ERASE, REFUSE_ERASED, ERASE_PATIENT):
        op.execute(function)
    op.execute("REVOKE ALL ON FUNCTION erase_patient(uuid, uuid, text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION erase_patient(uuid, uuid, text) TO trialbook_service")
    op.execute("DROP TRIGGER guard_history ON record_versions")
    op.execute(f"CREATE TRIGGER guard_history {GUARDED}")
    op.execute("CREATE TRIGGER let_erase BEFORE DELETE ON record_versions FOR EACH ROW EXECUTE FUNCTION let_erase()")
    op.execute("CREATE TRIGGER e_refuse_erased BEFORE INSERT ON patients FOR EACH ROW EXECUTE FUNCTION refuse_erased()")


def downgrade() -> None:
    op.execute("DROP TRIGGER e_refuse_erased ON patients")
    op.execute("DROP TRIGGER let_erase ON record_versions")
    op.execute("DROP TRIGGER guard_history ON record_versions")
    op.execute(f"CREATE TRIGGER guard_history {GUARDED_BEFORE}")
    op.execute(REFUSE_LOSS_BEFORE)
    for function in ("erase_patient(uuid, uuid, text)", "refuse_erased()", "let_erase()", "erases(oid)"):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_index("ix_idempotency_keys_patient", "idempotency_keys")
    op.drop_column("idempotency_keys", "patient_id")
    op.drop_table("erasures")
