"""A client's card as pages show it, and how it came to be so, from what stands in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain import db
from console.domain.ids import ClientId
from console.domain.intent import TERMINAL
from console.domain.loyalty import actions, cards, history, queries
from console.domain.loyalty.history import Source
from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.entries import Unit, Verb
from console.domain.loyalty.rules.programme import Standing
from tests import factories
from tests.domain.deeds import intent
from tests.loyal import TODAY, USUAL, ago, come, in_force, nights

pytestmark = pytest.mark.usefixtures("kernel")


@pytest.fixture
async def client() -> ClientId:
    return ClientId(await factories.client())


async def test_there_is_no_card_before_a_version_is_in_force(client: ClientId) -> None:
    assert await cards.card(client, TODAY) is None
    await in_force(since=TODAY)
    assert await cards.card(client, TODAY - timedelta(1)) is None
    assert await cards.card(client, TODAY) is not None


async def test_who_never_came_has_an_empty_card_and_the_first_tier(client: ClientId) -> None:
    await in_force()
    found = await cards.card(client, TODAY)
    assert found is not None
    assert found.stamps is not None
    assert (found.came, list(found.stamps.stamps), found.stamps.to_go, list(found.free_visits)) == (False, [], 4, [])
    assert found.tier is not None
    assert (found.tier.tier.code, found.tier.place, found.tier.rungs, found.tier.lasts) == ("base", 0, 3, None)


async def test_each_stamp_knows_the_visit_that_earned_it(client: ClientId) -> None:
    await in_force()
    for visit, days in ((11, 30), (12, 20), (13, 10)):
        await come(client, visit, days)
    found = await cards.card(client, TODAY)
    assert found is not None
    assert found.stamps is not None
    assert [(found.earned[one.number], one.on) for one in found.stamps.stamps] == [
        (11, ago(30)),
        (12, ago(20)),
        (13, ago(10)),
    ]


async def test_a_card_is_as_of_the_date_even_where_no_night_was_done_since(client: ClientId) -> None:
    await in_force()
    for visit in range(1, 5):
        await come(client, visit, 190 - visit)
    before = await db.fetchval("SELECT count(*) FROM tier_entry")
    found = await cards.card(client, TODAY)
    assert found is not None
    assert found.tier is not None
    assert found.tier.lasts is not None
    assert (found.tier.at_risk, found.tier.lasts.through) == (True, TODAY + timedelta(13))
    assert found.tier.waiting.told == TODAY  # no night told of it when it was due
    assert await db.fetchval("SELECT count(*) FROM tier_entry") == before
    await nights(client)
    after = await cards.card(client, TODAY)
    assert after == found


async def test_a_warning_told_late_stays_so_on_later_days(client: ClientId) -> None:
    await in_force()
    for visit in range(1, 5):
        await come(client, visit, 190 - visit)
    await nights(client)
    found = await cards.card(client, TODAY + timedelta(3))
    assert found is not None
    assert found.tier is not None
    assert found.tier.waiting.told == TODAY


async def test_the_lines_of_stamps_say_what_posted_them_and_how_many_were_left(client: ClientId) -> None:
    await in_force()
    for visit in range(1, 6):
        await come(client, visit, 40 - visit)
    lines = await history.lines(client, Unit.STAMP)
    assert [(one.first.verb, one.delta, one.balance) for one in lines] == [
        (Verb.EARN, 1, 1),
        (Verb.CONSUME, -4, 0),
        (Verb.EARN, 1, 4),
        (Verb.EARN, 1, 3),
        (Verb.EARN, 1, 2),
        (Verb.EARN, 1, 1),
    ]
    assert {(one.posted.source, one.version) for one in lines} == {(Source.VISIT, 1)}
    assert [one.posted.visit for one in lines] == [5, 4, 4, 3, 2, 1]


async def test_the_lines_tell_a_stamp_that_went_with_its_visit_from_one_that_pays_for_it(client: ClientId) -> None:
    await in_force()
    came = [await come(client, visit, 40 - visit) for visit in range(1, 5)]
    await come(client, 5, 30, free=True)
    await come(client, 6, 29)
    await came[0].taken_back()
    paid = (await history.lines(client, Unit.STAMP))[0]
    assert (paid.first.verb, paid.own, paid.posted.source, paid.balance) == (Verb.WITHDRAW, False, Source.UNDO, 0)
    last = await come(client, 7, 20)
    await last.taken_back()
    own = (await history.lines(client, Unit.STAMP))[0]
    assert (own.own, own.posted.visit) == (True, 7)


async def test_a_stamp_owed_is_a_balance_below_zero(client: ClientId) -> None:
    await in_force()
    came = [await come(client, visit, 40 - visit) for visit in range(1, 5)]
    await come(client, 5, 30, free=True)
    await came[0].taken_back()
    owed = (await history.lines(client, Unit.STAMP))[0]
    assert (owed.first.lot, owed.balance) == (None, -1)
    found = await cards.card(client, TODAY)
    assert found is not None
    assert found.stamps is not None
    assert (found.stamps.owed, found.stamps.to_go) == (1, 5)


async def test_the_lines_of_free_visits_go_from_issue_to_use_and_back(client: ClientId) -> None:
    await in_force()
    for visit in range(1, 5):
        await come(client, visit, 40 - visit)
    used = await come(client, 5, 30, free=True)
    await used.taken_back()
    lines = await history.lines(client, Unit.FREE_VISIT)
    assert [(one.first.verb, one.balance) for one in lines] == [
        (Verb.REVERSE, 1),
        (Verb.REDEEM, 0),
        (Verb.ISSUE, 1),
    ]


async def test_the_steps_of_a_tier_say_what_counted_then_and_what_counts_now(client: ClientId) -> None:
    await in_force()
    for visit in range(1, 5):
        await come(client, visit, 190 - visit)
    await nights(client)
    await come(client, 5, 0)
    steps, counted = await history.steps(client, TODAY)
    assert [(one.event, one.tier and one.tier.code, one.standing) for one in steps] == [
        ("warned", "silver", Standing(2, 2 * USUAL)),
        ("raised", "silver", Standing(4, 4 * USUAL)),
    ]
    assert (steps[0].posted.source, steps[0].missing) == (Source.NIGHT, Standing(1, USUAL))
    assert [one.visit for one in counted] == [5]
    assert counted[0].through == TODAY + timedelta(179)


async def test_a_tier_of_an_older_version_is_told_by_its_name_then(client: ClientId) -> None:
    await in_force()
    for visit in range(1, 5):
        await come(client, visit, 40 - visit)
    await actions.start_draft(intent(TERMINAL), both(USUAL))
    draft = await queries.draft()
    assert draft is not None
    rules = both(USUAL)
    assert rules.tiers is not None
    other = replace(rules, tiers=replace(rules.tiers, ladder=(rules.tiers.ladder[0], rules.tiers.ladder[2])))
    await actions.change_draft(intent(TERMINAL), draft.id, draft.version, other)
    await actions.publish(intent(TERMINAL), draft.id, draft.version + 1, TODAY + timedelta(1))
    await nights(client, TODAY + timedelta(1))
    steps, _ = await history.steps(client, TODAY + timedelta(1))
    assert [(one.event, one.before and one.before.code, one.tier and one.tier.code) for one in steps] == [
        ("rematched", "silver", "base"),
        ("raised", "base", "silver"),
    ]
    assert [one.version for one in steps] == [2, 1]
