"""Nobody signs a plan with a step that became a record entered in error.

Revision: 0012
Follows: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# What was named before may stay, so that a plan can still be changed; to be signed, each step must name what stands.
REFUSE_FOREIGN_STEPS = """
CREATE OR REPLACE FUNCTION refuse_foreign_steps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held jsonb := CASE TG_OP WHEN 'UPDATE' THEN old.steps ELSE '[]' END;
    foreign_step bigint;
    -- Of what this version says: the trigger before this one gives a new signature the time of its version.
    signed_now boolean := new.signed_at IS NOT NULL AND new.signed_at = new.updated_at;
BEGIN
    SELECT listed.place - 1 INTO foreign_step
    FROM jsonb_array_elements(new.steps) WITH ORDINALITY AS listed (step, place)
    WHERE listed.step ->> 'trial_id' IS NOT NULL
      AND NOT held @> jsonb_build_array(jsonb_build_object('trial_id', listed.step -> 'trial_id'))
      AND NOT EXISTS (
          SELECT FROM medication_trials AS meant
          WHERE meant.organisation_id = new.organisation_id AND meant.patient_id = new.patient_id
            AND meant.id = (listed.step ->> 'trial_id')::uuid AND NOT meant.entered_in_error)
    ORDER BY listed.place LIMIT 1;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = 'A step names no trial of this patient.',
            CONSTRAINT = 'fk_treatment_plans_trial', COLUMN = foreign_step::text;
    END IF;
    IF signed_now THEN
        SELECT listed.place - 1 INTO foreign_step
        FROM jsonb_array_elements(new.steps) WITH ORDINALITY AS listed (step, place)
        JOIN medication_trials AS meant
          ON meant.organisation_id = new.organisation_id AND meant.id = (listed.step ->> 'trial_id')::uuid
        WHERE meant.entered_in_error
        ORDER BY listed.place LIMIT 1;
        IF FOUND THEN
            RAISE foreign_key_violation USING MESSAGE = 'A signed step names a trial that was entered in error.',
                CONSTRAINT = 'fk_treatment_plans_trial_in_error', COLUMN = foreign_step::text;
        END IF;
    END IF;
    SELECT listed.place - 1 INTO foreign_step
    FROM jsonb_array_elements(new.steps) WITH ORDINALITY AS listed (step, place)
    WHERE listed.step ->> 'treatment_id' IS NOT NULL
      AND NOT held @> jsonb_build_array(jsonb_build_object('treatment_id', listed.step -> 'treatment_id'))
      AND NOT EXISTS (
          SELECT FROM treatments AS meant
          WHERE meant.organisation_id = new.organisation_id AND meant.patient_id = new.patient_id
            AND meant.id = (listed.step ->> 'treatment_id')::uuid AND NOT meant.entered_in_error)
    ORDER BY listed.place LIMIT 1;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = 'A step names no treatment of this patient.',
            CONSTRAINT = 'fk_treatment_plans_treatment', COLUMN = foreign_step::text;
    END IF;
    IF signed_now THEN
        SELECT listed.place - 1 INTO foreign_step
        FROM jsonb_array_elements(new.steps) WITH ORDINALITY AS listed (step, place)
        JOIN treatments AS meant
          ON meant.organisation_id = new.organisation_id AND meant.id = (listed.step ->> 'treatment_id')::uuid
        WHERE meant.entered_in_error
        ORDER BY listed.place LIMIT 1;
        IF FOUND THEN
            RAISE foreign_key_violation USING MESSAGE = 'A signed step names a treatment that was entered in error.',
                CONSTRAINT = 'fk_treatment_plans_treatment_in_error', COLUMN = foreign_step::text;
        END IF;
    END IF;
    RETURN new;
END $$
"""
# As revision 0009 made it.
BEFORE = """
CREATE OR REPLACE FUNCTION refuse_foreign_steps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held jsonb := CASE TG_OP WHEN 'UPDATE' THEN old.steps ELSE '[]' END;
    foreign_step bigint;
BEGIN
    SELECT listed.place - 1 INTO foreign_step
    FROM jsonb_array_elements(new.steps) WITH ORDINALITY AS listed (step, place)
    WHERE listed.step ->> 'trial_id' IS NOT NULL
      AND NOT held @> jsonb_build_array(jsonb_build_object('trial_id', listed.step -> 'trial_id'))
      AND NOT EXISTS (
          SELECT FROM medication_trials AS meant
          WHERE meant.organisation_id = new.organisation_id AND meant.patient_id = new.patient_id
            AND meant.id = (listed.step ->> 'trial_id')::uuid AND NOT meant.entered_in_error)
    ORDER BY listed.place LIMIT 1;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = 'A step names no trial of this patient.',
            CONSTRAINT = 'fk_treatment_plans_trial', COLUMN = foreign_step::text;
    END IF;
    SELECT listed.place - 1 INTO foreign_step
    FROM jsonb_array_elements(new.steps) WITH ORDINALITY AS listed (step, place)
    WHERE listed.step ->> 'treatment_id' IS NOT NULL
      AND NOT held @> jsonb_build_array(jsonb_build_object('treatment_id', listed.step -> 'treatment_id'))
      AND NOT EXISTS (
          SELECT FROM treatments AS meant
          WHERE meant.organisation_id = new.organisation_id AND meant.patient_id = new.patient_id
            AND meant.id = (listed.step ->> 'treatment_id')::uuid AND NOT meant.entered_in_error)
    ORDER BY listed.place LIMIT 1;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = 'A step names no treatment of this patient.',
            CONSTRAINT = 'fk_treatment_plans_treatment', COLUMN = foreign_step::text;
    END IF;
    RETURN new;
END $$
"""


def upgrade() -> None:
    op.execute(REFUSE_FOREIGN_STEPS)


def downgrade() -> None:
    op.execute(BEFORE)
