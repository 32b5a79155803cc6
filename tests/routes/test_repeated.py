"""Fields that come several times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.errors import Invalid
from console.routes import _fields as f
from console.routes._repeated import Repeated, read_rows

PETS = Repeated("pets", "field.tags", 3, (f.text("name", label="field.name"), f.text("kind", label="field.kind")))
WORDS = st.one_of(st.none(), st.sampled_from(["a", "b", "c"]))
ROW = st.fixed_dictionaries({"name": st.text("abcd", min_size=1), "kind": WORDS})


def typed(*rows: tuple[str | None, str | None]) -> dict[str, str | None]:
    values: dict[str, str | None] = {name.name: None for name in PETS.spec}
    for number, (name, kind) in enumerate(rows, 1):
        values |= {f"pets_{number}_name": name, f"pets_{number}_kind": kind}
    return values


@given(st.lists(ROW, max_size=3, unique_by=lambda row: row["name"]))
def test_what_is_shown_is_read_again(rows: list[dict[str, str | None]]) -> None:
    values = {one.name: None for one in PETS.spec} | PETS.values(rows)
    assert read_rows(values, PETS) == [rows]


def test_a_row_left_out_between_two_is_nothing() -> None:
    assert read_rows(typed(("Tom", None), (None, None), ("Rex", "dog")), PETS) == [
        [{"name": "Tom", "kind": None}, {"name": "Rex", "kind": "dog"}]
    ]


def test_a_row_without_its_first_field_is_none() -> None:
    assert read_rows(typed((None, "dog")), PETS) == [[]]


def test_what_stands_in_a_row_before_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read_rows(typed(("Tom", None), ("Tom", "cat"), ("Tom", "dog")), PETS)
    assert {name: what.key for name, what in refused.value.problems.items()} == {
        "pets_2_name": "problem.twice",
        "pets_3_name": "problem.twice",
    }


def test_of_an_unfinished_form_the_rows_that_are_there_are_read() -> None:
    assert PETS.filled({"pets_2_name": "Rex", "pets_3_kind": "dog"}) == [{"name": "Rex", "kind": None}]
