"""The tables of the walking whole, and the view ``answer`` that shows packed answers as rows."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The code at a position of the packed answers: PostgreSQL reads a byte, SQLite its two hexadecimal digits.
BYTE = {
    "postgresql": "get_byte(r.answers, c.position - 1)",
    "sqlite": (
        "(instr('0123456789ABCDEF', substr(hex(substr(r.answers, c.position, 1)), 1, 1)) - 1) * 16"
        " + instr('0123456789ABCDEF', substr(hex(substr(r.answers, c.position, 1)), 2, 1)) - 1"
    ),
}


def upgrade() -> None:
    """Make every table, its indexes, and the view."""
    json, binary, moment = sa.JSON(), sa.LargeBinary(), sa.DateTime()
    op.create_table(
        "agency",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False, unique=True),
        sa.Column("label", json, nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
    )
    op.create_table(
        "unit",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("agency", sa.Integer(), sa.ForeignKey("agency.number"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("label", json, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.UniqueConstraint("agency", "name"),
    )
    op.create_table(
        "service",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("agency", sa.Integer(), sa.ForeignKey("agency.number"), nullable=False),
        sa.Column("unit", sa.Integer(), sa.ForeignKey("unit.number"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("label", json, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.UniqueConstraint("agency", "name"),
    )
    op.create_table(
        "station",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("agency", sa.Integer(), sa.ForeignKey("agency.number"), nullable=False),
        sa.Column("unit", sa.Integer(), sa.ForeignKey("unit.number")),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.UniqueConstraint("agency", "name"),
    )
    op.create_table(
        "questionnaire",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.UniqueConstraint("name", "version"),
    )
    op.create_table(
        "questionnaire_column",
        sa.Column("questionnaire", sa.Integer(), sa.ForeignKey("questionnaire.number"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
    )
    op.create_table(
        "survey",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("agency", sa.Integer(), sa.ForeignKey("agency.number"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", json, nullable=False),
        sa.Column("questionnaire", sa.Integer(), sa.ForeignKey("questionnaire.number"), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("weight_convention", sa.String(), nullable=False),
        sa.Column("opens", sa.Integer()),
        sa.Column("closes", sa.Integer()),
        sa.Column("population", sa.Integer()),
        sa.Column("target", sa.Integer()),
        sa.Column("retention_months", sa.Integer(), nullable=False),
        sa.UniqueConstraint("agency", "name"),
    )
    op.create_table(
        "survey_unit",
        sa.Column("survey", sa.Integer(), sa.ForeignKey("survey.number"), primary_key=True),
        sa.Column("unit", sa.Integer(), sa.ForeignKey("unit.number"), primary_key=True),
    )
    op.create_table(
        "response",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("agency", sa.Integer(), sa.ForeignKey("agency.number"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey", sa.Integer(), sa.ForeignKey("survey.number"), nullable=False),
        sa.Column("questionnaire", sa.Integer(), sa.ForeignKey("questionnaire.number"), nullable=False),
        sa.Column("unit", sa.Integer(), sa.ForeignKey("unit.number")),
        sa.Column("service", sa.Integer(), sa.ForeignKey("service.number")),
        sa.Column("station", sa.Integer(), sa.ForeignKey("station.number")),
        sa.Column("epoch", sa.Uuid()),
        sa.Column("sequence", sa.Integer()),
        sa.Column("taken_sequence", sa.Integer()),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("submitted_at", moment, nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("answered_on", sa.Integer(), nullable=False),
        sa.Column("clock_offset", sa.Integer()),
        sa.Column("profile", binary, nullable=False),
        sa.Column("answers", binary, nullable=False),
        sa.Column("timings", binary, nullable=False),
        sa.Column("comment_digest", binary),
        sa.Column("digest", binary, nullable=False),
        sa.Column("flags", sa.SmallInteger(), nullable=False),
        sa.UniqueConstraint("agency", "id"),
        sa.UniqueConstraint("station", "epoch", "sequence"),
    )
    op.create_index("response_survey", "response", ["survey", "number"])
    op.create_table(
        "comment",
        sa.Column("response", sa.Integer(), sa.ForeignKey("response.number"), primary_key=True),
        sa.Column("text", sa.String(), nullable=False),
    )
    op.create_table(
        "set_aside",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("survey", sa.Integer(), sa.ForeignKey("survey.number")),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("device_time", moment),
        sa.Column("body", binary, nullable=False),
        sa.Column("body_digest", binary, nullable=False),
        sa.UniqueConstraint("id", "body_digest"),
    )
    op.execute(
        "CREATE VIEW answer AS SELECT r.id AS response, c.name AS item, "
        f"{BYTE[op.get_bind().dialect.name]} AS code "
        "FROM response r JOIN questionnaire_column c ON c.questionnaire = r.questionnaire"
    )
