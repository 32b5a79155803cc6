"""`console doctor`: every check of every concept, in words. A new concept adds its `checks.py` here."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from console import versions
from console.domain.audit import checks as audit
from console.domain.booking import checks as booking
from console.domain.business import checks as business
from console.domain.clients import checks as clients
from console.domain.desk import checks as desk
from console.domain.team import checks as team
from console.reaching import database

PATIENCE = 15 * 60
"""Seconds that a check may take: it reads everything there is."""

Check = Callable[[], Awaitable[Sequence[str]]]


async def it_is_of_this_version() -> list[str]:
    """The database has the migrations and the kinds of operation that this code knows."""
    try:
        await versions.check()
    except versions.OtherVersion as error:
        return [str(error)]
    return []


CHECKS: tuple[Check, ...] = (
    it_is_of_this_version,
    *audit.CHECKS,
    *business.CHECKS,
    *team.CHECKS,
    *clients.CHECKS,
    *booking.CHECKS,
    *desk.CHECKS,
)


@dataclass(frozen=True)
class Finding:
    """A check, what it promises, and where the promise is broken (nowhere: all is well)."""

    check: str
    promise: str
    broken: Sequence[str]


async def examine(url: str) -> list[Finding]:
    """Run every check on a database; where it is of another version, nothing else can be said of it.

    Raises `ServiceError` where it cannot be used.
    """
    findings: list[Finding] = []
    async with database(url, patience=PATIENCE):
        for check in CHECKS:
            findings.append(Finding(check.__name__, (inspect.getdoc(check) or "").rstrip("."), await check()))
            if check is it_is_of_this_version and findings[-1].broken:
                break
    return findings
