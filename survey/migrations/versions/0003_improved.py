"""What was improved lately, for the screen that invites to a survey."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the text by language; NULL where nothing is told."""
    op.add_column("survey", sa.Column("improved", sa.JSON(none_as_null=True)))
