"""What a worker does to try a draft: through all clients' visits, a part at a time; anew where it was stopped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.ids import ClientId
from console.domain.leased import Leased
from console.domain.loyalty.queries import ever_fixed
from console.domain.loyalty.rules.programme import Programme
from console.domain.loyalty.rules.replaying import Past
from console.domain.loyalty.rules.trial import Comparison
from console.domain.loyalty.rules.written import read
from console.domain.plain import to_plain
from console.domain.visits import past

BELL = "trial"
QUEUE = Leased("programme_trial", timedelta(seconds=60), 3)
CUT_OFF = "problem.trial_cut_off"
FAILED = "problem.trial_failed"
PART = 200
"""Clients whose visits are held at once."""


@dataclass(frozen=True)
class Job:
    """A draft that a worker has, with the programme that stands."""

    id: int
    tries: int
    as_of: date
    stand: Programme
    draft: Programme


async def claim(now: datetime) -> Job | None:
    """What is to be tried, where nobody is at work on it."""
    row = await db.fetchrow(
        f"UPDATE programme_trial SET claimed_until = $2, tries = tries + 1 WHERE {QUEUE.waits}"  # noqa: S608
        " AND tries < $3 AND coalesce(claimed_until < $1, true) RETURNING id, tries, as_of, rules,"
        " (SELECT v.rules FROM programme_version v WHERE v.id = stands) AS stand",
        now,
        now + QUEUE.lease,
        QUEUE.tries,
    )
    if row is None:
        return None
    stand = read(json.loads(row["stand"])) if row["stand"] else Programme()
    return Job(row["id"], row["tries"], row["as_of"], stand, read(json.loads(row["rules"])))


async def run(job: Job) -> None:
    """Try it, and keep what came of it; once another draft is asked for, nobody wants to know any more."""
    currency, fixed = (await business()).currency, set(await ever_fixed())
    clients = [one for one in await past.who_came(currency, job.as_of) if one not in fixed]
    found = Comparison.of(job.stand, job.draft, job.as_of)
    for at in range(0, len(clients), PART):
        if not await _note(job, at, len(clients)):
            return
        await asyncio.to_thread(_add, found, await past.histories(clients[at : at + PART], currency, job.as_of))
    left = await past.left_out(currency, found.period.since, job.as_of, sorted(fixed))
    told = {name: getattr(found, name) for name in ("clients", "stand", "draft", "gain", "lose")}
    await QUEUE.end(job, to_plain({**told, "left_out": left}), clock.now())


def _add(found: Comparison, histories: Mapping[ClientId, Sequence[Past]]) -> None:
    for client, visits in histories.items():
        found.add(client, visits)


async def _note(job: Job, done: int, of: int) -> bool:
    """Note how far it is; whether it is wanted still."""
    sql = "UPDATE programme_trial SET done = $3, of = $4 WHERE id = $1 AND tries = $2 RETURNING true"
    return bool(await db.fetchval(sql, job.id, job.tries, done, of))
