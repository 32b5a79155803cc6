"""The start page, over HTTP: for every role, at a fixed moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from console import i18n
from console.domain import clock, db
from console.domain.booking import actions as bookings
from console.domain.booking import by_link
from console.domain.booking.rules import CancelledBy
from console.domain.ids import StaffId
from console.domain.intent import Intent
from console.domain.tickets import actions as tickets
from console.domain.tickets.rules import TicketStatus
from tests import factories
from tests.cast import ANNA, BORIS, EVERYBODY, NOW, OLEG, VERA, Person
from tests.domain.messages.test_outbox_by_staff import FAILED, UNKNOWN, message
from tests.domain.tickets.desk import opened
from tests.page import Page
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import HOUR, NOON, WEEK, intent, yard

At = Callable[[datetime], None]
AWAY = "/first-steps/removal"
TUESDAY_AT_TWO = datetime(2026, 5, 12, 11, 0, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Sets the clock; it stands at Tuesday 12 May 2026, 12:30 in Moscow."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_clock(NOW)
    return set_clock


def card(page: Page, name: str) -> str:
    """What the card of a place says."""
    found = [" ".join(node.text().split()) for node in page.tree.css(".card")]
    return next(text for text in found if text.startswith(name))


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.role.value)
async def test_it_begins_with_the_date_for_every_role(sign_in: SignIn, at: At, person: Person) -> None:
    await factories.location()
    visitor = await sign_in(person, language="en")
    assert (await visitor.open("/")).heading == "Tuesday 12 May"


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 5, 12, 9, 30, tzinfo=UTC), ["Open until", say("words.open_until", time="18:00")]),
        (datetime(2026, 5, 12, 5, 0, tzinfo=UTC), ["Closed, opens", say("words.opens_at", time="9:00")]),
        (datetime(2026, 5, 12, 16, 0, tzinfo=UTC), [say("words.opens_on", day="tomorrow", time="9:00")]),
        (datetime(2026, 5, 16, 9, 0, tzinfo=UTC), [say("words.opens_on", day=say("words.on_monday"), time="9:00")]),
    ],
)
async def test_a_place_says_until_or_from_when_it_is_open(
    sign_in: SignIn, at: At, moment: datetime, said: list[str]
) -> None:
    at(moment)
    await factories.location()
    page = await (await sign_in(VERA)).open("/")
    for words in said:
        assert words in card(page, "Centre")


async def test_a_holiday_closes_one_place_and_leaves_the_other_open(sign_in: SignIn, at: At) -> None:
    centre = await factories.location()
    await factories.location("North")
    await factories.holiday(date(2026, 5, 12), centre, name="Repairs")
    page = await (await sign_in(VERA)).open("/")
    assert say("Closed today: %(name)s", name="Repairs") in card(page, "Centre")
    assert "Open until" in card(page, "North")


async def test_a_short_day_says_its_hours_and_why(sign_in: SignIn, at: At) -> None:
    await factories.location()
    await factories.holiday(date(2026, 5, 12), name="Eve", hours="[[540, 900]]")
    page = await (await sign_in(VERA)).open("/")
    assert say("words.open_until", time="15:00") in card(page, "Centre")
    assert say("Today %(hours)s: %(name)s", hours="9:00–15:00", name="Eve") in card(page, "Centre")


async def test_the_hours_of_one_place_come_before_those_of_all(sign_in: SignIn, at: At) -> None:
    centre = await factories.location()
    await factories.holiday(date(2026, 5, 12), name="Victory")
    await factories.holiday(date(2026, 5, 12), centre, name="We work", hours="[[540, 900]]")
    assert "Open until" in card(await (await sign_in(VERA)).open("/"), "Centre")


async def test_a_place_far_away_goes_by_its_own_clock_and_says_it(sign_in: SignIn, at: At) -> None:
    await factories.location()
    await factories.location("Far East", zone="Asia/Vladivostok")
    page = await (await sign_in(VERA)).open("/")
    assert "Closed, opens" in card(page, "Far East")
    assert say("It is %(time)s there", time="19:30") in card(page, "Far East")
    assert "there" not in card(page, "Centre")


async def test_open_round_the_clock_has_no_end(sign_in: SignIn, at: At) -> None:
    await factories.location(hours=json.dumps([[[0, 1440]]] * 7))
    assert say("words.open_always") in card(await (await sign_in(VERA)).open("/"), "Centre")


async def test_closed_places_do_not_stand_here(sign_in: SignIn, at: At) -> None:
    await factories.location()
    await factories.location("North", retired_at=NOW)
    assert "North" not in (await (await sign_in(VERA)).open("/")).words("main")


async def test_the_next_three_holidays_are_named_and_days_in_a_row_are_one(sign_in: SignIn, at: At) -> None:
    await factories.location()
    for on, name in [
        (date(2026, 5, 11), "Gone by"),
        (date(2026, 5, 12), "Today"),
        (date(2026, 6, 12), "Long weekend"),
        (date(2026, 6, 13), "Long weekend"),
        (date(2026, 11, 4), "Unity Day"),
        (date(2026, 12, 31), "New Year's Eve"),
    ]:
        await factories.holiday(on, name=name)
    page = await (await sign_in(ANNA, language="en")).open("/")
    assert page.all(".panel .item p:first-child") == ["Today", "Long weekend", "Unity Day"]
    assert "12–13 June" in page.words(".panel")


async def test_the_front_desk_sees_no_way_into_the_settings(sign_in: SignIn, at: At) -> None:
    await factories.location()
    await factories.holiday()
    for person in (ANNA, BORIS):
        page = await (await sign_in(person)).open("/")
        assert not page.has('a[href^="/settings"]')


async def test_an_empty_console_tells_the_front_desk_what_is_missing(sign_in: SignIn, at: At) -> None:
    page = await (await sign_in(ANNA, language="en")).open("/")
    assert say("No location yet") in page.words("main")
    assert not page.has(".checklist")


async def test_the_set_up_ticks_itself_and_goes_when_all_is_done(sign_in: SignIn, at: At) -> None:
    vera = await sign_in(VERA)
    ticked = [0]

    async def done() -> int:
        page = await vera.open("/")
        assert len(page.tree.css(".checklist li")) in {0, 7}
        return len(page.tree.css(".checklist .is-done"))

    assert await done() == 0
    assert (await vera.open("/")).has('main a[href="/settings/import/new"]')
    await db.execute("UPDATE business SET name = 'Clean Home'")
    ticked.append(await done())
    empty = await factories.location(hours=json.dumps([[]] * 7))
    ticked.append(await done())
    await db.execute("UPDATE location SET hours = $2 WHERE id = $1", empty, json.dumps(factories.HOURS))
    ticked.append(await done())
    for on in (date(2026, 6, 12), date(2026, 11, 4)):
        await factories.holiday(on)
    ticked.append(await done())
    await factories.service()
    ticked.append(await done())
    await factories.bookable()
    ticked.append(await done())
    assert ticked == [0, 1, 2, 3, 4, 5, 6]
    await factories.staff(ANNA)
    assert not (await vera.open("/")).has(".checklist")


async def test_holidays_count_as_set_up_when_the_rest_of_this_year_has_some(sign_in: SignIn, at: At) -> None:
    await factories.location()
    vera = await sign_in(VERA)
    step = 'a[href="/settings/holidays/public"]'
    for on in (date(2026, 1, 1), date(2027, 1, 1)):
        await factories.holiday(on)
        assert (await vera.open("/")).has(step)
    await factories.holiday(date(2026, 11, 4))
    await factories.holiday(date(2026, 12, 31))
    assert not (await vera.open("/")).has(step)


async def test_public_holidays_are_asked_for_until_every_location_has_its_own_and_no_closure_stands_for_them(
    sign_in: SignIn, at: At
) -> None:
    centre, south = await factories.location(), await factories.location(name="South")
    vera, step = await sign_in(VERA), '.checklist a[href="/settings/holidays/public"]'
    await factories.holiday(date(2026, 8, 3), name="Renovation")
    assert (await vera.open("/")).has(step)
    for place in (centre, south):
        assert (await vera.open("/")).has(step)
        for on in (date(2026, 6, 12), date(2026, 11, 4), date(2026, 12, 31)):
            await factories.holiday(on, location=place)
    assert not (await vera.open("/")).has(step)


async def test_from_october_on_the_holidays_of_the_coming_year_are_asked_for_too(sign_in: SignIn, at: At) -> None:
    await factories.location()
    step = '.checklist a[href="/settings/holidays/public"]'
    at(datetime(2026, 9, 30, 9, 0, tzinfo=UTC))
    vera = await sign_in(VERA)
    assert (await vera.open("/")).words(step) == "Add the public holidays of 2026"
    at(datetime(2026, 10, 1, 9, 0, tzinfo=UTC))
    vera = await sign_in(VERA, exists=True)
    assert (await vera.open("/")).words(step) == "Add the public holidays of 2026 and 2027"
    await factories.holiday(date(2026, 11, 4))
    assert (await vera.open("/")).words(step) == "Add the public holidays of 2027"
    for day in (1, 2, 3, 4, 5, 6, 7, 8, 30):
        await factories.holiday(date(2027, 1, day))
    for month in (2, 3):
        assert (await vera.open("/")).has(step)
        await factories.holiday(date(2027, month, {2: 23, 3: 8}[month]))
    assert not (await vera.open("/")).has(step)


async def test_the_set_up_is_put_away_for_everybody_and_an_undo_brings_it_back(sign_in: SignIn, at: At) -> None:
    vera, oleg = await sign_in(VERA), await sign_in(OLEG)
    page = await vera.send(await vera.open("/"), AWAY)
    assert (page.path, page.has(".checklist"), page.toast) == ("/", False, say("done.business.put_steps_away"))
    assert not (await oleg.open("/")).has(".checklist")
    undo = page.tree.css_first(".toast form").attributes["action"]
    assert (await vera.send(page, undo)).has(".checklist")
    assert (await oleg.open("/")).has(".checklist")
    anna = await sign_in(ANNA, language="en")
    answer = await anna.post(AWAY, {**page.fields(undo), "_csrf": [(await anna.open("/")).value("_csrf")]})
    assert answer.status == 403


async def test_every_step_of_the_set_up_leads_to_a_page(sign_in: SignIn, at: At) -> None:
    vera = await sign_in(VERA)
    page = await vera.open("/")
    for link in page.tree.css(".checklist a"):
        assert (await vera.open(link.attributes["href"] or "")).status == 200


async def test_it_is_russian_for_whoever_reads_russian(sign_in: SignIn, at: At) -> None:
    at(datetime(2026, 5, 16, 9, 0, tzinfo=UTC))
    await factories.location()
    page = await (await sign_in(ANNA)).open("/")
    assert page.heading == "Суббота, 16 мая"
    assert "Закрыто, откроется в понедельник в 9:00" in card(page, "Centre")


async def test_its_tab_is_told_from_the_agendas(sign_in: SignIn, at: At) -> None:
    await factories.location()
    vera = await sign_in(VERA)
    tabs = [(await vera.open(path)).words("title") for path in ("/", "/agenda")]
    assert tabs[0].startswith(say("nav.overview"))
    assert len(set(tabs)) == 2


async def test_the_desk_begins_with_who_comes_next_and_who_has_not_confirmed(sign_in: SignIn, at: At) -> None:
    anna = await sign_in(ANNA, language="en")
    house = await yard()
    await house.book(house.nina, TUESDAY_AT_TWO)
    await house.book(house.olga, TUESDAY_AT_TWO - 3 * HOUR)
    await house.book(house.nina, NOON)
    await house.book(house.nina, NOON + 2 * WEEK)
    page, unsure = await anna.open("/"), say("words.status_booked")
    assert page.all("#next tbody tr") == [f"14:00 Анна Петрова Deep clean Nina Orlova {unsure}"]
    assert page.all("#to-confirm tbody tr") == [
        "Tomorrow, 12:00 Анна Петрова Deep clean Nina Orlova Confirm: Анна Петрова, Tomorrow 12:00"
    ]
    assert page.all("#to-finish tbody tr") == [f"Today, 11:00 Анна Петрова Deep clean Olga Moroz {unsure}"]
    assert page.has('.page-head a[href="/bookings/new"][data-press=n]')
    assert '<template id="page-keys">' in page.response.text
    card = page.tree.css_first(".card h3 a").attributes["href"] or ""
    assert card == f"/agenda?view=day&on=2026-05-12&place={house.location}"
    assert "2 bookings today" in page.words(".card")


async def test_once_nobody_comes_any_more_today_the_desk_sees_the_next_day(sign_in: SignIn, at: At) -> None:
    anna = await sign_in(ANNA, language="en")
    house = await yard()
    last = await house.book(house.nina, TUESDAY_AT_TWO)
    await bookings.confirm(intent(), await house.book(house.nina, NOON))
    await house.book(house.olga, NOON + timedelta(days=1))
    assert not (await anna.open("/")).has("#then")
    await bookings.arrive(intent(), last)
    page = await anna.open("/")
    assert say("Nobody else is expected today.") in page.words("#next")
    assert page.all("#then tbody tr") == [
        f"Tomorrow, 12:00 Анна Петрова Deep clean Nina Orlova {say('words.status_confirmed')}"
    ]


async def test_a_friday_evening_shows_whom_monday_brings(sign_in: SignIn, at: At) -> None:
    friday = NOON + timedelta(days=2)
    at(friday + 8 * HOUR)
    anna = await sign_in(ANNA, language="en")
    house = await yard()
    await house.book(house.nina, friday + timedelta(days=3))
    await house.book(house.nina, friday + WEEK)
    [row] = (await anna.open("/")).all("#then tbody tr")
    assert row.startswith("Monday 18 May, 12:00"), row


async def test_who_says_that_they_come_is_confirmed_there_by_one_press(sign_in: SignIn, at: At) -> None:
    anna = await sign_in(ANNA, language="en")
    house = await yard()
    booking = await house.book(house.nina, NOON)
    page = await anna.open("/")
    page = await anna.send(page, f"/bookings/{booking}/confirmation")
    assert (page.path, page.has("#to-confirm")) == ("/", False)
    assert page.has(".toast form")
    assert await db.fetchval("SELECT status FROM booking WHERE id = $1", booking) == "confirmed"


async def test_what_a_client_called_off_by_the_link_is_told_to_the_desk_with_the_day_for_two_days(
    sign_in: SignIn, at: At
) -> None:
    anna = await sign_in(ANNA, language="en")
    house = await yard()
    by_desk, by_client = await house.book(house.olga, NOON + WEEK), await house.book(house.nina, NOON + WEEK)
    await bookings.cancel(intent(), by_desk, CancelledBy.CLIENT)
    assert not (await anna.open("/")).has("#called-off")
    await bookings.cancel(Intent(uuid4(), by_link.CLIENT, clock.now()), by_client, CancelledBy.CLIENT)
    page = await anna.open("/")
    (row,) = page.all("#called-off tbody tr")
    assert "12:00 Анна Петрова Deep clean Nina Orlova" in row
    links = [one.attributes["href"] for one in page.tree.css("#called-off td a")]
    assert links[0] == f"/bookings/{by_client}"
    assert links[-1] == f"/agenda?view=day&on=2026-05-20&place={house.location}"
    at(NOW + timedelta(days=3))
    assert not (await anna.open("/")).has("#called-off")


async def test_what_was_left_open_is_to_finish_until_somebody_says_what_became_of_it(sign_in: SignIn, at: At) -> None:
    anna = await sign_in(ANNA, language="en")
    house = await yard()
    came, missed = [await house.book(who, TUESDAY_AT_TWO - 3 * HOUR) for who in (house.nina, house.olga)]
    await bookings.arrive(intent(), came)
    assert len((await anna.open("/")).all("#to-finish tbody tr")) == 2
    await bookings.no_show(intent(), missed)
    assert len((await anna.open("/")).all("#to-finish tbody tr")) == 1
    at(NOW + timedelta(days=30))
    assert not (await anna.open("/")).has("#to-finish")


async def test_the_desk_sees_whom_to_call_back_its_own_and_nobodys(sign_in: SignIn, at: At) -> None:
    anna = await sign_in(ANNA, language="en")
    client = await factories.client(phones=json.dumps([{"number": "+79210004512"}]))
    await factories.staff(BORIS)
    assert not (await anna.open("/")).has("#call-backs")
    mine, nobodys, others, waiting = [await opened(client, subject=f"Call {n}") for n in range(4)]
    await tickets.assign(intent(), mine, StaffId(ANNA.id))
    await tickets.assign(intent(), others, StaffId(BORIS.id))
    await tickets.move(intent(), waiting, TicketStatus.PENDING)
    page = await anna.open("/")
    assert page.all("#call-backs tbody th") == ["Call 0", "Call 1"]
    assert page.all("#call-backs tbody td a") == [i18n.phone("+79210004512")] * 2
    assert page.has(f"#call-backs a[href='/tickets/{await number(nobodys)}']")


async def number(ticket: int) -> int:
    return int(await db.fetchval("SELECT number FROM ticket WHERE id = $1", ticket))


async def test_an_owner_keeps_the_way_to_the_place_and_sees_the_day_as_well(sign_in: SignIn, at: At) -> None:
    await factories.staff(ANNA)
    house = await yard()
    await house.book(house.nina, TUESDAY_AT_TWO)
    page = await (await sign_in(OLEG, language="en")).open("/")
    assert page.tree.css_first(".card h3 a").attributes["href"] == f"/settings/locations/{house.location}"
    assert len(page.all("#next tbody tr")) == 1


async def test_a_day_without_bookings_says_so(sign_in: SignIn, at: At) -> None:
    await factories.location()
    page = await (await sign_in(ANNA, language="en")).open("/")
    assert say("Nobody else is expected today.") in page.words("#next")
    assert not page.has("#to-confirm")
    assert say("No bookings today") in page.words(".card")


async def test_a_place_counts_the_bookings_of_today_as_the_agenda_does(sign_in: SignIn, at: At) -> None:
    visitor = await sign_in(ANNA, language="en")
    house = await yard()
    today = NOON - timedelta(days=1)
    for hours, status in ((2, "no_show"), (1, "cancelled"), (0, "booked")):
        booked = await house.book(house.nina, today - timedelta(hours=hours))
        await db.execute("UPDATE booking SET status = $2 WHERE id = $1", booked, status)
    agenda = await visitor.open(f"/agenda?on={today.date()}")
    assert say("words.bookings", count=2) in agenda.words("#agenda-count")
    assert "2 bookings today" in (await visitor.open("/")).words("main")


async def test_messages_to_clients_that_did_not_get_through_are_counted_for_whoever_may_read_them(
    sign_in: SignIn, at: At
) -> None:
    vera = await sign_in(VERA)
    client = await factories.client()
    withdrawn, long_ago = "retired_at = due_at", f"try_at = '{NOW - timedelta(days=8)}'"
    await message(client, "0", f"{FAILED}, {long_ago}")
    await message(client, "1", f"{FAILED}, {withdrawn}")
    await message(client, "2")
    assert not (await vera.open("/")).has(".callout")
    for key, become in enumerate((FAILED, UNKNOWN, UNKNOWN), start=3):
        await message(client, str(key), become)
    page = await vera.open("/")
    told = page.words(".callout")
    assert told.startswith("3 messages to clients did not get through")
    assert f"{say('words.message_failed')}: 1" in told
    assert f"{say('words.message_unknown')}: 2" in told
    for node in page.tree.css(".callout a"):
        assert (await vera.open(str(node.attributes["href"]))).all(".item")
