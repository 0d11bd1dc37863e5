"""What names a patient is sealed: identifiers and names are ciphertext, and found by a keyed hash.

What is stored in the plain form stays readable until `ops.encrypt` has sealed it (`make run` and `make migrate` run it
next). Nothing can be written in the plain form from here on: the rule that refuses it holds for every new row, and
is validated for the old ones when all of them are sealed.

Revision: 0017
Follows: 0016
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

HERE = "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"
SEALED = "num_nulls(identity, identifier_digests) = 0 AND num_nonnulls(identifiers, display_name) = 0"
NAMES = "ARRAY['identity', 'identifier_digests', 'identifiers', 'display_name']"
# Sealing what was plain, or under a newer key, is no change of what is known. The owner of the tables alone may do it,
# in a transaction that says so; the service connects as a role that owns nothing.
REWRITES_IDENTITIES = """
CREATE FUNCTION rewrites_identities(which oid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('app.rewriting', true), '') = 'identities'
       AND EXISTS (SELECT FROM pg_class WHERE oid = which AND pg_get_userbyid(relowner) = current_user)
$$
"""
STAMP_PATIENT = f"""
CREATE FUNCTION stamp_patient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        new.version := 1;
        new.created_at := clock_timestamp();
        new.updated_at := new.created_at;
        RETURN new;
    END IF;
    IF rewrites_identities(TG_RELID) THEN
        IF to_jsonb(new) - {NAMES} IS DISTINCT FROM to_jsonb(old) - {NAMES} THEN
            RAISE integrity_constraint_violation USING MESSAGE = 'Only what names a patient is rewritten.';
        END IF;
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
GUARD_VERSIONS = f"""
CREATE FUNCTION guard_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() < 2 AND rewrites_identities(TG_RELID) THEN
        IF old.kind <> 'patients'
           OR to_jsonb(new) - 'document' IS DISTINCT FROM to_jsonb(old) - 'document'
           OR new.document - {NAMES} IS DISTINCT FROM old.document - {NAMES} THEN
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
# As before, by digests. The fault names the position in the list, never the owner.
KEEP_DIGESTS = """
CREATE FUNCTION keep_digests() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken bigint;
BEGIN
    DELETE FROM patient_identifiers WHERE organisation_id = new.organisation_id AND patient_id = new.id;
    IF new.entered_in_error THEN
        RETURN NULL;
    END IF;
    INSERT INTO patient_identifiers (organisation_id, digest, patient_id)
    SELECT new.organisation_id, listed.digest, new.id
    FROM jsonb_array_elements_text(new.identifier_digests) AS listed (digest)
    ORDER BY 2
    ON CONFLICT DO NOTHING;
    SELECT listed.position - 1 INTO taken
    FROM jsonb_array_elements_text(new.identifier_digests) WITH ORDINALITY AS listed (digest, position)
    WHERE NOT EXISTS (
        SELECT FROM patient_identifiers AS kept
        WHERE kept.organisation_id = new.organisation_id AND kept.patient_id = new.id
          AND kept.digest = listed.digest)
    ORDER BY listed.position LIMIT 1;
    IF FOUND THEN
        RAISE unique_violation USING
            MESSAGE = 'An identifier belongs to another patient.', CONSTRAINT = 'one_patient_an_identifier',
            COLUMN = taken::text;
    END IF;
    RETURN NULL;
END $$
"""
# Holds at once where there is nobody yet, or everybody is sealed; else `ops.encrypt` validates it at its end.
VALIDATE_IF_IT_HOLDS = """
DO $$ BEGIN
    ALTER TABLE patients VALIDATE CONSTRAINT ck_patients_identity_is_sealed;
EXCEPTION WHEN check_violation THEN
    NULL;
END $$
"""
# A migration knows no keys, so it cannot bring a name back.
REFUSE_LOSS_OF_NAMES = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM patients WHERE identity IS NOT NULL) THEN
        RAISE EXCEPTION 'Names are sealed already, and a migration cannot open them: restore a backup instead.';
    END IF;
END $$
"""
REFILL_IDENTIFIERS = """
INSERT INTO patient_identifiers (organisation_id, system, value, patient_id)
SELECT patients.organisation_id, listed.identifier ->> 'system', listed.identifier ->> 'value', patients.id
FROM patients CROSS JOIN jsonb_array_elements(patients.identifiers) AS listed (identifier)
WHERE NOT patients.entered_in_error
"""
# A row whose version stays was rewritten, not changed: its kept versions are rewritten beside it.
TRIGGERS = (
    ("a_stamp", "BEFORE INSERT OR UPDATE ON patients FOR EACH ROW", "stamp_patient"),
    ("b_keep_first_version", "AFTER INSERT ON patients FOR EACH ROW", "keep_version"),
    ("b_keep_version", "AFTER UPDATE ON patients FOR EACH ROW WHEN (new.version <> old.version)", "keep_version"),
    (
        "d_keep_identifiers",
        "AFTER INSERT OR UPDATE OF identifier_digests, entered_in_error ON patients FOR EACH ROW",
        "keep_digests",
    ),
    ("guard_history", "BEFORE INSERT OR UPDATE OR DELETE ON record_versions FOR EACH ROW", "guard_versions"),
)
TRIGGERS_BEFORE = (
    ("a_stamp", "BEFORE INSERT OR UPDATE ON patients FOR EACH ROW", "stamp_record"),
    ("b_keep_version", "AFTER INSERT OR UPDATE ON patients FOR EACH ROW", "keep_version"),
    (
        "d_keep_identifiers",
        "AFTER INSERT OR UPDATE OF identifiers, entered_in_error ON patients FOR EACH ROW",
        "keep_identifiers",
    ),
    ("guard_history", "BEFORE INSERT OR UPDATE OR DELETE ON record_versions FOR EACH ROW", "guard_history"),
)
Triggers = tuple[tuple[str, str, str], ...]


