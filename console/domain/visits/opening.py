"""The use case of running the programme over what somebody came for before this console."""

from __future__ import annotations

from datetime import date
from typing import Any

from console.domain import db
from console.domain.clients import steps as clients
from console.domain.errors import Refused
from console.domain.ids import ClientId, VisitId
from console.domain.loyalty import opening as loyalty
from console.domain.loyalty.queries import versions
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission
from console.domain.visits.stamping import prices_of


class Opened(Refused):
    """A card on which there is something already: the programme ran over it, or visits here were stamped."""

    key = "refused.card_opened"


class NoProgramme(Refused):
    """A date on which no version of the programme is in force; the first one may be published from a past date on."""

    key = "refused.no_programme_then"


async def ruled(on: date) -> None:
    """Raise `NoProgramme` for a date without rules."""
    if not (await versions()).version(on).number:
        raise NoProgramme


@operation("loyalty.open", permission=Permission.PROGRAMME_CHANGE, undo=FINAL)
async def open_card(op: Operation, client: ClientId, as_of: date) -> dict[str, Any]:
    """Put on the card of a client what their visits through a date would have brought; what is on it then.

    Raises `NotFound`, `Opened`, `NoProgramme`.
    """
    await clients.lock(op, client)
    await ruled(as_of)
    if not await loyalty.unopened([client]):
        raise Opened
    return await opened(op, client, as_of)


async def opened(op: Operation, client: ClientId, as_of: date) -> dict[str, Any]:
    """The same as a part of another operation, of a client on whose card nothing is yet, on a date with rules."""
    await clients.lock(op, client)
    rows = await db.fetch("SELECT id FROM visit WHERE client = $1 AND retired_at IS NULL", client)
    prices = await prices_of([VisitId(row["id"]) for row in rows])
    return loyalty.holding(await loyalty.open_card(op, client, prices, as_of))
