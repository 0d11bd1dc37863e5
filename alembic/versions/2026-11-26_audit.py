"""An audit that is only added to: of each written version by a trigger, of all else by the service; sealed in a chain.

Revision: 0014
Follows: 0013
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Who writes is set for the transaction (`app.audit`). A write that does not say so is refused: nobody can forget it.
# What is written of users and clients is about no patient, although versions are kept under their own id.
AUDIT_VERSION = """
CREATE FUNCTION audit_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who jsonb := nullif(current_setting('app.audit', true), '')::jsonb;
    patient uuid := CASE WHEN new.kind IN ('users', 'clients') THEN NULL ELSE new.patient_id END;
    done char := CASE WHEN new.entered_in_error THEN 'D' WHEN new.version = 1 THEN 'C' ELSE 'U' END;
BEGIN
    IF who IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'Nothing is written without saying who writes (app.audit).';
    END IF;
    INSERT INTO audit_events (organisation_id, subject, kind, roles, on_behalf_of, source, request_id, operation,
                              action, entity, patient_id, record_id, version, outcome, grant_id)
    VALUES (new.organisation_id, who ->> 'subject', who ->> 'kind', who ->> 'roles', who ->> 'on_behalf_of',
            who ->> 'source', who ->> 'request_id', who ->> 'operation', done, new.kind, patient, new.record_id,
            new.version, CASE done WHEN 'C' THEN 201 WHEN 'U' THEN 200 ELSE 204 END,
            emergency_access_of(new.organisation_id, patient, who ->> 'subject'));
    RETURN NULL;
END $$
"""
AUDIT_DEFINITION = """
CREATE FUNCTION audit_definition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who jsonb := nullif(current_setting('app.audit', true), '')::jsonb;
BEGIN
    IF who IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'Nothing is written without saying who writes (app.audit).';
    END IF;
    INSERT INTO audit_events (organisation_id, subject, kind, roles, on_behalf_of, source, request_id, operation,
                              action, entity, version, outcome)
    VALUES (new.organisation_id, who ->> 'subject', who ->> 'kind', who ->> 'roles', who ->> 'on_behalf_of',
            who ->> 'source', who ->> 'request_id', who ->> 'operation',
            CASE WHEN new.withdrawn THEN 'D' WHEN new.version = 1 THEN 'C' ELSE 'U' END, TG_TABLE_NAME, new.version,
            CASE WHEN new.withdrawn THEN 204 ELSE 201 END);
    RETURN NULL;
END $$
"""
EMERGENCY_ACCESS_OF = """
CREATE FUNCTION emergency_access_of(organisation uuid, patient uuid, who text) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT opened.id FROM emergency_accesses AS opened
    WHERE opened.organisation_id = organisation AND opened.patient_id = patient AND opened.subject = who
      AND opened.expires_at > clock_timestamp() AND NOT opened.entered_in_error
    ORDER BY opened.expires_at DESC LIMIT 1
$$
"""
# What the service itself records, of many requests at once: one round trip, one wait for the disk.
RECORD_AUDIT = """
CREATE FUNCTION record_audit(organisation uuid, events jsonb) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    recorded integer;
BEGIN
    PERFORM set_config('app.organisation', organisation::text, true);
    INSERT INTO audit_events (organisation_id, at, subject, kind, roles, on_behalf_of, source, request_id, operation,
                              action, patient_id, record_id, outcome, grant_id)
    SELECT organisation, event.at, event.subject, event.kind, event.roles, event.on_behalf_of, event.source,
           event.request_id, event.operation, event.action, event.patient_id, event.record_id, event.outcome,
           CASE WHEN event.kind = 'user' AND event.patient_id IS NOT NULL
                THEN emergency_access_of(organisation, event.patient_id, event.subject) END
    FROM jsonb_to_recordset(events) AS event (
        at timestamptz, subject text, kind text, roles text, on_behalf_of text, source text, request_id text,
        operation text, action text, patient_id uuid, record_id uuid, outcome integer);
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RETURN recorded;
END $$
"""
AWAIT_SEAL = """
CREATE FUNCTION await_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unsealed (organisation_id, event_id) SELECT added.organisation_id, added.id FROM added;
    RETURN NULL;
END $$
"""
# SHA-256 over the JSON text of all that an event says. registry/audit_digest.py computes the same without PostgreSQL.
AUDIT_DIGEST = """
CREATE FUNCTION audit_digest(event audit_events) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        event.organisation_id, event.id, to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        event.subject, event.kind, event.roles, event.on_behalf_of, event.source, event.request_id, event.operation,
        event.action, event.entity, event.patient_id, event.record_id, event.version, event.outcome,
        event.grant_id)::text, 'UTF8'))
