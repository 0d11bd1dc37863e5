"""An import counts how often it was taken without getting further, so that one that kills its runners is refused.

Runs beside the version before: it adds a column with a default, of which that version says nothing.

Revision: 0025
Follows: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLE, NAME = "import_queue", "takings"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(NAME, sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    op.drop_column(TABLE, NAME)
