"""The business's own settings, against the database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.domain import db
from console.domain.business import actions, queries
from console.domain.errors import Forbidden, Invalid, NotFound, Stale
from console.domain.intent import Intent
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW
from tests.domain.business.conftest import Mean
from tests.pictures import png

ABOUT = actions.About(
    name="Clean Home",
    phone="+74950000001",
    email="hello@clean-home.example",
    website="https://clean-home.example",
    address="12 Tverskaya Street",
    currency="RUB",
    languages=("ru",),
    language="ru",
)


async def logo() -> int | None:
    return (await queries.business()).logo


async def test_it_keeps_what_is_said_of_the_business(mean: Mean) -> None:
    await actions.change(mean(), 1, ABOUT, None, False)
    details = await queries.details()
    kept = {name: getattr(details, name) for name in ABOUT.__dataclass_fields__}
    assert actions.About(**{**kept, "languages": tuple(details.languages)}) == ABOUT
    assert details.version == 2


async def test_an_undo_brings_back_what_was_said_before(mean: Mean) -> None:
    done = await actions.change(mean(), 1, ABOUT, png(64, 64), False)
    await undo(mean(), done.operation_id)
    facts = await queries.business()
    assert (facts.name, facts.currency, list(facts.languages), facts.logo) == ("Fifth Visit", "EUR", ["en", "ru"], None)


async def test_it_refuses_a_language_of_its_own_that_is_not_offered(mean: Mean) -> None:
    with pytest.raises(Invalid) as refused:
        await actions.change(mean(), 1, replace(ABOUT, language="en"), None, False)
    assert refused.value.problems["language"].key == "problem.language_not_offered"


async def test_an_older_version_does_not_overwrite_a_newer_one(mean: Mean) -> None:
    await actions.change(mean(), 1, ABOUT, None, False)
    with pytest.raises(Stale):
        await actions.change(mean(), 1, replace(ABOUT, name="Cleaner Home"), None, False)
    assert (await queries.business()).name == "Clean Home"


async def test_a_logo_is_stored_shown_and_taken_away_and_an_undo_shows_it_again(mean: Mean) -> None:
    await actions.change(mean(), 1, ABOUT, png(64, 64), False)
    stored = await logo()
    assert stored is not None
    assert await queries.picture(stored) == queries.Picture("image/png", png(64, 64))
    removed = await actions.change(mean(), 2, ABOUT, None, True)
    assert await logo() is None
    await undo(mean(), removed.operation_id)
    assert await logo() == stored


async def test_a_new_picture_counts_more_than_the_wish_for_none(mean: Mean) -> None:
    await actions.change(mean(), 1, ABOUT, png(64, 64), True)
    assert await logo() is not None


async def test_what_is_no_picture_changes_nothing(mean: Mean) -> None:
    with pytest.raises(Invalid) as refused:
        await actions.change(mean(), 1, ABOUT, b"<svg/>", False)
    assert refused.value.problems["logo"].key == "problem.picture"
    assert (await queries.details()).version == 1
    assert await db.fetchval("SELECT count(*) FROM logo") == 0


async def test_there_is_no_picture_that_was_never_stored(mean: Mean) -> None:
    with pytest.raises(NotFound):
        await queries.picture(1)


async def test_the_front_desk_may_not_change_it(mean: Mean) -> None:
    await factories.staff(ANNA)
    with pytest.raises(Forbidden):
        await actions.change(Intent(mean().id, ANNA.actor, NOW), 1, ABOUT, None, False)
