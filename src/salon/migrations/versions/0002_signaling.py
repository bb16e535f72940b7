"""Signaling sessions and relayed messages."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables of the signaling service."""
    op.create_table(
        "signaling_sessions",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("meeting_id", sa.BigInteger, nullable=False),
        sa.Column("peer_id", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("joined_at", _MOMENT, nullable=False),
        sa.Column("last_ping_at", _MOMENT),
        sa.Column("disconnected_at", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("session_id", name="uq_signaling_sessions_session_id"),
    )
    op.create_index("ix_signaling_sessions_meeting_id_status", "signaling_sessions", ["meeting_id", "status"])
    op.create_table(
        "signaling_messages",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("from_user_id", sa.BigInteger, nullable=False),
        sa.Column("to_user_id", sa.BigInteger),
        sa.Column("meeting_id", sa.BigInteger, nullable=False),
        sa.Column("message_type", sa.Integer, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
    )
    op.create_index(
        "ix_signaling_messages_meeting_id_created_at", "signaling_messages", ["meeting_id", "created_at"]
    )


def downgrade() -> None:
    """Remove them again."""
    op.drop_table("signaling_messages")
    op.drop_table("signaling_sessions")
