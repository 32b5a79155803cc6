"""Bookings that come again, over HTTP: taken in, their clashes solved, changed and called off after a look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from console import i18n
from console.domain import db
from console.domain.booking import actions, checks, series_dates, series_moves, standing_in
from console.domain.booking.arranging import Arrangement
from console.domain.booking.recurring import Recurrence, Unit, shifted
from console.domain.booking.rules import CancelledBy
from console.domain.booking.series_moves import Scope
from console.domain.catalogue import actions as catalogue
from console.domain.ids import BookingId
from console.series_wording import rule_words
from tests import factories
from tests.cast import ANNA, BORIS, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import HOUR, NOON, WEDNESDAY, WEEK, Yard, at, count, intent, standing, weeks, yard

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
async def desk(sign_in: SignIn) -> Visitor:
    return await sign_in(ANNA, language="en")


@pytest.fixture
async def house(desk: Visitor) -> Yard:
    return await yard()


async def fill(desk: Visitor, house: Yard, *, press: str | None = None, **typed: object) -> Page:
    page = await desk.open(f"/series/new?client={house.client}&services={house.service}&on={WEDNESDAY}&time=12:00")
    return await desk.send(page, "/series", press=press, **{"person": house.nina, "count": 4, **typed})


async def test_a_weekly_booking_is_taken_in_and_its_page_says_how_often(desk: Visitor, house: Yard) -> None:
    page = await fill(desk, house)
    assert page.path.startswith("/series/")
    assert page.words(".series-rule") == "Every week on Wednesday at 12:00, 4 times"
    assert await standing() == weeks(0, 1, 2, 3)
    assert len(page.all("tbody tr")) == 4


@pytest.mark.parametrize(
    ("typed", "english", "russian"),
    [
        (
            {"every": 2, "weekdays": ["1", "4"], "count": "", "until": "2027-05-12"},
            "Every 2 weeks on Tuesday and Friday at 12:00, until 12 May 2027",
            "Каждые 2 недели по вторникам и пятницам в 12:00, до 12 мая 2027 года",
        ),
        (
            {"every": 5, "count": 21},
            "Every 5 weeks on Wednesday at 12:00, 21 times",
            "Каждые 5 недель по средам в 12:00, 21 раз",
        ),
        (
            {"unit": "month", "count": 2},
            "Every month on the second Wednesday at 12:00, 2 times",
            "Каждый месяц во вторую среду в 12:00, 2 раза",
        ),
    ],
)
async def test_the_rule_is_told_in_either_language(
    desk: Visitor, house: Yard, typed: dict[str, object], english: str, russian: str
) -> None:
    page = await fill(desk, house, **typed)
    assert page.words(".series-rule") == english
    desk.http.headers["accept-language"] = "ru"
    await db.execute("UPDATE staff SET language = 'ru'")
    assert (await desk.open(page.path)).words(".series-rule") == russian


async def test_the_next_dates_are_told_before_with_holidays_and_why_one_has_no_place(
    desk: Visitor, house: Yard
) -> None:
    await factories.holiday(WEDNESDAY + WEEK)
    await house.book(house.nina, NOON + 2 * WEEK)
    page = await fill(desk, house, press="find=dates")
    assert page.status == 200
    assert page.all(".series-dates > li") == [
        "Tomorrow",
        "Wednesday 20 May Closed: skipped",
        f"Wednesday 27 May {say('words.somebody_else_then')}",
        "Wednesday 3 June",
        "Wednesday 10 June",
    ]
    assert page.value("time") == "12:00"
    assert await standing() == weeks(2)
    query = f"services_1_service={house.service}&place={house.location}&on={WEDNESDAY}&time=12&every=1&unit=week"
    answer = await desk.open(f"/series/dates?{query}&on_holiday=move", headers={"hx-request": "true"})
    assert answer.all(".series-dates > li")[1] == "Thursday 21 May moved on from Wednesday 20 May, which is closed"


async def test_what_is_skipped_counts_not_and_the_page_says_it_and_the_last_date(desk: Visitor, house: Yard) -> None:
    await factories.holiday(WEDNESDAY + WEEK)
    page = await fill(desk, house, count=3)
    assert page.words(".toast p") == f"3 dates booked. {say('words.series_skipped', count=1)}"
    assert await standing() == weeks(0, 2, 3)
    assert "Booked until 3 Jun 2026." in page.words("#main")
    assert page.words(".series-skipped") == "Closed, so nothing is booked: Wednesday 20 May"


async def test_the_toast_tells_which_dates_of_a_new_series_have_no_place(desk: Visitor, house: Yard) -> None:
    await factories.holiday(WEDNESDAY + WEEK)
    await house.book(house.nina)
    page = await fill(desk, house, count=4)
    skipped = say("words.series_skipped", count=1)
    assert page.words(".toast p") == f"3 dates booked. No place yet: 13 May. {skipped}"


async def test_eight_dates_that_take_place_are_told_and_those_skipped_between_them(desk: Visitor, house: Yard) -> None:
    await factories.holiday(WEDNESDAY + WEEK)
    page = await fill(desk, house, press="find=dates", count=12)
    assert len(page.all(".series-dates > li")) == 9
    assert len(page.all(".series-dates > .is-skipped")) == 1


async def test_dates_that_begin_years_ahead_are_told_and_that_there_is_none_is_said_as_such(
    desk: Visitor, house: Yard
) -> None:
    far = {"unit": "month", "every": 30, "on": "2026-06-14", "weekdays": ["2"], "count": 1}
    page = await fill(desk, house, press="find=dates", **far)
    assert page.all(".series-dates > li") == ["Wednesday 13 December 2028"]
    never = {"on": "2026-05-14", "weekdays": ["2"], "count": "", "until": "2026-05-19"}
    page = await fill(desk, house, press="find=dates", **never)
    assert say("problem.series_no_date") in page.words(".series-beside")
    page = await fill(desk, house, **never)
    assert (page.status, page.error("weekdays")) == (422, say("problem.series_no_date"))
    assert not page.error("time")


async def test_where_dates_are_moved_on_none_is_called_only_closed(desk: Visitor, house: Yard) -> None:
    for days in range(3, 21):
        await factories.holiday(WEDNESDAY + timedelta(days=days))
    page = await fill(desk, house, press="find=dates", on_holiday="move", count=2)
    assert page.all(".series-dates > li")[1:] == [
        "Wednesday 20 May Closed, and no other open day within two weeks: skipped",
        "Thursday 4 June moved on from Wednesday 27 May, which is closed",
    ]


async def test_what_jumps_out_of_a_client_stands_in_the_form_as_in_that_of_a_booking(
    desk: Visitor, house: Yard
) -> None:
    await factories.note(house.client, "cat, do not open the balcony", loud=True)
    there = "cat, do not open the balcony"
    assert (await desk.open(f"/series/new?client={house.client}")).words(".jumps-out") == there
    part = await desk.open(
        f"/series/clients?client={house.client}", headers={"hx-request": "true", "hx-target": "booking-client"}
    )
    assert part.words(".jumps-out") == there


async def test_the_card_of_a_client_names_what_has_no_place_and_leads_to_all_that_is_booked(
    desk: Visitor, house: Yard
) -> None:
    await house.book(house.nina, NOON + WEEK, await factories.client("Zoe"))
    page = await fill(desk, house, count=11)
    card = await desk.open(f"/clients/{house.client}")
    assert len(card.all(".client-bookings .item")) == 8
    assert card.words(".client-clashing").startswith("No place yet: Wednesday 20 May Arrange")
    assert card.has(f".client-clashing a[href='{page.path}#clashes']")
    assert "All upcoming bookings: 10" in card.words(".client-bookings")
    everything = await desk.open(f"/clients/{house.client}/bookings")
    assert len(everything.all("#upcoming .item")) == 10
    assert everything.has(".client-clashing")
    assert not (await desk.open("/clients/2")).has(".client-clashing")
    assert (await desk.open("/clients/999/bookings")).status == 404


async def test_a_client_is_found_without_losing_what_was_typed(desk: Visitor, house: Yard) -> None:
    page = await desk.open("/series/new")
    found = await desk.send(page, "/series", press="find=client", who="Петр", time="12:30", note="Keys at the door")
    assert "Петрова" in found.words(".hits")
    assert (found.value("time"), found.value("note")) == ("12:30", "Keys at the door")
    chosen = await desk.send(found, "/series", press="find=dates", client=house.client)
    assert "Петрова" in chosen.words(".chosen-client")
    again = await desk.send(chosen, "/series", press="find=another")
    assert again.value("who") == ""
    part = await desk.open("/series/clients?who=Петр", headers={"hx-request": "true", "hx-target": "booking-found"})
    assert "Петрова" in part.words(".hits")
    assert not part.has("main")


async def test_a_newcomer_is_taken_in_with_their_series(desk: Visitor, house: Yard) -> None:
    page = await desk.open(f"/series/new?services={house.service}&on={WEDNESDAY}&time=12:00")
    page = await desk.send(page, "/series", press="find=client", who="Zoë Zimmer", count=2)
    assert page.value("new_name") == "Zoë Zimmer"
    for _ in range(2):
        booked = await desk.send(page, "/series", new_phone="+44 20 7946 0018", count=2)
        assert booked.heading == "Zoë Zimmer"
    assert await db.fetchval("SELECT count(*) FROM client") == 2
    assert len(await standing()) == 2


async def test_a_newcomer_who_may_be_here_already_is_asked_for(desk: Visitor, house: Yard) -> None:
    page = await desk.open(f"/series/new?services={house.service}&on={WEDNESDAY}&time=12:00")
    asked = await desk.send(page, "/series", new_name="Анна Петрова", count=2)
    assert asked.status == 409
    assert "Петрова" in asked.words(".asks")
    assert await standing() == []
    taken = await desk.send(asked, "/series", press=f"seen={house.client}", count=2)
    assert taken.heading == "Анна Петрова"
    assert len(await standing()) == 2


@pytest.mark.parametrize(
    ("wrong", "field", "problem"),
    [
        ({"time": "20:00"}, "time", say("problem.series_nowhere")),
        ({"until": WEDNESDAY.isoformat()}, "count", say("problem.until_or_count")),
    ],
)
async def test_a_series_that_is_refused_takes_nobody_in(
    desk: Visitor, house: Yard, wrong: dict[str, object], field: str, problem: str
) -> None:
    page = await desk.open(f"/series/new?services={house.service}&on={WEDNESDAY}&time=12:00")
    before = await count("client")
    page = await desk.send(page, "/series", **{"new_name": "Zoë Zimmer", "count": 2, **wrong})
    assert page.status == 422
    assert page.error(field) == problem
    assert page.value("new_name") == "Zoë Zimmer"
    assert await count("client") == before
    booked = await desk.send(page, "/series", time="12:00", until="")
    assert booked.heading == "Zoë Zimmer"
    assert await count("client") == before + 1
    assert len(await standing()) == 2


async def test_weekdays_that_are_sent_empty_are_none(desk: Visitor, house: Yard) -> None:
    page = await fill(desk, house, weekdays=["", ""], count=2)
    assert page.words(".series-rule") == "Every week on Wednesday at 12:00, 2 times"


async def test_everything_that_is_wrong_is_said_at_its_field(desk: Visitor, house: Yard) -> None:
    page = await desk.open("/series/new")
    answer = await desk.send(page, "/series", time="25:00", every="0", on="2026-05-11", until="soon")
    assert answer.status == 422
    assert all(answer.error(name) for name in ("time", "every", "on", "until"))
    assert answer.value("until") == "soon"
    answer = await desk.send(page, "/series", time="12:00")
    assert answer.error("who") == say("problem.choose_client")
    assert answer.error("services_1_service")
    both = await fill(desk, house, until="2026-08-01")
    assert both.error("count") == say("problem.until_or_count")
    assert await db.fetchval("SELECT count(*) FROM series") == 0


async def test_a_series_that_finds_no_place_offers_the_three_nearest(desk: Visitor, house: Yard) -> None:
    page = await fill(desk, house, time="20:00")
    assert page.status == 422
    assert page.error("time") == say("problem.series_nowhere")
    places = page.tree.css(".series-beside .series-place")
    assert len(places) == 3
    value = places[0].attributes["value"] or ""
    shown = await desk.send(page, "/series", press=f"find={value}")
    assert f"{shown.value('on')} {shown.value('time')}" == value
    assert (await desk.send(shown, "/series")).status == 200
    assert len(await standing()) == 4


async def test_the_same_form_sent_twice_books_one_series(desk: Visitor, house: Yard) -> None:
    page = await desk.open(f"/series/new?client={house.client}&services={house.service}&on={WEDNESDAY}&time=12:00")
    for _ in range(2):
        answer = await desk.send(page, "/series", count=2)
        assert answer.words(".series-rule")
    assert await db.fetchval("SELECT count(*) FROM series") == 1


@pytest.fixture
async def clashing(house: Yard) -> int:
    """A weekly series whose second date clashed: the clash."""
    await house.book(house.nina, NOON + WEEK)
    await house.weekly()
    return int(await db.fetchval("SELECT id FROM series_clash"))


async def test_a_clash_is_listed_with_its_reason_and_three_places(desk: Visitor, house: Yard, clashing: int) -> None:
    start = await desk.open("/")
    assert "1 date of a recurring booking has no place yet" in start.words("main")
    listed = await desk.open("/series")
    assert say("words.somebody_else_then") in listed.words("#to-arrange")
    page = await desk.open(f"/series/{await db.fetchval('SELECT id FROM series')}")
    assert page.all(".series-place") == ["12:00 Olga Moroz", "11:00 Nina Orlova", "13:00 Nina Orlova"]


async def test_one_press_books_a_clash_at_a_place_offered(desk: Visitor, house: Yard, clashing: int) -> None:
    page = await desk.open(f"/series/clashes/{clashing}")
    action = f"/series/clashes/{clashing}/booking"
    place = page.tree.css(".series-place")[0].attributes["value"]
    booked = await desk.send(page, action, press=f"place={place}")
    assert booked.path.startswith("/series/")
    assert (NOON + WEEK, "Olga") in await standing()
    assert not booked.has("#clashes")
    again = await desk.send(page, action, press=f"place={place}")
    assert again.path == booked.path
    assert len(await standing()) == 5


async def test_a_clash_of_a_series_that_has_ended_says_so(desk: Visitor, house: Yard, clashing: int) -> None:
    page = await desk.open(f"/series/clashes/{clashing}")
    await db.execute("UPDATE series SET retired_at = now()")
    for answer in (
        await desk.send(page, f"/series/clashes/{clashing}/booking", on="2026-05-20", time="15:00"),
        await desk.send(page, f"/series/clashes/{clashing}/omission"),
        await desk.open(f"/series/clashes/{clashing}"),
    ):
        assert answer.status == 409, answer.words("main")
        assert say("refused.series_ended") in answer.words("main")
    assert await db.fetchval("SELECT count(*) FROM series_clash WHERE retired_at IS NULL") == 1


async def test_a_clash_whose_service_is_off_says_why_nothing_books_it_and_what_to_do(
    desk: Visitor, house: Yard, clashing: int, sign_in: SignIn
) -> None:
    manager = await sign_in(VERA, language="en")
    page = await desk.open(f"/series/clashes/{clashing}")
    place = page.tree.css(".series-place")[0].attributes["value"]
    await catalogue.retire_service(intent(VERA), house.service)
    action = f"/series/clashes/{clashing}/booking"
    for pressed in (
        await desk.send(page, action, press=f"place={place}"),
        await desk.send(page, action, on="2026-05-21", time="15:00"),
    ):
        assert pressed.status == 422
        assert "Not offered any more: Deep clean" in pressed.words(".callout")
    shown = await desk.open(f"/series/clashes/{clashing}")
    assert shown.all(".callout li") == [
        "Ask a manager to turn it on again.",
        "Change the series to a service that is offered",
        "Or leave this date out.",
    ]
    assert not shown.has(f"form[action='{action}'], .series-place")
    listed = await desk.open(f"/series/{await db.fetchval('SELECT id FROM series')}")
    assert "Not offered any more: Deep clean" in listed.words("#clashes .callout")
    assert (await manager.open(f"/series/clashes/{clashing}")).has(
        f".callout a[href='/catalogue/services/{house.service}']"
    )
    await desk.send(shown, f"/series/clashes/{clashing}/omission")
    assert await count("series_clash") == 0


MONTHLY = Recurrence(WEDNESDAY, 1, Unit.MONTH, (2,))


@pytest.mark.parametrize(
    ("rule", "days", "told"),
    [
        (
            replace(MONTHLY, every=2, unit=Unit.WEEK, weekdays=(2, 4)),
            3,
            "Every 2 weeks on Saturday and Monday at 12:00",
        ),
        (MONTHLY, 2, "Every month on the second Wednesday (2 days later) at 12:00"),
        (MONTHLY, -1, "Every month on the second Wednesday (1 day earlier) at 12:00"),
    ],
)
async def test_the_rule_of_a_series_that_was_moved_is_told(rule: Recurrence, days: int, told: str) -> None:
    assert i18n.upper_first(rule_words(shifted(rule, days), 720)) == told


async def test_a_place_taken_meanwhile_is_said_and_others_are_offered(
    desk: Visitor, house: Yard, clashing: int
) -> None:
    page = await desk.open(f"/series/clashes/{clashing}")
    place = page.tree.css(".series-place")[0].attributes["value"]
    await house.book(house.olga, NOON + WEEK)
    answer = await desk.send(page, f"/series/clashes/{clashing}/booking", press=f"place={place}")
    assert answer.status == 422
    assert answer.error("time") == say("problem.place_taken")
    assert len(answer.all(".series-place")) == 3


async def test_a_clash_is_booked_at_another_time_or_left_out(desk: Visitor, house: Yard, clashing: int) -> None:
    page = await desk.open(f"/series/clashes/{clashing}")
    forms = page.tree.css("#main form.form")
    assert len(forms) == 1
    action = f"/series/clashes/{clashing}/booking"
    typed = {"_csrf": page.value("_csrf"), "on": "2026-05-21", "person": str(house.olga)}
    refused = await desk.post(action, {**typed, "time": "3:00"})
    assert refused.status == 422
    assert refused.error("time")
    assert refused.value("on") == "2026-05-21"
    await desk.post(action, {**typed, "time": "15:00"})
    assert (NOON + WEEK + timedelta(days=1, hours=3), "Olga") in await standing()


async def test_a_clash_is_left_out_and_that_can_be_undone(desk: Visitor, house: Yard, clashing: int) -> None:
    page = await desk.open(f"/series/clashes/{clashing}")
    left = await desk.send(page, f"/series/clashes/{clashing}/omission")
    assert not left.has("#clashes")
    undo = next(one for one in left.tree.css("form") if "/undo" in (one.attributes["action"] or ""))
    await desk.send(left, undo.attributes["action"])
    assert await db.fetchval("SELECT count(*) FROM series_clash WHERE retired_at IS NULL") == 1


async def booking_on(week: int) -> int:
    return int(await db.fetchval("SELECT id FROM booking WHERE series_on = $1", WEDNESDAY + week * WEEK))


async def test_what_is_to_come_of_a_long_series_stands_on_pages(desk: Visitor, house: Yard) -> None:
    page = await fill(desk, house, weekdays=["0", "1", "2", "3", "4"], count=60)
    assert len(page.all("#upcoming tbody tr")) == 50
    assert not page.has("[rel=prev]")
    last = await desk.open(page.tree.css_first("[rel=next]").attributes["href"] or "")
    assert len(last.all("#upcoming tbody tr")) == 10
    assert not last.has("[rel=next]")
    first = await desk.open(last.tree.css_first("[rel=prev]").attributes["href"] or "")
    assert first.all("#upcoming tbody th") == page.all("#upcoming tbody th")
    for typed in ("0", "x", "9999", "99999"):
        assert (await desk.open(f"{page.path}?page={typed}")).status == 200


async def test_those_that_follow_move_after_a_look(desk: Visitor, house: Yard) -> None:
    one = await house.weekly()
    await house.book(house.nina, NOON + 3 * WEEK + 3 * HOUR)
    address = f"/series/{one}/change?from={await booking_on(2)}"
    form = await desk.open(address)
    look = await desk.send(form, address, time="15:00", scope="following")
    assert look.status == 200
    assert say("effect.series_moved", count=1) in look.words(".callout")
    assert look.all(".callout li") == ["Wednesday 27 May, 12:00 → 15:00, Nina Orlova"]
    assert look.all(".series-lost legend") == ["Wednesday 3 June"]
    assert look.all(".series-lost .why") == [say("words.somebody_else_then")]
    assert look.all(".series-lost strong") == ["15:00", "14:00", "16:00", say("Stays where it is now")]
    assert (await standing())[:3] == weeks(0, 1, 2)
    moved = await desk.send(look, address)
    assert moved.path != f"/series/{one}"
    assert (NOON + 2 * WEEK + 3 * HOUR, "Nina") in await standing()
    assert (await desk.send(look, address)).path == moved.path
    undone = await desk.send(moved, moved.tree.css_first(".toast form").attributes["action"])
    assert undone.path == f"/series/{one}"
    again = await desk.send(undone, undone.tree.css_first(".toast form").attributes["action"])
    assert again.path == f"/series/{one}"


async def test_what_is_typed_after_the_look_is_looked_at_first(desk: Visitor, house: Yard) -> None:
    one = await house.weekly()
    form = await desk.open(f"/series/{one}/change")
    action = form.tree.css_first("#main form").attributes["action"] or ""
    look = await desk.send(form, action, time="14:00")
    other = await desk.send(look, action, time="16:00")
    assert other.status == 200
    assert await standing() == weeks(0, 1, 2, 3)
    await desk.send(other, action)
    assert await standing() == weeks(0, 1, 2, 3, later=4 * HOUR)


async def test_what_changed_since_the_look_is_said_and_shown_anew(desk: Visitor, house: Yard) -> None:
    one = await house.weekly()
    form = await desk.open(f"/series/{one}/change")
    action = form.tree.css_first("#main form").attributes["action"] or ""
    look = await desk.send(form, action, time="15:00")
    await house.book(house.nina, NOON + 3 * HOUR)
    answer = await desk.send(look, action)
    assert answer.status == 409
    assert say("refused.changed") in answer.words(".callout.danger")
    assert say("effect.series_stays", count=1) in answer.words("main")
    await desk.send(answer, action)
    assert (await standing())[0] == (NOON, "Nina")


async def test_all_go_to_another_person_and_another_weekday(desk: Visitor, house: Yard) -> None:
    one = await house.weekly()
    form = await desk.open(f"/series/{one}/change")
    action = form.tree.css_first("#main form").attributes["action"] or ""
    look = await desk.send(form, action, days="1", person=house.olga)
    await desk.send(look, action)
    assert await standing() == weeks(0, 1, 2, 3, who="Olga", later=timedelta(days=1))


async def changed(desk: Visitor, one: int, week: int, **typed: object) -> Page:
    """What the form says would happen."""
    address = f"/series/{one}/change?from={await booking_on(week)}"
    return await desk.send(await desk.open(address), address, scope="following", **typed)


async def test_the_look_at_a_change_of_services_says_what_they_were_and_will_be(desk: Visitor, house: Yard) -> None:
    windows = await factories.service("WIN", minutes=30)
    for who in (house.nina, house.olga):
        await factories.skill(who, windows)
    page = await fill(desk, house)
    address = f"{page.path}/change?of=1"
    look = await desk.send(await desk.open(address), address, services_1_service=windows)
    change = say("words.services_change", before="Deep clean, 1 h", after="Deep clean, 30 min")
    assert change in look.words(".callout")


async def test_each_service_of_a_series_is_done_by_its_own_person(desk: Visitor, house: Yard) -> None:
    windows = await factories.service("WIN")
    for who in (house.nina, house.olga):
        await factories.skill(who, windows)
    page = await fill(desk, house, services_2_service=windows, services_2_by=house.olga)
    assert page.path.startswith("/series/")
    assert [who for _, who in await standing()] == ["Nina", "Olga"] * 4
    assert "Nina Orlova; " in page.words("dl")
    assert page.words("dl").count("Olga Moroz") == 1
    form = await desk.open(f"{page.path}/change")
    assert (form.value("person"), form.value("services_2_by")) == (str(house.nina), str(house.olga))
    address = f"{page.path}/change?of=1"
    look = await desk.send(form, address, services_2_by="")
    assert say("effect.series_redone", count=4) in look.words(".callout")
    after = await desk.send(look, address)
    assert [who for _, who in await standing()] == ["Nina"] * 8
    assert after.words("dl").count("Nina Orlova") == 1


async def test_what_follows_comes_on_other_days_until_another_date_after_a_look_that_names_each(
    desk: Visitor, house: Yard
) -> None:
    one = await house.weekly()
    await actions.move(intent(), actions.Arrangement(BookingId(await booking_on(2)), NOON + 2 * WEEK + HOUR), 1)
    look = await changed(desk, one, 1, weekdays=["3", "4"], count="5")
    assert look.all(".callout summary") == [
        say("effect.series_moved", count=2),
        say("effect.series_kept", count=1),
        say("effect.series_added", count=2),
    ]
    assert look.all(".callout li") == [
        "Wednesday 20 May, 12:00 → Thursday 21 May, 12:00, Nina Orlova",
        "Wednesday 3 June, 12:00 → Thursday 4 June, 12:00, Nina Orlova",
        "Wednesday 27 May, 13:00",
        "Friday 22 May, 12:00, Nina Orlova",
        "Friday 29 May, 12:00, Nina Orlova",
    ]
    done = await desk.send(look, None)
    assert done.words(".series-rule") == "Every week on Thursday and Friday at 12:00, 5 times"
    day = timedelta(days=1)
    assert [moment for moment, _ in await standing()] == [
        NOON, *(NOON + WEEK + number * day for number in (1, 2)), NOON + 2 * WEEK + HOUR, NOON + 2 * WEEK + 2 * day,
        NOON + 3 * WEEK + day,
    ]  # fmt: skip
    again = await desk.send(look, None)
    assert again.path == done.path


async def one_without_a_place(desk: Visitor, house: Yard) -> tuple[Page, dict[str, str]]:
    """The look at three dates of which one has no place, and the first place offered for that."""
    one = await house.weekly()
    await house.book(house.nina, NOON + 2 * WEEK + 3 * HOUR)
    look = await changed(desk, one, 1, time="15:00")
    [field] = [name for name in look.fields() if name.startswith("place_")]
    return look, {field: look.tree.css(".series-lost .offer input")[0].attributes["value"] or ""}


async def test_a_date_without_a_place_goes_to_the_one_that_is_chosen_in_one_press(desk: Visitor, house: Yard) -> None:
    look, chosen = await one_without_a_place(desk, house)
    done = await desk.send(look, None, **chosen)
    assert done.path.startswith("/series/")
    assert not done.has(".callout")
    later = 3 * HOUR
    assert await standing() == [
        (NOON, "Nina"), (NOON + WEEK + later, "Nina"), (NOON + 2 * WEEK + later, "Nina"),
        (NOON + 2 * WEEK + later, "Olga"), (NOON + 3 * WEEK + later, "Nina"),
    ]  # fmt: skip


async def test_a_place_that_is_taken_before_it_is_pressed_is_said_and_nothing_is_done(
    desk: Visitor, house: Yard
) -> None:
    look, chosen = await one_without_a_place(desk, house)
    await house.book(house.olga, NOON + 2 * WEEK + 3 * HOUR)
    before = await standing()
    other = await desk.send(look, None, **chosen)
    assert other.words(".series-lost .why") == say("words.somebody_else_then")
    assert other.has(".series-lost [value='']:checked")
    assert await standing() == before
    [place] = [node.attributes["value"] for node in other.tree.css(".series-lost .offer input")][:1]
    await desk.send(other, None, **dict.fromkeys(chosen, place))
    assert (NOON + 2 * WEEK, "Nina") not in await standing()


async def test_what_somebody_changed_since_the_look_is_looked_at_again_with_the_place_that_was_chosen(
    desk: Visitor, house: Yard
) -> None:
    look, chosen = await one_without_a_place(desk, house)
    await actions.move(intent(), actions.Arrangement(BookingId(await booking_on(3)), NOON + 3 * WEEK + HOUR), 1)
    before = await standing()
    other = await desk.send(look, None, **chosen)
    assert other.status == 409
    assert say("refused.changed") in other.words("main")
    assert say("effect.series_kept", count=1) in other.words("main")
    assert other.all(".series-lost strong") == ["15:00", say("None of these")]
    assert await standing() == before
    await desk.send(other, None)
    assert (NOON + 2 * WEEK + 3 * HOUR, "Olga") in await standing()


async def test_what_falls_out_of_the_plan_is_called_off_by_whom_it_was_said(desk: Visitor, house: Yard) -> None:
    one = await house.weekly()
    look = await changed(desk, one, 1, every="2")
    assert say("effect.series_called_off", count=1) in look.words(".callout")
    assert look.has("[type=radio][name=by]")
    look = await desk.send(look, None, by="us")
    await desk.send(look, None)
    assert await db.fetchval("SELECT cancelled_by FROM status_change WHERE status = 'cancelled'") == "us"
    assert await standing() == weeks(0, 1, 3, 5)


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        ({"every": "0"}, "every", "problem.range"),
        ({"days": "1", "every": "2"}, "days", "problem.days_and_rule"),
        ({"services_1_service": ""}, "services_1_service", "problem.required"),
        ({"until": "2026-06-01"}, "count", "problem.until_or_count"),
        ({"time": "3:00", "weekdays": ["4"]}, "time", "problem.series_nowhere"),
    ],
)
async def test_what_a_series_cannot_become_is_said_at_its_field(
    desk: Visitor, house: Yard, typed: dict[str, object], field: str, problem: str
) -> None:
    look = await changed(desk, await house.weekly(), 1, **typed)
    assert look.status == 422
    assert look.error(field)
    if problem != "problem.range":
        assert look.error(field) == say(problem)
    assert await standing() == weeks(0, 1, 2, 3)


async def test_a_clash_is_booked_as_agreed_or_by_anyone_at_another_time(
    desk: Visitor, house: Yard, clashing: int
) -> None:
    page = await desk.open(f"/series/clashes/{clashing}")
    options = [one.text() for one in page.tree.css("select[name=person] option")]
    assert options[:2] == [say("words.as_agreed"), say("words.anyone_who_can")]
    action = f"/series/clashes/{clashing}/booking"
    typed = {"_csrf": page.value("_csrf"), "on": "2026-05-20", "time": "12:00"}
    assert (await desk.post(action, {**typed, "person": ""})).status == 422
    await desk.post(action, {**typed, "person": "any"})
    assert (NOON + WEEK, "Olga") in await standing()


async def test_a_change_that_changes_nothing_is_refused(desk: Visitor, house: Yard) -> None:
    one = await house.weekly()
    form = await desk.open(f"/series/{one}/change")
    action = form.tree.css_first("#main form").attributes["action"] or ""
    answer = await desk.send(form, action)
    assert answer.status == 422
    assert answer.error("time") == say("problem.nothing_changes")


async def test_what_follows_is_cancelled_after_a_look(desk: Visitor, house: Yard) -> None:
    one = await house.weekly()
    address = f"/series/{one}/cancellation?from={await booking_on(1)}"
    look = await desk.send(await desk.open(address), address, by="client", scope="following")
    assert say("effect.series_cancelled", count=3) in look.words(".callout")
    assert len(await standing()) == 4
    gone = await desk.send(look, address)
    assert gone.path == f"/series/{one}"
    assert await standing() == weeks(0)
    said = "3 bookings of a series cancelled, from 20 May on: Анна Петрова"
    assert gone.toast == f"{said}."
    back = await desk.send(gone, gone.tree.css_first(".toast form").attributes["action"])
    assert back.toast == say("done.undid", what=said)
    assert said in (await desk.open(f"/bookings/{await booking_on(1)}")).words(".booking-told")


async def test_the_history_of_a_booking_leaves_out_how_far_a_job_has_booked_its_series(
    desk: Visitor, house: Yard
) -> None:
    one = await house.weekly(count=20)
    assert await db.fetchval("SELECT made_until > starts_on FROM series WHERE id = $1", one)
    page = await desk.open(f"/bookings/{await booking_on(0)}")
    assert say("kind.series.book", name="Анна Петрова, 13 May") in page.words(".booking-told")
    assert say("column.series.made_until") not in page.words(".booking-told")


async def test_a_series_of_which_nothing_is_left_is_ended_on_its_page(desk: Visitor, house: Yard) -> None:
    one = await house.weekly(count=20)
    for booking in await db.fetch("SELECT id FROM booking"):
        await actions.cancel(intent(), booking["id"], CancelledBy.CLIENT)
    page = await desk.open(f"/series/{one}")
    assert not page.has(f"a[href='/series/{one}/cancellation']")
    ended = await desk.send(page, f"/series/{one}/end")
    assert ended.toast == say("done.series.end", name="Анна Петрова, 13 May")
    assert ended.words(".page-head .badge") == "Ended"
    assert not ended.has(f"form[action='/series/{one}/end']")
    assert await series_dates.due(WEDNESDAY + 60 * WEEK) == []
    back = await desk.send(ended, ended.tree.css_first(".toast form").attributes["action"])
    assert back.has(f"form[action='/series/{one}/end']")


async def test_a_series_with_something_to_come_is_not_ended_by_an_old_page(desk: Visitor, house: Yard) -> None:
    one = await house.weekly()
    page = await desk.open(f"/series/{one}")
    assert not page.has(f"form[action='/series/{one}/end']")
    answer = await desk.post(f"/series/{one}/end", {"_csrf": page.value("_csrf")})
    assert answer.status == 409
    assert say("refused.series_still_booked") in answer.words("main")


async def test_support_arranges_clashes_as_well_and_strangers_see_none(
    sign_in: SignIn, stranger: Visitor, house: Yard, clashing: int
) -> None:
    support = await sign_in(BORIS, language="en")
    assert len((await support.open(f"/series/clashes/{clashing}")).all(".series-place")) == 3
    for address in ("/series", "/series/new", f"/series/clashes/{clashing}"):
        assert (await stranger.open(address)).path == "/sign-in"


@pytest.mark.parametrize(
    "address", ["/series/999", "/series/clashes/999", "/series/999/change", "/series/1/change?from=x"]
)
async def test_what_is_not_there_is_not_found(desk: Visitor, house: Yard, address: str) -> None:
    assert (await desk.open(address)).status == 404


async def test_a_series_is_at_a_site_of_the_client(desk: Visitor, house: Yard) -> None:
    site = await factories.site(house.client, "Lenina 5", name="Office")
    page = await fill(desk, house)
    assert "Office, Lenina 5" in page.words(".facts, dl")
    assert {row["site"] for row in await db.fetch("SELECT site FROM booking")} == {site}


async def moved_away(desk: Visitor, house: Yard) -> Page:
    """A series whose bookings were all moved to three o'clock, and two of whose former places are taken by now."""
    await house.weekly()
    url = "/series/1/change"
    page = await desk.send(await desk.open(url), None, time="15:00")
    page = await desk.send(page, None)
    for week in (1, 2):
        await house.book(house.nina, NOON + week * WEEK)
    return await desk.send(page, page.tree.css_first(".toast form").attributes["action"])


