"""Lists of meetings that stay quick however many meetings there are."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_EXISTS = sa.text("deleted_at IS NULL")


def _indexes() -> tuple[tuple[str, list[str]], ...]:
    return (
        ("ix_meetings_start_time_id", ["start_time", "id"]),
        ("ix_meetings_status_start_time_id", ["status", "start_time", "id"]),
    )


def upgrade() -> None:
    """Make the indexes that give administrators the latest meetings without sorting all of them."""
    for name, columns in _indexes():
        op.create_index(name, "meetings", columns, sqlite_where=_EXISTS, postgresql_where=_EXISTS)


def downgrade() -> None:
    """Take them away again."""
    for name, _ in reversed(_indexes()):
        op.drop_index(name, "meetings")
