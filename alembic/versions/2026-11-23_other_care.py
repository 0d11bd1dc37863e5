"""Treatments, symptoms, contributing factors and scores given elsewhere, with their histories.

Revision: 0008
Follows: 0007
"""

from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KINDS = "psychotherapy neuromodulation rapid_acting lifestyle clinical_trial other"
MODALITIES = """cbt ipt mbct behavioural_activation cbasp problem_solving psychodynamic counselling family_or_couple
other_psychotherapy ect rtms itbs vns dbs tdcs mst light other_neuromodulation ketamine esketamine brexanolone exercise
diet sleep psilocybin other_study_agent other"""
RESPONSES, BASES = "none worse partial response remission unknown", "scale clinician patient chart"
REASONS = """lack_of_efficacy intolerance loss_of_effect remission patient_choice cost pregnancy interaction other
unknown"""
SYMPTOMS = """persistent_sadness loss_of_interest poor_concentration appetite_or_sleep_change fatigue
guilt_or_worthlessness suicidal_thoughts"""
CATEGORIES = "genetics brain_chemistry co_occurring_disorder environmental"
FACTORS = """family_history drug_metabolism thyroid inflammation vitamin_deficiency hormonal_change neurotransmitter
anxiety substance_use ptsd personality_disorder adhd eating_disorder ocd bipolar_spectrum dementia
psychotic_disorder chronic_pain sleep_apnoea insomnia autism neurological_disease head_injury diabetes
cancer depressogenic_medicine cardiovascular_disease uncontrolled_hypertension seizure_disorder
liver_disease kidney_disease pregnancy metal_implant_in_head trauma chronic_stress bereavement
relationship_conflict social_isolation financial_hardship functional_impairment other"""
REFUSE_EPISODE_IN_ERROR = """
CREATE FUNCTION refuse_episode_in_error() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'INSERT' OR new.episode_id IS DISTINCT FROM old.episode_id)
       AND EXISTS (SELECT FROM episodes WHERE organisation_id = new.organisation_id AND id = new.episode_id
                   AND entered_in_error) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'The episode was entered in error.', CONSTRAINT = format('fk_%s_episode', TG_TABLE_NAME);
    END IF;
    RETURN new;
END $$
"""


def keep_history_of(table: str) -> None:
    """Stamp and keep each version of a table's rows, and refuse to lose any, as for the records before."""
    moved = "WHEN (new.patient_id IS DISTINCT FROM old.patient_id)"
    for trigger in (
        f"a_stamp BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION stamp_record_of_patient()",
        f"b_keep_version AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_version()",
        f"c_keep_patient BEFORE UPDATE ON {table} FOR EACH ROW {moved} EXECUTE FUNCTION keep_patient()",
        f"refuse_loss BEFORE DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()",
    ):
        op.execute(f"CREATE TRIGGER {trigger}")


def create_records(table: str, *parts: sa.Column[Any] | sa.Constraint) -> None:
    """A table with the columns that every record of a patient has, and its own."""
    moment, now = sqlmodel.sql.sqltypes.UTCDateTime, sa.text("clock_timestamp()")
    op.create_table(
        table,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", moment(), server_default=now, nullable=False),
        sa.Column("updated_at", moment(), server_default=now, nullable=False),
        sa.Column("entered_in_error", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name=op.f(f"fk_{table}_patient"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "organisation_id", "patient_id", "id", name=op.f(f"uq_{table}_organisation_id_patient_id_id")
        ),
    )
    keep_history_of(table)


def text(name: str, length: int, *, nullable: bool = False) -> sa.Column[Any]:
    """A column of text."""
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=nullable)


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    """A rule that the database keeps."""
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def listed(words: str) -> str:
    """Words as SQL."""
    return ", ".join(f"'{word}'" for word in words.split())


def one_of(table: str, column: str, words: str) -> sa.CheckConstraint:
    """No other word may stand in the column."""
    return check(table, f"{column}_word", f"{column} IN ({listed(words)})")


def dated(table: str, column: str, *, or_unknown: bool = False) -> sa.CheckConstraint:
    """Only partial dates may stand in the column."""
    rule = f"is_partial_date({column})"
    return check(table, f"{column}_partial_date", f"{column} = 'unknown' OR {rule}" if or_unknown else rule)


