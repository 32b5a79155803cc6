"""An undo leaves nothing that a use case could not leave today, and what the database refuses has words."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import asyncpg
import pytest

from console.domain import db
from console.domain.business import actions as business
from console.domain.business import checks, holidays, queries
from console.domain.business.rules import CLOSED
from console.domain.catalogue import actions as catalogue
from console.domain.catalogue.rules import Needs
from console.domain.errors import DomainError, Invalid, violated
from console.domain.ids import BookableId, HolidayId, LocationId, ServiceId
from console.domain.intent import TERMINAL, Intent, Outcome
from console.domain.roster import actions as roster
from console.domain.roster.rules import BookableKind, TimeOffKind
from console.domain.tables import Entity
from console.domain.undo import undo
from tests import factories
from tests.cast import NOW
from tests.domain.business.test_business import ABOUT

pytestmark = pytest.mark.usefixtures("database")

TODAY = NOW.date()
DAY_OFF = holidays.DayOff(date(2026, 6, 12), {"en": "Russia Day"}, None, CLOSED)

UNREACHABLE = {
    "bookable_staff_check": "the kind never changes",
    "booking_series_check": "both columns change together",
    "booking_item_buffer_check": "one column each",
    "booking_item_price_check": "neither column ever changes",
    "client_contact_name_check": "both columns change together",
    "client_profile_client_key": "the client never changes",
    "client_profile_lists_check": "one column each",
    "client_profile_name_check": "`folded` changes with every name",
    "client_pseudonym_key": "random",
    "client_site_of_client": "the id alone is a key already",
    "import_run_open_key": "an undone run does not come back",
    "fee_rule_key": "the row of a location and a cause is taken up again",
    "fee_status_change_key": "no column of it ever changes",
    "loyalty_account_client_key": "the client never changes",
    "loyalty_account_night_check": "visits and nights have inverses of their own, which go no night back",
    "loyalty_entry_delta_check": "no column ever changes",
    "loyalty_entry_key": "no column ever changes",
    "loyalty_entry_lot_check": "no column ever changes",
    "loyalty_entry_lot_key": "no column ever changes",
    "loyalty_entry_stamp_key": "no column ever changes",
    "loyalty_entry_verb_check": "no column ever changes",
    "loyalty_pause_last_check": "no undo writes what follows from tickets",
    "loyalty_pause_open_key": "no undo writes what follows from tickets",
    "payment_method_elsewhere_key": "the column never changes",
    "programme_version_number_key": "numbers are never taken back",
    "programme_version_published_check": "the three columns change together",
    "message_claimed_check": "no operation writes what delivery does",
    "message_dismissed_check": "what got through cannot be dismissed",
    "message_of_client_check": "neither column ever changes",
    "message_dedupe_key": "the key never changes",
    "message_reason_check": "no operation writes what delivery does",
    "message_sent_check": "no operation writes what delivery does",
    "message_went_check": "no operation writes what delivery does",
    "message_text_key": "the row of a kind and a language is taken up again",
    "price_of_check": "neither column ever changes",
    "series_by_check": "the three columns change together",
    "series_nth_check": "both columns change together",
    "series_shifted_check": "both columns change together",
    "service_buffers_check": "one column each",
    "skill_price_check": "both columns change together",
    "refund_minor_check": "no column ever changes",
    "status_change_cancelled_check": "no column ever changes",
    "status_change_starts_read_check": "no column ever changes",
    "ticket_closed_check": "the columns change together",
    "ticket_entry_address_check": "an address is only ever taken away",
    "ticket_entry_channel_check": "neither column ever changes",
    "ticket_file_content_check": "neither column ever changes",
    "ticket_continues_check": "neither column ever changes",
    "ticket_limit_role_key": "the row of a role stays",
    "ticket_link_of_check": "neither column ever changes",
    "ticket_mail_entry_key": "no column ever changes",
    "ticket_mail_of_check": "the ticket never changes, and a mail without one has no client",
    "ticket_mail_said_check": "no column ever changes",
    "ticket_number_key": "the number never changes",
    "ticket_remedy_amount_check": "no column of it ever changes",
    "ticket_remedy_given_key": "nothing that was posted is undone",
    "ticket_remedy_gives_check": "neither column ever changes",
    "ticket_remedy_money_check": "no column of it ever changes",
    "ticket_rating_solving_key": "the solving never changes",
    "ticket_remedy_posted_check": "nothing that was posted is undone",
    "ticket_remedy_visit_key": "nothing that was posted is undone",
    "ticket_solved_check": "the columns change together",
    "ticket_target_minutes_check": "the columns change together",
    "ticket_target_priority_key": "the row of a priority stays",
    "till_close_operation_key": "no column ever changes",
    "till_close_span_check": "no column ever changes",
    "till_close_span_key": "the location is locked while it is closed",
    "till_count_key": "no column ever changes",
    "till_count_leaves_check": "no column ever changes",
    "till_count_reason_check": "no column ever changes",
    "visit_currency_key": "neither column ever changes",
    "visit_line_free_key": "no column ever changes",
    "visit_line_item_check": "no column ever changes",
    "visit_line_position_key": "no column ever changes",
    "visit_line_price_check": "no column ever changes",
    "visit_line_reason_check": "no column ever changes",
    "visit_number_key": "the number never changes",
    "visit_off_check": "no column ever changes",
}
"""Constraints of several columns, or between rows, that no undo can violate, and why."""


def mean(day: int = 0) -> Intent:
    return Intent(uuid4(), TERMINAL, NOW + timedelta(days=day))


async def problems(done: Outcome[object], day: int = 0) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        await undo(mean(day), done.operation_id)
    return {field: problem.key for field, problem in refused.value.problems.items()}


async def test_what_the_database_refuses_between_columns_or_rows_has_words() -> None:
    rows = await db.fetch(
        "SELECT conname AS name FROM pg_constraint WHERE conrelid = ANY($1::text[]::regclass[])"
        " AND (contype IN ('u', 'x') OR contype = 'c' AND cardinality(conkey) > 1)"
        " UNION SELECT i.indexrelid::regclass::text FROM pg_index i"
        " WHERE i.indrelid = ANY($1::text[]::regclass[]) AND indisunique AND NOT indisprimary",
        sorted(Entity.by_name),
    )
    found = {row["name"] for row in rows}
    assert {name for name in found if violated(name) is None} == UNREACHABLE.keys() & found
    assert UNREACHABLE.keys() <= found


async def test_a_default_language_that_is_no_longer_offered_does_not_come_back() -> None:
    both = replace(ABOUT, languages=("en", "ru"), language="en")
    await business.change(mean(), 1, both, None, False)
    to_russian = await business.change(mean(), 2, replace(both, language="ru"), None, False)
    await business.change(mean(), 3, replace(both, languages=("ru",), language="ru"), None, False)
    assert await problems(to_russian) == {"language": "problem.language_not_offered"}
    assert (await queries.business()).language == "ru"


@pytest.fixture
async def closed() -> LocationId:
    """A location that was closed; another one is open."""
    await factories.location("Centre")
    north = LocationId(await factories.location("North"))
    await business.close_location(mean(), north)
    return north


async def test_no_holiday_comes_to_a_closed_location(closed: LocationId) -> None:
    with pytest.raises(Invalid) as refused:
        await holidays.add_holiday(mean(), replace(DAY_OFF, location=closed))
    assert refused.value.problems["location"].key == "problem.location_closed"
    everywhere = HolidayId((await holidays.add_holiday(mean(), DAY_OFF)).result["holiday"])
    with pytest.raises(Invalid):
        await holidays.change_holiday(mean(), everywhere, 1, replace(DAY_OFF, location=closed))
    assert await db.fetchval("SELECT location FROM holiday") is None


async def test_a_holiday_does_not_come_back_to_a_location_that_closed_meanwhile() -> None:
    await factories.location("Centre")
    north = LocationId(await factories.location("North"))
    holiday = HolidayId((await holidays.add_holiday(mean(), replace(DAY_OFF, location=north))).result["holiday"])
    removed = await holidays.remove_holiday(mean(), holiday)
    closed = await business.close_location(mean(), north)
    assert await problems(removed) == {"location": "problem.location_closed"}
    await undo(mean(), closed.operation_id)
    await undo(mean(), removed.operation_id)
    assert await db.fetchval("SELECT retired_at FROM holiday") is None


async def test_what_stood_at_a_location_when_it_closed_stays_there() -> None:
    await factories.location("Centre")
    north = LocationId(await factories.location("North"))
    await holidays.add_holiday(mean(), replace(DAY_OFF, location=north))
    await business.close_location(mean(1), north)
    assert await checks.closed_locations_rest() == []


async def test_a_holiday_waits_for_a_closing_and_is_refused_then(as_owner: asyncpg.Connection) -> None:
    await factories.location("Centre")
    north = LocationId(await factories.location("North"))
    closing = as_owner.transaction()
    await closing.start()
    await as_owner.execute("UPDATE location SET retired_at = now() WHERE id = $1", north)
    adding = asyncio.ensure_future(holidays.add_holiday(mean(), replace(DAY_OFF, location=north)))
    while not await as_owner.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        pass
    await closing.commit()
    with pytest.raises(Invalid) as refused:
        await adding
    assert refused.value.problems["location"].key == "problem.location_closed"
    assert await db.fetchval("SELECT count(*) FROM holiday") == 0


async def test_the_doctor_finds_a_holiday_that_came_after_the_closing(closed: LocationId) -> None:
    holiday = (await holidays.add_holiday(mean(1), DAY_OFF)).result["holiday"]
    assert await checks.closed_locations_rest() == []
    await db.execute("UPDATE holiday SET location = $1", closed)
    assert await checks.closed_locations_rest() == [f"holiday {holiday} came to location {closed} after it had closed"]


async def test_a_service_is_not_left_without_anything_it_needs() -> None:
    offered = catalogue.AboutService("DEEP", {"en": "Deep clean"}, None, 60, 0, 0, Needs(people=1))
    service = ServiceId((await catalogue.add_service(mean(), offered, 100, TODAY)).result["service"])
    room = replace(offered, needs=Needs(people=1, rooms=1))
    with_room = await catalogue.change_service(mean(), service, 1, room)
    await catalogue.change_service(mean(), service, 2, replace(room, needs=Needs(people=0, rooms=1)))
    assert await problems(with_room) == {"people": "problem.needs_nothing"}


async def test_a_price_of_days_that_are_past_stands() -> None:
    offered = catalogue.AboutService("DEEP", {"en": "Deep clean"}, None, 60, 0, 0, Needs(people=1))
    service = ServiceId((await catalogue.add_service(mean(), offered, 100, TODAY)).result["service"])
    dearer = await catalogue.price_service(mean(), service, 200, TODAY + timedelta(days=1))
    with pytest.raises(DomainError) as refused:
        await undo(mean(day=3), dearer.operation_id)
    assert refused.value.key == "refused.price_begun"
    await undo(mean(), dearer.operation_id)


async def test_weekly_hours_of_days_that_are_past_stand() -> None:
    place = LocationId(await factories.location())
    added = await roster.add(mean(), BookableKind.PERSON, "Nina Orlova", None, place, TODAY)
    person = BookableId(added.result["bookable"])
    hours = await roster.set_hours(mean(), person, place, TODAY + timedelta(days=1), ((),) * 7)
    with pytest.raises(DomainError) as refused:
        await undo(mean(day=3), hours.operation_id)
    assert refused.value.key == "refused.schedule_begun"
    await undo(mean(), hours.operation_id)


async def test_a_time_off_does_not_end_before_it_begins() -> None:
    place = LocationId(await factories.location())
    added = await roster.add(mean(), BookableKind.PERSON, "Nina Orlova", None, place, TODAY)
    person = BookableId(added.result["bookable"])
    week = roster.Away(TimeOffKind.VACATION, TODAY, TODAY + timedelta(days=6))
    off = (await roster.add_time_off(mean(), person, week)).result["time_off"]
    longer = replace(week, last=TODAY + timedelta(days=20))
    lengthened = await roster.change_time_off(mean(), off, 1, longer)
    await roster.change_time_off(mean(), off, 2, replace(longer, first=TODAY + timedelta(days=10)))
    assert await problems(lengthened) == {"last": "problem.ends_before_it_begins"}


async def test_hours_do_not_come_back_to_a_closed_location() -> None:
    centre, north = [LocationId(await factories.location(name)) for name in ("Centre", "North")]
    added = await roster.add(mean(), BookableKind.ROOM, "Room 1", None, centre, TODAY)
    room = BookableId(added.result["bookable"])
    hours = await roster.set_hours(mean(), room, north, TODAY, ((),) * 5 + (((540, 600),), ()))
    undone = await undo(mean(), hours.operation_id)
    await business.close_location(mean(), north)
    assert await problems(undone) == {"location": "problem.location_closed"}