def replace_triggers(old: Triggers, new: Triggers) -> None:
    """Drop some triggers and create others."""
    for name, when, _ in old:
        op.execute(f"DROP TRIGGER {name} ON {'record_versions' if 'ON record_versions' in when else 'patients'}")
    for name, when, function in new:
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {function}()")


def create_data_keys() -> None:
    """The data keys of each organisation, wrapped."""
    moment, now = sqlmodel.sql.sqltypes.UTCDateTime, sa.text("clock_timestamp()")
    op.create_table(
        "data_keys",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("created_at", moment(), server_default=now, nullable=False),
        sa.Column("active_from", moment(), server_default=now, nullable=False),
        sa.CheckConstraint("purpose IN ('fields', 'search')", name=op.f("ck_data_keys_purpose_word")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_data_keys_organisation")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_data_keys")),
        sa.UniqueConstraint(
            "organisation_id", "purpose", "number", name=op.f("uq_data_keys_organisation_id_purpose_number")
        ),
    )


def keep_apart() -> None:
    """Let the service see and add the keys of its organisation, and no others."""
    op.execute("GRANT SELECT, INSERT ON data_keys TO trialbook_service")
    op.execute("ALTER TABLE data_keys ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE data_keys FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON data_keys USING ({HERE}) WITH CHECK ({HERE})")


def see_all(force: str) -> None:
    """Let the owner see every organisation's rows for a moment, or no more."""
    for table in ("patients", "patient_identifiers"):
        op.execute(f"ALTER TABLE {table} {force} ROW LEVEL SECURITY")


def key_identifiers_by(*columns: sa.Column[str]) -> None:
    """Let other columns tell the identifiers apart. They are emptied: patients hold them too."""
    op.execute("TRUNCATE patient_identifiers")
    op.execute("ALTER TABLE patient_identifiers DROP CONSTRAINT pk_patient_identifiers")
    for column in columns:
        op.add_column("patient_identifiers", column)
    names = ", ".join(["organisation_id", *(column.name for column in columns)])
    op.execute(f"ALTER TABLE patient_identifiers ADD CONSTRAINT pk_patient_identifiers PRIMARY KEY ({names})")


def upgrade() -> None:
    create_data_keys()
    keep_apart()
    op.add_column("patients", sa.Column("identity", sa.Text(), nullable=True))
    op.add_column("patients", sa.Column("identifier_digests", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.alter_column("patients", "identifiers", nullable=True)
    op.execute(f"ALTER TABLE patients ADD CONSTRAINT ck_patients_identity_is_sealed CHECK ({SEALED}) NOT VALID")
    op.execute(VALIDATE_IF_IT_HOLDS)
    op.execute(
        "ALTER TABLE patients ADD CONSTRAINT ck_patients_identifier_digests_are_a_list "
        "CHECK (jsonb_typeof(identifier_digests) = 'array')"
    )
    key_identifiers_by(sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False))
    op.drop_column("patient_identifiers", "system")
    op.drop_column("patient_identifiers", "value")
    for function in (REWRITES_IDENTITIES, STAMP_PATIENT, GUARD_VERSIONS, KEEP_DIGESTS):
        op.execute(function)
    replace_triggers(TRIGGERS_BEFORE, TRIGGERS)


def downgrade() -> None:
    see_all("NO FORCE")
    op.execute(REFUSE_LOSS_OF_NAMES)
    replace_triggers(TRIGGERS, TRIGGERS_BEFORE)
    for function in ("stamp_patient()", "guard_versions()", "keep_digests()", "rewrites_identities(oid)"):
        op.execute(f"DROP FUNCTION {function}")
    key_identifiers_by(
        sa.Column("system", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    )
    op.drop_column("patient_identifiers", "digest")
    op.execute("ALTER TABLE patients DROP CONSTRAINT ck_patients_identity_is_sealed")
    op.drop_column("patients", "identifier_digests")
    op.drop_column("patients", "identity")
    op.alter_column("patients", "identifiers", nullable=False)
    op.execute(REFILL_IDENTIFIERS)
    see_all("FORCE")
    op.drop_table("data_keys")