async def test_a_series_that_cannot_move_back_as_a_whole_says_which_dates_and_offers_three_places_for_each(
    desk: Visitor, house: Yard
) -> None:
    page = await moved_away(desk, house)
    assert page.path.endswith("/places")
    assert page.all(".come-back legend") == [
        "Анна Петрова, Wednesday 20 May, 12:00",
        "Анна Петрова, Wednesday 27 May, 12:00",
    ]
    assert page.all(".come-back .offer strong") == ["10:30", "11:00", "13:00", say("Stays where it is now")] * 2
    first, second = [one for one in page.fields(page.path) if one.startswith("b")]
    done = await desk.send(page, page.path, **{first: at(NOON + WEEK + HOUR), second: "stays"})
    assert (done.status, done.path) == (200, "/series/1")
    hours = [0, 1, 3, 0]
    own = await db.fetch("SELECT starts_at FROM booking WHERE series IS NOT NULL ORDER BY series_on")
    assert [row["starts_at"] for row in own] == [
        NOON + number * WEEK + hour * HOUR for number, hour in enumerate(hours)
    ]
    again = await desk.send(page, page.path, **{first: at(NOON + WEEK + HOUR), second: "stays"})
    assert again.status == 200


async def test_a_series_that_was_cancelled_comes_back_on_the_dates_that_are_free_and_offers_three_places_for_others(
    desk: Visitor, house: Yard
) -> None:
    await house.weekly()
    first = await db.fetchval("SELECT min(id) FROM booking")
    off = await series_moves.cancel(intent(), first, Scope.ALL, CancelledBy.CLIENT)
    for week in (1, 2):
        await house.book(house.nina, NOON + week * WEEK)
    form = (await desk.open("/series/new")).fields("/series")
    sent = {"_csrf": form["_csrf"], "intent": [str(uuid4())]}
    page = await desk.post(f"/operations/{off.operation_id}/undo", sent)
    assert page.path.endswith("/places")
    assert page.all(".come-back .offer strong") == ["10:30", "11:00", "13:00", say("Stays cancelled")] * 2
    one, other = [name for name in page.fields(page.path) if name.startswith("b")]
    done = await desk.send(page, page.path, **{one: at(NOON + WEEK + HOUR), other: "stays"})
    assert (done.status, done.path) == (200, "/series/1")
    own = await db.fetch("SELECT starts_at, status FROM booking WHERE series IS NOT NULL ORDER BY series_on")
    assert [(row["starts_at"], row["status"]) for row in own] == [
        (NOON, "booked"),
        (NOON + WEEK + HOUR, "booked"),
        (NOON + 2 * WEEK, "cancelled"),
        (NOON + 3 * WEEK, "booked"),
    ]
    assert await db.fetchval("SELECT retired_at FROM series") is None
    for check in checks.CHECKS:
        assert await check() == []


