"""What pages, workers and the door read of the team."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from uuid import UUID

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.errors import NotFound
from console.domain.ids import ActorId, StaffId
from console.domain.intent import Actor
from console.domain.team.rules import PERMISSIONS, SHARED_IDLE, Role
from console.domain.team.tables import OWNS
from console.domain.team.trouble import Trouble


def _is_shared(idle_seconds: int) -> bool:
    """Whether a session that ends so soon is one of a desk that several share."""
    return idle_seconds <= SHARED_IDLE.total_seconds()


@dataclass(frozen=True)
class Colleague:
    """A staff account as lists and forms show it.

    `mail` is the status of the last letter with a link, `mail_error` what was noted when it did not leave, and
    `mail_due` when it is taken up or was last; `link_ended` as `LINK_ENDED` has it.
    """

    id: StaffId
    version: int
    name: str
    email: str
    role: Role
    language: str | None
    retired_at: datetime | None
    has_password: bool
    two_step: bool
    seen_at: datetime | None
    operation: int
    mail: str | None
    mail_error: str | None
    mail_due: datetime | None
    link_ended: bool

    def trouble(self, now: datetime) -> Trouble | None:
        """Why the last letter with a link has not left, or nobody knows whether it did; None where all is well."""
        return None if self.retired_at else Trouble.of(self.mail, self.mail_error, self.mail_due, now)


@dataclass(frozen=True)
class Signed:
    """Somebody signed in: the staff member and their session; `shared` where it ends after a short pause."""

    staff: StaffId
    session: int
    name: str
    email: str
    role: Role
    language: str | None
    verified: bool
    idle_seconds: int

    @property
    def shared(self) -> bool:
        return _is_shared(self.idle_seconds)

    @cached_property
    def actor(self) -> Actor:
        return Actor(ActorId(self.staff), frozenset(PERMISSIONS[self.role]), partial(_stands, self.session, self.role))


async def _stands(session: int, role: Role) -> bool:
    """Whether a session is live and still of this role; both stay so until the transaction ends."""
    return bool(
        await db.fetchval(
            "SELECT TRUE FROM staff_session s JOIN staff t ON t.id = s.staff WHERE s.id = $1 AND s.revoked_at IS NULL"
            " AND t.retired_at IS NULL AND t.role = $2 FOR SHARE OF s",
            session,
            role.value,
        )
    )


@dataclass(frozen=True)
class SessionView:
    """A session as its owner sees it."""

    id: int
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    idle_seconds: int

    @property
    def shared(self) -> bool:
        return _is_shared(self.idle_seconds)


def token_hash(token: str) -> bytes:
    """What is stored of a random token."""
    return hashlib.sha256(token.encode()).digest()


async def signed_in(token: str, now: datetime, *, attended: bool = True) -> Signed | None:
    """Who holds this session token, if it is still good. Hot path: one statement, and a write once a minute.

    `attended`: whether a person asks; what a page asks by itself does not keep a session from running out.
    The write gives way to an operation of the session that is under way.
    """
    row = await db.fetchrow(
        "SELECT s.id AS session, s.staff, s.verified_at, s.seen_at, s.idle_seconds, t.name, t.email, t.role,"
        " t.language FROM staff_session s JOIN staff t ON t.id = s.staff"
        " WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2"
        " AND s.seen_at + s.idle_seconds * interval '1 second' > $2 AND t.retired_at IS NULL",
        token_hash(token),
        now,
    )
    if row is None:
        return None
    if attended and (now - row["seen_at"]).total_seconds() > 60:
        await db.execute(
            "UPDATE staff_session SET seen_at = $2 WHERE id = (SELECT id FROM staff_session"
            " WHERE id = $1 AND seen_at < $2 AND revoked_at IS NULL FOR NO KEY UPDATE SKIP LOCKED)",
            row["session"],
            now,
        )
    return Signed(
        staff=StaffId(row["staff"]),
        session=row["session"],
        name=row["name"],
        email=row["email"],
        role=Role(row["role"]),
        language=row["language"],
        verified=row["verified_at"] is not None,
        idle_seconds=row["idle_seconds"],
    )


async def seconds_left(session: int, now: datetime) -> int:
    """How long a session lasts if nobody touches its pages any more; 0 where it has ended."""
    left = await db.fetchval(
        "SELECT extract(epoch FROM seen_at + idle_seconds * interval '1 second' - $2) FROM staff_session WHERE id = $1",
        session,
        now,
    )
    return max(0, math.ceil(left or 0))


LINK_ENDED = (
    "EXISTS (SELECT FROM staff_token k WHERE k.ended = 'withdrawn' AND t.retired_at IS NULL"
    " AND k.id = (SELECT max(id) FROM staff_token WHERE staff = t.id)"
    " AND NOT EXISTS (SELECT FROM operation o WHERE o.id >= k.operation AND o.actor = t.id AND o.at = k.used_at)"
    " AND NOT EXISTS (SELECT FROM staff_token b"
    "  WHERE b.staff = t.id AND b.used_at IS NULL AND b.expires_at > k.used_at)"
    " AND NOT EXISTS (SELECT FROM staff_session s WHERE s.staff = t.id AND s.verified_at > k.used_at))"
)
"""True of an account `t` whose last link somebody else's doing ended unused, as who made it may make it no more.

