"""What a client is to be told of, in examples: warned, dropped, a free visit that came, one that ends soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import Card, Lot
from console.domain.loyalty.rules.events import Dropped, Event, FreeVisitIssued, Raised, Retraced
from console.domain.loyalty.rules.ladder import logged
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.programme import Version, Versions
from console.domain.loyalty.rules.telling import Tell, news, telling
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


NOBODY: Mapping[int, date] = {}
"""No free visit was announced before."""


def told(card: Card, *events: Event, held: Card = HELD, silently: bool = False) -> list[Tell]:
    """What is to be told of a card, with what has happened on it since it was another one."""
    log = list(logged(VERSIONS, held, events))
    return list(telling(VERSIONS, card, log, TODAY, NOBODY, silently=silently).values())


def test_a_warning_tells_what_would_keep_the_tier_and_through_which_day_it_still_applies() -> None:
    card, _ = nights(VERSIONS, HELD, D, TODAY)
    assert told(HELD) == []
    assert told(card) == [WARNED]


def test_a_visit_that_is_not_enough_corrects_what_is_missing() -> None:
    card, _ = nights(VERSIONS, HELD, D, TODAY)
    [corrected] = told(card.attending(Attended(D, True, 1_500, 2)))
    assert corrected.key == WARNED.key
    assert corrected == replace(WARNED, told={**WARNED.told, "visits": 1, "spend": 500})


def test_a_warning_that_is_closed_is_told_no_more() -> None:
    card, _ = nights(VERSIONS, HELD, D, TODAY)
    assert told(replace(card, drops_on=None)) == []


def test_a_drop_is_told_with_the_tier_before_and_after() -> None:
    card, events = nights(VERSIONS, replace(HELD, drops_on=D), D, TODAY)
    assert told(card, *events) == [DROPPED]
    assert news(VERSIONS, events) == {DROPPED.key}


DROPPED = Tell(MessageKind.TIER_DROPPED, "2026-05-12:0", {"version": 3, "tier": 0, "before": 1})
UP, DOWN, LOST = Raised(D, 1, 0), Dropped(D, 0, 1), Retraced(D, 0, 1, None)
LOW = replace(HELD, tier=0)


def _raised(tier: int, before: int) -> Tell:
    return Tell(MessageKind.TIER_RAISED, f"{D}:{tier}", {"version": 3, "tier": tier, "before": before})


MOVES: Sequence[tuple[str, int, Sequence[Event], Sequence[Tell]]] = [
    ("a move up is told", 0, [UP], [_raised(1, 0)]),
    ("one that a later one passes is not", 0, [UP, Raised(D, 2, 1)], [_raised(2, 1)]),
    ("nor one after which the tier went down", 0, [UP, DOWN], [DROPPED]),
    ("a drop whose tier was never lost is not told", 1, [DOWN, Retraced(D, 1, 0, None)], []),
    ("nor one after which the client moved up", 1, [DOWN, UP], [_raised(1, 0)]),
    ("a drop is told again once that is undone", 1, [DOWN, UP, LOST], [DROPPED]),
    ("a move up that an undo takes back is not told", 0, [UP, Retraced(D, 0, 1, None)], []),
    (
        "it is told again once that is undone",
        0,
        [UP, Retraced(D, 0, 1, None), Retraced(D, 1, 0, None)],
        [_raised(1, 0)],
    ),
]


@pytest.mark.parametrize(("held", "events", "tells"), [one[1:] for one in MOVES], ids=[one[0] for one in MOVES])
def test_a_move_is_told_while_the_tier_that_is_held_stands_on_it(
    held: int, events: Sequence[Event], tells: Sequence[Tell]
) -> None:
    assert told(replace(HELD, tier=0), *events, held=replace(HELD, tier=held)) == tells


def test_of_two_drops_both_are_told_while_neither_has_come_back() -> None:
    gold = replace(HELD, tier=2)
    first, second = Dropped(D - DAY, 1, 2), DOWN
    assert [one.told["tier"] for one in told(LOW, first, second, held=gold)] == [1, 0]
    back = Retraced(D, 1, 0, None)
    assert [one.told["tier"] for one in told(HELD, first, second, back, held=gold)] == [1]
    assert told(gold, first, second, Retraced(D, 2, 0, None), held=gold) == []


def test_who_holds_a_fixed_card_is_told_nothing_of_the_tier() -> None:
    card, _ = nights(VERSIONS, HELD, D, TODAY)
    assert told(card, silently=True) == []
    assert told(LOW, DOWN, silently=True) == []


def test_what_happened_while_a_fixed_card_was_held_is_not_told_later_either() -> None:
    [silent] = logged(VERSIONS, HELD, [DOWN])
    log = [replace(silent, judged_by={**silent.judged_by, "silent": True})]
    assert telling(VERSIONS, LOW, log, TODAY, NOBODY) == {}


def test_a_free_visit_is_told_when_it_comes_and_thirty_days_before_it_ends() -> None:
    last = {"last": D + 180 * DAY}
    assert told(replace(HELD, free_visits=(LOT,))) == [
        Tell(MessageKind.FREE_VISIT_ISSUED, "7", last),
        Tell(MessageKind.FREE_VISIT_ENDING, "7", last, D + 150 * DAY),
    ]
    assert news(VERSIONS, [FreeVisitIssued(D, LOT, ())]) == {"free_visit.issued:7"}


def test_one_that_never_ends_is_told_once_and_so_is_one_that_ends_soon_anyway() -> None:
    for through in (None, D + 30 * DAY):
        lot = replace(LOT, through=through)
        assert [one.kind for one in told(replace(HELD, free_visits=(lot,)))] == [MessageKind.FREE_VISIT_ISSUED]


def test_one_that_has_ended_is_told_no_more() -> None:
    assert told(replace(HELD, free_visits=(replace(LOT, expired=True),))) == []


def test_the_end_of_one_that_returns_is_told_though_it_is_near_where_it_was_announced_long_ago() -> None:
    back = replace(HELD, free_visits=(replace(LOT, through=D + 14 * DAY),))
    assert "free_visit.ending:7" not in telling(VERSIONS, back, [], TODAY, NOBODY)
    ending = telling(VERSIONS, back, [], TODAY, {7: D - 100 * DAY})["free_visit.ending:7"]
    assert (ending.on, ending.told) == (D - 16 * DAY, {"last": D + 14 * DAY})
