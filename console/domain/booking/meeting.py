"""Why somebody is not free at a time: which booking is in the way, and whether only the time around it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import db
from console.domain.booking.occupancy import NO_HOLD, TAKEN
from console.domain.booking.places import Obstacle, Search, Start, instant
from console.domain.booking.seeking import Question
from console.domain.business.rules import format_minute
from console.domain.clients.rules import Names
from console.domain.clock import WallTime
from console.domain.errors import Problem

NAMING = frozenset({"problem.meets", "problem.meets_next", "problem.meets_before", "problem.member_away"})
"""Problems that say which booking is in the way, or who of a crew is away."""

_MET = """
    SELECT w.name, (SELECT k.name FROM bookable k WHERE k.id = $1) AS asked, o.bookable <> $1 AS member, o.kind,
        lower(o.during) AS taken_from, upper(o.during) AS taken_to, b.starts_at, b.ends_at,
        p.given_name, p.middle_name, p.family_name, p.company
    FROM occupancy o JOIN bookable w ON w.id = o.bookable
    LEFT JOIN booking b ON b.id = o.booking LEFT JOIN client_profile p ON p.client = b.client
    WHERE o.bookable IN (SELECT occupied_by($1, $2)) AND o.during && $3
        AND (o.kind <> 'hold' OR o.expires_at > clock_timestamp()) AND o.hold IS DISTINCT FROM $4
        AND (o.booking IS NULL OR o.booking <> ALL ($5::bigint[]))
    ORDER BY o.kind = 'booking' DESC, lower(o.during) LIMIT 1
"""


async def problem(question: Question, search: Search, start: Start) -> Problem:
    """Why there is no place at a time; of somebody who is busy, with whom. "Just taken" where a form keeps it."""
    found = search.problem(start) or TAKEN
    if found != TAKEN or (obstacle := search.obstacle(start)) is None:
        return found
    span = asyncpg.Range(instant(obstacle.taken[0]), instant(obstacle.taken[1]))
    row = await db.fetchrow(
        _MET, obstacle.who, start.day, span, question.held or NO_HOLD, list(map(int, question.besides))
    )
    if row is None or row["kind"] == "hold":
        return TAKEN
    zone = ZoneInfo(await db.fetchval("SELECT zone FROM location WHERE id = $1", question.location))
    return _told(row, obstacle, zone)


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
