"""Any sequence of edits, retirements, undos and redos ends as a small model says."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain.errors import AlreadyUndone, HasDependants
from console.domain.ids import OperationId
from console.domain.undo import undo, undoable
from tests.cast import NOW
from tests.domain import deeds
from tests.domain.deeds import columns, intent

FIELDS = ("phone", "address", "notice_hours", "retired_at")
Place = tuple[int, str]
"""A field of a location."""


@dataclass
class Past:
    """An operation, the marks that it found and left on the fields it changed, and all marks afterwards."""

    id: OperationId
    before: dict[Place, int]
    after: dict[Place, int]
    everything: dict[Place, int]
    retires: set[int]
    """The locations that its undo would retire."""
    undone: bool = False


@dataclass
class Model:
    """Each write of a field leaves a new mark; an undo puts the old mark back, if its own is still there."""

    values: dict[int, Any] = field(default_factory=dict)
    marks: dict[Place, int] = field(default_factory=dict)
    past: list[Past] = field(default_factory=list)
    fresh: Any = field(default_factory=lambda: count(1))

    def mark(self, value: Any) -> int:
        number = next(self.fresh)
        self.values[number] = value
        return number

    def showing(self, location: int) -> dict[str, Any]:
        return {name: self.values[self.marks[location, name]] for name in FIELDS}

    def did(self, id: OperationId, after: dict[Place, int], created: int | None = None) -> None:
        before = {place: self.marks.get(place, 0) for place in after}
        self.marks |= after
        retires = {where for (where, name), mark in before.items() if name == "retired_at" and self.values.get(mark)}
        self.past.append(Past(id, before, after, dict(self.marks), retires | ({created} if created else set())))

    def may_undo(self, past: Past) -> bool:
        places = set(past.after) | {(where, name) for where in past.retires for name in FIELDS}
        return all(self.marks[place] == past.everything[place] for place in places)


class World:
    """The kernel and the model side by side."""

    def __init__(self) -> None:
        self.model = Model()
        self.locations: list[int] = []
        self.created: dict[OperationId, int] = {}

    async def open(self) -> None:
        outcome = await deeds.open_location(intent(), f"Shop {next(names)}", 24)
        location = outcome.result["location"]
        self.locations.append(location)
        values = {"phone": None, "address": None, "notice_hours": 24, "retired_at": None}
        marks = {(location, name): self.model.mark(value) for name, value in values.items()}
        self.model.did(outcome.operation_id, marks, created=location)
        self.created[outcome.operation_id] = location

    async def edit(self, which: int, values: dict[str, Any]) -> None:
        location = self.locations[which % len(self.locations)]
        shown = self.model.showing(location)
        outcome = await deeds.edit(intent(), location, values)
        changed = {name: value for name, value in values.items() if shown[name] != value}
        assert outcome.result == sorted(changed)
        marks = {(location, name): self.model.mark(value) for name, value in changed.items()}
        self.model.did(outcome.operation_id, marks)

    async def undo(self, which: int) -> None:
        past = self.model.past[which % len(self.model.past)]
        if past.undone:
            with pytest.raises(AlreadyUndone):
                await undo(intent(), past.id)
        elif not self.model.may_undo(past):
            with pytest.raises(HasDependants) as refused:
                await undo(intent(), past.id)
            named = [id_ for id_, _, _ in refused.value.operations]
            assert named == sorted(named, reverse=True)
            assert past.id < min(named)
        else:
            outcome = await undo(intent(), past.id)
            past.undone = True
            if past.id in self.created:
                retired = (self.created[past.id], "retired_at")
                self.model.did(outcome.operation_id, {retired: self.model.mark(NOW)})
            else:
                self.model.did(outcome.operation_id, past.before)

    async def stands(self) -> dict[int, dict[str, Any]]:
        """The locations as the database has them."""
        rows = {location: await columns(location) for location in self.locations}
        return {location: {name: row[name] for name in FIELDS} for location, row in rows.items()}

    def meant(self) -> dict[int, dict[str, Any]]:
        """The same as the model has them."""
        return {location: self.model.showing(location) for location in self.locations}

    async def offered(self) -> list[OperationId]:
        """What somebody is offered to undo."""
        return [past.id for past in self.model.past if await undoable(past.id)]

    def standing(self) -> list[OperationId]:
        """What the model would undo."""
        return [past.id for past in self.model.past if not past.undone and self.model.may_undo(past)]


names = count(1)
steps = st.one_of(
    st.tuples(st.just("open")),
    st.tuples(
        st.just("edit"),
        st.integers(0, 2),
        st.fixed_dictionaries(
            {},
            optional={
                "phone": st.sampled_from([None, "112", "911"]),
                "address": st.sampled_from([None, "Mira 1"]),
                "notice_hours": st.integers(1, 3),
                "retired_at": st.sampled_from([None, NOW]),
            },
        ),
    ),
    st.tuples(st.just("undo"), st.integers(0, 30)),
    st.tuples(st.just("undo"), st.integers(-4, -1)),
)


@given(st.lists(steps, max_size=25))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_sequence_of_edits_and_undos_ends_as_the_model_says(kernel: None, sequence: list[Any]) -> None:
    world = World()
    await world.open()
    for step, *arguments in sequence:
        await getattr(world, step)(*arguments)
        assert await world.stands() == world.meant()
    assert await world.offered() == world.standing()


async def test_the_model_itself_refuses_what_was_edited_since(kernel: None) -> None:
    """So that the property above cannot come to mean nothing."""
    world = World()
    await world.open()
    await world.edit(0, {"phone": "112"})
    await world.edit(0, {"phone": "911"})
    first, second = world.model.past[1:3]
    assert (world.model.may_undo(first), world.model.may_undo(second)) == (False, True)
    await world.undo(2)
    assert world.model.may_undo(first)
    await world.undo(1)
    assert world.model.showing(world.locations[0])["phone"] is None
