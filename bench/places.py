"""How long the ten nearest places take with a million bookings, and how fast a place is booked."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from uuid import uuid4

from _bookings import CODE

from _clients import SEED
from _harness import Figure, Times, database, pool, report, timed
from console.domain import clock, db
from console.domain.booking import actions, seeking
from console.domain.booking.actions import Asked
from console.domain.booking.question import Doing, Question
from console.domain.ids import ActorId, ClientId, LocationId, ServiceId
from console.domain.intent import Actor, Intent
from console.domain.team.rules import PERMISSIONS, Role

ASKED = 200
BOOKED = 300


async def main() -> list[Figure]:
    luck = random.Random(SEED + 3)
    service = ServiceId(await db.fetchval("SELECT id FROM service WHERE code = $1", CODE))
    rows = await db.fetch("SELECT id FROM location WHERE name LIKE 'Bench %' ORDER BY id")
    locations = [LocationId(row["id"]) for row in rows]
    now = clock.now()
    today = now.date()

    async def look() -> None:
        question = Question(luck.choice(locations), (Doing(service),))
        await seeking.nearest(question, today + timedelta(days=luck.randrange(1, 25)), now=now)

    for _ in range(20):
        await look()
    looked = Times([await timed(look) for _ in range(ASKED)])

    staff = await db.fetchval("SELECT min(id) FROM staff WHERE role = 'front_desk'")
    actor = Actor(ActorId(staff), frozenset(map(str, PERMISSIONS[Role.FRONT_DESK])))

    async def book() -> None:
        question = Question(luck.choice(locations), (Doing(service),))
        day = today + timedelta(days=luck.randrange(1, 30))
        [place] = await seeking.nearest(question, day, now=now, most=1)
        asked = Asked(ClientId(luck.randrange(1, 90_000)), question.location, (service,))
        booked.append(await timed(lambda: actions.book(Intent(uuid4(), actor, now), asked, place.starts_at)))

    booked: list[float] = []
    for _ in range(BOOKED):
        await book()
    took = Times(booked[20:])
    return [
        Figure("ten nearest places of 20 people p50", looked.p50, "ms", 20),
        Figure("ten nearest places of 20 people p99", looked.p99, "ms"),
        Figure("booking a place, one at a time, p50", took.p50, "ms"),
    ]


async def run() -> list[Figure]:
    async with pool(settings):
        return await main()


if __name__ == "__main__":
    with database() as settings:
        report("Places with a million bookings", asyncio.run(run()))