Not once they have signed in since, nor while another link of theirs was good then.
"""

_COLLEAGUE = (
    "SELECT t.id, t.version, t.name, t.email, t.role, t.language, t.retired_at,"  # noqa: S608
    " t.password_hash IS NOT NULL AS has_password, t.totp_secret IS NOT NULL AS two_step,"
    " (SELECT max(seen_at) FROM staff_session s WHERE s.staff = t.id) AS seen_at, t.operation,"
    " letter.status AS mail, letter.error AS mail_error, letter.due_at AS mail_due,"
    f" {LINK_ENDED} AS link_ended FROM staff t"
    " LEFT JOIN LATERAL (SELECT status, error, due_at FROM staff_mail m"
    "  WHERE m.staff = t.id AND m.purpose IN ('invitation', 'reset') ORDER BY m.id DESC LIMIT 1) letter ON TRUE"
)


async def colleagues() -> list[Colleague]:
    """Everybody, those who left last."""
    rows = await db.fetch(f"{_COLLEAGUE} ORDER BY t.retired_at IS NOT NULL, lower(t.name), t.id")
    return [_colleague(row) for row in rows]


async def colleague(staff_id: int) -> Colleague:
    """One staff account. Raises `NotFound`."""
    row = await db.fetchrow(f"{_COLLEAGUE} WHERE t.id = $1", staff_id)
    if row is None:
        raise NotFound
    return _colleague(row)


def _colleague(row: Mapping[str, object]) -> Colleague:
    values = dict(row)
    return Colleague(**{**values, "role": Role(str(values["role"]))})  # type: ignore[arg-type]


async def ended_links() -> list[tuple[StaffId, str, Role]]:
    """Whose link ended before they used it: their ids, names and roles, by name."""
    rows = await db.fetch(f"SELECT id, name, role FROM staff t WHERE {LINK_ENDED} ORDER BY lower(name), id")  # noqa: S608
    return [(StaffId(row["id"]), row["name"], Role(row["role"])) for row in rows]


async def names(actors: Iterable[int]) -> dict[int, str]:
    """The names of staff by their actor ids; the system and the terminal have none."""
    rows = await db.fetch("SELECT id, name FROM staff WHERE id = ANY($1::bigint[])", list(actors))
    return {row["id"]: row["name"] for row in rows}


async def everybody() -> list[tuple[StaffId, str]]:
    """The ids and names of all staff, those who left last."""
    rows = await db.fetch("SELECT id, name FROM staff ORDER BY retired_at IS NOT NULL, lower(name), id")
    return [(StaffId(row["id"]), row["name"]) for row in rows]


async def present() -> list[tuple[StaffId, str]]:
    """The ids and names of those who work here."""
    rows = await db.fetch("SELECT id, name FROM staff WHERE retired_at IS NULL ORDER BY lower(name), id")
    return [(StaffId(row["id"]), row["name"]) for row in rows]


async def roles(actors: Iterable[int]) -> dict[int, tuple[str, Role]]:
    """The names and roles of staff by their actor ids; the system and the terminal have none."""
    rows = await db.fetch("SELECT id, name, role FROM staff WHERE id = ANY($1::bigint[])", list(actors))
    return {row["id"]: (row["name"], Role(row["role"])) for row in rows}


@named("staff")
async def staff_names(ids: Sequence[int]) -> dict[int, Name]:
    """What colleagues are called."""
    return {staff: Name(name, person=True) for staff, name in (await names(ids)).items()}


async def has_owner(*, by_password: bool = False) -> bool:
    """Whether an owner can sign in and invite the others; `by_password`: also where the demo's door is shut."""
    whose = f"{OWNS} AND (NOT $1 OR password_hash IS NOT NULL)"
    return bool(await db.fetchval(f"SELECT EXISTS (SELECT FROM staff WHERE {whose})", by_password))  # noqa: S608


