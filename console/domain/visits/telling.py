"""What a visit did to the client's card, as consequences that previews and toasts tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from console.domain import clock
from console.domain.business.queries import business
from console.domain.loyalty.accounts import Account
from console.domain.loyalty.rules.events import (
    Adjusted,
    Dropped,
    Event,
    FreeVisitExpired,
    FreeVisitIssued,
    FreeVisitRedeemed,
    FreeVisitReturned,
    FreeVisitWithdrawn,
    Raised,
    Retraced,
    StampEarned,
    StampExpired,
    StampWithdrawn,
    WarningClosed,
)
from console.domain.running import Operation

Said = tuple[str, Mapping[str, Any]]


async def tell(op: Operation, held: Account, after: Account, events: Sequence[Event]) -> None:
    """Say what happened on a client's account (`held` before it)."""
    _tell_stamps(op, after, events)
    today, card = clock.business_date(op.now, (await business()).zone), after.card
    over = {one.lot.number for one in events if isinstance(one, FreeVisitIssued) and not card.is_good(one.lot, today)}
    for one in events:
        of_over = isinstance(one, FreeVisitIssued | FreeVisitExpired) and one.lot.number in over
        for key, params in _said_over(one) if of_over else _said(held, after, one):
            op.effect(key, **params)


def _said_over(event: Event) -> list[Said]:
    """Of a free visit that comes of a date so far back that it has ended since."""
    if isinstance(event, FreeVisitIssued) and event.lot.through is not None:
        return [("effect.visit_free_over", {"dates": [event.lot.through.isoformat()]})]
    return []


def _tell_stamps(op: Operation, after: Account, events: Sequence[Event]) -> None:
    earned = [one.lot for one in events if isinstance(one, StampEarned)]
    if earned and earned[-1] is None:
        op.effect("effect.visit_stamp_repaid")
        _tell_owed(op, after)
    elif earned:
        completed = [len(one.consumed) for one in events if isinstance(one, FreeVisitIssued)]
        counter = after.versions.on(after.night).counter
        of = completed[-1] if completed else counter.stamps_required if counter else 0
        nth = of if completed else after.ledger.balance
        if {lot for lot in earned if lot} & {one.lot for one in events if isinstance(one, StampExpired)}:
            op.effect("effect.visit_stamp_over")
        else:
            op.effect("effect.visit_stamp", nth=nth, of=of)
    for one in (event for event in events if isinstance(event, StampWithdrawn)):
        op.effect(_gone(one))
        _tell_owed(op, after)
    returned = {lot for one in events if isinstance(one, FreeVisitWithdrawn) for lot in one.returned}
    if back := returned.intersection(after.card.good_stamps(after.night)):
        op.effect("effect.visit_stamps_back", count=len(back))


def _gone(event: StampWithdrawn) -> str:
    """Which stamp goes; where its own was spent, another one that is there, or the next."""
    if not event.spent:
        return "effect.visit_stamp_gone"
    return "effect.visit_stamp_spent" if event.lot is None else "effect.visit_stamp_instead"


def _tell_owed(op: Operation, after: Account) -> None:
    if after.ledger.owed:
        op.effect("effect.visit_stamps_owed", count=after.ledger.owed)


def _said(held: Account, after: Account, event: Event) -> list[Said]:
    match event:
        case FreeVisitIssued(on, lot, _) if any(one.number != lot.number for one in after.card.good_free_visits(on)):
            return [_until("effect.visit_free_more", "effect.visit_free_more_for_good", lot.through)]
        case FreeVisitIssued(_, lot, _):
            return [_until("effect.visit_free_issued", "effect.visit_free_issued_for_good", lot.through)]
        case FreeVisitReturned(_, lot):
            return [_until("effect.visit_free_returned", "effect.visit_free_returned_for_good", lot.through)]
        case FreeVisitRedeemed():
            return [("effect.visit_free_used", {})]
        case FreeVisitWithdrawn():
            return [("effect.visit_free_withdrawn", {})]
        case FreeVisitExpired():
            return [("effect.visit_free_expired", {})]
        case Raised(_, tier, before) | Dropped(_, tier, before) | Adjusted(_, tier, before):
            return [_moved(after, tier, before)]
        case WarningClosed():
            return [("effect.visit_warning_over", {})]
        case Retraced(_, tier, before, drops_on):
            moved = [_moved(after, tier, before)] if tier != before else []
            warned = _until("effect.visit_warning", "effect.visit_warning_over", drops_on)
            return [*moved, warned] if drops_on != held.card.drops_on else moved
    return []


def _moved(after: Account, tier: int, before: int) -> Said:
    key = "effect.visit_raised" if tier > before else "effect.visit_lowered"
    tiers = after.versions.on(after.night).tiers
    return key, {"called": dict(tiers.ladder[tier].names) if tiers else {}}


def _until(key: str, endless: str, day: date | None) -> Said:
    """Something with its date, or the same where it has none."""
    return (key, {"dates": [day.isoformat()]}) if day is not None else (endless, {})
