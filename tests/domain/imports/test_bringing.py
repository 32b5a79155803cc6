"""What was kept elsewhere is here as if it had been kept here, once, and goes as a whole."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from console import doctor
from console.domain import clock, db, secret
from console.domain import undo as undoing
from console.domain.booking import actions as booking
from console.domain.booking import occupancy
from console.domain.booking.ahead import ahead, unfinished
from console.domain.booking.arranging import Asked
from console.domain.booking.rules import CancelledBy, Source
from console.domain.booking.unsaid import UNSAID
from console.domain.errors import Closed, HasDependants, NotUndoable
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, OperationId
from console.domain.imports import actions, queries, views
from console.domain.imports.actions import OtherCurrency
from console.domain.imports.bringing import bring, rehearse
from console.domain.imports.undoing import NoPlaceLeft
from console.domain.intent import TERMINAL, Intent
from console.domain.visits.tills_queries import cashbook, open_till
from console.migrations import m0334_bookings_of_books_guarantees
from tests import factories, loyal
from tests.cast import VERA
from tests.domain.desk.deeds import erase
from tests.domain.imports.books import FILES, REPORT, SALON, books
from workers.imports import forget_uploads

pytestmark = pytest.mark.usefixtures("database")

STANDS = "SELECT count(*) FROM {} WHERE retired_at IS NULL"
ENTITIES = ("booking", "booking_item", "visit", "client", "bookable", "service", "product", "skill", "status_change")


async def sound() -> list[str]:
    """What `console doctor` finds, the outside of the database aside."""
    found: list[str] = []
    for check in doctor.CHECKS:
        found += await check()
    return found


async def take_back(run: int) -> OperationId:
    done = await undoing.undo(Intent(uuid4(), TERMINAL, clock.now()), await queries.begun_by(run))
    return done.operation_id


async def test_a_mark_of_what_came_tells_nobody_without_the_key_whom_it_is_of(monkeypatch: pytest.MonkeyPatch) -> None:
    guessed = "SELECT count(*) FROM import_key WHERE kind = 'client' AND key = sha256('anna01')"
    with monkeypatch.context() as before:
        before.setattr(secret, "mark", lambda plain: plain)
        await bring(books(), TERMINAL)
    await db.execute("UPDATE import_key SET keyed = false")
    assert await db.fetchval(guessed) == 1
    await forget_uploads({})
    assert await db.fetchval(guessed) == 0


async def test_what_came_before_marks_were_keyed_is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(secret, "mark", lambda plain: plain)
        await bring(books(), TERMINAL)
    await db.execute("UPDATE import_key SET keyed = false")
    again = await bring(books(), TERMINAL)
    assert {one.imported for one in again.files.values()} == {0}
    assert await db.fetchval("SELECT bool_and(keyed) FROM import_key")
    assert await sound() == []


async def of_client(code: str, sql: str) -> list[tuple[object, ...]]:
    rows = await db.fetch(
        f"{sql.replace('$client', '(SELECT client FROM client_profile WHERE given_name = $1)')}", code
    )
    return [tuple(row) for row in rows]


async def test_every_row_is_counted_and_the_database_is_sound() -> None:
    brought = await bring(books(), TERMINAL)
    assert brought.plain == REPORT
    assert await sound() == []
    assert {name: one.rejected for name, one in brought.files.items() if one.rejected} == {
        "future-bookings.csv": [(7, "problem.import_no_client")],
        "receipt-transactions.csv": [(10, "problem.import_unknown_item"), (11, "problem.import_bad_date")],
    }


async def test_an_empty_database_has_the_business_and_place_of_the_mapping() -> None:
    await bring(books(), TERMINAL)
    business = await db.fetchrow("SELECT name, currency, language FROM business")
    place = await db.fetchrow("SELECT name, zone FROM location")
    assert (*business, *place) == ("Hair salon", "CAD", "en", "Salon", "America/Vancouver")


async def test_a_business_with_another_currency_takes_nothing_in() -> None:
    await bring(books(), TERMINAL)
    with pytest.raises(OtherCurrency):
        await bring(books(mapping=SALON.replace('"CAD"', '"EUR"')), TERMINAL)


async def test_what_is_brought_in_twice_is_there_once() -> None:
    await bring(books(), TERMINAL)
    before = {name: await db.fetchval(STANDS.format(name)) for name in ENTITIES}
    again = await bring(books(), TERMINAL)
    assert {name: one["imported"] for name, one in again.plain.items()} == dict.fromkeys(FILES, 0)
    assert all(one["read"] == one["merged"] + one["rejected"] for one in again.plain.values())
    assert {name: await db.fetchval(STANDS.format(name)) for name in ENTITIES} == before
    assert await sound() == []


async def test_a_receipt_finishes_the_booking_of_its_client_and_date() -> None:
    await bring(books(), TERMINAL)
    [(status, due, lines, at), _] = await of_client(
        "ANNA01",
        "SELECT b.status, v.due, (SELECT count(*) FROM visit_line WHERE visit = v.id),"
        " (b.starts_at AT TIME ZONE 'America/Vancouver')::text FROM visit v LEFT JOIN booking b ON b.id = v.booking"
        " WHERE v.client = $client ORDER BY v.id",
    )
    assert (status, due, lines, at) == ("finished", 17200, 2, "2018-07-10 10:00:00")


async def test_a_booking_is_finished_by_the_receipt_of_its_service_and_not_by_one_of_something_else() -> None:
    files = {name: FILES[name] for name in ("service-listing.csv", "product-listing.csv", "future-bookings.csv")}
    rows = "1,07/10/2018,Argan oil,ANNA01,JJ,1,30\n2,07/10/2018,Blowdry,ANNA01,JJ,1,50\n"
    rows += "3,07/10/2018,Color touch up,ANNA01,JJ,1,70\n4,07/11/2018,Argan oil,CARL01,JJ,1,30\n"
    head = "Receipt,Date,Description,Client,Staff,Quantity,Amount\n"
    await bring(books({**files, "receipts.csv": head + rows}), TERMINAL)
    due = "SELECT v.due FROM visit v JOIN booking b ON b.id = v.booking WHERE v.client = $client"
    assert (await of_client("ANNA01", due), await of_client("CARL01", due)) == ([(7000,)], [(3000,)])
    assert await sound() == []


async def test_books_of_one_location_finish_and_call_off_nothing_at_another() -> None:
    await bring(books({name: FILES[name] for name in ("service-listing.csv", "future-bookings.csv")}), TERMINAL)
    await factories.location("Salon 2")
    other = SALON.replace('name = "Salon"', 'name = "Salon 2"')
    those = ("receipt-transactions.csv", "client-cancellations.csv")
    await bring(books({name: FILES[name] for name in those}, other), TERMINAL)
    assert not await db.fetchval("SELECT count(*) FROM visit WHERE booking IS NOT NULL")
    assert await of_client("DORA01", "SELECT status FROM booking WHERE client = $client ORDER BY id") == [
        ("booked",),
        ("cancelled",),
        ("cancelled",),
    ]


async def test_walk_ins_are_visits_of_nobody_one_of_each_receipt() -> None:
    await bring(books(), TERMINAL)
    rows = await db.fetch(
        "SELECT v.due, l.quantity FROM visit v JOIN visit_line l ON l.visit = v.id WHERE client IS NULL"
    )
    assert sorted(map(tuple, rows)) == [(3000, 1), (6000, 2)]


async def test_what_lay_over_something_is_kept_and_flagged() -> None:
    await bring(books(), TERMINAL)
    rows = await db.fetch(
        "SELECT p.given_name, b.overbooked IS NOT NULL FROM booking b JOIN client_profile p USING (client)"
        " WHERE b.status = 'finished' ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [("ANNA01", False), ("BORI01", True)]


async def test_what_a_package_paid_for_is_covered_and_what_was_returned_comes_off() -> None:
    await bring(books(), TERMINAL)
    assert await of_client(
        "BORI01",
        "SELECT v.due, l.packed FROM visit v JOIN visit_line l ON l.visit = v.id WHERE v.client = $client",
    ) == [(0, 5000)]
    refunds = 'SELECT v."on", r.minor FROM refund r JOIN visit v ON v.id = r.visit WHERE v.client = $client'
    assert await of_client("ANNA01", refunds) == [(date(2018, 7, 11), 3000)]
    spent = await of_client(
        "ANNA01", "SELECT sum(delta)::int FROM loyalty_entry WHERE unit = 'spend' AND client = $client"
    )
    assert spent == [(17200,)], "102 + 70 + 30 less the 30 that came back"


async def test_cancellations_and_no_shows_say_so_of_bookings_that_are_there_or_of_their_own() -> None:
    await bring(books(), TERMINAL)
    said = await of_client(
        "DORA01",
        "SELECT s.late, s.cancelled_by FROM booking b JOIN status_change s ON s.booking = b.id"
        " WHERE b.client = $client AND s.status = 'cancelled' ORDER BY b.starts_at",
    )
    assert said == [(True, "client"), (False, "client")]
    assert await of_client("CARL01", "SELECT status FROM booking WHERE client = $client") == [("no_show",)]
    assert not await db.fetchval("SELECT count(*) FROM fee"), "nobody owes for what was before"


async def test_money_of_before_is_in_no_till() -> None:
    await bring(books(), TERMINAL)
    place = LocationId(await db.fetchval("SELECT id FROM location"))
    assert [line.taken for line in (await open_till(place)).lines] == [0]
    for on in (date(2018, 7, 10), clock.now().date()):
        assert await cashbook(place, on, ZoneInfo("America/Vancouver")) == []


async def test_nobody_is_told_anything_of_what_was_brought_in() -> None:
    rows = FILES["future-bookings.csv"].replace("/2018", f"/{clock.now().year + 1}")
    await bring(books({"future-bookings.csv": rows, "service-listing.csv": FILES["service-listing.csv"]}), TERMINAL)
    assert await db.fetchval("SELECT count(*) FROM booking") == 4
    assert await db.fetchval("SELECT count(*) FROM message") == 0
    assert await sound() == []


async def test_what_was_over_without_a_receipt_is_not_left_open_at_the_desk_but_what_is_over_since_is() -> None:
    before, after = ((clock.now() + timedelta(days)).date() for days in (-2, 2))
    rows = FILES["future-bookings.csv"].replace("07/12/2018", f"{before:%m/%d/%Y}")
    rows = rows.replace("07/11/2018", f"{after:%m/%d/%Y}")
    await bring(books({"future-bookings.csv": rows, "service-listing.csv": FILES["service-listing.csv"]}), TERMINAL)
    assert (await ahead(clock.now(), 5)).to_finish == []
    [one] = (await ahead(clock.now() + timedelta(4), 5)).to_finish
    assert one.starts_at.date() == after
    assert (one.source, one.unsaid) == (Source.BOOKS, False)
    left = [await unfinished(one.location, day, one.zone, clock.now() + timedelta(4)) for day in (before, after)]
    assert left == [[], [one.id]]
    assert await of_client("DORA01", f"SELECT {UNSAID} FROM booking b WHERE client = $client") == [(True,)]


async def test_a_whole_import_is_undone_and_may_be_brought_in_again() -> None:
    run = (await bring(books(), TERMINAL)).run
    assert await undoing.offered([await queries.begun_by(run)], TERMINAL)
    undone = await take_back(run)
    assert not await undoing.offered([undone], TERMINAL), "it is imported again, and not done again"
    with pytest.raises(NotUndoable):
        await undoing.undo(Intent(uuid4(), TERMINAL, clock.now()), undone)
    assert {name: await db.fetchval(STANDS.format(name)) for name in ENTITIES} == dict.fromkeys(ENTITIES, 0)
    assert await db.fetchval("SELECT count(*) FROM occupancy") == 0
    assert await sound() == []
    assert (await bring(books(), TERMINAL)).plain == REPORT
    assert await sound() == []


async def test_an_undo_gives_back_bookings_that_were_there() -> None:
    only = {name: FILES[name] for name in ("service-listing.csv", "future-bookings.csv")}
    await bring(books(only), TERMINAL)
    later = await bring(books(), TERMINAL)
    assert later.plain["future-bookings.csv"]["imported"] == 0
    assert await db.fetchval("SELECT count(*) FROM booking WHERE status = 'finished'") == 2
    await take_back(later.run)
    assert await db.fetchval("SELECT count(*) FROM booking WHERE retired_at IS NULL AND status = 'booked'") == 4
    assert await sound() == []


async def test_what_somebody_built_on_it_is_in_the_way_of_the_undo_and_named() -> None:
    only = {name: FILES[name] for name in ("service-listing.csv", "future-bookings.csv")}
    run = (await bring(books(only), TERMINAL)).run
    one = BookingId(await db.fetchval("SELECT min(id) FROM booking"))
    await booking.cancel(Intent(uuid4(), TERMINAL, clock.now()), one, CancelledBy.CLIENT)
    with pytest.raises(HasDependants) as refused:
        await take_back(run)
    assert [kind for _, kind, _ in refused.value.operations] == ["booking.cancel"]
    assert await db.fetchval(STANDS.format("booking")) == 4


async def test_a_booking_that_an_undo_would_bring_back_to_a_place_that_is_taken_is_in_the_way_and_named() -> None:
    files = {name: text.replace("/2018", f"/{clock.now().year + 1}") for name, text in FILES.items()}
    names = "service-listing.csv", "future-bookings.csv", "client-cancellations.csv"
    whenever = SALON.replace('hours = ["", "10:00-20:00"', 'hours = ["10:00-20:00", "10:00-20:00"')
    await bring(books({name: files[name] for name in names[:2]}, whenever), TERMINAL)
    later = await bring(books({names[2]: files[names[2]]}, whenever), TERMINAL)
    [row] = await db.fetch(
        "SELECT b.location, b.starts_at, i.service, a.bookable FROM booking b JOIN booking_item i ON i.booking = b.id"
        " JOIN assignment a ON a.item = i.id JOIN client_profile p USING (client)"
        " WHERE p.given_name = 'DORA01' AND b.status = 'cancelled' AND extract(day FROM b.starts_at) = 12"
    )
    anna = ClientId(await db.fetchval("SELECT client FROM client_profile WHERE given_name = 'ANNA01'"))
    asked = Asked(anna, LocationId(row["location"]), (row["service"],), BookableId(row["bookable"]))
    taker = await booking.book(Intent(uuid4(), TERMINAL, clock.now()), asked, row["starts_at"])
    before = await db.fetchval("SELECT count(*) FROM occupancy")
    with pytest.raises(HasDependants) as refused:
        await take_back(later.run)
    assert [id_ for id_, *_ in refused.value.operations] == [taker.operation_id]
    assert await db.fetchval("SELECT count(*) FROM occupancy") == before
    await undoing.undo(Intent(uuid4(), TERMINAL, clock.now()), taker.operation_id)
    form, span = uuid4(), (row["starts_at"], row["starts_at"] + timedelta(hours=1))
    await occupancy.hold(form, {BookableId(row["bookable"]): span})
    with pytest.raises(NoPlaceLeft) as held:
        await take_back(later.run)
    assert held.value.params == {"names": "KELLY"}
    await occupancy.hold(form, {})
    await take_back(later.run)
    assert await db.fetchval("SELECT count(*) FROM booking WHERE retired_at IS NULL AND status = 'booked'") == 4
    assert await sound() == []


async def test_what_was_undone_and_done_again_is_in_the_way_as_well() -> None:
    only = {name: FILES[name] for name in ("service-listing.csv", "future-bookings.csv")}
    run = (await bring(books(only), TERMINAL)).run
    one = BookingId(await db.fetchval("SELECT max(id) FROM booking"))
    done = await booking.cancel(Intent(uuid4(), TERMINAL, clock.now()), one, CancelledBy.CLIENT)
    undone = await undoing.undo(Intent(uuid4(), TERMINAL, clock.now()), done.operation_id)
    redone = await undoing.undo(Intent(uuid4(), TERMINAL, clock.now()), undone.operation_id)
    with pytest.raises(HasDependants) as refused:
        await take_back(run)
    assert [id_ for id_, *_ in refused.value.operations] == [redone.operation_id]
    await undoing.undo(Intent(uuid4(), TERMINAL, clock.now()), redone.operation_id)
    await take_back(run)
    assert await db.fetchval(STANDS.format("booking")) == 0


async def test_runs_are_undone_one_after_the_other_the_later_one_first() -> None:
    only = {name: FILES[name] for name in ("service-listing.csv", "future-bookings.csv")}
    first, later = [(await bring(books(those), TERMINAL)).run for those in (only, FILES)]
    with pytest.raises(HasDependants) as refused:
        await take_back(first)
    assert not isinstance(refused.value, Closed)
    assert [id_ for id_, *_ in refused.value.operations] == [await queries.begun_by(later)]
    await take_back(later)
    await take_back(first)
    assert {name: await db.fetchval(STANDS.format(name)) for name in ENTITIES} == dict.fromkeys(ENTITIES, 0)
    assert await sound() == []


async def test_what_a_later_run_gave_back_of_an_earlier_one_is_paid_again_once_that_is_undone() -> None:
    lists = {name: FILES[name] for name in FILES if "listing" in name}
    head = "Receipt,Date,Description,Client,Staff,Quantity,Amount\n"
    sold = "1,07/10/2018,Argan oil,ANNA01,JJ,1,30\n1,07/10/2018,Blowdry,ANNA01,JJ,1,50\n"
    back = "2,07/12/2018,Argan oil,ANNA01,JJ,-1,-30\n2,07/12/2018,Blowdry,ANNA01,JJ,-1,-50\n"

    async def spent() -> tuple[int, int]:
        paid = await db.fetchval("SELECT sum(minor)::int FROM payment")
        return paid, await db.fetchval("SELECT sum(delta)::int FROM loyalty_entry WHERE unit = 'spend'")

    first = await bring(books({**lists, "receipts.csv": head + sold}), TERMINAL)
    later = await bring(books({"receipts.csv": head + back}), TERMINAL)
    assert later.plain["receipts.csv"] == {"read": 2, "imported": 2, "merged": 0, "rejected": 0}
    assert (await spent(), await sound()) == ((0, 0), [])
    await take_back(later.run)
    assert await spent() == (8000, 8000)
    assert await db.fetchval(STANDS.format("refund")) == 0
    assert await sound() == []
    await take_back(first.run)
    assert (await spent(), await sound()) == ((0, 0), [])


async def test_a_rehearsal_says_what_would_become_of_every_row_and_keeps_nothing() -> None:
    async def rows() -> dict[str, int]:
        return {name: await db.fetchval(f"SELECT count(*) FROM {name}") for name in (*ENTITIES, "operation", "change")}

    before = await rows()
    assert {name: one.plain for name, one in (await rehearse(books(), TERMINAL)).files.items()} == REPORT
    assert await rows() == before
    brought = await bring(books(), TERMINAL)
    again = (await rehearse(books(), TERMINAL)).files
    assert {name: one.imported for name, one in again.items()} == dict.fromkeys(FILES, 0)
    assert {name: one.rejected for name, one in again.items()} == {
        name: one.rejected for name, one in brought.files.items()
    }


async def test_people_stand_in_the_order_in_which_the_files_name_them() -> None:
    await bring(books(), TERMINAL)
    rows = await db.fetch("SELECT name FROM bookable ORDER BY id")
    assert [row["name"] for row in rows] == ["JJ", "KELLY", "HOUSE"]


async def test_nobody_at_the_desk_waits_for_a_rehearsal_but_for_the_same_clients_and_people(
    as_owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bring(books(), TERMINAL)
    await loyal.in_force(since=date(2018, 1, 1))
    looked: list[int] = []

    async def look(*_: object) -> list[object]:
        looked.append(await as_owner.fetchval("SELECT last FROM numbering WHERE name = 'receipt' FOR UPDATE NOWAIT"))
        looked.append(await as_owner.fetchval("SELECT id FROM location FOR SHARE NOWAIT"))
        return []

    monkeypatch.setattr(actions, "_cards", look)
    later = {name: text.replace("2018", "2019").replace("ANNA01", "UMA01") for name, text in FILES.items()}
    seen = await rehearse(books(later), TERMINAL, date(2019, 8, 1))
    assert seen.files["receipt-transactions.csv"].imported > 0
    assert len(looked) == 2


async def test_a_row_that_is_corrected_after_its_receipt_came_is_told_of_and_not_lost() -> None:
    files = {name: FILES[name] for name in FILES if "listing" in name}
    head = "Receipt,Date,Description,Client,Staff,Quantity,Amount\n"
    cut, dust, back = (
        f"1,07/10/2018,{what},ANNA01,JJ,{times},{amount}\n"
        for what, times, amount in (("Women's hair cut", 1, 102), ("Moon dust", 1, 102), ("Blowdry", -1, -50))
    )

    async def rejected(*rows: str) -> tuple[dict[str, int], list[tuple[int, str]]]:
        found = (await bring(books(files | {"receipts.csv": head + "".join(rows)}), TERMINAL)).files["receipts.csv"]
        return found.plain, [tuple(one) for one in found.rejected]

    none = "problem.import_nothing_to_return"
    first = [(3, "problem.import_unknown_item"), (4, none)]
    assert (await rejected(cut, dust, back))[1] == first
    assert (await rejected(cut, dust, back))[1] == first
    oil = dust.replace("Moon dust", "Argan oil")
    counts, told = await rejected(oil)
    assert (counts, told) == (
        {"read": 1, "imported": 0, "merged": 0, "rejected": 1},
        [(2, "problem.import_receipt_known")],
    )
    counts, told = await rejected(cut, oil)
    assert (counts["merged"], told) == (1, [(3, "problem.import_receipt_known")])
    assert await of_client("ANNA01", "SELECT due FROM visit WHERE client = $client") == [(10200,)]
    assert await sound() == []


async def test_what_is_taken_off_otherwise_after_its_receipt_came_is_told_of_and_not_lost() -> None:
    files = {name: FILES[name] for name in FILES if "listing" in name}
    head = "Receipt,Date,Description,Client,Staff,Quantity,Amount\n"
    sold = [
        f"1,07/10/2018,{what},ANNA01,JJ,1,{amount}\n" for what, amount in (("Women's hair cut", 102), ("Blowdry", 50))
    ]

    async def rejected(*amounts: int) -> list[tuple[int, str]]:
        rows = [*sold, *(f"1,07/10/2018,miscellaneous,ANNA01,JJ,1,{amount}\n" for amount in amounts)]
        found = await bring(books(files | {"receipts.csv": head + "".join(rows)}), TERMINAL)
        return [tuple(one) for one in found.files["receipts.csv"].rejected]

    known = "problem.import_receipt_known"
    assert await rejected(-30, -20) == []
    assert await rejected(-20, -30) == [], "the same in another order"
    assert await rejected(-30, -20, -10) == [(6, known)]
    assert await rejected(-10, -30, -20) == [(4, known)]
    assert await rejected(-30, -25) == [(4, known), (5, known)]
    assert await rejected(-30) == [(4, known)], "twenty more were taken off"
    assert await of_client("ANNA01", "SELECT due FROM visit WHERE client = $client") == [(10200,)]
    assert await sound() == []


async def test_bookings_that_came_before_they_said_so_say_so_too_and_those_of_erased_clients(
    as_owner: asyncpg.Connection,
) -> None:
    await factories.staff(VERA)
    await bring(books(), TERMINAL)
    await erase(ClientId(await db.fetchval("SELECT min(client) FROM booking")))
    marked = "SELECT count(*) FROM booking WHERE source = 'books'"
    came = await db.fetchval(marked)
    async with as_owner.transaction():
        await as_owner.execute("ALTER TABLE booking DISABLE TRIGGER USER")
        await as_owner.execute("UPDATE booking SET source = 'desk'")
        await as_owner.execute("ALTER TABLE booking ENABLE TRIGGER USER")
    async with as_owner.transaction():
        for statement in m0334_bookings_of_books_guarantees.STATEMENTS:
            await as_owner.execute(statement)
    assert await db.fetchval(marked) == came > 0


async def test_a_run_that_made_people_alone_came_and_is_taken_back() -> None:
    alone = {"receipt-transactions.csv": FILES["receipt-transactions.csv"]}
    brought = await bring(books(alone), TERMINAL)
    assert not any(counted.imported for counted in brought.files.values())
    assert brought.came
    assert (await views.run(brought.run)).came
    await take_back(brought.run)
    assert await db.fetchval("SELECT count(*) FROM client WHERE retired_at IS NULL") == 0
