"""The log of the ladder: what each entry leaves held is what the card holds."""

from __future__ import annotations

from datetime import date

from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.ladder import logged
from console.domain.loyalty.rules.nights import night
from console.domain.loyalty.rules.programme import Programme, Threshold, Tier, Tiers, Version, Versions

BEGINS = date(2026, 6, 10)
BASE = Tier("base")
SILVER = Tier("silver", discount_bp=500, enter=Threshold(2), keep=Threshold(2))
GOLD = Tier("gold", discount_bp=1_000, enter=Threshold(4), keep=Threshold(4))
VERSIONS = Versions.of(
    [
        Version(date(2026, 1, 1), Programme(tiers=Tiers((BASE, SILVER, GOLD), grace_days=30)), 1),
        Version(BEGINS, Programme(tiers=Tiers((BASE, SILVER), grace_days=14)), 2),
    ]
)


def test_a_tier_of_another_name_keeps_the_drop_that_was_told_where_that_is_later() -> None:
    told = date(2026, 7, 5)
    held = Card(date(2026, 6, 9), tier=2, drops_on=told)
    card, events = night(VERSIONS, held, BEGINS)
    [entry] = logged(VERSIONS, held, events)
    assert (card.tier, card.drops_on) == (1, told)
    assert (entry.event, entry.tier, entry.drops_on) == ("rematched", "silver", told)


def test_one_that_is_postponed_by_it_is_the_last_entry() -> None:
    held = Card(date(2026, 6, 9), tier=2, drops_on=date(2026, 6, 20))
    card, events = night(VERSIONS, held, BEGINS)
    entries = [(one.event, one.tier, one.drops_on) for one in logged(VERSIONS, held, events)]
    assert entries == [("rematched", "silver", date(2026, 6, 20)), ("postponed", "silver", card.drops_on)]
    assert card.drops_on == date(2026, 6, 24)
