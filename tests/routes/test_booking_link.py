"""A client's link to a booking: they answer by it without signing in, and nobody else learns or does anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from litestar import Litestar

from console import links
from console.config import Settings
from console.domain import clock, db
from console.domain.booking import actions, by_link
from console.domain.booking.rules import CancelledBy
from console.domain.desk import actions as desk_actions
from console.domain.desk.rules import Why
from console.domain.ids import CLIENT_ACTOR, BookingId, ClientId
from console.domain.undo import undo
from console.domain.visits import fees
from console.domain.visits.fees_rules import Cause, Rule
from tests import factories
from tests.booked import intend
from tests.cast import ANNA, NOW, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import BASE, SignIn
from tests.words import say
from tests.yard import HOUR, NOON, Yard, intent, stands, yard

pytestmark = pytest.mark.usefixtures("today")

NOTHING, OFTEN = say("title.link_nothing"), say("title.link_often")


@pytest.fixture
def ours(settings: Settings) -> Settings:
    return replace(settings, public_url=BASE)


@pytest.fixture
async def here(app: Litestar) -> Yard:
    for person in (ANNA, VERA):
        await factories.staff(person)
    return await yard()


def link(ours: Settings, booking: BookingId, client: int) -> str:
    return links.url(ours, booking, ClientId(client)).removeprefix(BASE)


async def operations() -> int:
    return int(await db.fetchval("SELECT count(*) FROM operation"))


def reads(page: Page) -> tuple[int, str]:
    return page.status, page.heading


def text(page: Page) -> str:
    """What a browser shows of a page, and of its head."""
    return page.words("html")


async def test_it_says_what_when_and_where_it_is_and_by_which_phone_to_reach_us(
    stranger: Visitor, here: Yard, ours: Settings
) -> None:
    await db.execute("UPDATE location SET address = 'Lenina 5', phone = '+74950000001'")
    await db.execute('UPDATE client_profile SET phones = \'[{"number": "+79213334512", "label": ""}]\'')
    booking = await here.book(here.nina, note="the key is under the mat")
    page = await stranger.open(link(ours, booking, here.client))
    assert reads(page) == (200, say("title.link"))
    assert page.words(".link-when") == "Wednesday 13 May12:00\u2060–\u206013:00"
    assert page.all(".link-facts dd") == ["Deep clean", "CentreLenina 5", "+7 495 000-00-01"]
    assert page.has("a[href='tel:+74950000001']")
    for private in ("Анна", "Петрова", "921", "under the", "Nina"):
        assert private not in page.response.text
    assert not page.has("script")
    assert not page.has("a[href='/']")


async def test_it_is_in_the_clients_language_whatever_the_browser_asks_for(
    stranger: Visitor, here: Yard, ours: Settings
) -> None:
    await db.execute("UPDATE client_profile SET language = 'ru'")
    booking = await here.book(here.nina)
    page = await stranger.open(link(ours, booking, here.client))
    assert page.heading == say("title.link", "ru")
    assert "среда, 13" in page.words(".link-when").lower()
    assert page.tree.css_first("html").attributes["lang"] == "ru"


async def test_a_client_confirms_and_it_stands_on_the_agenda_at_once(
    stranger: Visitor, sign_in: SignIn, here: Yard, ours: Settings
) -> None:
    booking = await here.book(here.nina)
    anna = await sign_in(ANNA, exists=True)
    agenda = await anna.open("/agenda?on=2026-05-13")
    poll = agenda.tree.css_first("#live-poll").attributes["hx-get"] or ""
    assert (await anna.http.get(poll)).status_code == 204
    url = link(ours, booking, here.client)
    page = await stranger.send(await stranger.open(url), f"{url}/confirmation")
    assert (page.path, *reads(page)) == (url, 200, say("title.link_confirmed"))
    assert (await stands(booking))[1] == "confirmed"
    assert not page.has(f"form[action='{url}/confirmation']")
    changed = await anna.open(poll)
    assert changed.status == 200
    assert say("words.status_confirmed", "ru").lower() in changed.response.text.lower()


async def test_the_desk_reads_everywhere_that_it_was_the_client_by_their_link(
    stranger: Visitor, sign_in: SignIn, here: Yard, ours: Settings
) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    await stranger.send(await stranger.open(url), f"{url}/confirmation")
    who = say("actor.client")
    vera = await sign_in(VERA, exists=True)
    page = await vera.open(f"/bookings/{booking}")
    assert who in page.all(".booking-steps .soft")[1]
    assert who in page.words(".timeline, .booking-history, #main")
    assert who in (await vera.open(f"/clients/{here.client}/timeline")).words("#main")
    history = await vera.open(f"/settings/history?by={int(CLIENT_ACTOR)}")
    assert len(history.tree.css("#main tbody tr")) == 1
    assert who in history.words("#main tbody tr")


async def test_a_client_calls_off_in_time_and_it_costs_nothing(stranger: Visitor, here: Yard, ours: Settings) -> None:
    booking = await here.book(here.nina, NOON + 48 * HOUR)
    url = link(ours, booking, here.client)
    asked = await stranger.open(f"{url}/cancellation")
    assert asked.words(".callout") == say("words.link_costs_nothing")
    assert (await stands(booking))[1] == "booked"
    page = await stranger.send(asked, f"{url}/cancellation")
    assert (page.path, *reads(page)) == (url, 200, say("title.link_cancelled"))
    assert (await stands(booking))[1] == "cancelled"
    row = await db.fetchrow(
        "SELECT s.cancelled_by, s.late, o.actor FROM status_change s JOIN operation o ON o.id = s.operation"
        " WHERE s.status = 'cancelled'"
    )
    assert row is not None
    assert tuple(row) == ("client", False, CLIENT_ACTOR)
    assert not page.has("form")


async def test_what_a_late_cancellation_costs_is_said_before_and_owed_after(
    stranger: Visitor, here: Yard, ours: Settings
) -> None:
    await db.execute("UPDATE business SET currency = 'RUB'")
    await factories.price(here.service, 150_000)
    asked = {Cause.LATE_CANCELLATION: Rule(50_000, "RUB"), Cause.NO_SHOW: Rule()}
    await fees.change_rules(intent(VERA), here.location, 0, asked)
    booking = await here.book(here.nina, NOW + HOUR)
    url = link(ours, booking, here.client)
    first = await stranger.open(url)
    assert "RUB 500" in first.words(".link-card")
    page = await stranger.open(f"{url}/cancellation")
    assert page.words(".callout.attention") == say("words.link_costs", money="RUB 500", notice="24 h")
    assert await db.fetchval("SELECT count(*) FROM fee") == 0
    page = await stranger.send(page, f"{url}/cancellation")
    assert "RUB 500" in page.words(".callout.attention")
    assert await db.fetchval("SELECT minor FROM fee WHERE retired_at IS NULL") == 50_000


async def test_what_costs_something_else_by_now_is_shown_again_and_not_done(
    stranger: Visitor, here: Yard, ours: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = await here.book(here.nina, NOON + 48 * HOUR)
    url = link(ours, booking, here.client)
    page = await stranger.open(f"{url}/cancellation")
    monkeypatch.setattr(clock, "now", lambda: NOON + 47 * HOUR)
    again = await stranger.send(page, f"{url}/cancellation")
    assert (again.status, again.words("[role=alert]")) == (409, say("problem.link_changed"))
    assert say("words.link_late", notice="24 h") in again.all(".callout")
    assert (await stands(booking))[1] == "booked"
    await stranger.send(again, f"{url}/cancellation")
    assert (await stands(booking))[1] == "cancelled"


@pytest.mark.parametrize("answer", ["confirmation", "cancellation"])
async def test_what_was_moved_since_it_was_read_is_shown_again_and_not_answered(
    stranger: Visitor, here: Yard, ours: Settings, answer: str
) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    page = await stranger.open(url if answer == "confirmation" else f"{url}/{answer}")
    await actions.move(intent(), actions.Arrangement(booking, NOON + HOUR), 1)
    again = await stranger.send(page, f"{url}/{answer}")
    assert (again.status, again.words("[role=alert]")) == (409, say("problem.link_changed"))
    assert "13:00" in again.words(".link-when")
    assert await stands(booking) == (NOON + HOUR, "booked")
    await stranger.send(again, f"{url}/{answer}")
    assert (await stands(booking))[1] == {"confirmation": "confirmed", "cancellation": "cancelled"}[answer]


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_what_was_moved_since_they_confirmed_it_says_from_when_to_when_and_can_be_called_off(
    stranger: Visitor, here: Yard, ours: Settings, language: str
) -> None:
    await db.execute("UPDATE client_profile SET language = $1", language)
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    page = await stranger.send(await stranger.open(url), f"{url}/confirmation")
    version = await db.fetchval("SELECT version FROM booking WHERE id = $1", booking)
    await actions.move(intent(), actions.Arrangement(booking, NOON + HOUR), version)
    assert (await stands(booking))[1] == "confirmed"
    page = await stranger.open(url)
    assert reads(page) == (200, say("title.link_moved", language))
    days = {"en": "Wednesday 13\xa0May at {}:00", "ru": "среда, 13\xa0мая в\xa0{}:00"}[language]
    said = say("words.link_moved", language) % {"before": days.format(12), "now": days.format(13)}
    assert page.words(".link-card > p").startswith(" ".join(said.split()))
    assert say("Thank you. See you then!", language) not in text(page)
    asked = await stranger.open(page.tree.css_first(f"a[href='{url}/cancellation']").attributes["href"] or "")
    await stranger.send(asked, f"{url}/cancellation")
    assert (await stands(booking))[1] == "cancelled"


async def test_what_was_moved_back_to_what_they_confirmed_is_confirmed_again(
    stranger: Visitor, here: Yard, ours: Settings
) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    await stranger.send(await stranger.open(url), f"{url}/confirmation")
    for at in (NOON + HOUR, NOON):
        version = await db.fetchval("SELECT version FROM booking WHERE id = $1", booking)
        await actions.move(intent(), actions.Arrangement(booking, at), version)
    assert (await stranger.open(url)).heading == say("title.link_confirmed")


@pytest.mark.parametrize("answer", ["confirmation", "cancellation"])
async def test_the_same_answer_twice_is_one(stranger: Visitor, here: Yard, ours: Settings, answer: str) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    page = await stranger.open(url if answer == "confirmation" else f"{url}/{answer}")
    first = await stranger.send(page, f"{url}/{answer}")
    before = await operations()
    assert reads(await stranger.send(page, f"{url}/{answer}")) == reads(first)
    fresh = {**page.fields(f"{url}/{answer}"), "intent": "6b1f0c3a-7f7e-4a52-9d0e-0d6a41c5a111"}
    assert reads(await stranger.post(f"{url}/{answer}", fresh)) == reads(first)
    assert await operations() == before


async def test_what_is_cancelled_is_not_confirmed_any_more(stranger: Visitor, here: Yard, ours: Settings) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    page = await stranger.open(url)
    await actions.cancel(intent(), booking, CancelledBy.US)
    answer = await stranger.send(page, f"{url}/confirmation")
    assert (*reads(answer), answer.words("[role=alert]")) == (
        409,
        say("title.link_cancelled"),
        say("problem.link_changed"),
    )
    assert (await stands(booking))[1] == "cancelled"
    assert (await stranger.open(f"{url}/cancellation")).heading == say("title.link_cancelled")


async def test_once_it_has_begun_it_is_shown_but_not_answered(
    stranger: Visitor, here: Yard, ours: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    pages = {
        one: await stranger.open(f"{url}{path}")
        for one, path in (("confirmation", ""), ("cancellation", "/cancellation"))
    }
    monkeypatch.setattr(clock, "now", lambda: NOON + HOUR / 2)
    for answer, page in pages.items():
        late = await stranger.send(page, f"{url}/{answer}")
        assert (late.status, late.words("[role=alert]")) == (409, say("problem.link_changed"))
        assert not late.has("form")
    assert (await stands(booking))[1] == "booked"
    assert reads(await stranger.open(url)) == (200, say("title.link"))


async def test_mail_scanners_and_previews_change_nothing(stranger: Visitor, here: Yard, ours: Settings) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    before, version = await operations(), await db.fetchval("SELECT version FROM booking")
    for path in ("", "/cancellation", "/calendar", "/confirmation"):
        for method in ("HEAD", "GET", "OPTIONS", "PUT", "DELETE", "PATCH"):
            answer = await stranger.http.request(method, f"{url}{path}")
            assert answer.status_code < 500, (method, path)
    assert (await operations(), await db.fetchval("SELECT version FROM booking")) == (before, version)
    assert (await stands(booking))[1] == "booked"
    assert (await stranger.http.head(url)).text == ""


async def test_a_form_that_is_not_ours_is_turned_away(stranger: Visitor, here: Yard, ours: Settings) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    page = await stranger.open(url)
    fields = page.fields(f"{url}/confirmation")
    for headers, token in (({}, "guessed"), ({"origin": "https://elsewhere.example"}, fields["_csrf"])):
        refused = await stranger.post(f"{url}/confirmation", {**fields, "_csrf": token}, **headers)
        assert reads(refused) == (403, say("title.link_once_more"))
        assert refused.has(f"main a[href='{url}']")
        assert not refused.has("a[href='/sign-in']")
    assert (await stands(booking))[1] == "booked"


async def test_a_browser_that_keeps_no_cookies_answers_as_well(stranger: Visitor, here: Yard, ours: Settings) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    page = await stranger.open(url)
    assert not stranger.http.cookies
    await stranger.post(f"{url}/confirmation", page.fields(f"{url}/confirmation"))
    assert (await stands(booking))[1] == "confirmed"
    page = await stranger.open(f"{url}/cancellation")
    stranger.http.cookies.clear()
    await stranger.post(f"{url}/cancellation", page.fields(f"{url}/cancellation"))
    assert (await stands(booking))[1] == "cancelled"


async def test_a_form_of_one_link_is_no_good_for_another(stranger: Visitor, here: Yard, ours: Settings) -> None:
    one, other = await here.book(here.nina), await here.book(here.olga)
    url, elsewhere = (link(ours, booking, here.client) for booking in (one, other))
    fields = (await stranger.open(url)).fields(f"{url}/confirmation")
    assert (await stranger.post(f"{elsewhere}/confirmation", fields)).status == 403
    assert (await stands(other))[1] == "booked"


@asynccontextmanager
async def held(here: Yard) -> AsyncIterator[None]:
    """Somebody at the desk has the client's record for longer than one waits for it."""
    async with db.ENGINE.pool.acquire() as other, other.transaction():
        await other.execute("SELECT 1 FROM client WHERE id = $1 FOR UPDATE", here.client)
        yield


