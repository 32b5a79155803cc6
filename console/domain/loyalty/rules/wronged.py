"""Whether a client lost a tier by the rules, as what they go by is known today, and having it put back by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from console.domain.loyalty.rules.attendance import Attendance
from console.domain.loyalty.rules.card import DAY, Card
from console.domain.loyalty.rules.corrected import lived
from console.domain.loyalty.rules.events import Adjusted, Turn
from console.domain.loyalty.rules.ladder import Logged, place
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.programme import Versions

DOWN = ("dropped", "rematched", "retraced")
"""By what a tier becomes a lower one, as the log calls it."""


def lost(versions: Versions, log: Sequence[Logged], tier: int, on: date) -> list[int]:
    """The places in the log at which a client lost a tier above the one that they hold on a date, the latest first.

    Of those that lost the same tier the latest alone.
    """
    found: dict[str | None, int] = {}
    for at in reversed(range(len(log))):
        one = log[at]
        if one.event in DOWN and one.before not in found and place(versions.on(on).tiers, one.before) > tier:
            found[one.before] = at
    return list(found.values())


def still_held(versions: Versions, log: Sequence[Logged], at: int, attended: Attendance, to: date, live: Live) -> bool:
    """Whether a tier that a night took, as the log says at a place, would be held on a date by what is known today.

    What we called off since counts, as does what was paid since. What another version or a visit taken back took it
    did not take by a night.
    """
    one = log[at]
    if one.event != "dropped":
        return False
    eve = one.on - DAY
    warned = log[at - 1].drops_on if at else None
    known = attended.through(eve)
    card = Card(eve, attended=attended[:known], tier=place(versions.on(eve).tiers, one.before), drops_on=warned)
    now = lived(versions, card, attended[known:], to, live.then)
    return now.tier >= place(versions.on(to).tiers, one.before)


def put_back(card: Card, tier: int, on: date) -> Turn:
    """A card with a tier that was wrongly lost, without a warning: a night opens one, with full grace, if it must."""
    return replace(card, tier=tier, drops_on=None), [Adjusted(on, tier, card.tier)]
