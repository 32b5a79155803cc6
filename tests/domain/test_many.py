"""Many rows at once are written as one after the other would be: with their trail, and with those who look on."""

from __future__ import annotations

import pytest

from console.domain import db
from console.domain.undo import undo
from tests.domain import deeds
from tests.domain.deeds import columns, intent

pytestmark = pytest.mark.usefixtures("kernel")

NAMES = ["Centre", "North", "South"]


async def trail(operation: int) -> list[tuple[str, int, list[str], bool]]:
    sql = "SELECT entity, entity_id, fields, created FROM change WHERE operation = $1 ORDER BY id"
    rows = await db.fetch(sql, operation)
    return [tuple(row) for row in rows]


async def test_each_row_has_its_id_in_the_order_given_and_its_line_in_the_trail() -> None:
    done = await deeds.open_all(intent(), NAMES)
    assert [(await columns(one))["name"] for one in done.result] == NAMES
    assert await trail(done.operation_id) == [("location", one, [], True) for one in done.result]
    row = await columns(done.result[2])
    assert (row["version"], row["operation"], row["notice_hours"]) == (1, done.operation_id, 2)


async def test_none_at_all_is_nothing_written() -> None:
    assert (await deeds.open_all(intent(), [])).result == []


async def test_what_is_made_together_is_undone_together() -> None:
    done = await deeds.open_all(intent(), NAMES)
    await undo(intent(), done.operation_id)
    assert await db.fetchval("SELECT count(*) FROM location WHERE retired_at IS NULL") == 0


async def test_an_edit_of_many_keeps_what_each_of_them_was_and_is_undone() -> None:
    made = (await deeds.open_all(intent(), NAMES)).result
    done = await deeds.edit_all(intent(), made, {"notice_hours": 48, "phone": "112"})
    assert await trail(done.operation_id) == [("location", one, ["notice_hours", "phone"], False) for one in made]
    assert [(await columns(one))["version"] for one in made] == [2, 2, 2]
    await undo(intent(), done.operation_id)
    assert [(await columns(one))["notice_hours"] for one in made] == [0, 1, 2]


async def test_what_others_look_on_at_is_edited_one_after_the_other_unless_they_are_not_told() -> None:
    made = (await deeds.open_all(intent(), NAMES)).result
    with pytest.raises(RuntimeError, match="looked on"):
        await deeds.edit_all(intent(), made, {"notice_hours": 48}, quietly=False)
    assert (await columns(made[0]))["notice_hours"] == 0
