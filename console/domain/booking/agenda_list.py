"""The bookings of some days as a list, on a page or on paper."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from console.domain import db
from console.domain.booking.lying import LONGEST_BOOKING
from console.domain.booking.rules import STANDING, Status
from console.domain.booking.sheet import Span
from console.domain.booking.unsaid import UNSAID
from console.domain.booking.working_days import windows
from console.domain.business.queries import LocationView
from console.domain.clients.parts import LOUDEST, SITE
from console.domain.clients.rules import Names
from console.domain.ids import BookableId, BookingId, ClientId


@dataclass(frozen=True, slots=True)
class Step:
    """A service of a booking: what it is called by language, from when to when, and who and what does it."""

    names: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime
    people: tuple[str, ...]
    doers: frozenset[BookableId]


@dataclass(frozen=True, slots=True)
class Listed:
    """A booking in a list or on paper, a cancelled one too. `phone` as E.164; `people`: who and what does it.

    `day`: the date of the agenda on which it lies, which goes through `night`. `address`: where it is done, at a `site`
    of the client's if that is said (empty for one that was erased), else at their own address. `unsaid`: nobody
    knows what became of it.
    """

    booking: BookingId
    day: date
    night: datetime
    client: ClientId
    called: str
    phone: str | None
    address: str | None
    site: str | None
    status: Status
    source: str
    span: Span
    note: str | None
    loud: str | None
    steps: tuple[Step, ...]
    people: tuple[tuple[BookableId, str], ...]
    overbooked: bool = False
    unsaid: bool = False

    @property
    def changes_hands(self) -> bool:
        """Whether its services are done by different people."""
        return len({one.people for one in self.steps}) > 1

    def of(self, doer: BookableId) -> Span | None:
        """From when to when somebody or something is there for it; None where they do none of it."""
        theirs = [one for one in self.steps if doer in one.doers]
        return (min(one.starts_at for one in theirs), max(one.ends_at for one in theirs)) if theirs else None


_LISTED = f"""
    SELECT b.id, b.client, b.status, b.source, b.starts_at, b.ends_at, b.note, b.overbooked,
        p.given_name, p.middle_name, p.family_name, p.company, p.phones,
        CASE WHEN z.id IS NULL THEN p.address ELSE z.address END AS address, {SITE} AS site,
        {LOUDEST} AS loud, {UNSAID} AS unsaid,
        (SELECT jsonb_agg(jsonb_build_array(s.names, extract(epoch FROM i.starts_at)::bigint,
                extract(epoch FROM i.ends_at)::bigint,
                (SELECT jsonb_agg(jsonb_build_array(w.id, w.name) ORDER BY w.position, w.id) FROM assignment a
                    JOIN bookable w ON w.id = a.bookable WHERE a.item = i.id AND a.retired_at IS NULL))
                ORDER BY i.starts_at, i.id) FROM booking_item i JOIN service s ON s.id = i.service
            WHERE i.booking = b.id AND i.retired_at IS NULL) AS services,
        (SELECT jsonb_agg(DISTINCT jsonb_build_array(w.position, w.id, w.name)) FROM booking_item i
            JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL JOIN bookable w ON w.id = a.bookable
            WHERE i.booking = b.id AND i.retired_at IS NULL) AS people
    FROM booking b JOIN client_profile p ON p.client = b.client LEFT JOIN client_site z ON z.id = b.site
    WHERE b.location = $1 AND b.retired_at IS NULL
        AND b.starts_at >= $2::timestamptz - $4::interval AND b.starts_at < $3
        AND (b.starts_at >= $2 OR b.ends_at > $2 AND b.status = ANY($5::text[]))
    ORDER BY b.starts_at, b.id
"""  # noqa: S608


async def listed(location: LocationView, first: date, days: int) -> list[Listed]:
    """The bookings that begin on some dates, in the order of time; three statements.

    Before them those that stand and reach into the first date from its eve, which is their `day`.
    """
    known = await windows(location, first, days)
    begins = [start for start, _ in known.values()]
    nights = [begins[0], *(night for _, night in known.values())]
    rows = await db.fetch(_LISTED, location.id, begins[0], nights[-1], LONGEST_BOOKING, list(STANDING))
    lies = [bisect_right(begins, row["starts_at"]) for row in rows]
    return [
        Listed(
            row["id"],
            first + timedelta(days=at - 1),
            nights[at],
            row["client"],
            Names(row["given_name"], row["middle_name"], row["family_name"], row["company"]).shown,
            next((one["number"] for one in json.loads(row["phones"])), None),
            row["address"],
            row["site"],
            Status(row["status"]),
            row["source"],
            (row["starts_at"], row["ends_at"]),
            row["note"],
            row["loud"],
            tuple(_step(*one) for one in json.loads(row["services"] or "[]")),
            tuple((who, name) for _, who, name in json.loads(row["people"] or "[]")),
            row["overbooked"] is not None,
            row["unsaid"],
        )
        for at, row in zip(lies, rows, strict=True)
    ]


def _step(names: Mapping[str, str], starts_at: int, ends_at: int, doers: list[tuple[int, str]] | None) -> Step:
    start, end = (datetime.fromtimestamp(moment, UTC) for moment in (starts_at, ends_at))
    those = [(BookableId(who), name) for who, name in doers or ()]
    return Step(names, start, end, tuple(name for _, name in those), frozenset(who for who, _ in those))
