"""A worker tries a draft on the business's own visits: anew where one was stopped, and only the last one asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from console.domain import clock, db
from console.domain.errors import NotFound
from console.domain.ids import ClientId, VersionId
from console.domain.loyalty import actions, fixed_cards, queries
from console.domain.loyalty.rules.programme import Counter, Programme
from console.domain.policies import trial_jobs, trials
from console.domain.policies.trial_jobs import CUT_OFF, FAILED, QUEUE
from console.domain.policies.trials import Found, TrialView
from console.domain.visits import past
from tests import factories, till, yard
from tests.cast import ANNA, NOW, VERA
from tests.domain.visits.test_taking_back import take_back
from tests.till import USUAL, Desk, means
from workers.trials import try_waiting


@pytest.fixture
async def desk(database: None) -> Desk:
    """A counter is in force by which the fifth is free, and a draft by which the third is."""
    await factories.staff(ANNA)
    await factories.staff(VERA)
    there = await till.desk(await yard.yard(), Programme(Counter()))
    await actions.start_draft(means(), Programme(Counter(2)))
    return there


async def ask() -> VersionId:
    draft = await queries.draft()
    assert draft is not None
    await trials.try_out(means(), draft.id)
    return draft.id


async def seen() -> TrialView:
    found = await trials.trial(clock.now())
    assert found is not None
    return found


async def found() -> Found:
    told = (await seen()).found
    assert told is not None
    return told


async def test_it_says_what_the_draft_would_have_changed_and_changes_nothing(desk: Desk) -> None:
    for ago in (40, 30, 20):
        await desk.come(ago)
    await take_back(await desk.come(10))
    await desk.come(5, client=None)
    before = await desk.card_of()
    await ask()
    assert (await seen()).waits
    assert await try_waiting({}) == 1
    told = await found()
    assert (told.clients, told.gain.many, told.gain.minor, told.lose.many) == (1, 1, USUAL, 0)
    assert [(one.client, one.paid, one.used) for one in told.gain.top] == [
        (desk.client, (3 * USUAL, 2 * USUAL), (0, 1))
    ]
    assert (told.stand.sums.visits, told.draft.sums.free, told.left_out.nobody) == (3, USUAL, 1)
    assert await desk.card_of() == before
    assert (await seen()).stands == 1
    assert await try_waiting({}) == 0


async def test_who_has_a_fixed_discount_is_left_out(desk: Desk) -> None:
    await desk.come(20)
    await fixed_cards.give(means(), desk.client, 1_000, None, None)
    other = ClientId(await factories.client())
    await desk.come(10, client=other)
    await ask()
    await try_waiting({})
    told = await found()
    assert (told.clients, told.stand.sums.visits, told.left_out.fixed) == (1, 1, 1)


async def test_the_same_draft_is_tried_once_at_a_time_and_another_takes_its_place(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.come(20)
    draft = await ask()
    await ask()
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'programme.try_out'") == 1
    job = await trial_jobs.claim(clock.now())
    assert job is not None
    assert await trial_jobs.claim(clock.now()) is None, "somebody is at work"
    one = await queries.draft()
    assert one is not None
    await actions.change_draft(means(), draft, one.version, replace(one.programme, counter=Counter(9)))
    await ask()

    async def unwanted(*_: object) -> object:
        raise AssertionError

    with monkeypatch.context() as reading:
        reading.setattr(past, "histories", unwanted)
        await trial_jobs.run(job)
    assert (await seen()).waits, "nobody wants to know of the draft as it was"
    assert await db.fetchval("SELECT count(*) FROM programme_trial") == 1
    assert await try_waiting({}) == 1
    assert (await seen()).programmes[1].counter == Counter(9)


async def test_only_a_draft_is_tried(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await trials.try_out(means(), (await queries.version(1)).id)


async def test_another_worker_begins_anew_where_one_was_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.come(20)
    await ask()
    reading = asyncio.Event()

    async def read(*_: object) -> object:
        reading.set()
        return await asyncio.Event().wait()

    monkeypatch.setattr(past, "histories", read)
    stopped = asyncio.create_task(try_waiting({}))
    await reading.wait()
    assert ((await seen()).in_work, (await seen()).of) == (True, 1)
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    monkeypatch.undo()
    assert await try_waiting({}) == 1
    assert (await found()).stand.sums.visits == 1


async def test_what_ends_its_worker_each_time_is_given_up_and_what_breaks_is_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask()
    for tries in range(1, QUEUE.tries + 1):
        job = await trial_jobs.claim(NOW)
        assert job is not None
        assert job.tries == tries
        await db.execute("UPDATE programme_trial SET claimed_until = NULL")
    assert await try_waiting({}) == 0
    assert (await seen()).failed == CUT_OFF
    await ask()

    async def broken(*_: object) -> object:
        raise RuntimeError

    monkeypatch.setattr(past, "who_came", broken)
    assert await try_waiting({}) == 1
    assert (await seen()).failed == FAILED
