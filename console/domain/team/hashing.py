"""Password hashes: argon2id at 19 MiB, 2 passes, 1 lane (OWASP's figures), four at a time off the event loop."""

from __future__ import annotations

import asyncio
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from console.domain.secret import Secret

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _slots(loop: asyncio.AbstractEventLoop) -> asyncio.Semaphore:
    return asyncio.Semaphore(4)


async def hashed(password: Secret) -> str:
    """The hash to store."""
    async with _slots(asyncio.get_running_loop()):
        return await asyncio.to_thread(_hasher.hash, _typed(password))


async def matches(stored: str | None, password: Secret) -> bool:
    """Whether the password is the stored one; takes as long where there is none, so that nobody learns who exists."""
    known = _nobody() if stored is None else stored
    async with _slots(asyncio.get_running_loop()):
        return await asyncio.to_thread(_matches, known, _typed(password)) and stored is not None


def _typed(password: Secret) -> str:
    """One spelling, whichever keyboard composed its letters."""
    return unicodedata.normalize("NFKC", password.value)


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
