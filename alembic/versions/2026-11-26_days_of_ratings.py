"""The days of a rating are columns, so that the rating before another is found along an index under row-level security.

A condition that calls a function which is not leakproof is looked at after the policy of the table, row by row; one
that compares days is not held back. The documents of versions stay as they were: they say `assessed_on` alone. Keys of
repeats that are old enough to be let go are found along an index of their organisation as well.

Revision: 0019
Follows: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLE, NAME = "assessments", "ix_assessments_before"
WHERE = "total_score IS NOT NULL AND NOT entered_in_error"
DAYS = {"first_day": "earliest_day(assessed_on)", "last_day": "latest_day(assessed_on)"}
KEEP_VERSION = """
CREATE OR REPLACE FUNCTION keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_now jsonb := to_jsonb(new)COMPUTED;
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


def index(*, day: str | sa.TextClause) -> None:
    """Of the ratings of a patient on a scale, in the order of their last days."""
    columns = ["organisation_id", "patient_id", "instrument", day, "assessed_on", "id"]
    op.create_index(NAME, TABLE, columns, unique=False, postgresql_where=WHERE)


def upgrade() -> None:
    op.execute(KEEP_VERSION.replace("COMPUTED", " - '{first_day,last_day}'::text[]"))
    op.drop_index(NAME, TABLE)
    for name, rule in DAYS.items():
        op.add_column(TABLE, sa.Column(name, sa.Date(), sa.Computed(rule, persisted=True), nullable=False))
    index(day="last_day")
    op.drop_index("ix_idempotency_keys_created_at", "idempotency_keys")
    op.create_index("ix_idempotency_keys_age", "idempotency_keys", ["organisation_id", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_idempotency_keys_age", "idempotency_keys")
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.drop_index(NAME, TABLE)
    for name in DAYS:
        op.drop_column(TABLE, name)
    index(day=sa.text("latest_day(assessed_on)"))
    op.execute(KEEP_VERSION.replace("COMPUTED", ""))
