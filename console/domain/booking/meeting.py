"""Why somebody is not free at a time: which booking is in the way, and whether only the time around it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import db
from console.domain.booking.occupancy import NO_HOLD, TAKEN
from console.domain.booking.places import Obstacle, Search, Start, instant
from console.domain.booking.question import Question
from console.domain.business.rules import format_minute
from console.domain.clients.rules import Names
from console.domain.clock import WallTime
from console.domain.errors import Problem

NAMING = frozenset({"problem.meets", "problem.meets_next", "problem.meets_before", "problem.member_away"})
"""Problems that say which booking is in the way, or who of a crew is away."""

_MET = """
    SELECT x.at, met.* FROM unnest($1::bigint[], $2::date[], $3::tstzrange[]) WITH ORDINALITY AS x (who, day, span, at)
    CROSS JOIN LATERAL (
        SELECT w.name, (SELECT k.name FROM bookable k WHERE k.id = x.who) AS asked, o.bookable <> x.who AS member,
            o.kind, lower(o.during) AS taken_from, upper(o.during) AS taken_to, b.starts_at, b.ends_at,
            p.given_name, p.middle_name, p.family_name, p.company
        FROM occupancy o JOIN bookable w ON w.id = o.bookable
        LEFT JOIN booking b ON b.id = o.booking LEFT JOIN client_profile p ON p.client = b.client
        WHERE o.bookable IN (SELECT occupied_by(x.who, x.day)) AND o.during && x.span
            AND (o.kind <> 'hold' OR o.expires_at > clock_timestamp()) AND o.hold IS DISTINCT FROM $4
            AND (o.booking IS NULL OR o.booking <> ALL ($5::bigint[]))
        ORDER BY o.kind = 'booking' DESC, lower(o.during) LIMIT 1
    ) met
"""


async def problem(question: Question, search: Search, start: Start) -> Problem:
    """Why there is no place at a time; of somebody who is busy, with whom. "Just taken" where a form keeps it."""
    [found] = await problems(question, [(search, start)])
    return found


async def problems(question: Question, looked: Sequence[tuple[Search, Start]]) -> list[Problem]:
    """The same of several at a location, beside the same bookings and the same hold; two statements for all of them."""
    found = [search.problem(start) or TAKEN for search, start in looked]
    met = [
        (at, start, obstacle)
        for at, (search, start) in enumerate(looked)
        if found[at] == TAKEN and (obstacle := search.obstacle(start))
    ]
    if not met:
        return found
    rows = await db.fetch(
        _MET,
        [obstacle.who for _, _, obstacle in met],
        [start.day for _, start, _ in met],
        [asyncpg.Range(*map(instant, obstacle.taken)) for _, _, obstacle in met],
        question.held or NO_HOLD,
        list(map(int, question.besides)),
    )
    zone = ZoneInfo(await db.fetchval("SELECT zone FROM location WHERE id = $1", question.location))
    for row in rows:
        at, _, obstacle = met[row["at"] - 1]
        if row["kind"] != "hold":
            found[at] = _told(row, obstacle, zone)
    return found


def in_general(problem: Problem) -> Problem:
    """The same without whom it is about, as it is noted of a date of a series."""
    return TAKEN if problem.key in NAMING else Problem(problem.key)


def _told(row: Mapping[str, Any], obstacle: Obstacle, zone: ZoneInfo) -> Problem:
    def wall(moment: datetime) -> str:
        return format_minute(WallTime.of(moment, zone).minute)

    who = f"{row['name']} ({row['asked']})" if row["member"] else row["name"]
    if row["kind"] != "booking":
        return Problem("problem.member_away", {"who": who})
    begin, end = map(instant, obstacle.own)
    said = {
        "who": who,
        "client": Names(row["given_name"], row["middle_name"], row["family_name"], row["company"]).shown,
        "begins": wall(row["starts_at"]),
        "ends": wall(row["ends_at"]),
    }
    if row["starts_at"] < end and begin < row["ends_at"]:
        return Problem("problem.meets", said)
    if row["starts_at"] >= end:
        return Problem("problem.meets_next", {**said, "until": wall(max(end, instant(obstacle.taken[1])))})
    return Problem("problem.meets_before", {**said, "free": wall(row["taken_to"])})
