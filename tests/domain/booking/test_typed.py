"""A booking typed in one line: which words mean what, in English and in Russian, and when nothing is offered."""

from __future__ import annotations

from datetime import date

import pytest

from console.domain.booking import typed
from console.domain.booking.typed import Offered, Wanted
from console.domain.ids import BookableId, ServiceId

TUESDAY = date(2026, 5, 12)
FRIDAY = date(2026, 5, 15)
DEEP, WINDOWS, OFFICE = map(ServiceId, (1, 2, 3))
BEN, ANNA, ANNA_BELOVA, IVAN = map(BookableId, (11, 12, 13, 14))

OFFERED = Offered(
    {
        DEEP: ("deep", "clean", "генеральная", "уборка", "deep1"),
        WINDOWS: ("windows", "мытье", "окон", "win"),
        OFFICE: ("office", "clean", "уборка", "офиса", "off"),
    },
    {BEN: ("ben", "stone"), ANNA: ("anna",), ANNA_BELOVA: ("anna", "belova"), IVAN: ("иван", "белов")},
)


def read(text: str) -> Wanted | None:
    return typed.read(text, TUESDAY, OFFERED)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("4512 deep fri 10 ben", Wanted("4512", DEEP, FRIDAY, 600, BEN)),
        ("4512 fri 10 ben deep", Wanted("4512", DEEP, FRIDAY, 600, BEN)),
        ("4512 deep clean Friday at 10:30 with Ben Stone", Wanted("4512", DEEP, FRIDAY, 630, BEN)),
        ("Anna Petrova deep fri", Wanted("Anna Petrova", DEEP, FRIDAY)),
        ("anna deep 2pm stone", Wanted("anna", DEEP, None, 840, BEN)),
        ("anna deep 12am anna bel", Wanted("anna", DEEP, None, 0, ANNA_BELOVA)),
        ("4512 win tue 9", Wanted("4512", WINDOWS, TUESDAY, 540)),
        ("4512 win mon 9", Wanted("4512", WINDOWS, date(2026, 5, 18), 540)),
        ("4512 win tomorrow 9", Wanted("4512", WINDOWS, date(2026, 5, 13), 540)),
        ("4512 win 12.5. 9", Wanted("4512", WINDOWS, TUESDAY, 540)),
        ("4512 win 11.05 9", Wanted("4512", WINDOWS, date(2027, 5, 11), 540)),
        ("4512 win 29/2 9", Wanted("4512", WINDOWS, date(2028, 2, 29), 540)),
        ("4512 win 2026-06-01", Wanted("4512", WINDOWS, date(2026, 6, 1))),
        ("Петрова генеральная пт 10", Wanted("Петрова", DEEP, FRIDAY, 600)),
        ("Петрова на генеральную уборку в пятницу в 10:30 к Ивану", Wanted("Петрова", DEEP, FRIDAY, 630, IVAN)),
        ("4512 окон среду 14ч", Wanted("4512", WINDOWS, date(2026, 5, 13), 840)),
        ("4512 мытьё послезавтра", Wanted("4512", WINDOWS, date(2026, 5, 14))),
    ],
)
def test_one_line_says_whom_what_when_and_by_whom(text: str, wanted: Wanted) -> None:
    assert read(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4512",
        "deep fri 10",
        "4512 deep",
        "4512 fri 10",
        "anna petrova",
        "4512 deep ben",
        "4512 clean fri 10",
        "4512 deep fri 10 bob",
        "4512 deep fri 10 anna",
        "4512 deep fri 10 anna belov petrov",
        "4512 deep fri mon",
        "4512 deep 10 11",
        "4512 deep 25",
        "4512 deep 10:75",
        "4512 deep 13pm",
        "4512 deep 31.2.",
        "4512 deep 2026-13-01",
        "4512 deep fr 10",
        "4512 deep \u0661\u0660 fri x",
    ],
)
def test_a_word_that_is_not_known_or_too_little_offers_nothing(text: str) -> None:
    assert read(text) is None
