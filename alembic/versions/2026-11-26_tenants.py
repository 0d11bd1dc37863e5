"""Organisations are kept apart by the database: forced row-level security, and a role of the service that owns nothing.

Whoever asks names the organisation for the transaction (`app.organisation`); without it there is nothing to see. The
version before this one does not name it: stop it before this migration.

Revision: 0015
Follows: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SERVICE = "trialbook_service"
# After set_config(..., true) has ended the setting is empty on that connection and not null, hence nullif.
HERE = "nullif(current_setting('app.organisation', true), '')::uuid"
# A sign-in knows no organisation yet: it sees the one thing that it presents (a user name, a session, a client).
PRESENTED = "current_setting('app.presented', true)"
RECORDS = (
    *("patients", "episodes", "medication_trials", "assessments", "treatments", "symptoms", "contributing_factors"),
    *("external_scores", "treatment_plans", "kept_answers", "users", "clients", "emergency_accesses"),
)
READ, ADD, CHANGE, REMOVE = "SELECT", "INSERT", "UPDATE", "DELETE"
GRANTED = {
    **dict.fromkeys(RECORDS, (READ, ADD, CHANGE)),
    "record_versions": (READ, ADD, "UPDATE (superseded_at)"),
    "organisations": (READ,),
    "patient_identifiers": (READ, ADD, REMOVE),
    "idempotency_keys": (READ, ADD, REMOVE),
    "local_definitions": (READ, ADD),
    "audit_events": (READ, ADD),
    "audit_seals": (READ, ADD),
    "audit_unsealed": (READ, ADD, REMOVE),
    "credentials": (READ, ADD, CHANGE),
    "sessions": (READ, ADD, CHANGE),
    "used_assertions": (READ, ADD, REMOVE),
}
"""What the service may do. Nothing here lets it lose or rewrite what was recorded."""
SEEN_BY_NAME = {"credentials": "username", "sessions": "id::text", "clients": "id::text"}
# Whoever runs the service lists the organisations by their names, to work on one after the other; no record is in it.
BY_OWNER = "current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'organisations'::regclass)"
MAKE_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'trialbook_service') THEN
        CREATE ROLE trialbook_service NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this server was quicker
    WHEN insufficient_privilege THEN
        RAISE insufficient_privilege USING
            MESSAGE = 'The role trialbook_service is missing, and this role may not make it.',
            HINT = 'Ask an administrator of the server: CREATE ROLE trialbook_service;';
END $$
"""


def keep_apart(table: str) -> None:
    """Only rows of the organisation that is named can be seen or written, also by the owner of the table."""
    column = "id" if table == "organisations" else "organisation_id"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING ({column} = {HERE}) WITH CHECK ({column} = {HERE})")


def upgrade() -> None:
    op.execute(MAKE_ROLE)
    op.execute(f"GRANT USAGE ON SCHEMA public TO {SERVICE}")
    op.execute("GRANT SELECT ON alembic_version TO trialbook_service")
    for table, rights in GRANTED.items():
        op.execute(f"GRANT {', '.join(rights)} ON {table} TO {SERVICE}")
        keep_apart(table)
    for table, column in SEEN_BY_NAME.items():
        op.execute(f"CREATE POLICY presented ON {table} FOR SELECT USING ({column} = {PRESENTED})")
    # The sealer looks for whom there is something to seal: numbers of events, and whose they are.
    op.execute(f"CREATE POLICY sealer ON audit_unsealed FOR SELECT TO {SERVICE} USING (true)")
    op.execute(f"CREATE POLICY owner_lists ON organisations FOR SELECT USING ({BY_OWNER})")


def downgrade() -> None:
    op.execute("DROP POLICY owner_lists ON organisations")
    op.execute("DROP POLICY sealer ON audit_unsealed")
    for table in SEEN_BY_NAME:
        op.execute(f"DROP POLICY presented ON {table}")
    for table in GRANTED:
        op.execute(f"DROP POLICY tenant ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"REVOKE ALL ON {table} FROM {SERVICE}")
    op.execute("REVOKE SELECT ON alembic_version FROM trialbook_service")
    op.execute(f"REVOKE USAGE ON SCHEMA public FROM {SERVICE}")
