"""The form that books, over HTTP and without scripts: whom, what, where there is a place, every way it is refused."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar

from console.domain import db
from console.domain.booking import cards, occupancy
from console.domain.desk.actions import erase
from console.domain.desk.rules import Why
from console.domain.ids import ClientId
from console.domain.intent import DEMO, Intent
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from console.routes import _whom
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.page import Page, Visitor, read
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


def offered(page: Page) -> list[str]:
    return page.all("#booking-places .offer strong")


def met() -> str:
    """Why Nina is not free on Wednesday at noon."""
    return say("problem.meets", who="Nina Orlova", client="Анна Петрова", begins="12:00", ends="13:00")


def cannot_do(who: str) -> str:
    """Why the only service is not done by somebody."""
    return say("problem.cannot_do_service", who=who, service="Deep clean")


async def holds() -> list[int]:
    rows = await db.fetch("SELECT bookable FROM occupancy WHERE kind = 'hold'")
    return [row["bookable"] for row in rows]


async def test_a_place_that_was_found_is_booked(desk: Visitor, here: Yard) -> None:
    page = await here.send(desk, find="places")
    assert (page.status, page.path) == (200, "/bookings")
    assert len(offered(page)) == 10
    assert "Wednesday 13 May" in page.all("#booking-places h3") or "Tomorrow" in page.all("#booking-places h3")
    page = await desk.send(page, "/bookings", start=at(NOON), note="Mind the cat", source="chat")
    assert page.status == 200
    assert say("done.booking.book", name="Анна Петрова, Wed 13 May 12:00, Nina Orlova") == page.toast
    booking = await db.fetchrow("SELECT * FROM booking")
    assert booking is not None
    assert (booking["starts_at"], booking["note"], booking["source"]) == (NOON, "Mind the cat", "chat")
    undone = await desk.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert undone.status == 200
    assert await count("booking") == 0


@pytest.mark.parametrize("time", ["", "10:00"])
async def test_a_service_that_lacks_people_and_things_says_so_instead_of_offering_nothing(
    desk: Visitor, here: Yard, time: str
) -> None:
    await db.execute("UPDATE service SET people = 3, vehicles = 1")
    page = await here.send(desk, find="places", time=time)
    assert offered(page) == []
    assert "it needs 1 person and 1 vehicle more" in page.words("#booking-places .booking-hint")
    assert page.error("time") == ""


@pytest.mark.parametrize("keeps", [True, False])
async def test_places_are_spread_over_people_and_the_one_that_is_chosen_is_booked_with_whom_it_names(
    desk: Visitor, here: Yard, keeps: bool
) -> None:
    await here.book(here.nina, NOON + 5 * HOUR)
    page = await here.send(desk, find="places")
    assert page.all("#booking-places .offer small") == ["Olga Moroz", "Nina Orlova"] * 5
    second = page.tree.css("#booking-places .offer input")[1].attributes["value"]
    if keeps:
        page = await desk.send(page, "/bookings", start=second, find="places")
        assert page.all("#booking-places .offer small") == ["Olga Moroz", "Nina Orlova"] * 5
        assert await holds() == [here.nina]
    assert (await desk.send(page, "/bookings", start=second)).status == 200
    assert await done_by(2) == [here.nina]


async def test_a_chosen_place_fills_in_date_time_and_person_and_the_others_stay_on_offer(
    desk: Visitor, here: Yard
) -> None:
    await here.book(here.nina, NOON + 5 * HOUR)
    page = await here.send(desk, find="places", on="2026-05-12")
    offers = page.all("#booking-places .offer")
    at_two = {
        node.css_first("small").text(): node.css_first("input").attributes["value"] or ""
        for node in page.tree.css("#booking-places .offer")
        if node.css_first("strong").text() in {"14:00", "14:30"}
    }
    for who, name, time in ((here.olga, "Olga Moroz", "14:00"), (here.nina, "Nina Orlova", "14:30")):
        page = await desk.send(page, "/bookings", start=at_two[name], find="places")
        assert (page.value("on"), page.value("time"), page.value("person")) == ("2026-05-12", time, str(who))
        assert page.all("#booking-places .offer") == offers
    page = await desk.send(page, "/bookings", find="places", time="15:00")
    assert page.value("start") != at_two["Nina Orlova"]
    assert set(page.all("#booking-places .offer small")) == {"Nina Orlova"}


async def test_a_place_of_another_date_fills_that_in_with_its_prices(desk: Visitor, here: Yard) -> None:
    await factories.price(here.service, 150000, valid_from=date(2026, 1, 1))
    await factories.price(here.service, 200000, valid_from=date(2026, 5, 14))
    page, values = await here.form(desk)
    page = await desk.send(page, "/bookings", **values, start=at(NOON + 24 * HOUR), find="places")
    assert (page.value("on"), page.value("time")) == ("2026-05-14", "12:00")
    assert "2,000" in page.words("[name=services_1_service] [selected]")
    assert (await desk.send(page, "/bookings")).status == 200
    assert (await stands(1))[0] == NOON + 24 * HOUR


@pytest.mark.parametrize(
    "sought", ["x", "1/2026-05-13/99/1/", "1/9999-01-01//1/", "1/2026-05-13/1440/1/", "7/2026-05-13//7/7"]
)
async def test_a_form_that_says_nonsense_of_what_was_looked_for_is_asked_for_as_it_stands(
    desk: Visitor, here: Yard, sought: str
) -> None:
    page = await here.send(desk, find="places", start=at(NOON), sought=sought)
    assert (page.status, page.value("time")) == (200, "12:00")


async def test_a_typed_time_is_booked_as_it_stands(desk: Visitor, here: Yard) -> None:
    assert (await here.send(desk, time="12.20", person=here.olga)).status == 200
    assert await stands(1) == (NOON + timedelta(minutes=20), "booked")
    assert await done_by(1) == [here.olga]


async def test_several_services_are_done_one_after_the_other(desk: Visitor, here: Yard) -> None:
    short = await factories.service("SHORT", minutes=30)
    await factories.skill(here.olga, short)
    page = await here.send(desk, services_2_service=short, time="12:00", find="places")
    assert "13:30" in page.words(".sum-when")
    assert (await desk.send(page, "/bookings")).status == 200
    rows = await db.fetch("SELECT service, starts_at FROM booking_item ORDER BY starts_at")
    assert [(row["service"], row["starts_at"]) for row in rows] == [(here.service, NOON), (short, NOON + HOUR)]


async def test_each_service_has_its_own_person_and_the_place_says_who_does_what_and_when(
    desk: Visitor, here: Yard
) -> None:
    windows = await factories.service("WIN", minutes=30, names=json.dumps({"en": "Windows", "ru": "Окна"}))
    await factories.skill(here.olga, windows)
    steps = ["12:00 Deep clean, Nina Orlova", "13:00 Windows, Olga Moroz"]
    asked = {"services_2_service": windows, "services_2_by": here.olga, "person": here.nina}
    page = await here.send(desk, time="12:00", find="places", **asked)
    assert page.all(".offer.in-steps:has(:checked) small") == steps
    assert page.all(".sum-steps li") == steps
    booked = await desk.send(page, "/bookings")
    assert booked.status == 200
    page = await desk.open("/bookings/1")
    assert page.all(".booking-items li")[:2] == [
        "12:00\u2060–\u206013:00 Deep clean Nina Orlova",
        "13:00\u2060–\u206013:30 Windows Olga Moroz",
    ]
    board = await desk.open(f"/agenda?on={DAY}")
    assert ["13:00 Windows, Olga Moroz" in one for one in board.all(".b .more-of")] == [True, False]
    assert ["12:00 Deep clean, Nina Orlova" in one for one in board.all(".b .more-of")] == [False, True]
    rows = await desk.open(f"/agenda?view=list&on={DAY}")
    assert "; ".join(steps) in rows.words("#live tbody")


@pytest.mark.parametrize(
    ("person", "by", "expected"),
    [("nina", "", "nina"), ("nina", "any", None), ("olga", "any", None), ("", "", None), ("", "olga", "olga")],
)
async def test_a_further_service_is_done_as_the_one_above_it_or_by_anyone_or_by_whoever_is_said(
    desk: Visitor, here: Yard, person: str, by: str, expected: str | None
) -> None:
    people = {"nina": here.nina, "olga": here.olga}
    typed = {"person": people.get(person, ""), "services_2_by": people.get(by, by)}
    assert (await here.send(desk, services_2_service=here.service, time="12:00", **typed)).status == 200
    items = (await cards.booking(1)).items
    assert [len(one.doers) for one in items] == [1, 1]
    if expected:
        assert items[1].doers[0].id == people[expected]


async def test_who_cannot_do_a_further_service_is_said_at_its_field(desk: Visitor, here: Yard) -> None:
    windows = await factories.service("WIN", minutes=30)
    await factories.skill(here.olga, windows)
    asked = {"services_2_service": windows, "person": here.nina}
    page = await here.send(desk, find="places", services_2_by=here.nina, **asked)
    problem = say("problem.cannot_do_service", who="Nina Orlova", service="Deep clean")
    assert page.error("services_2_by") == problem
    assert page.error("person") == ""
    assert len(offered(page)) == 3
    page = await here.send(desk, find="places", **asked)
    assert page.error("person") == problem
    page = await here.send(desk, find="places", services_2_by=here.olga, **asked)
    assert len(offered(page)) == 10


async def test_of_several_people_the_one_who_is_not_there_is_named(desk: Visitor, here: Yard) -> None:
    day = date.fromisoformat(DAY)
    await roster.add_time_off(Intent(uuid4(), DEMO, NOW), here.olga, Away(TimeOffKind.SICK, day, day))
    asked = {"services_2_service": here.service, "services_2_by": here.olga, "person": here.nina, "time": "12:00"}
    for press in ("places", None):
        page = await here.send(desk, **asked, **({"find": press} if press else {}))
        assert page.error("time") == say("problem.is_away_of", who="Olga Moroz")
    assert len(offered(page)) == 3


async def test_a_site_of_the_client_is_chosen_and_shown_wherever_the_booking_is(desk: Visitor, here: Yard) -> None:
    office = await factories.site(here.client, "Lenina 5", name="Office", note="Code 12")
    page = await desk.open(f"/bookings/new?client={here.client}&on={DAY}")
    assert page.value("site") == str(office)
    await factories.site(here.client, "Mira 7")
    page = await desk.open(f"/bookings/new?client={here.client}&on={DAY}")
    assert page.value("site") == ""
    assert page.all('[name="site"] option') == [say("words.site_none"), "Office, Lenina 5", "Mira 7"]
    assert (await here.send(desk, time="12:00", site=office)).status == 200
    await db.execute("UPDATE client_site SET retired_at = now()")
    page = await desk.open("/bookings/1")
    assert page.words(".booking-site") == "Office, Lenina 5 Code 12"
    assert page.value("site") == str(office)
    assert (await desk.send(page, "/bookings/1/note", note="Ring twice")).status == 200
    assert "Office" in (await desk.open(f"/agenda?on={DAY}")).words(".b .more-of")
    assert "Office" in (await desk.open(f"/agenda?view=list&on={DAY}")).words("#live tbody")
    assert "Office" not in (await here.send(desk)).words(".booking-client")


async def test_the_only_site_taken_away_meanwhile_is_said_at_its_field(desk: Visitor, here: Yard) -> None:
    site = await factories.site(here.client)
    page, typed = await here.form(desk, time="12:00", site=site)
    await db.execute("UPDATE client_site SET retired_at = now()")
    page = await desk.send(page, "/bookings", **typed)
    assert (page.status, page.error("site")) == (422, say("problem.choice"))
    assert page.all('[name="site"] option') == [say("words.site_none")]
    assert (await desk.send(page, "/bookings")).path.startswith("/agenda")


async def test_a_site_that_is_none_of_the_clients_is_refused_at_its_field(desk: Visitor, here: Yard) -> None:
    await factories.site(here.client)
    other = await factories.site(await factories.client("Пётр"))
    page = await here.send(desk, time="12:00", site=other)
    assert (page.status, page.error("site")) == (422, say("problem.choice"))
    assert await count("booking") == 0


async def test_the_client_is_found_by_a_step_without_scripts(desk: Visitor, here: Yard) -> None:
    page = await desk.open("/bookings/new")
    page = await desk.send(page, "/bookings", who="Петр", find="client")
    assert page.all(".hit-name") == ["Анна Петрова"]
    await factories.note(here.client, "cat, do not open the balcony", loud=True)
    page = await desk.send(page, "/bookings", client=here.client, find="client")
    assert page.words(".chosen-client strong") == "Анна Петрова"
    assert page.words(".jumps-out") == "cat, do not open the balcony"
    page = await desk.send(page, "/bookings", find="another")
    assert page.value("who") == ""


async def test_a_card_that_is_good_no_more_chooses_nobody_and_is_nobodys_phone(desk: Visitor, here: Yard) -> None:
    await factories.card(here.client)
    for since, said in (("lost_at", "reported lost"), ("retired_at", "was taken back")):
        await db.execute(f"UPDATE client_card SET {since} = now()")
        page = await desk.send(await desk.open("/bookings/new"), "/bookings", who="4512-0939", find="client")
        assert said in page.words("#booking-found .callout.danger")
    await erase(Intent(uuid4(), DEMO, NOW, reason=Why.ASKED), ClientId(here.client))
    for url, form in (("/bookings/new", "/bookings"), ("/series/new", "/series")):
        page = await desk.send(await desk.open(url), form, who="4512-0939", find="client")
        assert page.words(".callout.danger") == "Card of an erased client: not valid."
        assert not page.has('[name="client"]')
        assert not page.has(".newcomer[open]")


async def test_a_newcomer_is_taken_in_with_their_booking(desk: Visitor, here: Yard) -> None:
    page = await desk.open(f"/bookings/new?on={DAY}")
    page = await desk.send(page, "/bookings", who="Zoë Zimmer", find="client")
    assert page.value("new_name") == "Zoë Zimmer"
    values = {"new_phone": "+44 20 7946 0018", "services_1_service": here.service, "time": "12:00"}
    assert (await desk.send(page, "/bookings", **values)).status == 200
    row = await db.fetchrow("SELECT * FROM client_profile ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert (row["given_name"], row["family_name"]) == ("Zoë", "Zimmer")
    assert await db.fetchval("SELECT client FROM booking") == row["client"]


async def test_a_newcomer_who_may_be_here_already_is_asked_for(desk: Visitor, here: Yard) -> None:
    page = await desk.open(f"/bookings/new?on={DAY}")
    values = {"new_name": "Анна Петрова", "services_1_service": here.service, "time": "12:00", "note": "kept"}
    page = await desk.send(page, "/bookings", **values)
    assert page.status == 409
    assert page.all(".asks .hit-name") == ["Анна Петрова"]
    assert page.value("note") == "kept"
    before = await count("client")
    answer = await desk.send(page, "/bookings", press=f"seen={here.client}")
    assert answer.status == 200
    assert await count("client") == before + 1


async def test_a_booking_that_is_refused_takes_nobody_in(desk: Visitor, here: Yard) -> None:
    page = await desk.open(f"/bookings/new?on={DAY}")
    await here.book(here.nina)
    before = await count("client")
    values = {"new_name": "Zoë", "services_1_service": here.service, "time": "12:00", "person": here.nina}
    page = await desk.send(page, "/bookings", **values)
    assert page.status == 422
    assert page.error("time") == met()
    assert page.value("new_name") == "Zoë"
    assert await count("client") == before
    assert (await desk.send(page, "/bookings", time="13:00")).status == 200
    assert await count("client") == before + 1


async def test_a_newcomer_s_booking_that_is_sent_twice_is_one(desk: Visitor, here: Yard) -> None:
    page = await desk.open(f"/bookings/new?on={DAY}")
    values = {"new_name": "Zoë", "services_1_service": here.service, "time": "12:00", "person": here.nina}
    for _ in range(2):
        assert (await desk.send(page, "/bookings", **values)).status == 200
    assert await count("booking") == 1


async def test_who_is_taken_in_stays_chosen_when_the_place_is_lost_meanwhile(
    desk: Visitor, here: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in = _whom.take_in

    async def slowly(*args: Any) -> int:
        taken_in = await take_in(*args)
        await here.book(here.nina)
        return taken_in

    page = await desk.open(f"/bookings/new?on={DAY}")
    monkeypatch.setattr(_whom, "take_in", slowly)
    values = {"new_name": "Zoë", "services_1_service": here.service, "time": "12:00", "person": here.nina}
    page = await desk.send(page, "/bookings", **values)
    assert page.error("time") == met()
    assert page.words(".chosen-client strong") == "Zoë"
    assert (await desk.send(page, "/bookings", time="13:00")).status == 200
    assert await db.fetchval("SELECT count(*) FROM client_profile WHERE given_name = 'Zoë'") == 1


async def test_what_is_lacking_is_said_at_its_field_and_nothing_typed_is_lost(desk: Visitor, here: Yard) -> None:
    page = await desk.open("/bookings/new")
    page = await desk.send(page, "/bookings", note="Mind the cat")
    assert page.status == 422
    assert page.error("who") == say("problem.choose_client")
    assert page.error("services_1_service") == say("problem.required")
    page = await here.send(desk, note="Mind the cat")
    assert page.error("time") == say("problem.choose_place")
    assert page.value("note") == "Mind the cat"
    assert page.value("services_1_service") == str(here.service)
    assert len(offered(page)) == 10


async def taken(here: Yard) -> None:
    await here.book(here.nina)


async def away(here: Yard) -> None:
    from console.domain.intent import DEMO, Intent

    off = Away(TimeOffKind.SICK, date(2026, 5, 13), date(2026, 5, 13))
    await roster.add_time_off(Intent(uuid4(), DEMO, NOW), here.nina, off)


async def nothing(here: Yard) -> None:
    """As it is."""


@pytest.mark.parametrize(
    ("before", "typed", "problem", "near"),
    [
        (taken, "12:00", "problem.meets", ["10:30", "11:00", "13:00"]),
        (away, "12:00", "problem.is_away", 3),
        (nothing, "20:00", "problem.outside_hours", ["16:00", "16:30", "17:00"]),
    ],
    ids=["taken", "away", "outside hours"],
)
async def test_a_time_that_cannot_be_says_why_and_offers_the_nearest(
    desk: Visitor, here: Yard, before: Any, typed: str, problem: str, near: list[str] | int
) -> None:
    await before(here)
    page = await here.send(desk, time=typed, person=here.nina, note="Mind the cat")
    assert page.status == 422
    assert page.error("time") == (met() if before is taken else say(problem))
    assert offered(page) == near if isinstance(near, list) else len(offered(page)) == near
    assert (page.value("time"), page.value("note"), page.value("person")) == (typed, "Mind the cat", str(here.nina))
    if offered(page):
        first = page.tree.css_first("#booking-places .offer input").attributes["value"]
        assert (await desk.send(page, "/bookings", start=first)).status == 200


@pytest.mark.parametrize(
    ("busy", "typed", "then"),
    [((0,), "12:00", "13:00"), ((0, 1), "12:00", "14:00"), ((0,), "11:30", "13:00"), ((0,), "10:00", "10:00")],
)
async def test_in_place_of_a_time_that_nobody_typed_the_next_that_fits_stands_in_the_form(
    desk: Visitor, here: Yard, busy: tuple[int, ...], typed: str, then: str
) -> None:
    for hours in busy:
        await here.book(here.nina, NOON + hours * HOUR)
    link = f"/bookings/new?client={here.client}&on={DAY}&person={here.nina}&time={typed}&proposed={typed}"
    page = await desk.open(link)
    page = await desk.send(page, "/bookings", services_1_service=here.service, find="places")
    assert (page.status, page.value("time"), page.error("time")) == (200, then, "")
    assert say("Nearest places") not in page.words("#booking-places")
    again = await desk.send(page, "/bookings", time="12:00", start="", judged="", find="places")
    assert (again.value("time"), again.error("time")) == ("12:00", met())
    booked = await desk.send(page, "/bookings")
    assert f"Wed 13 May {then}, Nina Orlova" in booked.toast


async def test_late_in_the_day_the_nearest_that_fits_is_proposed(desk: Visitor, here: Yard) -> None:
    link = f"/bookings/new?client={here.client}&on={DAY}&person={here.nina}&time=17:30&proposed=17:30"
    page = await desk.send(await desk.open(link), "/bookings", services_1_service=here.service, find="places")
    assert (page.value("on"), page.value("time"), page.error("time")) == (DAY, "17:00", "")


async def test_a_time_that_the_clocks_skip_is_refused_with_the_nearest(sign_in: SignIn, app: Litestar) -> None:
    here = await yard("Europe/Berlin", ALWAYS)
    desk = await sign_in(ANNA, language="en")
    page = await here.send(desk, on="2027-03-28", time="2:30")
    assert page.status == 422
    assert page.error("time") == say("refused.no_such_time")
    assert len(offered(page)) == 3


@pytest.mark.parametrize(("nth", "moment"), [(1, "2026-10-25T00:30+00:00"), (2, "2026-10-25T01:30+00:00")])
async def test_of_a_time_that_comes_twice_both_are_offered(
    sign_in: SignIn, app: Litestar, nth: int, moment: str
) -> None:
    here = await yard("Europe/Berlin", ALWAYS)
    desk = await sign_in(ANNA, language="en")
    page = await here.send(desk, on="2026-10-25", time="2:30")
    assert page.status == 422
    assert page.error("time") == say("refused.twice_that_day")
    assert offered(page) == ["the first 2:00", "the first 2:30", "the second 2:30"]
    place = page.tree.css("#booking-places .offer input")[nth].attributes["value"]
    assert (await desk.send(page, "/bookings", start=place)).status == 200
    assert (await stands(1))[0] == datetime.fromisoformat(moment)


async def test_of_a_time_that_comes_twice_the_one_that_is_booked_over_is_chosen_and_the_reason_stays(
    sign_in: SignIn, app: Litestar
) -> None:
    here = await yard("Europe/Berlin", ALWAYS)
    await sign_in(ANNA)
    both = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    for one in both:
        await here.book(here.nina, one)
    over = str(await factories.reason("overbooking"))
    vera = await sign_in(VERA, language="en")
    page = await here.send(vera, on="2026-10-25", time="2:30", person=here.nina)
    assert page.all(".overbook .offer strong") == ["the first 2:30", "the second 2:30"]
    page = await vera.send(page, "/bookings", over=over)
    assert (page.status, page.error("time")) == (422, say("refused.twice_that_day"))
    assert page.value("over") == over
    assert (await vera.send(page, "/bookings", start=at(both[1]))).status == 200
    assert (await stands(3))[0] == both[1]


async def test_a_place_found_for_other_wishes_is_not_booked_unseen(desk: Visitor, here: Yard) -> None:
    page = await here.send(desk, find="places", start=at(NOON))
    answer = await desk.send(page, "/bookings", on="2026-05-14", time="")
    assert answer.status == 422
    assert answer.error("time") == say("problem.choose_place")
    assert (await desk.send(page, "/bookings", time="15:00")).status == 200
    assert (await stands(1))[0] == NOON + 3 * HOUR


async def test_a_chosen_place_is_kept_for_whoever_chose_it(desk: Visitor, here: Yard, sign_in: SignIn) -> None:
    page = await here.send(desk, find="places", start=at(NOON), person=here.nina)
    assert page.words(".kept")
    assert await holds() == [here.nina]
    vera = await sign_in(VERA)
    other = await here.send(vera, time="12:00", person=here.nina)
    assert other.error("time") == say("problem.place_taken")
    page = await desk.send(page, "/bookings", find="places", start=at(NOON + 2 * HOUR))
    assert await holds() == [here.nina]
    assert (await vera.send(other, "/bookings", time="12:00")).status == 200
    assert (await desk.send(page, "/bookings")).status == 200
    assert await holds() == []


async def test_whoever_the_form_shows_does_it_whatever_else_is_booked_meanwhile(desk: Visitor, here: Yard) -> None:
    page = await here.send(desk, find="places", start=at(NOON))
    assert "Nina Orlova" in page.words(".booking-sum")
    await here.book(here.nina, NOON + 3 * HOUR)
    assert (await desk.send(page, "/bookings")).status == 200
    assert await done_by(2) == [here.nina]


async def test_leaving_the_form_gives_its_place_back(desk: Visitor, here: Yard) -> None:
    page = await here.send(desk, find="places", start=at(NOON))
    await desk.post("/bookings/releases", {"_csrf": page.value("_csrf"), "held": page.value("held")})
    assert await holds() == []


async def test_overbooking_is_for_those_who_may_and_takes_a_reason(desk: Visitor, here: Yard, sign_in: SignIn) -> None:
    await here.book(here.nina)
    over = await factories.reason("overbooking")
    page = await here.send(desk, time="12:00", person=here.nina)
    assert not page.has("[name=over]")
    assert (await desk.send(page, "/bookings", over=over)).status == 403
    vera = await sign_in(VERA, language="en")
    page = await here.send(vera, time="12:00", person=here.nina)
    assert page.has(".overbook [name=over]")
    assert not page.has(".overbook[open]")
    page = await vera.send(page, "/bookings")
    assert page.has(".overbook[open] [name=over]")
    assert not page.has(".overbook .optional")
    assert page.error("over") == say("problem.over")
    page = await vera.send(page, "/bookings", over=over)
    assert page.status == 200
    assert "Ill" in (await vera.open("/bookings/2")).words(".jumps-out")
    rows = (await vera.open(f"/agenda?view=list&on={DAY}")).all("tbody tr")
    assert [say("Lies over others") in row for row in rows] == [False, True]
    marks = (await vera.open(f"/agenda?on={DAY}")).tree.css(".marks > .over")
    assert [one.attributes["title"] for one in marks] == [say("words.mark_over_said")]
    assert all(one.css_first("svg") is not None for one in marks)


async def test_a_double_click_books_once(desk: Visitor, here: Yard) -> None:
    page, values = await here.form(desk, time="12:00")
    fields = {**page.fields("/bookings"), **{name: [value] for name, value in values.items()}}
    answers = await asyncio.gather(*(desk.http.post("/bookings", data=fields) for _ in range(10)))
    there = f"/agenda?view=day&on={DAY}&place={here.location}#booking-1"
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {(303, there)}
    assert await count("booking") == 1


async def test_two_hundred_at_once_for_one_place_give_one_booking_and_clear_refusals(desk: Visitor, here: Yard) -> None:
    page, values = await here.form(desk, time="12:00", person=str(here.nina))
    fields = {**page.fields("/bookings"), **{name: [value] for name, value in values.items()}}

    async def book(_: int) -> tuple[int, str]:
        answer = read(await desk.http.post("/bookings", data={**fields, "intent": [str(uuid4())]}))
        return answer.status, answer.error("time") if answer.status == 422 else ""

    found = Counter(await asyncio.gather(*map(book, range(200))))
    refusals = {say("problem.place_taken"), met()}
    assert found.pop((303, "")) == 1
    assert {status for status, _ in found} == {422}
    assert {why for _, why in found} <= refusals
    assert found.total() == 199
    assert await count("booking") == 1


@pytest.mark.parametrize("person", [ANNA, VERA], ids=["a Russian", "an English"])
async def test_places_and_prices_are_told_in_the_readers_language(app: Litestar, sign_in: SignIn, person: Any) -> None:
    here = await yard()
    await factories.price(here.service)
    visitor = await sign_in(person)
    page = await here.send(visitor, find="places", start=at(NOON))
    language = person.language
    assert say("Free places", language) == page.words("#booking-places legend")
    assert page.words(".sum-price").replace("\u00a0", " ") in {"RUB 1,500", "1 500 ₽"}
    assert say("words.hours", language, number=1).replace("\u00a0", " ") in page.words(".booking-sum").replace(
        "\u00a0", " "
    )


async def test_the_fragments_are_whole_pages_without_htmx(desk: Visitor, here: Yard) -> None:
    for address in ("/bookings/clients?who=петр", f"/bookings/places?services_1_service={here.service}&on={DAY}"):
        page = await desk.open(address)
        assert page.heading == say("title.booking_new")
        part = await desk.open(address, headers={"hx-request": "true", "hx-target": "booking-places"})
        assert not part.heading


async def test_an_address_with_nonsense_opens_an_empty_form(desk: Visitor) -> None:
    nonsense = "client=9999999999999999999&on=never&time=99:99&person=x&place=0"
    page = await desk.open(f"/bookings/new?{nonsense}")
    assert page.status == 200
    assert (page.value("time"), page.value("on")) == ("", "2026-05-12")


async def test_enter_judges_a_typed_time_then_books_and_keeps_the_client(desk: Visitor, here: Yard) -> None:
    page, values = await here.form(desk)
    page = await desk.send(page, "/bookings", press="find=enter", **values, time="12:20")
    assert (page.status, page.words(".chosen-client strong")) == (200, "Анна Петрова")
    assert "12:20" in page.words(".sum-when")
    assert page.tree.css_first("[name=time][autofocus]") is not None
    assert await count("booking") == 0
    page = await desk.send(page, "/bookings", press="find=enter", time="13:00")
    assert "13:00" in page.words(".sum-when")
    page = await desk.send(page, "/bookings", press="find=enter")
    assert page.toast.startswith("Booked")
    assert page.has("a.b#booking-1")
    assert page.has(".toast[data-booking='1']")
    assert await stands(1) == (NOON + HOUR, "booked")


async def test_enter_in_the_search_chooses_the_only_client_found(desk: Visitor, here: Yard) -> None:
    page = await desk.open("/bookings/new")
    page = await desk.send(page, "/bookings", press="find=enter", who="Петр")
    assert page.words(".chosen-client strong") == "Анна Петрова"
    await factories.client("Анна", "Петровская")
    page = await desk.open("/bookings/new")
    page = await desk.send(page, "/bookings", press="find=enter", who="Петр")
    assert len(page.all(".hit")) == 2
    assert page.tree.css_first(".hit input[autofocus]") is not None


async def test_digits_that_nobody_has_are_a_newcomers_phone(desk: Visitor, here: Yard) -> None:
    page = await desk.open("/bookings/new")
    page = await desk.send(page, "/bookings", press="find=client", who="9939")
    assert (page.value("new_name"), page.value("new_phone")) == ("", "9939")


async def test_what_only_touches_the_time_around_a_service_is_said_so(desk: Visitor, here: Yard) -> None:
    service = await factories.service("TAIL", minutes=60, buffer_after=30)
    await factories.skill(here.nina, service)
    await here.book(here.nina)
    page = await here.send(desk, services_1_service=service, time="11:00", person=here.nina)
    said = {"who": "Nina Orlova", "client": "Анна Петрова", "until": "12:30", "begins": "12:00"}
    assert page.error("time") == say("problem.meets_next", **said)
    assert len(offered(page)) == 3


async def test_a_place_that_was_shown_as_free_and_is_gone_was_just_taken(desk: Visitor, here: Yard) -> None:
    page = await here.send(desk, find="places", person=here.nina)
    await db.execute("DELETE FROM occupancy WHERE kind = 'hold'")
    await here.book(here.nina)
    page = await desk.send(page, "/bookings", start=at(NOON))
    assert page.error("time") == say("problem.place_taken")
    assert len(offered(page)) == 3


async def test_a_time_that_is_none_is_said_while_it_is_typed(desk: Visitor, here: Yard) -> None:
    part = await desk.open(
        f"/bookings/places?services_1_service={here.service}&on={DAY}&time=25",
        headers={"hx-request": "true", "hx-target": "booking-places"},
    )
    assert part.words("#time-note .error") == say("problem.time")


async def test_a_date_that_is_none_is_said_at_its_field_and_nothing_is_judged(desk: Visitor, here: Yard) -> None:
    asked = f"services_1_service={here.service}&on=2026-02-30&time=12:00"
    page = await desk.open(f"/bookings/places?{asked}")
    assert page.error("on") == say("problem.date")
    assert not page.error("time")
    assert not page.has(".offer")
    part = await desk.open(f"/bookings/places?{asked}", headers={"hx-request": "true"})
    assert say("problem.date") in part.words("#booking-places")


async def test_who_lacks_the_skill_says_so_before_a_time_is_typed(desk: Visitor, here: Yard) -> None:
    pavel = await factories.bookable("Pavel Lis", position=3)
    await factories.schedule(pavel, here.location)
    page = await desk.open(f"/bookings/places?services_1_service={here.service}&on={DAY}&person={pavel}")
    assert page.error("person") == cannot_do("Pavel Lis")
    assert offered(page) == ["9:00", "9:30", "10:00"]


@pytest.mark.parametrize("time", ["", "12:00"])
async def test_who_cannot_do_it_is_said_at_the_person_with_places_of_others_and_no_booking_over(
    sign_in: SignIn, here: Yard, time: str
) -> None:
    desk = await sign_in(VERA, language="en")
    await db.execute("UPDATE skill SET retired_at = now() WHERE bookable = $1", here.nina)
    page = await here.send(desk, time=time, person=here.nina, note="Mind the cat")
    assert page.status == 422
    assert (page.error("person"), page.has("#time-error")) == (cannot_do("Nina Orlova"), False)
    assert not page.has(".overbook")
    assert len(offered(page)) == 3
    assert (page.value("time"), page.value("note"), page.value("person")) == (time, "Mind the cat", str(here.nina))
    first = page.tree.css_first("#booking-places .offer input").attributes["value"]
    kept = await desk.send(page, "/bookings", start=first, find="places")
    assert (kept.error("person"), kept.value("person")) == ("", str(here.olga))
    assert (await desk.send(page, "/bookings", start=first)).status == 200
    assert [one.id for one in (await cards.booking(1)).items[0].doers] == [here.olga]


async def test_a_hold_is_given_back_by_whoever_has_it_alone(desk: Visitor, here: Yard, sign_in: SignIn) -> None:
    page, values = await here.form(desk, start=at(NOON))
    held = page.value("held")
    await desk.post("/bookings/holds", {**values, "_csrf": page.value("_csrf"), "held": held})
    assert len(await holds()) == 1
    vera = await sign_in(VERA, language="en")
    other = await vera.open("/bookings/new")
    await vera.post("/bookings/releases", {"_csrf": other.value("_csrf"), "held": held})
    assert len(await holds()) == 1
    await desk.post("/bookings/releases", {"_csrf": page.value("_csrf"), "held": held})
    assert await holds() == []


async def test_one_person_keeps_places_for_five_forms_and_the_oldest_goes_first(desk: Visitor, here: Yard) -> None:
    for number in range(7):
        page, values = await here.form(desk, start=at(NOON + number * HOUR / 2))
        await desk.post("/bookings/holds", {**values, "_csrf": page.value("_csrf"), "held": page.value("held")})
    rows = await db.fetch("SELECT lower(during) AS begins FROM occupancy WHERE kind = 'hold' ORDER BY expires_at")
    assert len(rows) == occupancy.MOST_HELD
    assert rows[-1]["begins"] == NOON + 6 * HOUR / 2


async def test_a_booking_for_a_client_in_the_archive_says_that_they_are_there(desk: Visitor, here: Yard) -> None:
    await db.execute("UPDATE client SET retired_at = now() WHERE id = $1", here.client)
    page = await here.send(desk, start=at(NOON))
    assert say("words.client_in_archive") in page.toast


async def test_services_have_the_price_of_the_chosen_date_everywhere(desk: Visitor, here: Yard) -> None:
    await factories.price(here.service, 390000, valid_from=date(2026, 5, 20))
    page = await desk.open(f"/bookings/new?client={here.client}&on=2026-05-20")
    chosen = f"[name=services_1_service] option[value='{here.service}']"
    assert "3,900" in page.words(chosen)
    asked = f"services_1_service={here.service}&judged={here.location}/{DAY}///{here.service}"
    headers = {"hx-request": "true", "hx-target": "booking-places"}
    part = await desk.open(f"/bookings/places?{asked}&on=2026-05-20", headers=headers)
    assert "3,900" in part.words(f"select[hx-swap-oob] option[value='{here.service}']")
    same = await desk.open(f"/bookings/places?{asked}&on={DAY}", headers=headers)
    assert not same.has("select[hx-swap-oob]")


async def test_a_place_of_a_date_that_cannot_be_typed_is_neither_booked_nor_kept(desk: Visitor, here: Yard) -> None:
    far = at(datetime(2160, 2, 18, 9, 0, tzinfo=UTC))
    page = await here.send(desk, start=far, judged="")
    assert (page.status, page.error("time")) == (422, say("problem.choose_place"))
    page, values = await here.form(desk, start=far, judged="")
    fields = {**page.fields("/bookings"), **{name: [value] for name, value in values.items()}}
    await desk.post("/bookings/holds", fields)
    assert await db.fetchval("SELECT count(*) FROM occupancy") == 0


async def test_no_place_is_offered_beyond_the_last_date_that_can_be_typed(desk: Visitor, here: Yard) -> None:
    page = await desk.open(f"/bookings/places?on=2100-12-31&place={here.location}&services_1_service={here.service}")
    starts = [int(node.attributes["value"].split(".")[0]) for node in page.tree.css("[name=start][value*='.']")]
    assert starts
    assert max(starts) < int(datetime(2101, 1, 1, tzinfo=UTC).timestamp()) // 60


async def test_a_date_years_ahead_is_booked_when_it_is_said_that_it_is_meant(desk: Visitor, here: Yard) -> None:
    assert (await here.send(desk, on="2028-05-12", time="12:00")).status == 200
    page = await here.send(desk, on="2028-05-19", time="12:00")
    assert page.status == 422
    assert page.error("sure") == say("problem.far_ahead", day="19 May 2028")
    assert (page.value("on"), page.value("time")) == ("2028-05-19", "12:00")
    assert await count("booking") == 1
    assert (await desk.send(page, "/bookings", sure="on")).status == 200
    assert await count("booking") == 2


async def test_what_began_long_ago_is_booked_when_it_is_said_that_it_is_meant(desk: Visitor, here: Yard) -> None:
    page = await here.send(desk, on="2026-05-11", time="12:00")
    assert page.status == 422
    assert page.error("sure") == say("problem.begun", day="11 May 2026", time="12:00")
    assert await count("booking") == 0
    assert (await desk.send(page, "/bookings", sure="on")).status == 200
    assert await count("booking") == 1
