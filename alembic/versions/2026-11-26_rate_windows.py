"""What each client has taken of its quota, counted by all workers together.

Revision: 0016
Follows: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SERVICE = "trialbook_service"


def upgrade() -> None:
    op.create_table(
        "rate_windows",
        sa.Column("client", sa.LargeBinary(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("taken > 0", name=op.f("ck_rate_windows_taken_positive")),
        sa.PrimaryKeyConstraint("client", "window_start", name=op.f("pk_rate_windows")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_rate_windows_window_end"), "rate_windows", ["window_end"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON rate_windows TO {SERVICE}")


def downgrade() -> None:
    op.drop_table("rate_windows")
