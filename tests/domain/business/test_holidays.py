"""Holidays, against the database."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import asyncpg
import pytest

from console.domain import db
from console.domain.business import actions, holidays, public_holidays, queries
from console.domain.business.rules import CLOSED, parse_day
from console.domain.errors import HasDependants, Invalid, NotFound, Stale
from console.domain.ids import HolidayId, LocationId
from console.domain.intent import Outcome
from console.domain.undo import undo
from console.migrations import m0104_holiday_names
from tests import factories
from tests.cast import NOW
from tests.domain.business.conftest import Mean
from tests.meeting import meet

RUSSIA_DAY = holidays.DayOff(date(2026, 6, 12), {"en": "Russia Day"}, None, CLOSED)


async def add(mean: Mean, day: holidays.DayOff = RUSSIA_DAY) -> HolidayId:
    return HolidayId((await holidays.add_holiday(mean(), day)).result["holiday"])


async def dates() -> list[date]:
    return [one.date for one in await queries.holidays(2026)]


async def test_it_keeps_a_day_off_everywhere_and_one_with_hours_of_its_own_at_one_place(mean: Mean) -> None:
    centre = LocationId(await factories.location())
    await add(mean)
    await add(mean, replace(RUSSIA_DAY, location=centre, hours=parse_day("10-15")))
    everywhere, here = await queries.holidays(2026)
    assert (everywhere.location, everywhere.hours) == (None, CLOSED)
    assert (here.location, here.location_name, here.hours) == (centre, "Centre", ((600, 900),))


@pytest.mark.parametrize("everywhere", [True, False])
async def test_a_date_is_taken_once_for_a_place(mean: Mean, everywhere: bool) -> None:
    day = replace(RUSSIA_DAY, location=None if everywhere else LocationId(await factories.location()))
    await add(mean, day)
    with pytest.raises(Invalid) as refused:
        await add(mean, replace(day, names={"en": "Another name"}))
    assert refused.value.problems["date"].key == "problem.holiday_taken"


async def test_a_change_to_a_date_that_is_taken_is_refused_and_one_to_a_free_date_kept(mean: Mean) -> None:
    await add(mean)
    other = await add(mean, replace(RUSSIA_DAY, date=date(2026, 6, 13)))
    with pytest.raises(Invalid):
        await holidays.change_holiday(mean(), other, 1, RUSSIA_DAY)
    await holidays.change_holiday(mean(), other, 1, replace(RUSSIA_DAY, date=date(2026, 6, 14)))
    assert await dates() == [date(2026, 6, 12), date(2026, 6, 14)]


async def test_an_older_version_does_not_overwrite_a_newer_one(mean: Mean) -> None:
    day = await add(mean)
    await holidays.change_holiday(mean(), day, 1, replace(RUSSIA_DAY, names={"en": "Day of Russia"}))
    with pytest.raises(Stale):
        await holidays.change_holiday(mean(), day, 1, replace(RUSSIA_DAY, names={"en": "Independence"}))


async def test_a_removed_day_frees_its_date_and_an_undo_brings_it_back(mean: Mean) -> None:
    removed = await holidays.remove_holiday(mean(), await add(mean))
    assert await dates() == []
    await undo(mean(), removed.operation_id)
    assert await dates() == [RUSSIA_DAY.date]


async def test_an_undo_is_refused_and_names_what_took_the_date_since(mean: Mean) -> None:
    removed = await holidays.remove_holiday(mean(), await add(mean))
    await add(mean)
    with pytest.raises(HasDependants) as refused:
        await undo(mean(), removed.operation_id)
    assert [kind for _, kind, _ in refused.value.operations] == ["holiday.add"]


async def test_a_removed_day_can_be_neither_changed_nor_removed_nor_found(mean: Mean) -> None:
    day = await add(mean)
    await holidays.remove_holiday(mean(), day)
    with pytest.raises(NotFound):
        await holidays.change_holiday(mean(), day, 2, RUSSIA_DAY)
    with pytest.raises(NotFound):
        await holidays.remove_holiday(mean(), day)
    with pytest.raises(NotFound):
        await queries.holiday(day)


async def test_it_adds_the_public_holidays_of_a_country_and_keeps_what_is_there(mean: Mean) -> None:
    await add(mean, replace(RUSSIA_DAY, names={"en": "Our own name for it"}, hours=parse_day("10-15")))
    done = await holidays.add_public_holidays(mean(), "RU", None, (2026,))
    count = len(done.result["holidays"])
    assert (done.effects[0].key, done.effects[0].params["count"]) == ("done.holidays_added_of", count)
    kept = {one.date: one for one in await queries.holidays(2026)}
    assert len(kept) == count + 1
    assert kept[date(2026, 1, 7)].names == {"en": "Christmas Day", "ru": "Рождество Христово"}
    assert kept[date(2026, 1, 7)].hours == CLOSED
    assert kept[date(2026, 6, 12)].names == {"en": "Our own name for it"}


async def test_a_day_of_one_place_does_not_keep_the_public_holiday_out(mean: Mean) -> None:
    await add(mean, replace(RUSSIA_DAY, location=LocationId(await factories.location())))
    await holidays.add_public_holidays(mean(), "RU", None, (2026,))
    assert next(one.location for one in await queries.holidays(2026) if one.date == RUSSIA_DAY.date) is None


async def test_both_years_come_at_once_and_what_is_there_is_kept(mean: Mean) -> None:
    await add(mean)
    done = await holidays.add_public_holidays(mean(), "RU", None, (2026, 2027))
    there = await queries.holidays(2026, 2027)
    assert len(there) == len(done.result["holidays"]) + 1
    assert {one.date.year for one in there} == {2026, 2027}
    await undo(mean(), done.operation_id)
    assert [one.date for one in await queries.holidays(2026, 2027)] == [RUSSIA_DAY.date]


async def test_a_language_that_the_library_has_not_is_left_open(mean: Mean) -> None:
    await holidays.add_public_holidays(mean(), "US", None, (2026,))
    assert {one.date: one.names for one in await queries.holidays(2026)}[date(2026, 12, 25)] == {"en": "Christmas Day"}


async def test_without_any_of_its_languages_a_name_goes_under_the_business_s_own(mean: Mean) -> None:
    await db.execute("UPDATE business SET language = 'ru', languages = '{ru}'")
    await holidays.add_public_holidays(mean(), "US", None, (2026,))
    assert {one.date: one.names for one in await queries.holidays(2026)}[date(2026, 12, 25)] == {"ru": "Christmas Day"}


async def test_the_names_come_in_the_languages_of_the_business(mean: Mean) -> None:
    await db.execute("UPDATE business SET language = 'ru', languages = '{ru}'")
    await holidays.add_public_holidays(mean(), "RU", None, (2026,))
    assert {one.date: one.names for one in await queries.holidays(2026)}[date(2026, 6, 12)] == {"ru": "День России"}


async def test_they_come_to_one_place_but_for_what_is_there_or_everywhere_already(mean: Mean) -> None:
    centre, north = LocationId(await factories.location()), LocationId(await factories.location("North"))
    await add(mean, replace(RUSSIA_DAY, date=date(2026, 1, 1)))
    await add(mean, replace(RUSSIA_DAY, date=date(2026, 1, 2), location=north))
    await add(mean, replace(RUSSIA_DAY, date=date(2026, 1, 3), location=centre))
    await holidays.add_public_holidays(mean(), "RU", None, (2026,), location=north)
    there = await queries.holidays(2026)
    assert [one.location for one in there if one.date == date(2026, 1, 3)] == [centre, north]
    for day, place in ((1, None), (2, north)):
        assert [one.location for one in there if one.date == date(2026, 1, day)] == [place]
    assert {one.location for one in there if one.date > date(2026, 1, 3)} == {north}


async def test_they_come_everywhere_also_where_one_place_has_them_already(mean: Mean) -> None:
    centre = LocationId(await factories.location())
    await holidays.add_public_holidays(mean(), "DE", "BY", (2026,), location=centre)
    here = await dates()
    await holidays.add_public_holidays(mean(), "DE", "BY", (2026,))
    assert sorted(await dates()) == sorted(here * 2)


async def test_nothing_comes_to_a_place_that_is_closed_nor_comes_back_there(mean: Mean) -> None:
    centre, north = LocationId(await factories.location()), LocationId(await factories.location("North"))
    done = await holidays.add_public_holidays(mean(), "RU", None, (2026,), location=north)
    undone = await undo(mean(), done.operation_id)
    await actions.close_location(mean(), north)
    for again in (
        holidays.add_public_holidays(mean(), "RU", None, (2027,), location=north),
        undo(mean(), undone.operation_id),
    ):
        with pytest.raises(Invalid) as refused:
            await again
        assert refused.value.problems["location"].key == "problem.location_closed"
    assert await dates() == []
    await holidays.add_public_holidays(mean(), "RU", None, (2026,), location=centre)


async def test_only_the_dates_that_are_meant_come(mean: Mean) -> None:
    meant = (RUSSIA_DAY.date, date(2026, 5, 9), date(2026, 5, 12))
    await holidays.add_public_holidays(mean(), "RU", None, (2026,), only=meant)
    assert await dates() == [date(2026, 5, 9), RUSSIA_DAY.date]


async def test_a_day_is_called_as_somebody_typed_it_where_the_library_has_no_name(mean: Mean) -> None:
    typed = {"2026-12-25": {"ru": "Рождество"}}
    await holidays.add_public_holidays(mean(), "US", None, (2026,), called=typed)
    named = {one.date: one.names for one in await queries.holidays(2026)}
    assert named[date(2026, 12, 25)] == {"en": "Christmas Day", "ru": "Рождество"}
    assert named[date(2026, 1, 1)] == {"en": "New Year's Day"}


async def test_the_second_time_there_is_nothing_to_add(mean: Mean) -> None:
    await holidays.add_public_holidays(mean(), "DE", "BY", (2026,))
    with pytest.raises(holidays.AllThere):
        await holidays.add_public_holidays(mean(), "DE", "BY", (2026,))


async def test_an_undo_takes_them_all_away_unless_one_was_changed_since(mean: Mean) -> None:
    done = await holidays.add_public_holidays(mean(), "RU", None, (2026,))
    one = (await queries.holidays(2026))[0]
    changed = await holidays.change_holiday(mean(), one.id, 1, replace(RUSSIA_DAY, names={"en": "Ours"}, date=one.date))
    with pytest.raises(HasDependants):
        await undo(mean(), done.operation_id)
    await undo(mean(), changed.operation_id)
    await undo(mean(), done.operation_id)
    assert await dates() == []


def test_a_region_adds_its_own_days_and_has_a_name() -> None:
    everywhere, bavaria = (
        {day for day, _ in public_holidays.days("DE", region, 2026, "en")} for region in (None, "BY")
    )
    assert date(2026, 1, 6) in bavaria - everywhere
    assert public_holidays.regions("DE")["BY"] == "Bayern"


def test_a_language_that_the_library_lacks_falls_back_to_english() -> None:
    assert dict(public_holidays.days("IS", None, 2026, "ru"))[date(2026, 6, 17)] == "National Day"
    assert (public_holidays.speaks("IS", "en"), public_holidays.speaks("IS", "ru")) == (True, False)


def test_a_country_for_which_the_library_says_no_language_has_english_names() -> None:
    assert dict(public_holidays.days("NZ", None, 2026, "en"))[date(2026, 2, 6)] == "Waitangi Day"
    assert (public_holidays.speaks("NZ", "en"), public_holidays.speaks("NZ", "ru")) == (True, False)
    named = dict(public_holidays.named_days("NZ", None, 2026, ["en", "ru"], "ru"))
    assert named[date(2026, 2, 6)] == {"en": "Waitangi Day"}


@pytest.mark.parametrize("year", [1000, 1900, 2026, 2199])
def test_every_country_answers_for_any_year_with_days_of_that_year(year: int) -> None:
    for country in ("RU", "DE", "GB", "IN", "SA", "IL", "US", "ET"):
        assert all(day.year == year and name for day, name in public_holidays.days(country, None, year, "en"))


def test_every_country_and_region_can_be_asked() -> None:
    for country, regions in public_holidays.countries().items():
        assert set(public_holidays.regions(country)) == set(regions)


@pytest.mark.parametrize(
    ("country", "language", "name"),
    [
        ("RU", "en", "Day off (moved from 3 January)"),
        ("RU", "ru", "Выходной (перенос с\u00a03 января)"),
        ("KZ", "kk", "Демалыс күні (2026-01-03 бастап ауыстырылды)"),
    ],
)
def test_a_day_that_was_moved_says_from_when_in_words(country: str, language: str, name: str) -> None:
    found = public_holidays._named(
        {"en": "Day off (substituted from 01/03/2026)", "ru": "Выходной (перенесено с 03.01.2026)"}.get(
            language, "Демалыс күні (03.01.2026 бастап ауыстырылды)"
        ),
        language,
        2026,
    )
    assert found == name
    if country == "RU":
        assert dict(public_holidays.days("RU", None, 2026, language))[date(2026, 1, 9)] == name


BEFORE_LANGUAGES = (
    "ALTER TABLE holiday ADD COLUMN name text",
    "UPDATE holiday SET name = names ->> 'en'",
    "ALTER TABLE holiday DROP COLUMN names",
    "ALTER TABLE former DISABLE TRIGGER USER",
    "UPDATE former SET values = values - 'names' || jsonb_build_object('name', values #> '{names,en}')"
    " WHERE values ? 'names'",
    "ALTER TABLE former ENABLE TRIGGER USER",
    "ALTER TABLE change DISABLE TRIGGER append_only",
    "UPDATE change SET fields = array_replace(fields, 'names', 'name') WHERE entity = 'holiday'",
    "ALTER TABLE change ENABLE TRIGGER append_only",
)


async def test_what_was_named_before_there_were_languages_keeps_its_name_and_what_it_was(
    mean: Mean, as_owner: asyncpg.Connection
) -> None:
    day = await add(mean)
    changed = await holidays.change_holiday(mean(), day, 1, replace(RUSSIA_DAY, names={"en": "Day of Russia"}))
    whole = as_owner.transaction()
    await whole.start()
    for statement in (*BEFORE_LANGUAGES, *m0104_holiday_names.STATEMENTS):
        await as_owner.execute(statement)
    assert json.loads(await as_owner.fetchval("SELECT names FROM holiday")) == {"en": "Day of Russia"}
    row = await as_owner.fetchrow(
        "SELECT c.fields, f.values FROM change c JOIN former f ON f.change = c.id WHERE c.operation = $1",
        changed.operation_id,
    )
    assert row is not None
    assert (row["fields"], json.loads(row["values"])) == (["names"], {"names": {"en": "Russia Day"}})
    for refused in ("UPDATE change SET entity = 'nothing'", "UPDATE former SET values = '{}'"):
        attempt = as_owner.transaction()
        await attempt.start()
        with pytest.raises(asyncpg.RestrictViolationError):
            await as_owner.execute(refused)
        await attempt.rollback()
    await whole.rollback()


BREAK = replace(RUSSIA_DAY, date=date(2026, 8, 3), names={"en": "Summer break"})


async def closed(mean: Mean, days: int = 5) -> list[HolidayId]:
    """Days in a row from 3 August on."""
    done = await holidays.add_holiday(mean(), BREAK, date(2026, 8, 2 + days))
    return [HolidayId(one) for one in done.result["holidays"]]


@pytest.mark.parametrize(
    ("first", "last"),
    [(3, 7), (3, 9), (3, 4), (1, 7), (6, 7), (5, 9), (1, 5), (20, 24), (4, 20), (1, 2), (7, 7), (2, 8)],
)
async def test_a_closure_goes_where_it_is_put_and_an_undo_and_its_undo_bring_both_back(
    mean: Mean, first: int, last: int
) -> None:
    ids = await closed(mean)
    was = await dates()
    day = replace(BREAK, date=date(2026, 8, first), names={"en": "Repairs"})
    done = await holidays.change_holidays(mean(), ids[0], ids[-1], 5, day, date(2026, 8, last))
    now = [date(2026, 8, at) for at in range(first, last + 1)]
    assert await dates() == now
    assert [one.id for one in await queries.holidays(2026)] == done.result["holiday"]
    undone = await undo(mean(), done.operation_id)
    assert await dates() == was
    assert {one.names["en"] for one in await queries.holidays(2026)} == {"Summer break"}
    await undo(mean(), undone.operation_id)
    assert await dates() == now


async def test_a_closure_that_changed_since_is_not_changed_unseen(mean: Mean) -> None:
    ids = await closed(mean)
    await holidays.remove_holiday(mean(), ids[2])
    await holidays.change_holiday(mean(), ids[3], 1, replace(BREAK, date=date(2026, 8, 5)))
    with pytest.raises(Stale):
        await holidays.change_holidays(mean(), ids[0], ids[-1], 5, BREAK, date(2026, 8, 9))
    assert len(await dates()) == 4


async def test_what_is_no_closure_is_not_changed_as_one(mean: Mean) -> None:
    ids = await closed(mean)
    other = await add(mean)
    await holidays.remove_holiday(mean(), ids[0])
    for first, last in ((ids[0], ids[-1]), (other, ids[-1]), (ids[-1], ids[1])):
        with pytest.raises(NotFound):
            await holidays.change_holidays(mean(), first, last, 5, BREAK, date(2026, 8, 9))


async def test_a_closure_is_all_or_nothing(mean: Mean) -> None:
    ids = await closed(mean)
    await add(mean, replace(RUSSIA_DAY, date=date(2026, 8, 12)))
    with pytest.raises(Invalid):
        await holidays.change_holidays(
            mean(), ids[0], ids[-1], 5, replace(BREAK, date=date(2026, 8, 9)), date(2026, 8, 13)
        )
    assert (await dates())[0] == BREAK.date


async def test_a_closure_is_not_put_where_a_place_is_closed(mean: Mean) -> None:
    ids, north = await closed(mean), LocationId(await factories.location(retired_at=NOW))
    with pytest.raises(Invalid) as refused:
        await holidays.change_holidays(mean(), ids[0], ids[-1], 5, replace(BREAK, location=north), date(2026, 8, 7))
    assert refused.value.problems["location"].key == "problem.location_closed"


async def test_two_who_change_a_closure_at_once_do_not_mix(mean: Mean, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await closed(mean)
    earlier, later = (
        holidays.change_holidays(mean(), ids[0], ids[-1], 5, replace(BREAK, date=date(2026, 8, day)), date(2026, 8, 20))
        for day in (1, 10)
    )
    _, refused = await meet(monkeypatch, earlier, later)
    assert isinstance(refused, (Stale, NotFound))
    assert await dates() == [date(2026, 8, day) for day in range(1, 21)]


async def test_public_holidays_come_but_for_a_date_that_somebody_takes_meanwhile(
    mean: Mean, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = replace(RUSSIA_DAY, names={"en": "Our own name for it"})
    _, done = await meet(monkeypatch, add(mean, ours), holidays.add_public_holidays(mean(), "RU", None, (2026,)))
    assert isinstance(done, Outcome)
    [there] = [one for one in await queries.holidays(2026) if one.date == ours.date]
    assert there.names == ours.names
    assert len(done.result["holidays"]) == len(await dates()) - 1 > 10
