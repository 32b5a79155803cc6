"""An operation is claimed once, done once, and answered the same each time."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from piccolo.engine.exceptions import TransactionError

from console.domain import db
from console.domain.business.tables import Holiday, Location
from console.domain.errors import Forbidden, IntentReused, NotFound, Stale
from console.domain.intent import TERMINAL, Effect
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.secret import Secret
from tests import factories
from tests.cast import ANNA, BORIS, NOW
from tests.domain import deeds
from tests.domain.deeds import CHANGE, columns, intent
from tests.patience import PATIENCE

pytestmark = pytest.mark.usefixtures("kernel")


async def operations(intent_id: UUID) -> list[asyncpg.Record]:
    return list(await db.fetch("SELECT * FROM operation WHERE intent_id = $1 ORDER BY id", intent_id))


async def refusals() -> list[tuple[int, str, UUID, str]]:
    rows = await db.fetch("SELECT actor, kind, intent_id, key FROM refusal ORDER BY id")
    return [(row["actor"], row["kind"], row["intent_id"], row["key"]) for row in rows]


@pytest.mark.parametrize("name", ["Centre", "North"], ids=["as it was", "another"])
async def test_what_was_tried_in_vain_says_nothing_of_the_operation(name: str) -> None:
    location = await factories.location("Centre")

    async def attempted(op: Operation) -> None:
        with suppress(NotFound):
            async with op.attempt():
                await op.update(Location, location, None, {"name": name})
                raise NotFound

    asked = intent()
    await deeds.script(asked, attempted)
    (kept,) = await operations(asked.id)
    assert await db.fetchval("SELECT count(*) FROM change WHERE operation = $1", kept["id"]) == 0
    assert await db.fetchval("SELECT name FROM location WHERE id = $1", location) == "Centre"


async def test_an_operation_leaves_its_row_its_change_and_its_entity() -> None:
    asked = intent(reason="A second shop")
    outcome = await deeds.open_location(asked, "Centre")
    (row,) = await operations(asked.id)
    assert (row["id"], row["kind"], row["actor"], row["at"]) == (outcome.operation_id, "test.open", ANNA.id, NOW)
    assert (row["reason"], row["undoes"], row["caused_by"]) == ("A second shop", None, None)
    (change,) = await db.fetch("SELECT * FROM change WHERE operation = $1", row["id"])
    assert (change["entity"], change["entity_id"]) == ("location", outcome.result["location"])
    assert (change["fields"], change["created"]) == ([], True)
    location = await columns(outcome.result["location"])
    assert (location["name"], location["version"], location["operation"]) == ("Centre", 1, row["id"])


async def test_an_edit_raises_the_version_and_keeps_the_former_values_apart_from_the_trail() -> None:
    location = await factories.location("Centre", phone="112")
    outcome = await deeds.edit(intent(), location, {"name": "North", "phone": "112", "address": "Mira 1"}, version=1)
    assert outcome.result == ["address", "name"]
    row = await columns(location)
    assert (row["name"], row["version"], row["operation"]) == ("North", 2, outcome.operation_id)
    (change,) = await db.fetch("SELECT * FROM change WHERE operation = $1", outcome.operation_id)
    assert (change["fields"], change["created"]) == (["address", "name"], False)
    former = await db.fetchval("SELECT values::text FROM former WHERE change = $1", change["id"])
    assert former == '{"name": "Centre", "address": null}'


async def test_an_edit_that_changes_nothing_notes_nothing() -> None:
    location = await factories.location("Centre")
    same = {"name": "Centre", "hours": factories.HOURS, "phone": None}
    outcome = await deeds.edit(intent(), location, same, version=1)
    assert outcome.result == []
    assert (await columns(location))["version"] == 1
    assert await db.fetchval("SELECT count(*) FROM change WHERE operation = $1", outcome.operation_id) == 0


async def test_an_edit_that_leaves_everything_as_it_was_is_not_kept_and_the_same_again_answers_the_same() -> None:
    location = await factories.location("Centre")
    before = await db.fetchval("SELECT count(*) FROM operation")

    async def the_same(op: Operation) -> None:
        await op.update(Location, location, 1, {"name": "Centre", "phone": None})

    asked = intent()
    first, again = [await deeds.script(asked, the_same) for _ in range(2)]
    assert first == again
    assert (first.operation_id, first.replayed, first.effects) == (0, False, ())
    assert await db.fetchval("SELECT count(*) FROM operation") == before
    assert await refusals() == []
    many = await asyncio.gather(*(deeds.script(asked, the_same) for _ in range(20)))
    assert {one.operation_id for one in many} == {0}
    assert (await deeds.edit(asked, location, {"name": "North"})).operation_id


async def test_an_operation_is_kept_that_says_rings_or_makes_anything_besides() -> None:
    location = await factories.location("Centre")

    async def ringing(op: Operation) -> None:
        await op.update(Location, location, None, {"name": "Centre"})
        op.ring("test")

    async def telling(op: Operation) -> None:
        await op.update(Location, location, None, {"name": "Centre"})
        op.effect("test.said")

    async def making(op: Operation) -> None:
        await op.update(Location, location, None, {"name": "Centre"})
        await op.insert(Location, name="North", zone="Europe/Moscow", hours=factories.HOURS, notice_hours=1)

    async def nothing(op: Operation) -> None:
        """What it did besides is not known to the kernel."""

    for body in (ringing, telling, making, nothing):
        assert (await deeds.script(intent(), body)).operation_id


async def test_an_edit_of_an_older_version_is_refused() -> None:
    location = await factories.location()
    await deeds.edit(intent(), location, {"name": "North"}, version=1)
    with pytest.raises(Stale) as refused:
        await deeds.edit(intent(), location, {"name": "South"}, version=1)
    assert (refused.value.entity, refused.value.entity_id) == ("location", location)
    assert (await columns(location))["name"] == "North"


async def test_an_edit_waits_for_another_one_of_the_same_row_and_is_then_refused() -> None:
    location = await factories.location("Centre")
    edited, finish = asyncio.Event(), asyncio.Event()

    async def slow(op: Operation) -> None:
        await op.update(Location, location, 1, {"name": "North"})
        edited.set()
        await finish.wait()

    first = asyncio.create_task(deeds.script(intent(), slow))
    await edited.wait()
    second = asyncio.create_task(deeds.edit(intent(), location, {"name": "South"}, version=1))
    async with asyncio.timeout(PATIENCE):
        while not await db.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    finish.set()
    await first
    with pytest.raises(Stale):
        await second
    row = await columns(location)
    assert (row["name"], row["version"]) == ("North", 2)


async def test_an_edit_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(NotFound):
        await deeds.edit(intent(), 404, {"name": "North"})


async def test_what_is_gone_is_edited_no_more_but_may_come_back() -> None:
    holiday = await factories.holiday()

    async def put(op: Operation, **values: Any) -> None:
        await op.update(Holiday, holiday, None, values)

    await deeds.script(intent(), partial(put, retired_at=NOW))
    with pytest.raises(NotFound):
        await deeds.script(intent(), partial(put, names={"en": "Nobody sees this"}))
    await deeds.script(intent(), partial(put, names={"en": "Seen again"}, retired_at=None))
    assert await db.fetchval("SELECT names ->> 'en' FROM holiday") == "Seen again"


async def test_the_same_intent_twice_is_done_once_and_answered_the_same(rung: list[frozenset[str]]) -> None:
    asked = intent()
    first = await deeds.open_location(asked, "Centre", 12)
    again = await deeds.open_location(replace(asked, now=datetime.now(NOW.tzinfo)), name="Centre", notice_hours=12)
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.operation_id, again.result, again.effects) == (first.operation_id, first.result, first.effects)
    assert first.effects == (Effect("test.opened", {"notice": 12}),)
    assert await db.fetchval("SELECT count(*) FROM location") == 1
    assert rung == [frozenset({"test"})]


async def test_the_same_intent_fifty_times_at_once_is_done_once_and_answered_the_same() -> None:
    asked = intent()
    outcomes = await asyncio.gather(*(deeds.open_location(asked, "Centre") for _ in range(50)))
    assert {(o.operation_id, o.result["location"]) for o in outcomes} == {
        (outcomes[0].operation_id, outcomes[0].result["location"])
    }
    assert [o.replayed for o in outcomes].count(False) == 1
    assert len(await operations(asked.id)) == 1
    assert await db.fetchval("SELECT count(*) FROM location") == 1


async def test_an_intent_whose_first_try_failed_can_be_tried_again() -> None:
    asked = intent()

    async def fails(op: Operation) -> None:
        await op.insert(Location, name="Centre", zone="UTC", hours=factories.HOURS, notice_hours=1)
        raise ZeroDivisionError

    async def works(op: Operation) -> str:
        return "done"

    with pytest.raises(ZeroDivisionError):
        await deeds.script(asked, fails)
    assert await db.fetchval("SELECT count(*) FROM location") == 0
    assert (await deeds.script(asked, works)).result == "done"


@pytest.mark.parametrize(
    ("second", "reason"), [(("North", 24), None), (("Centre", 23), None), (("Centre", 24), "another reason")]
)
async def test_the_same_intent_with_another_payload_is_refused_and_says_what_was_done(
    second: tuple[str, int], reason: str | None
) -> None:
    asked = intent()
    done = await deeds.open_location(asked, "Centre", 24)
    with pytest.raises(IntentReused) as refused:
        await deeds.open_location(replace(asked, reason=reason), *second)
    told = refused.value
    assert (told.intent_id, told.operation_id, told.kind, told.at) == (asked.id, done.operation_id, "test.open", NOW)
    assert await db.fetchval("SELECT count(*) FROM location") == 1


async def test_the_same_intent_for_another_kind_is_refused() -> None:
    asked = intent()
    await deeds.say(asked)
    with pytest.raises(IntentReused):
        await deeds.script(asked, lambda op: asyncio.sleep(0))


async def test_another_actors_intent_is_unknown() -> None:
    asked = intent()
    anna = await deeds.open_location(asked, "Centre")
    boris = await deeds.open_location(replace(asked, actor=BORIS.and_may(CHANGE)), "Another")
    assert not boris.replayed
    assert boris.operation_id != anna.operation_id
    assert [row["actor"] for row in await operations(asked.id)] == [ANNA.id, BORIS.id]


async def test_another_secret_under_the_same_intent_is_another_request_and_the_same_one_is_not() -> None:
    asked = intent()
    first = await deeds.set_password(asked, BORIS.id, Secret("first"))
    again = await deeds.set_password(asked, BORIS.id, Secret("first"))
    assert (again.operation_id, again.replayed) == (first.operation_id, True)
    with pytest.raises(IntentReused):
        await deeds.set_password(asked, BORIS.id, Secret("second"))
    assert await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", BORIS.id) == "first"
    with pytest.raises(IntentReused):
        await deeds.set_password(asked, ANNA.id, Secret("first"))


async def test_a_secret_column_is_named_in_the_trail_and_its_value_kept_nowhere() -> None:
    await db.execute("UPDATE staff SET password_hash = 'pa55word' WHERE id = $1", BORIS.id)
    await deeds.set_password(intent(), BORIS.id, Secret("other"))
    rows = await deeds.contents()
    assert any("password_hash" in row for row in rows["change"])
    assert not [row for table in rows.values() for row in table if "pa55word" in row]


async def test_a_permission_that_is_missing_is_refused_and_logged() -> None:
    before = await deeds.contents()
    asked = intent(ANNA.actor)
    with pytest.raises(Forbidden) as refused:
        await deeds.open_location(asked, "Centre")
    assert refused.value.params == {"permission": CHANGE}
    assert await refusals() == [(ANNA.id, "test.open", asked.id, "refused.forbidden")]
    after = await deeds.contents()
    assert {**after, "refusal": []} == {**before, "refusal": []}


async def test_a_missing_permission_is_refused_also_for_what_was_done_before() -> None:
    asked = intent()
    await deeds.open_location(asked, "Centre")
    with pytest.raises(Forbidden):
        await deeds.open_location(replace(asked, actor=ANNA.actor), "Centre")


async def test_the_terminal_may_do_everything() -> None:
    assert (await deeds.open_location(intent(TERMINAL), "Centre")).result["location"]


async def test_a_refusal_leaves_nothing_but_its_own_row(rung: list[frozenset[str]]) -> None:
    location = await factories.location()
    before = await deeds.contents()
    asked = intent()
    with pytest.raises(deeds.ClosedForGood):
        await deeds.refuse(asked, location)
    after = await deeds.contents()
    assert len(after.pop("refusal")) == len(before.pop("refusal")) + 1
    assert after == before
    assert await refusals() == [(ANNA.id, "test.refuse", asked.id, "test.closed_for_good")]
    assert rung == []


async def test_a_refusal_that_cannot_be_written_is_still_told(caplog: pytest.LogCaptureFixture) -> None:
    nobody = replace(ANNA.actor, id=404)
    with pytest.raises(Forbidden):
        await deeds.open_location(intent(nobody), "Centre")
    assert "a refusal was not written: refused.forbidden of test.open by actor 404" in caplog.text


@pytest.mark.parametrize("result", [(1, 2), {1: "one"}, Secret("x"), NOW, 0.1 + 0.2j])
@pytest.mark.parametrize("preview", [True, False])
async def test_a_result_that_a_repeat_could_not_answer_is_an_error_already_in_the_preview(
    result: Any, preview: bool
) -> None:
    async def body(op: Operation) -> Any:
        return result

    asked = intent(preview=preview)
    with pytest.raises(TypeError):
        await deeds.script(asked, body)
    assert await operations(asked.id) == []


async def test_what_effects_say_is_the_same_at_first_and_when_repeated() -> None:
    async def body(op: Operation) -> None:
        op.effect("test.said", on=NOW.date(), at=NOW, ids=(1, 2))

    asked = intent()
    first, again = await deeds.script(asked, body), await deeds.script(asked, body)
    plain = {"on": "2026-05-12", "at": "2026-05-12T09:30:00+00:00", "ids": [1, 2]}
    assert [effect.params for effect in first.effects] == [effect.params for effect in again.effects] == [plain]


async def test_an_operation_inside_another_is_refused_and_nothing_of_either_stays() -> None:
    async def body(op: Operation) -> None:
        await op.insert(Location, name="Outer", zone="UTC", hours=factories.HOURS, notice_hours=1)
        await deeds.open_location(intent(), "Inner")

    with pytest.raises(TransactionError):
        await deeds.script(intent(), body)
    assert await db.fetchval("SELECT count(*) FROM location") == 0


async def test_a_cancelled_operation_leaves_nothing_and_its_intent_can_be_tried_again(
    rung: list[frozenset[str]],
) -> None:
    location = await factories.location("Centre")
    before = await deeds.contents()
    inside = asyncio.Event()

    async def slow(op: Operation) -> None:
        await op.update(Location, location, None, {"name": "North"})
        op.ring("test")
        inside.set()
        await db.execute("SELECT pg_sleep(600)")

    asked = intent()
    task = asyncio.create_task(deeds.script(asked, slow))
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await deeds.contents() == before
    assert rung == []
    assert not (await deeds.script(asked, lambda op: asyncio.sleep(0))).replayed


async def test_two_use_cases_of_one_kind_are_refused() -> None:
    with pytest.raises(RuntimeError, match="two use cases"):

        @operation("test.open", permission=CHANGE, undo=None)
        async def another(op: Operation) -> None: ...


async def test_an_operation_of_an_unknown_kind_is_refused_by_the_database(as_owner: asyncpg.Connection) -> None:
    await as_owner.execute("DELETE FROM operation_kind WHERE name = 'test.say'")
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await deeds.say(intent(id=uuid4()))
