"""The rating before another is found along an index.

Revision: 0011
Follows: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = "ix_assessments_before"


def upgrade() -> None:
    day = sa.text("latest_day(assessed_on)")
    op.create_index(
        NAME,
        "assessments",
        ["organisation_id", "patient_id", "instrument", day, "assessed_on", "id"],
        unique=False,
        postgresql_where="total_score IS NOT NULL AND NOT entered_in_error",
    )


def downgrade() -> None:
    op.drop_index(NAME, "assessments")
