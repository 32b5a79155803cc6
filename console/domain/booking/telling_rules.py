"""What clients are to be told of their bookings as they are; what is not among it is not so any more. Values only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.domain.ids import BookingId, ClientId, LocationId, SeriesId, ServiceId
from console.domain.messages.rules import OUT, MessageKind, MessageStatus, Variables, plain
from console.domain.messages.settings_rules import MessageSettings

CONFIRMATION = MessageKind.BOOKING_CONFIRMATION
REMINDER = MessageKind.BOOKING_REMINDER
MOVED = MessageKind.BOOKING_MOVED
CANCELLED = MessageKind.BOOKING_CANCELLED

KINDS = (CONFIRMATION, REMINDER, MOVED, CANCELLED)
"""What tells of a booking."""


@dataclass(frozen=True, slots=True)
class Answered:
    """That a client answered by the link of a booking, and the beginning that they read there.

    `off`: that they do not come.
    """

    at: datetime
    starts: datetime
    off: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """A booking as it is. `stands`: it is to take place; `off`: it is not, and `ours`: by our doing; else it is over.

    `taken_back`: by an undo. `client_zone`: by whose clocks the client has quiet hours, None: those of the place.
    `answered`: the last time that the client answered by the link.
    """

    booking: BookingId
    client: ClientId
    location: LocationId
    zone: ZoneInfo
    starts_at: datetime
    ends_at: datetime
    services: tuple[ServiceId, ...]
    stands: bool
    off: bool = False
    ours: bool = False
    taken_back: bool = False
    series: SeriesId | None = None
    client_zone: ZoneInfo | None = None
    answered: Answered | None = None

    @property
    def is_read(self) -> bool:
        """Whether the client said on the page of their link that they come when it begins now."""
        return self.answered is not None and not self.answered.off and self.answered.starts == self.starts_at

    @property
    def by(self) -> Variables:
        """What tells that we called it off; nothing of what an undo took back."""
        return {"by": "us"} if self.off and self.ours and not self.taken_back else {}

    @property
    def told(self) -> Variables:
        return {
            "booking": self.booking,
            "location": self.location,
            "starts": self.starts_at,
            "ends": self.ends_at,
            "services": ".".join(str(one) for one in self.services),
        }


@dataclass(frozen=True, slots=True)
class Change:
    """What an operation made of a booking. `was`: when it began before, None: it did not stand; `made`: it is new.

    `alone`: as one of a series that was made before.
    """

    was: datetime | None
    made: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A message about a booking as it is written. `starts`: the beginning that it tells; `before`: that of before.

    `again`: staff may send it again. `at`: when it went out, or at the latest will have.
    """

    key: str
    kind: MessageKind
    status: MessageStatus
    withdrawn: bool
    due_at: datetime
    variables: Mapping[str, Any]
    again: bool
    at: datetime

    @property
    def is_due(self) -> bool:
        return self.status == MessageStatus.DUE and not self.withdrawn

    @property
    def may_leave(self) -> bool:
        """Whether it may leave though it is not due: a worker has it, or is to try it again; or staff may."""
        return self.status == MessageStatus.CLAIMED or self.again

    @property
    def is_out(self) -> bool:
        """Whether the client may have read it."""
        return self.status in OUT

    @property
    def starts(self) -> datetime:
        return datetime.fromisoformat(self.variables["starts"])

    @property
    def about(self) -> tuple[MessageKind, int | None, int | None]:
        return self.kind, self.variables.get("days"), self.variables.get("minutes")

    @property
    def before(self) -> datetime:
        return datetime.fromisoformat(self.variables["before"])


@dataclass(frozen=True, slots=True)
class Tell:
    """One message: what it tells, when (None: soon), and until when anybody wants it.

    `begins`: it is written where there is none yet, or where it was withdrawn; else only what is due is corrected.
    """

    kind: MessageKind
    key: str
    told: Variables
    until: datetime
    begins: bool
    at: datetime | None = None


class Sayings:
    """What was written about a booking or a series (`about`), in the order in which it went out.

    `of_series`: the client read of the series that it is of; `with_series`: they are to read of it with that yet.
    `answered`: what they read on the page of their link counts as what they were told.
    """

    def __init__(
        self,
        about: str,
        said: Iterable[Said],
        *,
        of_series: bool = False,
        with_series: bool = False,
        answered: Answered | None = None,
    ) -> None:
        self.about = about
        self.of_series = of_series
        self.with_series = with_series
        self.all = list(said)
        last = next((one.at for one in reversed(self.all) if one.is_out), None)
        self.answered = answered if answered and (last is None or last < answered.at) else None

    def key(self, kind: MessageKind, more: str = "") -> str:
        """The key of the next message of a kind: one that is due or withdrawn is that."""
        begin = f"{kind}:{self.about}{more}"
        number = sum(one.status != MessageStatus.DUE for one in self.all if _numbered(one.key, begin))
        return f"{begin}.{number}" if number else begin

    def due(self, kind: MessageKind) -> Said | None:
        return next((one for one in self.all if one.kind == kind and one.is_due), None)

    def tried(self, kind: MessageKind) -> bool:
        """Whether one of a kind is dealt with, whatever became of it."""
        return any(one.kind == kind and one.status != MessageStatus.DUE for one in self.all)

    def is_latest(self, one: Said) -> bool:
        """Whether no other of its kind, of reminders: for the same time before, came after it."""
        return next(each for each in reversed(self.all) if each.about == one.about) is one

    @property
    def out(self) -> Sequence[Said]:
        return [one for one in self.all if one.is_out]

    @property
    def are_read(self) -> bool:
        """Whether the client may have read any of it, or of what it is about on the page of their link."""
        return bool(self.out or self.answered)

    @property
    def is_off(self) -> bool:
        """Whether the last that the client read is that it does not take place."""
        return self.answered.off if self.answered else bool(self.out) and self.out[-1].kind == CANCELLED

    @property
    def known(self) -> datetime | None:
        """The beginning that the client read last; None where they read of none, or that it does not take place."""
        if self.is_off or not self.are_read:
            return None
        return self.answered.starts if self.answered else self.out[-1].starts


