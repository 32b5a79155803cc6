"""Reasons that are chosen where something is called off or permitted: a list a use, kept in the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.booking.rules import ReasonUse
from console.domain.booking.tables import Reason
from console.domain.business import steps
from console.domain.errors import NotFound
from console.domain.ids import ReasonId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.undo import restore

Names = Mapping[str, str]
"""Language to name."""

USUAL: dict[ReasonUse, tuple[dict[str, str], ...]] = {
    ReasonUse.CANCELLATION: (
        {"en": "Ill", "ru": "Болезнь"},
        {"en": "Other plans", "ru": "Изменились планы"},
        {"en": "Too expensive", "ru": "Дорого"},
        {"en": "We are short of people", "ru": "Не хватает сотрудников"},
        {"en": "Booked by mistake", "ru": "Записали по ошибке"},
    ),
    ReasonUse.NO_SHOW: (
        {"en": "Forgot", "ru": "Забыли"},
        {"en": "Nobody answered", "ru": "Никто не ответил"},
        {"en": "Nobody at home", "ru": "Никого не было дома"},
    ),
    ReasonUse.OVERBOOKING: (
        {"en": "Regular client", "ru": "Постоянный клиент"},
        {"en": "Putting something right", "ru": "Исправляем свою ошибку"},
        {"en": "A colleague helps out", "ru": "Поможет коллега"},
    ),
    ReasonUse.PRICE: (
        {"en": "As quoted", "ru": "Как договаривались"},
        {"en": "More work than usual", "ru": "Работы больше обычного"},
        {"en": "Less work than usual", "ru": "Работы меньше обычного"},
        {"en": "Putting something right", "ru": "Исправляем свою ошибку"},
    ),
    ReasonUse.REFUND: (
        {"en": "Not well done", "ru": "Сделали плохо"},
        {"en": "Not done in full", "ru": "Сделали не всё"},
        {"en": "Charged by mistake", "ru": "Взяли по ошибке"},
    ),
    ReasonUse.FEE_WAIVER: (
        {"en": "A good reason", "ru": "Уважительная причина"},
        {"en": "Regular client", "ru": "Постоянный клиент"},
        {"en": "Our mistake", "ru": "Наша ошибка"},
    ),
    ReasonUse.TILL: (
        {"en": "Wrong change", "ru": "Ошиблись со сдачей"},
        {"en": "Cash taken out", "ru": "Брали деньги из кассы"},
        {"en": "Not known", "ru": "Причина неизвестна"},
    ),
}
"""What a new database begins with."""


@dataclass(frozen=True)
class ReasonView:
    """A reason as lists and forms show it."""

    id: ReasonId
    version: int
    operation: int
    use: ReasonUse
    names: Names
    position: int
    retired_at: datetime | None


async def begin() -> None:
    """Put in the usual reasons of the uses that have none yet, as a part of what begins a database."""
    there = {row["use"] for row in await db.fetch("SELECT DISTINCT use FROM reason")}
    rows = [
        (use.value, json.dumps(names), at)
        for use, usual in USUAL.items()
        if use not in there
        for at, names in enumerate(usual, 1)
    ]
    if not rows:
        return
    await db.execute(
        "WITH begun AS (INSERT INTO reason (version, operation, use, names, position)"
        "  SELECT 1, (SELECT min(id) FROM operation), * FROM unnest($1::text[], $2::jsonb[], $3::int[])"
        "  RETURNING id, operation)"
        " INSERT INTO change (operation, entity, entity_id, fields, created)"
        " SELECT operation, 'reason', id, '{}', true FROM begun ORDER BY id",
        *map(list, zip(*rows, strict=True)),
    )


@operation("reason.add", permission=Permission.BUSINESS_CHANGE, undo=restore)
async def add(op: Operation, use: ReasonUse, names: Names) -> dict[str, int]:
    """Add a reason at the end of its list."""
    last = await db.fetchval("SELECT coalesce(max(position), 0) FROM reason WHERE use = $1", use.value)
    return {"reason": await op.insert(Reason, use=use.value, names=dict(names), position=last + 1)}


@operation("reason.change", permission=Permission.BUSINESS_CHANGE, undo=restore)
async def change(op: Operation, reason: ReasonId, version: int, names: Names, position: int) -> dict[str, int]:
    """Change what a reason is called and where it stands. Raises `Stale`."""
    await op.lock(Reason, [reason])
    kept = await steps.kept_names(Reason, reason, names)
    await op.update(Reason, reason, version, {"names": kept, "position": position})
    return {"reason": reason}


@operation("reason.retire", permission=Permission.BUSINESS_CHANGE, undo=restore)
async def retire(op: Operation, reason: ReasonId) -> dict[str, int]:
    """Offer a reason no more; where it was given it stays."""
    await op.lock(Reason, [reason])
    row = await db.fetchrow("SELECT retired_at FROM reason WHERE id = $1", reason)
    await op.update(Reason, reason, None, {"retired_at": (row and row["retired_at"]) or op.now})
    return {"reason": reason}


@operation("reason.readmit", permission=Permission.BUSINESS_CHANGE, undo=restore)
async def readmit(op: Operation, reason: ReasonId) -> dict[str, int]:
    """Offer a reason again."""
    await op.lock(Reason, [reason])
    await op.update(Reason, reason, None, {"retired_at": None})
    return {"reason": reason}


_REASONS = "SELECT id, version, operation, use, names, position, retired_at FROM reason"


async def reasons(use: ReasonUse | None = None) -> list[ReasonView]:
    """The reasons of a use (of all for None) in their order, those that are off last."""
    rows = await db.fetch(
        f"{_REASONS} WHERE $1::text IS NULL OR use = $1 ORDER BY retired_at IS NOT NULL, position, id", use
    )
    return [_view(row) for row in rows]


async def reason(reason_id: int) -> ReasonView:
    """One reason. Raises `NotFound`."""
    row = await db.fetchrow(f"{_REASONS} WHERE id = $1", reason_id)
    if row is None:
        raise NotFound
    return _view(row)


def _view(row: Mapping[str, Any]) -> ReasonView:
    return ReasonView(**{**row, "use": ReasonUse(row["use"]), "names": json.loads(row["names"])})
