"""The links by which clients answer: whose they are, and what they look like."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console import links
from console.config import Settings
from console.domain.ids import BookingId, ClientId

OURS = Settings(public_url="https://desk.example.com", secret_key="a key of this console, as long as it must be")
BOOKING, CLIENT = BookingId(120), ClientId(7)
TOKEN = links.token(OURS, BOOKING, CLIENT)


def test_a_link_is_short_and_names_its_booking() -> None:
    address = links.url(OURS, BOOKING, CLIENT)
    assert address == f"https://desk.example.com/b/{TOKEN}"
    assert len(TOKEN) == len("120") + 16
    assert TOKEN.isalnum()
    assert TOKEN.lower() == TOKEN
    assert links.named(TOKEN) == BOOKING
    assert links.is_for(OURS, TOKEN, BOOKING, CLIENT)


@pytest.mark.parametrize(
    ("given", "booking", "client", "key"),
    [
        (TOKEN, BookingId(121), CLIENT, OURS.secret_key),
        (TOKEN.replace("120", "121", 1), BookingId(121), CLIENT, OURS.secret_key),
        (TOKEN, BOOKING, ClientId(8), OURS.secret_key),
        (TOKEN, BOOKING, CLIENT, "another key, which was in use before that one was"),
        (TOKEN[:-1], BOOKING, CLIENT, OURS.secret_key),
        (f"{TOKEN}a", BOOKING, CLIENT, OURS.secret_key),
        (TOKEN.upper(), BOOKING, CLIENT, OURS.secret_key),
        ("", BOOKING, CLIENT, OURS.secret_key),
        ("\udcff", BOOKING, CLIENT, OURS.secret_key),
    ],
    ids=["other booking", "renumbered", "other client", "other key", "cut", "longer", "capitals", "none", "no text"],
)
def test_no_other_token_is_for_this_booking_and_client(
    given: str, booking: BookingId, client: ClientId, key: str
) -> None:
    assert not links.is_for(replace(OURS, secret_key=key), given, booking, client)


@pytest.mark.parametrize(
    "odd",
    ["", "1", TOKEN[:-1], f"0{TOKEN}", f"-{TOKEN}", TOKEN.upper(), "9" * 19 + TOKEN[3:], "1" * 400, "١٢٠" + TOKEN[3:]],
)
def test_what_looks_like_no_token_names_no_booking(odd: str) -> None:
    assert links.named(odd) is None