async def test_who_comes_while_all_is_busy_reads_so_in_their_language_and_finds_back(
    stranger: Visitor, here: Yard, ours: Settings
) -> None:
    await db.execute("UPDATE client_profile SET language = 'ru'")
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    page = await stranger.open(url)
    async with held(here):
        look = await stranger.open(f"{url}/cancellation")
        answer = await stranger.send(page, f"{url}/confirmation")
    for busy in (look, answer):
        assert reads(busy) == (503, say("title.link_busy", "ru"))
        assert busy.has(f"main a[href='{url}']")
        assert not busy.has("a[href='/'], a[href='/sign-in'], script")
    assert "ответ" in answer.words("main")
    assert "ответ" not in look.words("main")
    assert (await stands(booking))[1] == "booked"


@pytest.mark.parametrize("path", ["", "/calendar"])
async def test_who_opens_a_link_while_the_database_is_away_finds_no_way_into_the_console(
    stranger: Visitor, here: Yard, ours: Settings, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    url = link(ours, await here.book(here.nina), here.client)
    async with AsyncExitStack() as taken:
        for _ in range(db.ENGINE.pool.get_max_size()):
            await taken.enter_async_context(db.ENGINE.pool.acquire())
        with monkeypatch.context() as impatient:
            impatient.setattr(db.ENGINE.pool, "wait", 0.01)
            busy = await stranger.open(f"{url}{path}")
    assert reads(busy) == (503, say("title.link_busy"))
    assert busy.response.headers["retry-after"] == "2"
    assert (busy.has(f"main a[href='{url}']"), busy.has("a[href='/'], a[href='/sign-in']")) == (True, False)


async def test_what_calling_off_would_cost_is_not_worked_out_without_end(
    stranger: Visitor, here: Yard, ours: Settings
) -> None:
    url = link(ours, await here.book(here.nina), here.client)
    looks = [(await stranger.open(f"{url}/cancellation")).status for _ in range(by_link.LOOKS.times + 1)]
    assert looks == [200] * by_link.LOOKS.times + [429]
    page = await stranger.open(url)
    assert (await stranger.send(page, f"{url}/confirmation")).heading == say("title.link_confirmed")


@pytest.mark.parametrize("broken", [{"intent": "x"}, {"version": "-1"}, {"version": "9" * 40}, {"intent": ["1", "2"]}])
async def test_a_damaged_form_is_shown_again(
    stranger: Visitor, here: Yard, ours: Settings, broken: dict[str, Any]
) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    page = await stranger.open(url)
    answer = await stranger.post(f"{url}/confirmation", {**page.fields(f"{url}/confirmation"), **broken})
    assert (answer.status, answer.words("[role=alert]")) == (409, say("problem.link_changed"))
    assert (await stands(booking))[1] == "booked"


async def test_a_booking_that_became_anothers_is_nothing_to_whom_it_was_sent(
    stranger: Visitor, here: Yard, ours: Settings
) -> None:
    other = await factories.client("Пётр", "Лужин")
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    page = await stranger.open(url)
    await db.execute("UPDATE booking SET client = $1", other)
    for answer in (await stranger.open(url), await stranger.send(page, f"{url}/confirmation")):
        assert reads(answer) == (404, NOTHING)
    assert (await stands(booking))[1] == "booked"
    assert (await stranger.open(link(ours, booking, other))).status == 200


async def test_to_a_client_who_was_erased_there_is_nothing(stranger: Visitor, here: Yard, ours: Settings) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    await desk_actions.erase(replace(intend(), reason=Why.RESTORED), ClientId(here.client))
    assert reads(await stranger.open(url)) == (404, NOTHING)


async def test_of_what_an_undo_took_back_there_is_nothing(stranger: Visitor, here: Yard, ours: Settings) -> None:
    booked = await actions.book(intend(), here.asked(here.nina), NOON)
    url = link(ours, BookingId(booked.result["booking"]), here.client)
    await undo(intend(), booked.operation_id)
    assert reads(await stranger.open(url)) == (404, NOTHING)


@pytest.mark.parametrize(("after", "seen"), [(HOUR - timedelta(seconds=1), 200), (HOUR, 404)])
async def test_of_what_is_over_there_is_nothing(
    stranger: Visitor,
    here: Yard,
    ours: Settings,
    monkeypatch: pytest.MonkeyPatch,
    after: timedelta,
    seen: int,
) -> None:
    url = link(ours, await here.book(here.nina), here.client)
    monkeypatch.setattr(clock, "now", lambda: NOON + after)
    for path in ("", "/cancellation", "/calendar"):
        assert (await stranger.open(f"{url}{path}")).status == seen


async def test_a_link_that_is_none_says_the_same_whether_there_is_such_a_booking_or_not(
    browsers: Callable[[], Visitor], here: Yard, ours: Settings
) -> None:
    booking, other = await here.book(here.nina), await here.book(here.nina, NOON + 2 * HOUR)
    good = link(ours, booking, here.client)
    mark = good[-16:]
    odd = [
        f"/b/{other}{mark}",
        f"/b/{booking}{mark[::-1]}",
        f"/b/{booking + 999}{mark}",
        good[:-1],
        f"{good}a",
        good.upper().replace("/B/", "/b/"),
        link(replace(ours, secret_key="another key that was in use before this one"), booking, here.client),
        link(ours, booking, here.client + 1),
        "/b/0",
        f"/b/{'9' * 19}{mark}",
        f"/b/{'9' * 200}",
        f"/b/{'9' * 600}",
        f"/b/{'a' * 5000}",
        "/b/%00",
        "/b/%E2%80%AE%F0%9F%A7%B9",
        "/b/..%2f..%2fsettings",
        f"{good}/no/such/page",
        f"{good}/invitation",
        "/b/",
    ]
    told = set()
    for address in odd:
        for path in ("", "/cancellation", "/calendar"):
            visitor = browsers()
            page = await visitor.open(f"{address}{path}")
            await db.execute("DELETE FROM throttle")
            assert reads(page) == (404, NOTHING), (address, path)
            told.add(text(page))
    assert len(told) == 1


async def test_answers_under_a_link_that_is_none_do_nothing(stranger: Visitor, here: Yard, ours: Settings) -> None:
    booking, other = await here.book(here.nina), await here.book(here.nina, NOON + 2 * HOUR)
    url = link(ours, booking, here.client)
    forged = f"/b/{other}{url[-16:]}"
    for answer in ("confirmation", "cancellation"):
        page = await stranger.open(url if answer == "confirmation" else f"{url}/{answer}")
        for address in (forged, f"/b/{'9' * 600}", f"{url}x"):
            sent = await stranger.post(f"{address}/{answer}", page.fields(f"{url}/{answer}"))
            assert reads(sent) in ((403, say("title.link_once_more")), (404, NOTHING))
    assert [(await stands(one))[1] for one in (booking, other)] == ["booked", "booked"]


async def test_a_form_of_one_booking_is_no_answer_to_another(stranger: Visitor, here: Yard, ours: Settings) -> None:
    one, other = await here.book(here.nina), await here.book(here.nina, NOON + 2 * HOUR)
    first, second = (link(ours, booking, here.client) for booking in (one, other))
    page = await stranger.open(f"{first}/cancellation")
    fields = page.fields(f"{first}/cancellation")
    assert (await stranger.post(f"{second}/cancellation", fields)).status == 403
    assert [(await stands(booking))[1] for booking in (one, other)] == ["booked", "booked"]


async def test_whoever_tries_many_links_is_held_back_even_from_a_right_one(
    browsers: Callable[[], Visitor], here: Yard, ours: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = link(ours, await here.book(here.nina), here.client)
    for _ in range(3):
        assert (await browsers().open(good)).status == 200
    for number in range(by_link.WRONG_LINKS):
        assert (await browsers().open(f"/b/{number + 1}{good[-16:]}x")).status == 404
    for address in (f"/b/1{good[-16:]}x", good):
        page = await browsers().open(address)
        assert reads(page) == (429, OFTEN)
        assert int(page.response.headers["retry-after"]) > 0
        assert not page.has("a[href='/sign-in']")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=16))
    assert (await browsers().open(good)).status == 200


