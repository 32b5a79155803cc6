"""Two hundred people add the same thing at the very moment: one has it, the others are told at the field."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from console.domain import db
from tests.cast import OLEG
from tests.page import Visitor, read
from tests.routes.conftest import SignIn
from tests.words import say

MANY = 200


@pytest.mark.parametrize(
    ("path", "typed", "same", "problem", "counted"),
    [
        (
            "/settings/staff",
            {"name": "New Person", "email": "new@fifth.example", "role": "support"},
            "email",
            "problem.email_taken",
            "SELECT count(*) FROM staff WHERE email = 'new@fifth.example'",
        ),
        (
            "/catalogue/services",
            {"name_en": "Deep clean", "code": "DEEP", "minutes": "60", "price": "10"},
            "code",
            "problem.code_taken",
            "SELECT count(*) FROM service",
        ),
        (
            "/catalogue/products",
            {"name_en": "Glass spray", "code": "{}", "barcode": "4006381333931", "price": "10"},
            "barcode",
            "problem.barcode_taken",
            "SELECT count(*) FROM product",
        ),
    ],
    ids=["a staff email", "a service's code", "a product's barcode"],
)
async def test_two_hundred_at_once_make_one_and_the_others_are_told_at_the_field(
    sign_in: SignIn, path: str, typed: dict[str, str], same: str, problem: str, counted: str
) -> None:
    visitor = await sign_in(OLEG)
    fields = (await visitor.open(f"{path}/new")).fields(path)

    async def add(number: int) -> tuple[int, str]:
        values = {name: [value.format(f"C{number}")] for name, value in typed.items()}
        return await answer(visitor, path, {**fields, **values, "intent": [str(uuid4())]}, same)

    answers = Counter(await asyncio.gather(*map(add, range(MANY))))
    assert answers == {(303, ""): 1, (422, say(problem)): MANY - 1}
    assert await db.fetchval(counted) == 1
    assert await db.fetchval("SELECT count(*) FROM refusal") == MANY - 1


async def answer(visitor: Visitor, path: str, fields: dict[str, list[str]], field: str) -> tuple[int, str]:
    """The status of a form sent, and what it says at a field."""
    page = read(await visitor.http.post(path, data=fields))
    return page.status, page.error(field) if page.status == 422 else ""
