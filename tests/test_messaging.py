"""Messages to clients in words, of real bookings and of a real programme."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import icalendar
import pytest
from selectolax.lexbor import LexborHTMLParser

from console import links, messaging
from console.composed import Composed
from console.config import Settings
from console.domain import clock, db
from console.domain.booking import actions, series, series_moves
from console.domain.booking.recurring import Recurrence, Unit
from console.domain.booking.rules import CancelledBy
from console.domain.booking.series_mover import Shift
from console.domain.booking.series_moves import Scope
from console.domain.ids import BookingId, ClientId, MessageId, TicketStatusId
from console.domain.messages.rules import AUTOMATIC, MessageKind, Outgoing
from tests import factories
from tests.cast import ANNA, NOW
from tests.domain.booking.telling import due, go_out
from tests.domain.tickets.desk import opened
from tests.loyal import in_force
from tests.yard import HOUR, NOON, WEDNESDAY, WEEK, Yard, intent, yard

SETTINGS = Settings(public_url="https://desk.example.com", secret_key="a key of this console, as long as it must be")
TIER = {"version": 1, "tier": 1, "before": 0}
WARNING = {"version": 1, "tier": 2, "last": "2026-05-20", "visits": 2, "spend": 300000, "match": "all"}


@pytest.fixture
async def here(database: None) -> Yard:
    await factories.staff(ANNA)
    await db.execute("UPDATE business SET name = 'Sparkle', phone = '+74950000001', language = 'en', currency = 'RUB'")
    made = await yard()
    await db.execute("UPDATE location SET address = 'Lenina 5'")
    return made


async def composed(kind: MessageKind, client: int, language: str = "en", **told: Any) -> Composed:
    return await messaging.compose(Outgoing(MessageId(1), kind, ClientId(client), language, told), SETTINGS)


async def of_booking(here: Yard, kind: MessageKind, booking: BookingId, language: str = "en", **told: Any) -> Composed:
    variables = {
        "booking": booking,
        "location": here.location,
        "starts": NOON.isoformat(),
        "ends": (NOON + HOUR).isoformat(),
        "services": str(here.service),
    }
    return await composed(kind, here.client, language, **{**variables, **told})


async def test_a_confirmation_says_what_when_and_where_with_the_link(here: Yard) -> None:
    booking = await here.book(here.nina)
    link = links.url(SETTINGS, booking, here.client)
    mail = await of_booking(here, MessageKind.BOOKING_CONFIRMATION, booking)
    assert mail.subject == "You are booked for Wednesday 13 May at 12:00"
    assert mail.text.startswith("Hello Анна,\n")
    assert "What: Deep clean\nWhere: Centre, Lenina 5\n" in mail.text
    assert f"\n{link}\n" in mail.text
    assert mail.text.endswith("call +7 495 000-00-01.\n\nSparkle\n")
    assert (
        mail.sms
        == f"Анна, you are booked for Wed 13 May at 12:00: Deep clean, Centre, Lenina 5.\nConfirm or cancel: {link}"
    )


async def test_a_message_is_in_the_clients_language(here: Yard) -> None:
    await db.execute("UPDATE client_profile SET middle_name = 'Сергеевна'")
    mail = await of_booking(here, MessageKind.BOOKING_REMINDER, await here.book(here.nina), "ru")
    assert mail.subject == "Напоминание: среда, 13 мая, 12:00"
    assert mail.text.startswith("Здравствуйте, Анна Сергеевна.\n")
    assert "Генеральная уборка" in mail.sms
    assert "ср, 13 мая, 12:00" in mail.sms


async def test_a_message_says_when_the_booking_was_before(here: Yard) -> None:
    booking = await here.book(here.nina)
    before = (NOON - HOUR).isoformat()
    mail = await of_booking(here, MessageKind.BOOKING_MOVED, booking, before=before)
    assert "Before, it was Wednesday 13\u00a0May, 11:00." in mail.text
    assert "your booking is now on Wed 13 May at 12:00" in mail.sms


@pytest.mark.parametrize("kind", [MessageKind.BOOKING_MOVED, MessageKind.BOOKING_REMINDER], ids=["moved", "reminder"])
async def test_only_who_has_not_confirmed_is_asked_to(here: Yard, kind: MessageKind) -> None:
    booking = await here.book(here.nina)
    for step, asked, file in (("booked", True, "TENTATIVE"), ("confirmed", False, "CONFIRMED")):
        if step == "confirmed":
            await actions.confirm(intent(), booking)
        mail = await of_booking(here, kind, booking, days=1)
        calendar = mail.attachments[0].content.decode()
        assert [word in text for text in (mail.text, mail.sms) for word in ("onfirm", "ancel")] == [asked, True] * 2
        assert f"STATUS:{file}" in calendar
        assert ("Confirm or cancel" in calendar) is asked


async def test_a_mail_carries_the_booking_for_the_calendar_and_a_cancelled_one_takes_it_out(here: Yard) -> None:
    booking = await here.book(here.nina)
    (file,) = (await of_booking(here, MessageKind.BOOKING_CONFIRMATION, booking)).attachments
    assert (file.media_type, dict(file.params)) == ("text/calendar", {"method": "PUBLISH"})
    assert icalendar.Calendar.from_ical(file.content).walk("VEVENT")[0]["summary"] == "Deep clean, Sparkle"
    await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    (gone,) = (await of_booking(here, MessageKind.BOOKING_CANCELLED, booking)).attachments
    assert dict(gone.params) == {"method": "CANCEL"}


async def test_the_html_greets_once_and_has_the_link_as_a_button(here: Yard) -> None:
    booking = await here.book(here.nina)
    await db.execute("UPDATE client_profile SET given_name = '<b>Anna'")
    mail = await of_booking(here, MessageKind.BOOKING_CONFIRMATION, booking)
    page = LexborHTMLParser(mail.html)
    link = links.url(SETTINGS, booking, here.client)
    assert [one.attributes["href"] for one in page.css("a")] == [link]
    assert page.css_first("body b") is None
    assert (page.text() or "").count("Hello <b>Anna") == 1


async def told(here: Yard, kind: MessageKind, language: str = "en") -> Composed:
    """What is due of a kind, in words."""
    found = [each for each in await due() if f"booking.{each[0]}" == kind]
    return await composed(kind, here.client, language, **found[-1][1])


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


async def test_what_tells_of_a_series_says_how_often_how_many_and_from_when_till_when(here: Yard) -> None:
    of = await here.weekly()
    confirmed = await told(here, MessageKind.BOOKING_CONFIRMATION)
    times = "every week on Wednesday at 12:00, 4 bookings from 13\u00a0May to 3\u00a0June\u00a02026"
    begins = "booked 4 times, from Wednesday 13\u00a0May at 12:00 to 3\u00a0June\u00a02026"
    assert confirmed.subject == f"You are {plain(begins)}"
    assert f"you are {begins}.\n\nSeries: {times}\nWhat: Deep clean" in confirmed.text
    assert confirmed.sms.startswith("Анна, you are booked 4 times, from Wed 13 May at 12:00 to 3 June: Deep clean")
    assert "\nSeries: every week, 4 bookings until 3 June\nConfirm" in confirmed.sms
    link = links.series_url(SETTINGS, of, ClientId(here.client))
    assert f"Please confirm that they suit you, or cancel in time:\n{link}\n" in confirmed.text
    assert LexborHTMLParser(confirmed.html).css_first("a").text().strip() == "See the bookings"
    assert link in confirmed.sms
    russian = await told(here, MessageKind.BOOKING_CONFIRMATION, "ru")
    times = "каждую неделю по средам в 12:00, 4 записи с 13 мая по 3 июня 2026 года"
    assert f"Серия: {times}\n" in russian.text.replace("\u00a0", " ")
    assert "\nСерия: каждую неделю, 4 записи по 3 июня\n" in russian.sms
    begins = "Вы записаны 4 раза: среда, 13 мая, 12:00, и далее по 3 июня 2026 года"
    assert plain(russian.subject) == begins
    await go_out()
    second = await db.fetchval("SELECT id FROM booking WHERE series = $1 ORDER BY starts_at OFFSET 1 LIMIT 1", of)
    await series_moves.move(intent(), second, Scope.FOLLOWING, Shift(minute=15 * 60))
    moved = await told(here, MessageKind.BOOKING_MOVED)
    times = "every week on Wednesday at 15:00, 3 bookings from 20\u00a0May to 3\u00a0June\u00a02026"
    since = "from Wednesday 20\u00a0May at 15:00 to 3\u00a0June\u00a02026"
    assert moved.subject == f"3 of your bookings have a new time, {plain(since)}"
    before = "Before, it was Wednesday 20\u00a0May, 12:00 (the first of them)."
    assert f"have a new time, {since}.\n{before}\n\nSeries: {times}\n" in moved.text
    await go_out()
    await series_moves.cancel(intent(), second, Scope.FOLLOWING, CancelledBy.CLIENT)
    cancelled = await told(here, MessageKind.BOOKING_CANCELLED)
    assert cancelled.subject == f"3 of your bookings are cancelled, {plain(since)}"
    assert f"are cancelled, {since}.\n\nSeries: {times}\n" in cancelled.text
    assert "\nSeries: every week, 3 bookings until 3 June\nTo choose" in cancelled.sms


async def test_what_we_called_off_is_told_as_that_and_with_our_apology(here: Yard) -> None:
    booking = await here.book(here.olga)
    await actions.cancel(intent(), booking, CancelledBy.US)
    mail = await told(here, MessageKind.BOOKING_CANCELLED)
    sorry = "we are sorry: we have to cancel your booking on"
    assert f"Hello Анна,\n\n{sorry} Wednesday 13\u00a0May at 12:00.\n" in mail.text
    assert f"Анна, {sorry} Wed 13 May at 12:00: Deep clean.\n" in mail.sms
    assert mail.subject == "We are sorry: we have to cancel your booking on Wednesday 13 May at 12:00"
    await go_out()
    of = await here.weekly()
    first = await db.fetchval("SELECT id FROM booking WHERE series = $1 ORDER BY starts_at LIMIT 1", of)
    await series_moves.cancel(intent(), first, Scope.ALL, CancelledBy.US)
    mail = await told(here, MessageKind.BOOKING_CANCELLED)
    assert "we have to cancel 4 of your bookings, from Wednesday 13\u00a0May at 12:00 to" in mail.text
    russian = plain((await told(here, MessageKind.BOOKING_CANCELLED, "ru")).subject)
    said = "Просим прощения, нам пришлось отменить 4 ваши записи: среда, 13 мая, 12:00, и далее по 3 июня 2026 года"
    assert russian == said


def kept(mail: Composed) -> tuple[str, dict[str, tuple[int, str, datetime]]]:
    """What a mail's file tells a calendar to do, and its bookings by their names there."""
    (file,) = mail.attachments
    calendars = icalendar.Calendar.from_ical(file.content, multiple=True)
    found = {
        str(one["uid"]): (int(one["sequence"]), str(one["status"]), one["dtstart"].dt)
        for calendar in calendars
        for one in calendar.walk("VEVENT")
    }
    (method,) = {str(calendar["method"]) for calendar in calendars}
    assert file.params["method"] == method
    assert method == "PUBLISH" or {len(calendar.walk("VEVENT")) for calendar in calendars} == {1}
    return method, found


