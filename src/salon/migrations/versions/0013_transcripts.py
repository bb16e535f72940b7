"""Transcripts with their full text index, and what people have agreed to."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)

# The text stays in the table and only the index lies in the FTS5 table: its own documentation, "External
# content tables", has these triggers. What is indexed is words and blanks already, folded once and for all.
_SQLITE = (
    "CREATE VIRTUAL TABLE transcript_search USING fts5("
    "search, content='transcript_lines', content_rowid='id', tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER transcript_search_added AFTER INSERT ON transcript_lines BEGIN "
    "INSERT INTO transcript_search(rowid, search) VALUES (new.id, new.search); END",
    "CREATE TRIGGER transcript_search_removed AFTER DELETE ON transcript_lines BEGIN "
    "INSERT INTO transcript_search(transcript_search, rowid, search) "
    "VALUES ('delete', old.id, old.search); END",
    "CREATE TRIGGER transcript_search_changed AFTER UPDATE OF id, search ON transcript_lines BEGIN "
    "INSERT INTO transcript_search(transcript_search, rowid, search) "
    "VALUES ('delete', old.id, old.search); "
    "INSERT INTO transcript_search(rowid, search) VALUES (new.id, new.search); END",
)
_POSTGRESQL = (
    "CREATE INDEX transcript_search ON transcript_lines USING gin (to_tsvector('simple', search))",
)


def upgrade() -> None:
    """Make both tables, and the index."""
    op.create_table(
        "transcript_lines",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("line_id", sa.String(64), nullable=False),
        sa.Column("meeting_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("speaker", sa.String(100), nullable=False),
        sa.Column("speaker_key", sa.String(128), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("confidence", sa.Double, nullable=False),
        sa.Column("words", sa.JSON, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.UniqueConstraint("line_id", name="uq_transcript_lines_line_id"),
    )
    for columns in (["meeting_id", "started_at", "id"], ["started_at"], ["user_id"]):
        op.create_index(f"ix_transcript_lines_{'_'.join(columns)}", "transcript_lines", columns)
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
    op.create_table(
        "ai_consents",
        sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("mood_from_voice", sa.Boolean, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
    )


def downgrade() -> None:
    """Take it all away again."""
    op.drop_table("ai_consents")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE transcript_search")
    # Its triggers and its indexes go with it.
    op.drop_table("transcript_lines")
