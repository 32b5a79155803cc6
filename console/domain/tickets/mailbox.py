"""How far the mailbox was read, and what is wrong with it. Nobody's deed: the worker keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from console.domain import db

LATE = timedelta(minutes=15)
"""How long trouble may last, or nobody look, until it is told of."""
LEASE = timedelta(minutes=3)
"""How long one worker has a mailbox for itself: longer than it may look into it."""
LONGEST_TROUBLE = 500


@dataclass(frozen=True)
class Position:
    """Of a mailbox the last mail that was read, None before the first look; `trouble` of the last look.

    Of the mails below `anew_below` only those are new that came on `anew_since` or later.
    """

    name: str
    uidvalidity: int | None = None
    last_uid: int | None = None
    anew_since: date | None = None
    anew_below: int | None = None
    polled_at: datetime | None = None
    trouble: str | None = None
    trouble_since: datetime | None = None


_COLUMNS = "name, uidvalidity, last_uid, anew_since, anew_below, polled_at, trouble, trouble_since"


async def position(name: str) -> Position:
    """How far a mailbox was read."""
    row = await db.fetchrow(f"SELECT {_COLUMNS} FROM mailbox_position WHERE name = $1", name)  # noqa: S608
    return Position(**row) if row else Position(name)


async def elsewhere(name: str) -> Position | None:
    """How far the same folder of the same person was read last under another address of its server; None: never."""
    row = await db.fetchrow(
        f"SELECT {_COLUMNS} FROM mailbox_position WHERE name <> $1 AND last_uid IS NOT NULL"  # noqa: S608
        r" AND regexp_replace(name, ' \S+:\d+ ', ' ') = regexp_replace($1, ' \S+:\d+ ', ' ')"
        " ORDER BY polled_at DESC NULLS LAST, id DESC LIMIT 1",
        name,
    )
    return Position(**row) if row else None


async def claim(name: str, now: datetime) -> datetime | None:
    """Have a mailbox for oneself until the answer; None where somebody else has it."""
    until: datetime | None = await db.fetchval(
        "INSERT INTO mailbox_position AS p (name, claimed_until) VALUES ($1, $3)"
        " ON CONFLICT (name) DO UPDATE SET claimed_until = $3"
        "  WHERE p.claimed_until IS NULL OR p.claimed_until <= $2 RETURNING claimed_until",
        name,
        now,
        now + LEASE,
    )
    return until


async def release(name: str, until: datetime) -> None:
    """Let others have a mailbox that one had until then."""
    await db.execute(
        "UPDATE mailbox_position SET claimed_until = NULL WHERE name = $1 AND claimed_until = $2", name, until
    )


async def begin(name: str, uid: int) -> int:
    """Note that a mail is begun with, before anything of it is asked; how often by now nobody came to an end."""
    tries: int = await db.fetchval(
        "UPDATE mailbox_position SET tries = CASE WHEN trying = $2 THEN tries + 1 ELSE 1 END, trying = $2"
        " WHERE name = $1 RETURNING tries",
        name,
        uid,
    )
    return tries


async def leave(name: str) -> None:
    """Note that it is no fault of the mail that nobody came to an end with it."""
    await db.execute("UPDATE mailbox_position SET trying = NULL, tries = NULL WHERE name = $1", name)


async def moved_on(name: str, uidvalidity: int, uid: int) -> None:
    """Note that all mails up to this one are written down or set aside; never back while the numbers stay the same."""
    await db.execute(
        "INSERT INTO mailbox_position AS p (name, uidvalidity, last_uid) VALUES ($1, $2, $3)"
        " ON CONFLICT (name) DO UPDATE SET uidvalidity = $2, trying = NULL, tries = NULL,"
        "  last_uid = CASE WHEN p.uidvalidity = $2 THEN greatest(p.last_uid, $3) ELSE $3 END",
        name,
        uidvalidity,
        uid,
    )


async def numbered_anew(name: str, uidvalidity: int, since: date, below: int) -> Position:
    """Note that the server gave all mails other numbers, lower than `below`: what came since a date is looked at again.

    Since an earlier one where that look was not at its end.
    """
    await db.execute(
        "UPDATE mailbox_position SET uidvalidity = $2, last_uid = 0, trying = NULL, tries = NULL, anew_below = $4,"
        " anew_since = CASE WHEN last_uid < anew_below - 1 THEN least(anew_since, $3) ELSE $3 END WHERE name = $1",
        name,
        uidvalidity,
        since,
        below,
    )
    return await position(name)


async def looked(name: str, now: datetime, trouble: str | None) -> None:
    """Note that somebody looked into a mailbox, and what was wrong."""
    await db.execute(
        "INSERT INTO mailbox_position AS p (name, polled_at, trouble, trouble_since)"
        " VALUES ($1, CASE WHEN $3::text IS NULL THEN $2::timestamptz END, $3, CASE WHEN $3 IS NOT NULL THEN $2 END)"
        " ON CONFLICT (name) DO UPDATE SET polled_at = coalesce(excluded.polled_at, p.polled_at), trouble = $3,"
        "  trouble_since = CASE WHEN $3 IS NOT NULL THEN coalesce(p.trouble_since, $2) END",
        name,
        now,
        trouble and trouble[:LONGEST_TROUBLE],
    )


async def late(name: str, now: datetime) -> bool:
    """Whether nobody could look into a mailbox for a while, or nobody did."""
    stands = await position(name)
    seen = stands.polled_at or stands.trouble_since
    return seen is not None and seen < now - LATE


async def troubled(now: datetime) -> list[Position]:
    """Mailboxes with which something has been wrong for a while."""
    rows = await db.fetch(
        f"SELECT {_COLUMNS} FROM mailbox_position WHERE trouble_since < $1 ORDER BY name",  # noqa: S608
        now - LATE,
    )
    return [Position(**row) for row in rows]


async def only(name: str | None) -> None:
    """Let nothing be wrong with mailboxes that nobody reads any more."""
    await db.execute(
        "UPDATE mailbox_position SET trouble = NULL, trouble_since = NULL"
        " WHERE name IS DISTINCT FROM $1 AND trouble IS NOT NULL",
        name,
    )
