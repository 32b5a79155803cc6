"""Links by which a client answers to a booking without signing in.

The last part of such an address is the booking's id and a mark that only we can make: of this booking and this client.
No row of the database stands for it, and it ends by itself where the booking becomes another client's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from functools import cache

from console.config import Settings, secret_key
from console.domain.ids import BIGINT_MAX, BookingId, ClientId

FOLDER = "/b/"
_MARK = 10
"""Bytes: nobody guesses 80 bits over the network, and they are 16 letters and digits that survive any phone."""
_TOKEN = re.compile(r"([1-9][0-9]{0,18})([a-z2-7]{16})")


def url(settings: Settings, booking: BookingId, client: ClientId) -> str:
    """The address that a client of a booking is sent."""
    return f"{settings.public_url}{path(token(settings, booking, client))}"


def path(token: str) -> str:
    """Where a link's page is at this console."""
    return f"{FOLDER}{token}"


def token(settings: Settings, booking: BookingId, client: ClientId) -> str:
    """What only a link of this booking and this client ends in."""
    return f"{booking}{mark(settings, f'booking:{booking}:{client}', _MARK)}"


def named(token: str) -> BookingId | None:
    """The booking that a token names, whoever made it; None where it is none of ours by its looks."""
    parts = _TOKEN.fullmatch(token)
    booking = int(parts[1]) if parts else 0
    return BookingId(booking) if 0 < booking <= BIGINT_MAX else None


def is_for(settings: Settings, given: str, booking: BookingId, client: ClientId) -> bool:
    """Whether a token was made for this booking and this client."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token(settings, booking, client).encode())


def mark(settings: Settings, of: str, size: int) -> str:
    """Letters and digits that only this console can make of a text; of `size` bytes, a multiple of five."""
    made = hmac.new(_key(settings), of.encode(), hashlib.sha256).digest()
    return base64.b32encode(made[:size]).decode().lower()


@cache
def _key(settings: Settings) -> bytes:
    return hmac.new(secret_key(settings).encode(), b"links", hashlib.sha256).digest()