async def test_right_links_are_opened_as_often_as_one_likes(stranger: Visitor, here: Yard, ours: Settings) -> None:
    good = link(ours, await here.book(here.nina), here.client)
    for _ in range(by_link.WRONG_LINKS + 5):
        assert (await stranger.open(good)).status == 200
    assert await db.fetchval("SELECT count(*) FROM throttle") == 0


async def test_a_booking_is_not_answered_without_end(stranger: Visitor, here: Yard, ours: Settings) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    page = await stranger.open(url)
    stale = {**page.fields(f"{url}/confirmation"), "version": "7"}
    most = by_link.ANSWERS.times
    answers = [(await stranger.post(f"{url}/confirmation", stale)).status for _ in range(most + 1)]
    assert answers == [409] * most + [429]
    assert (await stranger.open(url)).status == 200


async def test_a_calendar_file_is_offered_and_says_when_it_is_cancelled(
    stranger: Visitor, here: Yard, ours: Settings
) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    page = await stranger.open(url)
    assert page.has(f"a[href='{url}/calendar']")
    answer = await stranger.http.get(f"{url}/calendar")
    assert answer.headers["content-type"] == "text/calendar; method=PUBLISH; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert (event["dtstart"].dt, event["url"]) == (NOON, f"{BASE}{url}")
    await actions.cancel(intent(), booking, CancelledBy.US)
    answer = await stranger.http.get(f"{url}/calendar")
    assert b"METHOD:CANCEL" in answer.content