def _numbered(key: str, begin: str) -> bool:
    """Whether a key is one of those that begin so, the first or a later one."""
    return key == begin or (key.startswith(f"{begin}.") and key.removeprefix(f"{begin}.").isdigit())


def still(facts: Facts, said: Said) -> Variables | None:
    """What a message would tell of a booking were it written now; None: what it tells is not so any more."""
    is_so = facts.off if said.kind == CANCELLED else facts.stands and facts.starts_at == said.starts
    return {**said.variables, **plain(facts.told), "starts": said.variables["starts"]} if is_so else None


def booking_messages(
    facts: Facts, said: Sayings, change: Change | None, settings: MessageSettings, now: datetime
) -> list[Tell]:
    """What is to be told of a booking that has not begun; `change`: what the running operation made of it.

    What it did with several of a series at once is told of the series, and is no change of each.
    """
    if facts.off:
        found = [*_cancelled(facts, said, change, now)]
    elif facts.stands and facts.starts_at > now:
        confirmed = [*_confirmed(facts, said, change)]
        is_on = CONFIRMATION not in settings.off
        found = [*confirmed, *_moved(facts, said, change, is_on), *_reminded(facts, said, settings, now)]
    else:
        found = []
    return [one for one in found if one.kind not in settings.off]


def _confirmed(facts: Facts, said: Sayings, change: Change | None) -> Iterator[Tell]:
    """That it takes place, unless the client read so.

    A new one of a series is confirmed with the series, and one that is placed alone by itself where that is past.
    """
    comes = change is not None and change.was is None
    again = comes and change is not None and not change.made
    if said.is_off or (said.known is None and (again or not said.tried(CONFIRMATION))):
        alone = change is not None and change.alone and not said.with_series
        begins = comes and (again or alone or facts.series is None)
        yield Tell(CONFIRMATION, said.key(CONFIRMATION), facts.told, facts.starts_at, begins)


def _moved(facts: Facts, said: Sayings, change: Change | None, confirms: bool) -> Iterator[Tell]:
    """That it begins at another time than the client knows, by what they read or else by what was agreed with them."""
    before = said.known
    if before is None and not said.is_off and not (confirms and said.due(CONFIRMATION)):
        there = said.due(MOVED)
        before = there.before if there else change.was if change else None
    if before is not None and before != facts.starts_at:
        told = {**facts.told, "before": before}
        yield Tell(MOVED, said.key(MOVED), told, facts.starts_at, change is not None)


def _reminded(facts: Facts, said: Sayings, settings: MessageSettings, now: datetime) -> Iterator[Tell]:
    """The reminders that are still ahead, or due and on their way; none twice for the same beginning."""
    for reminder in settings.reminders:
        more = f":{reminder.code}"
        mine = [one for one in said.all if _numbered(one.key, f"{REMINDER}:{said.about}{more}")]
        there = next((one for one in mine if one.is_due), None)
        at = settings.reminded_at(reminder.at(facts.starts_at, facts.zone), facts.client_zone or facts.zone, now)
        if there and there.starts == facts.starts_at and there.due_at <= now:
            at = there.due_at
        elif at <= now or any(one.starts == facts.starts_at for one in mine if one.status != MessageStatus.DUE):
            continue
        told = {**facts.told, **reminder.told}
        yield Tell(REMINDER, said.key(REMINDER, more), told, facts.starts_at, True, at)


def _cancelled(facts: Facts, said: Sayings, change: Change | None, now: datetime) -> Iterator[Tell]:
    """That it does not take place: to who read of it, or said so by their link, and to whom we called it off."""
    was = change.was if change else None
    answered = said.answered.starts if said.answered else None
    starts = answered or said.known or was or facts.starts_at
    read = said.known is not None or said.of_series
    if starts > now and (answered or (not said.is_off and (read or facts.by))):
        told = {**facts.told, "starts": starts, **facts.by}
        yield Tell(CANCELLED, said.key(CANCELLED), told, starts, was is not None)
