"""Meetings in which captions are on."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of meetings with captions."""
    op.create_table(
        "captioned_meetings",
        sa.Column("meeting_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("room_id", sa.String(100), nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("username", sa.String(50), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("captioned_meetings")
