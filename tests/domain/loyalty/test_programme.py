"""The programme's versions: one draft, published for good, withdrawn only before it is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import asyncpg
import pytest

from console.domain import db
from console.domain.business import actions as business
from console.domain.business.actions import About
from console.domain.errors import HasDependants, Invalid, NotFound, Stale
from console.domain.ids import OperationId
from console.domain.loyalty import actions, queries
from console.domain.loyalty.actions import DraftThere, InForce
from console.domain.loyalty.presets import both, cumulative
from console.domain.loyalty.queries import VersionView
from console.domain.loyalty.rules.programme import Counter, Programme
from console.domain.undo import offered, undo
from tests.cast import NOW, OLEG, VERA
from tests.factories import client, staff
from tests.yard import intent

USUAL = 200_000
TODAY = NOW.date()


@pytest.fixture(autouse=True)
async def _manager(database: None) -> None:
    await staff(VERA)
    await staff(OLEG)


async def draft() -> VersionView:
    found = await queries.draft()
    assert found is not None
    return found


async def published(programme: Programme, on: date) -> VersionView:
    if await queries.draft() is None:
        await actions.start_draft(intent(VERA), programme)
    one = await draft()
    await actions.change_draft(intent(VERA), one.id, one.version, programme)
    one = await draft()
    await actions.publish(intent(VERA), one.id, one.version, on)
    return await queries.by_id(one.id)


async def test_a_new_database_has_a_draft_of_the_counter_and_the_tiers_that_shrink() -> None:
    assert (await draft()).programme == both(actions.USUAL)
    assert list(await queries.published()) == []


async def test_the_first_version_may_begin_in_the_past_and_each_further_one_tomorrow_at_the_earliest() -> None:
    first = await published(both(USUAL), date(2020, 1, 1))
    assert (first.number, first.effective_from, first.programme) == (1, date(2020, 1, 1), both(USUAL))
    for day in (TODAY, date(2020, 1, 2)):
        with pytest.raises(Invalid) as refused:
            await published(cumulative(USUAL), day)
        assert refused.value.problems.keys() == {"effective_from"}
    second = await published(cumulative(USUAL), TODAY + timedelta(2))
    assert second.number == 2
    assert [one.number for one in await queries.published()] == [2, 1]
    in_force = await queries.versions()
    assert in_force.on(TODAY) == both(USUAL)
    assert in_force.on(TODAY + timedelta(2)) == cumulative(USUAL)


async def test_two_versions_never_begin_on_one_date() -> None:
    await published(both(USUAL), date(2020, 1, 1))
    await published(both(USUAL), TODAY + timedelta(9))
    with pytest.raises(Invalid) as refused:
        await published(cumulative(USUAL), TODAY + timedelta(9))
    assert refused.value.problems["effective_from"].key == "problem.version_that_day"


async def test_what_makes_no_sense_is_refused_and_nothing_is_kept() -> None:
    one = await draft()
    wrong = Programme(Counter(0, services=frozenset({"404"})))
    with pytest.raises(Invalid) as refused:
        await actions.change_draft(intent(VERA), one.id, one.version, wrong)
    assert refused.value.problems.keys() == {"stamps_required", "services"}
    assert await draft() == one


async def test_there_is_one_draft_and_another_desk_changes_what_it_saw_only() -> None:
    one = await draft()
    with pytest.raises(DraftThere):
        await actions.start_draft(intent(VERA), cumulative(USUAL))
    await actions.change_draft(intent(VERA), one.id, one.version, cumulative(USUAL))
    with pytest.raises(Stale):
        await actions.publish(intent(VERA), one.id, one.version, TODAY)
    now = await draft()
    await actions.drop_draft(intent(VERA), now.id, now.version)
    assert await queries.draft() is None
    with pytest.raises(NotFound):
        await actions.change_draft(intent(VERA), now.id, now.version + 1, both(USUAL))


async def test_a_version_not_in_force_yet_is_withdrawn_by_undo_and_its_rules_are_the_draft_again() -> None:
    await published(both(USUAL), date(2020, 1, 1))
    await actions.start_draft(intent(VERA), replace(both(USUAL), max_discount_bp=2_000))
    one = await draft()
    done = await actions.publish(intent(VERA), one.id, one.version, TODAY + timedelta(5))
    await undo(intent(VERA), done.operation_id)
    assert [found.number for found in await queries.published()] == [1]
    assert (await draft()).programme.max_discount_bp == 2_000
    again = await published((await draft()).programme, TODAY + timedelta(5))
    assert again.number == 3


async def test_a_version_in_force_is_not_withdrawn() -> None:
    one = await draft()
    done = await actions.publish(intent(VERA), one.id, one.version, TODAY)
    with pytest.raises(InForce):
        await undo(intent(VERA), done.operation_id)


async def test_the_database_keeps_a_version_that_came_into_force(as_owner: asyncpg.Connection) -> None:
    await published(both(USUAL), TODAY)
    with pytest.raises(asyncpg.RestrictViolationError):
        await as_owner.execute("UPDATE programme_version SET retired_at = now()")
    assert [one.number for one in await queries.published()] == [1]


async def test_the_database_keeps_a_version_that_an_account_was_judged_by_whatever_the_clock_says(
    as_owner: asyncpg.Connection,
) -> None:
    await published(both(USUAL), TODAY)
    await as_owner.execute(
        "INSERT INTO loyalty_account (client, stamps, free_visits, night, version, operation)"
        f" SELECT {await client()}, 0, 0, '{TODAY}', 1, max(id) FROM operation"
    )
    with pytest.raises(asyncpg.RestrictViolationError):
        await as_owner.execute("UPDATE programme_version SET retired_at = '2000-01-01'")
    assert [one.number for one in await queries.published()] == [1]


@pytest.mark.parametrize(
    "change",
    ["rules = '{}'", "number = 7", "effective_from = '2031-01-01'", "published_at = NULL, number = NULL"],
)
async def test_the_database_keeps_a_published_version_as_it_is(change: str, as_owner: asyncpg.Connection) -> None:
    first = await published(both(USUAL), date(2020, 1, 1))
    with pytest.raises(asyncpg.RestrictViolationError):
        await as_owner.execute(f"UPDATE programme_version SET {change}")
    with pytest.raises(asyncpg.RestrictViolationError):
        await as_owner.execute("DELETE FROM programme_version")
    assert await queries.version(1) == first


async def test_another_currency_is_not_taken_back_once_rules_are_published_that_count_in_it() -> None:
    about = About("Sparkle", None, None, None, None, "EUR", ("en",), "en")
    version = await db.fetchval("SELECT version FROM business")
    named = await business.change(intent(OLEG), version, replace(about, currency="USD"), None, False)
    euros = await business.change(intent(OLEG), version + 1, about, None, False)
    assert await offered([euros.operation_id]) == {euros.operation_id}
    await published(both(USUAL), TODAY + timedelta(2))
    assert await offered([named.operation_id, euros.operation_id]) == set()
    with pytest.raises(HasDependants) as refused:
        await undo(intent(OLEG), euros.operation_id)
    (publication,) = [id for id, kind, _ in refused.value.operations if kind == "programme.publish"]
    await undo(intent(VERA), OperationId(publication))
    await undo(intent(OLEG), euros.operation_id)
    assert await db.fetchval("SELECT currency FROM business") == "USD"
