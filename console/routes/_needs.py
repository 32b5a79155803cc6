"""What a booking of a service needs, in words."""

from __future__ import annotations

from collections.abc import Mapping

from console import i18n
from console.domain.roster.rules import BookableKind


def needed(kind: BookableKind, count: int) -> str:
    """How many of what: 2 people."""
    match kind:
        case BookableKind.ROOM:
            return i18n.words("words.rooms_needed", {"count": count})
        case BookableKind.VEHICLE:
            return i18n.words("words.vehicles_needed", {"count": count})
        case BookableKind.EQUIPMENT:
            return i18n.words("words.equipment_needed", {"count": count})
        case _:
            return i18n.words("words.people_needed", {"count": count})


def listed(needs: Mapping[BookableKind, int]) -> str:
    """All of them as a sentence lists them: 1 person and 1 vehicle."""
    return i18n.listing([needed(kind, count) for kind, count in needs.items() if count])
