"""Hours, prices and days off that somebody else changed since a page was opened: nobody overwrites them unseen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from console.domain import db
from console.domain.booking import crews
from console.domain.catalogue import actions, queries
from console.domain.catalogue.queries import SkillView
from console.domain.catalogue.rules import Able
from console.domain.ids import BookableId, ServiceId
from console.domain.intent import TERMINAL, Intent
from tests import factories
from tests.cast import NOW, VERA
from tests.page import Visitor
from tests.routes.conftest import SignIn

pytestmark = pytest.mark.usefixtures("today")

LATER = "2026-05-18"


async def somebody() -> tuple[str, int]:
    """The page of somebody who is at a location whenever it is open."""
    person = await factories.bookable()
    await factories.schedule(person, await factories.location())
    return f"/team/bookables/{person}", person


async def _mondays() -> str:
    return str(await db.fetchval("SELECT hours -> 0 FROM schedule WHERE valid_from = $1", date.fromisoformat(LATER)))


async def test_hours_that_another_set_meanwhile_are_not_overwritten_unseen(sign_in: SignIn) -> None:
    vera, (url, _) = await sign_in(VERA), await somebody()
    first, second = await vera.open(f"{url}/hours"), await vera.open(f"{url}/hours")
    said = {"as_location": None, "valid_from": LATER}
    assert (await vera.send(first, f"{url}/hours", monday="9-12", **said)).path == url
    collision = await vera.send(second, f"{url}/hours", monday="13-18", **said)
    assert collision.status == 409
    assert (
        await db.fetchval("SELECT hours -> 0 FROM schedule WHERE valid_from = $1", date(2026, 5, 18)) == "[[540, 720]]"
    )
    assert (await vera.send(collision, f"{url}/hours", monday="13-18")).path == url
    assert (
        await db.fetchval("SELECT hours -> 0 FROM schedule WHERE valid_from = $1", date(2026, 5, 18)) == "[[780, 1080]]"
    )


async def test_a_price_that_another_set_meanwhile_is_not_overwritten_unseen(sign_in: SignIn) -> None:
    vera, url = await sign_in(VERA), f"/catalogue/services/{await factories.service()}"
    first, second = await vera.open(url), await vera.open(url)
    assert (await vera.send(first, f"{url}/prices", price="10", valid_from=LATER)).status == 200
    collision = await vera.send(second, f"{url}/prices", price="20", valid_from=LATER)
    assert collision.status == 409
    assert await db.fetchval("SELECT minor FROM price") == 1000
    assert (await vera.send(collision, f"{url}/prices", price="20")).path == url
    assert await db.fetchval("SELECT minor FROM price") == 2000


async def _hours(vera: Visitor) -> tuple[str, str]:
    url, _ = await somebody()
    page = await vera.open(f"{url}/hours")
    await vera.send(page, f"{url}/hours", as_location=None, monday="9-12", valid_from=LATER)
    return url, "/withdrawal"


async def _price(vera: Visitor) -> tuple[str, str]:
    url = f"/catalogue/services/{await factories.service()}"
    await vera.send(await vera.open(url), f"{url}/prices", price="10", valid_from=LATER)
    return url, "/withdrawal"


async def _time_off(vera: Visitor) -> tuple[str, str]:
    url, _ = await somebody()
    await vera.send(await vera.open(f"{url}/time-off"), f"{url}/time-off", first=LATER)
    return f"/team/time-off/{await db.fetchval('SELECT id FROM time_off')}", "/removal"


async def _holiday(vera: Visitor) -> tuple[str, str]:
    return f"/settings/holidays/{await factories.holiday()}", "/removal"


async def _holidays(vera: Visitor) -> tuple[str, str]:
    for day in (12, 13):
        await factories.holiday(date(2026, 6, day))
    return "/settings/holidays", "/removal"


MADE = {"schedule": _hours, "price": _price, "time_off": _time_off, "holiday": _holiday, "holiday in a row": _holidays}


@pytest.mark.parametrize("what", MADE)
async def test_what_changed_since_the_page_was_opened_is_not_taken_away_unseen(sign_in: SignIn, what: str) -> None:
    table = what.split()[0]
    vera = await sign_in(VERA)
    url, action = await MADE[what](vera)
    old = await vera.open(url)
    button = old.tree.css_first(f'form[action$="{action}"]').attributes["action"]
    await db.execute(f"UPDATE {table} SET version = version + 1")
    assert (await vera.send(old, button)).status == 409
    gone = f"SELECT count(*) FROM {table} WHERE retired_at IS NOT NULL"
    assert await db.fetchval(gone) == 0
    again = await vera.open(url)
    assert (await vera.send(again, button)).status == 200
    assert await db.fetchval(gone) == 1 + (what == "holiday in a row")


async def test_a_skill_given_while_the_form_is_read_is_not_lost(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera, (url, person) = await sign_in(VERA), await somebody()
    other, read = ServiceId(await factories.service()), queries.skills

    async def then_given(of: int) -> dict[ServiceId, SkillView]:
        found = await read(of)
        await actions.give_skill(Intent(uuid4(), TERMINAL, NOW), BookableId(of), other)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(queries, "skills", then_given)
        page = await vera.open(f"{url}/skills")
    assert (await vera.send(page, f"{url}/skills")).status == 409
    assert list(await read(person)) == [other]


@pytest.mark.parametrize("of", ["skills", "crew"])
async def test_who_began_early_and_ends_late_leaves_another_version(sign_in: SignIn, of: str) -> None:
    await sign_in(VERA)
    person = BookableId(await factories.bookable(kind="crew" if of == "crew" else "person"))
    zoe, one, two = (await factories.bookable("Zoe"), *[await factories.service(code) for code in ("ONE", "TWO")])
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> bool:
        began.set()
        await go_on.wait()
        return True

    def deed(intent: Intent, n: int) -> asyncio.Task[object]:
        on = date(2026, 6, 1 + n)
        doing = (
            crews.set_members(intent, person, on, (BookableId(zoe),))
            if of == "crew"
            else actions.set_skills(intent, person, (Able(ServiceId((one, two)[n])),))
        )
        return asyncio.create_task(doing)

    slow = deed(Intent(uuid4(), replace(TERMINAL, stands=slowly), NOW), 0)
    await began.wait()
    await deed(Intent(uuid4(), TERMINAL, NOW), 1)
    version = crews.version if of == "crew" else queries.skills_version
    before = await version(person)
    go_on.set()
    await slow
    assert (await version(person)).number != before.number
