"""What stands out of a booking of an agenda: who is away, what is to be minded, what the visit brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console import i18n
from console.domain.booking.lying import Lying, Other
from console.domain.booking.rules import MOVABLE, Status
from console.domain.desk.agenda_marks import NONE, Marks
from console.domain.ids import BookableId, BookingId

MOST_MARKS = 3
COMING = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED)
"""Of whoever comes or is there it is marked what the visit brings."""
ICONS = {
    "away": "away",
    "loud": "alert",
    "over": "over",
    "free": "gift",
    "at-risk": "programme",
    "noted": "note",
}
WORDS = {
    "away": "words.mark_away",
    "away_said": "words.mark_away_said",
    "at-risk": "words.mark_at_risk",
    "at_risk_said": "words.mark_at_risk_said",
    "free": "words.mark_free",
    "free_said": "words.mark_free_said",
    "loud": "words.mark_note",
    "over": "words.mark_over",
    "over_said": "words.mark_over_said",
    "noted": "words.mark_noted",
}
TOLD_ALONE = {"away", "over", "free", "at-risk"}
"""Marks of which nothing else on the card tells."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands out of a booking: a class of its own, a word, an icon for where there is no room, and all of it."""

    kind: str
    word: str
    icon: str
    said: str


class Marker:
    """What the marks of one board share: what is held of its bookings, and what everybody is called."""

    def __init__(self, held: Mapping[BookingId, Marks], names: Mapping[BookableId, str]) -> None:
        self.held = held
        self.names = names
        self.word = i18n.gettext("words.together_with")
        self.words = {name: i18n.gettext(key) for name, key in WORDS.items()}

    def of(self, one: Lying, others: Sequence[Other], away: bool) -> list[Mark]:
        """Those of a booking, what matters most first: where there is little room the last ones are left out."""
        marks = []
        if away and one.status in MOVABLE:
            marks.append(self._mark("away", self.words["away_said"]))
        if one.loud:
            marks.append(self._mark("loud", one.loud))
        if one.overbooked:
            marks.append(self._mark("over", self.words["over_said"]))
        coming = self.held.get(one.booking, NONE) if one.status in COMING else NONE
        if coming.is_free:
            marks.append(self._mark("free", self.words["free_said"]))
        if coming.is_at_risk:
            marks.append(self._mark("at-risk", self.words["at_risk_said"]))
        if others:
            marks.append(Mark("more-people", f"+{len(others)}", "", self.together(others)))
        if one.note and not one.loud:
            marks.append(self._mark("noted", one.note))
        return marks[:MOST_MARKS]

    def together(self, others: Sequence[Other]) -> str:
        return f"{self.word} {', '.join(self.names[other.bookable] for other in others)}"

    def _mark(self, kind: str, said: str) -> Mark:
        return Mark(kind, self.words[kind], ICONS[kind], said)
