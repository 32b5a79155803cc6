"""The demo's door: one click per role, and only where there is a demo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from console.demo import PEOPLE
from console.domain import clock, db
from console.domain.booking.demo_series import STORIES
from console.domain.business import actions as business
from console.domain.desk.queries import timeline
from console.domain.intent import TERMINAL, Intent
from console.domain.team import accounts
from console.domain.team.rules import Role
from console.domain.visits import quoting
from tests import factories
from tests.cast import OLEG, VERA
from tests.page import Page, Visitor
from tests.routes.doors import is_in, token
from tests.server import Keeper
from tests.words import say

DOOR = "/demo/sessions"
BUTTON = 'form[action="/demo/sessions"] button'


@pytest.fixture
def demo() -> bool:
    return True


async def fill() -> None:
    people = tuple((name, f"{role}@demo.example", role.value) for name, role in PEOPLE["en"])
    await business.begin_demo(Intent(uuid4(), TERMINAL, clock.now()), "en")
    await accounts.make_demo_staff(Intent(uuid4(), TERMINAL, clock.now()), people)


async def enter(visitor: Visitor, role: str) -> Page:
    return await visitor.send(await visitor.open("/sign-in"), DOOR, press=f"role={role}")


@pytest.mark.parametrize("role", list(Role))
async def test_one_click_lets_in_as_each_role(stranger: Visitor, role: Role) -> None:
    await fill()
    page = await stranger.open("/sign-in")
    assert {button.attributes["value"] for button in page.tree.css(BUTTON)} == set(Role)
    page = await enter(stranger, role)
    assert (page.status, page.path) == (200, "/")
    name = next(name for name, held in PEOPLE["en"] if held is role)
    assert page.words(".person-name") == name
    assert page.words(".menu-head .soft") == say(f"role.{role}")


async def test_a_role_whose_account_was_closed_has_no_button(stranger: Visitor) -> None:
    await fill()
    await db.execute("UPDATE staff SET retired_at = now() WHERE role = 'support'")
    page = await stranger.open("/sign-in")
    assert [button.attributes["value"] for button in page.tree.css(BUTTON)] == ["front_desk", "manager", "owner"]


async def test_changing_the_role_ends_the_session_before(stranger: Visitor) -> None:
    await fill()
    await enter(stranger, "owner")
    old = token(stranger)
    page = await stranger.open("/profile")
    await stranger.send(page, "/sign-out")
    await enter(stranger, "support")
    assert token(stranger) not in ("", old)
    assert await db.fetchval("SELECT count(*) FROM staff_session WHERE revoked_at IS NULL") == 1


async def test_a_demo_account_that_got_a_password_can_still_be_entered(stranger: Visitor) -> None:
    await fill()
    await db.execute("UPDATE staff SET password_hash = 'somebody chose one'")
    assert (await enter(stranger, "manager")).path == "/"


@pytest.mark.parametrize("role", ["admin", "", "owner\x00"])
async def test_a_role_that_is_none_opens_nothing(stranger: Visitor, role: str) -> None:
    await fill()
    page = await enter(stranger, role)
    assert 400 <= page.status < 500
    assert not await is_in(stranger)


async def test_a_role_that_nobody_holds_any_more_opens_nothing(stranger: Visitor) -> None:
    await fill()
    await db.execute("UPDATE staff SET retired_at = now() WHERE role = 'support'")
    assert (await enter(stranger, "support")).status == 404
    assert not await is_in(stranger)


async def test_it_does_not_open_a_database_that_is_no_demo(stranger: Visitor) -> None:
    people = tuple((name, f"{role}@demo.example", role.value) for name, role in PEOPLE["en"])
    await accounts.make_demo_staff(Intent(uuid4(), TERMINAL, clock.now()), people)
    page = await stranger.open("/sign-in")
    assert not page.has(BUTTON)
    page = await stranger.post(DOOR, {"_csrf": [page.value("_csrf")], "role": ["owner"]})
    assert page.status == 404
    assert not await is_in(stranger)


async def test_another_site_cannot_press_the_button(stranger: Visitor) -> None:
    await fill()
    page = await stranger.post(DOOR, {"role": ["owner"]})
    assert page.status == 403
    assert not await is_in(stranger)


class TestWithoutDemoMode:
    @pytest.fixture
    def demo(self) -> bool:
        return False

    async def test_the_address_does_not_exist_even_on_a_demos_database(self, stranger: Visitor) -> None:
        await fill()
        page = await stranger.open("/sign-in")
        assert not page.has(BUTTON)
        nowhere = await stranger.post("/demo/nowhere", {"_csrf": [page.value("_csrf")]})
        page = await stranger.post(DOOR, {"_csrf": [page.value("_csrf")], "role": ["owner"]})
        assert (page.status, page.words("main")) == (nowhere.status, nowhere.words("main"))
        assert not await is_in(stranger)
        assert (await stranger.open(DOOR)).status == 404

    async def test_it_says_how_to_make_an_owner_since_those_of_the_demo_have_no_passwords(
        self, stranger: Visitor
    ) -> None:
        await fill()
        assert "console staff add" in (await stranger.open("/sign-in")).words("main")
        await factories.staff(VERA)
        assert "console staff add" in (await stranger.open("/sign-in")).words("main")
        await factories.staff(OLEG)
        assert "console staff add" not in (await stranger.open("/sign-in")).words("main")


async def test_the_door_leads_to_the_page_that_was_wanted_in_its_own_language(stranger: Visitor) -> None:
    await fill()
    stranger.http.headers["accept-language"] = "ru"
    page = await stranger.open("/sign-in?next=/settings/staff")
    page = await stranger.send(page, DOOR, press="role=owner")
    assert page.path == "/settings/staff"
    assert page.heading == say("title.staff", "ru")
    assert (await stranger.open("/profile")).heading == say("title.profile", "ru")


async def test_another_visitor_of_the_demo_keeps_their_own_language(
    stranger: Visitor, browsers: Callable[[], Visitor]
) -> None:
    await fill()
    page = await enter(stranger, "owner")
    await stranger.send(page, "/preferences/language", press="language=ru")
    other = browsers()
    await enter(other, "owner")
    assert (await other.open("/profile")).heading == say("title.profile")


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize(
    "moment",
    [datetime(2027, 1, 7, 7, tzinfo=UTC), datetime(2026, 6, 1, 2, tzinfo=UTC)],
    ids=["in the holidays of the new year", "on the first of a month, a Monday, at night"],
)
async def test_whenever_it_is_made_somebody_has_come_and_prices_were_listed_weeks_ago(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, moment: datetime
) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)
    await keeper.demo("en")
    async with db.pool(keeper.server.app_url):
        assert await db.fetchval("SELECT count(*) FROM booking WHERE status = 'arrived'") > 5
        goods = await quoting.goods(moment.date() - timedelta(days=40), "RUB")
    assert goods
    assert all(one.listed for one in goods.values())


@pytest.mark.usefixtures("clean")
async def test_what_happened_to_somebody_is_told_in_the_order_in_which_it_did(keeper: Keeper) -> None:
    await keeper.demo("en")
    async with db.pool(keeper.server.app_url):
        for client in await db.fetch("SELECT DISTINCT client AS id FROM visit"):
            told = await timeline(client["id"], most=100)
            for but in (("ticket",), ("visit", "loyalty")):
                came = [one.at for one in told.entries if one.deed.kind.partition(".")[0] not in but]
                assert came == sorted(came, reverse=True)


@pytest.mark.usefixtures("clean")
async def test_every_series_of_the_story_is_booked(keeper: Keeper) -> None:
    await keeper.demo("en")
    async with db.pool(keeper.server.app_url):
        assert await db.fetchval("SELECT count(DISTINCT series) FROM booking") == len(STORIES)
