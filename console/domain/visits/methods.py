"""Payment methods: a list kept in the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.business import steps
from console.domain.errors import Invalid, NotFound, Problem, Refused, constraint
from console.domain.ids import MethodId
from console.domain.operation import operation
from console.domain.running import Done, Operation
from console.domain.team.rules import Permission
from console.domain.text import fold
from console.domain.undo import restore
from console.domain.visits.tables import PaymentMethod

constraint("payment_method_elsewhere_check", NotFound)

Names = Mapping[str, str]
"""Language to name."""

USUAL: tuple[tuple[dict[str, str], bool], ...] = (
    ({"en": "Cash", "ru": "Наличные"}, True),
    ({"en": "Card", "ru": "Карта"}, False),
    ({"en": "Transfer", "ru": "Перевод"}, False),
)
"""What a new database begins with, and whether it lies in the drawer."""


class LastMethod(Refused):
    """There is always a way to pay."""

    key = "refused.last_method"


@dataclass(frozen=True)
class MethodView:
    """A payment method as lists and forms show it."""

    id: MethodId
    version: int
    operation: int
    names: Names
    position: int
    drawer: bool
    retired_at: datetime | None


async def begin() -> None:
    """Put in the usual methods where there are none yet, as a part of what begins a database."""
    if await db.fetchval("SELECT EXISTS (SELECT FROM payment_method)"):
        return
    rows = [(json.dumps(names), at, drawer) for at, (names, drawer) in enumerate(USUAL, 1)]
    await db.execute(
        "WITH begun AS (INSERT INTO payment_method (version, operation, names, position, drawer, elsewhere)"
        "  SELECT 1, (SELECT min(id) FROM operation), *, false FROM unnest($1::jsonb[], $2::int[], $3::bool[])"
        "  RETURNING id, operation)"
        " INSERT INTO change (operation, entity, entity_id, fields, created)"
        " SELECT operation, 'payment_method', id, '{}', true FROM begun ORDER BY id",
        *map(list, zip(*rows, strict=True)),
    )


async def _lock_all(op: Operation) -> None:
    rows = await db.fetch("SELECT id FROM payment_method")
    await op.lock(PaymentMethod, [row["id"] for row in rows])


async def _keep_one() -> None:
    """Raise `LastMethod` where none of the methods, which must be locked, is on any more."""
    if await db.fetchval("SELECT bool_and(retired_at IS NOT NULL) FROM payment_method"):
        raise LastMethod


async def _told_apart(method: int) -> None:
    """Raise `Invalid` at its name where a method that is on is called like another one; all of them must be locked."""
    others = [one for one in await methods() if one.retired_at is None]
    mine = next((one for one in others if one.id == method), None)
    taken = [
        language
        for language, name in (mine.names if mine else {}).items()
        if any(one.id != method and fold(one.names.get(language, "")) == fold(name) for one in others)
    ]
    if taken:
        raise Invalid({f"name_{language}": Problem("problem.method_taken") for language in taken})


async def _restore(op: Operation, done: Done) -> None:
    await _lock_all(op)
    await restore(op, done)
    await _keep_one()
    await _told_apart(await db.fetchval("SELECT entity_id FROM change WHERE operation = $1 LIMIT 1", done.id))


@operation("payment_method.add", permission=Permission.BUSINESS_CHANGE, undo=_restore)
async def add(op: Operation, names: Names, drawer: bool) -> dict[str, int]:
    """Add a method at the end of the list. `drawer`: it lies in the till and is counted at its close."""
    await _lock_all(op)
    last = await db.fetchval("SELECT coalesce(max(position), 0) FROM payment_method")
    method = await op.insert(PaymentMethod, names=dict(names), position=last + 1, drawer=drawer, elsewhere=False)
    await _told_apart(method)
    return {"payment_method": method}


@operation("payment_method.change", permission=Permission.BUSINESS_CHANGE, undo=_restore)
async def change(
    op: Operation, method: MethodId, version: int, names: Names, position: int, drawer: bool
) -> dict[str, int]:
    """Change what a method is called, where it stands, and whether it lies in the drawer. Raises `Stale`."""
    await _lock_all(op)
    kept = await steps.kept_names(PaymentMethod, method, names)
    await op.update(PaymentMethod, method, version, {"names": kept, "position": position, "drawer": drawer})
    await _told_apart(method)
    return {"payment_method": method}


@operation("payment_method.retire", permission=Permission.BUSINESS_CHANGE, undo=_restore)
async def retire(op: Operation, method: MethodId) -> dict[str, int]:
    """Offer a method no more; what was paid by it stays. Raises `LastMethod`."""
    await _lock_all(op)
    row = await db.fetchrow("SELECT retired_at FROM payment_method WHERE id = $1", method)
    await op.update(PaymentMethod, method, None, {"retired_at": (row and row["retired_at"]) or op.now})
    await _keep_one()
    return {"payment_method": method}


@operation("payment_method.readmit", permission=Permission.BUSINESS_CHANGE, undo=_restore)
async def readmit(op: Operation, method: MethodId) -> dict[str, int]:
    """Offer a method again. Raises `Invalid` where another one is called so by now."""
    await _lock_all(op)
    await op.update(PaymentMethod, method, None, {"retired_at": None})
    await _told_apart(method)
    return {"payment_method": method}


_METHODS = "SELECT id, version, operation, names, position, drawer, retired_at FROM payment_method WHERE NOT elsewhere"


async def methods() -> list[MethodView]:
    """All methods in their order, those that are off last."""
    rows = await db.fetch(f"{_METHODS} ORDER BY retired_at IS NOT NULL, position, id")
    return [_view(row) for row in rows]


async def method(method_id: int) -> MethodView:
    """One method. Raises `NotFound`."""
    row = await db.fetchrow(f"{_METHODS} AND id = $1", method_id)
    if row is None:
        raise NotFound
    return _view(row)


@named("payment_method")
async def method_names(ids: Sequence[int]) -> dict[int, Name]:
    """What methods are called."""
    rows = await db.fetch("SELECT id, names FROM payment_method WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: Name(json.loads(row["names"])) for row in rows}


def _view(row: Mapping[str, Any]) -> MethodView:
    return MethodView(**{**row, "names": json.loads(row["names"])})
