"""Parts of erasing a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from piccolo.table import Table

from console.domain import db
from console.domain.ids import ClientId
from console.domain.running import Operation
from console.domain.tables import Entity, Record, referring
from console.domain.visits import queries as visits


def personal() -> Iterator[tuple[type[Table], str]]:
    """The tables that say who a client is, each with its column that is the client's id."""
    parts = list(Record.parts)
    for name, column in sorted(referring("client"), key=lambda one: parts.index(one[0])):
        if name in Entity.personal:
            yield Entity.by_name[name], column


async def empty(op: Operation, client: ClientId, more: Mapping[str, Sequence[int]]) -> None:
    """Empty everything that says who a client is, and `more` rows of tables that do; an effect a table tells of how
    many rows which columns.
    """
    for table, column in personal():
        name = table._meta.tablename
        rows = await db.fetch(f'SELECT id FROM "{name}" WHERE "{column}" = $1 ORDER BY id', client)  # noqa: S608
        ids = sorted({*(row["id"] for row in rows), *more.get(name, ())})
        emptied = [filled for one in ids if (filled := await op.erase(table, one))]
        if emptied:
            fields = [one for one in Entity.personal[name] if any(one in filled for filled in emptied)]
            op.effect("erase.goes", entity=name, count=len(emptied), fields=fields)


async def say_what_is_owed(op: Operation, client: ClientId) -> None:
    """Tell what nobody can receive any more, an effect a currency."""
    owed: dict[str, int] = {}
    for debt in await visits.debts(client):
        owed[debt.currency] = owed.get(debt.currency, 0) + debt.minor
    for currency, minor in owed.items():
        op.effect("erase.owed", minor=minor, currency=currency)


async def say_what_stays(op: Operation, client: ClientId) -> None:
    """Tell of the rows that stay under the pseudonym, an effect a table."""
    emptied = {table._meta.tablename for table, _ in personal()}
    for name, column in referring("client"):
        if name in Record.parts and name not in emptied:
            count = await db.fetchval(f'SELECT count(*) FROM "{name}" WHERE "{column}" = $1', client)  # noqa: S608
            if count:
                op.effect("erase.stays", entity=name, count=count)
