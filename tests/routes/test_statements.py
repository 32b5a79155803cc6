"""How often each page asks the database: so often, whatever is booked, written and known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from litestar import Litestar

from console import links
from console.domain import db
from console.domain.booking import actions, series, standing_in
from console.domain.booking.arranging import Arrangement
from console.domain.booking.recurring import Recurrence, Unit
from console.domain.booking.rules import Source
from console.domain.ids import BookingId, ClientId
from console.domain.tickets import actions as tickets
from console.routes._shelf import Shelf
from console.routes.undo_elsewhere import FIELD
from tests import factories
from tests.cast import ANNA
from tests.domain.tickets.desk import opened
from tests.loyal import come, in_force
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.statements import counted
from tests.yard import DAY, HOUR, NOON, WEDNESDAY, Yard, intent, yard

pytestmark = pytest.mark.usefixtures("today")

PAGES = {
    "/": 27,
    "/agenda?on={day}": 26,
    "/agenda?on={day}&view=week&person={nina}": 26,
    "/agenda?on={day}&view=list": 25,
    "/agenda?on={day}&view=list&days=31": 25,
    "/bookings/{booking}": 38,
    "/bookings/{booking}/move": 24,
    "/bookings/{booking}/swap": 13,
    "/bookings/new?client={client}&on={day}": 17,
    "/bookings/to-move": 15,
    "/bookings/places?on={day}&services_1_service={service}": 21,
    "/clients": 7,
    "/clients/{client}": 47,
    "/series": 10,
    "/series/{series}": 23,
    "/team/bookables/{nina}/stand-in?on={day}": 19,
    "/visits/new?client={client}": 15,
}
"""The statements of each page, the two included that say who asks of which business."""
LOYAL = {
    "/clients/{client}?show=notes": 36,
    "/clients/{client}/loyalty/stamps": 10,
    "/clients/{client}/loyalty/free-visits": 10,
    "/clients/{client}/loyalty/tier": 17,
}
"""The statements of what is told of a client's stamps and tier, however often they came."""
TICKETS = {"/tickets": 11, "/tickets?view=mine&q=Анна": 15, "/tickets/counts": 6, "/tickets/1": 47}
"""The statements of the queue and of a ticket, however many there are and however much was said."""
LINKED = {"": 9, "/cancellation": 35, "/calendar": 8}
"""The statements of the pages of a client's link, beneath its own; the second one looks at calling the booking off."""
SEARCHED = {"/search?q=Анна": 10, "/clients?q=Анна": 10}
"""The statements of what is searched, whoever is found."""
COMING_BACK, COMING_BACK_REFUSED = 39, 69
"""The statements of undoing with other times what was given to others, opened, and sent without a choice."""
KEPT = 7
"""The statements of an agenda of which everything is kept."""


@pytest.fixture
async def desk(sign_in: SignIn) -> Visitor:
    return await sign_in(ANNA)


@pytest.fixture
async def house(desk: Visitor) -> Yard:
    """With a programme, a booking, and a client who has a phone, a note, a contact and a series with a clash."""
    made = await yard()
    await in_force()
    await db.execute("""UPDATE client_profile SET phones = '[{"number": "+79213334512", "label": ""}]'""")
    await note(made.client)
    return made


async def note(client: int) -> None:
    await factories.note(client, loud=True)
    await factories.contact(client)
    await factories.site(client)


async def weekly(house: Yard, at: int, clashes: int = 1) -> int:
    """A series of Nina's on Wednesdays, some dates of which clash."""
    for n in range(clashes):
        await house.book(house.nina, NOON + timedelta(weeks=n + 1, minutes=at - 720))
    rule = Recurrence(WEDNESDAY, 1, Unit.WEEK, (2,), count=6)
    begun = await series.begin(intent(), house.asked(house.nina), at, rule)
    return int(begun.result["series"])


async def touch(booking: BookingId, versions: range) -> None:
    """Make a history of it."""
    for version in versions:
        await actions.change(intent(), booking, version, Source.PHONE, f"Note {version}")


async def statements(app: Litestar, desk: Visitor, url: str) -> list[str]:
    """Those of a page of which nothing is kept."""
    app.state.boards, app.state.months = Shelf(1), Shelf(1)
    with counted() as sent:
        page = await desk.open(url)
    assert page.status == 200
    return sent


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_asks_so_often_whatever_is_booked(app: Litestar, desk: Visitor, house: Yard, page: str) -> None:
    booking = await house.book(house.nina, NOON + 4 * HOUR)
    await touch(booking, range(1, 2))
    series_ = await weekly(house, 720)
    await desk.open("/clients")  # its tags are kept for a minute
    few = await statements(app, desk, url(house, page, booking, series_))
    await touch(booking, range(2, 8))
    for hour in (9, 10, 11):
        series_ = await weekly(house, hour * 60, clashes=4)
    for n in range(8):
        other = await factories.client("Client", str(n))
        await note(other)
        await note(house.client)
        await house.book(house.olga, NOON + (n - 3) * HOUR, other)
    many = await statements(app, desk, url(house, page, booking, series_))
    assert len(many) == len(few) == PAGES[page], "\n".join(many)


