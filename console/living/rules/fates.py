"""What becomes of each visit that is planned, when it was booked, and how it is paid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from console.living.rules.habits import Habit, Member
from console.living.rules.team import SEED

OPENS, CLOSES = 9 * 60 + 5, 19 * 60 + 30
"""The minutes of the day between which the desk books."""
CALL = 5
"""Minutes after which whoever has told who they are has booked."""
IN_TIME = (2, 4)
"""Days before, in which somebody calls off in time."""


class Fate(StrEnum):
    """What becomes of a booking."""

    COMES = "comes"
    CALLS_OFF = "calls_off"
    LATE = "late"
    NO_SHOW = "no_show"
    WE_CANCEL = "we_cancel"


class Pays(StrEnum):
    """How a visit, or a fee, is paid."""

    AT_ONCE = "at_once"
    HALF = "half"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, order=True)
class Moment:
    """A date and the minute of it on the wall."""

    day: date
    minute: int


@dataclass(frozen=True)
class Fated:
    """What becomes of one visit. `booked`: when; `off`: when it was called off; `settles`: when the rest is paid.

    `way`: of paying, by its place in the list. `moved`: it was booked for another time of the day first.
    `lenient`: a fee is not insisted on.
    """

    fate: Fate
    booked: Moment
    off: Moment | None
    pays: Pays
    way: int
    settles: Moment | None
    moved: bool
    confirmed: bool
    tips: bool
    lenient: bool
    product: str | None


def fated(member: Member, visit: int, at: Moment, joined: Moment) -> Fated:
    """What becomes of a visit that is to be at a moment; before they `joined` somebody books nothing."""
    rng = Random(f"{SEED} fate {member.number} {visit}")  # noqa: S311
    least, most = {Habit.WEEKLY: (10, 20), Habit.BUSINESS: (8, 20), Habit.FORTNIGHTLY: (5, 14)}.get(
        member.habit, (1, 8)
    )
    day = at.day
    booked = Moment(day - timedelta(days=rng.randint(least, most)), rng.randrange(OPENS, CLOSES))
    booked = max(booked, replace(joined, minute=joined.minute + CALL))
    fate, off = _fate(rng, member, booked, at)
    pays = _pays(rng, member)
    settles = None
    if pays in (Pays.HALF, Pays.LATER) or (fate in (Fate.LATE, Fate.NO_SHOW) and pays is not Pays.NEVER):
        settles = Moment(day + timedelta(days=rng.randint(3, 15)), rng.randrange(OPENS, CLOSES))
    ways = (2, 2, 2, 2, 1) if member.habit is Habit.BUSINESS else (1, 1, 1, 1, 0, 0, 0, 2)
    return Fated(
        fate,
        booked,
        off,
        pays,
        rng.choice(ways),
        settles,
        moved=fate is Fate.COMES and rng.random() < 0.03,
        confirmed=rng.random() < 0.6,
        tips=rng.random() < 0.03,
        lenient=rng.random() < 0.25,
        product=rng.choice(("SPRAY", "CLOTH")) if rng.random() < 0.05 else None,
    )


def _fate(rng: Random, member: Member, booked: Moment, at: Moment) -> tuple[Fate, Moment | None]:
    fickle = 2 if member.habit in (Habit.FADING, Habit.RARE, Habit.NEW) else 1
    roll, minute = rng.random() / fickle, rng.randrange(OPENS, CLOSES)
    in_time = Moment(at.day - timedelta(days=rng.randint(*IN_TIME)), minute)
    before = Moment(at.day - timedelta(days=1), minute)
    hours_before = Moment(at.day, max(at.minute - 90, 8 * 60))
    if roll < 0.03 and in_time > booked:
        return Fate.CALLS_OFF, in_time
    if 0.03 <= roll < 0.036 and before > booked:
        return Fate.WE_CANCEL, before
    if 0.036 <= roll < 0.048 and hours_before > booked:
        return Fate.LATE, hours_before
    if 0.048 <= roll < 0.059:
        return Fate.NO_SHOW, None
    return Fate.COMES, None


def _pays(rng: Random, member: Member) -> Pays:
    roll = rng.random()
    if member.habit is Habit.BUSINESS:
        return Pays.LATER if roll < 0.2 else Pays.NEVER if roll < 0.203 else Pays.AT_ONCE
    if roll < 0.02:
        return Pays.HALF
    return Pays.NEVER if roll < 0.023 else Pays.AT_ONCE
