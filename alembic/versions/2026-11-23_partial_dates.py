"""Partial dates are understood by the database: which days they span, and whether they are dates at all.

Revision: 0001
Follows: nothing
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written in the SQL-standard form, so that the names inside are bound here and not looked up in a search path later.
EARLIEST_DAY = """
CREATE FUNCTION earliest_day(partial text) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN partial = 'unknown' THEN NULL ELSE make_date(
    left(partial, 4)::int,
    coalesce(nullif(substr(partial, 6, 2), '')::int, 1),
    coalesce(nullif(substr(partial, 9, 2), '')::int, 1)) END
"""
LATEST_DAY = """
CREATE FUNCTION latest_day(partial text) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN partial = 'unknown' THEN NULL
    WHEN length(partial) = 4 THEN make_date(partial::int, 12, 31)
    WHEN length(partial) = 7 THEN (earliest_day(partial) + interval '1 month' - interval '1 day')::date
    ELSE earliest_day(partial) END
"""
IS_PARTIAL_DATE = """
CREATE FUNCTION is_partial_date(partial text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN partial ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$'
    THEN earliest_day(partial) >= date '1900-01-01' AND latest_day(partial) <= date '2100-12-31'
    ELSE false END
"""


def upgrade() -> None:
    op.execute(EARLIEST_DAY)
    op.execute(LATEST_DAY)
    op.execute(IS_PARTIAL_DATE)


def downgrade() -> None:
    op.execute("DROP FUNCTION is_partial_date(text)")
    op.execute("DROP FUNCTION latest_day(text)")
    op.execute("DROP FUNCTION earliest_day(text)")
