"""A signature says who was signed in when it was given, besides the name that was typed.

Revision: 0020
Follows: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# The database adds it from what the transaction says of who writes, so that nobody signs as somebody else.
WHO = "nullif(current_setting('app.audit', true), '')::jsonb ->> 'subject'"
GUARD_KEPT_ANSWER = """
CREATE OR REPLACE FUNCTION guard_kept_answer() RETURNS trigger LANGUAGE plpgsql AS $$
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
             THEN listed.signature || jsonb_build_object('signed_at', new.updated_at{subject})
             ELSE listed.signature END
        ORDER BY listed.place), '[]') INTO new.signatures
    FROM jsonb_array_elements(new.signatures) WITH ORDINALITY AS listed (signature, place);
    RETURN new;
END $$
"""
SIGN_PLAN = """
CREATE OR REPLACE FUNCTION sign_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.signed_by IS NULL THEN
        new.signed_at := NULL;
    ELSIF TG_OP = 'INSERT' OR (new.signed_by - 'subject', new.signed_meaning)
          IS DISTINCT FROM (old.signed_by - 'subject', old.signed_meaning) THEN
        new.signed_by := new.signed_by{subject};
        new.signed_at := new.updated_at;
    ELSIF (new.title, new.goals, new.steps) IS DISTINCT FROM (old.title, old.goals, old.steps) THEN
        new.signed_by := NULL;
        new.signed_meaning := NULL;
        new.signed_at := NULL;
    ELSE
        new.signed_by := old.signed_by;
        new.signed_at := old.signed_at;
    END IF;
    RETURN new;
END $$
"""


def upgrade() -> None:
    op.execute(GUARD_KEPT_ANSWER.format(subject=f", 'subject', {WHO}"))
    op.execute(SIGN_PLAN.format(subject=f" || jsonb_build_object('subject', {WHO})"))


def downgrade() -> None:
    op.execute(GUARD_KEPT_ANSWER.format(subject=""))
    op.execute(SIGN_PLAN.format(subject=""))
