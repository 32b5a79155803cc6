"""Stamps and free visits: earned, dated back, and taken back, by the examples of sections 1 and 5."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from console.domain.loyalty.rules import stamps
from console.domain.loyalty.rules.card import Card, Lot
from console.domain.loyalty.rules.entries import Entry, Unit, Verb
from console.domain.loyalty.rules.events import (
    FreeVisitIssued,
    FreeVisitRedeemed,
    FreeVisitReturned,
    FreeVisitRevived,
    FreeVisitVoided,
    FreeVisitWithdrawn,
    StampEarned,
    StampRevived,
    StampVoided,
    StampWithdrawn,
)
from console.domain.loyalty.rules.ledger import Ledger
from console.domain.loyalty.rules.nights import expire
from console.domain.loyalty.rules.programme import Counter, Programme, Version, Versions
from console.domain.loyalty.rules.stamps import Reward

MAY = date(2026, 5, 1)
COUNTER = Counter(3, stamp_valid_days=100, reward_valid_days=50)


def on(day: int) -> date:
    return MAY + timedelta(day)


def rules(*later: Version) -> Versions:
    return Versions.of([Version(MAY, Programme(COUNTER), 1), *later])


def lots(*days: int, first: int = 1, good: int = 100) -> tuple[Lot, ...]:
    return tuple(Lot(first + n, on(day), on(day + good)) for n, day in enumerate(days))


def card(*days: int, **more: object) -> Card:
    return Card(on(max(days, default=0)), stamps=lots(*days), last_stamp=len(days), **more)  # type: ignore[arg-type]


def test_as_soon_as_the_stamps_are_enough_they_are_consumed_and_a_free_visit_is_issued_that_day() -> None:
    after, events = stamps.earn(COUNTER, card(0, 5), on(9))
    third = Lot(3, on(9), on(109))
    issued = Lot(1, on(9), on(59))
    assert events == [StampEarned(on(9), third), FreeVisitIssued(on(9), issued, [*lots(0, 5), third])]
    assert (after.stamps, after.free_visits) == ((), (issued,))


def test_those_that_expire_first_are_consumed_first_then_the_oldest() -> None:
    never, soon, late, equal = Lot(1, on(0), None), Lot(2, on(1), on(20)), Lot(3, on(2), on(90)), Lot(4, on(3), on(90))
    held = Card(on(5), stamps=(never, late, equal, soon))
    _, [issued] = stamps.issue(COUNTER, held, on(5))
    assert isinstance(issued, FreeVisitIssued)
    assert issued.consumed == [soon, late, equal]


def test_the_free_visit_that_ends_first_is_taken_before_the_others() -> None:
    later, sooner, ended = Lot(1, on(0), on(50)), Lot(2, on(1), on(40)), Lot(3, on(2), on(9), expired=True)
    after, events = stamps.redeem(Card(on(10), free_visits=(later, sooner, ended)), on(10))
    assert events == [FreeVisitRedeemed(on(10), sooner)]
    assert after.free_visits == (later, ended)


def test_a_visit_dated_back_uses_what_was_good_on_its_date() -> None:
    held, *_ = Card(on(105), lots(0, 0), 0, (Lot(1, on(0), on(60)),), 2, 1).expire(on(105))
    assert held.good_stamps(on(105)) == []
    after, events = stamps.earn(COUNTER, held, on(90))
    first, second = (replace(one, expired=True) for one in lots(0, 0))
    assert events[1:3] == [StampRevived(on(90), first), StampRevived(on(90), second)]
    assert isinstance(events[3], FreeVisitIssued)
    assert [one.number for one in after.good_free_visits(on(105))] == [2]
    _, events = stamps.redeem(held, on(50))
    assert [type(one) for one in events] == [FreeVisitRevived, FreeVisitRedeemed]


def test_a_visit_dated_back_completes_a_card_on_the_date_of_the_last_stamp_it_needs() -> None:
    after, _ = stamps.earn(COUNTER, card(20, 30), on(10))
    after, [issued] = stamps.issue_since(rules(), after, on(10))
    assert isinstance(issued, FreeVisitIssued)
    assert after.free_visits == (Lot(1, on(30), on(80)),)


@pytest.mark.parametrize(("needed", "free_visits"), [(4, ()), (2, (Lot(1, on(20), on(70)),))])
def test_what_it_completes_later_is_judged_by_the_rules_of_then(needed: int, free_visits: tuple[Lot, ...]) -> None:
    other = Version(on(15), Programme(replace(COUNTER, stamps_required=needed)), 2)
    after, _ = stamps.earn(COUNTER, card(20, 30), on(10))
    after, _ = stamps.issue_since(rules(other), after, on(10))
    assert after.free_visits == free_visits


def test_it_may_be_enough_on_the_night_from_which_on_fewer_stamps_are_needed() -> None:
    fewer = Version(on(15), Programme(replace(COUNTER, stamps_required=2)), 2)
    after, _ = stamps.earn(COUNTER, replace(card(0), night=on(40)), on(10))
    after, [issued] = stamps.issue_since(rules(fewer), after, on(10))
    assert (issued.on, after.stamps) == (on(15), ())


def test_what_comes_of_a_visit_dated_far_back_may_have_ended_since() -> None:
    after, _ = stamps.earn(Counter(1, reward_valid_days=5), card(), on(0))
    after, events = expire(replace(after, night=on(40)), on(40))
    assert [type(one).__name__ for one in events] == ["FreeVisitExpired"]
    assert after.good_free_visits(on(40)) == []


def test_a_stamp_in_hand_is_withdrawn_with_its_visit() -> None:
    after, events = stamps.take_back(COUNTER, card(0, 5), lots(0)[0], None, on(9))
    assert events == [StampWithdrawn(on(9), lots(0)[0])]
    assert after.stamps == lots(5, first=2)


def test_a_stamp_that_expired_by_itself_is_not_owed_and_nothing_revives_it() -> None:
    held, *_ = card(0, 50).expire(on(101))
    after, events = stamps.take_back(COUNTER, held, lots(0)[0], None, on(101))
    assert events == [StampVoided(on(101), held.stamps[0])]
    assert (after.stamps, after.good_stamps(on(60)), after.owed) == (held.stamps[1:], [held.stamps[1]], 0)


@pytest.mark.parametrize("gone", [0, 1, 2], ids=["the first", "the second", "the one that completed it"])
def test_a_free_visit_not_used_is_withdrawn_and_the_other_stamps_return_with_their_dates(gone: int) -> None:
    consumed = lots(0, 5, 9)
    reward = Reward(Lot(1, on(9), on(59)), consumed, used=False)
    held = Card(on(20), lots(15, first=4), 0, (reward.lot,), 4, 1)
    after, events = stamps.take_back(COUNTER, held, consumed[gone], reward, on(20))
    others = [one for one in consumed if one is not consumed[gone]]
    assert events[:2] == [FreeVisitWithdrawn(on(20), reward.lot, consumed), StampWithdrawn(on(20), consumed[gone])]
    # with the stamp earned since, the others make a free visit again
    again = events[-1]
    assert isinstance(again, FreeVisitIssued)
    assert (again.on, list(again.consumed)) == (on(20), [*others, *lots(15, first=4)])
    assert after.stamps == ()


def test_a_free_visit_used_leaves_the_stamps_below_zero_and_the_next_one_repays() -> None:
    consumed = lots(0, 5, 9)
    reward = Reward(Lot(1, on(9), on(59)), consumed, used=True)
    after, events = stamps.take_back(COUNTER, card(), consumed[2], reward, on(20))
    assert events == [StampWithdrawn(on(20), None, spent=True)]
    assert after.owed == 1
    repaid, events = stamps.earn(COUNTER, after, on(21))
    assert events == [StampEarned(on(21), None)]
    assert (repaid.owed, repaid.stamps) == (0, ())
    again, _ = stamps.take_back(COUNTER, repaid, None, None, on(22))
    assert again.owed == 1


def test_a_stamp_in_hand_pays_for_the_one_that_was_used_up() -> None:
    reward = Reward(Lot(1, on(9), on(59)), lots(0, 5, 9), used=True)
    after, events = stamps.take_back(COUNTER, Card(on(20), stamps=lots(15, 16, first=4)), lots(0)[0], reward, on(20))
    assert events == [StampWithdrawn(on(20), lots(15, first=4)[0], spent=True)]
    assert (after.owed, len(after.stamps)) == (0, 1)


def test_a_free_visit_that_had_expired_stays_so_and_leaves_no_deficit() -> None:
    consumed = lots(0, 5, 9)
    reward = Reward(Lot(1, on(9), on(59), expired=True), consumed, used=False)
    held = Card(on(70), free_visits=(reward.lot,))
    after, events = stamps.take_back(COUNTER, held, consumed[0], reward, on(70))
    assert events == [FreeVisitVoided(on(70), reward.lot)]
    assert (after.stamps, after.owed, after.good_free_visits(on(40))) == ((), 0, [])
    assert stamps.take_back(COUNTER, after, consumed[1], reward, on(70)) == (after, [])


def test_one_that_had_ended_before_it_was_there_gives_its_stamps_back() -> None:
    consumed = lots(0, 65, 66)
    reward = Reward(Lot(1, on(9), on(59), expired=True), consumed, used=False, never_good=True)
    held = Card(on(70), free_visits=(reward.lot,))
    after, events = stamps.take_back(COUNTER, held, consumed[0], reward, on(70))
    assert [type(one) for one in events] == [FreeVisitRevived, FreeVisitWithdrawn, StampWithdrawn]
    assert (after.stamps, after.free_visits) == (consumed[1:], ())


@pytest.mark.parametrize(
    ("through", "undone", "good_through"), [(50, 20, 50), (50, 45, 59), (50, 90, 104), (None, 90, None)]
)
def test_a_free_visit_returns_with_two_weeks_at_least(
    through: int | None, undone: int, good_through: int | None
) -> None:
    lot = Lot(1, on(0), None if through is None else on(through))
    after, events = stamps.give_back(Card(on(undone)), lot, on(undone))
    returned = replace(lot, through=None if good_through is None else on(good_through))
    assert events == [FreeVisitReturned(on(undone), returned)]
    assert after.good_free_visits(on(undone)) == [returned]


def test_a_free_visit_that_has_expired_is_not_one_that_was_used() -> None:
    ended = [
        Entry(Unit.STAMP, Verb.EARN, 1, on(0), 1, on(100), visit=7),
        Entry(Unit.STAMP, Verb.CONSUME, -1, on(0), 1, visit=7, free_visit=1),
        Entry(Unit.FREE_VISIT, Verb.ISSUE, 1, on(0), 1, on(50), visit=7),
        Entry(Unit.FREE_VISIT, Verb.EXPIRE, -1, on(51), 1),
    ]
    stamp = Lot(1, on(0), on(100))
    made = Reward(Lot(1, on(0), on(50), expired=True), [stamp], used=False)
    assert Ledger.of(ended).stamp_of(7) == (stamp, made)
    taken = Entry(Unit.FREE_VISIT, Verb.REDEEM, -1, on(9), 1, visit=8)
    used = Reward(Lot(1, on(0), on(50)), [stamp], used=True)
    assert Ledger.of([*ended[:3], taken]).stamp_of(7) == (stamp, used)
