"""What became of cards of CDS Hooks, and tokens of EHRs that were used; nothing of a patient is in either.

Revision: 0023
Follows: 0022
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

HERE = "organisation_id = nullif(current_setting('app.organisation', true), '')::uuid"
SERVICE = "trialbook_service"


def text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    """A column of text."""
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=nullable)


def of_organisation(table: str) -> sa.ForeignKeyConstraint:
    """Each belongs to an organisation."""
    return sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f(f"fk_{table}_organisation"))


def keep_apart(table: str, rights: str) -> None:
    """Only rows of the organisation that is named can be seen or written, also by the owner of the table."""
    op.execute(f"GRANT {rights} ON {table} TO {SERVICE}")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING ({HERE}) WITH CHECK ({HERE})")


def upgrade() -> None:
    op.create_table(
        "card_feedback",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("card", sa.Uuid(), nullable=False),
        text("service", 40),
        text("outcome", 10),
        text("reason", 40, nullable=True),
        sa.Column("acted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "recorded_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        of_organisation("card_feedback"),
        sa.CheckConstraint("outcome IN ('accepted', 'overridden')", name=op.f("ck_card_feedback_outcome_word")),
        sa.CheckConstraint(
            "reason IS NULL OR outcome = 'overridden'", name=op.f("ck_card_feedback_reason_of_overriding")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "card", name=op.f("pk_card_feedback")),
    )
    op.create_index(op.f("ix_card_feedback_recorded_at"), "card_feedback", ["recorded_at"])
    op.create_table(
        "used_call_tokens",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        text("issuer", 200),
        text("jti", 255),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        of_organisation("used_call_tokens"),
        sa.PrimaryKeyConstraint("organisation_id", "issuer", "jti", name=op.f("pk_used_call_tokens")),
    )
    op.create_index(op.f("ix_used_call_tokens_expires_at"), "used_call_tokens", ["expires_at"])
    keep_apart("card_feedback", "SELECT, INSERT, UPDATE, DELETE")
    keep_apart("used_call_tokens", "SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.drop_table("used_call_tokens")
    op.drop_table("card_feedback")