async def test_a_series_that_was_taken_back_is_done_again_on_dates_that_are_free(desk: Visitor, house: Yard) -> None:
    page = await fill(desk, house)
    undone = await desk.send(page, page.tree.css_first(".toast form").attributes["action"])
    for week in (1, 2):
        await house.book(house.nina, NOON + week * WEEK)
    page = await desk.send(undone, undone.tree.css_first(".toast form").attributes["action"])
    assert page.path.endswith("/places")
    assert page.words("h1") == say("title.redo_elsewhere")
    assert page.words(".buttons button") == say("Redo")
    assert page.all(".come-back legend") == [
        "Анна Петрова, Wednesday 20 May, 12:00",
        "Анна Петрова, Wednesday 27 May, 12:00",
    ]
    assert page.all(".come-back .offer strong") == ["10:30", "11:00", "13:00", say("Stays without a place")] * 2
    one, other = [name for name in page.fields(page.path) if name.startswith("b")]
    done = await desk.send(page, page.path, **{one: at(NOON + WEEK + HOUR), other: "stays"})
    assert (done.status, done.path) == (200, "/series/1")
    assert await standing() == sorted([*weeks(0, 1, 2, 3), *weeks(1, later=HOUR)])
    assert await db.fetchval('SELECT "on" FROM series_clash WHERE retired_at IS NULL') == WEDNESDAY + 2 * WEEK


