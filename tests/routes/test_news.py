"""Whoever books, moves or calls off reads whether the client is told of it, how and when, or why they are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.datastructures import State

from console.domain import clock, db
from tests import factories
from tests.cast import ANNA, NOW
from tests.domain.booking.telling import go_out, kinds
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import DAY, NOON, WEDNESDAY, Yard, at, yard

pytestmark = pytest.mark.usefixtures("today")

MAIL = '[{"address": "anna@mail.example", "label": ""}]'
PHONE = '[{"number": "+79213334512", "label": ""}]'
SOON = say("words.client_told_soon", by="by mail")


@pytest.fixture
async def here(app: Litestar) -> Yard:
    ways = {"smtp_url": "smtp://127.0.0.1:25", "sms_url": "http://127.0.0.1:1/", "sms_secret": "a secret of both"}
    app.state = State({**app.state, "settings": replace(app.state.settings, **ways)})
    made = await yard()
    await db.execute("UPDATE client_profile SET emails = $1", MAIL)
    return made


@pytest.fixture
async def desk(sign_in: SignIn, here: Yard) -> Visitor:
    return await sign_in(ANNA, language="en")


def told(page: Page) -> str:
    return page.words(".toast-told")


def untold(why: str) -> str:
    return say("words.client_untold", why=why)


async def settings(off: list[str]) -> None:
    plain = {"reminders": "[]", "per_client": 5, "per_day": 2000, "thanks": 2, "satisfaction": 24}
    await factories._insert("message_choice", id=1, off=off, quiet_from=21 * 60, quiet_until=9 * 60, **plain)


async def move(desk: Visitor, booking: int, time: str) -> Page:
    url = f"/bookings/{booking}/move"
    return await desk.send(await desk.open(url), url, on=DAY, time=time)


async def cancel(desk: Visitor, booking: int, by: str = "client") -> Page:
    url = f"/bookings/{booking}/cancellation"
    return await desk.send(await desk.open(url), url, by=by)


async def undo(desk: Visitor, page: Page) -> Page:
    return await desk.send(page, page.tree.css_first(".toast form").attributes["action"])


async def test_a_booking_is_told_by_the_way_that_the_client_prefers(desk: Visitor, here: Yard) -> None:
    page = await here.send(desk, start=at(NOON))
    assert told(page) == SOON
    assert SOON not in page.words(".toast p")
    await db.execute("UPDATE client_profile SET phones = $1, channel = 'sms'", PHONE)
    page = await here.send(desk, start=at(NOON + timedelta(hours=2)))
    assert told(page) == say("words.client_told_soon", by="by SMS")


async def test_at_night_it_is_told_in_the_morning_and_when_that_is_by_the_clients_clock(
    desk: Visitor, here: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON - timedelta(hours=13))
    page = await here.send(desk, start=at(NOON))
    assert told(page) == "The client is told by mail tomorrow at 9:00."
    await db.execute("UPDATE client_profile SET zone = 'Asia/Vladivostok'")
    page = await here.send(desk, start=at(NOON + timedelta(hours=2)))
    assert told(page) == "The client is told by mail tomorrow at 2:00 (9:00 by their clock)."


@pytest.mark.parametrize(
    ("become", "why"),
    [
        ("emails = '[]'", "no phone and no email"),
        ("channel = 'none'", "the client wants no messages"),
        (f"emails = '[]', phones = '{PHONE}'", None),
    ],
)
async def test_where_no_way_leads_to_them_it_is_said_why(
    desk: Visitor, here: Yard, become: str, why: str | None
) -> None:
    await db.execute(f"UPDATE client_profile SET {become}")
    page = await here.send(desk, start=at(NOON))
    assert told(page) == (untold(why) if why else say("words.client_told_soon", by="by SMS"))


async def test_a_console_without_a_mail_server_and_a_gateway_says_so(app: Litestar, desk: Visitor, here: Yard) -> None:
    none = {"smtp_url": None, "sms_url": None}
    app.state = State({**app.state, "settings": replace(app.state.settings, **none)})
    assert told(await here.send(desk, start=at(NOON))) == untold("neither SMS nor email is set up")


async def test_what_the_business_tells_nobody_is_said_to_be_switched_off(desk: Visitor, here: Yard) -> None:
    await settings(["booking.confirmation", "booking.moved", "booking.cancelled"])
    page = await here.send(desk, start=at(NOON))
    assert told(page) == untold("switched off in the settings")
    booking = await db.fetchval("SELECT id FROM booking")
    assert told(await move(desk, booking, "15:00")) == untold("switched off in the settings")
    assert told(await cancel(desk, booking)) == untold("switched off in the settings")


async def test_a_move_is_told_and_one_to_where_they_know_it_to_be_is_not(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    await go_out()
    page = await move(desk, booking, "15:00")
    assert told(page) == SOON
    page = await undo(desk, page)
    assert told(page) == untold("they read of this time before")


async def test_a_move_to_somebody_else_at_the_same_time_is_told_nobody(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    await go_out()
    url = f"/bookings/{booking}/move"
    page = await desk.send(
        await desk.open(url), url, on=DAY, time="12:00", **{"from": str(here.nina), "to": str(here.olga)}
    )
    assert told(page) == untold("the time stays as it was")


async def test_what_is_called_off_before_they_read_of_it_is_told_nobody_and_else_it_is(
    desk: Visitor, here: Yard
) -> None:
    first, second = await here.book(here.nina), await here.book(here.olga)
    assert told(await cancel(desk, first)) == untold("they have not been told of the booking yet")
    await go_out()
    page = await cancel(desk, second)
    assert told(page) == SOON
    assert told(await undo(desk, page)) == untold("they read of this time before")


def placed(page: Page) -> str:
    return page.tree.css_first(".series-place").attributes["value"] or ""


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_date_of_a_series_that_is_placed_is_told_with_it_or_once_that_was_read_by_itself(
    sign_in: SignIn, here: Yard, language: str
) -> None:
    desk = await sign_in(ANNA, language=language)
    soon = say("words.client_told_soon", language, by=say("words.told_by_email", language))
    for week in (1, 2):
        await here.book(here.nina, NOON + timedelta(weeks=week))
    await db.execute("UPDATE message SET retired_at = now()")
    await here.weekly()
    first, second = [row["id"] for row in await db.fetch("SELECT id FROM series_clash ORDER BY id")]
    page = await desk.open(f"/series/clashes/{first}")
    page = await desk.send(page, f"/series/clashes/{first}/booking", press=f"place={placed(page)}")
    assert told(page) == soon
    confirmations = "SELECT count(*) FROM message WHERE kind = 'booking.confirmation' AND retired_at IS NULL"
    assert await db.fetchval(confirmations) == 1
    await go_out()
    page = await desk.open(f"/series/clashes/{second}")
    page = await desk.send(page, f"/series/clashes/{second}/booking", press=f"place={placed(page)}")
    assert told(page) == soon
    assert await db.fetchval(confirmations) == 2
    assert [kind for kind in await kinds() if kind == "confirmation"] == ["confirmation"]
    await undo(desk, page)
    assert "confirmation" not in await kinds()


async def test_why_a_client_is_not_told_is_said_in_russian_of_the_client(sign_in: SignIn, here: Yard) -> None:
    desk = await sign_in(ANNA, language="ru")
    first, second = await here.book(here.nina), await here.book(here.olga)
    page = await cancel(desk, first)
    assert told(page) == "Клиенту об этом не сообщат: клиенту о записи ещё не сообщали."
    await go_out()
    page = await undo(desk, await cancel(desk, second))
    assert told(page) == "Клиенту об этом не сообщат: это время клиент уже знает."


async def test_of_two_who_change_places_it_is_said_how_many_are_told(desk: Visitor, here: Yard) -> None:
    other = await factories.client("Boris", "Orlov")
    one, two = await here.book(here.nina), await here.book(here.nina, NOON + timedelta(hours=2), client=other)
    url = f"/bookings/{one}/swap"
    page = await desk.send(await desk.open(url), url, **{"with": f"{two}.1"})
    assert told(page) == say("words.clients_told", told=1, count=2)


async def test_a_booking_whose_time_has_come_is_told_nobody(desk: Visitor, here: Yard) -> None:
    page = await here.send(desk, start=at(NOW - timedelta(hours=1)), sure="on")
    assert told(page) == untold("the time has come already")


async def test_a_series_is_told_of_once(desk: Visitor, here: Yard) -> None:
    page = await desk.open(f"/series/new?client={here.client}&services={here.service}&on={WEDNESDAY}&time=12:00")
    page = await desk.send(page, "/series", person=here.nina, count=4)
    assert told(page) == SOON


async def test_what_is_looked_at_before_bookings_are_called_off_says_whether_and_how_that_is_told(
    desk: Visitor, here: Yard
) -> None:
    unread = untold("they have not been told of the booking yet")
    client, us = (await desk.open(f"/bookings/{await here.book(here.olga)}/cancellation")).all(".check small")
    assert unread in client
    assert SOON in us
    page = await desk.open(f"/series/new?client={here.client}&services={here.service}&on={WEDNESDAY}&time=12:00")
    await desk.send(page, "/series", person=here.nina, count=4)
    off = f"/series/1/cancellation?of={await db.fetchval('SELECT max(id) FROM booking')}"
    assert unread in (await desk.send(await desk.open(off), off, by="client")).words(".callout")
    look = await desk.send(await desk.open(off), off, by="us")
    assert SOON in look.words(".callout")
    assert await db.fetchval("SELECT count(*) FROM booking WHERE status = 'cancelled'") == 0
    assert told(await desk.send(look, off)) == SOON


async def test_it_is_said_in_russian_too(sign_in: SignIn, here: Yard) -> None:
    desk = await sign_in(ANNA)
    page = await here.send(desk, start=at(NOON))
    assert told(page) == "Клиенту сообщат письмом через одну‑две минуты."