def create_treatments() -> None:
    table, ended = "treatments", "latest_day(ended) >= earliest_day(started)"
    judged = "latest_day(outcome_assessed_on) >= earliest_day(started)"
    create_records(
        table,
        sa.Column("episode_id", sa.Uuid(), nullable=True),
        text("kind", 20),
        text("modality", 40),
        sa.Column("sessions", sa.Integer(), nullable=True),
        text("laterality", 20),
        text("started", 10, nullable=True),
        text("ended", 10, nullable=True),
        text("outcome_response", 20),
        sa.Column("outcome_improvement_percent", sa.Numeric(), nullable=True),
        text("outcome_assessed_on", 10, nullable=True),
        text("outcome_basis", 20, nullable=True),
        sa.Column("outcome_early_failure_confirmed", sa.Boolean(), nullable=False),
        sa.Column("outcome_ever_responded", sa.Boolean(), nullable=True),
        text("stop_reason", 20),
        text("note", 10000, nullable=True),
        one_of(table, "kind", KINDS),
        one_of(table, "modality", MODALITIES),
        one_of(table, "laterality", "bilateral unilateral unknown"),
        one_of(table, "outcome_response", RESPONSES),
        one_of(table, "outcome_basis", BASES),
        one_of(table, "stop_reason", REASONS),
        dated(table, "started"),
        dated(table, "ended", or_unknown=True),
        dated(table, "outcome_assessed_on"),
        check(table, "ended_not_before_started", ended),
        check(table, "outcome_not_before_started", judged),
        check(table, "sessions_range", "sessions BETWEEN 1 AND 10000"),
        check(table, "laterality_of_ect", "laterality = 'unknown' OR modality = 'ect'"),
        check(table, "improvement_percent_range", "outcome_improvement_percent BETWEEN -1000 AND 100"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id", "episode_id"],
            ["episodes.organisation_id", "episodes.patient_id", "episodes.id"],
            name=op.f("fk_treatments_episode"),
        ),
    )
    op.execute(REFUSE_EPISODE_IN_ERROR)
    op.execute(
        "CREATE TRIGGER d_refuse_episode_in_error BEFORE INSERT OR UPDATE ON treatments FOR EACH ROW "
        "WHEN (new.episode_id IS NOT NULL) EXECUTE FUNCTION refuse_episode_in_error()"
    )


def create_symptoms() -> None:
    table = "symptoms"
    create_records(
        table,
        text("observed_on", 10),
        sa.Column("present", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("absent", sa.ARRAY(sa.Text()), nullable=False),
        text("note", 10000, nullable=True),
        dated(table, "observed_on"),
        check(table, "present_words", f"present <@ ARRAY[{listed(SYMPTOMS)}]"),
        check(table, "absent_words", f"absent <@ ARRAY[{listed(SYMPTOMS)}]"),
        check(table, "not_present_and_absent", "NOT present && absent"),
        check(table, "says_something", "cardinality(present || absent) >= 1"),
    )


def create_factors() -> None:
    table = "contributing_factors"
    create_records(
        table,
        text("category", 40),
        text("factor", 40),
        text("certainty", 20),
        text("noted_on", 10, nullable=True),
        text("note", 10000, nullable=True),
        one_of(table, "category", CATEGORIES),
        one_of(table, "factor", FACTORS),
        one_of(table, "certainty", "suspected confirmed refuted"),
        dated(table, "noted_on"),
    )


def create_scores() -> None:
    table = "external_scores"
    create_records(
        table,
        text("instrument", 40),
        text("scored_on", 10),
        sa.Column("score", sa.Integer(), nullable=False),
        text("rater", 200, nullable=True),
        text("note", 10000, nullable=True),
        one_of(table, "instrument", "athf_sf2"),
        dated(table, "scored_on"),
        check(table, "score_range", "score BETWEEN 0 AND 999"),
    )


def upgrade() -> None:
    create_treatments()
    create_symptoms()
    create_factors()
    create_scores()


def downgrade() -> None:
    for table in ("external_scores", "contributing_factors", "symptoms", "treatments"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_episode_in_error()")
