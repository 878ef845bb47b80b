"""Projects, membership, keys, sliver infos and issued certificates, for the Federation API.

Whoever made a slice leads it. What members' certificates say of them moves into columns.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gcf_am.trust.certificates import load_chain

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "project",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("urn", sa.String(255), nullable=False),
        sa.Column("urn_key", sa.String(255), nullable=False),
        sa.Column("live_key", sa.String(255), unique=True),
        sa.Column("uuid", sa.String(36), nullable=False, unique=True),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger),
    )
    op.create_index("project_urn", "project", ["urn_key"])
    _members()
    _slices()
    for kind in ("project", "slice"):
        op.create_table(
            f"{kind}_member",
            sa.Column(f"{kind}_id", sa.Integer, sa.ForeignKey(f"{kind}.id"), primary_key=True),
            sa.Column("member_id", sa.Integer, sa.ForeignKey("member.id"), primary_key=True),
            sa.Column("role", sa.String(8), nullable=False),
        )
        op.create_index(f"{kind}_member_of", f"{kind}_member", ["member_id"])
        op.create_index(
            f"{kind}_lead",
            f"{kind}_member",
            [f"{kind}_id"],
            unique=True,
            sqlite_where=sa.text("role = 'LEAD'"),
        )
    op.create_table(
        "ssh_key",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key_id", sa.String(64), nullable=False, unique=True),
        sa.Column("member_id", sa.Integer, sa.ForeignKey("member.id"), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("public", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
    )
    op.create_index("ssh_key_member", "ssh_key", ["member_id"])
    op.create_table(
        "sliver_info",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("urn", sa.String(512), nullable=False),
        sa.Column("urn_key", sa.String(512), nullable=False, unique=True),
        sa.Column("slice_id", sa.Integer, sa.ForeignKey("slice.id"), nullable=False),
        sa.Column("aggregate", sa.String(512), nullable=False),
        sa.Column("aggregate_key", sa.String(512), nullable=False),
        sa.Column("creator", sa.String(512), nullable=False),
        sa.Column("creator_key", sa.String(512), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger),
    )
    op.create_index("sliver_info_slice", "sliver_info", ["slice_id"])
    op.create_index("sliver_info_creator", "sliver_info", ["creator_key"])
    for name, size in (("name", 255), ("short_name", 64)):
        op.add_column(
            "aggregate", sa.Column(name, sa.String(size), nullable=False, server_default="")
        )
    for name in ("description", "certificate"):
        op.add_column("aggregate", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("event", sa.Column("tool", sa.String(255), nullable=False, server_default=""))
    _keep()


def _members() -> None:
    for name in ("uuid", "first_name", "last_name", "email", "name"):
        op.add_column("member", sa.Column(name, sa.String(255), nullable=False, server_default=""))
    for name, value in (("enabled", "1"), ("makes_projects", "0")):
        op.add_column(
            "member", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.text(value))
        )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("issuer", sa.String(8), nullable=False),
        # up to 160 bits, more than any integer column holds
        sa.Column("serial", sa.String(50), nullable=False),
        sa.Column("urn", sa.String(512), nullable=False),
        sa.Column("urn_key", sa.String(512), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("not_after", sa.BigInteger, nullable=False),
        sa.Column("revoked", sa.BigInteger),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.UniqueConstraint("issuer", "serial"),
    )
    op.create_index("certificate_urn", "certificate", ["urn_key"])
    op.create_index("certificate_key", "certificate", ["key"])


def _slices() -> None:
    op.add_column("slice", sa.Column("description", sa.Text, nullable=False, server_default=""))
    op.add_column("slice", sa.Column("urn_key", sa.String(255), nullable=False, server_default=""))
    # Alembic leaves the reference out where SQLite would take it
    op.execute("ALTER TABLE slice ADD COLUMN project_id INTEGER REFERENCES project (id)")
    op.create_index("slice_urn", "slice", ["urn_key"])
    op.create_index("slice_project", "slice", ["project_id"])


def _keep() -> None:
    """Fill what was made before."""
    connection = op.get_bind()
    member, slices, people, issued = (
        sa.table(name, *(sa.column(one) for one in columns.split()))
        for name, columns in (
            ("member", "id urn urn_key name uuid email certificate"),
            ("slice", "id urn urn_key owner_id"),
            ("slice_member", "slice_id member_id role"),
            ("certificate", "issuer serial urn urn_key key not_after reason"),
        )
    )
    for row in connection.execute(sa.select(member.c.id, member.c.urn_key, member.c.certificate)):
        leaf = load_chain(row.certificate)[0]
        told: dict[str, Any] = {
            "name": leaf.named.name,
            "uuid": leaf.uuid or "",
            "email": (leaf.email or "").lower(),
        }
        connection.execute(sa.update(member).where(member.c.id == row.id).values(told))
        connection.execute(
            sa.insert(issued).values(
                issuer="ma",
                serial=str(leaf.parsed.serial_number),
                urn=leaf.named.text,
                urn_key=row.urn_key,
                key=leaf.key,
                not_after=int(leaf.not_after.timestamp()),
                reason="",
            )
        )
    connection.execute(
        sa.insert(people).from_select(
            ["slice_id", "member_id", "role"],
            sa.select(slices.c.id, slices.c.owner_id, sa.literal("LEAD")),
        )
    )
    # decision 27: keys are lower case; a slice's spelling is ASCII
    prefix = len("urn:publicid:IDN+") + 1
    connection.execute(
        sa.update(slices).values(urn_key=sa.func.lower(sa.func.substr(slices.c.urn, prefix)))
    )
