"""The door: signing in and out. Not operations: nothing of the business changes, and the session row is the record.

Guessing a password, or a code of the second step, is held back by counters, and nobody outside can shut an account to
its owner with them. A browser that signed in to this account before (`Browser.known`) has a counter of its own and
takes part in no other. Everybody else is counted by the network they come from, whichever account they try; by network
and account, tightly; and by account, with a ceiling that one network cannot reach alone, because its tight counter
stops it first. A right password counts against nobody: behind one address many may sign in.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from uuid import UUID, uuid4

import pyotp

from console.domain import db
from console.domain.doorbell import ring
from console.domain.errors import Invalid, NotFound, Problem, Throttled
from console.domain.ids import SYSTEM_ACTOR, ActorId, StaffId
from console.domain.secret import Secret
from console.domain.team.hashing import matches
from console.domain.team.queries import Signed, signed_in, token_hash
from console.domain.team.rules import OWN_IDLE, SHARED_IDLE

SIGN_IN, WRONG, SHUT = "session.open", "problem.sign_in", "refused.throttled"
WRONG_CODE, WRONG_RECOVERY = "problem.code", "problem.recovery_code"
"""What the door adds to the refused attempts: the kind, and why."""
LONGEST = timedelta(days=30)
SECOND_STEP = timedelta(minutes=10)
PHONE_DIGITS = 6

ATTEMPTS = 10
ATTEMPTS_PER_ADDRESS = 50
ATTEMPTS_PER_ACCOUNT = 100
"""By all unknown browsers together, in a window.

Whoever guesses from ten networks or more can reach it, and then the account is shut to browsers it does not know until
the window is over. That is the lesser harm: without a ceiling a network of bots guesses as often as it has addresses,
while with it 9 600 times a day at most, against passwords of ten characters. What is shut stays open to everybody
who is at work: known browsers and sessions are not counted here, and a link (a reset that its owner asked for, or that
a manager sent) starts the count anew.
"""
CODES_PER_ACCOUNT = 30
"""Codes of a phone that all unknown browsers together may try in a window: three networks to reach it.

Who tries has the password already, and three codes of six digits are good at a time: nine guesses in a thousand days
would be right, where a hundred of them a window would make it nine in three hundred. Where it is reached, known
browsers and recovery codes still let in.
"""
WINDOW = timedelta(minutes=15)
SKEW = timedelta(minutes=1)
"""How far two machines' clocks may be apart: what was counted later than that is of a clock that was put right."""

ASKED_PER_NETWORK = 10
ASKED = 3
"""Links that one network may ask for one account; what it asked for before stays good."""
ASKED_PER_ACCOUNT = 5
"""By all networks together: mails in one inbox, none of which ends another's link.

Whoever asks for somebody else from two networks uses them up; what was asked for is in that inbox then, and good.
"""

_KNOWN = re.compile(r"[A-Za-z0-9_-]{24}(?:\.[0-9a-f]{32})*")
KNOWN_FOR = timedelta(days=365)
MOST_KNOWN = 12
"""How many accounts one browser is known to: those last signed in to."""


@dataclass(frozen=True)
class Browser:
    """Where a request came from; `known` is the cookie by which accounts know the browser, empty without one."""

    address: str
    agent: str
    known: str = ""

    @property
    def network(self) -> str:
        """What one visitor has of the network: an IPv4 address, or the /64 of an IPv6 one."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address[:60]
        if not isinstance(address, IPv6Address):
            return str(address)
        return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))


class PhoneOften(Throttled):
    """Codes of a phone were tried again and again; a recovery code still lets in."""


class AskedOften(Throttled):
    """Links to choose a password were asked for again and again; those that could be made are on their way."""


class Most(NamedTuple):
    """How often something may be tried in a window: for one account by one network and by all of them, and by one
    network for all accounts; None where that is not counted.
    """

    here: int
    account: int | None = None
    network: int | None = None


@dataclass(frozen=True)
class Entered:
    """A new session: its token, whether a code is still to be given, and the browser's new `known` cookie."""

    token: str
    needs_code: bool
    known: str = ""


async def sign_in(email: str, password: Secret, browser: Browser, now: datetime, *, shared: bool) -> Entered:
    """Open a session. Raises `Invalid` (never saying which of the two was wrong) or `Throttled`."""
    row = await db.fetchrow("SELECT id, password_hash FROM staff WHERE email = $1 AND retired_at IS NULL", email)
    stored = row["password_hash"] if row else None
    own = row["id"] if row and is_known(row["id"], stored, browser) else None
    actor = ActorId(row["id"]) if row else SYSTEM_ACTOR
    most = Most(ATTEMPTS, ATTEMPTS_PER_ACCOUNT, ATTEMPTS_PER_ADDRESS)
    counter = await _count_all(_counters("account", email, browser, most, own), now, of=actor)
    if not await matches(stored, password) or row is None:
        await _note(actor, WRONG, now)
        raise Invalid({"password": Problem("problem.sign_in")})
    try:
        entered = await enter(row["id"], browser, now, shared=shared, password_hash=stored)
    except NotFound:
        raise Invalid({"password": Problem("problem.sign_in")}) from None
    await forget(counter)
    if own is None:
        await _give_back(_of_network("account", browser))
    return entered


