"""Who and what is taken: every writer of the occupancy goes through here, in one order.

Lock the bookables by id; let holds go that have run out, so that time off lies there again; take out all rows of the
bookings at hand and the hold they use up; refuse what lies over others unless it is permitted; put the rows in; settle
what has become free.

Whoever locks rows of bookables, or writes what makes the database lock them (a crew's list), has those rows before the
occupancy of anybody: time off locks its row first, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from console.domain import db
from console.domain.errors import Problem, Taken, constraint
from console.domain.ids import BookableId, BookingId

HOLD = timedelta(minutes=10)
"""How long a place is kept for somebody who is filling in a form."""
MOST_HELD = 5
"""For how many forms of one and the same person places are kept at once."""
NO_HOLD = UUID(int=0)
"""In place of a hold of one's own where there is none."""


TAKEN = Problem("problem.place_taken")


class PlaceTaken(Taken):
    """Somebody or something that is wanted is taken: `bookables` says who and what, `why` by what if that is known."""

    def __init__(self, bookables: Iterable[BookableId] = (), why: Problem = TAKEN) -> None:
        super().__init__({"starts": why})
        self.bookables = tuple(bookables)

    @property
    def reason(self) -> str:
        return TAKEN.key


constraint("occupancy_excl", PlaceTaken)
constraint("occupancy_ordinary", PlaceTaken)


_Taken = tuple[int, asyncpg.Range]
"""A bookable, and when something took it."""


@dataclass(frozen=True)
class _Row:
    booking: BookingId
    bookable: BookableId
    during: asyncpg.Range
    overbooked: bool


async def occupy(bookings: Iterable[BookingId | int], *, held: UUID | None = None) -> None:
    """Bring the occupancy up to what is said of these bookings, which must be locked; `held` is used up by them.

    Raises `PlaceTaken`.
    """
    ids = sorted(set(bookings))
    old = await db.fetch("SELECT bookable, during FROM occupancy WHERE booking = ANY($1::bigint[])", ids)
    wanted = [_Row(**row) for row in await db.fetch("SELECT * FROM booked($1)", ids)]
    touched = [*((row["bookable"], row["during"]) for row in old), *((row.bookable, row.during) for row in wanted)]
    await lock([*(bookable for bookable, _ in touched), *await _held(held)])
    await _let_run_out(bookable for bookable, _ in touched)
    touched += await _use_up(held)
    if old:
        await db.execute("DELETE FROM occupancy WHERE booking = ANY($1::bigint[])", ids)
    await _put_in([row for row in wanted if not row.overbooked])
    for row in wanted:
        if row.overbooked:
            await _put_over(row)
    await _settle(touched)


async def vacate(bookings: Iterable[BookingId]) -> None:
    """Let bookings, which must be locked, occupy nobody until they are occupied again."""
    gone = await db.fetch(
        "DELETE FROM occupancy WHERE booking = ANY($1::bigint[]) RETURNING bookable, during", list(bookings)
    )
    await _settle((row["bookable"], row["during"]) for row in gone)


async def lock(bookables: Iterable[int]) -> None:
    """Lock the occupancy of bookables until the end of the transaction, whoever else writes it."""
    await db.execute(
        "SELECT pg_advisory_xact_lock(bookable_key(id)) FROM"
        " (SELECT DISTINCT id FROM unnest($1::bigint[]) AS id ORDER BY id) AS sorted",
        list(bookables),
    )


async def lock_with(bookings: Iterable[int], others: Iterable[int]) -> None:
    """Lock all whom some bookings occupy, with `others`, all at once: nobody waits in a circle with us."""
    sql = "SELECT DISTINCT bookable FROM occupancy WHERE booking = ANY($1::bigint[])"
    await lock({*others, *(row["bookable"] for row in await db.fetch(sql, list(bookings)))})


async def lock_doers(bookings: Iterable[int]) -> None:
    """Lock all whom some bookings occupy or occupied before they changed, crews with all who are in them."""
    await db.execute(
        "SELECT pg_advisory_xact_lock(bookable_key(id)) FROM (SELECT DISTINCT o.id FROM booking b"
        " JOIN location l ON l.id = b.location JOIN booking_item i ON i.booking = b.id"
        " JOIN assignment a ON a.item = i.id CROSS JOIN unnest(ARRAY[b.starts_at, i.starts_at]) AS t (starts_at)"
        " CROSS JOIN LATERAL occupied_by(a.bookable, (t.starts_at AT TIME ZONE l.zone)::date) AS o (id)"
        " WHERE b.id = ANY($1::bigint[]) UNION SELECT bookable FROM occupancy WHERE booking = ANY($1::bigint[])"
        " ORDER BY 1) AS sorted",
        list(bookings),
    )


