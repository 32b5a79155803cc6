"""Parts of use cases that put a client's card right: what is given by hand, for what went wrong, and never by a visit.

They take the account of a locked client whose nights through today are done. `source`: what gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from console.domain.loyalty.accounts import Account, post
from console.domain.loyalty.nights import live
from console.domain.loyalty.rules import stamps
from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.events import Event, Turn
from console.domain.loyalty.rules.programme import Counter
from console.domain.loyalty.rules.wronged import put_back
from console.domain.running import Operation

Given = tuple[Account, Sequence[Event]]


async def give_stamp(op: Operation, held: Account, source: str) -> Given:
    """Post a stamp that no visit has earned, and the free visit that it completes; nothing where none are counted."""
    return await _counted(op, held, source, stamps.give)


async def give_free_visit(op: Operation, held: Account, source: str) -> Given:
    """Post a free visit that is made of no stamps; nothing where the programme has none."""
    return await _counted(op, held, source, stamps.give_free)


async def give_back_lapsed(op: Operation, held: Account, number: int, source: str) -> Given:
    """Post that a free visit which has ended is good again, for two weeks."""
    (lot,) = (one for one in held.card.free_visits if one.number == number)
    return await _post(op, held, source, stamps.give_back(held.card.without(free_visits=[lot]), lot, held.night))


async def put_tier_back(op: Operation, held: Account, tier: int, source: str) -> Given:
    """Post that a client holds a tier, by its place, whatever the visits say; a night warns them anew if it must."""
    return await _post(op, held, source, put_back(held.card, tier, held.night))


async def _counted(op: Operation, held: Account, source: str, give: Callable[[Counter, Card, date], Turn]) -> Given:
    counter = held.versions.on(held.night).counter
    turn = (held.card, []) if counter is None else give(counter, held.card, held.night)
    return await _post(op, held, source, turn)


async def _post(op: Operation, held: Account, source: str, turn: Turn) -> Given:
    card, events = turn
    return await post(op, held, card, events, source=source, live=await live(op, held)), events