async def _note(actor: ActorId, why: str, now: datetime) -> None:
    """Add to the refused attempts one to sign in; by nobody known where there is no such account."""
    await db.execute(
        "INSERT INTO refusal (at, actor, kind, intent_id, key) VALUES ($1, $2, $3, $4, $5)",
        now,
        actor,
        SIGN_IN,
        uuid4(),
        why,
    )


def _counters(
    what: str, whose: str, browser: Browser, most: Most, own: StaffId | None = None
) -> Iterator[tuple[str, int]]:
    """The keys that an attempt is counted under and their limits, the tightest before what other networks share.

    `own`: the account that knows the browser, which is counted by itself then.
    """
    if own is not None:
        yield f"{what}-browser:{own}:{token_hash(_name_and_marks(browser)[0]).hex()}", most.here
        return
    if most.network is not None:
        yield _of_network(what, browser), most.network
    yield f"{what}:{whose} {browser.network}", most.here
    if most.account is not None:
        yield f"{what}:{whose}", most.account


def _of_network(what: str, browser: Browser) -> str:
    """What everybody of a network is counted under, whichever account they try."""
    return f"{what}:{browser.network}"


async def _count_all(counters: Iterable[tuple[str, int]], now: datetime, *, of: ActorId | None = None) -> str:
    """Count an attempt under each key; the last of them, to `forget` after a success. Raises `Throttled`."""
    key = ""
    for key, most in counters:
        await count(key, most, now, of=of)
    return key


async def ask(intent_id: UUID, email: str, browser: Browser, now: datetime) -> None:
    """Note that somebody wants a link to choose a password; a worker answers. Raises `AskedOften`.

    As much is done for an address that nobody has: how long it takes tells nothing.
    """
    most = Most(ASKED, ASKED_PER_ACCOUNT, ASKED_PER_NETWORK)
    try:
        await _count_all(_counters("forgotten", email, browser, most), now)
    except Throttled as often:
        raise AskedOften(often.seconds) from None
    await db.execute(
        "INSERT INTO link_request (intent_id, email, asked_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        intent_id,
        email,
        now,
    )
    await ring(frozenset({"mail"}))


def is_known(staff: StaffId, password_hash: str | None, browser: Browser) -> bool:
    """Whether the browser signed in to this account before, with the password that it has now.

    The cookie is a random name and a mark per account. A mark is an HMAC of the name with the hash of the account's
    password as its key: nothing is stored, nobody else can make one, and a new password ends them all.
    """
    name, *marks = _name_and_marks(browser)
    right = _mark(name, staff, password_hash) if password_hash else ""
    return any(hmac.compare_digest(right, mark) for mark in marks)


async def known_cookie(staff: StaffId, browser: Browser) -> str:
    """The cookie by which the account knows this browser from now on; empty where it has no password."""
    password_hash = await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", staff)
    if password_hash is None:
        return ""
    name, *marks = _name_and_marks(browser)
    mark = _mark(name, staff, password_hash)
    return ".".join([name, mark, *(other for other in marks if other != mark)][: MOST_KNOWN + 1])


def _name_and_marks(browser: Browser) -> list[str]:
    """What the cookie says; a new name where there is none of ours."""
    return browser.known.split(".") if _KNOWN.fullmatch(browser.known) else [secrets.token_urlsafe(18)]


def _mark(name: str, staff: StaffId, password_hash: str) -> str:
    return hmac.new(password_hash.encode(), f"browser:{staff}:{name}".encode(), hashlib.sha256).hexdigest()[:32]


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
            await _spend_code(signed.staff, code, now)
            if not await sign_out(signed.session, now):
                raise Invalid({"code": Problem(WRONG_CODE)})
            token = await open_session(signed.staff, browser, now, shared=signed.shared)
    except Invalid as wrong:
        await _note(ActorId(signed.staff), wrong.problems["code"].key, now)
        raise
    await forget(counter)
    return Entered(token, needs_code=False, known=await known_cookie(signed.staff, browser))


