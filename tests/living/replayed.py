"""The clients of a business as the console holds them beside a replay of their visits (loyalty rules, section 6).

What a replay cannot know of is told by what is written down, never by what came out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any

from console.domain import db
from console.domain.business.queries import business
from console.domain.ids import ClientId
from console.domain.loyalty import queries
from console.domain.loyalty.accounts import Account, account
from console.domain.loyalty.nights import around
from console.domain.loyalty.rules.attendance import Attendance
from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.ladder import Held, place
from console.domain.loyalty.rules.live import REPLAY, Live
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.programme import Programme, Tiers
from console.domain.loyalty.rules.replaying import replay
from console.domain.visits import past

PLAIN = {"visit", "night", "payment"}
"""What posts on a card without anything else."""

_VISITS = """
    SELECT v.client, v.id, v."on", v.due, sum(l.discount)::bigint AS discount, sum(l.free)::bigint AS free,
        bool_or(l.service IS NOT NULL AND l.unit > 0) AS qualifies,
        (SELECT max(p.at AT TIME ZONE $1)::date FROM payment p WHERE p.visit = v.id AND NOT p.tip) AS paid_on,
        (SELECT max(o.at AT TIME ZONE $1)::date FROM change c JOIN operation o ON o.id = c.operation
            WHERE c.entity = 'visit' AND c.entity_id = v.id AND c.created) <> v."on" AS written_late
    FROM visit v JOIN visit_line l ON l.visit = v.id WHERE v.retired_at IS NULL AND v.client IS NOT NULL
    GROUP BY v.id ORDER BY v.client, v."on", v.id
"""
_FREE = """
    SELECT client, lot, min("on") FILTER (WHERE verb = 'issue') AS first, max(through) AS through,
        min(visit) FILTER (WHERE verb = 'issue') AS earned_by, max(visit) FILTER (WHERE verb = 'redeem') AS used_by
    FROM loyalty_entry WHERE unit = 'free_visit' GROUP BY client, lot
"""
_SOURCES = """
    SELECT client, split_part(source, ':', 1) AS source FROM loyalty_entry
    UNION SELECT client, split_part(source, ':', 1) FROM tier_entry
    UNION SELECT p.client, 'a ticket' FROM loyalty_pause p JOIN loyalty_entry e ON e.client = p.client
        AND e.through >= p.first AND e.through <= coalesce(p.last, 'infinity')
    UNION SELECT client, 'a fixed card' FROM fixed_card
"""


@dataclass(frozen=True)
class Beside:
    """`plain`: clients who are compared, of whom some `differ`; `others`: why the rest are not."""

    plain: Sequence[ClientId]
    differ: Sequence[tuple[ClientId, Any, Any]]
    others: Mapping[ClientId, Sequence[str]]


async def beside(today: date) -> Beside:
    """Every client who came through a date, by the one programme that has been in force."""
    facts = await business()
    programme = (await queries.versions()).on(today)
    clients = await past.who_came(facts.currency, today)
    histories = await past.histories(clients, facts.currency, today)
    visits = await _by_client(_VISITS, facts.zone.key)
    free, sources = await _by_client(_FREE), await _by_client(_SOURCES)
    plain, differ, others = [], [], {}
    for client in clients:
        held = await account(client, today)
        live = await around(held, today)
        if why := [
            *sorted({one["source"] for one in sources[client]} - PLAIN),
            *_why(programme, visits[client], free[client], held, live, today),
        ]:
            others[client] = why
            continue
        plain.append(client)
        card, _ = nights(held.versions, held.card, today, live)
        steps = list(replay(programme, histories[client], today))
        ours = [(one["due"], one["discount"], one["free"]) for one in visits[client]], _holds(card, today)
        prices = [step.price for step in steps if step.price]
        theirs = [(one.due, one.discount, one.free) for one in prices], _holds(steps[-1].card, today)
        if ours != theirs:
            differ.append((client, ours, theirs))
    return Beside(plain, differ, others)


async def _by_client(sql: str, *args: Any) -> Mapping[ClientId, Sequence[Mapping[str, Any]]]:
    found: dict[ClientId, list[Mapping[str, Any]]] = defaultdict(list)
    for row in await db.fetch(sql, *args):
        found[row["client"]].append(row)
    return found


def _holds(card: Card, today: date) -> tuple[Any, ...]:
    stamps, free = (
        sorted((lot.on, lot.through) for lot in lots)
        for lots in (card.good_stamps(today), card.good_free_visits(today))
    )
    return stamps, free, card.owed, card.tier, card.drops_on


def _why(
    programme: Programme,
    visits: Sequence[Mapping[str, Any]],
    free: Sequence[Mapping[str, Any]],
    held: Account,
    live: Live,
    today: date,
) -> Iterator[str]:
    """What there was besides plain finishes; of who was never above the first tier, the ladder has nothing to tell."""
    if any(one["written_late"] for one in visits):
        yield "a visit entered later"
    if any(_left_alone(one, lot) for one in visits for lot in free):
        yield "a free visit that was kept for later"
    if not held.held:
        return
    if any(_paid_late(one, held.held) for one in visits):
        yield "money that came once the tier had moved"
    if any(_waited(one, after, today) for one, after in zip_longest(held.held, held.held[1:])):
        yield "a drop that waited for a booking"
    if programme.tiers and _stretched(programme.tiers, held, live, today):
        yield "a window that reaches back for what we called off"


def _left_alone(visit: Mapping[str, Any], lot: Mapping[str, Any]) -> bool:
    """Whether a free visit was there that a visit could have taken, and did not."""
    came_after = lot["earned_by"] is not None and visit["id"] > lot["earned_by"] and lot["first"] <= visit["on"]
    still = visit["on"] <= (lot["through"] or date.max) and (lot["used_by"] is None or visit["id"] < lot["used_by"])
    return bool(came_after and still and visit["qualifies"] and not visit["free"])


def _waited(one: Held, after: Held | None, today: date) -> bool:
    """Whether the night of a drop that a warning told of left the tier as it was."""
    if one.event != "warned" or one.drops_on is None:
        return False
    if after is None:
        return one.drops_on <= today
    return after.on > one.drops_on or (after.on == one.drops_on and after.event != "dropped")


def _paid_late(visit: Mapping[str, Any], log: Sequence[Held]) -> bool:
    paid_on = visit["paid_on"] or visit["on"]
    return paid_on > visit["on"] and any(visit["on"] <= one.on <= paid_on for one in log)


def _stretched(tiers: Tiers, held: Account, live: Live, today: date) -> bool:
    """Whether a visit counted for longer on a day on which that gave or kept a tier."""
    attended = held.card.attendance
    days = {
        left + timedelta(n)
        for one in attended
        for left in [REPLAY.leaves(one.on, tiers.window_days)]
        for n in range((live.leaves(one.on, tiers.window_days) - left).days)
    }
    return any(_tells(tiers, held.held, attended, live, day) for day in days if day <= today)


def _tells(tiers: Tiers, log: Sequence[Held], attended: Attendance, live: Live, day: date) -> bool:
    code = next((one.tier for one in reversed(log) if one.on <= day), None)
    ours, theirs = (attended.standing(day, tiers.window_days, around) for around in (live, REPLAY))
    at = place(tiers, code)
    return tiers.attained(ours) != tiers.attained(theirs) or tiers.kept(at, ours) != tiers.kept(at, theirs)
