"""The door: signing in and out. Not operations: nothing of the business changes, and the session row is the record.

Guessing a password, or a code of the second step, is held back by counters (`throttles`), and nobody outside can shut
an account to its owner with them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from console.domain import db
from console.domain.doorbell import ring
from console.domain.errors import Invalid, NotFound, Problem, Throttled
from console.domain.ids import SYSTEM_ACTOR, ActorId, StaffId
from console.domain.secret import Secret
from console.domain.team.browsers import Browser, is_known, known_cookie
from console.domain.team.codes import PHONE_DIGITS, WRONG_CODE, plain_code, spend_code
from console.domain.team.hashing import matches
from console.domain.team.queries import Signed, signed_in, token_hash
from console.domain.team.rules import OWN_IDLE, SHARED_IDLE
from console.domain.team.throttles import (
    ASKED,
    ASKED_PER_ACCOUNT,
    ASKED_PER_NETWORK,
    ATTEMPTS,
    ATTEMPTS_PER_ACCOUNT,
    ATTEMPTS_PER_ADDRESS,
    CODES_PER_ACCOUNT,
    SKEW,
    WINDOW,
    Most,
    count_all,
    counters,
    forget,
    give_back,
    note_refused,
    of_network,
)

WRONG, CLOSED = "problem.sign_in", "account_closed"
"""Why an attempt to sign in is added to the refused ones."""
LONGEST = timedelta(days=30)
SECOND_STEP = timedelta(minutes=10)


class PhoneOften(Throttled):
    """Codes of a phone were tried again and again; a recovery code still lets in."""


class AskedOften(Throttled):
    """Links to choose a password were asked for again and again; those that could be made are on their way."""


@dataclass(frozen=True)
class Entered:
    """A new session: its token, whether a code is still to be given, and the browser's new `known` cookie.

    `recovered`: it was entered by a recovery code.
    """

    token: str
    needs_code: bool
    known: str = ""
    recovered: bool = False


async def sign_in(email: str, password: Secret, browser: Browser, now: datetime, *, shared: bool) -> Entered:
    """Open a session. Raises `Invalid` (never saying which of the two was wrong) or `Throttled`."""
    row = await db.fetchrow(
        "SELECT id, password_hash, retired_at IS NOT NULL AS closed FROM staff WHERE email = $1"
        " ORDER BY retired_at NULLS FIRST LIMIT 1",
        email,
    )
    closed = bool(row and row["closed"])
    stored = row["password_hash"] if row and not closed else None
    own = row["id"] if row and is_known(row["id"], stored, browser) else None
    actor = ActorId(row["id"]) if row else SYSTEM_ACTOR
    most = Most(ATTEMPTS, ATTEMPTS_PER_ACCOUNT, ATTEMPTS_PER_ADDRESS)
    counter = await count_all(counters("account", email, browser, most, own), now, of=actor)
    if not await matches(stored, password) or row is None:
        await note_refused(actor, CLOSED if closed else WRONG, now)
        raise Invalid({"password": Problem("problem.sign_in")})
    try:
        entered = await enter(row["id"], browser, now, shared=shared, password_hash=stored)
    except NotFound:
        raise Invalid({"password": Problem("problem.sign_in")}) from None
    await forget(counter)
    if own is None:
        await give_back(of_network("account", browser))
    return entered


async def ask(intent_id: UUID, email: str, browser: Browser, now: datetime) -> None:
    """Note that somebody wants a link to choose a password; a worker answers. Raises `AskedOften`.

    As much is done for an address that nobody has: how long it takes tells nothing.
    """
    most = Most(ASKED, ASKED_PER_ACCOUNT, ASKED_PER_NETWORK)
    try:
        await count_all(counters("forgotten", email, browser, most), now)
    except Throttled as often:
        raise AskedOften(often.seconds) from None
    await db.execute(
        "INSERT INTO link_request (intent_id, email, asked_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        intent_id,
        email,
        now,
    )
    await ring(frozenset({"mail"}))


async def enter(
    staff: StaffId,
    browser: Browser,
    now: datetime,
    *,
    shared: bool = False,
    password_hash: str | None = None,
    token: str | None = None,
) -> Entered:
    """Open a session for somebody who has proved who they are; with two steps a code is still to be given.

    The same `token` again is the same session, as long as it lasts: a form sent twice opens one. Raises `NotFound`
    where the account was closed meanwhile, or no longer has the password that was proved.
    """
    needs_code = await db.fetchval("SELECT totp_secret IS NOT NULL FROM staff WHERE id = $1", staff)
    token = await open_session(
        staff, browser, now, shared=shared, verified=not needs_code, password_hash=password_hash, token=token
    )
    return Entered(token, bool(needs_code), "" if needs_code else await known_cookie(staff, browser))


async def open_session(
    staff: StaffId,
    browser: Browser,
    now: datetime,
    *,
    shared: bool = False,
    verified: bool = True,
    password_hash: str | None = None,
    token: str | None = None,
) -> str:
    """Store a new session and answer its token. Raises `NotFound` as `enter` does.

    The account is locked while it is looked at, so that whatever ends sessions ends this one too or comes first.
    """
    given, token = token, token or secrets.token_urlsafe(32)
    tag = await db.execute(
        "INSERT INTO staff_session (token_hash, staff, created_at, seen_at, verified_at, expires_at, idle_seconds,"
        " agent, address) SELECT $1, id, $3, $3, $4, $5, $6, $7, $8 FROM staff"
        " WHERE id = $2 AND retired_at IS NULL AND ($9::text IS NULL OR password_hash = $9) FOR SHARE"
        " ON CONFLICT (token_hash) DO NOTHING",
        token_hash(token),
        staff,
        now,
        now if verified else None,
        now + (LONGEST if verified else SECOND_STEP),
        int((SHARED_IDLE if shared else OWN_IDLE).total_seconds()),
        browser.agent[:300],
        browser.address[:60],
        password_hash,
    )
    if tag == "INSERT 0 1":
        return token
    if given is None:
        raise NotFound
    if await signed_in(given, now):
        return given
    return await open_session(staff, browser, now, shared=shared, verified=verified, password_hash=password_hash)


async def give_code(signed: Signed, code: str, browser: Browser, now: datetime) -> Entered:
    """Pass the second step: a new session in place of the unverified one.

    Raises `Invalid` (`code`), `PhoneOften`, `Throttled`.
    """
    counter = await _count_code(signed.staff, code, browser, now)
    try:
        async with db.ENGINE.transaction():
            recovered = await spend_code(signed.staff, code, now)
            if not await sign_out(signed.session, now):
                raise Invalid({"code": Problem(WRONG_CODE)})
            token = await open_session(signed.staff, browser, now, shared=signed.shared)
    except Invalid as wrong:
        await note_refused(ActorId(signed.staff), wrong.problems["code"].key, now)
        raise
    await forget(counter)
    known = await known_cookie(signed.staff, browser)
    return Entered(token, needs_code=False, known=known, recovered=recovered)


async def _count_code(staff: StaffId, code: str, browser: Browser, now: datetime) -> str:
    """Count an attempt at the second step; the key that it is counted under. Raises `PhoneOften`, `Throttled`.

    A recovery code has too many letters to be guessed, and is counted by network alone: nobody elsewhere can keep its
    owner from it.
    """
    of = ActorId(staff)
    if len(plain_code(code)) != PHONE_DIGITS:
        return await count_all(counters("recovery", str(staff), browser, Most(ATTEMPTS)), now, of=of)
    password_hash = await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", staff)
    own = staff if is_known(staff, password_hash, browser) else None
    most = Most(ATTEMPTS, CODES_PER_ACCOUNT)
    try:
        return await count_all(counters("code", str(staff), browser, most, own), now, of=of)
    except Throttled as often:
        raise PhoneOften(often.seconds) from None


async def sign_out(session: int, now: datetime) -> bool:
    """End a session; whether it was still open."""
    tag = await db.execute(
        "UPDATE staff_session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", session, now
    )
    return tag == "UPDATE 1"


async def sweep(now: datetime) -> None:
    """Remove counters and sessions that are of no more use; the nightly job calls it."""
    await db.execute("DELETE FROM throttle WHERE since < $1 OR since > $2", now - WINDOW, now + SKEW)
    await db.execute("DELETE FROM staff_session WHERE expires_at < $1", now - timedelta(days=90))
