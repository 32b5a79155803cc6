"""What several bookings take that are put at once: each is looked for beside those before it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from console.domain import db
from console.domain.booking import occupancy, rules
from console.domain.booking.occupancy import PlaceTaken, Spans
from console.domain.booking.places import Place, minute
from console.domain.booking.question import Question
from console.domain.business.rules import Interval
from console.domain.ids import BookableId, BookingId

Span = tuple[BookableId, Interval]
"""Who is taken, and when (minutes since the epoch)."""


async def lying(bookings: Collection[BookingId]) -> dict[BookingId, list[Span]]:
    """What each of some bookings occupies now."""
    found: dict[BookingId, list[Span]] = {booking: [] for booking in bookings}
    rows = await db.fetch(
        "SELECT booking, bookable, lower(during) AS start, upper(during) AS until FROM occupancy"
        " WHERE booking = ANY($1::bigint[])",
        list(bookings),
    )
    for row in rows:
        found[row["booking"]].append((row["bookable"], (minute(row["start"]), minute(row["until"]))))
    return found


class Laid:
    """Who is taken, and when (minutes since the epoch), by what was laid so far."""

    def __init__(self) -> None:
        self.spans: dict[BookableId, list[Interval]] = {}

    def beside(self, question: Question) -> Question:
        """The same, where what was laid counts as taken."""
        return replace(question, laid=tuple((who, span) for who, spans in self.spans.items() for span in spans))

    async def lay(self, place: Place) -> None:
        """Lay a place, of crews with all who are in them on its date. Raises `PlaceTaken` where it meets another."""
        own = rules.hulls(place.parts, rules.in_time(place.starts_at, place.parts))
        self.put(await occupancy.with_members(own, place.start.day))

    def stay(self, taken: Iterable[Span]) -> None:
        """Lay what takes somebody already, whatever it meets."""
        for who, span in taken:
            self.spans.setdefault(who, []).append(span)

    def put(self, spans: Spans) -> None:
        """Lay whom it takes from when to when. Raises `PlaceTaken` where it meets what was laid before."""
        new = {who: (minute(start), minute(end)) for who, (start, end) in spans.items()}
        for who, (start, end) in new.items():
            if any(start < until and since < end for since, until in self.spans.get(who, ())):
                raise PlaceTaken([who])
        for who, span in new.items():
            self.spans.setdefault(who, []).append(span)
