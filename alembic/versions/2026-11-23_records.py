"""Patients, episodes, medication trials, assessments, their versions, and keys for repeats.

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column(
            "created_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("status BETWEEN 200 AND 299", name=op.f("ck_idempotency_keys_status_range")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_idempotency_keys_organisation")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "patients",
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
        sa.Column("identifiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("display_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("birth_date", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True),
        sa.Column("sex", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.CheckConstraint("jsonb_typeof(identifiers) = 'array'", name=op.f("ck_patients_identifiers_are_a_list")),
        sa.CheckConstraint("sex IN ('female', 'male', 'other', 'unknown')", name=op.f("ck_patients_sex_word")),
        sa.CheckConstraint("is_partial_date(birth_date)", name=op.f("ck_patients_birth_date_partial_date")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_patients_organisation")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_patients")),
    )
    op.create_table(
        "record_versions",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("superseded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("entered_in_error", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_record_versions_organisation")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "record_id", "version", name=op.f("pk_record_versions")),
    )
    op.create_index(
        "ix_record_versions_open",
        "record_versions",
        ["organisation_id", "record_id"],
        unique=True,
        postgresql_where="superseded_at IS NULL",
    )
    op.create_index(
        "ix_record_versions_patient", "record_versions", ["organisation_id", "patient_id", "recorded_at"], unique=False
    )
    op.create_table(
        "assessments",
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
        sa.Column("instrument", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("assessed_on", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("total_score", sa.Integer(), nullable=True),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("rater", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.CheckConstraint("jsonb_typeof(items) = 'array'", name=op.f("ck_assessments_items_are_a_list")),
        sa.CheckConstraint("rater IN ('self', 'clinician')", name=op.f("ck_assessments_rater_word")),
        sa.CheckConstraint("is_partial_date(assessed_on)", name=op.f("ck_assessments_assessed_on_partial_date")),
        sa.CheckConstraint("total_score BETWEEN 0 AND 100", name=op.f("ck_assessments_total_score_range")),
        sa.CheckConstraint("total_score IS NOT NULL OR items IS NOT NULL", name=op.f("ck_assessments_total_or_items")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name=op.f("fk_assessments_patient"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_assessments")),
        sa.UniqueConstraint(
            "organisation_id", "patient_id", "id", name=op.f("uq_assessments_organisation_id_patient_id_id")
        ),
    )
    op.create_table(
        "episodes",
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
        sa.Column("onset", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True),
        sa.Column("resolved", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True),
        sa.Column("diagnosis", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("polarity", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("psychotic_features", sa.Boolean(), nullable=True),
        sa.Column("severity", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.CheckConstraint("polarity IN ('unipolar', 'bipolar', 'unknown')", name=op.f("ck_episodes_polarity_word")),
        sa.CheckConstraint(
            "severity IN ('subsyndromal', 'mild', 'moderate', 'severe', 'unknown')",
            name=op.f("ck_episodes_severity_word"),
        ),
        sa.CheckConstraint("is_partial_date(onset)", name=op.f("ck_episodes_onset_partial_date")),
        sa.CheckConstraint("is_partial_date(resolved)", name=op.f("ck_episodes_resolved_partial_date")),
        sa.CheckConstraint(
            "latest_day(resolved) >= earliest_day(onset)", name=op.f("ck_episodes_resolved_not_before_onset")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name=op.f("fk_episodes_patient"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_episodes")),
        sa.UniqueConstraint(
            "organisation_id", "patient_id", "id", name=op.f("uq_episodes_organisation_id_patient_id_id")
        ),
    )
    op.create_table(
        "patient_identifiers",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("system", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name=op.f("fk_patient_identifiers_patient"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "system", "value", name=op.f("pk_patient_identifiers")),
    )
    op.create_index(
        op.f("ix_patient_identifiers_organisation_id_patient_id"),
        "patient_identifiers",
        ["organisation_id", "patient_id"],
        unique=False,
    )


def downgrade() -> None:

    op.drop_index(op.f("ix_patient_identifiers_organisation_id_patient_id"), table_name="patient_identifiers")
    op.drop_table("patient_identifiers")
    op.drop_table("episodes")
    op.drop_table("assessments")
    op.drop_index("ix_record_versions_patient", table_name="record_versions")
    op.drop_index("ix_record_versions_open", table_name="record_versions", postgresql_where="superseded_at IS NULL")
    op.drop_table("record_versions")
    op.drop_table("patients")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_table("organisations")
