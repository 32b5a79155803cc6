"""A preview runs the same code, says what would happen, and leaves no trace."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.domain import db
from console.domain.errors import Busy, Changed, Forbidden, HasDependants, Stale
from console.domain.running import Operation
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA
from tests.domain import deeds
from tests.domain.deeds import CLERK, columns, intent
from tests.patience import PATIENCE

pytestmark = pytest.mark.usefixtures("kernel")


async def test_a_preview_leaves_no_trace_in_any_table_and_rings_no_bell(rung: list[frozenset[str]]) -> None:
    other = await factories.location("Centre")
    before = await deeds.contents()
    opened = await deeds.open_location(intent(preview=True), "North")
    await deeds.open_and_edit(intent(preview=True), "South", other)
    assert (opened.operation_id, opened.replayed) == (0, False)
    assert await deeds.contents() == before
    assert rung == []


async def test_a_preview_says_what_the_run_then_does() -> None:
    other = await factories.location("Centre")
    for deed, arguments in ((deeds.open_location, ("North", 12)), (deeds.edit, (other, {"phone": "112"}))):
        asked = intent(preview=True)
        shown = await deed(asked, *arguments)
        done = await deed(replace(asked, preview=False, expected=shown.fingerprint), *arguments)
        assert shown.effects
        assert (done.effects, done.fingerprint) == (shown.effects, shown.fingerprint)
        assert not done.replayed


async def test_a_preview_of_an_undo_says_what_the_undo_then_does() -> None:
    location = await factories.location("Centre")
    done = await deeds.edit(intent(), location, {"name": "North"})
    asked = intent(preview=True)
    before = await deeds.contents()
    shown = await undo(asked, done.operation_id)
    assert await deeds.contents() == before
    run = await undo(replace(asked, preview=False, expected=shown.fingerprint), done.operation_id)
    assert run.fingerprint == shown.fingerprint
    assert (await columns(location))["name"] == "Centre"


async def test_consequences_that_changed_since_the_preview_stop_the_operation() -> None:
    location = await factories.location("Centre")
    shown = await deeds.edit(intent(preview=True), location, {"name": "North", "phone": "112"})
    await deeds.edit(intent(), location, {"phone": "112"})
    before = await deeds.contents()
    asked = intent(expected=shown.fingerprint)
    with pytest.raises(Changed):
        await deeds.edit(asked, location, {"name": "North", "phone": "112"})
    after = await deeds.contents()
    assert [row for row in after.pop("refusal") if "refused.changed" in row]
    before.pop("refusal")
    assert after == before


async def test_other_numbers_in_the_consequences_stop_the_operation() -> None:
    fee = 100

    async def charge(op: Operation) -> None:
        op.effect("test.fee", minor=fee)

    shown = await deeds.script(intent(preview=True), charge)
    fee = 200
    with pytest.raises(Changed):
        await deeds.script(intent(expected=shown.fingerprint), charge)


async def test_refused_previews_are_not_logged() -> None:
    location = await factories.location("Centre")
    done = await deeds.edit(intent(), location, {"name": "North"})
    await deeds.edit(intent(), location, {"name": "South"})
    with pytest.raises(deeds.ClosedForGood):
        await deeds.refuse(intent(preview=True), location)
    with pytest.raises(Forbidden):
        await deeds.edit(intent(ANNA.actor, preview=True), location, {"name": "East"})
    with pytest.raises(Stale):
        await deeds.edit(intent(preview=True), location, {"name": "East"}, version=1)
    with pytest.raises(HasDependants):
        await undo(intent(preview=True), done.operation_id)
    assert await db.fetchval("SELECT count(*) FROM refusal") == 0


async def test_a_preview_does_not_wait_long_for_a_lock() -> None:
    location = await factories.location("Centre")
    async with db.ENGINE.pool.acquire() as other, other.transaction():
        await other.execute("SELECT 1 FROM location WHERE id = $1 FOR UPDATE", location)
        began = await other.fetchval("SELECT clock_timestamp()")
        with pytest.raises(Busy):
            await deeds.edit(intent(preview=True), location, {"name": "North"})
        waited = await other.fetchval("SELECT clock_timestamp() - $1::timestamptz", began)
    assert 0.4 < waited.total_seconds() < PATIENCE / 2
    assert await db.fetchval("SELECT count(*) FROM refusal") == 0


async def test_the_intent_of_a_preview_is_free_for_the_run() -> None:
    asked = intent(CLERK, preview=True)
    await deeds.open_location(asked, "Centre")
    done = await deeds.open_location(replace(asked, preview=False), "Centre")
    assert not done.replayed
    shown = await deeds.open_location(asked, "Centre")
    assert (shown.replayed, shown.operation_id) == (True, done.operation_id)
