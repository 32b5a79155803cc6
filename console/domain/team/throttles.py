"""How often somebody may try at the door: counters of attempts, and the limits that end them.

A browser that signed in to this account before (`Browser.known`) has a counter of its own and takes part in no other.
Everybody else is counted by the network they come from, whichever account they try; by network and account, tightly;
and by account, with a ceiling that one network cannot reach alone, because its tight counter stops it first. A right
password counts against nobody: behind one address many may sign in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from console.domain import db
from console.domain.errors import Throttled
from console.domain.ids import ActorId, StaffId
from console.domain.team.browsers import Browser, name_and_marks
from console.domain.team.queries import token_hash

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
SIGN_IN, SHUT = "session.open", "refused.throttled"
"""What is added to the refused attempts: the kind, and why."""


class Most(NamedTuple):
    """How often something may be tried in a window: for one account by one network and by all of them, and by one
    network for all accounts; None where that is not counted.
    """

    here: int
    account: int | None = None
    network: int | None = None


def counters(
    what: str, whose: str, browser: Browser, most: Most, own: StaffId | None = None
) -> Iterator[tuple[str, int]]:
    """The keys that an attempt is counted under and their limits, the tightest before what other networks share.

    `own`: the account that knows the browser, which is counted by itself then.
    """
    if own is not None:
        yield f"{what}-browser:{own}:{token_hash(name_and_marks(browser)[0]).hex()}", most.here
        return
    if most.network is not None:
        yield of_network(what, browser), most.network
    yield f"{what}:{whose} {browser.network}", most.here
    if most.account is not None:
        yield f"{what}:{whose}", most.account


def of_network(what: str, browser: Browser) -> str:
    """What everybody of a network is counted under, whichever account they try."""
    return f"{what}:{browser.network}"


async def count_all(counters: Iterable[tuple[str, int]], now: datetime, *, of: ActorId | None = None) -> str:
    """Count an attempt under each key; the last of them, to `forget` after a success. Raises `Throttled`."""
    key = ""
    for key, most in counters:
        await count(key, most, now, of=of)
    return key


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
        await note_refused(of, SHUT, now)
    if row["attempts"] > most:
        left = min(row["since"] + WINDOW - now, WINDOW)
        raise Throttled(max(1, int(left.total_seconds())))


async def forget(key: str) -> None:
    """Start counting anew, after a success: under this key, and under it by network."""
    await db.execute("DELETE FROM throttle WHERE key = $1 OR starts_with(key, $1 || ' ')", key)


async def give_back(key: str) -> None:
    """Count one attempt less: it was none at guessing, and others share the counter."""
    await db.execute(
        "WITH last AS (DELETE FROM throttle WHERE key = $1 AND attempts = 1)"
        " UPDATE throttle SET attempts = attempts - 1 WHERE key = $1 AND attempts > 1",
        key,
    )


async def note_refused(actor: ActorId, why: str, now: datetime) -> None:
    """Add to the refused attempts one to sign in; by nobody known where there is no such account."""
    await db.execute(
        "INSERT INTO refusal (at, actor, kind, intent_id, key) VALUES ($1, $2, $3, $4, $5)",
        now,
        actor,
        SIGN_IN,
        uuid4(),
        why,
    )
