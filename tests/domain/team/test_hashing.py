"""How passwords are kept."""

from __future__ import annotations

import asyncio

import pytest
from argon2 import extract_parameters

from console.domain.secret import Secret
from console.domain.team import hashing


async def test_a_password_is_kept_as_argon2id_at_the_agreed_cost_and_under_its_own_salt() -> None:
    one, other = [await hashing.hashed(Secret("five visits make one free")) for _ in range(2)]
    assert one != other
    assert one.startswith("$argon2id$")
    cost = extract_parameters(one)
    assert (cost.memory_cost, cost.time_cost, cost.parallelism) == (19 * 1024, 2, 1)
    assert await hashing.matches(one, Secret("five visits make one free"))
    assert not await hashing.matches(one, Secret("five visits make none free"))


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=1"])
async def test_what_is_no_hash_matches_nothing(stored: str | None) -> None:
    assert not await hashing.matches(stored, Secret("nobody has this password"))


async def test_four_at_a_time_are_hashed_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    running = most = 0

    async def counted(work: object, *args: object) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        return ""

    monkeypatch.setattr(asyncio, "to_thread", counted)
    await asyncio.gather(*(hashing.hashed(Secret("x")) for _ in range(40)))
    assert most == 4


def test_a_secret_does_not_show_itself() -> None:
    assert "five visits" not in f"{Secret('five visits')!r} {Secret('five visits')}"