@pytest.mark.parametrize("page", LINKED)
async def test_a_link_asks_so_often_whatever_is_booked(app: Litestar, desk: Visitor, house: Yard, page: str) -> None:
    booking = await house.book(house.nina, NOON + 4 * HOUR)
    address = links.path(links.token(app.state.settings, booking, ClientId(house.client))) + page
    few = await statements(app, desk, address)
    await touch(booking, range(1, 6))
    await weekly(house, 720, clashes=4)
    many = await statements(app, desk, address)
    assert len(many) == len(few) == LINKED[page], "\n".join(many)


@pytest.mark.parametrize("page", LOYAL)
async def test_a_card_asks_so_often_however_often_its_client_came(app: Litestar, desk: Visitor, page: str) -> None:
    await in_force()
    client = await factories.client()
    await come(client, 1, 300)
    few = await statements(app, desk, page.format(client=client))
    for n in range(9):
        await come(client, n + 2, 250 - 20 * n, free=n == 5)
    many = await statements(app, desk, page.format(client=client))
    assert len(many) == len(few) == LOYAL[page], "\n".join(many)


@pytest.mark.parametrize("page", TICKETS)
async def test_a_queue_asks_so_often_however_many_tickets_there_are(
    app: Litestar, desk: Visitor, house: Yard, page: str
) -> None:
    first = await opened(house.client, booking=await house.book(house.nina, NOON))
    for n in range(8):  # as many as stand among what happened lately
        await tickets.note(intent(), first, f"Note {n}")
    await desk.open("/search?q=anything")  # what is no client is kept until it changes
    few = await statements(app, desk, page)
    for n in range(8):
        await opened(await factories.client("Анна", f"Петрова {n}"))
        await tickets.note(intent(), first, f"Note {n}")
    many = await statements(app, desk, page)
    assert len(many) == len(few) == TICKETS[page], "\n".join(many)


@pytest.mark.parametrize("page", SEARCHED)
async def test_a_search_asks_so_often_however_many_it_finds(app: Litestar, desk: Visitor, page: str) -> None:
    await note(await factories.client())
    await desk.open("/search?q=anything")  # what is no client is kept until it changes
    await desk.open("/clients")
    few = await statements(app, desk, page)
    for n in range(8):
        await note(await factories.client("Анна", f"Петрова {n}"))
    many = await statements(app, desk, page)
    assert len(many) == len(few) == SEARCHED[page], "\n".join(many)


async def test_an_agenda_that_was_kept_asks_whether_it_still_is(desk: Visitor, house: Yard) -> None:
    await house.book(house.nina)
    await desk.open("/agenda")
    with counted() as sent:
        await desk.open("/agenda")
    assert len(sent) == KEPT, "\n".join(sent)


async def given_away(house: Yard, count: int, on: date) -> str:
    """The address that undoes that Nina's bookings of a date were given to Olga: all their places are taken."""
    begins = [NOON + (on - WEDNESDAY) + (n - 3) * HOUR for n in range(count)]
    own = [await house.book(house.nina, at) for at in begins]
    given = tuple(Arrangement(one, at, ((house.nina, house.olga),)) for one, at in zip(own, begins, strict=True))
    done = await standing_in.stand_in(intent(), house.nina, on, given, False)
    for at in begins:
        await house.book(house.nina, at)
    return f"/operations/{done.operation_id}/places"


@pytest.mark.parametrize("sent", [False, True])
async def test_undoing_with_other_times_asks_so_often_however_many_come_back(
    app: Litestar, desk: Visitor, house: Yard, sent: bool
) -> None:
    """`sent`: also where it is sent with no choice made, and the form is shown again."""
    one = await given_away(house, 1, WEDNESDAY)
    six = await given_away(house, 6, WEDNESDAY + timedelta(days=1))
    asked = []
    for url, count in ((one, 1), (six, 6)):
        asked.append(await statements(app, desk, url))
        page = await desk.open(url)
        fields = {name: None for name in page.fields(url) if FIELD.fullmatch(name)}
        assert len(fields) == count
        if sent:
            with counted() as asked[-1]:
                assert (await desk.send(page, url, **fields)).status == 422
    few, many = asked
    assert len(many) == len(few) == (COMING_BACK_REFUSED if sent else COMING_BACK), "\n".join(many)


def url(house: Yard, page: str, booking: int, of: int) -> str:
    return page.format(day=DAY, nina=house.nina, booking=booking, client=house.client, service=house.service, series=of)
