"""Undo posts the inverse, or refuses and says what stands in the way. Redo is the undo of the undo."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from uuid import uuid4

import asyncpg
import pytest

from console.domain import db
from console.domain.business.tables import Location
from console.domain.errors import AlreadyUndone, Forbidden, HasDependants, IntentReused, NotFound, NotUndoable
from console.domain.ids import OperationId
from console.domain.intent import Effect
from console.domain.running import Operation
from console.domain.secret import Secret
from console.domain.tables import Entity
from console.domain.undo import barred, find, undo, undoable
from tests import factories
from tests.cast import ANNA, BORIS, NOW
from tests.domain import deeds
from tests.domain.deeds import CHANGE, columns, intent

pytestmark = pytest.mark.usefixtures("kernel")


@pytest.fixture
async def centre() -> int:
    return await factories.location("Centre", phone="112", notice_hours=24)


async def blockers(operation_id: OperationId) -> list[tuple[int, str]]:
    with pytest.raises(HasDependants) as refused:
        await undo(intent(), operation_id)
    assert all(at == NOW for _, _, at in refused.value.operations)
    return [(id_, kind) for id_, kind, _ in refused.value.operations]


async def test_undoing_an_edit_brings_back_what_was_there(centre: int) -> None:
    new = {"name": "North", "phone": None, "hours": [[]] * 7, "notice_hours": 48, "retired_at": NOW}
    before = await columns(centre)
    edited = await deeds.edit(intent(), centre, new)
    undone = await undo(intent(), edited.operation_id)
    after = await columns(centre)
    assert {**after, "version": 0, "operation": 0} == {**before, "version": 0, "operation": 0}
    assert (after["version"], after["operation"]) == (3, undone.operation_id)


async def test_an_undo_is_an_operation_of_its_own_and_takes_nothing_from_the_trail(centre: int) -> None:
    edited = await deeds.edit(intent(), centre, {"name": "North"})
    asked = intent(BORIS.and_may(CHANGE), reason="Wrong shop")
    undone = await undo(asked, edited.operation_id)
    row = await db.fetchrow("SELECT * FROM operation WHERE id = $1", undone.operation_id)
    assert row is not None
    assert (row["kind"], row["actor"], row["reason"]) == ("operation.undo", BORIS.id, "Wrong shop")
    assert (row["undoes"], row["intent_id"]) == (edited.operation_id, asked.id)
    changes = await db.fetch("SELECT operation, fields FROM change WHERE entity = 'location' ORDER BY id")
    assert [tuple(change) for change in changes] == [
        (edited.operation_id, ["name"]),
        (undone.operation_id, ["name"]),
    ]


async def test_undoing_a_creation_retires_what_was_created_and_redoing_brings_it_back() -> None:
    opened = await deeds.open_location(intent(), "Centre")
    location = opened.result["location"]
    undone = await undo(intent(), opened.operation_id)
    assert (await columns(location))["retired_at"] == NOW
    await undo(intent(), undone.operation_id)
    assert (await columns(location))["retired_at"] is None


async def test_undoing_an_operation_with_several_changes_undoes_them_all(centre: int) -> None:
    before = await columns(centre)
    done = await deeds.open_and_edit(intent(), "North", centre)
    await undo(intent(), done.operation_id)
    after = await columns(centre)
    assert {key: after[key] for key in ("notice_hours", "phone")} == {"notice_hours": 24, "phone": "112"}
    assert before["name"] == after["name"]
    opened = await columns(done.result["location"])
    assert (opened["retired_at"], opened["notice_hours"]) == (NOW, 1)


async def test_redo_and_undo_go_on_for_ever(centre: int) -> None:
    last = (await deeds.edit(intent(), centre, {"name": "North"})).operation_id
    for name in ("Centre", "North", "Centre", "North"):
        last = (await undo(intent(), last)).operation_id
        assert (await columns(centre))["name"] == name


async def test_an_undo_is_refused_with_the_names_of_the_later_operations_on_the_same_fields(centre: int) -> None:
    first = await deeds.edit(intent(), centre, {"name": "North", "phone": "911"})
    second = await deeds.edit(intent(), centre, {"phone": "102"})
    await deeds.edit(intent(), centre, {"notice_hours": 2})
    third = await deeds.edit_for_good(intent(), centre, 3)
    fourth = await deeds.edit(intent(), centre, {"name": "South"})
    assert await blockers(first.operation_id) == [
        (fourth.operation_id, "test.edit"),
        (second.operation_id, "test.edit"),
    ]
    assert third.operation_id < fourth.operation_id
    row = await columns(centre)
    assert (row["name"], row["phone"]) == ("South", "102")


async def test_a_later_edit_of_other_fields_is_not_in_the_way(centre: int) -> None:
    first = await deeds.edit(intent(), centre, {"name": "North"})
    await deeds.edit(intent(), centre, {"phone": "911"})
    await undo(intent(), first.operation_id)
    row = await columns(centre)
    assert (row["name"], row["phone"]) == ("Centre", "911")


async def test_any_later_edit_of_what_was_created_is_in_the_way_of_undoing_its_creation() -> None:
    opened = await deeds.open_location(intent(), "Centre")
    edited = await deeds.edit(intent(), opened.result["location"], {"phone": "911"})
    assert await blockers(opened.operation_id) == [(edited.operation_id, "test.edit")]
    await undo(intent(), edited.operation_id)
    await undo(intent(), opened.operation_id)


async def test_what_refers_to_something_created_is_in_the_way_of_undoing_its_creation() -> None:
    opened = await deeds.open_location(intent(), "Centre")
    location = opened.result["location"]
    closed = await deeds.close_day(intent(), date(2026, 6, 12), location)
    everywhere = await deeds.close_day(intent(), date(2026, 5, 9), None)
    moved = await deeds.move_day(intent(), everywhere.result["holiday"], location)
    assert await blockers(opened.operation_id) == [
        (moved.operation_id, "test.move_day"),
        (closed.operation_id, "test.close_day"),
    ]
    await undo(intent(), moved.operation_id)
    assert await blockers(opened.operation_id) == [(closed.operation_id, "test.close_day")]
    await undo(intent(), closed.operation_id)
    await undo(intent(), opened.operation_id)
    assert (await columns(location))["retired_at"] == NOW


async def test_undoing_a_reopening_is_refused_once_somebody_edited_what_was_open_again() -> None:
    opened = await deeds.open_location(intent(), "Centre")
    location = opened.result["location"]
    closed = await undo(intent(), opened.operation_id)
    again = await undo(intent(), closed.operation_id)
    edited = await deeds.edit(intent(), location, {"phone": "911"})
    day = await deeds.close_day(intent(), date(2026, 6, 12), location)
    assert await blockers(again.operation_id) == [
        (day.operation_id, "test.close_day"),
        (edited.operation_id, "test.edit"),
    ]


async def test_later_ones_are_undone_first_and_earlier_ones_then(centre: int) -> None:
    first = await deeds.edit(intent(), centre, {"name": "North"})
    second = await deeds.edit(intent(), centre, {"name": "South"})
    await blockers(first.operation_id)
    await undo(intent(), second.operation_id)
    assert (await columns(centre))["name"] == "North"
    await undo(intent(), first.operation_id)
    assert (await columns(centre))["name"] == "Centre"


async def test_a_redone_operation_stands_in_the_way_again(centre: int) -> None:
    first = await deeds.edit(intent(), centre, {"name": "North"})
    second = await deeds.edit(intent(), centre, {"name": "South"})
    undone = await undo(intent(), second.operation_id)
    redone = await undo(intent(), undone.operation_id)
    assert [id_ for id_, _ in await blockers(first.operation_id)] == [second.operation_id]
    await undo(intent(), redone.operation_id)
    await undo(intent(), first.operation_id)
    assert (await columns(centre))["name"] == "Centre"


async def test_a_redo_is_refused_once_somebody_edited_since_the_undo(centre: int) -> None:
    first = await deeds.edit(intent(), centre, {"name": "North"})
    undone = await undo(intent(), first.operation_id)
    edited = await deeds.edit(intent(), centre, {"name": "East"})
    assert await blockers(undone.operation_id) == [(edited.operation_id, "test.edit")]


async def test_the_order_of_edits_counts_not_the_order_in_which_operations_began(centre: int) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(op: Operation) -> None:
        began.set()
        await go_on.wait()
        await op.update(Location, centre, None, {"name": "Slow"})

    task = asyncio.create_task(deeds.script(intent(), slow))
    await began.wait()
    quick = await deeds.edit(intent(), centre, {"name": "Quick"})
    go_on.set()
    late = await task
    assert late.operation_id < quick.operation_id
    assert await blockers(quick.operation_id) == [(late.operation_id, "test.script")]
    await undo(intent(), late.operation_id)
    assert (await columns(centre))["name"] == "Quick"
    await undo(intent(), quick.operation_id)
    assert (await columns(centre))["name"] == "Centre"


async def test_what_is_undone_cannot_be_undone_again(centre: int) -> None:
    edited = await deeds.edit(intent(), centre, {"name": "North"})
    assert await undoable(edited.operation_id)
    undone = await undo(intent(), edited.operation_id)
    assert not await undoable(edited.operation_id)
    with pytest.raises(AlreadyUndone):
        await undo(intent(), edited.operation_id)
    await undo(intent(), undone.operation_id)
    with pytest.raises(AlreadyUndone):
        await undo(intent(), edited.operation_id)
    assert (await columns(centre))["name"] == "North"


async def test_the_same_undo_twice_is_done_once(centre: int) -> None:
    edited = await deeds.edit(intent(), centre, {"name": "North"})
    asked = intent()
    first = await undo(asked, edited.operation_id)
    again = await undo(asked, edited.operation_id)
    assert (first.replayed, again.replayed, again.operation_id) == (False, True, first.operation_id)
    other = await deeds.edit(intent(), centre, {"phone": "911"})
    with pytest.raises(IntentReused):
        await undo(asked, other.operation_id)


async def test_undos_at_once_end_as_one(centre: int) -> None:
    edited = await deeds.edit(intent(), centre, {"name": "North"})
    answers = await asyncio.gather(*(undo(intent(), edited.operation_id) for _ in range(20)), return_exceptions=True)
    assert [type(answer) for answer in answers].count(AlreadyUndone) == 19
    assert await db.fetchval("SELECT count(*) FROM operation WHERE undoes IS NOT NULL") == 1
    assert (await columns(centre))["version"] == 3


async def test_one_undo_sent_twenty_times_at_once_is_done_once(centre: int) -> None:
    for n in range(10):
        edited = await deeds.edit(intent(), centre, {"name": f"North {n}"})
        asked = intent()
        outcomes = await asyncio.gather(*(undo(asked, edited.operation_id) for _ in range(20)))
        assert len({outcome.operation_id for outcome in outcomes}) == 1
        assert (await columns(centre))["version"] == 2 * n + 3


async def test_an_edit_and_an_undo_at_once_never_lose_the_edit(centre: int) -> None:
    for n in range(10):
        edited = await deeds.edit(intent(), centre, {"name": f"North {n}"})
        later, undone = await asyncio.gather(
            deeds.edit(intent(), centre, {"name": f"South {n}"}),
            undo(intent(), edited.operation_id),
            return_exceptions=True,
        )
        assert not isinstance(later, BaseException)
        assert (await columns(centre))["name"] == f"South {n}"
        assert not isinstance(undone, BaseException) or isinstance(undone, HasDependants)


async def test_undo_takes_the_permission_of_what_it_undoes(centre: int) -> None:
    edited = await deeds.edit(intent(), centre, {"name": "North"})
    final = await deeds.edit_for_good(intent(), centre, 3)
    for done in (edited, final):
        with pytest.raises(Forbidden) as refused:
            await undo(intent(ANNA.actor), done.operation_id)
        assert refused.value.params == {"permission": CHANGE}
    undone = await undo(intent(), edited.operation_id)
    with pytest.raises(Forbidden):
        await undo(intent(ANNA.actor), undone.operation_id)
    rows = await db.fetch("SELECT kind, key FROM refusal")
    assert [tuple(row) for row in rows] == [("operation.undo", "refused.forbidden")] * 3


async def test_what_is_final_cannot_be_undone(centre: int) -> None:
    done = await deeds.edit_for_good(intent(), centre, 3)
    assert not await undoable(done.operation_id)
    with pytest.raises(NotUndoable):
        await undo(intent(), done.operation_id)
    assert (await columns(centre))["notice_hours"] == 3
    assert await db.fetchval("SELECT key FROM refusal") == "refused.not_undoable"


async def test_what_is_compensated_stands_and_its_correction_is_posted() -> None:
    said = await deeds.say(intent())
    corrected = await undo(intent(), said.operation_id)
    assert corrected.effects == (Effect("test.corrected", {"operation": said.operation_id}),)
    assert await db.fetchval("SELECT undoes FROM operation WHERE id = $1", corrected.operation_id) == (
        said.operation_id
    )


@pytest.mark.parametrize(
    "erase",
    ["DELETE FROM former", "UPDATE former SET values = values - 'phone'", "UPDATE former SET values = '{}'"],
)
async def test_an_edit_whose_former_values_were_erased_cannot_be_undone(
    erase: str, centre: int, as_superuser: asyncpg.Connection
) -> None:
    edited = await deeds.edit(intent(), centre, {"name": "North", "phone": "911"})
    await as_superuser.execute("SET session_replication_role = replica")
    await as_superuser.execute(erase)
    with pytest.raises(NotUndoable):
        await undo(intent(), edited.operation_id)
    row = await columns(centre)
    assert (row["name"], row["phone"]) == ("North", "911")


async def test_a_secret_that_was_never_kept_cannot_be_brought_back() -> None:
    done = await deeds.set_password(intent(), BORIS.id, Secret("second"))
    with pytest.raises(NotUndoable):
        await undo(intent(), done.operation_id)
    assert await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", BORIS.id) == "second"


async def test_what_a_constraint_forbids_now_is_refused_whole(centre: int) -> None:
    """Somebody took the name meanwhile."""
    edited = await deeds.edit(intent(), centre, {"name": "North", "phone": "911"})
    await factories.location("Centre")
    with pytest.raises(Exception, match=r"location_name_key|refused\.invalid"):
        await undo(intent(), edited.operation_id)
    row = await columns(centre)
    assert (row["name"], row["phone"]) == ("North", "911")


async def test_an_operation_that_never_was_cannot_be_found_or_undone() -> None:
    with pytest.raises(NotFound):
        await undo(intent(), OperationId(404))
    with pytest.raises(NotFound):
        await find(OperationId(404))


async def test_the_database_itself_refuses_a_second_undo_and_one_of_the_future(
    centre: int, as_owner: asyncpg.Connection
) -> None:
    edited = await deeds.edit(intent(), centre, {"name": "North"})
    await undo(intent(), edited.operation_id)
    insert = (
        "INSERT INTO operation (kind, actor, intent_id, payload_hash, at, undoes)"
        " VALUES ('operation.undo', 1, $1, sha256(''), now(), $2)"
    )
    with pytest.raises(asyncpg.UniqueViolationError, match="operation_undoes_key"):
        await as_owner.execute(insert, uuid4(), edited.operation_id)
    with pytest.raises(asyncpg.CheckViolationError, match="operation_order_check"):
        await as_owner.execute(insert, uuid4(), edited.operation_id + 1_000)


async def test_a_previewed_undo_that_changed_meanwhile_is_refused(centre: int) -> None:
    done = await deeds.open_and_edit(intent(), "North", centre)
    shown = await undo(intent(preview=True), done.operation_id)
    assert shown.fingerprint
    asked = replace(intent(), expected="0" * 64)
    with pytest.raises(Exception, match=r"refused\.changed"):
        await undo(asked, done.operation_id)
    assert (await columns(centre))["notice_hours"] == 4


async def test_what_another_one_has_by_now_is_in_the_way_of_an_undo_that_would_bring_it_back(centre: int) -> None:
    renamed = await deeds.edit(intent(), centre, {"name": "North"})
    closed = await deeds.edit(intent(), centre, {"retired_at": NOW})
    assert await undoable(closed.operation_id)
    other = await factories.location("South", retired_at=NOW)
    taken = await deeds.edit(intent(), other, {"name": "NORTH", "retired_at": None})
    assert not await undoable(closed.operation_id)
    assert await blockers(closed.operation_id) == [(taken.operation_id, "test.edit")]
    assert (await barred([closed.operation_id]))[closed.operation_id].later == [taken.operation_id]
    again = await deeds.edit(intent(), other, {"name": "West"})
    assert await undoable(closed.operation_id)
    await undo(intent(), closed.operation_id)
    third = (await deeds.open_location(intent(), "Centre")).operation_id
    assert await blockers(renamed.operation_id) == [(third, "test.open")]
    assert again.operation_id < third


async def test_a_closed_day_everywhere_is_another_key_than_one_at_a_location(centre: int) -> None:
    day = date(2026, 6, 12)
    everywhere = (await deeds.close_day(intent(), day, None)).result["holiday"]
    moved = await deeds.move_day(intent(), everywhere, centre)
    assert await undoable(moved.operation_id)
    again = await deeds.close_day(intent(), day, None)
    assert await blockers(moved.operation_id) == [(again.operation_id, "test.close_day")]


async def test_every_key_that_only_one_row_in_use_has_is_declared() -> None:
    rows = await db.fetch(
        "SELECT i.indrelid::regclass::text AS entity, count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indisunique AND i.indpred IS NOT NULL AND i.indrelid::regclass::text = ANY($1::text[]) GROUP BY 1",
        sorted(Entity.by_name),
    )
    found = {row["entity"]: row["count"] for row in rows}
    comes_back_elsewhere = {
        "assignment",
        "booking",
        "loyalty_entry",
        "loyalty_pause",
        "series_clash",
        "series_skip",
        "ticket_remedy",
        "visit_line",
    }
    assert {name: count for name, count in found.items() if name not in comes_back_elsewhere} == {
        name: len(keys) for name, keys in Entity.keys.items()
    }
