"""A booking over HTTP: its page, what becomes of it, and where it moves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from litestar import Litestar

from console.domain import clock, db
from console.domain.booking import actions, checks
from console.domain.booking.rules import CancelledBy
from console.domain.desk import actions as erasing
from console.domain.desk.rules import Why
from console.domain.ids import ServiceId, SiteId
from console.domain.intent import DEMO, Intent
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from console.domain.undo import undo as taking_back
from console.domain.undo import undoable
from tests import factories
from tests.cast import ANNA, NOW, OLEG, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import ALWAYS, DAY, HOUR, NOON, Yard, at, count, done_by, stands, yard

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
async def here(app: Litestar) -> Yard:
    return await yard()


@pytest.fixture
async def desk(sign_in: SignIn, here: Yard) -> Visitor:
    return await sign_in(ANNA, language="en")


async def undo(visitor: Visitor, page: Page) -> Page:
    return await visitor.send(page, page.tree.css_first(".toast form").attributes["action"])


async def healthy() -> None:
    for check in checks.CHECKS:
        assert await check() == []


async def test_the_page_says_who_comes_for_what_and_what_jumps_out(desk: Visitor, here: Yard) -> None:
    await factories.price(here.service)
    await factories.note(here.client, "cat, do not open the balcony", loud=True)
    booking = await here.book(here.nina, note="bring the ladder")
    page = await desk.open(f"/bookings/{booking}")
    assert page.heading == "Tomorrow, 12:00\u2060–\u206013:00"
    assert page.words(".chosen-client strong") == "Анна Петрова"
    assert page.words(".jumps-out") == "cat, do not open the balcony"
    assert page.words(".booking-note") == "bring the ladder"
    assert "Deep clean Nina Orlova" in page.words(".booking-items")
    assert "1,500" in page.words(".booking-items .numeric")
    assert page.all(".booking-steps strong") == [say("words.step_booked")]


async def test_beside_the_agenda_only_the_booking_itself_is_sent(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    part = await desk.open(f"/bookings/{booking}", headers={"hx-request": "true", "hx-target": "panel"})
    assert part.words("h2") == "Tomorrow, 12:00\u2060–\u206013:00"
    assert not part.heading


async def test_it_is_confirmed_arrives_and_each_step_says_who_and_is_undone(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina, NOON - 24 * HOUR)
    url = f"/bookings/{booking}"
    page = await desk.send(await desk.open(url), f"{url}/confirmation")
    assert (page.path, (await stands(booking))[1]) == (url, "confirmed")
    assert not page.has(f"form[action='{url}/confirmation']")
    page = await desk.send(page, f"{url}/arrival")
    assert (await stands(booking))[1] == "arrived"
    assert page.all(".booking-steps strong") == [say(f"words.step_{one}") for one in ("booked", "confirmed", "arrived")]
    assert ANNA.name in page.all(".booking-steps .soft")[2]
    assert not page.has("a[href$='/move']")
    await undo(desk, page)
    assert (await stands(booking))[1] == "confirmed"


async def test_what_moves_without_the_clients_word_is_to_be_confirmed_again(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}"
    assert not (await desk.open(f"{url}/move")).has("[name=to_confirm]")
    await desk.send(await desk.open(url), f"{url}/confirmation")
    page = await desk.send(await desk.open(f"{url}/move"), f"{url}/move", time="13:00")
    assert await stands(booking) == (NOON + HOUR, "confirmed")
    page = await desk.send(await desk.open(f"{url}/move"), f"{url}/move", time="14:00", to_confirm="1")
    assert await stands(booking) == (NOON + 2 * HOUR, "booked")
    steps = (await desk.open(url)).all(".booking-steps strong")
    assert steps == [say(f"words.step_{one}") for one in ("booked", "confirmed", "to_confirm")]
    await undo(desk, page)
    assert await stands(booking) == (NOON + HOUR, "confirmed")


async def test_a_step_that_is_not_lawful_any_more_is_told_on_the_page(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina, NOON - 24 * HOUR)
    url = f"/bookings/{booking}"
    page = await desk.open(url)
    await desk.send(page, f"{url}/arrival")
    answer = await desk.post(
        f"{url}/confirmation", page.fields(f"{url}/confirmation"), referer=f"http://console.test{url}"
    )
    assert answer.status == 409
    assert answer.toast == say("refused.status")


@pytest.mark.parametrize("step", ["confirmation", "arrival"])
async def test_a_step_with_a_booking_that_moved_since_it_was_read_says_so(desk: Visitor, here: Yard, step: str) -> None:
    booking = await here.book(here.nina, NOON - 24 * HOUR)
    url = f"/bookings/{booking}"
    read = (await desk.open(url)).fields(f"{url}/{step}")
    await actions.move(Intent(uuid4(), ANNA.actor, NOW), actions.Arrangement(booking, NOON - 23 * HOUR), 1)
    answer = await desk.post(f"{url}/{step}", read, referer=f"http://console.test{url}")
    assert (answer.status, answer.toast) == (409, say("refused.stale"))
    assert (await stands(booking))[1] == "booked"
    await desk.send(answer, f"{url}/{step}")
    assert (await stands(booking))[1] != "booked"


async def test_the_note_is_changed_in_place_and_two_desks_see_both(desk: Visitor, here: Yard, sign_in: SignIn) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}"
    vera = await sign_in(VERA, language="en")
    hers, his = await vera.open(url), await desk.open(url)
    page = await vera.send(hers, f"{url}/note", note="hers", source="mail")
    assert page.words(".booking-note") == "hers"
    collision = await desk.send(his, f"{url}/note", note="his")
    assert collision.status == 409
    assert {"hers", "his"} <= set(collision.all("table.compare td"))


@pytest.mark.parametrize(("moment", "late"), [(NOON, True), (NOON + 48 * HOUR, False)], ids=["late", "in time"])
async def test_cancelling_shows_first_whether_it_is_late(
    desk: Visitor, here: Yard, moment: datetime, late: bool
) -> None:
    ill = await factories.reason("cancellation")
    booking = await here.book(here.nina, moment)
    url = f"/bookings/{booking}"
    page = await desk.open(f"{url}/cancellation")
    hints = page.all(".check small")
    assert (say("effect.cancelled_late") in hints[0]) is late
    assert hints[1] == f"{say('words.never_late')} The client is not told: no phone and no email."
    page = await desk.send(page, f"{url}/cancellation", by="client", reason=ill)
    assert page.status == 200
    assert (say("effect.cancelled_late") in page.words(".toast p")) is late
    row = await db.fetchrow("SELECT late, cancelled_by, reason FROM status_change WHERE status = 'cancelled'")
    assert row is not None
    assert (row["late"], row["cancelled_by"], row["reason"]) == (late, "client", ill)
    page = await desk.open(url)
    assert page.all(".booking-steps strong")[1] == say("words.cancelled_by_client")
    assert "Ill" in page.all(".booking-steps .soft")[1]


async def test_a_cancellation_whose_consequences_changed_is_shown_again(
    desk: Visitor, here: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = await here.book(here.nina, NOON + HOUR)
    url = f"/bookings/{booking}/cancellation"
    page = await desk.open(url)
    monkeypatch.setattr(clock, "now", lambda: NOW + HOUR)
    answer = await desk.send(page, url, by="client")
    assert answer.status == 409
    assert say("effect.cancelled_late") in answer.all(".check small")[0]
    assert (await stands(booking))[1] == "booked"
    assert (await desk.send(answer, url)).status == 200
    assert (await stands(booking))[1] == "cancelled"


async def test_a_no_show_is_noted_once_it_has_begun(desk: Visitor, here: Yard) -> None:
    later, now = await here.book(here.nina), await here.book(here.olga, NOW - HOUR)
    assert not (await desk.open(f"/bookings/{later}")).has("a[href$='/no-show']")
    page = await desk.open(f"/bookings/{later}/no-show")
    assert page.error("reason") == say("problem.not_begun")
    assert (await desk.send(page, f"/bookings/{later}/no-show")).status == 422
    page = await desk.open(f"/bookings/{now}/no-show")
    assert (await desk.send(page, f"/bookings/{now}/no-show")).status == 200
    assert (await stands(now))[1] == "no_show"


def met(who: str, begins: str, ends: str) -> str:
    """That somebody has a booking of hers then."""
    return say("problem.meets", who=who, client="Анна Петрова", begins=begins, ends=ends)


async def test_undoing_a_cancellation_whose_place_is_taken_offers_three_others(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}"
    page = await desk.open(f"{url}/cancellation")
    page = await desk.send(page, f"{url}/cancellation", by="us")
    await here.book(here.nina)
    page = await undo(desk, page)
    assert page.path == f"{url}/return"
    assert page.error("time") == say(
        "problem.meets", who="Nina Orlova", client="Анна Петрова", begins="12:00", ends="13:00"
    )
    assert page.all(".offer strong") == ["10:30", "11:00", "13:00"]
    page = await desk.send(page, f"{url}/return", press=f"start={at(NOON + HOUR)}")
    assert await stands(booking) == (NOON + HOUR, "booked")
    assert page.toast == say("done.booking.bring_back", name="Анна Петрова, Wed 13 May 13:00, Nina Orlova")
    await healthy()
    await undo(desk, page)
    assert await stands(booking) == (NOON, "cancelled")
    await healthy()


async def test_undoing_a_move_whose_old_place_is_taken_offers_three_others(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}/move"
    page = await desk.send(await desk.open(url), url, time="15:00", to=here.olga, minutes=30)
    await here.book(here.nina)
    page = await undo(desk, page)
    assert page.path == url
    assert page.error("time") == say(
        "problem.meets", who="Nina Orlova", client="Анна Петрова", begins="12:00", ends="13:00"
    )
    assert (page.value("time"), page.value("to"), page.value("minutes")) == ("12:00", str(here.nina), "60")
    assert page.all(".offer strong") == ["10:30", "11:00", "13:00"]
    page = await desk.send(page, url, press=f"start={at(NOON + HOUR)}")
    assert await stands(booking) == (NOON + HOUR, "booked")
    assert await done_by(booking) == [here.nina]
    await healthy()


async def test_the_length_in_the_form_means_what_it_says_when_somebody_else_shall_do_it(
    desk: Visitor, here: Yard
) -> None:
    await db.execute("UPDATE skill SET minutes = 90 WHERE bookable = $1", here.olga)
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}/move"
    page = await desk.open(url)
    assert page.value("minutes") == ""
    page = await undo(desk, await desk.send(page, url, to=here.olga))
    assert await length(booking) == HOUR
    await desk.send(await desk.open(url), url, to=here.olga)
    assert await length(booking) == 1.5 * HOUR
    await desk.send(await desk.open(url), url, minutes=150)
    page = await desk.open(url)
    assert page.value("minutes") == "150"
    await desk.send(page, url, to=here.nina)
    assert (await length(booking), await done_by(booking)) == (2.5 * HOUR, [here.nina])


async def length(booking: int) -> timedelta:
    found: timedelta = await db.fetchval("SELECT ends_at - starts_at FROM booking WHERE id = $1", booking)
    return found


async def test_undoing_what_whoever_did_it_works_no_more_says_so_and_offers_three_others(
    desk: Visitor, here: Yard
) -> None:
    called_off, moved = await here.book(here.nina), await here.book(here.nina, NOON + HOUR)
    urls = f"/bookings/{called_off}", f"/bookings/{moved}"
    form = await desk.open(f"{urls[0]}/cancellation")
    pages = [await desk.send(form, f"{urls[0]}/cancellation", by="us")]
    pages.append(await desk.send(await desk.open(f"{urls[1]}/move"), f"{urls[1]}/move", on="2026-05-14", time="13:00"))
    from_two = [[[540, 1080]]] * 2 + [[[840, 1080]]] + [[[540, 1080]]] * 2 + [[]] * 2
    await db.execute("UPDATE schedule SET hours = $1 WHERE bookable = $2", json.dumps(from_two), here.nina)
    for page, url, form_of in zip(pages, urls, ("return", "move"), strict=True):
        page = await undo(desk, page)
        assert page.path == f"{url}/{form_of}"
        assert page.error("time") == say("problem.outside_hours")
        assert page.all(".offer strong") == ["14:00", "14:30", "15:00"]
    page = await desk.send(page, f"{urls[1]}/move", press=f"start={at(NOON + 2 * HOUR)}")
    assert (await stands(moved), await done_by(moved)) == ((NOON + 2 * HOUR, "booked"), [here.nina])


async def test_undoing_what_whoever_did_it_does_no_more_says_so_and_offers_three_by_whoever_does_it_now(
    desk: Visitor, here: Yard
) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}/move"
    page = await desk.send(await desk.open(url), url, time="15:00", to=here.olga)
    await db.execute("UPDATE skill SET retired_at = now() WHERE bookable = $1", here.nina)
    page = await undo(desk, page)
    assert page.path == url
    assert page.error("to") == say("problem.did_it_before")
    assert (page.value("time"), page.value("to")) == ("12:00", str(here.olga))
    assert len(page.all(".offer strong")) == 3
    await desk.send(page, url, press=f"start={at(NOON + HOUR / 2)}")
    assert (await stands(booking), await done_by(booking)) == ((NOON + HOUR / 2, "booked"), [here.olga])


async def test_an_undo_that_would_lead_to_a_site_that_was_removed_says_so(desk: Visitor, here: Yard) -> None:
    site = await factories.site(here.client)
    booking = await here.book(here.nina, site=SiteId(site))
    page = await desk.send(await desk.open(f"/bookings/{booking}"), f"/bookings/{booking}/note", site="")
    await db.execute("UPDATE client_site SET retired_at = now()")
    page = await undo(desk, page)
    assert page.toast == say("problem.site_gone")


async def test_a_site_of_somebody_else_is_refused_at_its_field(desk: Visitor, here: Yard) -> None:
    theirs = await factories.site(await factories.client("Somebody"))
    booking = await here.book(here.nina)
    page = await desk.open(f"/bookings/{booking}")
    assert not page.has("[name=site]")
    page = await desk.send(page, f"/bookings/{booking}/note", note="kept", site=theirs)
    assert (page.status, page.error("site"), page.value("note")) == (422, say("problem.choice"), "kept")


async def test_undoing_a_stretch_into_what_is_taken_by_now_offers_three_others(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}/move"
    page = await desk.send(await desk.open(url), url, minutes=30)
    await here.book(here.nina, NOON + HOUR / 2)
    page = await undo(desk, page)
    assert (page.path, page.value("minutes")) == (url, "60")
    assert page.error("time") == say(
        "problem.meets", who="Nina Orlova", client="Анна Петрова", begins="12:30", ends="13:30"
    )
    assert len(page.all(".offer strong")) == 3


async def test_undoing_an_exchange_offers_places_to_the_one_whose_place_is_taken(desk: Visitor, here: Yard) -> None:
    quick = ServiceId(await factories.service("QUICK", minutes=30))
    for who in (here.nina, here.olga):
        await factories.skill(who, quick)
    long = await here.book(here.nina)
    short = await replace(here, service=quick).book(here.olga, NOON + 3 * HOUR)
    url = f"/bookings/{short}/swap"
    page = await desk.send(await desk.open(url), url, **{"with": f"{long}.1"})
    await here.book(here.nina, NOON + HOUR / 2)
    page = await undo(desk, page)
    assert page.path == f"/bookings/{long}/move"
    assert (page.value("time"), page.value("to")) == ("12:00", str(here.nina))
    assert len(page.all(".offer strong")) == 3


async def test_nothing_that_was_called_off_is_booked_again_for_a_client_who_was_erased(
    desk: Visitor, here: Yard
) -> None:
    booking = await here.book(here.nina)
    cancelled = await actions.cancel(Intent(uuid4(), DEMO, NOW), booking, CancelledBy.CLIENT)
    url = f"/bookings/{booking}"
    opened = await desk.open(f"{url}/return")
    await factories.staff(VERA)
    await erasing.erase(Intent(uuid4(), VERA.actor, NOW, reason=Why.ASKED.value), here.client)
    page = await desk.open(url)
    assert not page.has(f"a[href='{url}/return']")
    assert not page.has(f"form[action$='/{cancelled.operation_id}/undo']")
    assert not await undoable(cancelled.operation_id)
    assert (await desk.open(f"{url}/return")).path == url
    refused = await desk.send(opened, f"{url}/return")
    assert refused.status == 409
    assert await stands(booking) == (NOON, "cancelled")
    with pytest.raises(asyncpg.RestrictViolationError):
        await db.execute("UPDATE booking SET status = 'booked' WHERE id = $1", booking)


async def test_what_was_called_off_comes_back_to_its_own_place_while_that_is_free(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    await actions.cancel(Intent(uuid4(), DEMO, NOW), booking, CancelledBy.CLIENT)
    url = f"/bookings/{booking}/return"
    page = await desk.open(url)
    assert not page.error("time")
    assert page.words(".booking-asks .buttons button") == say("title.booking_return")
    assert (await desk.send(page, url)).status == 200
    assert await stands(booking) == (NOON, "booked")
    await healthy()


PANEL = {"hx-request": "true", "hx-target": "panel"}


@pytest.mark.parametrize("what", ["move", "swap", "cancellation"])
async def test_what_is_done_with_a_booking_stands_in_the_panel_of_the_agenda_too(
    desk: Visitor, here: Yard, what: str
) -> None:
    booking = await here.book(here.nina)
    part = await desk.open(f"/bookings/{booking}/{what}", headers=PANEL)
    assert (part.has(".panel-page h2"), part.has("#page"), part.has("#place")) == (True, False, False)
    assert part.tree.css_first(".panel-page").attributes["hx-target"] == "#panel"
    answer = await desk.http.get(f"/bookings/{booking}/{what}", headers=PANEL)
    assert "hx-push-url" not in answer.headers
    shown = await desk.open(f"/bookings/{booking}", headers=PANEL)
    link = shown.tree.css_first(f'a[href="/bookings/{booking}/{what}"]')
    assert link.attributes["hx-target"] == "#panel"
    whole = await desk.open(f"/bookings/{booking}")
    assert "hx-target" not in whole.tree.css_first(f'a[href="/bookings/{booking}/{what}"]').attributes


async def test_the_day_takes_the_place_of_the_page_after_something_was_done_in_the_panel(
    desk: Visitor, here: Yard
) -> None:
    answer = await desk.http.get("/agenda", headers=PANEL)
    assert answer.headers["hx-retarget"] == "#page"
    assert (await desk.http.get("/agenda", headers={"hx-request": "true"})).headers.get("hx-retarget") is None


@pytest.mark.parametrize("what", ["move", "swap", "cancellation"])
async def test_leaving_such_a_page_and_finishing_it_lead_to_the_day(desk: Visitor, here: Yard, what: str) -> None:
    booking = await here.book(here.nina)
    other = await here.book(here.olga)
    url = f"/bookings/{booking}/{what}"
    page = await desk.open(url)
    day = f"/agenda?view=day&on=2026-05-13&place={here.location}"
    assert page.has(f'#main .buttons a[href="{day}"]')
    fields = {"move": {"time": "15:00"}, "swap": {"with": f"{other}.1"}, "cancellation": {}}[what]
    assert (await desk.send(page, url, **fields)).path == "/agenda"


async def test_a_typed_place_in_the_address_is_judged_with_three_others(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    await here.book(here.olga)
    page = await desk.open(f"/bookings/{booking}/move?on=2026-05-13&time=12:00&from={here.nina}&to={here.olga}")
    assert page.error("time")
    assert len(page.all(".offer strong")) == 3


async def test_it_moves_to_another_time_and_person_and_back(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}/move"
    page = await desk.send(await desk.open(url), url, time="14:15", to=here.olga, minutes=90)
    assert page.status == 200
    assert await stands(booking) == (NOON + 2.25 * HOUR, "booked")
    assert await done_by(booking) == [here.olga]
    await undo(desk, page)
    assert await stands(booking) == (NOON, "booked")
    assert await done_by(booking) == [here.nina]


async def test_what_is_dragged_posts_few_fields(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}/move"
    page = await desk.open(url)
    sent = {"_csrf": page.value("_csrf"), "intent": str(uuid4()), "version": page.value("version")}
    moved = {"on": DAY, "time": "9:00", "from": "", "to": "", "minutes": ""}
    assert (await desk.post(url, {**sent, **moved})).status == 200
    assert await stands(booking) == (NOON - 3 * HOUR, "booked")


async def test_a_move_that_cannot_be_says_why_and_one_press_takes_the_nearest(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    await here.book(here.olga, NOON + HOUR)
    url = f"/bookings/{booking}/move"
    page = await desk.send(await desk.open(url), url, time="13:30", to=here.olga)
    assert page.status == 422
    assert page.error("time") == say(
        "problem.meets", who="Olga Moroz", client="Анна Петрова", begins="13:00", ends="14:00"
    )
    assert (page.value("time"), page.value("to")) == ("13:30", str(here.olga))
    assert page.all(".offer strong") == ["12:00", "14:00", "14:30"]
    page = await desk.send(page, url, press=f"start={at(NOON + 2 * HOUR)}")
    assert await stands(booking) == (NOON + 2 * HOUR, "booked")
    assert await done_by(booking) == [here.olga]


async def test_the_form_that_moves_says_what_stays_though_it_cannot_be_chosen_any_more(
    desk: Visitor, here: Yard
) -> None:
    url = f"/bookings/{await here.book(here.nina)}/move"
    assert not (await desk.open(url)).has(".callout")
    await db.execute("UPDATE skill SET retired_at = now() WHERE bookable = $1", here.nina)
    page = await desk.open(url)
    assert page.all("main .callout p") == [say("words.keeps_person", who="Nina Orlova", service="Deep clean")]
    assert page.all("[name=to] option")[1:] == ["Nina Orlova", "Olga Moroz"]
    assert page.has(".offer")
    await db.execute("UPDATE service SET retired_at = now()")
    page = await desk.open(url)
    assert page.all("main .callout p") == [say("words.keeps_service", service="Deep clean")]
    assert (await desk.send(page, url, time="15:00")).status == 200
    await db.execute("UPDATE skill SET retired_at = now()")
    page = await desk.open(url)
    assert page.all("[name=to] option")[2] == say("words.does_not_do_it", name="Olga Moroz")


async def test_who_cannot_do_it_is_refused_with_places_of_whoever_does_it_now(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    other = await factories.bookable("Petr Luzhin", position=3)
    url = f"/bookings/{booking}/move"
    page = await desk.send(await desk.open(url), url, time="14:00", to=other)
    assert page.error("time") == say("problem.cannot_do")
    press = page.tree.css_first(".offer").attributes["value"] or ""
    assert press.endswith("-0")
    assert (await desk.send(page, url, press=f"start={press}")).status == 200
    assert await done_by(booking) == [here.nina]


@pytest.mark.parametrize(
    ("on", "problem", "offered"),
    [
        ("2026-10-25", "refused.twice_that_day", ["the first 2:00", "the first 2:30", "the second 2:30"]),
        ("2027-03-28", "refused.no_such_time", ["1:30", "3:00", "3:30"]),
    ],
)
async def test_a_move_to_a_time_that_comes_twice_or_never_offers_three_places(
    sign_in: SignIn, app: Litestar, on: str, problem: str, offered: list[str]
) -> None:
    here = await yard("Europe/Berlin", ALWAYS)
    desk = await sign_in(ANNA, language="en")
    url = f"/bookings/{await here.book(here.nina)}/move"
    page = await desk.send(await desk.open(url), url, on=on, time="2:30")
    assert page.error("time") == say(problem)
    assert page.all(".offer strong") == offered


async def test_a_drag_says_which_of_two_hours_is_meant(sign_in: SignIn, app: Litestar) -> None:
    here = await yard("Europe/Berlin", ALWAYS)
    desk = await sign_in(ANNA, language="en")
    booking = await here.book(here.nina)
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    url = f"/bookings/{booking}/move"
    page = await desk.open(url)
    sent = {"_csrf": page.value("_csrf"), "intent": str(uuid4()), "version": page.value("version")}
    moved = {"on": "2026-10-25", "time": "2:30", "from": "", "to": "", "minutes": "", "start": at(second)}
    done = await desk.post(url, {**sent, **moved})
    assert await stands(booking) == (second, "booked")
    assert "the second 2:30" in done.toast
    page = await desk.open(f"/bookings/{booking}")
    assert page.heading == "Sunday 25 October, the second 2:30\u2060–\u20603:30"
    assert "the second 2:30\u2060–\u20603:30" in page.words(".booking-items")


async def test_a_booking_at_the_second_of_two_hours_stays_there_when_its_form_makes_it_longer(
    sign_in: SignIn, app: Litestar
) -> None:
    here = await yard("Europe/Berlin", ALWAYS)
    desk = await sign_in(ANNA, language="en")
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    booking = await here.book(here.nina, second)
    url = f"/bookings/{booking}/move"
    asked = await desk.open(f"{url}?on=2026-10-25&time=2:30&minutes=90")
    assert not asked.error("time")
    await desk.send(await desk.open(url), url, minutes=90)
    row = await db.fetchrow("SELECT starts_at, ends_at FROM booking WHERE id = $1", booking)
    assert row is not None
    assert (row["starts_at"], row["ends_at"]) == (second, second + 1.5 * HOUR)


async def test_no_form_moves_to_a_place_of_a_date_that_it_does_not_take(desk: Visitor, here: Yard) -> None:
    url = f"/bookings/{await here.book(here.nina)}/move"
    page = await desk.send(await desk.open(url), url, start=at(datetime(2160, 2, 18, 9, 0, tzinfo=UTC)))
    assert page.status == 422
    assert page.error("on").startswith("Give a date between")


async def test_a_move_years_ahead_asks_once_whether_that_is_meant(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}/move"
    page = await desk.open(url)
    assert not page.has("[name=sure]")
    page = await desk.send(page, url, on="2082-05-13")
    assert (page.status, page.error("sure")) == (422, say("problem.far_ahead", day="13 May 2082"))
    assert (await stands(booking))[0] == NOON
    assert (await desk.send(page, url, sure="on")).status == 200
    assert (await stands(booking))[0].year == 2082
    assert (await desk.send(await desk.open(url), url, time="15:00", minutes=90)).status == 200
    assert (await desk.send(await desk.open(url), url, on="2082-05-14")).error("sure")


@pytest.mark.parametrize("way", ["page", "panel"])
async def test_a_move_into_the_past_asks_once_whether_that_is_meant(desk: Visitor, here: Yard, way: str) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}/move"
    page = await desk.open(url)
    sent = {name: texts for name, texts in page.fields(url).items() if name != "sure"}
    dragged = {**sent, "on": "2026-05-11", "time": "12:00"}
    refused = await desk.post(url, dragged, **(PANEL if way == "panel" else {}))
    assert (refused.status, refused.error("sure")) == (422, say("problem.begun", day="11 May 2026", time="12:00"))
    assert (refused.has(".panel-page"), refused.has("#page")) == (way == "panel", way == "page")
    assert (await stands(booking))[0] == NOON
    moved = await desk.post(url, {**refused.fields(url), "sure": ["on"]})
    assert moved.status == 200
    assert (await stands(booking))[0] == NOON - 48 * HOUR
    assert (await desk.send(await desk.open(url), url, minutes=90)).status == 200


async def test_a_move_from_an_old_page_shows_both(desk: Visitor, here: Yard, sign_in: SignIn) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}/move"
    old = await desk.open(url)
    vera = await sign_in(VERA)
    await vera.send(await vera.open(url), url, time="15:00")
    page = await desk.send(old, url, time="16:00")
    assert page.status == 409
    assert {"15:00", "16:00"} <= set(page.all("table.compare td"))


async def test_two_bookings_of_a_day_change_places(desk: Visitor, here: Yard) -> None:
    one, other = await here.book(here.nina), await here.book(here.olga, NOON + HOUR)
    url = f"/bookings/{one}/swap"
    page = await desk.send(await desk.open(url), url, **{"with": f"{other}.1"})
    assert page.status == 200
    assert (await stands(one))[0] == NOON + HOUR
    assert await done_by(one) == [here.olga]
    await undo(desk, page)
    assert (await stands(one))[0] == NOON


async def test_a_swap_with_a_booking_of_another_day_is_refused(desk: Visitor, here: Yard) -> None:
    one, other = await here.book(here.nina), await here.book(here.olga, NOON + 24 * HOUR)
    await here.book(here.olga)
    url = f"/bookings/{one}/swap"
    page = await desk.send(await desk.open(url), url, **{"with": f"{other}.1"})
    assert (page.status, page.error("with")) == (422, say("problem.choice"))
    assert [(await stands(each))[0] for each in (one, other)] == [NOON, NOON + 24 * HOUR]


async def test_a_swap_from_an_old_page_is_refused_and_shows_what_is_there_now(desk: Visitor, here: Yard) -> None:
    one, other = await here.book(here.nina), await here.book(here.olga, NOON + HOUR)
    third = await here.book(here.olga, NOON + 3 * HOUR)
    url = f"/bookings/{one}/swap"
    old = await desk.open(url)
    await desk.send(await desk.open(f"/bookings/{other}/move"), f"/bookings/{other}/move", time="16:00")
    page = await desk.send(old, url, **{"with": f"{other}.1"})
    assert (page.status, page.error("with")) == (422, say("problem.swap_meanwhile"))
    assert (await stands(one))[0] == NOON
    assert page.all('.field [name="with"]') == ["", ""]
    assert (await desk.send(page, url, **{"with": f"{third}.1"})).status == 200
    assert (await stands(one))[0] == NOON + 3 * HOUR


async def test_the_card_tells_what_is_booked_and_books(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    gone = await here.book(here.olga, NOON + HOUR)
    await actions.cancel(Intent(uuid4(), DEMO, NOW), gone, CancelledBy.CLIENT)
    page = await desk.open(f"/clients/{here.client}")
    links = [node.attributes["href"] for node in page.tree.css(".client-bookings a")]
    assert links == [f"/bookings/{booking}", f"/bookings/{gone}"]
    assert page.has(f".actions a[href='/bookings/new?client={here.client}']")


async def test_time_off_lists_what_has_to_be_moved(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    await here.book(here.olga)
    off = Away(TimeOffKind.SICK, date(2026, 5, 13), date(2026, 5, 13))
    away = await roster.add_time_off(Intent(uuid4(), DEMO, NOW), here.nina, off)
    page = await desk.open(f"/team/time-off/{away.result['time_off']}")
    moves = [node.attributes["href"] for node in page.tree.css("a[href$='/move']")]
    assert moves == [f"/bookings/{booking}/move"]
    assert "Анна Петрова" in page.words(".items")


async def test_what_was_taken_back_says_so_and_offers_nothing(desk: Visitor, here: Yard) -> None:
    page = await here.send(desk, time="12:00")
    await undo(desk, page)
    page = await desk.open("/bookings/1")
    assert say("This booking was taken back. Undoing that restores it.") in page.words(".callout")
    assert not page.has(".booking-next")
    assert (await desk.open("/bookings/1/move")).path == "/bookings/1"
    assert (await desk.open("/bookings/77")).status == 404


async def test_reasons_are_kept_in_the_settings(here: Yard, sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG, language="en")
    page = await oleg.open("/settings/reasons")
    assert "Other plans" in page.all(".item-main a")
    known = await count("reason")
    new = await oleg.open("/settings/reasons/new?use=no_show")
    page = await oleg.send(new, "/settings/reasons", name_en="Snow", name_ru="Снег")
    assert page.toast == say("done.reason.add", name=say("words.quoted", name="Snow"))
    row = await db.fetchrow("SELECT id, use FROM reason ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert (row["use"], await count("reason")) == ("no_show", known + 1)
    url = f"/settings/reasons/{row['id']}"
    page = await oleg.send(await oleg.open(url), url, name_en="Snowed in", position=1)
    page = await oleg.send(page, f"{url}/retirement")
    assert await count("reason") == known
    page = await oleg.send(page, f"{url}/readmission")
    assert await count("reason") == known + 1
    assert await db.fetchval("SELECT names ->> 'en' FROM reason WHERE id = $1", row["id"]) == "Snowed in"


async def test_reasons_that_are_off_are_not_offered(desk: Visitor, here: Yard) -> None:
    await db.execute("UPDATE reason SET retired_at = now() WHERE names ->> 'en' = 'Other plans'")
    booking = await here.book(here.nina)
    page = await desk.open(f"/bookings/{booking}/cancellation")
    offered = page.all("[name=reason] option")
    assert "Too expensive" in offered
    assert "Other plans" not in offered


async def test_the_desk_does_not_keep_the_reasons(desk: Visitor) -> None:
    assert (await desk.open("/settings/reasons")).status == 403


async def test_of_a_booking_taken_back_meanwhile_every_form_says_so_and_keeps_what_was_typed(
    desk: Visitor, here: Yard
) -> None:
    booked = await actions.book(Intent(uuid4(), DEMO, NOW), here.asked(here.nina), NOON)
    base = f"/bookings/{booked.result['booking']}"
    forms = {way: await desk.open(f"{base}/{way}") for way in ("move", "swap", "cancellation")}
    page = await desk.open(base)
    await taking_back(Intent(uuid4(), DEMO, NOW), booked.operation_id)
    moved = await desk.send(forms["move"], f"{base}/move", time="15:45")
    assert moved.status == 409
    assert say("refused.taken_back") in moved.words("main")
    assert moved.value("time") == "15:45"
    noted = await desk.send(page, f"{base}/note", note="bring the ladder")
    assert noted.status == 409
    assert say("refused.taken_back") in noted.words("main")
    assert noted.tree.css_first("textarea[name=note]").text() == "bring the ladder"
    cancelled = await desk.send(forms["cancellation"], f"{base}/cancellation")
    assert (cancelled.status, say("refused.taken_back") in cancelled.words("main")) == (409, True)
    confirmed = await desk.send(page, f"{base}/confirmation")
    assert (confirmed.status, say("refused.taken_back") in confirmed.words("body")) == (409, True)
    await healthy()


async def test_who_does_not_do_the_booking_cannot_be_replaced_in_it(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    page = await desk.open(f"/bookings/{booking}/move")
    sent = await desk.send(page, f"/bookings/{booking}/move", **{"from": str(here.olga), "to": str(here.olga)})
    assert sent.status == 422
    assert sent.error("to") == say("problem.others_do_it")
    assert await done_by(booking) == [here.nina]


async def test_a_move_is_told_once_with_time_and_people_in_its_history_and_in_the_clients(
    desk: Visitor, here: Yard
) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}"
    moved = await desk.send(await desk.open(f"{url}/move"), f"{url}/move", time="15:00", to=here.olga)
    told = "moved: Wed 13 May 12:00, Nina Orlova → 15:00, Olga Moroz"
    page = await desk.open(url)
    assert page.all(".told-what .soft") == [told]
    first, last = page.all(".told-what p:first-child")[-1], page.all(".told-what p:first-child")[0]
    assert "Wed 13 May 12:00, Nina Orlova" in first
    assert "Wed 13 May 15:00, Olga Moroz" in last
    assert told in (await desk.open(f"/clients/{here.client}")).words("main")
    await undo(desk, moved)
    back = (await desk.open(url)).all(".told-what .soft")
    assert back == ["moved: Wed 13 May 15:00, Olga Moroz → 12:00, Nina Orlova", told]


async def test_a_longer_booking_says_until_when_it_was_and_is(desk: Visitor, here: Yard) -> None:
    booking = await here.book(here.nina)
    url = f"/bookings/{booking}"
    await desk.send(await desk.open(f"{url}/move"), f"{url}/move", minutes=90)
    assert (await desk.open(url)).all(".told-what .soft") == ["moved: Wed 13 May 12:00–13:00 → 12:00–13:30"]


async def test_an_arrival_is_not_noted_before_the_day_of_the_booking(desk: Visitor, here: Yard) -> None:
    tomorrow, today = await here.book(here.nina), await here.book(here.nina, NOON - 24 * HOUR)
    page = await desk.open(f"/bookings/{today}")
    assert page.has(f"form[action='/bookings/{today}/arrival']")
    later = await desk.open(f"/bookings/{tomorrow}")
    assert not later.has(f"form[action='/bookings/{tomorrow}/arrival']")
    fields = page.fields(f"/bookings/{today}/arrival")
    answer = await desk.post(f"/bookings/{tomorrow}/arrival", fields)
    assert answer.status == 409
    assert say("refused.not_its_day") in answer.words("body")
    assert (await stands(tomorrow))[1] == "booked"


async def test_time_off_over_bookings_leads_to_them_and_each_says_so_on_board_and_page(
    desk: Visitor, here: Yard
) -> None:
    inside, before = await here.book(here.nina), await here.book(here.nina, NOON - 2 * HOUR)
    service = await factories.service("TAIL", minutes=60, buffer_after=60)
    await db.execute("UPDATE booking_item SET service = $1, buffer_after = 60 WHERE booking = $2", service, before)
    await db.execute(
        "UPDATE occupancy SET during = tstzrange(lower(during), upper(during) + interval '1 hour') WHERE booking = $1",
        before,
    )
    url = f"/team/bookables/{here.nina}/time-off"
    page = await desk.open(url)
    page = await desk.send(page, url, kind="training", first=DAY, last=DAY, hours="11:30-14:00")
    assert page.path.startswith("/team/time-off/")
    assert page.words("#to-move h2") == "2 bookings lie inside: to move"
    around, then = (say(f"words.is_away_{one}", who="Nina Orlova") for one in ("around", "then"))
    assert page.all("#to-move p.soft") == [around, then]
    assert page.all(".item-main a") != []
    page = await desk.open(f"/bookings/{inside}")
    assert page.words(".jumps-out") == f"{then} Move it"
    board = await desk.open(f"/agenda?view=day&on={DAY}&place={here.location}")
    assert board.all(f"a[href='/bookings/{inside}'] .away") == ["away"]
    assert "break" not in [word.lower() for word in board.all(".pause")]
    await desk.send(await desk.open(f"/bookings/{inside}/move"), f"/bookings/{inside}/move", to=here.olga)
    assert not (await desk.open(f"/bookings/{inside}")).has(".jumps-out")
