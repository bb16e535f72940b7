"""What was noted about voices while captions were made, for hosts."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "voice_notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("meeting_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("speaker", sa.String(100), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    for columns in (["meeting_id", "at", "id"], ["at"], ["user_id"]):
        op.create_index(f"ix_voice_notes_{'_'.join(columns)}", "voice_notes", columns)


def downgrade() -> None:
    """Take it away again; its indexes go with it."""
    op.drop_table("voice_notes")
