"""What each station says of itself: how much waits there, how much it set aside, and which form it shows."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what a station tells; unknown for those that have not told it yet."""
    op.add_column("station_epoch", sa.Column("waiting", sa.Integer()))
    op.add_column("station_epoch", sa.Column("aside", sa.Integer()))
    op.add_column("station_epoch", sa.Column("form", sa.String()))
    op.add_column("station_epoch", sa.Column("told_at", sa.DateTime()))
