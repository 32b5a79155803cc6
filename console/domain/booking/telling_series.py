"""What clients are to be told of several bookings of a series at once: one message, not one each. Values only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from console.domain.booking.telling_rules import CANCELLED, CONFIRMATION, MOVED, Change, Facts, Said, Sayings, Tell
from console.domain.booking.telling_rules import still as booking_still
from console.domain.ids import BookingId, SeriesId
from console.domain.messages.rules import Variables
from console.domain.messages.settings_rules import MessageSettings

SEVERAL = 2
"""From so many bookings on that one operation treats alike the series is told of."""


@dataclass(frozen=True)
class Together:
    """The bookings of a series, and what the running operation made of them.

    `made`: it made the series itself. `named`: bookings that messages name which are due about series and tell of
    moves, with when the client knows that they begin.
    """

    series: SeriesId
    members: Sequence[Facts]
    changes: Mapping[BookingId, Change] = field(default_factory=dict)
    made: bool = False
    named: Mapping[BookingId, datetime] = field(default_factory=dict)

    @property
    def moved(self) -> list[Facts]:
        found = [one for one in self.members if one.stands and self._was(one) not in (None, one.starts_at)]
        return _several(found)

    @property
    def off(self) -> list[Facts]:
        return _several([one for one in self.members if one.off and self._was(one) is not None])

    @property
    def back(self) -> list[Facts]:
        found = []
        for one in self.members:
            change = self.changes.get(one.booking)
            if one.stands and change is not None and change.was is None and not change.made:
                found.append(one)
        return _several(found)

    @property
    def begins(self) -> bool:
        """Whether the series itself is new, and does not go on what was another one."""
        return self.made and any(one.made for one in self.changes.values())

    @property
    def told(self) -> set[BookingId]:
        """Those that are told of together, and not each by itself."""
        return {one.booking for one in (*self.moved, *self.off, *self.back)}

    def _was(self, one: Facts) -> datetime | None:
        change = self.changes.get(one.booking)
        return change.was if change else None

    def begun(self, one: Facts) -> datetime:
        """When a booking began before: by what is still due of it, else by the operation."""
        return self.named.get(one.booking) or self._was(one) or one.starts_at

    def ahead(self, now: datetime) -> list[Facts]:
        """Those that are to come, the first one first."""
        return sorted(
            (one for one in self.members if one.stands and one.starts_at > now), key=lambda one: one.starts_at
        )

    def told_of(self, found: Sequence[Facts], there: Said | None = None) -> Variables:
        """What tells that it is several: the last of those found and how many they are, else what is due says."""
        if found:
            return {"series": self.series, "last_starts": found[-1].starts_at, "count": len(found)}
        kept = there.variables if there else {}
        return {"series": self.series, **{name: kept[name] for name in ("last_starts", "count") if name in kept}}

    def about(self, there: Said | None, found: Sequence[Facts], *, stands: bool) -> Facts | None:
        """Which of its bookings a message names: the first of those found, else the one that what is due names."""
        if found:
            return found[0]
        named = there.variables["booking"] if there else None
        return next((one for one in self.members if one.booking == named and one.stands == stands), None)

    def instead(self, there: Said) -> Iterator[tuple[Facts, Variables]]:
        """Which of its bookings what is due about moves names once the one that it named does not take place any more.

        It moved by as much on the wall, and one fewer are told of.
        """
        last, count = there.variables.get("last_starts"), there.variables.get("count", 0) - 1
        if last is None or count < 1:
            return
        for one in sorted(self.members, key=lambda one: one.starts_at):
            if one.stands and there.starts < one.starts_at <= datetime.fromisoformat(last):
                wall, now, was = (
                    at.astimezone(one.zone).replace(tzinfo=None) for at in (one.starts_at, there.starts, there.before)
                )
                before = (wall - (now - was)).replace(tzinfo=one.zone).astimezone(UTC)
                kept = {"series": self.series, "last_starts": last, "count": count}
                yield one, {**one.told, "before": before, **kept}


def _several(found: list[Facts]) -> list[Facts]:
    return sorted(found, key=lambda one: one.starts_at) if len(found) >= SEVERAL else []


def series_messages(
    those: Together, said: Sayings, known: bool, settings: MessageSettings, now: datetime
) -> list[Tell]:
    """What is to be told of a series. `known`: the client read of one of its bookings by itself."""
    found = [*_confirmed(those, said, now), *_moved(those, said, settings, now), *_cancelled(those, said, known, now)]
    return [one for one in found if one.kind not in settings.off]


def still(those: Together, now: datetime, said: Said) -> Variables | None:
    """What a message would tell of a series were it written now; None: what it tells is not so any more."""
    if said.kind == CONFIRMATION:
        ahead = those.ahead(now)
        told = booking_still(ahead[0], said) if ahead else None
        return None if told is None else {**told, **those.told_of(ahead)}
    named = those.about(said, (), stands=said.kind != CANCELLED)
    return booking_still(named, said) if named else None


def _confirmed(those: Together, said: Sayings, now: datetime) -> Iterator[Tell]:
    ahead = those.ahead(now)
    back = bool(those.back)
    if ahead and (said.is_off or (not said.out and (back or not said.tried(CONFIRMATION)))):
        told = {**ahead[0].told, **those.told_of(ahead)}
        yield Tell(CONFIRMATION, said.key(CONFIRMATION), told, ahead[0].starts_at, those.begins or back)


def _moved(those: Together, said: Sayings, settings: MessageSettings, now: datetime) -> Iterator[Tell]:
    if said.due(CONFIRMATION) and CONFIRMATION not in settings.off:
        return
    there = said.due(MOVED)
    if there and all(one.is_read for one in those.ahead(now)):
        return
    one = those.about(there, those.moved, stands=True)
    if one is None and there is not None:
        one, told = next(those.instead(there), (None, {}))
        if one is not None and one.starts_at > now:
            yield Tell(MOVED, said.key(MOVED), told, one.starts_at, False)
        return
    if one is None or one.starts_at <= now:
        return
    before = those.begun(one)
    if before != one.starts_at:
        told = {**one.told, "before": before, **those.told_of(those.moved, there)}
        yield Tell(MOVED, said.key(MOVED), told, one.starts_at, bool(those.moved))


def _cancelled(those: Together, said: Sayings, known: bool, now: datetime) -> Iterator[Tell]:
    there = said.due(CANCELLED)
    one = those.about(there, those.off, stands=False)
    if one is None or said.is_off:
        return
    answered = one.answered.starts if one.answered and one.answered.off and one.answered.at == now else None
    starts = answered or (there.starts if there and there.variables["booking"] == one.booking else those.begun(one))
    if starts > now and (said.out or known or one.by):
        told = {**one.told, "starts": starts, **one.by, **those.told_of(those.off, there)}
        yield Tell(CANCELLED, said.key(CANCELLED), told, starts, bool(those.off))
