"""What of a client's messages is not as their account justifies it, found without what writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.ids import ClientId
from console.domain.loyalty.accounts import Account, account
from console.domain.loyalty.nights import around

DAY = timedelta(1)


@dataclass(frozen=True)
class Message:
    about: Sequence[str]
    says: Mapping[str, Any]
    announced: date
    is_due: bool


async def wrongly_told(client: ClientId, today: date) -> list[str]:
    """What is due and not so, what is so and neither due nor told, in short; of everything that a card makes due."""
    held = await account(client, today)
    if held.id is None:
        return []
    rows = await db.fetch(
        "SELECT dedupe_key, variables, due_at, status = 'due' AS due FROM message"
        " WHERE client = $1 AND retired_at IS NULL ORDER BY id",
        client,
    )
    zone = (await business()).zone
    written: dict[str, list[Message]] = {}
    for row in rows:
        _, kind, *about = row["dedupe_key"].split(":")
        one = Message(about, json.loads(row["variables"]), clock.business_date(row["due_at"], zone), row["due"])
        written.setdefault(kind, []).append(one)
    wrong = [*_free_visits(held, written, today), *_moves(held, written)]
    return [*wrong, *[one async for one in _warnings(held, written, today)]]


def _free_visits(held: Account, written: Mapping[str, Sequence[Message]], today: date) -> Iterator[str]:
    lots = {str(lot.number): lot for lot in held.card.free_visits if not lot.expired}
    came = {one.about[0]: one for one in written.get("free_visit.issued", ())}
    ends = {one.about[0]: one for one in written.get("free_visit.ending", ())}
    for name, found in (("came", came), ("ends", ends)):
        for number, one in found.items():
            last = lots[number].through if number in lots else None
            if one.is_due and (number not in lots or one.says["last"] != str(last)):
                yield f"free visit {number} {name}"
    for number, lot in lots.items():
        if number not in came:
            yield f"free visit {number} came, and nobody says so"
        elif lot.through and lot.through - 30 * DAY > max(came[number].announced, today) and number not in ends:
            yield f"free visit {number} ends, and nobody says so"


def _moves(held: Account, written: Mapping[str, Sequence[Message]]) -> Iterator[str]:
    up, down = written.get("tier.raised", ()), sorted(written.get("tier.dropped", ()), key=lambda one: one.about)
    due_down = [one for one in down if one.is_due]
    leads_to = [one.says["tier"] for one in up if one.is_due] + [one.says["tier"] for one in due_down[-1:]]
    if held.is_silent or not held.held:
        if leads_to:
            yield "a move of a tier that is silent"
        return
    if leads_to not in ([], [held.card.tier]):
        yield f"a move to {leads_to}, where {held.card.tier} is held"
    for one, then in pairwise(due_down):
        if one.says["tier"] != then.says["before"]:
            yield "a drop that is none any more"
    last = next((one for one in reversed(held.held) if one.tier != one.before), None)
    if last and last.event in ("raised", "dropped") and not last.judged_by.get("silent"):
        told = [*up, *down]
        if not any(one.about[0] == str(last.on) and one.says["tier"] == held.card.tier for one in told):
            yield f"the tier {last.event} on {last.on}, and nobody says so"


async def _warnings(held: Account, written: Mapping[str, Sequence[Message]], today: date) -> Any:
    card, tiers = held.card, held.versions.on(held.night).tiers
    due = [one for one in written.get("tier.warning", ()) if one.is_due]
    if held.is_silent or card.drops_on is None or tiers is None:
        if due:
            yield "a warning where none is open"
        return
    if not any(one.about == [str(card.drops_on)] for one in written.get("tier.warning", ())):
        yield "a warning is open, and nobody says so"
    lacks = tiers.ladder[card.tier].keep.missing(card.standing(tiers, card.night, await around(held, today)))
    last = str(card.drops_on - DAY)
    for one in due:
        says = (one.says["tier"], one.says["last"], one.says["visits"], one.says["spend"])
        if says != (card.tier, last, lacks.visits, lacks.spend):
            yield f"a warning of {says}"
