"""A receipt of a visit, composed: what was done, the money that came and went, and the card as it was then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from console import i18n, prints
from console.domain import clock
from console.domain.business import queries as business
from console.domain.business.queries import Facts, LocationView
from console.domain.loyalty import queries as programme
from console.domain.loyalty.rules.outlook import StampCard
from console.domain.loyalty.rules.programme import Tier
from console.domain.loyalty.then import Then, then
from console.domain.policies.rules import RECEIPT, Sheet
from console.domain.visits.cards import PaymentView, VisitView
from console.prints import Composed
from console.routes import visits
from console.routes._loyalty import free_through, tier_words
from console.routes._till_words import Step, off
from console.templating import document

DRAWN = 12
"""The most stamps that are drawn one by one."""
ROLL = "roll80"


@dataclass(frozen=True)
class Ground:
    """What a receipt says beside its visit: whose it is and where, the tier that gave the discount, the card then."""

    facts: Facts
    logo: str | None
    location: LocationView
    address: str | None
    tier: Tier | None
    card: Then | None


async def composed(one: VisitView, language: str, paper: str) -> Composed:
    """The receipt of a visit in a language, on a paper."""
    facts, there = await business.business(), await business.location(one.location)
    address = there.address or (await business.details()).address
    ground = Ground(facts, await prints.logo(facts), there, address, await visits.tier_of(one), await _card(one))
    with i18n.speaking(language):
        title = title_of(one)
        html = document("pdf/receipt.html", title=title, paper=paper, **_content(one, ground))
    return prints.whole(Sheet(RECEIPT, language, paper, None, one.id), title, html)


def title_of(one: VisitView) -> str:
    return i18n.words("title.receipt", {"number": str(one.number)})


async def _card(one: VisitView) -> Then | None:
    """The client's card as the visit left it; None for nobody, and where the visit does not count any more."""
    void = one.retired_at is not None or any(refund.full for refund in one.refunds)
    if one.client is None or not one.programme or void:
        return None
    rules = (await programme.version(one.programme)).programme
    on = max(one.on, clock.business_date(one.finished_at, one.zone))
    return await then(one.client, rules, one.finished_by, on, one.off_code)


def _content(one: VisitView, ground: Ground) -> dict[str, Any]:
    since = ground.card.since if ground.card else None
    gone = i18n.words("words.receipt_taken_back", {"date": _day_of(one.retired_at, one)}) if one.retired_at else None
    return {
        "business": ground.facts.name,
        "logo": ground.logo,
        "where": list(filter(None, (ground.location.name, ground.address, _reached(ground)))),
        "when": i18n.moment(one.at, one.zone),
        "gone": gone,
        "steps": list(visits.price_steps(one, ground.tier, _since(since) if since else "")),
        "due": i18n.money(one.due, one.currency),
        "money": list(_money(one)),
        "owed": i18n.money(one.owed, one.currency) if one.owed > 0 and not gone else None,
        "card": list(_told(ground.card)) if ground.card else [],
        "stamps": _stamps(ground.card.stamps) if ground.card else [],
    }


def _reached(ground: Ground) -> str | None:
    return i18n.phone(ground.location.phone) if ground.location.phone else prints.reached(ground.facts)


def _since(day: date) -> str:
    return i18n.words("words.receipt_since", {"date": _day(day)})


def _day(day: date) -> str:
    return i18n.full_day(day)


def _day_of(at: datetime, one: VisitView) -> str:
    return _day(clock.business_date(at, one.zone))


def _money(one: VisitView) -> Iterator[Step]:
    """What was paid, by each method, tips apart; then what came or went back since, each with its date."""
    for paid in one.standing_payments:
        amount = off(-paid.minor, one.currency) if paid.minor < 0 else i18n.money(paid.minor, one.currency)
        yield Step(visits.paid_words(paid), amount, _later(one, paid), "less" if paid.minor < 0 else "")
    came = sum(paid.minor for paid in one.standing_payments if paid.minor > 0 and not paid.tip)
    waived = one.due - came - one.owed
    if waived > 0 and one.retired_at is None:
        yield Step(
            i18n.gettext("words.receipt_waived"), i18n.money(waived, one.currency), _day_of(one.refunds[-1].at, one)
        )


def _later(one: VisitView, paid: PaymentView) -> str:
    """On which date money came or went, where that was later."""
    if paid.operation == one.finished_by:
        return ""
    date = _day_of(paid.at, one)
    return date if paid.minor < 0 else i18n.words("words.receipt_received", {"date": date})


def _stamps(card: StampCard | None) -> list[bool]:
    """The stamps to draw, filled and empty; none where there are too many."""
    if card is None or card.counter.stamps_required > DRAWN:
        return []
    return [*[True] * len(card.stamps), *[False] * card.empty]


def _told(card: Then) -> Iterator[str]:
    """The card in sentences: stamps, what the next visit brings, the tier."""
    if card.stamps is not None:
        yield from _stamps_told(card, card.stamps)
    if card.fixed is not None:
        yield i18n.words("words.fixed_discount", {"percent": i18n.percent(card.fixed.bp)})
    elif card.tier is not None:
        yield _tier_told(card, card.tier)


def _stamps_told(card: Then, stamps: StampCard) -> Iterator[str]:
    required = stamps.counter.stamps_required
    if card.free_visits:
        through = [_day(one.through) for one in card.free_visits if one.through]
        good = free_through(through)
        yield ", ".join(filter(None, (i18n.words("words.next_can_be_free", {"count": len(card.free_visits)}), good)))
    if stamps.owed:
        yield i18n.words("words.stamps_owed", {"count": stamps.owed})
    else:
        yield i18n.words("words.receipt_stamps", {"count": len(stamps.stamps), "required": required})
    if not card.free_visits:
        yield i18n.words("words.stamps_to_go", {"count": stamps.to_go})


def _tier_told(card: Then, tier: Tier) -> str:
    name = i18n.words("words.receipt_tier", {"tier": tier_words(tier)})
    if card.drops_on is None:
        return name
    last = date.fromordinal(card.drops_on.toordinal() - 1)
    return i18n.words("words.receipt_tier_through", {"tier": tier_words(tier), "date": _day(last)})