$$
"""
# One sealer of an organisation at a time. The head covers the head before, the number, the members and their digests.
SEAL_AUDIT = """
CREATE FUNCTION seal_audit(organisation uuid, at_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    before audit_seals;
    sealed bigint[];
    each_digest bytea;
    next_number integer;
BEGIN
    PERFORM set_config('app.organisation', organisation::text, true);
    PERFORM pg_advisory_xact_lock(hashtextextended('seal:' || organisation::text, 0));
    SELECT * INTO before FROM audit_seals WHERE organisation_id = organisation ORDER BY number DESC LIMIT 1;
    WITH waiting AS (
        SELECT event_id FROM audit_unsealed WHERE organisation_id = organisation ORDER BY event_id LIMIT at_most
    ), taken AS (
        DELETE FROM audit_unsealed WHERE organisation_id = organisation AND event_id IN (SELECT event_id FROM waiting)
        RETURNING event_id
    )
    SELECT array_agg(event_id ORDER BY event_id) INTO sealed FROM taken;
    IF sealed IS NULL THEN
        RETURN 0;
    END IF;
    SELECT string_agg(audit_digest(event), ''::bytea ORDER BY event.id) INTO each_digest
    FROM audit_events AS event WHERE event.organisation_id = organisation AND event.id = ANY (sealed);
    IF length(each_digest) IS DISTINCT FROM 32 * cardinality(sealed) THEN
        RAISE integrity_constraint_violation USING MESSAGE = 'An event that waits for its seal is missing.';
    END IF;
    next_number := coalesce(before.number, 0) + 1;
    INSERT INTO audit_seals (organisation_id, number, members, digests, head)
    VALUES (organisation, next_number, sealed, each_digest, sha256(
        coalesce(before.head, ''::bytea)
        || convert_to(next_number::text || ':' || array_to_string(sealed, ',') || ':', 'UTF8') || each_digest));
    RETURN cardinality(sealed);
END $$
"""
AWAITED = (
    "await_seal AFTER INSERT ON audit_events REFERENCING NEW TABLE AS added FOR EACH STATEMENT "
    "EXECUTE FUNCTION await_seal()"
)
FUNCTIONS = {
    "emergency_access_of(uuid, uuid, text)": EMERGENCY_ACCESS_OF,
    "audit_version()": AUDIT_VERSION,
    "audit_definition()": AUDIT_DEFINITION,
    "record_audit(uuid, jsonb)": RECORD_AUDIT,
    "await_seal()": AWAIT_SEAL,
    "audit_digest(audit_events)": AUDIT_DIGEST,
    "seal_audit(uuid, integer)": SEAL_AUDIT,
}
APPEND_ONLY = ("audit_events", "audit_seals")


def text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    """A column of text."""
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=nullable)


def of_organisation(table: str) -> sa.ForeignKeyConstraint:
    """Each belongs to an organisation."""
    return sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f(f"fk_{table}_organisation"))


def moment(name: str) -> sa.Column[sa.DateTime]:
    """The moment of the writing."""
    return sa.Column(
        name, sqlmodel.sql.sqltypes.UTCDateTime(), server_default=sa.text("clock_timestamp()"), nullable=False
    )


def create_tables() -> None:
    """Events, those that wait for a seal, and seals."""
    op.create_table(
        "audit_events",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        moment("at"),
        text("subject", 200),
        text("kind", 20),
        text("roles", 200),
        text("on_behalf_of", 200, nullable=True),
        text("source", 64),
        text("request_id", 64),
        text("operation", 80),
        text("action", 1),
        text("entity", 40, nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        of_organisation("audit_events"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_audit_events")),
    )
    op.create_index("ix_audit_events_patient", "audit_events", ["organisation_id", "patient_id", "id"])
    op.create_table(
        "audit_unsealed",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        moment("since"),
        of_organisation("audit_unsealed"),
        sa.PrimaryKeyConstraint("organisation_id", "event_id", name=op.f("pk_audit_unsealed")),
    )
    op.create_table(
        "audit_seals",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        moment("sealed_at"),
        sa.Column("members", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        of_organisation("audit_seals"),
        sa.PrimaryKeyConstraint("organisation_id", "number", name=op.f("pk_audit_seals")),
    )


def upgrade() -> None:
    create_tables()
    for function in FUNCTIONS.values():
        op.execute(function)
    for trigger in (
        AWAITED,
        "audit_version AFTER INSERT ON record_versions FOR EACH ROW EXECUTE FUNCTION audit_version()",
        "audit_definition AFTER INSERT ON local_definitions FOR EACH ROW EXECUTE FUNCTION audit_definition()",
        *(
            f"refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT "
            "EXECUTE FUNCTION refuse_change()"
            for table in APPEND_ONLY
        ),
    ):
        op.execute(f"CREATE TRIGGER {trigger}")


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_version ON record_versions")
    op.execute("DROP TRIGGER audit_definition ON local_definitions")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER refuse_change ON {table}")
    op.execute("DROP TRIGGER await_seal ON audit_events")
    for function in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {function}")
    for table in ("audit_seals", "audit_unsealed", "audit_events"):
        op.drop_table(table)
