"""The outbox of staff mail: rows are claimed with a lease, and every attempt ends in a word that staff can see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from console.domain import db
from console.domain.ids import StaffId
from console.domain.team.rules import Role
from console.domain.team.trouble import OVERDUE, Trouble

LINKED = {"invitation", "reset"}
"""Mails that are there for their link."""
LEASE = timedelta(minutes=2)
WAITS = [timedelta(minutes=m) for m in (1, 5, 30, 120, 360)]
"""How long a mail waits after each failed attempt; after the last one it has failed."""


@dataclass(frozen=True)
class Mail:
    """A mail claimed for delivery; `token` is the one-time link's, where the purpose has one.

    `role` is the reader's, `by` the colleague who did what it tells of, None where nobody else did; `renewed`: they
    were sent a letter of this purpose before.
    """

    id: int
    purpose: str
    language: str
    token: str | None
    name: str
    email: str
    business: str
    role: Role
    by: str | None
    renewed: bool
    attempts: int


_FACTS = (
    "(SELECT a.name FROM operation o JOIN staff a ON a.id = o.actor"
    "  WHERE o.id = m.operation AND a.id <> m.staff) AS by,"
    " EXISTS (SELECT FROM staff_mail f WHERE f.staff = m.staff AND f.purpose = m.purpose AND f.id < m.id) AS renewed"
)


async def claim(now: datetime, *, most: int = 20) -> list[Mail]:
    """Claim due mails; nobody else gets them while the lease runs."""
    # MATERIALIZED: a planner free to run the subquery once per joined row claims more than it was asked for.
    rows = await db.fetch(
        "WITH next AS MATERIALIZED (SELECT id FROM staff_mail"  # noqa: S608
        "  WHERE status = 'due' AND due_at <= $1 ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)"
        " UPDATE staff_mail m SET status = 'claimed', claimed_until = $2, attempts = m.attempts + 1"
        " FROM staff t, business b, next WHERE t.id = m.staff AND m.id = next.id"
        " RETURNING m.id, m.purpose, m.language, m.token, t.name, coalesce(m.address, t.email) AS email,"
        f" b.name AS business, t.role, {_FACTS}, m.attempts",
        now,
        now + LEASE,
        most,
    )
    return sorted((Mail(**{**row, "role": Role(row["role"])}) for row in rows), key=lambda mail: mail.id)


async def sent(mail: Mail, now: datetime) -> None:
    """The mail left: its link is no longer kept in clear."""
    await _end(mail, "sent", now, None)


async def kept(mail: Mail, now: datetime) -> None:
    """There is nowhere to send to: the mail stays for the mailbox page."""
    await db.execute(
        "UPDATE staff_mail SET status = 'kept', sent_at = $2 WHERE id = $1 AND status = 'claimed'", mail.id, now
    )


async def unsure(mail: Mail, why: Trouble) -> None:
    """Nobody knows whether the mail left: it is not sent again by itself."""
    await _end(mail, "unknown", None, why)


async def failed(mail: Mail, now: datetime, why: Trouble, *, for_good: bool) -> None:
    """The attempt failed: the mail waits, or has failed for good."""
    if for_good or mail.attempts > len(WAITS):
        await _end(mail, "failed", None, why)
        return
    await db.execute(
        "UPDATE staff_mail SET status = 'due', due_at = $2, error = $3 WHERE id = $1 AND status = 'claimed'",
        mail.id,
        now + WAITS[mail.attempts - 1],
        str(why)[:500],
    )


async def take_out(mail_id: int) -> str | None:
    """Take a mail out, for whoever hands its link over otherwise; the token, None where a worker has sent it."""
    token: str | None = await db.fetchval(
        "WITH old AS (SELECT id, token FROM staff_mail WHERE id = $1 AND status IN ('due', 'kept') FOR UPDATE)"
        " UPDATE staff_mail m SET status = 'skipped', token = NULL FROM old WHERE m.id = old.id RETURNING old.token",
        mail_id,
    )
    return token


async def release(now: datetime) -> int:
    """There is a mail server now: what was kept before is due, if its link is still good. Answers how many."""
    rows = await db.fetch(
        "UPDATE staff_mail m SET status = 'due', due_at = $1, sent_at = NULL, attempts = 0"
        " WHERE status = 'kept' AND token IS NOT NULL AND EXISTS (SELECT FROM staff_token k"
        "  WHERE k.operation = m.operation AND k.staff = m.staff AND k.used_at IS NULL AND k.expires_at > $1)"
        " RETURNING id",
        now,
    )
    return len(rows)


async def park(now: datetime) -> int:
    """Mails whose worker died between claim and result: nobody knows whether they left. Answers how many."""
    rows = await db.fetch(
        "UPDATE staff_mail SET status = 'unknown', token = NULL, error = NULL"
        " WHERE status = 'claimed' AND claimed_until < $1 RETURNING id",
        now,
    )
    return len(rows)


async def _end(mail: Mail, status: str, at: datetime | None, why: Trouble | None) -> None:
    await db.execute(
        "UPDATE staff_mail SET status = $2, sent_at = $3, error = $4, token = NULL"
        " WHERE id = $1 AND status = 'claimed'",
        mail.id,
        status,
        at,
        why and str(why)[:500],
    )


@dataclass(frozen=True)
class Kept:
    """A mail as the mailbox page lists it.

    `link`: what has become of its link: `good` (until `good_until`), `handed_over` (good, though not kept here any
    more), `run_out`, or how it ended as `StaffToken` has it; None where it brings none.
    """

    id: int
    purpose: str
    language: str
    token: str | None
    name: str
    email: str
    business: str
    role: Role
    by: str | None
    renewed: bool
    status: str
    due_at: datetime
    link: str | None
    good_until: datetime | None


_KEPT = (
    "SELECT m.id, m.purpose, m.language, m.token, t.name, coalesce(m.address, t.email) AS email,"  # noqa: S608
    f" b.name AS business, t.role, {_FACTS}, m.status, m.due_at, k.expires_at AS good_until,"
    " CASE WHEN k.id IS NULL THEN NULL WHEN k.used_at IS NOT NULL THEN coalesce(k.ended, 'withdrawn')"
    "  WHEN k.expires_at <= $1 THEN 'run_out' WHEN m.token IS NULL THEN 'handed_over' ELSE 'good' END AS link"
    " FROM staff_mail m JOIN staff t ON t.id = m.staff CROSS JOIN business b"
    " LEFT JOIN staff_token k ON k.staff = m.staff AND k.operation = m.operation AND k.purpose = m.purpose"
)


async def mailbox(now: datetime, *, most: int = 100) -> list[Kept]:
    """The latest mails, newest first."""
    rows = await db.fetch(f"{_KEPT} ORDER BY m.id DESC LIMIT $2", now, most)
    return [_kept(row) for row in rows]


async def waiting_link(staff: int, now: datetime) -> str | None:
    """The token of the link last sent to somebody, while it is still kept in clear and still good."""
    token: str | None = await db.fetchval(
        "SELECT m.token FROM staff_mail m JOIN staff_token k ON k.staff = m.staff AND k.operation = m.operation"
        " WHERE m.staff = $1 AND m.token IS NOT NULL AND k.used_at IS NULL AND k.expires_at > $2"
        " ORDER BY m.id DESC LIMIT 1",
        staff,
        now,
    )
    return token


@dataclass(frozen=True)
class Waiting:
    """A link that waits to be handed over: whose it is, and whether it is for a first password or a new one."""

    staff: StaffId
    name: str
    role: Role
    purpose: str


async def waiting(now: datetime) -> list[Waiting]:
    """The links kept in clear that are still good, one for each person, the latest first."""
    rows = await db.fetch(
        "SELECT staff, name, role, purpose FROM (SELECT DISTINCT ON (m.staff) m.id, m.staff, t.name, t.role, m.purpose"
        " FROM staff_mail m JOIN staff t ON t.id = m.staff"
        " JOIN staff_token k ON k.staff = m.staff AND k.operation = m.operation"
        " WHERE m.token IS NOT NULL AND k.used_at IS NULL AND k.expires_at > $1 AND t.retired_at IS NULL"
        " ORDER BY m.staff, m.id DESC) latest ORDER BY id DESC",
        now,
    )
    return [Waiting(StaffId(row["staff"]), row["name"], Role(row["role"]), row["purpose"]) for row in rows]


SPOKEN_OF = timedelta(days=7)
"""How long a letter that failed, or nobody knows of, is spoken of where nothing has made up for it."""


@dataclass(frozen=True)
class HeldUp:
    """A letter that did not get through: whose it is, what it says, since when it waits, why, when it is next tried."""

    staff: StaffId
    name: str
    purpose: str
    status: str
    due_at: datetime
    since: datetime
    trouble: Trouble

    @property
    def brings_link(self) -> bool:
        return self.purpose in LINKED


async def held_up(now: datetime, staff: StaffId | None = None) -> list[HeldUp]:
    """The letters to those who are still here, or to one of them, that did not get through, the oldest first.

    One that failed is left out once its link is of no more use, or a later letter of its kind was written.
    """
    rows = await db.fetch(
        "SELECT m.staff, t.name, m.purpose, m.status, m.error, m.due_at, o.at AS since FROM staff_mail m"
        " JOIN staff t ON t.id = m.staff AND t.retired_at IS NULL JOIN operation o ON o.id = m.operation"
        " WHERE ($4::bigint IS NULL OR m.staff = $4) AND CASE"
        "  WHEN m.status IN ('due', 'claimed') THEN m.error IS NOT NULL OR m.due_at < $1"
        "  WHEN m.status IN ('failed', 'unknown') THEN o.at > $2 AND NOT EXISTS (SELECT FROM staff_token k"
        "   WHERE k.staff = m.staff AND k.operation = m.operation AND k.purpose = m.purpose AND k.used_at IS NOT NULL)"
        "   AND NOT EXISTS (SELECT FROM staff_mail later WHERE later.staff = m.staff AND later.id > m.id"
        "    AND (later.purpose = m.purpose OR later.purpose = ANY($3) AND m.purpose = ANY($3)))"
        "  END ORDER BY m.id",
        now - OVERDUE,
        now - SPOKEN_OF,
        sorted(LINKED),
        staff,
    )
    troubles = [(row, Trouble.of(row["status"], row["error"], row["due_at"], now)) for row in rows]
    return [
        HeldUp(StaffId(row["staff"]), row["name"], row["purpose"], row["status"], row["due_at"], row["since"], trouble)
        for row, trouble in troubles
        if trouble
    ]


async def one(mail_id: int, now: datetime) -> Kept | None:
    """One mail."""
    row = await db.fetchrow(f"{_KEPT} WHERE m.id = $2", now, mail_id)
    return _kept(row) if row else None


def _kept(row: Mapping[str, Any]) -> Kept:
    return Kept(**{**row, "role": Role(row["role"])})
