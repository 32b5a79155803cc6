"""What `console doctor` says of the team."""

from __future__ import annotations

import asyncpg
import pytest

from console.domain.team import checks
from console.domain.team.queries import has_owner
from tests import factories
from tests.cast import NOW, OLEG, VERA

pytestmark = pytest.mark.usefixtures("database")


async def test_before_anybody_has_a_password_there_is_nothing_to_say() -> None:
    assert await checks.somebody_owns_the_business() == []
    await factories.staff(OLEG, password_hash=None)
    assert await checks.somebody_owns_the_business() == []
    assert not await has_owner()


@pytest.mark.parametrize("columns", [{"password_hash": None}, {"retired_at": NOW}, {"role": "manager"}], ids=str)
async def test_it_sees_that_no_owner_can_sign_in(columns: dict[str, object]) -> None:
    await factories.staff(VERA)
    await factories.staff(OLEG, **columns)
    [finding] = await checks.somebody_owns_the_business()
    assert "console staff link" in finding
    assert not await has_owner()


async def test_an_owner_with_a_password_owns_the_business() -> None:
    await factories.staff(VERA)
    await factories.staff(OLEG)
    assert await checks.somebody_owns_the_business() == []
    assert await has_owner()


async def test_in_a_demo_an_owner_needs_no_password(as_owner: asyncpg.Connection) -> None:
    await as_owner.execute("UPDATE business SET demo = true")
    await factories.staff(VERA)
    await factories.staff(OLEG, password_hash=None)
    assert await checks.somebody_owns_the_business() == []
    assert await has_owner()
    assert not await has_owner(by_password=True)
