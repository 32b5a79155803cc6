"""Two hundred desks at the very moment, over HTTP: one has the place, all others are told so at the field."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from console import embedded
from console.domain import db
from console.domain.audit.checks import results_are_recorded, versions_match_the_trail
from console.domain.booking import checks
from console.domain.ids import BookingId
from tests.cast import ANNA
from tests.page import Visitor, read
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import HOUR, NOON, Yard, yard

pytestmark = pytest.mark.usefixtures("today")

MANY = 200
ROUNDS = 10
MORNING = NOON - 3 * HOUR
"""When Wednesday begins; nine hours of it can be booked."""


@pytest.fixture
async def desk(sign_in: SignIn) -> Visitor:
    return await sign_in(ANNA, language="en")


@pytest.fixture
async def here(desk: Visitor) -> Yard:
    return await yard()


@pytest.fixture(autouse=True)
def _no_deadlock(postgres_server: embedded.Postgres) -> Iterator[None]:
    def said() -> int:
        return postgres_server.log.read_text(errors="replace").count("deadlock detected")

    before = said()
    yield
    assert said() == before


def hours(first: datetime, many: int) -> Iterator[datetime]:
    """Nine places a day, Monday to Friday."""
    day = first
    while many:
        if (day + 3 * HOUR).weekday() < 5:
            yield from (day + n * HOUR for n in range(min(many, 9)))
            many -= min(many, 9)
        day += timedelta(days=1)


async def sent(desk: Visitor, url: str, field: str, **values: Any) -> tuple[int, str]:
    """The status of a form sent, and what it says at a field."""
    page = read(await desk.http.post(url, data={**values, "intent": str(uuid4())}))
    return page.status, page.error(field) if page.status == 422 else ""


async def tally(attempts: Iterable[Awaitable[tuple[int, str]]]) -> Counter[tuple[int, str]]:
    return Counter(await asyncio.gather(*attempts))


def met(place: datetime) -> str:
    """With whom a move meets that comes after another one."""
    hour = place.hour + 3
    times = {"begins": f"{hour}:00", "ends": f"{hour + 1}:00"}
    return say("problem.meets", who="Nina Orlova", client="Анна Петрова", **times)


async def versions() -> dict[int, int]:
    return {row["id"]: row["version"] for row in await db.fetch("SELECT id, version FROM booking ORDER BY id")}


async def healthy() -> None:
    for check in (*checks.CHECKS, results_are_recorded, versions_match_the_trail):
        assert await check() == []


async def test_of_two_hundred_moves_into_one_place_one_gets_there(desk: Visitor, here: Yard) -> None:
    bookings = [await here.book(here.olga, at) for at in hours(MORNING + timedelta(days=1), MANY)]
    token = (await desk.open(f"/bookings/{bookings[0]}/move")).value("_csrf")
    for round_ in range(ROUNDS):
        place = next(at for n, at in enumerate(hours(MORNING, ROUNDS)) if n == round_)
        wall = {"on": place.date().isoformat(), "time": f"{place.hour + 3}:00", "to": str(here.nina)}

        async def move(booking: BookingId, version: int, wall: dict[str, str] = wall) -> tuple[int, str]:
            return await sent(desk, f"/bookings/{booking}/move", "time", _csrf=token, version=version, **wall)

        found = await tally(move(BookingId(one), version) for one, version in (await versions()).items())
        assert found.pop((303, "")) == 1
        assert {status for status, _ in found} == {422}
        assert {why for _, why in found} <= {say("problem.place_taken"), met(place)}
        assert found.total() == MANY - 1
        assert await there(here.nina, place) == 1
    assert len(await versions()) == MANY
    await healthy()


async def there(person: int, at: datetime) -> int:
    """How many bookings somebody has at an instant."""
    sql = "SELECT count(*) FROM occupancy WHERE bookable = $1 AND during @> $2::timestamptz"
    return int(await db.fetchval(sql, person, at))


async def test_of_two_hundred_swaps_with_one_booking_one_is_done(desk: Visitor, here: Yard) -> None:
    """Half of them are asked for from its own page, half from the pages of those that want its place."""
    wanted = await here.book(here.nina, MORNING)
    others = [await here.book(here.olga, at) for at in hours(MORNING, 9)]
    token = (await desk.open(f"/bookings/{wanted}/swap")).value("_csrf")
    for _ in range(ROUNDS):
        known = await versions()

        async def swap(n: int, known: dict[int, int] = known) -> tuple[int, str]:
            pair = [wanted, others[n // 2 % len(others)]]
            one, other = pair if n % 2 else pair[::-1]
            choice = {"with": f"{other}.{known[other]}"}
            return await sent(desk, f"/bookings/{one}/swap", "with", _csrf=token, version=known[one], **choice)

        found = await tally(map(swap, range(MANY)))
        assert found == {(303, ""): 1, (422, say("problem.swap_meanwhile")): MANY - 1}
        assert sorted(await places()) == [(here.nina, MORNING), *((here.olga, at) for at in hours(MORNING, 9))]
    await healthy()


async def places() -> list[tuple[int, datetime]]:
    """Who is taken, and from when."""
    rows = await db.fetch("SELECT bookable, lower(during) AS start FROM occupancy")
    return [(row["bookable"], row["start"]) for row in rows]


async def test_swaps_between_two_people_in_either_direction_never_wait_in_a_circle(desk: Visitor, here: Yard) -> None:
    ninas = [await here.book(here.nina, at) for at in hours(MORNING, 9)]
    olgas = [await here.book(here.olga, at) for at in hours(MORNING, 9)]
    token = (await desk.open(f"/bookings/{ninas[0]}/swap")).value("_csrf")
    for _ in range(ROUNDS):
        known = await versions()

        async def swap(n: int, known: dict[int, int] = known) -> tuple[int, str]:
            pair = [ninas[n], olgas[-n - 1]]
            one, other = pair if n % 2 else pair[::-1]
            choice = {"with": f"{other}.{known[other]}"}
            return await sent(desk, f"/bookings/{one}/swap", "with", _csrf=token, version=known[one], **choice)

        assert await tally(map(swap, range(9))) == {(303, ""): 9}
    await healthy()
