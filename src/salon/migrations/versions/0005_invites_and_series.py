"""Invite links, guests, recurring meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def _meeting(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("meetings.id", name=f"fk_{table}_meeting_id_meetings")
    return sa.Column("meeting_id", sa.Integer, key, nullable=False)


def upgrade() -> None:
    """Make the tables and columns."""
    op.create_table(
        "meeting_invites",
        sa.Column("id", sa.Integer, primary_key=True),
        _meeting("meeting_invites"),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("role", sa.Integer, nullable=False),
        sa.Column("guests", sa.Boolean, nullable=False),
        sa.Column("max_uses", sa.Integer),
        sa.Column("uses", sa.Integer, nullable=False),
        sa.Column("created_by", sa.Integer, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT),
        sa.UniqueConstraint("token_hash", name="uq_meeting_invites_token_hash"),
    )
    op.create_index("ix_meeting_invites_meeting_id", "meeting_invites", ["meeting_id"])
    op.create_table(
        "meeting_series",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("creator_id", sa.Integer, nullable=False),
        sa.Column("rule", sa.String(255), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("shift_s", sa.Integer, nullable=False),
        sa.Column("duration_s", sa.Integer, nullable=False),
        sa.Column("template", sa.JSON, nullable=False),
        sa.Column("made_until", _MOMENT, nullable=False),
        sa.Column("ends_before", _MOMENT),
        sa.Column("is_complete", sa.Boolean, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_index(
        "ix_meeting_series_is_complete_made_until", "meeting_series", ["is_complete", "made_until"]
    )
    op.create_table(
        "meeting_letters",
        sa.Column("id", sa.Integer, primary_key=True),
        _meeting("meeting_letters"),
        sa.Column("email", sa.String(100), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("base_url", sa.String(255), nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=False),
        sa.Column("cancelled_at", _MOMENT),
        sa.UniqueConstraint("meeting_id", "email", name="uq_meeting_letters_meeting_id_email"),
    )
    for column in (
        sa.Column("series_id", sa.Integer),
        sa.Column("series_start", _MOMENT),
        sa.Column("sequence", sa.Integer, nullable=False, server_default="0"),
        sa.Column("is_exception", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("meetings", column)
    op.create_index("ix_meetings_series_id_series_start", "meetings", ["series_id", "series_start"])
    op.add_column("meeting_participants", sa.Column("invite_id", sa.Integer))
    op.add_column(
        "meeting_participants", sa.Column("is_guest", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_index("ix_meeting_participants_invite_id", "meeting_participants", ["invite_id"])


def downgrade() -> None:
    """Take them away again; meetings of a series stay as single ones."""
    op.drop_index("ix_meeting_participants_invite_id", "meeting_participants")
    for column in ("is_guest", "invite_id"):
        op.drop_column("meeting_participants", column)
    op.drop_index("ix_meetings_series_id_series_start", "meetings")
    for column in ("is_exception", "sequence", "series_start", "series_id"):
        op.drop_column("meetings", column)
    for table in ("meeting_letters", "meeting_series", "meeting_invites"):
        op.drop_table(table)
