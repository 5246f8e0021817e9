"""What each station has announced, and which of its numbers were set aside."""

import json
import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of announcements and fill it from what has arrived."""
    moment = sa.DateTime()
    op.create_table(
        "station_epoch",
        sa.Column("station", sa.Integer(), sa.ForeignKey("station.number"), primary_key=True),
        sa.Column("epoch", sa.Uuid(), primary_key=True),
        sa.Column("announced", sa.Integer(), nullable=False),
        sa.Column("first_at", moment, nullable=False),
        sa.Column("last_at", moment, nullable=False),
    )
    # SQLite adds a foreign key to a table that is there already only as part of the column.
    op.execute("ALTER TABLE set_aside ADD COLUMN station INTEGER REFERENCES station (number)")
    op.add_column("set_aside", sa.Column("epoch", sa.Uuid()))
    op.add_column("set_aside", sa.Column("sequence", sa.Integer()))
    _read_what_was_set_aside(op.get_bind())
    number = "coalesce(taken_sequence, sequence)"
    op.execute(
        "INSERT INTO station_epoch (station, epoch, announced, first_at, last_at) "
        "SELECT station, epoch, max(number), min(received_at), max(received_at) FROM ("
        f"SELECT station, epoch, {number} AS number, received_at FROM response "
        "UNION ALL SELECT station, epoch, sequence, received_at FROM set_aside) AS arrived "
        "WHERE station IS NOT NULL AND epoch IS NOT NULL AND number IS NOT NULL GROUP BY station, epoch"
    )


def _read_what_was_set_aside(connection: sa.Connection) -> None:
    """The station, epoch and sequence of what was kept word for word, where they can be read."""
    stations: dict[str, int] = {
        name: number for name, number in connection.execute(sa.text("SELECT name, number FROM station"))
    }
    aside = sa.table("set_aside", *(sa.column(name) for name in ("number", "body", "station", "sequence")))
    aside.append_column(sa.column("epoch", sa.Uuid()))
    for number, body in connection.execute(sa.select(aside.c.number, aside.c.body)).all():
        said: dict[str, Any] = json.loads(bytes(body))
        name, epoch, sequence = (said.get(key) for key in ("station", "epoch", "sequence"))
        station = stations.get(name) if isinstance(name, str) else None
        try:
            known = uuid.UUID(epoch)
        except (ValueError, TypeError, AttributeError):
            continue
        if station and type(sequence) is int and 1 <= sequence < 2**31:
            values = {"station": station, "epoch": known, "sequence": sequence}
            connection.execute(sa.update(aside).where(aside.c.number == number).values(values))
