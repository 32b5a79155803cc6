"""Roles, who manages whom, and what a password must be."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.team.rules import (
    MAX_PASSWORD,
    MIN_PASSWORD,
    PERMISSIONS,
    Permission,
    Role,
    may_manage,
    password_problem,
)

ABOUT = ("Oleg Ёлкин", "oleg.y")


def test_a_role_holds_every_permission_of_those_below_it_and_the_owner_holds_all() -> None:
    for lower, higher in pairwise(Role):
        assert PERMISSIONS[lower] <= PERMISSIONS[higher]
    assert PERMISSIONS[Role.OWNER] == set(Permission)


@pytest.mark.parametrize("word", ["staff:read", "staff:change", "audit:read", "business:change", "mailbox:read"])
def test_the_front_desk_and_support_do_not_run_the_business(word: str) -> None:
    assert word not in PERMISSIONS[Role.FRONT_DESK] | PERMISSIONS[Role.SUPPORT]


def test_an_owner_manages_everybody_and_everybody_else_those_below() -> None:
    managed = {role: [other for other in Role if may_manage(role, other)] for role in Role}
    assert managed == {
        Role.FRONT_DESK: [],
        Role.SUPPORT: [Role.FRONT_DESK],
        Role.MANAGER: [Role.FRONT_DESK, Role.SUPPORT],
        Role.OWNER: list(Role),
    }


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("x" * (MIN_PASSWORD - 1), "problem.password_short"),
        ("ab cd ef gh " * 20, "problem.too_long"),
        ("abababababab", "problem.password_common"),
        ("QWERTYUIOP", "problem.password_common"),
        ("Йцукенгшщз", "problem.password_common"),
        ("Password2026!", "problem.password_common"),
        ("12345678901234", "problem.password_common"),
        ("98765432109876", "problem.password_common"),
        ("vhuqvhuqvhuq", "problem.password_common"),
        ("йцукенгшщзхъфыв", "problem.password_common"),
        ("Наташа12345", "problem.password_common"),
        ("oleg ёлкин!", "problem.password_personal"),
        ("OLEG.Y12345", None),
        ("xxoleg ёлкин", "problem.password_personal"),
        ("five visits make one free", None),
        ("олег моет окна по субботам", None),
    ],
)
def test_a_password_is_refused_for_a_reason(password: str, key: str | None) -> None:
    problem = password_problem(password, ABOUT)
    assert (problem.key if problem else None) == key


@pytest.mark.parametrize(
    "password",
    ["OlgaKirsanova", "olgakirsanova", "KirsanovaOlga", "kirsanova.olga", "Olga  Kirsanova1", "olga_kirsanova_24"],
)
def test_ones_own_full_name_is_no_password_in_whatever_case_and_order(password: str) -> None:
    problem = password_problem(password, ("Olga Kirsanova", "ok", "ok@fifth.example"))
    assert problem
    assert problem.key == "problem.password_personal"
    assert password_problem("olga moet okna po subbotam", ("Olga Kirsanova", "ok", "ok@fifth.example")) is None


@given(st.text(min_size=0, max_size=MAX_PASSWORD + 50), st.text(max_size=30))
def test_every_text_is_either_a_password_or_has_one_problem(password: str, about: str) -> None:
    problem = password_problem(password, (about,))
    if problem is None:
        assert MIN_PASSWORD <= len(password) <= MAX_PASSWORD
    else:
        assert problem.key.startswith("problem.")
