"""The demo's content."""

from __future__ import annotations

from uuid import uuid4

import pytest

from console.domain import db
from console.domain.business import actions, queries
from console.domain.intent import TERMINAL, Intent
from tests.cast import NOW


def intent() -> Intent:
    return Intent(uuid4(), TERMINAL, NOW)


@pytest.mark.usefixtures("database")
async def test_it_turns_an_untouched_database_into_a_business_with_two_places_and_two_years_of_holidays() -> None:
    await actions.begin_demo(intent(), "en")
    facts = await queries.business()
    assert (facts.name, facts.currency, facts.demo, str(facts.zone)) == ("Clean Home", "RUB", True, "Europe/Moscow")
    assert [row["name"] for row in await db.fetch("SELECT name FROM location ORDER BY id")] == ["Centre", "North"]
    years = await db.fetch("SELECT extract(year FROM date)::int AS year, count(*) FROM holiday GROUP BY 1 ORDER BY 1")
    assert [row["year"] for row in years] == [2026, 2027]
    assert all(row["count"] > 10 for row in years)


@pytest.mark.usefixtures("database")
async def test_it_tells_its_story_in_the_language_asked_for() -> None:
    await actions.begin_demo(intent(), "ru")
    assert (await queries.business()).name == "Чистый дом"
    assert await db.fetchval("SELECT names ->> 'ru' FROM holiday WHERE date = '2026-06-12'") == "День России"


@pytest.mark.usefixtures("database")
async def test_it_refuses_a_database_that_somebody_has_begun_to_fill_in() -> None:
    await actions.begin_demo(intent(), "en")
    with pytest.raises(actions.AlreadyInUse):
        await actions.begin_demo(intent(), "ru")
    assert (await queries.business()).name == "Clean Home"