async def test_a_calendar_gets_every_booking_of_a_series_that_a_mail_names_and_each_change_of_it(
    here: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    await here.weekly()
    method, begun = kept(await told(here, MessageKind.BOOKING_CONFIRMATION))
    assert (method, [at for *_, at in begun.values()]) == ("PUBLISH", [NOON + week * WEEK for week in range(4)])
    await go_out()
    second = await db.fetchval("SELECT id FROM booking ORDER BY starts_at OFFSET 1 LIMIT 1")
    await series_moves.move(intent(), second, Scope.FOLLOWING, Shift(minute=15 * 60))
    method, moved = kept(await told(here, MessageKind.BOOKING_MOVED))
    assert (method, list(moved)) == ("PUBLISH", list(begun)[1:])
    assert [at for *_, at in moved.values()] == [NOON + 3 * HOUR + week * WEEK for week in range(1, 4)]
    await go_out()
    third = await db.fetchval("SELECT id FROM booking ORDER BY starts_at OFFSET 2 LIMIT 1")
    await series_moves.cancel(intent(), third, Scope.FOLLOWING, CancelledBy.CLIENT)
    method, off = kept(await told(here, MessageKind.BOOKING_CANCELLED))
    assert (method, list(off)) == ("CANCEL", list(begun)[2:])
    assert {status for _, status, _ in off.values()} == {"CANCELLED"}
    for one, (number, *_) in off.items():
        assert begun[one][0] < moved[one][0] < number


async def test_of_a_series_that_goes_on_it_is_said_how_many_are_booked_so_far(here: Yard) -> None:
    await series.begin(intent(), here.asked(here.nina), 720, Recurrence(WEDNESDAY, 2, Unit.WEEK, (2,)))
    confirmed = await told(here, MessageKind.BOOKING_CONFIRMATION)
    assert "Series: every 2 weeks on Wednesday at 12:00, so far 7 bookings from 13\u00a0May to " in confirmed.text
    assert "Series: every 2 weeks, so far 7 bookings until 5 August" in confirmed.sms


async def test_a_booking_by_itself_is_told_of_without_a_series(here: Yard) -> None:
    of = await here.weekly()
    await go_out("confirmation")
    second = await db.fetchval("SELECT id FROM booking WHERE series = $1 ORDER BY starts_at OFFSET 1 LIMIT 1", of)
    await actions.cancel(intent(), second, CancelledBy.CLIENT)
    for kind in (MessageKind.BOOKING_CANCELLED, MessageKind.BOOKING_REMINDER):
        mail = await told(here, kind)
        assert "Series" not in mail.text + mail.sms


async def test_what_is_done_at_the_clients_own_place_is_not_said_to_be_at_ours(here: Yard) -> None:
    site = await factories.site(here.client, name="Dacha")
    booking = await here.book(here.nina, site=site)
    mail = await of_booking(here, MessageKind.BOOKING_CONFIRMATION, booking)
    assert "Dacha" in mail.text
    assert "Lenina" not in mail.text


async def test_a_warning_says_what_keeps_the_tier_and_until_when(here: Yard) -> None:
    await in_force()
    mail = await composed(MessageKind.TIER_WARNING, here.client, **WARNING)
    assert mail.subject == "How to keep Gold"
    assert "you need 2 visits and RUB\u00a03,000 more by 20\u00a0May\u00a02026." in mail.text
    russian = await composed(MessageKind.TIER_WARNING, here.client, "ru", **WARNING)
    assert "до 20 мая 2026 включительно" in russian.text.replace("\u00a0", " ")
    assert "ещё: 2 визита и 3 000 ₽." in russian.text.replace("\u00a0", " ")


async def test_a_tier_without_a_discount_is_told_without_one(here: Yard) -> None:
    await in_force()
    raised = await composed(MessageKind.TIER_RAISED, here.client, **TIER)
    assert "Your discount is now 5\u00a0%." in raised.text
    dropped = await composed(MessageKind.TIER_DROPPED, here.client, version=1, tier=0, before=1)
    assert "is now Base." in dropped.text
    assert "Before, it was Silver." in dropped.text


async def test_a_free_visit_that_never_ends_is_told_without_a_date(here: Yard) -> None:
    ending = await composed(MessageKind.FREE_VISIT_ISSUED, here.client, last="2026-11-12")
    assert "Use it by 12\u00a0November\u00a02026." in ending.text
    lasting = await composed(MessageKind.FREE_VISIT_ISSUED, here.client, last=None)
    assert "Use it by" not in lasting.text
    assert lasting.sms == "Анна, you have earned a free visit with Sparkle.\nTo book: +7 495 000-00-01"


async def test_thanks_name_the_phone_of_the_place_else_that_of_the_business(here: Yard) -> None:
    told = {"visit": 1, "location": here.location, "on": "2026-05-12"}
    assert "+7 495 000-00-01" in (await composed(MessageKind.VISIT_THANKS, here.client, **told)).text
    await db.execute("UPDATE location SET phone = '+74950000002'")
    assert "+7 495 000-00-02" in (await composed(MessageKind.VISIT_THANKS, here.client, **told)).text


async def test_a_mail_that_asks_about_a_ticket_leads_to_where_one_answers(here: Yard) -> None:
    told = {"ticket": await opened(here.client), "solving": 17}
    mail = await composed(MessageKind.TICKET_SATISFACTION, here.client, **told)
    assert mail.subject == "How did we solve it? Ticket 1"
    assert "your ticket 1 is solved: A stamp is missing" in mail.text
    [button] = LexborHTMLParser(mail.html).css("a")
    assert button.attributes["href"] == links.satisfaction_url(SETTINGS, TicketStatusId(17), here.client)
    assert button.text() == "Say what you think"


@pytest.mark.parametrize(("language", "most"), [("en", 160), ("ru", 134)])
async def test_an_sms_is_short(here: Yard, language: str, most: int) -> None:
    """Two parts in Cyrillic and one in Latin, with names of a usual length."""
    await db.execute("UPDATE client_profile SET given_name = $1", "Anna" if language == "en" else "Анна")
    await in_force()
    booking = await here.book(here.nina)
    told = {
        MessageKind.TIER_RAISED: TIER,
        MessageKind.TIER_DROPPED: {"version": 1, "tier": 0, "before": 1},
        MessageKind.TIER_WARNING: WARNING,
        MessageKind.FREE_VISIT_ISSUED: {"last": "2026-11-12"},
        MessageKind.FREE_VISIT_ENDING: {"last": "2026-11-12"},
        MessageKind.VISIT_THANKS: {"visit": 1, "location": here.location, "on": "2026-05-12"},
        MessageKind.TICKET_SATISFACTION: {"ticket": await opened(here.client), "solving": 1},
    }
    for kind in AUTOMATIC:
        if kind in told:
            mail = await composed(kind, here.client, language, **told[kind])
        else:
            mail = await of_booking(here, kind, booking, language, before=(NOON - HOUR).isoformat())
        assert len(mail.sms) <= most, mail.sms
