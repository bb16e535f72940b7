"""Uploaded files."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_BYTES = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table of files."""
    op.create_table(
        "media_files",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("file_id", sa.String(36), nullable=False),
        sa.Column("file_name", sa.String(64), nullable=False),
        sa.Column("original_name", sa.String(255), nullable=False),
        sa.Column("file_type", sa.String(16), nullable=False),
        sa.Column("mime_type", sa.String(100), nullable=False),
        sa.Column("file_size", _BYTES, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("duration", sa.Double, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("bitrate", _BYTES, nullable=False),
        sa.Column("frame_rate", sa.Double, nullable=False),
        sa.Column("codec", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("has_thumbnail", sa.Boolean, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("meeting_id", sa.Integer),
        sa.Column("source_id", sa.String(36)),
        sa.Column("info", sa.JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("file_id", name="uq_media_files_file_id"),
    )
    for columns in (["user_id", "id"], ["meeting_id", "id"], ["created_at"], ["source_id"]):
        op.create_index(f"ix_media_files_{'_'.join(columns)}", "media_files", columns)


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("media_files")
