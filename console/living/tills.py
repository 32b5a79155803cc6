"""Counting the till in the evening."""

from __future__ import annotations

from datetime import date
from random import Random

from console.domain.booking.reasons import reasons
from console.domain.booking.rules import ReasonUse
from console.domain.ids import ReasonId
from console.domain.visits import tills
from console.domain.visits.tills_queries import Line, open_till
from console.living.doing import Doing
from console.living.rules.fates import Moment
from console.living.rules.team import SEED
from console.living.shop import Shop

FLOAT = 5_000_00
"""What is left in the drawer over night."""
SHORT = 100_00
DIFFERS = 0.03
"""How often something is missing."""


async def close(doing: Doing, shop: Shop, on: date, minute: int) -> None:
    """Close the till of a date, which mostly holds what it should."""
    name = f"till {on}"
    if doing.is_done(name):
        return
    rng = Random(f"{SEED} {name}")  # noqa: S311
    till = await open_till(shop.location.id)
    short = rng.random() < DIFFERS
    [why, *_] = [one.id for one in await reasons(ReasonUse.TILL)]
    counts = tuple(_count(line, why if short else None) for line in till.lines)
    await doing.do(name, shop.at(Moment(on, minute)), tills.close, shop.location.id, tills.mark(till), counts)


def _count(line: Line, short: ReasonId | None) -> tills.Count:
    if not line.drawer:
        return tills.Count(line.expected, 0)
    missing = SHORT if short is not None and line.expected >= SHORT else 0
    counted = line.expected - missing
    return tills.Count(counted, min(max(counted, 0), FLOAT), short if missing else None)
