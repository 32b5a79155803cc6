"""A manager has the draft tried on what happened, waits for it, and reads it beside the version in force."""

from __future__ import annotations

from itertools import pairwise

import pytest

from console.domain import db
from console.domain.loyalty import actions, queries
from console.domain.loyalty.rules.programme import Counter, Programme, Threshold, Tier, Tiers
from console.routes import _trial_chart as charts
from tests import till, yard
from tests.cast import ANNA, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.till import Desk, means
from tests.words import say
from workers.trials import try_waiting

pytestmark = pytest.mark.usefixtures("today")

TRIAL, DRAFT = "/programme/trial", "/programme/draft"
SILVER = Tiers([Tier("base", {"en": "Base", "ru": "Базовый"}), Tier("s", {"en": "Silver"}, 1_000, Threshold(2))])


async def opened() -> Desk:
    """A counter is in force by which the fifth is free, and a draft that gives a tenth off from the third visit on."""
    desk = await till.desk(await yard.yard(), Programme(Counter()))
    await actions.start_draft(means(), Programme(None, SILVER))
    for ago in (40, 30, 20):
        await desk.come(ago)
    return desk


async def ask(visitor: Visitor) -> Page:
    draft = await queries.draft()
    assert draft is not None
    return await visitor.send(await visitor.open(TRIAL), f"/programme/drafts/{draft.id}/trial")


def sums(page: Page, name: str) -> list[str]:
    """A row of what all clients together come to: by the version in force, by the draft, and the difference."""
    rows = page.all(".trial-sums tbody th")
    cells = page.all(".trial-sums tbody td")
    at = 3 * rows.index(name)
    return cells[at : at + 3]


async def test_a_draft_is_tried_by_a_button_and_read_beside_the_version_in_force(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    desk = await opened()
    assert (await vera.open(DRAFT)).has(f'a[href="{TRIAL}"]')
    page = await ask(vera)
    assert page.path == TRIAL
    assert page.has("progress")
    assert page.has(f'a[href="{TRIAL}"]'), "without a script one looks again"
    assert page.has(f'[hx-get="{TRIAL}/progress"]')
    await try_waiting({})
    page = await vera.open(TRIAL)
    assert sums(page, "Tier discounts") == ["€0", "−€200", "−€200"]
    assert sums(page, "Clients paid") == ["€6,000", "€5,800", "−€200"]
    assert sums(page, "Taken off, of the list price")[2] == "+3.33 pp"
    assert page.has(f'.trial-few a[href="/clients/{desk.client}"]')
    assert "no tier → Silver" in page.words(".trial-few")
    assert page.has("svg rect.level-1")
    assert "Silver 1" in page.words(".trial-tiers svg")
    assert page.words("#trial") == (await vera.open(f"{TRIAL}/progress")).words("#trial")


async def test_it_says_that_the_draft_is_another_one_by_now(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await opened()
    await ask(vera)
    await try_waiting({})
    draft = await queries.draft()
    assert draft is not None
    await actions.change_draft(means(), draft.id, draft.version, Programme(Counter(9), SILVER))
    page = await vera.open(TRIAL)
    assert "The draft was changed since" in page.words("#trial")
    await ask(vera)
    await try_waiting({})
    assert "The draft was changed since" not in (await vera.open(TRIAL)).words("#trial")


async def test_what_could_not_be_tried_is_said_and_may_be_tried_again(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await opened()
    await ask(vera)
    await db.execute("UPDATE programme_trial SET failed = 'problem.trial_cut_off'")
    page = await vera.open(TRIAL)
    assert say("problem.trial_cut_off") in page.words("#trial")
    await ask(vera)
    assert (await vera.open(TRIAL)).has("progress")


async def test_the_front_desk_tries_nothing_and_without_a_draft_there_is_nothing_to_try(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await opened()
    assert (await (await sign_in(ANNA)).open(TRIAL)).status == 403
    draft = await queries.draft()
    assert draft is not None
    await actions.drop_draft(means(), draft.id, draft.version)
    assert (await vera.open(TRIAL)).path == "/programme"


def test_the_columns_of_a_chart_stand_within_it_and_no_name_over_another() -> None:
    populations = [[[40, 9, 0, 1], [30, 90, 33, 0], [1, 2, 0, 0]], [[5, 0, 0, 0]] * 3]
    most = charts.top(populations)
    assert most == 150
    drawn = charts.chart(populations[0], ["Base", "Silver", "Gold", "Platinum"], ["Mar", "Apr", "May"], most)
    assert all(drawn.left <= one.x and one.x + one.width <= drawn.right for one in drawn.blocks)
    assert all(drawn.top <= one.y and one.y + one.height <= drawn.bottom for one in drawn.blocks)
    assert [(one.text, one.level) for one in drawn.names] == [("Silver", 1), ("Gold", 2), ("Platinum", 3)]
    assert all(low.y - high.y >= charts.LINE for low, high in pairwise(drawn.names))
    assert [one.text for one in drawn.months] == ["May"]
    assert charts.top([[[7, 0]], [[]]]) == 0
