"""A medicine may be recorded as given for something else only.

Revision: 0010
Follows: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

RULE = "ck_medication_trials_indication_word"


def upgrade() -> None:
    _allow("'depression', 'other', 'other_only', 'unknown'")


def downgrade() -> None:
    op.execute("UPDATE medication_trials SET indication = 'other' WHERE indication = 'other_only'")
    _allow("'depression', 'other', 'unknown'")


def _allow(words: str) -> None:
    """Replace the rule; rows that are there are checked without holding up those who write."""
    op.execute(f"ALTER TABLE medication_trials DROP CONSTRAINT {RULE}")
    op.execute(f"ALTER TABLE medication_trials ADD CONSTRAINT {RULE} CHECK (indication IN ({words})) NOT VALID")
    op.execute(f"ALTER TABLE medication_trials VALIDATE CONSTRAINT {RULE}")