async def has_two_owners() -> bool:
    """Whether there is an owner besides any owner who can sign in: nobody else hands an owner's link over."""
    return int(await db.fetchval(f"SELECT count(*) FROM staff WHERE {OWNS}")) > 1  # noqa: S608


async def sessions(staff_id: StaffId, now: datetime) -> list[SessionView]:
    """The browsers in which somebody is signed in, last used first."""
    rows = await db.fetch(
        "SELECT id, agent, address, created_at, seen_at, idle_seconds FROM staff_session"
        " WHERE staff = $1 AND revoked_at IS NULL AND verified_at IS NOT NULL AND expires_at > $2"
        " AND seen_at + idle_seconds * interval '1 second' > $2 ORDER BY seen_at DESC, id DESC",
        staff_id,
        now,
    )
    return [SessionView(**row) for row in rows]


@dataclass(frozen=True)
class Link:
    """What a one-time link is for; `language` of whom it is for, empty where none was chosen for them."""

    staff: StaffId
    name: str
    email: str
    purpose: str
    language: str


async def link(token: str, now: datetime, *, intent: UUID | None = None) -> Link | None:
    """The invitation or reset behind a one-time link, if it is still good, or was used by this very intent."""
    row = await db.fetchrow(
        "SELECT k.staff, k.purpose, t.name, t.email, coalesce(t.language, '') AS language"
        " FROM staff_token k JOIN staff t ON t.id = k.staff"
        " WHERE k.token_hash = $1 AND t.retired_at IS NULL AND (k.used_at IS NULL AND k.expires_at > $2 OR EXISTS"
        "  (SELECT FROM operation o WHERE o.actor = k.staff AND o.intent_id = $3 AND o.kind = 'password.choose'"
        "   AND o.at = k.used_at))",
        token_hash(token),
        now,
        intent,
    )
    return Link(**row) if row else None


async def demo_roles() -> set[Role]:
    """The roles of the demo's accounts that are open."""
    rows = await db.fetch("SELECT DISTINCT role FROM staff WHERE retired_at IS NULL")
    return {Role(row["role"]) for row in rows}


async def demo_person(role: Role) -> StaffId:
    """The demo's account of a role: the oldest that is open. Raises `NotFound`."""
    staff = await db.fetchval(
        "SELECT id FROM staff WHERE role = $1 AND retired_at IS NULL ORDER BY id LIMIT 1", role.value
    )
    if staff is None:
        raise NotFound
    return StaffId(staff)


async def recovery_codes_left(staff_id: StaffId) -> int:
    """How many recovery codes somebody has not used yet."""
    return int(await db.fetchval("SELECT count(*) FROM recovery_code WHERE staff = $1 AND used_at IS NULL", staff_id))
