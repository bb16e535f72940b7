"""Accounts, meetings, rooms, participants, chat."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of the user and meeting services."""
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("username", sa.String(50), nullable=False),
        sa.Column("username_key", sa.String(50), nullable=False),
        sa.Column("email", sa.String(100), nullable=False),
        sa.Column("email_key", sa.String(100), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("nickname", sa.String(50), nullable=False),
        sa.Column("avatar", sa.String(255), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("role", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("last_login", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("deleted_at", _MOMENT),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
        sa.UniqueConstraint("email_key", name="uq_users_email_key"),
        # Without it SQLite gives the number of a deleted last row out again.
        sqlite_autoincrement=True,
    )
    op.create_table(
        "meetings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("creator_id", sa.Integer, nullable=False),
        sa.Column("start_time", _MOMENT, nullable=False),
        sa.Column("end_time", _MOMENT, nullable=False),
        sa.Column("max_participants", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("meeting_type", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("deleted_at", _MOMENT),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_meetings_creator_id", "meetings", ["creator_id"])
    op.create_table(
        "meeting_rooms",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("meeting_id", sa.Integer, nullable=False),
        sa.Column("room_id", sa.String(100), nullable=False),
        sa.Column("sfu_node", sa.String(100), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_meeting_rooms_meeting_id_meetings"),
        sa.UniqueConstraint("meeting_id", name="uq_meeting_rooms_meeting_id"),
        sa.UniqueConstraint("room_id", name="uq_meeting_rooms_room_id"),
    )
    op.create_table(
        "meeting_participants",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("meeting_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("role", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("joined_at", _MOMENT),
        sa.Column("left_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name="fk_meeting_participants_meeting_id_meetings"
        ),
        sa.UniqueConstraint("meeting_id", "user_id", name="uq_meeting_participants_meeting_id_user_id"),
    )
    op.create_index(
        "ix_meeting_participants_user_id_meeting_id", "meeting_participants", ["user_id", "meeting_id"]
    )
    op.create_table(
        "chat_messages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("meeting_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("username", sa.String(50), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("session_id", sa.String(64)),
        sa.Column("extra", sa.JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_chat_messages_meeting_id_meetings"),
    )
    op.create_index("ix_chat_messages_meeting_id_id", "chat_messages", ["meeting_id", "id"])


def downgrade() -> None:
    """Take the tables away."""
    for table in ("chat_messages", "meeting_participants", "meeting_rooms", "meetings", "users"):
        op.drop_table(table)
