"""Due times from what happened to a ticket, also where two clocks that wrote it do not show the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from console.domain.ids import LocationId
from console.domain.roster.rules import Place
from console.domain.tickets.dues_rules import Happened, dues
from console.domain.tickets.rules import TicketStatus
from console.domain.tickets.sla import Hours, Target

ALWAYS = Hours(Place(LocationId(1), (((0, 24 * 60),),) * 7, {}), ZoneInfo("UTC"))
TARGET = Target(first_reply=60, resolution=240, warn=30)


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-05-12T{clock}").replace(tzinfo=UTC)


def lived(statuses: str) -> Happened:
    """What happened to a ticket that was opened at ten: `open 10:00, pending 11:00`."""
    came = [one.split() for one in statuses.split(", ")]
    return Happened(at("10:00"), [(TicketStatus(status), at(clock)) for status, clock in came])


@pytest.mark.parametrize(
    ("statuses", "pauses", "due"),
    [
        ("open 10:00, pending 11:00, open 12:00", [("11:00", "12:00")], "15:00"),
        ("open 10:00, pending 11:00, open 10:55", [("11:00", "11:00")], "14:00"),
        ("open 10:00, pending 09:58, open 11:00", [("10:00", "11:00")], "15:00"),
        ("open 10:00, pending 11:00, open 10:55, pending 12:00, open 12:30",
         [("11:00", "11:00"), ("12:00", "12:30")], "14:30"),
        ("open 10:00, pending 11:00, open 10:55, pending 10:57, open 12:00",
         [("11:00", "11:00"), ("11:00", "12:00")], "15:00"),
        ("open 10:00, pending 11:00, on_hold 10:50, open 10:52", [("11:00", "11:00")], "14:00"),
    ],
    ids=[
        "clocks that agree",
        "the client answers before they were asked",
        "it waits before it was opened",
        "it waits once more",
        "the second clock is behind all along",
        "two in a row by the clock that is behind",
    ],
)  # fmt: skip
def test_no_pause_ends_before_it_began(statuses: str, pauses: Sequence[tuple[str, str]], due: str) -> None:
    happened = lived(statuses)
    assert happened.pauses == [(at(began), at(ended)) for began, ended in pauses]
    assert dues(happened, TARGET, ALWAYS, at("12:40")).resolution_due == at(due)


@pytest.mark.parametrize(
    ("statuses", "solved"),
    [
        ("open 10:00, solved 12:00, closed 11:50", "12:00"),
        ("open 10:00, solved 09:59", "10:00"),
        ("open 10:00, pending 12:00, solved 11:59", "12:00"),
        ("open 10:00, solved 11:00, open 10:30", None),
    ],
)
def test_it_is_solved_no_earlier_than_it_was_anything_else(statuses: str, solved: str | None) -> None:
    happened = lived(statuses)
    assert happened.solved_at == (at(solved) if solved else None)
