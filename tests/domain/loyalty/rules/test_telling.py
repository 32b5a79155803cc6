"""What a client is to be told of, in examples: warned, dropped, a free visit that came, one that ends soon."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import Card, Lot
from console.domain.loyalty.rules.events import Dropped, FreeVisitIssued, FreeVisitReturned
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.programme import Version, Versions
from console.domain.loyalty.rules.telling import Tell, telling
from console.domain.messages.rules import MessageKind

D = date(2026, 5, 12)
DAY = timedelta(1)
VERSIONS = Versions.of([Version(date(2020, 1, 1), both(1_000), 3)])
HELD = Card(D - DAY, attended=(Attended(D - 100 * DAY, True, 1_000, 1),), tier=1)
LOT = Lot(7, D, D + 180 * DAY)
TODAY = Live(today=D)

WARNED = Tell(
    MessageKind.TIER_WARNING,
    "2026-05-26",
    {"version": 3, "tier": 1, "last": date(2026, 5, 25), "visits": 2, "spend": 2_000, "match": "all"},
)


def test_a_warning_tells_what_would_keep_the_tier_and_through_which_day_it_still_applies() -> None:
    card, events = nights(VERSIONS, HELD, D, TODAY)
    assert telling(VERSIONS, HELD, card, events, TODAY) == ([], [WARNED])


def test_a_visit_that_is_not_enough_corrects_what_is_missing() -> None:
    card, _ = nights(VERSIONS, HELD, D, TODAY)
    came = card.attending(Attended(D, True, 1_500, 2))
    assert telling(VERSIONS, card, came, [], TODAY) == (
        [],
        [replace(WARNED, told={**WARNED.told, "visits": 1, "spend": 500})],
    )
    assert telling(VERSIONS, came, came, [], TODAY) == ([], [])


def test_a_warning_that_is_closed_is_told_no_more() -> None:
    card, _ = nights(VERSIONS, HELD, D, TODAY)
    assert telling(VERSIONS, card, replace(card, drops_on=None), [], TODAY) == (["tier.warning:2026-05-26"], [])


def test_a_drop_is_told_with_the_tier_before_and_after() -> None:
    warned = replace(HELD, drops_on=D)
    card, events = nights(VERSIONS, warned, D, TODAY)
    assert events == [Dropped(D, 0, 1)]
    dropped = Tell(MessageKind.TIER_DROPPED, "2026-05-12", {"version": 3, "tier": 0, "before": 1})
    assert telling(VERSIONS, warned, card, events, TODAY) == (["tier.warning:2026-05-12"], [dropped])


def test_who_holds_a_fixed_card_is_told_nothing_of_the_tier() -> None:
    card, events = nights(VERSIONS, HELD, D, TODAY)
    assert telling(VERSIONS, HELD, card, events, TODAY, silently=True) == ([], [])
    down, dropped = nights(VERSIONS, replace(HELD, drops_on=D), D, TODAY)
    assert telling(VERSIONS, HELD, down, dropped, TODAY, silently=True) == ([], [])


def test_a_free_visit_is_told_when_it_comes_and_thirty_days_before_it_ends() -> None:
    got = replace(HELD, free_visits=(LOT,))
    issued = [FreeVisitIssued(D, LOT, ())]
    told = {"last": D + 180 * DAY}
    assert telling(VERSIONS, HELD, got, issued, TODAY) == (
        [],
        [
            Tell(MessageKind.FREE_VISIT_ISSUED, "7", told),
            Tell(MessageKind.FREE_VISIT_ENDING, "7", told, D + 150 * DAY),
        ],
    )


def test_one_that_never_ends_is_told_once_and_so_is_one_that_ends_soon_anyway() -> None:
    for through in (None, D + 30 * DAY):
        lot = replace(LOT, through=through)
        _, due = telling(VERSIONS, HELD, replace(HELD, free_visits=(lot,)), [FreeVisitIssued(D, lot, ())], TODAY)
        assert [one.kind for one in due] == [MessageKind.FREE_VISIT_ISSUED]


def test_one_that_was_used_or_has_ended_is_told_no_more() -> None:
    got = replace(HELD, free_visits=(LOT,))
    for after in (HELD, replace(got, free_visits=(replace(LOT, expired=True),))):
        assert telling(VERSIONS, got, after, [], TODAY) == (["free_visit.issued:7", "free_visit.ending:7"], [])


def test_one_that_returns_is_not_announced_again_but_its_end_is() -> None:
    back = replace(LOT, through=D + 14 * DAY)
    _, due = telling(VERSIONS, HELD, replace(HELD, free_visits=(back,)), [FreeVisitReturned(D, back)], TODAY)
    assert due == [Tell(MessageKind.FREE_VISIT_ENDING, "7", {"last": D + 14 * DAY}, D - 16 * DAY)]