Spans = Mapping[BookableId, tuple[datetime, datetime]]


async def with_members(spans: Spans, day: date) -> Spans:
    """What a booking of crews that begins on a date occupies: those in them that date as well, as long as the crew."""
    rows = await db.fetch(
        "SELECT who, occupied_by(who, $2) AS bookable FROM unnest($1::bigint[]) AS who", list(spans), day
    )
    found: dict[BookableId, tuple[datetime, datetime]] = {}
    for row in rows:
        start, end = spans[row["who"]]
        known = found.get(row["bookable"], (start, end))
        found[row["bookable"]] = min(start, known[0]), max(end, known[1])
    return found


async def are_free(spans: Spans, besides: Sequence[int], held: UUID | None) -> bool:
    """Whether nothing lies in these spans but what some bookings and a hold of one's own occupy."""
    return not await db.fetchval(
        "SELECT EXISTS (SELECT FROM unnest($1::bigint[], $2::tstzrange[]) AS w (bookable, during)"
        " JOIN occupancy o ON o.bookable = w.bookable AND o.during && w.during"
        " WHERE (o.kind <> 'hold' OR o.expires_at > clock_timestamp()) AND o.hold IS DISTINCT FROM $3"
        " AND (o.booking IS NULL OR o.booking <> ALL ($4::bigint[])))",
        list(spans),
        [asyncpg.Range(*span) for span in spans.values()],
        held or NO_HOLD,
        list(besides),
    )


async def _let_run_out(bookables: Iterable[int]) -> None:
    """Delete the holds that have run out of some bookables, and settle what lies there then."""
    sql = (
        "SELECT bookable, during FROM occupancy"
        " WHERE kind = 'hold' AND bookable = ANY($1::bigint[]) AND expires_at <= clock_timestamp()"
    )
    await _settle((row["bookable"], row["during"]) for row in await db.fetch(sql, list(bookables)))


async def _held(hold: UUID | None) -> list[BookableId]:
    """Whom a form's hold takes."""
    if hold is None:
        return []
    return [row["bookable"] for row in await db.fetch("SELECT bookable FROM occupancy WHERE hold = $1", hold)]


async def _use_up(held: UUID | None) -> list[_Taken]:
    """Delete a hold of one's own; what it took."""
    if held is None:
        return []
    rows = await db.fetch("DELETE FROM occupancy WHERE hold = $1 RETURNING bookable, during", held)
    return [(row["bookable"], row["during"]) for row in rows]


async def _put_in(rows: Sequence[_Row]) -> None:
    """Put in what may not lie over anything. Raises `PlaceTaken`, with who is taken."""
    if not rows:
        return
    columns = [[row.bookable for row in rows], [row.during for row in rows], [row.booking for row in rows]]
    taken = await db.fetch(
        "SELECT DISTINCT o.bookable FROM unnest($1::bigint[], $2::tstzrange[]) AS w (bookable, during)"
        " JOIN occupancy o ON o.bookable = w.bookable AND o.during && w.during",
        *columns[:2],
    )
    if taken:
        raise PlaceTaken(row["bookable"] for row in taken)
    await db.execute(
        "INSERT INTO occupancy (bookable, lane, during, kind, booking)"
        " SELECT bookable, 0, during, 'booking', booking"
        " FROM unnest($1::bigint[], $2::tstzrange[], $3::bigint[]) AS w (bookable, during, booking)",
        *columns,
    )


async def _put_over(row: _Row) -> None:
    """Put in what is permitted to lie over others, in the lowest lane that is free."""
    await db.execute(
        "INSERT INTO occupancy (bookable, lane, during, kind, booking)"
        " SELECT $1, (SELECT min(lane) FROM generate_series(0, 99) AS lane WHERE NOT EXISTS"
        "  (SELECT FROM occupancy o WHERE o.bookable = $1 AND o.lane = lane.lane AND o.during && $2)),"
        " $2, 'booking', $3",
        row.bookable,
        row.during,
        row.booking,
    )