async def test_a_choice_that_was_left_out_is_asked_for_where_it_is_missing_and_the_others_are_kept(
    desk: Visitor, house: Yard
) -> None:
    page = await moved_away(desk, house)
    first, second = [one for one in page.fields(page.path) if one.startswith("b")]
    again = await desk.send(page, page.path, **{first: at(NOON + WEEK + HOUR), second: None})
    assert again.status == 422
    assert [again.error(first), again.error(second)] == ["", say("problem.choose")]
    assert say("problem.place_taken") not in again.words("main")
    assert again.value(first) == at(NOON + WEEK + HOUR)
    done = await desk.send(again, page.path, **{second: "stays"})
    assert (done.status, done.path) == (200, "/series/1")


async def test_nothing_of_a_series_done_again_is_refused_in_words(desk: Visitor, house: Yard) -> None:
    page = await fill(desk, house, count=1)
    undone = await desk.send(page, page.tree.css_first(".toast form").attributes["action"])
    await house.book(house.nina)
    page = await desk.send(undone, undone.tree.css_first(".toast form").attributes["action"])
    [one] = [name for name in page.fields(page.path) if name.startswith("b")]
    refused = await desk.send(page, page.path, **{one: "stays"})
    assert refused.status == 422
    assert say("problem.series_nowhere") in refused.words("main")


