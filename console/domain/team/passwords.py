"""Use cases of passwords: a link to choose one, choosing it, changing it, giving it once more."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from weakref import WeakValueDictionary

import asyncpg

from console.domain import db
from console.domain.errors import DomainError, IntentReused, Invalid, Problem, Refused
from console.domain.ids import SYSTEM_ACTOR, ActorId, StaffId
from console.domain.intent import Actor, Intent, Outcome
from console.domain.operation import known, operation
from console.domain.running import FINAL, Operation
from console.domain.secret import Aside, Secret
from console.domain.team import steps
from console.domain.team.hashing import hashed, matches
from console.domain.team.queries import Link, token_hash
from console.domain.team.rules import Permission, password_problem
from console.domain.team.tables import Staff
from console.domain.team.throttles import ATTEMPTS, count, forget

log = logging.getLogger(__name__)

ANYBODY = Actor(ActorId(SYSTEM_ACTOR), frozenset({Permission.PASSWORD_CHOOSE}))
"""Whoever stands at the door."""


_TURNS: WeakValueDictionary[ActorId, asyncio.Lock] = WeakValueDictionary()
"""Whose password somebody here is at: the next one for it waits, so that no more guesses are open at a time than one.

The same form sent fifty times is one guess then, that was right, and not fifty before anybody has looked.
"""


class LinkSpent(Refused):
    """A one-time link that was used, replaced, or has run out."""

    key = "refused.link_spent"


class NoPassword(Refused):
    """An account without a password, such as those of the demo: there is nothing to confirm by."""

    key = "refused.no_password"


@operation("password.ask", permission=Permission.PASSWORD_CHOOSE, undo=FINAL)
async def ask_reset(op: Operation, email: Aside) -> dict[str, int]:
    """Send a link to choose a password, if there is such an account. Older links stay good: anybody may ask.

    The intent's id was made from the address, which is why that is beside it.
    """
    row = await db.fetchrow(
        "SELECT id, password_hash IS NOT NULL AS known FROM staff WHERE email = $1 AND retired_at IS NULL"
        " FOR NO KEY UPDATE",
        email.value,
    )
    if row is None:
        return {}
    purpose = "reset" if row["known"] else "invitation"
    await steps.send_link(op, row["id"], purpose, await steps.language_of(row["id"]), beside=True)
    return {"staff": row["id"]}


async def answer_requests(now: datetime, *, most: int = 100) -> int:
    """Send the links that were asked for at the door; answers how many requests were taken up.

    One that cannot be answered now waits for the next run and stops no other.
    """
    rows = await db.fetch("SELECT intent_id, email FROM link_request ORDER BY asked_at LIMIT $1", most)
    for row in rows:
        try:
            await ask_reset(Intent(row["intent_id"], ANYBODY, now), Aside(row["email"]))
            await db.execute("DELETE FROM link_request WHERE intent_id = $1", row["intent_id"])
        except (DomainError, asyncpg.PostgresError):
            log.exception("a link that was asked for was not sent")
    return len(rows)


@operation("password.choose", permission=Permission.PASSWORD_CHOOSE, undo=FINAL)
async def _choose(
    op: Operation, token: Secret, password: Secret, password_hash: Aside, language: Aside
) -> dict[str, int]:
    row = await db.fetchrow(
        "UPDATE staff_token SET used_at = $2, ended = 'used'"
        " WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING staff, purpose",
        token_hash(token.value),
        op.now,
    )
    if row is None or row["staff"] != op.actor.id:
        raise LinkSpent
    await _set_password(op, password_hash, notify=row["purpose"] == "reset")
    if language.value and not await db.fetchval("SELECT language FROM staff WHERE id = $1", row["staff"]):
        await op.update(Staff, row["staff"], None, {"language": language.value})
    return {"staff": row["staff"]}


async def choose_password(
    intent: Intent, link: Link, token: Secret, password: Secret, language: str = ""
) -> Outcome[dict[str, int]]:
    """Choose a password by a one-time link. Raises `Invalid` (field `password`), `LinkSpent`.

    The `language` that it was chosen in becomes the account's, where that has none. The same intent again is answered
    alike as long as it brings the password that was chosen; another is `LinkSpent`.
    """
    _check(password, (link.name, link.email.split("@")[0], link.email))
    async with _turn(intent):
        try:
            outcome = await _choose(intent, token, password, Aside(await hashed(password)), Aside(language))
        except IntentReused:
            await count(_guesses(intent), ATTEMPTS, intent.now)
            raise LinkSpent from None
        if outcome.replayed and not await _proves(intent, password):
            raise LinkSpent
    await forget(f"account:{link.email}")
    return outcome


@operation("password.change", permission=Permission.PROFILE_CHANGE, undo=FINAL)
async def _change_password(op: Operation, password: Secret, password_hash: Aside) -> dict[str, int]:
    await _set_password(op, password_hash, notify=True)
    return {"staff": op.actor.id}


async def change_password(intent: Intent, current: Secret, password: Secret) -> Outcome[dict[str, int]]:
    """Change one's own password; every session ends.

    The same intent again is answered alike as long as it brings the password that was chosen, whichever is the
    current one by then; another one counts as a guess. Raises `IntentReused` where it brings another, `Invalid`
    (`current`, `password`), `NoPassword`, `Throttled`.
    """
    async with _turn(intent):
        if await known(intent):
            await count(_guesses(intent), ATTEMPTS, intent.now)
            outcome = await _change_password(intent, password, Aside(await hashed(password)))
            await forget(_guesses(intent))
            return outcome
        return await _change(intent, current, password)


async def _change(intent: Intent, current: Secret, password: Secret) -> Outcome[dict[str, int]]:
    try:
        account = await _confirmed(intent, current)
    except Invalid as wrong:
        problem = password_problem(password.value, ())
        raise Invalid({**wrong.problems, **({"password": problem} if problem else {})}) from None
    _check(password, (account["name"], account["email"].split("@")[0], account["email"]))
    if password == current:
        raise Invalid({"password": Problem("problem.password_same")})
    return await _change_password(intent, password, Aside(await hashed(password)))


async def confirm_password(intent: Intent, current: Secret) -> asyncpg.Record:
    """The actor's name and email, after the password was given once more.

    Raises `Invalid` (`current`), `NoPassword`, `Throttled`.
    """
    async with _turn(intent):
        return await _confirmed(intent, current)


async def _confirmed(intent: Intent, current: Secret) -> asyncpg.Record:
    row = await db.fetchrow(
        "SELECT name, email, password_hash IS NOT NULL AS has_password FROM staff WHERE id = $1", intent.actor.id
    )
    if row is None or not row["has_password"]:
        raise NoPassword
    if not await _proves(intent, current):
        raise Invalid({"current": Problem("problem.password_wrong")})
    return row


async def _proves(intent: Intent, password: Secret) -> bool:
    """Whether this is the actor's password. Raises `Throttled`."""
    await count(_guesses(intent), ATTEMPTS, intent.now)
    stored = await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", intent.actor.id)
    right = await matches(stored, password)
    if right:
        await forget(_guesses(intent))
    return right


def _turn(intent: Intent) -> asyncio.Lock:
    return _TURNS.setdefault(intent.actor.id, asyncio.Lock())


def _guesses(intent: Intent) -> str:
    """What guesses at the actor's password, by whoever sits at their session, are counted under."""
    return f"password:{intent.actor.id}"


def _check(password: Secret, about: tuple[str, ...]) -> None:
    problem = password_problem(password.value, about)
    if problem is not None:
        raise Invalid({"password": problem})


async def _set_password(op: Operation, password_hash: Aside, *, notify: bool) -> None:
    staff = StaffId(op.actor.id)
    await op.update(Staff, staff, None, {"password_hash": password_hash.value})
    await steps.end_sessions(op, staff)
    await steps.end_links(op, staff)
    if notify:
        await steps.send_mail(op, staff, "password_changed", await steps.language_of(staff))
