"""Durable jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the queue, and the table of what waits for what."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("progress", sa.Double, nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("result", sa.JSON),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("waits", sa.Integer, nullable=False),
        sa.Column("is_cancelled", sa.Boolean, nullable=False),
        sa.Column("run_at", _MOMENT, nullable=False),
        sa.Column("lease", sa.String(36), nullable=False),
        sa.Column("lease_until", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("started_at", _MOMENT),
        sa.Column("finished_at", _MOMENT),
        sa.UniqueConstraint("job_id", name="uq_jobs_job_id"),
    )
    for columns in (["status", "run_at"], ["subject", "id"], ["kind", "finished_at"]):
        op.create_index(f"ix_jobs_{'_'.join(columns)}", "jobs", columns)
    op.create_table(
        "job_after",
        sa.Column("job_id", sa.String(36), primary_key=True),
        sa.Column("after_id", sa.String(36), primary_key=True),
    )
    op.create_index("ix_job_after_after_id", "job_after", ["after_id"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("job_after")
    op.drop_table("jobs")
