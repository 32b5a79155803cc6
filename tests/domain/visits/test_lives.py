"""A client's life through the use cases, in any order: entries, balances, money and messages agree after every step.

What the doctor looks at finds nothing, and whatever is taken back in the end leaves nothing behind.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain import db
from console.domain.errors import Changed, DomainError
from console.domain.ids import ClientId, OperationId, VisitId
from console.domain.intent import Outcome
from console.domain.loyalty import checks as loyalty
from console.domain.loyalty import fixed_cards
from console.domain.loyalty.nights import night
from console.domain.loyalty.rules.programme import Counter, Programme, Threshold, Tier, Tiers
from console.domain.undo import undo
from console.domain.visits import actions, checks, refunds
from console.domain.visits.actions import Paid
from tests import factories, till
from tests import yard as yards
from tests.cast import NOW, VERA
from tests.domain.loyalty.rules.naive import Line
from tests.domain.visits.beside import Beside, Came
from tests.domain.visits.telling import wrongly_told
from tests.till import SOAP, USUAL, Desk, means


def comes(most: int) -> st.SearchStrategy[tuple[object, ...]]:
    """How many days ago, with a free visit if there is one, and how much of it is paid: none, half, all."""
    return st.tuples(st.just("comes"), st.integers(0, most), st.booleans(), st.sampled_from([0, 1, 2]))


STEP = st.one_of(
    *map(comes, (0, 5, 20, 60)),
    st.tuples(st.just("buys")),
    st.tuples(st.just("pays"), st.integers(0, 9)),
    st.tuples(st.just("is_refunded"), st.integers(0, 9), st.booleans()),
    st.tuples(st.just("is_undone"), st.integers(0, 9)),
    st.tuples(st.just("is_undone_and_done_again"), st.integers(0, 9)),
    st.tuples(st.just("time_passes"), st.integers(1, 100)),
    st.tuples(st.just("holds_a_fixed_card")),
    st.tuples(st.just("is_told")),
)

PAID, OWED = ("comes", 0, False, 2), ("comes", 0, False, 0)
DROPPED = (PAID, PAID, ("time_passes", 60), OWED, ("time_passes", 31), ("time_passes", 6))
"""A tier is reached and lost again, for a visit that is still to be paid."""
DAY_AFTER, FREE = ("time_passes", 1), ("comes", 0, True, 0)
RETURNED = (PAID, DAY_AFTER, PAID, ("is_undone", 1), ("is_undone", 1), ("time_passes", 30), FREE, ("is_undone", 2))
"""A tier and a free visit are reached, lost and had again; and the free visit comes back when little of it is left."""

SILVER, GOLD = Tier("silver", {"en": "Silver"}, 500), Tier("gold", {"en": "Gold"}, 1_000)
QUICK = Programme(
    counter=Counter(stamps_required=2, stamp_valid_days=60, reward_valid_days=40),
    tiers=Tiers(
        (
            Tier("base", {"en": "Base"}),
            replace(SILVER, enter=Threshold(2, USUAL), keep=Threshold(1, USUAL)),
            replace(GOLD, enter=Threshold(4, 3 * USUAL), keep=Threshold(3, 2 * USUAL)),
        ),
        window_days=90,
        grace_days=5,
    ),
)
"""Rules by which much happens within a short life."""


class Life:
    """One client at a desk. `done`: the operations that stand, the visit's first of all."""

    def __init__(self, desk: Desk, client: ClientId) -> None:
        self.desk, self.client, self.now = desk, client, NOW
        self.visits: list[int] = []
        self.done: list[OperationId] = []
        self.beside = Beside(QUICK)

    async def comes(self, ago: int, free: bool, share: int) -> None:
        for bp, played in ((0, free), (500, free), (1_000, free), (0, False), (500, False), (1_000, False)):
            due = 0 if played else USUAL - USUAL * bp // 10_000
            try:
                await self._finish(ago, due, played, due * share // 2)
            except Changed:
                continue
            except DomainError:
                if played:
                    continue
                raise
            return

    async def buys(self) -> None:
        await self._finish(0, SOAP, False, SOAP, [self.desk.bar])

    async def _finish(self, ago: int, due: int, free: bool, paid: int, lines: Any = None) -> None:
        at = {"ago": ago, "due": due, "free": free, "paid": paid, "lines": lines}
        done = await self.desk.come(client=self.client, now=self.now, **at)
        self.visits.append(done.result["visit"])
        self._did(done)
        line, today = Line(SOAP) if lines else Line(USUAL, service="clean"), self.now.date()
        came = Came(done.result["visit"], today - timedelta(ago), line, free, paid)
        self.beside.came(done.operation_id, came, due, today)

    async def pays(self, which: int) -> None:
        visit = VisitId(self.visits[which % len(self.visits)])
        paid = (Paid(self.desk.card, USUAL // 2),)
        done = await actions.pay(means(now=self.now), visit, self.desk.location, paid)
        self._did(done)
        self.beside.paid(done.operation_id, visit, USUAL // 2, self.now.date())

    async def is_refunded(self, which: int, full: bool) -> None:
        visit = VisitId(self.visits[which % len(self.visits)])
        paid = int(await db.fetchval("SELECT coalesce(sum(minor), 0) FROM payment WHERE visit = $1", visit))
        minor = paid if full else paid // 3
        back = (Paid(self.desk.cash, minor),) if minor else ()
        intent = means(now=self.now)
        done = await refunds.refund(intent, visit, self.desk.location, back, self.desk.sorry)
        self._did(done)
        self.beside.paid(done.operation_id, visit, -minor, self.now.date(), full=minor in (0, paid))

    async def is_undone(self, which: int) -> None:
        await self._undo(self.done[which % len(self.done)])

    async def _undo(self, operation: OperationId) -> OperationId:
        again = await undo(means(now=self.now), operation)
        self.done[self.done.index(operation)] = again.operation_id
        self.beside.undone(operation, again.operation_id, self.now.date())
        return again.operation_id

    async def is_undone_and_done_again(self, which: int) -> None:
        """Which leaves the tier and its drop as they were."""
        operation = self.done[which % len(self.done)]
        if not await db.fetchval("SELECT kind LIKE 'visit.%' FROM operation WHERE id = $1", operation):
            return
        await self._sleeps()
        before = await self.tier()
        for _ in range(2):
            operation = await self._undo(operation)
        assert await self.tier() == before

    async def tier(self) -> tuple[Any, ...]:
        row = await db.fetchrow("SELECT tier, drops_on FROM loyalty_account WHERE client = $1", self.client)
        return tuple(row or ())

    async def time_passes(self, days: int) -> None:
        self.now += timedelta(days)
        await self._sleeps()

    async def _sleeps(self) -> None:
        today = self.now.date()
        await night(means(now=self.now), self.client, today)
        self.beside.nights(today, today)

    async def holds_a_fixed_card(self) -> None:
        """They do, or no more."""
        held = await db.fetchval("SELECT id FROM fixed_card WHERE client = $1 AND retired_at IS NULL", self.client)
        if held is None:
            self._did(await fixed_cards.give(means(now=self.now), self.client, 700, None, None))
        else:
            self._did(await fixed_cards.withdraw(means(now=self.now), self.client, held))
        self.beside.forget()

    async def is_told(self) -> None:
        """What is due goes out; what was told before is not told again, and not withdrawn."""
        due = "client = $1 AND status = 'due' AND retired_at IS NULL AND due_at <= $2"
        await db.execute(f"UPDATE message SET status = 'skipped', reason = 'quiet' WHERE {due}", self.client, self.now)

    async def ends(self) -> None:
        """Everything that stands is taken back, the latest first."""
        rows = await db.fetch(
            "SELECT id FROM operation o WHERE id = ANY($1::bigint[]) AND (WITH RECURSIVE chain AS"
            " (SELECT o.undoes, 0 AS undos UNION ALL SELECT x.undoes, undos + 1 FROM chain"
            "  JOIN operation x ON x.id = chain.undoes) SELECT max(undos) FROM chain) % 2 = 0 ORDER BY id DESC",
            self.done,
        )
        for row in rows:
            await self._undo(OperationId(row["id"]))
            assert await self.beside.agrees(self.client)

    def _did(self, done: Outcome[Any]) -> None:
        self.done.append(done.operation_id)


async def left(client: int) -> dict[str, int]:
    """What a client's ledger and payments add up to, without what is nothing."""
    rows = await db.fetch(
        "SELECT unit, sum(delta)::bigint AS sum FROM loyalty_entry WHERE client = $1 GROUP BY unit UNION ALL"
        " SELECT 'money', sum(p.minor)::bigint FROM payment p JOIN visit v ON v.id = p.visit WHERE v.client = $1",
        client,
    )
    return {row["unit"]: row["sum"] for row in rows if row["sum"]}


async def all_is_well() -> None:
    for check in (*loyalty.LEDGERS, *checks.CHECKS):
        assert await check() == []


@pytest.fixture
async def desk(database: None) -> Desk:
    await factories.staff(VERA)
    return await till.desk(await yards.yard(), QUICK)


@given(st.tuples(st.sampled_from([(), DROPPED, RETURNED]), st.lists(STEP, min_size=4, max_size=14)))
@settings(max_examples=16, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_whatever_happens_the_books_agree(
    desk: Desk, steps: tuple[Sequence[tuple[Any, ...]], Sequence[tuple[Any, ...]]]
) -> None:
    life = Life(desk, ClientId(await factories.client()))
    for name, *said in chain(*steps):
        if name in ("pays", "is_refunded", "is_undone", "is_undone_and_done_again") and not life.visits:
            continue
        with contextlib.suppress(DomainError):  # what is not lawful then
            await getattr(life, name)(*said)
        await all_is_well()
        assert await life.beside.agrees(life.client)
        assert await wrongly_told(life.client, life.now.date()) == []
    await life.ends()
    await all_is_well()
    assert await wrongly_told(life.client, life.now.date()) == []
    assert not {"spend", "visit", "money"} & (await left(life.client)).keys()
    assert await life.tier() in ((), ("base", None))