async def _count_code(staff: StaffId, code: str, browser: Browser, now: datetime) -> str:
    """Count an attempt at the second step; the key that it is counted under. Raises `PhoneOften`, `Throttled`.

    A recovery code has too many letters to be guessed, and is counted by network alone: nobody elsewhere can keep its
    owner from it.
    """
    of = ActorId(staff)
    if len(plain_code(code)) != PHONE_DIGITS:
        return await _count_all(_counters("recovery", str(staff), browser, Most(ATTEMPTS)), now, of=of)
    password_hash = await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", staff)
    own = staff if is_known(staff, password_hash, browser) else None
    most = Most(ATTEMPTS, CODES_PER_ACCOUNT)
    try:
        return await _count_all(_counters("code", str(staff), browser, most, own), now, of=of)
    except Throttled as often:
        raise PhoneOften(often.seconds) from None


async def sign_out(session: int, now: datetime) -> bool:
    """End a session; whether it was still open."""
    tag = await db.execute(
        "UPDATE staff_session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", session, now
    )
    return tag == "UPDATE 1"


def accepted_step(secret: str, code: str, last_step: int | None, now: datetime) -> int | None:
    """The time step (RFC 6238, 30 s) of a code: the present one, the one before or after, never one used before.

    A last step that cannot have come yet, for another machine's clock with it, was of a clock that was put right.
    """
    totp = pyotp.TOTP(secret)
    digits = code.replace(" ", "")
    present = int(now.timestamp()) // 30
    if last_step is not None and last_step > present + 2:
        last_step = None
    for offset in (0, -1, 1):
        step = present + offset
        fresh = last_step is None or step > last_step
        if fresh and secrets.compare_digest(totp.at(step * 30).encode(), digits.encode()):
            return step
    return None


async def _spend_code(staff: StaffId, code: str, now: datetime) -> None:
    """Use up a code, or a recovery code; none is asked of somebody whose second step was turned off meanwhile."""
    row = await db.fetchrow("SELECT totp_secret, totp_step FROM staff WHERE id = $1 FOR NO KEY UPDATE", staff)
    if row is None or row["totp_secret"] is None:
        return
    step = accepted_step(row["totp_secret"], code, row["totp_step"], now)
    if step is not None:
        await db.execute("UPDATE staff SET totp_step = $2 WHERE id = $1", staff, step)
    elif not await _spend_recovery_code(staff, code, now):
        with_letters = any(letter.isalpha() for letter in code)
        raise Invalid({"code": Problem(WRONG_RECOVERY if with_letters else WRONG_CODE)})


async def _spend_recovery_code(staff: StaffId, code: str, now: datetime) -> bool:
    tag = await db.execute(
        "UPDATE recovery_code SET used_at = $3 WHERE staff = $1 AND code_hash = $2 AND used_at IS NULL",
        staff,
        token_hash(plain_code(code)),
        now,
    )
    return tag == "UPDATE 1"


def plain_code(code: str) -> str:
    """A recovery code as it is hashed, however it was typed."""
    return "".join(code.split()).replace("-", "").lower()


async def count(key: str, most: int, now: datetime, *, of: ActorId | None = None) -> None:
    """Count an attempt, in one atomic statement. Raises `Throttled` when there were more than `most` in the window.

    A window that begins later than now was opened by a clock that has been put right, and is over. The first that is
    too many is added to the refused attempts as one `of` somebody.
    """
    row = await db.fetchrow(
        "INSERT INTO throttle AS t (key, since, attempts) VALUES ($1, $2, 1) ON CONFLICT (key) DO UPDATE SET"
        " since = CASE WHEN t.since > $3 AND t.since <= $4 THEN t.since ELSE $2 END,"
        " attempts = CASE WHEN t.since > $3 AND t.since <= $4 THEN least(t.attempts, 1000000) + 1 ELSE 1 END"
        " RETURNING since, attempts",
        key,
        now,
        now - WINDOW,
        now + SKEW,
    )
    assert row is not None
    if row["attempts"] == most + 1 and of is not None:
        await _note(of, SHUT, now)
    if row["attempts"] > most:
        left = min(row["since"] + WINDOW - now, WINDOW)
        raise Throttled(max(1, int(left.total_seconds())))


async def forget(key: str) -> None:
    """Start counting anew, after a success: under this key, and under it by network."""
    await db.execute("DELETE FROM throttle WHERE key = $1 OR starts_with(key, $1 || ' ')", key)


async def _give_back(key: str) -> None:
    """Count one attempt less: it was none at guessing, and others share the counter."""
    await db.execute(
        "WITH last AS (DELETE FROM throttle WHERE key = $1 AND attempts = 1)"
        " UPDATE throttle SET attempts = attempts - 1 WHERE key = $1 AND attempts > 1",
        key,
    )


async def sweep(now: datetime) -> None:
    """Remove counters and sessions that are of no more use; the nightly job calls it."""
    await db.execute("DELETE FROM throttle WHERE since < $1 OR since > $2", now - WINDOW, now + SKEW)
    await db.execute("DELETE FROM staff_session WHERE expires_at < $1", now - timedelta(days=90))