async def _settle(touched: Iterable[_Taken]) -> None:
    spans = list(touched)
    if not spans:
        return
    await db.execute(
        "SELECT settle(bookable, range_merge(range_agg(during))) FROM unnest($1::bigint[], $2::tstzrange[])"
        " AS t (bookable, during) GROUP BY bookable ORDER BY bookable",
        [bookable for bookable, _ in spans],
        [during for _, during in spans],
    )


async def hold(token: UUID, spans: Spans, holder: int | None = None) -> datetime | None:
    """Keep a place for a form, in place of what it held; for `HOLD`, by the database's clock. Raises `PlaceTaken`.

    Answers until when; None where nothing needs to be kept. Of the forms of a `holder` who has `MOST_HELD` already, the
    oldest loses its place. It runs in a transaction of its own: a hold is nothing that anybody did.
    """
    async with db.ENGINE.transaction():
        oldest = await _oldest(token, holder)
        await lock([*spans, *await _held(token), *(who for _, who in oldest)])
        await _let_run_out(spans)
        released = await _use_up(token)
        for one in {form for form, _ in oldest}:
            released += await _use_up(one)
        if not await are_free(spans, (), None):
            raise PlaceTaken
        rows = await db.fetch(
            "INSERT INTO occupancy (bookable, lane, during, kind, hold, expires_at, holder)"
            " SELECT bookable, 0, during, 'hold', $3, clock_timestamp() + $4::interval, $5"
            " FROM unnest($1::bigint[], $2::tstzrange[]) AS w (bookable, during) RETURNING expires_at",
            list(spans),
            [asyncpg.Range(*span) for span in spans.values()],
            token,
            HOLD,
            holder,
        )
        await _settle(released)
    return min((row["expires_at"] for row in rows), default=None)


async def _oldest(token: UUID, holder: int | None) -> list[tuple[UUID, int]]:
    """The forms of somebody, with whom they hold, that lose their places to one more; no other of theirs comes in."""
    if holder is None:
        return []
    # Beside the keys of bookables and of duplicates; always before those of bookables.
    await db.execute("SELECT pg_advisory_xact_lock($1)", (3 << 48) | holder)
    rows = await db.fetch(
        "SELECT hold, bookable FROM occupancy WHERE hold IN"
        " (SELECT hold FROM occupancy WHERE holder = $1 AND hold <> $2"
        " GROUP BY hold ORDER BY max(expires_at) DESC, hold OFFSET $3)",
        holder,
        token,
        MOST_HELD - 1,
    )
    return [(row["hold"], row["bookable"]) for row in rows]


async def release(token: UUID) -> None:
    """Give back what a form held."""
    async with db.ENGINE.transaction():
        await lock(await _held(token))
        await _settle(await _use_up(token))


async def lying(bookables: Iterable[int], start: datetime, end: datetime) -> Sequence[asyncpg.Record]:
    """What lies in a span of bookables, which must be locked: `bookable`, `lane`, `start`, `end`."""
    return await db.fetch(
        'SELECT bookable, lane, lower(during) AS start, upper(during) AS "end" FROM occupancy'
        " WHERE bookable = ANY($1::bigint[]) AND during && $2::tstzrange",
        list(bookables),
        asyncpg.Range(start, end),
    )


async def lay(rows: Sequence[tuple[int, int, datetime, datetime, int]]) -> None:
    """Let bookings occupy bookables, which must be locked, in lanes where nothing lies: a booking, whom, when, where.

    Whatever lies over others must be permitted to.
    """
    bookings, bookables, starts, ends, lanes = map(list, zip(*rows, strict=True)) if rows else ([],) * 5
    spans = [asyncpg.Range(start, end) for start, end in zip(starts, ends, strict=True)]
    await db.execute(
        "INSERT INTO occupancy (bookable, lane, during, kind, booking)"
        " SELECT bookable, lane, during, 'booking', booking"
        " FROM unnest($1::bigint[], $2::smallint[], $3::tstzrange[], $4::bigint[])"
        "  AS w (bookable, lane, during, booking)",
        bookables,
        lanes,
        spans,
        bookings,
    )
    await _settle(zip(bookables, spans, strict=True))
