"""`console doctor`: every check of every concept, in words. A new concept adds its `checks.py` here."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from console import schema, versions
from console.domain import db
from console.domain.audit import checks as audit
from console.domain.booking import checks as booking
from console.domain.business import checks as business
from console.domain.clients import checks as clients
from console.domain.desk import checks as desk
from console.domain.imports import checks as imports
from console.domain.loyalty import checks as loyalty
from console.domain.messages import checks as messages
from console.domain.team import checks as team
from console.domain.tickets import checks as tickets
from console.domain.visits import checks as visits
from console.domain.visits import fees_checks as fees
from console.reaching import database

PATIENCE = 15 * 60
"""Seconds that a check may take: it reads everything there is."""

FIRST_OF_OURS = 16384
"""Objects with lower ids came with the server, and `pg_dump` leaves them out (FirstNormalObjectId of PostgreSQL)."""

Check = Callable[[], Awaitable[Sequence[str]]]


async def it_is_of_this_version() -> list[str]:
    """The database has the migrations and the kinds of operation that this code knows."""
    try:
        await versions.check()
    except versions.OtherVersion as error:
        return [str(error)]
    return []


async def the_schema_is_the_agreed_one() -> list[str]:
    """Every table, column, constraint, index, trigger and function is there as agreed, and nothing else."""
    return list(await schema.differences())


async def extensions_are_dumped() -> list[str]:
    """A dump of the database brings the extensions that its constraints and indexes need."""
    rows = await db.fetch(
        "SELECT extname FROM pg_extension WHERE oid < $1 AND extname <> 'plpgsql' ORDER BY 1", FIRST_OF_OURS
    )
    return [
        f"pg_dump leaves out {row['extname']}, which an older console made: before a dump is restored, run"
        f" CREATE EXTENSION {row['extname']} in the new database, or it comes without what needs it"
        for row in rows
    ]


CHECKS: tuple[Check, ...] = (
    it_is_of_this_version,
    the_schema_is_the_agreed_one,
    extensions_are_dumped,
    *audit.CHECKS,
    *business.CHECKS,
    *team.CHECKS,
    *clients.CHECKS,
    *messages.CHECKS,
    *booking.CHECKS,
    *loyalty.CHECKS,
    *visits.CHECKS,
    *fees.CHECKS,
    *tickets.CHECKS,
    *desk.CHECKS,
    *imports.CHECKS,
)


@dataclass(frozen=True)
class Finding:
    """A check, what it promises, and where the promise is broken (nowhere: all is well)."""

    check: str
    promise: str
    broken: Sequence[str]


def promise_of(check: Check) -> str:
    """What a check promises, as one line: what its docstring says besides is for who reads the code."""
    promise, *_ = (inspect.getdoc(check) or "").split("\n\n")
    return " ".join(promise.split()).rstrip(".")


async def examine(url: str) -> list[Finding]:
    """Run every check on a database; where it is of another version, nothing else can be said of it.

    Raises `ServiceError` where it cannot be used.
    """
    findings: list[Finding] = []
    async with database(url, patience=PATIENCE):
        for check in CHECKS:
            findings.append(Finding(check.__name__, promise_of(check), await check()))
            if check is it_is_of_this_version and findings[-1].broken:
                break
    return findings