async def test_two_that_are_chosen_for_one_place_are_said_at_the_second_which_is_offered_others(
    desk: Visitor, house: Yard
) -> None:
    own = [await house.book(house.nina, NOON + hour * HOUR) for hour in range(2)]
    given = tuple(Arrangement(one, NOON + hour * HOUR, ((house.nina, house.olga),)) for hour, one in enumerate(own))
    done = await standing_in.stand_in(intent(), house.nina, WEDNESDAY, given, False)
    for hour in (-3, -2, -1, 0, 1):
        await house.book(house.nina, NOON + hour * HOUR)
    address = f"/operations/{done.operation_id}/places"
    page = await desk.open(address)
    first, second = (f"b{one}" for one in own)
    there = at(NOON + 3 * HOUR)
    assert (page.value(first), page.value(second)) == (at(NOON + 2 * HOUR), there)
    assert there in [one.attributes["value"] for one in page.tree.css(f"input[name='{first}']")]
    refused = await desk.send(page, address, **{first: there})
    assert refused.status == 422
    assert (refused.error(first), refused.error(second)) == ("", say("problem.place_taken"))
    assert refused.value(first) == there
    offered = [one.attributes["value"] or "" for one in refused.tree.css(f"input[name='{second}']")]
    assert offered[0] == at(NOON + 2 * HOUR)
    assert there not in offered
    again = await desk.send(refused, address, **{second: offered[0]})
    assert again.status == 200
    assert (NOON + 3 * HOUR, "Nina") in await standing()


