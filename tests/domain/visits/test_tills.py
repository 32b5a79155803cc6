"""Closing a till against the database: what was expected, what was counted, and what belongs to the next close."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
import pytest

from console.domain import db
from console.domain.booking import actions as bookings
from console.domain.booking.rules import CancelledBy
from console.domain.errors import Changed, Forbidden, Invalid, NotUndoable
from console.domain.ids import FeeId, OperationId, ReasonId
from console.domain.undo import undo
from console.domain.visits import actions, fees, fees_checks, refunds, tills
from console.domain.visits.fees_rules import Cause, Rule
from console.domain.visits.rules import Paid
from console.domain.visits.tills import Count, mark
from console.domain.visits.tills_queries import CloseView, Open, cashbook, close_of, closes_on, open_till
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.meeting import meet, waits
from tests.till import USUAL, Desk, means
from tests.yard import NOON

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def why(desk: Desk) -> ReasonId:
    return ReasonId(await factories.reason("till"))


async def expected(desk: Desk) -> dict[int, tuple[int, int]]:
    """What each method opened with and took."""
    return {one.method: (one.opening, one.taken) for one in (await open_till(desk.location)).lines}


async def close(desk: Desk, *counts: Count, now: datetime = NOW) -> CloseView:
    """Count the till; as expected where nothing is said."""
    till = await open_till(desk.location)
    said = counts or tuple(Count(one.expected, 0) for one in till.lines)
    done = await tills.close(means(ANNA, now), desk.location, mark(till), said)
    return await close_of(done.result["till_close"])


async def test_each_method_expects_what_came_in_less_what_went_out(desk: Desk) -> None:
    await desk.come()
    done = await desk.come(client=None, paid=0, payments=(Paid(desk.card, USUAL), Paid(desk.cash, 500, tip=True)))
    back = (Paid(desk.card, 50_000),)
    await refunds.refund(means(VERA), done.result["visit"], desk.location, back, desk.sorry)
    assert await expected(desk) == {desk.cash: (0, USUAL + 500), desk.card: (0, USUAL - 50_000)}


async def test_a_fee_that_is_received_is_expected_too(desk: Desk) -> None:
    await db.execute("UPDATE location SET notice_hours = 48")
    rules = {Cause.LATE_CANCELLATION: Rule(50_000, "EUR")}
    await fees.change_rules(means(VERA), desk.location, 0, rules)
    await bookings.cancel(means(VERA), await desk.yard.book(desk.yard.nina, NOON), CancelledBy.CLIENT)
    fee = FeeId(await db.fetchval("SELECT id FROM fee"))
    await fees.pay(means(ANNA), fee, desk.location, Paid(desk.cash, 50_000))
    assert await expected(desk) == {desk.cash: (0, 50_000)}
    await close(desk)
    assert await expected(desk) == {desk.cash: (0, 0)}
    assert await fees_checks.closes_hold_what_was_counted() == []


async def test_what_comes_after_a_close_belongs_to_the_next_with_what_was_left(desk: Desk) -> None:
    await desk.come()
    first = await close(desk, Count(USUAL, 30_000))
    assert (first.from_at, first.to_at, first.actor) == (None, NOW, ANNA.id)
    assert await expected(desk) == {desk.cash: (30_000, 0)}
    await desk.come(client=None)
    second = await close(desk, now=LATER)
    assert (second.from_at, second.to_at) == (NOW, LATER)
    assert [(one.opening, one.taken, one.counted) for one in second.counts] == [(30_000, USUAL, 30_000 + USUAL)]
    assert [one.id for one in await closes_on(desk.location, NOW.date())] == [first.id, second.id]
    assert await fees_checks.closes_hold_what_was_counted() == []


async def test_a_difference_needs_a_reason_which_is_kept_for_a_difference_alone(desk: Desk, why: ReasonId) -> None:
    await desk.come()
    with pytest.raises(Invalid) as refused:
        await close(desk, Count(USUAL - 100, 0))
    assert refused.value.problems.keys() == {"reason_1"}
    with pytest.raises(Invalid) as refused:
        await close(desk, Count(USUAL - 100, 0, ReasonId(desk.sorry)))
    assert refused.value.problems.keys() == {"reason_1"}
    short = await close(desk, Count(USUAL - 100, 0, why))
    assert [(one.differs, one.reason is not None) for one in short.counts] == [(-100, True)]
    right = await close(desk, Count(0, 0, why), now=LATER)
    assert [(one.differs, one.reason) for one in right.counts] == [(0, None)]


@pytest.mark.parametrize(
    ("count", "field"),
    [(Count(USUAL, USUAL + 1), "leaves_1"), (Count(USUAL, -1), "leaves_1"), (Count(-1, 0), "counted_1")],
)
async def test_no_more_is_left_than_there_is(desk: Desk, why: ReasonId, count: Count, field: str) -> None:
    await desk.come()
    with pytest.raises(Invalid) as refused:
        await close(desk, replace(count, reason=why))
    assert refused.value.problems.keys() == {field}


async def test_a_till_into_which_something_went_meanwhile_is_counted_again(desk: Desk) -> None:
    till = await open_till(desk.location)
    await desk.come()
    with pytest.raises(Changed):
        await tills.close(means(ANNA), desk.location, mark(till), tuple(Count(0, 0) for _ in till.lines))


async def test_two_desks_at_once_close_it_once(desk: Desk) -> None:
    await desk.come()
    till = await open_till(desk.location)
    asked = [tills.close(means(ANNA), desk.location, mark(till), (Count(USUAL, 0),)) for _ in range(2)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["Changed", "Outcome"]
    assert await db.fetchval("SELECT count(*) FROM till_close") == 1


async def _undone_visit(desk: Desk) -> int:
    return (await desk.come()).operation_id


async def _undone_fee(desk: Desk) -> int:
    await db.execute("UPDATE location SET notice_hours = 48")
    await fees.change_rules(means(VERA), desk.location, 0, {Cause.LATE_CANCELLATION: Rule(50_000, "EUR")})
    await bookings.cancel(means(VERA), await desk.yard.book(desk.yard.nina, NOON), CancelledBy.CLIENT)
    fee = FeeId(await db.fetchval("SELECT id FROM fee"))
    return (await fees.pay(means(ANNA), fee, desk.location, Paid(desk.cash, 50_000))).operation_id


@pytest.mark.parametrize("taking", [_undone_visit, _undone_fee])
async def test_a_till_out_of_which_an_undo_gives_money_back_meanwhile_is_counted_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, taking: Callable[[Desk], Awaitable[int]]
) -> None:
    done = OperationId(await taking(desk))
    till = await open_till(desk.location)
    counts = tuple(Count(one.expected, 0) for one in till.lines)
    closing = tills.close(means(ANNA), desk.location, mark(till), counts)
    _, closed = await meet(monkeypatch, undo(means(VERA), done), closing)
    assert isinstance(closed, Changed)
    assert await db.fetchval("SELECT count(*) FROM till_close") == 0


@pytest.mark.parametrize("taking", [_undone_visit, _undone_fee])
async def test_what_an_undo_gives_back_while_a_till_is_closed_comes_out_of_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, taking: Callable[[Desk], Awaitable[int]]
) -> None:
    done = OperationId(await taking(desk))
    till = await open_till(desk.location)
    counts = tuple(Count(one.expected, one.expected) for one in till.lines)
    looked, go_on = asyncio.Event(), asyncio.Event()

    async def look(location: int) -> Open:
        found = await open_till(location)
        looked.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(tills, "open_till", look)
    closing = asyncio.create_task(tills.close(means(ANNA), desk.location, mark(till), counts))
    await looked.wait()
    undoing = asyncio.create_task(undo(means(VERA), done))
    await waits(undoing)
    go_on.set()
    await asyncio.gather(closing, undoing)
    taken = till.lines[0].taken
    assert await expected(desk) == {desk.cash: (taken, -taken)}
    assert await fees_checks.closes_hold_what_was_counted() == []


async def test_a_close_is_signed_for_good(desk: Desk) -> None:
    till = await open_till(desk.location)
    done = await tills.close(means(ANNA), desk.location, mark(till), tuple(Count(0, 0) for _ in till.lines))
    with pytest.raises(NotUndoable):
        await undo(means(VERA), done.operation_id)
    nobody = replace(means(ANNA), actor=replace(ANNA.actor, permissions=frozenset()))
    with pytest.raises(Forbidden):
        await tills.close(nobody, desk.location, mark(till), ())


async def test_undoing_a_visit_of_a_closed_till_gives_the_money_back_out_of_the_next(desk: Desk) -> None:
    done = await desk.come()
    await close(desk, Count(USUAL, USUAL))
    await undo(means(VERA, LATER), done.operation_id)
    assert await expected(desk) == {desk.cash: (USUAL, -USUAL)}


async def test_the_cashbook_of_a_day_has_everything_in_time_and_who_did_it(desk: Desk) -> None:
    zone = (await close(desk)).zone
    done = await desk.come(paid=150_000)
    await actions.pay(means(ANNA, LATER), done.result["visit"], desk.location, (Paid(desk.card, 50_000),))
    moves = await cashbook(desk.location, NOW.date(), zone)
    assert [(one.at, one.minor, one.actor, one.client) for one in moves] == [
        (NOW, 150_000, VERA.id, desk.client),
        (LATER, 50_000, ANNA.id, desk.client),
    ]
    assert await cashbook(desk.location, NOW.date() - timedelta(1), zone) == []


async def test_the_database_keeps_a_closed_till_as_it_was_counted(desk: Desk, as_owner: asyncpg.Connection) -> None:
    await desk.come()
    await close(desk)
    for table in ("till_close", "till_count", "till_entry", "fee_payment"):
        if await as_owner.fetchval(f"SELECT count(*) FROM {table}"):
            with pytest.raises(asyncpg.PostgresError, match="append-only"):
                await as_owner.execute(f"DELETE FROM {table}")
    await desk.come(client=None)
    more = (
        "INSERT INTO till_entry (operation, till_close, payment)"
        " SELECT c.operation, c.id, (SELECT max(id) FROM payment) FROM till_close c"
    )
    with pytest.raises(asyncpg.RestrictViolationError, match="stays as it was counted"):
        await as_owner.execute(more)
    again = (
        'INSERT INTO till_close (version, operation, location, "on", from_at, to_at)'
        ' SELECT 1, operation, location, "on", from_at, now() FROM till_close'
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        await as_owner.execute(again)


async def test_the_database_counts_what_was_taken_itself(desk: Desk, as_owner: asyncpg.Connection) -> None:
    await desk.come()
    first = await as_owner.fetchval(
        'INSERT INTO till_close (version, operation, location, "on", to_at)'
        " SELECT 1, max(operation), $1, '2026-05-12', now() FROM payment RETURNING id",
        desk.location,
    )
    await as_owner.execute(
        "INSERT INTO till_entry (operation, till_close, payment)"
        " SELECT c.operation, c.id, p.id FROM till_close c, payment p"
    )
    with pytest.raises(asyncpg.RestrictViolationError, match="went into the close"):
        await as_owner.execute(
            "INSERT INTO till_count (version, operation, till_close, method, currency, opening, taken, counted, leaves)"
            " SELECT 1, operation, id, $2, 'EUR', 0, 1, 1, 0 FROM till_close WHERE id = $1",
            first,
            desk.cash,
        )