async def test_the_pages_are_kept_by_nobody_and_tell_other_sites_nothing(
    stranger: Visitor, here: Yard, ours: Settings
) -> None:
    url = link(ours, await here.book(here.nina), here.client)
    headers = (await stranger.http.get(url)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["referrer-policy"] == "same-origin"


async def test_the_desk_takes_a_clients_cancellation_back_and_the_link_lives_again(
    stranger: Visitor, sign_in: SignIn, here: Yard, ours: Settings
) -> None:
    booking = await here.book(here.nina)
    url = link(ours, booking, here.client)
    await stranger.send(await stranger.open(f"{url}/cancellation"), f"{url}/cancellation")
    done = await db.fetchval("SELECT max(id) FROM operation WHERE kind = 'booking.cancel'")
    anna = await sign_in(ANNA, exists=True)
    page = await anna.open(f"/bookings/{booking}")
    await anna.send(page, f"/operations/{done}/undo")
    assert (await stands(booking))[1] == "booked"
    assert reads(await stranger.open(url)) == (200, say("title.link"))


async def test_the_desk_hands_the_link_over_as_long_as_it_can_be_answered(
    sign_in: SignIn, here: Yard, ours: Settings
) -> None:
    booking = await here.book(here.nina)
    anna = await sign_in(ANNA, exists=True)
    page = await anna.open(f"/bookings/{booking}")
    assert page.words("#booking-link") == f"{BASE}{link(ours, booking, here.client)}"
    await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    assert not (await anna.open(f"/bookings/{booking}")).has("#booking-link")
