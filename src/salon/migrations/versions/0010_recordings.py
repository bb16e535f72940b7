"""Recordings, and the files that are made of them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_RUNS = sa.text("status = 'recording'")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "recordings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("recording_id", sa.String(36), nullable=False, unique=True),
        sa.Column("meeting_id", sa.Integer, nullable=False),
        sa.Column("room_id", sa.String(100), nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("username", sa.String(50), nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("quality", sa.String(8), nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("start_time", _MOMENT, nullable=False),
        sa.Column("end_time", _MOMENT),
        sa.Column("duration", sa.Double, nullable=False),
        sa.Column("segments", sa.Integer, nullable=False),
        sa.Column("raw_bytes", sa.BigInteger, nullable=False),
        sa.Column("participants", sa.JSON, nullable=False),
        sa.Column("warning", sa.String(500), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
    )
    op.create_index(
        "uq_recordings_running",
        "recordings",
        ["meeting_id"],
        unique=True,
        sqlite_where=_RUNS,
        postgresql_where=_RUNS,
    )
    for columns in (["meeting_id", "id"], ["user_id", "id"], ["status", "end_time"]):
        op.create_index(f"ix_recordings_{'_'.join(columns)}", "recordings", columns)
    op.create_table(
        "recording_renditions",
        sa.Column("recording", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(160), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"],
            ["recordings.id"],
            name="fk_recording_renditions_recording_recordings",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("recording_renditions")
    op.drop_table("recordings")
