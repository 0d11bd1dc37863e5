"""Identifiers belong to one patient; a trial refers to nothing that was entered in error.

Revision: 0005
Follows: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Identifiers of a patient entered in error are free again. The fault names the position in the list, never the owner.
KEEP_IDENTIFIERS = """
CREATE FUNCTION keep_identifiers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken bigint;
BEGIN
    DELETE FROM patient_identifiers WHERE organisation_id = new.organisation_id AND patient_id = new.id;
    IF new.entered_in_error THEN
        RETURN NULL;
    END IF;
    INSERT INTO patient_identifiers (organisation_id, system, value, patient_id)
    SELECT new.organisation_id, listed.identifier ->> 'system', listed.identifier ->> 'value', new.id
    FROM jsonb_array_elements(new.identifiers) AS listed (identifier)
    ORDER BY 2, 3
    ON CONFLICT DO NOTHING;
    SELECT listed.position - 1 INTO taken
    FROM jsonb_array_elements(new.identifiers) WITH ORDINALITY AS listed (identifier, position)
    WHERE NOT EXISTS (
        SELECT FROM patient_identifiers AS kept
        WHERE kept.organisation_id = new.organisation_id AND kept.patient_id = new.id
          AND kept.system = listed.identifier ->> 'system' AND kept.value = listed.identifier ->> 'value')
    ORDER BY listed.position LIMIT 1;
    IF FOUND THEN
        RAISE unique_violation USING
            MESSAGE = 'An identifier belongs to another patient.', CONSTRAINT = 'one_patient_an_identifier',
            COLUMN = taken::text;
    END IF;
    RETURN NULL;
END $$
"""
REFUSE_REFERENCES_TO_ERRORS = """
CREATE FUNCTION refuse_references_to_errors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.episode_id IS NOT NULL AND (TG_OP = 'INSERT' OR new.episode_id IS DISTINCT FROM old.episode_id)
       AND EXISTS (SELECT FROM episodes WHERE organisation_id = new.organisation_id AND id = new.episode_id
                   AND entered_in_error) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'The episode was entered in error.', CONSTRAINT = 'fk_medication_trials_episode';
    END IF;
    IF new.augments IS NOT NULL AND (TG_OP = 'INSERT' OR new.augments IS DISTINCT FROM old.augments)
       AND EXISTS (SELECT FROM medication_trials WHERE organisation_id = new.organisation_id AND id = new.augments
                   AND entered_in_error) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'The augmented trial was entered in error.', CONSTRAINT = 'fk_medication_trials_augments';
    END IF;
    RETURN new;
END $$
"""


def upgrade() -> None:
    op.execute(KEEP_IDENTIFIERS)
    op.execute(REFUSE_REFERENCES_TO_ERRORS)
    op.execute(
        "CREATE TRIGGER d_keep_identifiers AFTER INSERT OR UPDATE OF identifiers, entered_in_error ON patients "
        "FOR EACH ROW EXECUTE FUNCTION keep_identifiers()"
    )
    op.execute(
        "CREATE TRIGGER d_refuse_references_to_errors BEFORE INSERT OR UPDATE ON medication_trials FOR EACH ROW "
        "WHEN (new.episode_id IS NOT NULL OR new.augments IS NOT NULL) EXECUTE FUNCTION refuse_references_to_errors()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER d_refuse_references_to_errors ON medication_trials")
    op.execute("DROP TRIGGER d_keep_identifiers ON patients")
    op.execute("DROP FUNCTION refuse_references_to_errors()")
    op.execute("DROP FUNCTION keep_identifiers()")
