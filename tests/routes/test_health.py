"""Whether the process is ready."""

from __future__ import annotations

import asyncpg
import pytest

from tests.page import Visitor


async def test_it_is_ready_on_a_database_of_its_version(stranger: Visitor) -> None:
    answer = await stranger.http.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (200, "ok")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("INSERT INTO migration (name, app_name) VALUES ('9999-12-31', 'console')", "newer version"),
        ("INSERT INTO operation_kind (name) VALUES ('of.tomorrow')", "newer version"),
        ("DELETE FROM migration WHERE id = (SELECT max(id) FROM migration)", "console migrate"),
    ],
    ids=["a newer migration", "a newer kind", "a migration that is missing"],
)
async def test_it_is_not_ready_on_a_database_of_another_version(
    stranger: Visitor, as_owner: asyncpg.Connection, statement: str, words: str
) -> None:
    await as_owner.execute(statement)
    answer = await stranger.http.get("/readyz")
    assert answer.status_code == 503
    assert words in answer.json()["database"]
