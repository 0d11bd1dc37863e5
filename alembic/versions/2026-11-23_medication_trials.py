"""Medication trials: one course of one medicine, with what came of it.

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "medication_trials",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("entered_in_error", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=True),
        sa.Column("medication", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ingredient", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("started", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True),
        sa.Column("ended", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True),
        sa.Column("doses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("adherence_adequate", sa.Boolean(), nullable=True),
        sa.Column("adherence_taken_fraction", sa.Numeric(), nullable=True),
        sa.Column("indication", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("augments", sa.Uuid(), nullable=True),
        sa.Column("outcome_response", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("outcome_improvement_percent", sa.Numeric(), nullable=True),
        sa.Column("outcome_assessed_on", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True),
        sa.Column("outcome_basis", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("outcome_early_failure_confirmed", sa.Boolean(), nullable=False),
        sa.Column("outcome_ever_responded", sa.Boolean(), nullable=True),
        sa.Column("stop_reason", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("source_kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("source_reference", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=10000), nullable=True),
        sa.CheckConstraint(
            "augments IS NULL OR (augments <> id AND role <> 'monotherapy')",
            name=op.f("ck_medication_trials_augments_another"),
        ),
        sa.CheckConstraint(
            "ended = 'unknown' OR is_partial_date(ended)", name=op.f("ck_medication_trials_ended_partial_date")
        ),
        sa.CheckConstraint(
            "indication IN ('depression', 'other', 'unknown')", name=op.f("ck_medication_trials_indication_word")
        ),
        sa.CheckConstraint("jsonb_typeof(doses) = 'array'", name=op.f("ck_medication_trials_doses_are_a_list")),
        sa.CheckConstraint(
            "jsonb_typeof(medication) = 'object'", name=op.f("ck_medication_trials_medication_is_an_object")
        ),
        sa.CheckConstraint(
            "outcome_basis IN ('scale', 'clinician', 'patient', 'chart')",
            name=op.f("ck_medication_trials_outcome_basis_word"),
        ),
        sa.CheckConstraint(
            "outcome_response IN ('none', 'worse', 'partial', 'response', 'remission', 'unknown')",
            name=op.f("ck_medication_trials_outcome_response_word"),
        ),
        sa.CheckConstraint(
            "role IN ('monotherapy', 'combination', 'augmentation')", name=op.f("ck_medication_trials_role_word")
        ),
        sa.CheckConstraint(
            "source_kind IN ('ehr', 'claims', 'patient', 'clinician')",
            name=op.f("ck_medication_trials_source_kind_word"),
        ),
        sa.CheckConstraint(
            "stop_reason IN ('lack_of_efficacy', 'intolerance', 'loss_of_effect', "
            "'remission', 'patient_choice', 'cost', 'pregnancy', 'interaction', 'other', 'unknown')",
            name=op.f("ck_medication_trials_stop_reason_word"),
        ),
        sa.CheckConstraint(
            "NOT jsonb_path_exists(doses, '$[*].daily_dose_mg ? (@ <= 0 || @ >= 100000 || @.type() == \"string\")')",
            name=op.f("ck_medication_trials_doses_are_sane"),
        ),
        sa.CheckConstraint(
            "adherence_taken_fraction BETWEEN 0 AND 1", name=op.f("ck_medication_trials_taken_fraction_range")
        ),
        sa.CheckConstraint(
            "is_partial_date(outcome_assessed_on)", name=op.f("ck_medication_trials_outcome_assessed_on_partial_date")
        ),
        sa.CheckConstraint("is_partial_date(started)", name=op.f("ck_medication_trials_started_partial_date")),
        sa.CheckConstraint(
            "latest_day(ended) >= earliest_day(started)", name=op.f("ck_medication_trials_ended_not_before_started")
        ),
        sa.CheckConstraint(
            "latest_day(outcome_assessed_on) >= earliest_day(started)",
            name=op.f("ck_medication_trials_outcome_not_before_started"),
        ),
        sa.CheckConstraint(
            "outcome_improvement_percent BETWEEN -1000 AND 100",
            name=op.f("ck_medication_trials_improvement_percent_range"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id", "augments"],
            ["medication_trials.organisation_id", "medication_trials.patient_id", "medication_trials.id"],
            name=op.f("fk_medication_trials_augments"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id", "episode_id"],
            ["episodes.organisation_id", "episodes.patient_id", "episodes.id"],
            name=op.f("fk_medication_trials_episode"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name=op.f("fk_medication_trials_patient"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_medication_trials")),
        sa.UniqueConstraint(
            "organisation_id", "patient_id", "id", name=op.f("uq_medication_trials_organisation_id_patient_id_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("medication_trials")
