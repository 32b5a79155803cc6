"""What an erasure leaves in the tables' files: older versions of rows, until they are taken out of them.

The planner's statistics quote values of the rows that there were, until there are new ones.

That is not part of the erasure: it cannot be done in a transaction, and the role needs more than to write.
"""

from __future__ import annotations

from datetime import datetime

from console.domain import db
from console.domain.clients import parts
from console.domain.tables import Entity

PATIENCE = 600
"""Seconds that a table may take."""
BESIDE = ("client_opened", "client_reach", "client_token", "client_word", "former", "operation", "ticket_draft")
"""Tables of no entity from which an erasure takes personal values, or what they could be tried out against."""

_MAY = """
    SELECT relname AS name, pg_has_role(relowner, 'USAGE') OR CASE
        WHEN current_setting('server_version_num')::int >= 170000 THEN has_table_privilege(oid, 'MAINTAIN') ELSE false
    END AS may FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname = ANY($1::text[]) ORDER BY relname
"""


def tables() -> list[str]:
    """The tables that hold personal values, by their names."""
    return sorted({*Entity.personal, *BESIDE})


async def clean(since: datetime) -> list[str]:
    """Clean the tables' files and statistics if anybody was erased since then.

    Answers the tables that this role may not clean.
    """
    kinds = [f"{entity}.erase" for entity in ("client", "ticket_mail", *parts.ERASABLE)]
    erased = "SELECT EXISTS (SELECT FROM operation WHERE at >= $1 AND kind = ANY($2::text[]))"
    if not await db.fetchval(erased, since, kinds):
        return []
    rows = await db.fetch(_MAY, tables())
    for row in rows:
        if row["may"]:
            await _vacuum(row["name"])
    return [row["name"] for row in rows if not row["may"]]


async def _vacuum(table: str) -> None:
    async with db.connection() as connection:
        await connection.execute(f"SET statement_timeout = '{PATIENCE}s'")
        try:
            await connection.execute(f'VACUUM (ANALYZE) "{table}"', timeout=2 * PATIENCE)
        finally:
            await connection.execute("RESET statement_timeout")
