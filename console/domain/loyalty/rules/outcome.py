"""What a replay makes of one client, as numbers (loyalty rules, section 6). Money in minor units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from console.domain.loyalty.rules.events import (
    Dropped,
    FreeVisitExpired,
    FreeVisitIssued,
    PointsEarned,
    PointsExpired,
    StampExpired,
    Warned,
)
from console.domain.loyalty.rules.replaying import Step

COUNTED: Mapping[type, str] = {
    FreeVisitIssued: "free_visits_issued",
    FreeVisitExpired: "free_visits_expired",
    StampExpired: "stamps_expired",
    Warned: "warnings",
    Dropped: "step_downs",
}


@dataclass(slots=True)
class Outcome:
    """In the order in which they are written. `free_visits`: used; `tier`: by its place; `warned`: 1 with a warning."""

    visits: int = 0
    free_visits: int = 0
    free_visits_issued: int = 0
    free_visits_expired: int = 0
    free_visits_unused: int = 0
    stamps: int = 0
    stamps_expired: int = 0
    list_total: int = 0
    discount_total: int = 0
    free_value: int = 0
    paid_total: int = 0
    points_earned: int = 0
    points_expired: int = 0
    points: int = 0
    tier: int = 0
    top_tier: int = 0
    warnings: int = 0
    step_downs: int = 0
    warned: int = 0


def outcome(steps: Iterable[Step], as_of: date) -> Outcome:
    """Of all steps of a client's replay through a date, and what is held after it."""
    found = Outcome()
    for step in steps:
        _add(found, step)
        card = step.card
    found.stamps, found.free_visits_unused = len(card.good_stamps(as_of)), len(card.good_free_visits(as_of))
    found.points = card.points_on(as_of)
    found.tier, found.warned = card.tier, int(card.drops_on is not None)
    return found


def _add(found: Outcome, step: Step) -> None:
    if (price := step.price) is not None:
        found.visits += 1
        found.list_total += price.listed
        found.discount_total += price.discount
        found.paid_total += price.due
        if price.free:
            found.free_visits += 1
            found.free_value += price.free
    if step.card.tier > found.top_tier:
        found.top_tier = step.card.tier
    for event in step.events:
        if isinstance(event, PointsEarned):
            found.points_earned += event.lot.left
        elif isinstance(event, PointsExpired):
            found.points_expired += event.lot.left
        elif name := COUNTED.get(type(event)):
            setattr(found, name, getattr(found, name) + 1)