async def test_a_place_that_is_lost_while_one_chooses_is_said_and_nothing_moves(desk: Visitor, house: Yard) -> None:
    page = await moved_away(desk, house)
    await house.book(house.nina, NOON + 3 * WEEK)
    again = await desk.send(page, page.path)
    assert again.status == 422
    assert len(again.all(".come-back legend")) == 3
    own = await db.fetch("SELECT starts_at FROM booking WHERE series IS NOT NULL ORDER BY series_on")
    assert [row["starts_at"] for row in own] == [NOON + number * WEEK + 3 * HOUR for number in range(4)]


async def test_nothing_else_is_undone_that_way_whoever_sends_the_form(
    desk: Visitor, house: Yard, sign_in: SignIn
) -> None:
    """The guards of each kind's own undo stand: here, that nobody undoes what another did with their own name."""
    vera = await sign_in(VERA)
    await vera.send(await vera.open("/profile"), "/profile", name="Another Name")
    booked = await house.book(house.nina)
    own, its = [
        int(await db.fetchval("SELECT max(id) FROM operation WHERE kind = $1", kind))
        for kind in ("profile.change", "booking.book")
    ]
    form = (await moved_away(desk, house)).fields()
    for operation in (own, its):
        sent = {"_csrf": form["_csrf"], "intent": [str(uuid4())], "version": ["1"], "was": [""]}
        assert (await desk.post(f"/operations/{operation}/places", sent)).status == 409
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", VERA.id) == "Another Name"
    assert await db.fetchval("SELECT retired_at FROM booking WHERE id = $1", booked) is None


async def test_with_nothing_left_to_move_one_goes_on_at_the_agenda(desk: Visitor, house: Yard) -> None:
    form = await moved_away(desk, house)
    for row in await db.fetch("SELECT id FROM booking WHERE series IS NOT NULL"):
        await actions.cancel(intent(), row["id"], CancelledBy.CLIENT)
    sent = {name: value for name, value in form.fields(form.path).items() if not name.startswith("b")}
    answer = await desk.post(form.path, sent)
    assert (answer.status, answer.path) == (200, "/agenda")


async def test_only_what_moved_several_and_can_be_undone_has_such_a_form(desk: Visitor, house: Yard) -> None:
    page = await moved_away(desk, house)
    assert (await desk.open("/operations/1/places")).status == 404
    for name in [one for one in page.fields(page.path) if one.startswith("b")]:
        page = await desk.send(page, page.path, **{name: "nonsense"})
        assert page.status == 422
    assert (await desk.open("/operations/4711/places")).status == 404
