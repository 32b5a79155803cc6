"""A booking as its client is told of it, and the file with which their calendar keeps it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import icalendar
import pytest

from console import calendars, i18n, links
from console.config import Settings
from console.domain import db
from console.domain.booking import actions
from console.domain.booking.rules import CancelledBy
from console.domain.booking.told_client import ToldClient, told_client
from console.domain.ids import BookingId
from console.domain.intent import DEMO, Intent
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW
from tests.yard import HOUR, NOON, Yard, yard

pytestmark = pytest.mark.usefixtures("database")
OURS = Settings(
    public_url="https://desk.example.com",
    secret_key="a key of this console, as long as it must be",
    mail_from="Sparkle <post@sparkle.example>",
)


@pytest.fixture
async def here(database: None) -> Yard:
    await factories.staff(ANNA)
    return await yard()


def intend() -> Intent:
    return Intent(uuid4(), DEMO, NOW)


def event(told: ToldClient) -> tuple[Any, Any]:
    """The calendar of a file, and its one event."""
    with i18n.speaking(told.language):
        calendar = icalendar.Calendar.from_ical(calendars.invite([told], OURS, NOW))
    (found,) = calendar.walk("VEVENT")
    return calendar, found


async def test_a_calendar_gets_what_when_and_where_it_is(here: Yard) -> None:
    await db.execute("UPDATE location SET address = 'Lenina 5', phone = '+74950000001'")
    booking = await here.book(here.nina)
    told = await told_client(booking)
    calendar, found = event(told)
    assert calendar["method"] == "PUBLISH"
    assert found["uid"] == f"booking-{booking}@desk.example.com"
    assert (found["dtstart"].dt, found["dtend"].dt) == (NOON, NOON + HOUR)
    assert found["summary"] == f"Deep clean, {told.business}"
    assert found["location"] == f"{told.booking.location_name}, Lenina 5"
    assert found["organizer"] == "mailto:post@sparkle.example"
    link = links.url(OURS, booking, here.client)
    assert found["url"] == link
    assert found["description"] == f"Confirm or cancel: {link}\nCall us: +7 495 000-00-01"
    assert found["status"] == "TENTATIVE"


async def test_a_calendar_speaks_the_clients_language_and_the_business_s_own_where_that_is_none(here: Yard) -> None:
    booking = await here.book(here.nina)
    await db.execute("UPDATE business SET languages = '{en,ru}', language = 'en'")
    for known, spoken in (("ru", "ru"), (None, "en")):
        await db.execute("UPDATE client_profile SET language = $1", known)
        assert (await told_client(booking)).language == spoken
    await db.execute("UPDATE business SET languages = '{en}'")
    await db.execute("UPDATE client_profile SET language = 'ru'")
    assert (await told_client(booking)).language == "en"


async def test_what_a_location_does_not_say_the_business_does(here: Yard) -> None:
    booking = await here.book(here.nina)
    await db.execute("UPDATE location SET address = NULL, phone = NULL")
    await db.execute("UPDATE business SET address = 'Mira 1', phone = '+74950000009'")
    told = await told_client(booking)
    assert (told.address, told.phone) == ("Mira 1", "+74950000009")


@pytest.mark.parametrize(("name", "words"), [("Dacha", "At your address: Dacha"), (None, "At your address")])
async def test_the_clients_own_address_is_in_no_file_that_is_passed_on(
    here: Yard, name: str | None, words: str
) -> None:
    site = await factories.site(here.client, "Sadovaya 7", name=name)
    booking = await here.book(here.nina, site=site)
    _, found = event(await told_client(booking))
    assert found["location"] == words
    assert "Sadovaya" not in found.to_ical().decode()


async def test_each_change_comes_after_the_one_before_and_a_cancellation_takes_it_out(here: Yard) -> None:
    booking = await here.book(here.nina)
    files = [event(await told_client(booking))]
    await actions.move(intend(), actions.Arrangement(booking, NOON + 2 * HOUR), 1)
    files.append(event(await told_client(booking)))
    called_off = await actions.cancel(intend(), booking, CancelledBy.CLIENT)
    files.append(event(await told_client(booking)))
    await undo(intend(), called_off.operation_id)
    files.append(event(await told_client(booking)))
    assert [found["uid"] for _, found in files] == [files[0][1]["uid"]] * 4
    numbers = [found["sequence"] for _, found in files]
    assert numbers == sorted(set(numbers))
    assert [found["dtstart"].dt - NOON for _, found in files] == [timedelta(0), *[2 * HOUR] * 3]
    assert [calendar["method"] for calendar, _ in files] == ["PUBLISH", "PUBLISH", "CANCEL", "PUBLISH"]
    assert [found["status"] for _, found in files] == ["TENTATIVE", "TENTATIVE", "CANCELLED", "TENTATIVE"]
    assert "url" not in files[2][1]


async def test_a_booking_that_an_undo_took_back_is_taken_out_too(here: Yard) -> None:
    booked = await actions.book(intend(), here.asked(here.nina), NOON)
    await undo(intend(), booked.operation_id)
    told = await told_client(BookingId(booked.result["booking"]))
    assert told.gone
    assert event(told)[0]["method"] == "CANCEL"
