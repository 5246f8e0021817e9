"""People and permissions, set-up, registered stations, tickets, numbered forms, and the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UNCHANGEABLE = ("UPDATE", "DELETE")


def upgrade() -> None:
    """Add what people need. Every survey, unit and station stays as it was."""
    moment, binary, json, day = sa.DateTime(), sa.LargeBinary(), sa.JSON(), sa.Integer()
    _accounts(moment, binary)
    for table in ("unit", "service"):
        op.add_column(table, sa.Column("active_from", day))
        op.add_column(table, sa.Column("active_to", day))
    op.add_column("agency", sa.Column("languages", json))
    op.add_column("agency", sa.Column("logo", binary))
    for name in ("notice", "thanks", "hours"):
        op.add_column("survey", sa.Column(name, json))
    op.create_index("survey_name", "survey", ["name"], unique=True)  # its address, whatever the agency
    op.add_column("survey", sa.Column("tickets", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("station", sa.Column("pin", sa.String()))
    op.execute("ALTER TABLE station ADD COLUMN token INTEGER REFERENCES token (number)")  # Alembic cannot, on SQLite
    op.add_column("station", sa.Column("registered_at", moment))
    op.add_column("station", sa.Column("retired_at", moment))
    op.add_column("station_epoch", sa.Column("proven_at", moment))
    _surveys(moment, binary)
    _audit(moment, binary)


def _number() -> sa.Column[int]:
    return sa.Column("number", sa.Integer(), primary_key=True)


def _of(name: str, *, key: bool = False, nullable: bool = False) -> sa.Column[int]:
    """A column that refers to the table of its name."""
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{name}.number"), primary_key=key, nullable=nullable)


def _accounts(moment: sa.DateTime, binary: sa.LargeBinary) -> None:
    op.create_table(
        "account",
        _number(),
        sa.Column("name", sa.String(), nullable=False, unique=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("all_units", sa.Boolean(), nullable=False),
        sa.Column("password", sa.String()),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.Column("disabled_at", moment),
    )
    op.create_table("account_unit", _of("account", key=True), _of("unit", key=True))
    op.create_table(
        "login",
        sa.Column("token", binary, primary_key=True),
        _of("account"),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=False),
    )
    op.create_table(
        "one_time_code",
        sa.Column("code", binary, primary_key=True),
        _of("account", nullable=True),
        _of("station", nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("used_at", moment),
    )
    op.create_table(
        "throttle",
        sa.Column("key", binary, primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_at", moment, nullable=False),
        sa.Column("free_at", moment),
    )
    op.create_table(
        "token",
        _number(),
        sa.Column("id", sa.String(), nullable=False, unique=True),
        sa.Column("secret", binary, nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        _of("account", nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("expires_at", moment),
        sa.Column("used_at", moment),
        sa.Column("revoked_at", moment),
    )


def _surveys(moment: sa.DateTime, binary: sa.LargeBinary) -> None:
    op.create_table(
        "quota",
        _of("survey", key=True),
        _of("service", key=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
    )
    op.create_table(
        "draft",
        _number(),
        sa.Column("name", sa.String(), nullable=False, unique=True),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
    )
    op.create_table(
        "tombstone",
        sa.Column("response", sa.Integer(), primary_key=True),
        _of("agency"),
        sa.Column("id", sa.Uuid(), nullable=False),
        _of("survey"),
        sa.Column("digest", binary, nullable=False),
        _of("station", nullable=True),
        sa.Column("epoch", sa.Uuid()),
        sa.Column("sequence", sa.Integer()),
        sa.Column("deleted_at", moment, nullable=False),
        sa.Column("deleted_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.UniqueConstraint("agency", "id"),
    )
    op.create_table(
        "ticket",
        _of("survey", key=True),
        sa.Column("code", binary, primary_key=True),
        sa.Column("issued_at", moment, nullable=False),
        sa.Column("used_on", sa.Integer()),
    )
    op.create_table(
        "served",
        _of("unit", key=True),
        sa.Column("day", sa.Integer(), primary_key=True),
        sa.Column("served", sa.Integer(), nullable=False),
        sa.Column("offered", sa.Integer()),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
    )
    op.create_table(
        "paper_form",
        _of("survey", key=True),
        sa.Column("form", sa.Integer(), primary_key=True),
        sa.Column("first", binary),
        sa.Column("first_by", sa.String()),
        sa.Column("first_at", moment),
        sa.Column("second", binary),
        sa.Column("second_by", sa.String()),
        sa.Column("second_at", moment),
        sa.Column("response", sa.Uuid()),
    )


def _audit(moment: sa.DateTime, binary: sa.LargeBinary) -> None:
    op.create_table(
        "audit",
        _number(),
        sa.Column("at", moment, nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("digest", binary, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        for change in UNCHANGEABLE:
            op.execute(
                f"CREATE TRIGGER audit_refuses_{change.lower()} BEFORE {change} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_refuses BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuses()"
    )
