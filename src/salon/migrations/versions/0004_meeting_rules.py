"""Lobby, moderation and locks of meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_BATCH = 1000


def upgrade() -> None:
    """Make the tables and columns."""
    op.add_column("meetings", sa.Column("locked", sa.Boolean, nullable=False, server_default=sa.false()))
    for column in (
        sa.Column("audio_block", sa.String(8), nullable=False, server_default="free"),
        sa.Column("video_block", sa.String(8), nullable=False, server_default="free"),
        sa.Column("admitted", sa.Boolean, nullable=False, server_default=sa.true()),
    ):
        op.add_column("meeting_participants", column)
    op.create_table(
        "meeting_knocks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "meeting_id",
            sa.Integer,
            sa.ForeignKey("meetings.id", name="fk_meeting_knocks_meeting_id_meetings"),
            nullable=False,
        ),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT),
        sa.UniqueConstraint("meeting_id", "user_id", name="uq_meeting_knocks_meeting_id_user_id"),
    )
    op.create_index("ix_meeting_knocks_meeting_id_state", "meeting_knocks", ["meeting_id", "state"])
    op.create_index("ix_meetings_status_end_time", "meetings", ["status", "end_time"])
    op.create_index(
        "ix_meeting_participants_meeting_id_status", "meeting_participants", ["meeting_id", "status"]
    )
    _forget_unchosen_settings()


def _forget_unchosen_settings() -> None:
    """Every switch used to be stored, chosen or not, and had no effect; from now on what is stored counts."""
    meetings = sa.table("meetings", sa.column("id", sa.Integer), sa.column("settings", sa.JSON))
    connection = op.get_bind()
    last = 0
    while True:
        query = sa.select(meetings.c.id, meetings.c.settings).where(meetings.c.id > last)
        rows = connection.execute(query.order_by(meetings.c.id).limit(_BATCH)).all()
        if not rows:
            return
        for row in rows:
            chosen = {name: True for name, value in row.settings.items() if value is True}
            connection.execute(sa.update(meetings).where(meetings.c.id == row.id).values(settings=chosen))
        last = rows[-1].id


def downgrade() -> None:
    """Take them away again; the switches read as before, for what is absent is off."""
    op.drop_index("ix_meeting_participants_meeting_id_status", "meeting_participants")
    op.drop_index("ix_meetings_status_end_time", "meetings")
    op.drop_table("meeting_knocks")
    for column in ("admitted", "video_block", "audio_block"):
        op.drop_column("meeting_participants", column)
    op.drop_column("meetings", "locked")
