"""Holidays, over HTTP."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from console.domain import clock, db
from tests import factories
from tests.cast import NOW, OLEG, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")

LIST = "/settings/holidays"
PUBLIC = f"{LIST}/public"


async def saved() -> list[dict[str, Any]]:
    sql = "SELECT *, names ->> 'en' AS name FROM holiday WHERE retired_at IS NULL ORDER BY date, location NULLS FIRST"
    rows = await db.fetch(sql)
    return [dict(row) for row in rows]


def in_the_way(name: str, on: str) -> str:
    return say("problem.holiday_there", name=say("words.quoted", name=name), date=on)


async def add(visitor: Visitor, **typed: str | None) -> Page:
    page = await visitor.open(f"{LIST}/new")
    return await visitor.send(page, LIST, **{"date": "2026-06-12", "name_en": "Russia Day", **typed})


async def test_a_holiday_without_a_name_in_a_language_shows_the_gap_and_is_called_as_the_business_calls_it(
    sign_in: SignIn,
) -> None:
    vera, holiday = await sign_in(VERA, language="ru"), await factories.holiday(name="Russia Day")
    address = f"{LIST}/{holiday}"
    assert "Russia Day" in (await vera.open(LIST)).words("table")
    page = await vera.open(address)
    assert (page.value("name_ru"), page.value("name_en")) == ("", "Russia Day")
    assert say("hint.name_missing", "ru", shown="Russia Day") in page.words("main")
    await vera.send(page, address, name_ru="День России")
    assert "День России" in (await vera.open(LIST)).words("table")
    assert say("hint.name_missing", "ru", shown="Russia Day") not in (await vera.open(address)).words("main")
    assert "Russia Day" in (await (await sign_in(OLEG)).open(LIST)).words("table")


async def test_an_old_holiday_at_a_place_that_closed_asks_for_nothing_that_others_changed(sign_in: SignIn) -> None:
    vera, oleg, closed = await sign_in(VERA), await sign_in(OLEG), await factories.location(retired_at=NOW)
    address = f"{LIST}/{await factories.holiday(date(2026, 1, 1), location=closed)}"
    stale = await oleg.open(address)
    await vera.send(await vera.open(address), address, location="0")
    collision = await oleg.send(stale, address, name_en="Long ago")
    assert collision.status == 409
    assert not collision.has("tr.differs")
    page = await oleg.send(collision, address)
    assert page.status == 200
    assert [(row["name"], row["location"]) for row in await saved()] == [("Long ago", None)]


async def test_an_empty_year_offers_the_public_holidays(sign_in: SignIn) -> None:
    page = await (await sign_in(VERA)).open(LIST)
    assert say("No holidays in %(year)s yet", year="2026") in page.words(".empty")
    assert page.has(f'.empty a[href="{PUBLIC}?year=2026"]')


async def test_a_day_added_by_hand_stands_in_the_list_of_its_year(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await add(vera, date="12.06.2027")
    assert page.toast == say("done.holiday.add", name="Russia Day, 12 Jun 2027")
    assert str(page.response.url.query, "ascii") == "year=2027"
    assert "Saturday 12 June" in page.words("tbody tr:not(.month)")
    assert [(row["date"], row["location"], row["hours"]) for row in await saved()] == [(date(2027, 6, 12), None, "[]")]


async def test_a_day_long_past_is_taken_for_a_slip_and_last_weeks_is_noted_and_said_to_be_over(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await add(vera, date="2020-06-12")
    low, high = ("1 Jan 2025", "31 Dec 2100")
    assert (page.status, page.error("date")) == (422, say("problem.date_range", low=low, high=high))
    assert await saved() == []
    over = say("words.begins_in_the_past")
    assert over in (await add(vera, date="2026-05-08")).toast
    assert over in (await add(vera, date="2026-05-11", last="2026-05-13")).toast
    assert over not in (await add(vera, date="2026-05-14")).toast
    assert [row["date"].day for row in await saved()] == [8, 11, 12, 13, 14]


async def test_a_day_of_long_ago_can_still_be_renamed_and_is_told_of_the_past_once_moved_there(sign_in: SignIn) -> None:
    vera, old = await sign_in(VERA), await factories.holiday(date(2020, 6, 12))
    address, over = f"{LIST}/{old}", say("words.begins_in_the_past")
    page = await vera.send(await vera.open(address), address, name_en="Of long ago")
    assert (page.status, over in page.toast) == (200, False)
    page = await vera.send(await vera.open(address), address, date="2020-06-11")
    assert (page.status, page.error("date")) == (
        422,
        say("problem.date_range", low="12 Jun 2020", high="31 Dec 2100"),
    )
    assert over in (await vera.send(await vera.open(address), address, date="2026-05-11")).toast


async def test_a_day_of_one_place_may_have_hours_of_its_own(sign_in: SignIn) -> None:
    vera, centre = await sign_in(VERA), await factories.location()
    page = await add(vera, location=str(centre), hours="10-15")
    assert "Centre" in page.words("tbody tr:not(.month)")
    assert "10:00–15:00" in page.words("tbody tr:not(.month)")
    page = await vera.open(f"{LIST}/{(await saved())[0]['id']}")
    assert (page.value("location"), page.value("hours")) == (str(centre), "10:00–15:00")


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        ({"date": "31.02.2026"}, "date", "problem.date"),
        ({"date": ""}, "date", "problem.required"),
        ({"name_en": ""}, "name_en", "problem.required"),
        ({"hours": "some"}, "hours", "problem.hours"),
        ({"location": "404"}, "location", "problem.choice"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_field(
    sign_in: SignIn, typed: dict[str, str], field: str, problem: str
) -> None:
    page = await add(await sign_in(VERA), **typed)
    assert (page.status, page.error(field)) == (422, say(problem))
    assert await saved() == []


async def test_a_date_that_is_taken_is_refused_at_the_date(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add(vera)
    page = await add(vera, name_en="Again")
    assert (page.status, page.error("date")) == (422, in_the_way("Russia Day", "12 June"))
    assert page.value("name_en") == "Again"


async def test_a_closed_place_is_offered_only_to_the_day_that_has_it(sign_in: SignIn) -> None:
    vera, closed = await sign_in(VERA), await factories.location(retired_at=NOW)
    holiday = await factories.holiday(location=closed)
    assert not (await vera.open(f"{LIST}/new")).has(f'option[value="{closed}"]')
    page = await vera.open(f"{LIST}/{holiday}")
    assert page.value("location") == str(closed)
    changed = say("done.holiday.change", name="Changed, 12 June")
    assert (await vera.send(page, f"{LIST}/{holiday}", name_en="Changed")).toast == changed


async def test_who_saves_second_sees_both_versions(sign_in: SignIn) -> None:
    vera, oleg, holiday = await sign_in(VERA), await sign_in(OLEG), await factories.holiday()
    address = f"{LIST}/{holiday}"
    stale = await oleg.open(address)
    await vera.send(await vera.open(address), address, hours="10-15")
    collision = await oleg.send(stale, address, name_en="Russia Day")
    assert collision.status == 409
    assert "10:00–15:00" in collision.words("main")
    await oleg.send(collision, address)
    assert [(row["name"], row["hours"]) for row in await saved()] == [("Russia Day", "[[600, 900]]")]


async def test_a_removed_day_comes_back_by_undo(sign_in: SignIn) -> None:
    vera, holiday = await sign_in(VERA), await factories.holiday()
    page = await vera.send(await vera.open(LIST), f"{LIST}/{holiday}/removal")
    assert (page.path, page.toast) == (LIST, say("done.holiday.remove", name="A day off, 12 June"))
    assert await saved() == []
    assert (await vera.open(f"{LIST}/{holiday}")).status == 404
    undo = page.tree.css_first(".toast form")
    assert undo is not None
    await vera.send(page, undo.attributes["action"])
    assert len(await saved()) == 1


async def test_the_country_is_guessed_from_the_home_location_and_its_days_to_come_are_shown_first(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    vera = await sign_in(VERA)
    assert (await vera.open(PUBLIC)).value("country") == ""
    await factories.location()
    await factories.holiday(name="Our own day")
    page = await vera.open(PUBLIC)
    assert (page.value("country"), page.value("year")) == ("RU", "2026")
    assert "Our own day" in page.words("tbody")
    ticks = [one.attributes["value"] for one in page.tree.css("input[name=day][checked]")]
    assert ticks == ["2026-11-04", "2026-12-31"]
    assert "New Year" not in page.words("table")
    assert len(await saved()) == 1


async def test_they_come_with_one_press_and_the_toast_counts_them(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(f"{PUBLIC}?country=DE&region=BY&year=2027")
    page = await vera.send(page, PUBLIC)
    came = len(await saved())
    assert page.toast == say("done.holidays_added_of", count=came, of="Germany, Bayern, everywhere")
    assert (len(page.tree.css("form[action$='/removal']")), str(page.response.url.query, "ascii")) == (
        came,
        "year=2027",
    )
    again = await vera.open(f"{PUBLIC}?country=DE&region=BY&year=2027")
    assert not again.has("input[name=day]")


async def test_the_place_that_is_chosen_when_they_are_added_is_theirs_and_the_toast_says_whose_and_where(
    sign_in: SignIn,
) -> None:
    vera, (centre, _) = await sign_in(VERA), [await factories.location(), await factories.location(name="South")]
    page = await vera.open(f"{PUBLIC}?country=DE&region=BY&year=2027")
    assert say("Days to add: %(of)s", of="Germany, Bayern, everywhere") in page.words("#public-days")
    page = await vera.send(page, PUBLIC, location=str(centre))
    there = await saved()
    assert {row["location"] for row in there} == {centre}
    quoted = say("words.quoted", name="Centre")
    assert page.toast == say("done.holidays_added_of", count=len(there), of=f"Germany, Bayern, {quoted}")
    assert (await vera.send(page, page.tree.css_first(".toast form").attributes["action"])).status == 200
    assert await saved() == []


async def test_another_country_than_is_listed_shows_its_days_before_they_are_added(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(f"{PUBLIC}?country=DE&region=BY&year=2027")
    page = await vera.send(page, PUBLIC, country="FR")
    assert (page.status, page.value("country"), await saved()) == (422, "FR", [])
    assert "Nothing has been added yet" in page.words("#public-days .callout")
    assert "Bastille" in page.words("#public-days") or "National Day" in page.words("#public-days")
    page = await vera.send(page, PUBLIC)
    assert "France" in page.toast
    assert date(2027, 7, 14) in {row["date"] for row in await saved()}


async def test_a_place_at_which_other_days_are_lacking_shows_them_first_and_keeps_what_was_unticked(
    sign_in: SignIn,
) -> None:
    vera, (centre, south) = await sign_in(VERA), [await factories.location(), await factories.location(name="South")]
    await factories.holiday(date(2027, 1, 1), location=centre)
    page = await vera.open(f"{PUBLIC}?country=DE&region=BY&year=2027&location={centre}")
    sent = {**page.fields(PUBLIC), "location": [str(south)]}
    sent["day"] = [one for one in sent["day"] if one not in {"2027-01-01", "2027-12-26"}]
    page = await vera.post(PUBLIC, sent)
    assert (page.status, len(await saved())) == (422, 1)
    ticked = {one.attributes["value"] for one in page.tree.css("input[name=day][checked]")}
    assert "2027-01-01" in ticked
    assert "2027-12-26" not in ticked
    assert page.value("location") == str(south)


async def test_the_days_are_shown_by_a_button_where_nothing_follows_a_choice(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(PUBLIC), PUBLIC, press="show=1", country="DE", year="2027")
    assert (page.status, page.value("country"), page.value("year")) == (200, "DE", "2027")
    assert "German Unity Day" in page.words("#public-days")


async def test_asking_for_them_again_is_refused_in_words(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page, again = [await vera.open(f"{PUBLIC}?country=RU&year=2026") for _ in range(2)]
    await vera.send(page, PUBLIC)
    page = await vera.send(again, PUBLIC)
    assert page.status == 409
    assert say("refused.holidays_all_there") in page.words("main")


async def test_the_same_press_sent_again_in_another_language_and_on_another_day_is_answered_alike(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(f"{PUBLIC}?country=RU&year=2026")
    sent = page.fields(PUBLIC)
    first = await vera.post(PUBLIC, sent)
    there = await saved()
    await vera.send(first, "/preferences/language", press="language=ru")
    again = await vera.post(PUBLIC, sent)
    said = say("done.holidays_added_of", "ru", count=len(there), of="Россия, везде")
    assert (again.status, again.path, again.toast) == (200, LIST, said)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
    assert (await vera.post(PUBLIC, sent)).status == 200
    assert await saved() == there


@pytest.mark.parametrize(
    "query",
    ["country=XX", "country=DE&region=XX", "year=soon", "year=99999", "country=DE&country=RU", "region=BY", "country="],
)
async def test_a_choice_that_there_is_not_is_answered_with_the_page(sign_in: SignIn, query: str) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(f"{PUBLIC}?{query}")
    assert (page.status, page.heading) == (200, say("title.holidays_public"))
    sent = {"_csrf": page.value("_csrf"), **dict(pair.split("=") for pair in query.split("&"))}
    assert (await vera.post(PUBLIC, sent)).status == 422
    assert await saved() == []


def rows(page: Page, within: str) -> list[str]:
    """Months and days as they are listed: each month, then its dates with their names."""
    lines = page.tree.css(f"{within} > tbody > tr:not(.days-of)")
    return [" ".join((line.css_first("td") or line).text().split()) for line in lines]


async def test_it_opens_at_today_with_the_months_and_what_is_over_is_folded(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    for on in (date(2026, 1, 1), date(2026, 3, 8), date(2026, 5, 12), date(2026, 6, 12)):
        await factories.holiday(on, name="A day")
    page = await vera.open(LIST)
    assert rows(page, "#main > table") == ["May", "Tuesday 12 May", "June", "Friday 12 June"]
    assert rows(page, "#main > details table") == ["January", "Thursday 1 January", "March", "Sunday 8 March"]
    assert page.words(".page-head p") == "4 days in 2026"
    await factories.holiday(date(2025, 1, 1))
    assert rows(await vera.open(f"{LIST}?year=2025"), "#main > table") == ["January", "Wednesday 1 January"]


async def test_days_in_a_row_are_one_line_that_leads_to_each_of_them(sign_in: SignIn) -> None:
    vera, ids = await sign_in(VERA), []
    for day in (1, 2, 3, 5):
        ids.append(await factories.holiday(date(2027, 1, day), name="New Year"))
    page = await vera.open(f"{LIST}?year=2027")
    assert rows(page, "#main > table") == ["January", "1–3 January 3 days", "Tuesday 5 January"]
    assert len(page.tree.css("form[action$='/removal']")) == 2
    closure = page.tree.css_first("#main > table th a").attributes["href"]
    assert closure == f"{LIST}/{ids[0]}/to/{ids[2]}"
    page = await vera.open(closure)
    links = [link.attributes["href"] for link in page.tree.css(".single-days a")]
    assert links == [f"{LIST}/{one}" for one in ids[:3]]
    page = await vera.send(await vera.open(links[1]), f"{links[1]}/removal")
    assert rows(page, "#main > table") == ["January", "Friday 1 January", "Sunday 3 January", "Tuesday 5 January"]


async def test_a_closure_over_the_new_year_is_one_line_in_both_years(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add(vera, date="2026-12-29", last="2027-01-03", name_en="Winter break")
    for year, month, count in ((2026, "December", "3 days in 2026"), (2027, "January", "3 days in 2027")):
        page = await vera.open(f"{LIST}?year={year}")
        assert rows(page, "#main > table") == [month, "29 December – 3 January 6 days"]
        assert page.words(".page-head p") == count


async def closure(visitor: Visitor, **typed: str) -> tuple[str, Page]:
    """A summer break from 3 to 16 August, and its form."""
    chosen = {"date": "2026-08-03", "last": "2026-08-16", "name_en": "Summer break", **typed}
    url = (await add(visitor, **chosen)).tree.css_first("#main > table th a").attributes["href"] or ""
    return url, await visitor.open(url)


async def span() -> tuple[date, date, int]:
    there = await saved()
    return there[0]["date"], there[-1]["date"], len(there)


async def test_a_closure_is_changed_as_one_and_comes_back_with_one_undo(sign_in: SignIn) -> None:
    vera, centre = await sign_in(VERA), await factories.location()
    url, page = await closure(vera)
    assert (page.value("date"), page.value("last"), page.value("name_en")) == (
        "2026-08-03",
        "2026-08-16",
        "Summer break",
    )
    page = await vera.send(page, url, date="2026-08-10", last="2026-08-20", name_en="Repairs", location=str(centre))
    assert page.toast == say("done.holiday.change_days", name="Repairs, 10–20 August")
    assert await span() == (date(2026, 8, 10), date(2026, 8, 20), 11)
    assert {(row["name"], row["location"]) for row in await saved()} == {("Repairs", centre)}
    assert rows(page, "#main > table") == ["August", "10–20 August 11 days"]
    page = await vera.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert await span() == (date(2026, 8, 3), date(2026, 8, 16), 14)
    assert {(row["name"], row["location"]) for row in await saved()} == {("Summer break", None)}
    await vera.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert await span() == (date(2026, 8, 10), date(2026, 8, 20), 11)


async def test_the_same_change_of_a_closure_sent_again_is_answered_alike(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    url, page = await closure(vera)
    sent = {**page.fields(url), "date": ["2026-08-10"], "name_en": ["Repairs"]}
    first, again = await vera.post(url, sent), await vera.post(url, sent)
    assert (again.status, again.path, again.toast) == (first.status, first.path, first.toast)
    assert await span() == (date(2026, 8, 10), date(2026, 8, 16), 7)
    assert (await vera.open(url)).status == 404


async def test_who_saves_a_closure_second_sees_both_versions(sign_in: SignIn) -> None:
    vera, oleg = await sign_in(VERA), await sign_in(OLEG)
    url, _ = await closure(vera)
    stale = await oleg.open(url)
    await vera.send(await vera.open(url), url, last="2026-08-18")
    url_now = (await vera.open(LIST)).tree.css_first("#main > table th a").attributes["href"]
    await vera.send(await vera.open(url_now), url_now, last="2026-08-16", hours="10-15")
    collision = await oleg.send(stale, url, name_en="Repairs")
    assert collision.status == 409
    assert "10:00–15:00" in collision.words("main")
    await oleg.send(collision, url)
    assert {(row["name"], row["hours"]) for row in await saved()} == {("Repairs", "[[600, 900]]")}


async def test_a_closure_that_would_run_into_a_day_that_is_there_names_it_and_stays(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    url, _ = await closure(vera)
    there = await factories.holiday(date(2026, 8, 18), name="Inventory")
    page = await vera.send(await vera.open(url), url, last="2026-08-20")
    assert (page.status, page.error("date")) == (422, in_the_way("Inventory", "18 August"))
    assert (page.value("last"), page.has(f'#main a[href="{LIST}/{there}"]')) == ("2026-08-20", True)
    assert await span() == (date(2026, 8, 3), date(2026, 8, 18), 15)


@pytest.mark.parametrize(
    ("last", "problem"),
    [("2026-08-02", "problem.ends_before_it_begins"), ("2026-12-16", "problem.time_off_long")],
)
async def test_a_closure_that_cannot_be_is_refused_at_its_end(sign_in: SignIn, last: str, problem: str) -> None:
    vera = await sign_in(VERA)
    url, page = await closure(vera)
    page = await vera.send(page, url, last=last)
    assert (page.status, page.error("last")) == (422, say(problem, most=62))


async def test_a_single_day_becomes_a_closure_and_a_closure_a_single_day(sign_in: SignIn) -> None:
    vera, day = await sign_in(VERA), await factories.holiday(date(2026, 8, 3))
    page = await vera.send(await vera.open(f"{LIST}/{day}"), f"{LIST}/{day}", last="2026-08-05")
    assert page.toast == say("done.holiday.change_days", name="A day off, 3–5 August")
    url = page.tree.css_first("#main > table th a").attributes["href"]
    page = await vera.send(await vera.open(url), url, date="2026-08-05", last=None)
    assert rows(page, "#main > table") == ["August", "Wednesday 5 August"]
    assert await span() == (date(2026, 8, 5), date(2026, 8, 5), 1)


async def test_the_history_tells_a_change_of_a_closure_once(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    url, page = await closure(oleg)
    await oleg.send(page, url, date="2026-08-10", last="2026-08-23", name_en="Repairs")
    line = (await oleg.open("/settings/history")).words("main tbody")
    assert say("kind.holiday.change_days", name="Repairs, 10–23 August") in line
    assert line.count("3–16 August → 10–23 August") == 1
    assert line.count("Summer break → Repairs") == 1


@pytest.mark.parametrize(("last", "now"), [("2026-08-12", "10–12 August"), ("2026-08-30", "10–30 August")])
async def test_the_history_tells_where_a_closure_was_that_was_moved_and_became_another_length(
    sign_in: SignIn, last: str, now: str
) -> None:
    oleg = await sign_in(OLEG)
    url, page = await closure(oleg)
    page = await oleg.send(page, url, date="2026-08-10", last=last)
    assert f"3–16 August → {now}" in (await oleg.open("/settings/history")).words("main tbody")
    await oleg.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert f"{now} → 3–16 August" in (await oleg.open("/settings/history")).words("main tbody")


async def test_this_year_and_the_next_come_with_one_press_and_go_with_one_undo(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    ours = await factories.holiday(date(2027, 1, 1), name="Our own day")
    page = await vera.open(f"{PUBLIC}?country=RU&year=2026-2027")
    assert page.all("tr.month") == ["2026", "2027"]
    assert say("Already there: %(name)s", name="Our own day") in page.words("table")
    page = await vera.send(page, PUBLIC)
    there = await saved()
    assert {row["date"].year for row in there} == {2026, 2027}
    assert page.toast == say("done.holidays_added_of", count=len(there) - 1, of="Russia, everywhere")
    assert [row["name"] for row in there if row["id"] == ours] == ["Our own day"]
    assert (await vera.open(f"{PUBLIC}?country=RU&year=2026-2027")).all("#public-days .buttons") == []
    await vera.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert [row["id"] for row in await saved()] == [ours]


async def test_the_next_year_is_offered_in_autumn_alone_once_the_rest_of_this_one_is_covered(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    await factories.location()
    await factories.staff(VERA)
    for month in (9, 10):
        monkeypatch.setattr(clock, "now", lambda month=month: NOW.replace(month=month))
        vera = await sign_in(VERA, exists=True)
        page = await vera.open(PUBLIC)
        assert page.value("year") == ("2026" if month < 10 else "2026-2027")
    await vera.send(await vera.open(f"{PUBLIC}?country=RU&year=2026"), PUBLIC)
    assert [row["date"] for row in await saved()] == [date(2026, 11, 4), date(2026, 12, 31)]
    assert (await vera.open(PUBLIC)).value("year") == "2027"
    assert (await vera.open(f"{PUBLIC}?year=2026")).value("year") == "2026"


async def test_days_in_a_row_of_one_name_are_one_line_and_are_named_in_the_readers_language(sign_in: SignIn) -> None:
    page = await (await sign_in(VERA, language="ru")).open(f"{PUBLIC}?country=RU&year=2027")
    assert "1–6 января" in page.words("table")
    assert page.words("table").count("Новогодние каникулы") < 4
    page = await (await sign_in(OLEG, language="ru")).open(f"{PUBLIC}?country=US&year=2027")
    assert "Christmas Day" in page.words("table")


async def test_another_country_changes_the_days_at_once_where_htmx_runs(sign_in: SignIn) -> None:
    page = await (await sign_in(VERA)).open(PUBLIC)
    chosen = page.tree.css_first(f'[hx-get="{PUBLIC}"]').attributes
    assert (chosen["hx-trigger"], chosen["hx-target"]) == ("change", "#public-days")
    assert page.has("#public-days")
    assert page.has("#public-where")


@pytest.mark.parametrize("year", ["", "abc", "0", "99999", "²⁰²⁶", "-2026", "2026.5"])
async def test_a_year_that_is_none_shows_this_one(sign_in: SignIn, year: str) -> None:
    await factories.holiday()
    page = await (await sign_in(VERA)).open(LIST, params={"year": year})
    assert page.words(".tabs [aria-current]") == "2026"


@pytest.mark.parametrize("address", [f"{LIST}/404", f"{LIST}/{2**63}", f"{LIST}/x"])
async def test_what_is_not_there_is_not_found(sign_in: SignIn, address: str) -> None:
    vera = await sign_in(VERA)
    token = (await vera.open("/profile")).value("_csrf")
    assert (await vera.open(address)).status == 404
    for deed in ("", "/removal"):
        assert (await vera.post(address + deed, {"_csrf": token})).status in {400, 404, 405}


async def test_a_closure_of_several_days_is_added_at_once(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await add(vera, date="2026-06-15", last="2026-06-18", name_en="Repairs")
    assert "15–18 June" in page.words("table")
    assert page.toast == say("done.holiday.add", name="Repairs, 15–18 June")
    assert [row["date"].day for row in await saved()] == [15, 16, 17, 18]
    await vera.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert await saved() == []


async def test_a_closure_goes_with_one_press_and_comes_back_with_one_undo(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    other = await factories.holiday(date(2026, 6, 16), location=await factories.location(), name="Repairs")
    page = await add(vera, date="2026-06-15", last="2026-06-18", name_en="Repairs")
    page = await vera.send(page, page.tree.css_first("form[action*='/to/']").attributes["action"])
    assert page.toast == say("done.holiday.remove_days", name="Repairs, 15–18 June")
    assert [row["id"] for row in await saved()] == [other]
    await vera.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert [row["date"].day for row in await saved()] == [15, 16, 16, 17, 18]


async def test_a_closure_over_a_day_that_is_there_names_it_and_keeps_what_was_typed(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    there = await factories.holiday(date(2026, 6, 17), name="Inventory")
    page = await add(vera, date="2026-06-15", last="2026-06-18", name_en="Repairs")
    assert (page.status, page.error("date")) == (422, in_the_way("Inventory", "17 June"))
    assert page.has(f'#main a[href="{LIST}/{there}"][target=_blank]')
    assert (page.value("name_en"), page.value("last")) == ("Repairs", "2026-06-18")
    assert [row["id"] for row in await saved()] == [there]


@pytest.mark.parametrize(
    ("last", "problem"),
    [("2026-06-11", "problem.ends_before_it_begins"), ("2027-06-12", "problem.time_off_long")],
)
async def test_a_closure_ends_after_it_begins_and_some_day(sign_in: SignIn, last: str, problem: str) -> None:
    page = await add(await sign_in(VERA), last=last)
    assert (page.status, page.error("last")) == (422, say(problem, most=62))
    assert await saved() == []


async def test_a_date_that_is_taken_leads_to_the_holiday_that_is_there(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    there = await factories.holiday(date(2026, 6, 12))
    page = await add(vera)
    assert page.has(f'#main a[href="{LIST}/{there}"][target=_blank]')
    control = page.tree.css_first("input[name=date]").attributes
    assert (control["type"], control["value"]) == ("date", "2026-06-12")


async def test_public_holidays_come_to_the_place_that_is_chosen_named_after_its_own_country(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.location()
    berlin = await factories.location("Berlin", zone="Europe/Berlin")
    everywhere = await factories.holiday(date(2027, 10, 3), name="Our own day")
    link = f"{PUBLIC}?location={berlin}"
    assert (await vera.open(f"/settings/locations/{berlin}")).has(f'a[href="{link}"]')
    page = await vera.open(f"{link}&year=2027")
    assert (page.value("country"), page.value("location")) == ("DE", str(berlin))
    assert say("Already there: %(name)s", name="Our own day") in page.words("#public-days table")
    page = await vera.send(page, PUBLIC)
    there = await saved()
    assert page.toast == say("done.holidays_added_of", count=len(there) - 1, of="Germany, Berlin")
    assert {row["location"] for row in there if row["id"] != everywhere} == {berlin}
    assert {row["location"] for row in there if row["date"] == date(2027, 10, 3)} == {None}
    await vera.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert [row["id"] for row in await saved()] == [everywhere]


async def test_a_business_with_one_place_is_not_asked_where(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.location()
    await factories.location("Closed", retired_at=NOW)
    page = await vera.open(f"{PUBLIC}?country=RU&year=2027")
    assert not page.has("#public-location")
    await vera.send(page, PUBLIC)
    assert {row["location"] for row in await saved()} == {None}


async def test_a_day_that_is_not_ticked_does_not_come(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(f"{PUBLIC}?country=RU&year=2027")
    assert page.words(".ticks").startswith("1")
    sent = page.fields(PUBLIC)
    assert len(sent["day"]) == len(page.tree.css("input[name=day]")) > 10
    sent["day"] = ["2027-01-02", "2027-06-12"]
    await vera.post(PUBLIC, sent)
    assert [row["date"] for row in await saved()] == [date(2027, 1, 2), date(2027, 6, 12)]


async def test_who_ticks_nothing_is_asked_to_and_keeps_what_was_typed(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(f"{PUBLIC}?country=US&year=2027")
    page = await vera.send(page, PUBLIC, day=None, **{"name_2027-12-25_ru": "Рождество"})
    assert (page.status, page.error("day")) == (422, say("problem.no_day_ticked"))
    assert page.value("name_2027-12-25_ru") == "Рождество"
    assert not page.has("input[name=day][checked]")
    assert await saved() == []


async def test_every_problem_of_the_days_is_led_to(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.holiday(date(2027, 1, 1))
    page = await vera.open(f"{PUBLIC}?country=US&year=2027")
    page = await vera.send(page, PUBLIC, day="2027-02-03", **{"name_2027-12-25_ru": "x" * 999})
    links = [str(link.attributes["href"]) for link in page.tree.css("[role=alert] li a")]
    assert len(links) == 2
    assert all(page.has(link) for link in links)
    assert [row["date"] for row in await saved()] == [date(2027, 1, 1)]


async def test_a_name_that_the_library_lacks_is_typed_or_the_other_one_stands_in(sign_in: SignIn) -> None:
    vera = await sign_in(VERA, language="ru")
    page = await vera.open(f"{PUBLIC}?country=US&year=2027")
    assert not page.has("input[name='name_2027-12-25_en']")
    await vera.send(page, PUBLIC, **{"name_2027-12-25_ru": "Рождество"})
    named = {row["date"]: json.loads(row["names"]) for row in await saved()}
    assert named[date(2027, 12, 25)] == {"en": "Christmas Day", "ru": "Рождество"}
    assert named[date(2027, 1, 1)] == {"en": "New Year's Day"}
    lines = (await vera.open(f"{LIST}?year=2027")).words("#main > table")
    assert "Рождество" in lines
    assert "New Year's Day" in lines


async def test_days_in_a_row_are_named_once(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(f"{PUBLIC}?country=CN&year=2027")
    row = next(row for row in page.tree.css("tr") if row.css_first(".ticks"))
    days = [one.attributes["value"] for one in row.css(".ticks input")]
    assert len(days) > 2
    await vera.send(page, PUBLIC, **{f"name_{days[0]}_ru": "Праздник весны"})
    named = [row["date"].isoformat() for row in await saved() if "ru" in json.loads(row["names"])]
    assert named == days


async def test_a_date_counts_once_however_many_places_have_it(sign_in: SignIn) -> None:
    for place in (await factories.location(), await factories.location(name="South")):
        await factories.holiday(date(2027, 1, 1), location=place)
    page = await (await sign_in(VERA)).open(f"{LIST}?year=2027")
    assert page.words(".page-head p") == "1 day in 2027"
    assert (page.has("#rail summary[aria-current]"), page.has("#rail summary")) == (True, True)
    assert not (await (await sign_in(OLEG)).open("/")).has("#rail summary[aria-current]")
