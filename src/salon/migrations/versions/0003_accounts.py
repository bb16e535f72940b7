"""Sign-ins that can be ended, resets, avatars, identities of other providers, second factors."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables and columns."""
    op.add_column("users", sa.Column("token_version", sa.Integer, nullable=False, server_default="0"))
    op.add_column("users", sa.Column("tokens_valid_from", _MOMENT))
    op.create_table(
        "user_revoked_sign_ins",
        sa.Column("sid", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
    )
    for column in ("user_id", "expires_at"):
        op.create_index(f"ix_user_revoked_sign_ins_{column}", "user_revoked_sign_ins", [column])
    op.create_table(
        "user_reset_codes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "user_id",
            sa.Integer,
            sa.ForeignKey("users.id", name="fk_user_reset_codes_user_id_users"),
            nullable=False,
        ),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("user_id", name="uq_user_reset_codes_user_id"),
    )
    _make_second_factors()


def _make_second_factors() -> None:
    op.create_table(
        "user_totp",
        sa.Column(
            "user_id",
            sa.Integer,
            sa.ForeignKey("users.id", name="fk_user_totp_user_id_users"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("sealed_secret", sa.String(255), nullable=False),
        sa.Column("enabled_at", _MOMENT),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "user_recovery_codes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "user_id",
            sa.Integer,
            sa.ForeignKey("users.id", name="fk_user_recovery_codes_user_id_users"),
            nullable=False,
        ),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", _MOMENT),
        sa.UniqueConstraint("user_id", "code_hash", name="uq_user_recovery_codes_user_id_code_hash"),
    )
    op.create_table(
        "user_identities",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "user_id",
            sa.Integer,
            sa.ForeignKey("users.id", name="fk_user_identities_user_id_users"),
            nullable=False,
        ),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("email", sa.String(100), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("issuer", "subject", name="uq_user_identities_issuer_subject"),
        sa.UniqueConstraint("user_id", "issuer", name="uq_user_identities_user_id_issuer"),
    )


def downgrade() -> None:
    """Take them away again."""
    for table in (
        "user_identities",
        "user_recovery_codes",
        "user_totp",
        "user_reset_codes",
        "user_revoked_sign_ins",
    ):
        op.drop_table(table)
    # Not as a batch: that would make the table anew, and with it everything that refers to it.
    op.drop_column("users", "tokens_valid_from")
    op.drop_column("users", "token_version")
