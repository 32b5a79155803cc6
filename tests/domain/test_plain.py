"""Values as plain JSON: what a payload's hash and the former values are made of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import Enum, IntEnum, StrEnum
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain import secret
from console.domain.business.tables import Business, Location
from console.domain.money import Money
from console.domain.plain import canonical, from_plain, to_plain
from console.domain.secret import Aside, Secret
from console.domain.tables import Change, OperationRow


class Role(StrEnum):
    OWNER = "owner"


class Rank(IntEnum):
    FIRST = 1


class Opening(Enum):
    MORNING = time(8, 30)


@dataclass(frozen=True)
class Form:
    name: str
    price: Money
    password: Secret


MOMENT = datetime(2026, 5, 12, 9, 30, tzinfo=UTC)
INTENT = UUID("0b1c2d3e-0000-4000-8000-000000000001")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (7, 7),
        ("Ёлка", "Ёлка"),
        (Role.OWNER, "owner"),
        (Rank.FIRST, 1),
        (Opening.MORNING, "08:30:00"),
        (date(2026, 5, 12), "2026-05-12"),
        (time(9, 30), "09:30:00"),
        (MOMENT, "2026-05-12T09:30:00+00:00"),
        (MOMENT.astimezone(timezone(timedelta(hours=3))), "2026-05-12T09:30:00+00:00"),
        (INTENT, "0b1c2d3e-0000-4000-8000-000000000001"),
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ((1, "a"), [1, "a"]),
        ({"b", "a"}, ["a", "b"]),
        ({Role.OWNER: (1,)}, {"owner": [1]}),
        (
            Form("Anna", Money(5, "EUR"), Secret("x")),
            {"name": "Anna", "price": {"minor": 5, "currency": "EUR"}, "password": "•"},
        ),
    ],
)
def test_a_value_has_one_plain_form(value: object, plain: object) -> None:
    assert to_plain(value) == plain
    json.dumps(to_plain(value))


@pytest.mark.parametrize("value", [1.5, object(), Form, {"at": 0.1}])
def test_a_value_without_a_plain_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no plain form"):
        to_plain(value)


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        to_plain({"at": datetime(2026, 5, 12, 9, 30)})


def test_a_hash_does_not_depend_on_the_order_of_keys_or_on_secrets() -> None:
    assert canonical({"a": 1, "b": {"c": 2, "d": 3}}) == canonical({"b": {"d": 3, "c": 2}, "a": 1})
    assert canonical({"password": Secret("one")}) == canonical({"password": Secret("two")})
    assert canonical({"a": 1}) != canonical({"a": 2})
    assert b"one" not in canonical(Secret("one"))


def test_under_an_intent_secrets_are_told_apart_by_a_key_and_under_each_intent_otherwise() -> None:
    one = canonical({"password": Secret("one")}, INTENT)
    assert one == canonical({"password": Secret("one")}, INTENT)
    assert one != canonical({"password": Secret("two")}, INTENT)
    assert one != canonical({"password": Secret("one")}, uuid4())
    assert canonical({"hash": Aside("one")}, INTENT) == canonical({"hash": Aside("two")}, INTENT)
    key = secret._key
    secret.use_key(b"another key")
    assert one != canonical({"password": Secret("one")}, INTENT)
    secret.use_key(key)


def test_a_secret_is_not_shown() -> None:
    assert "hunter2" not in f"{Secret('hunter2')} {Secret('hunter2')!r} {Form('A', Money(1, 'EUR'), Secret('hunter2'))}"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Location.name, "Центр"),
        (Location.retired_at, MOMENT),
        (Location.retired_at, None),
        (Location.hours, [[[540, 1080]], [], [], [], [], [], []]),
        (Location.notice_hours, 24),
        (Business.languages, ["en", "ru"]),
        (Business.demo, False),
        (Business.logo, 3),
        (Change.entity_id, 2**40),
        (OperationRow.intent_id, INTENT),
    ],
)
def test_a_columns_value_comes_back_from_its_plain_form(column: Any, value: object) -> None:
    assert from_plain(column, json.loads(json.dumps(to_plain(value)))) == value


def test_what_the_database_answers_for_json_is_read() -> None:
    assert from_plain(Location.hours, "[[], [[540, 1080]]]") == [[], [[540, 1080]]]


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=12,
)


@given(plain_values)
def test_what_is_plain_stays_as_it_is_and_has_one_spelling(value: object) -> None:
    assert to_plain(value) == value
    assert json.loads(canonical(value)) == value
