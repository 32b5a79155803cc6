"""Links by which a client answers without signing in: to a booking or a series, or to how their ticket was solved.

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
from console.domain.ids import BIGINT_MAX, BookingId, ClientId, SeriesId, TicketStatusId

FOLDER = "/b/"
SERIES = "/s/"
SATISFACTION = "/satisfaction/"
TRIAL = "trial"
"""What the last part of an address begins with that stands for a client's in a message that is only tried."""
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
    return _token(settings, "booking", booking, client)


def named(token: str) -> BookingId | None:
    """The booking that a token names, whoever made it; None where it is none of ours by its looks."""
    found = _named(token)
    return BookingId(found) if found else None


def is_for(settings: Settings, given: str, booking: BookingId, client: ClientId) -> bool:
    """Whether a token was made for this booking and this client."""
    return _is(given, token(settings, booking, client))


def series_url(settings: Settings, series: SeriesId, client: ClientId) -> str:
    """The address that a client of a series is sent: all its bookings are beneath it."""
    return f"{settings.public_url}{series_path(settings, series, client)}"


def series_path(settings: Settings, series: SeriesId, client: ClientId) -> str:
    return f"{SERIES}{_token(settings, 'series', series, client)}"


def series(token: str) -> SeriesId | None:
    """The series that a token names, whoever made it; None where it is none of ours by its looks."""
    found = _named(token)
    return SeriesId(found) if found else None


def is_for_series(settings: Settings, given: str, series: SeriesId, client: ClientId) -> bool:
    """Whether a token was made for this series and this client."""
    return _is(given, _token(settings, "series", series, client))


def satisfaction_url(settings: Settings, solving: TicketStatusId, client: ClientId) -> str:
    """The address at which a client says what they think of how their ticket was solved that time."""
    return f"{settings.public_url}{satisfaction_path(settings, solving, client)}"


def satisfaction_path(settings: Settings, solving: TicketStatusId, client: ClientId) -> str:
    return f"{SATISFACTION}{_token(settings, 'solving', solving, client)}"


def solving(token: str) -> TicketStatusId | None:
    """The solving that a token names, whoever made it; None where it is none of ours by its looks."""
    found = _named(token)
    return TicketStatusId(found) if found else None


def is_for_solving(settings: Settings, given: str, solving: TicketStatusId, client: ClientId) -> bool:
    """Whether a token was made for this solving and this client."""
    return _is(given, _token(settings, "solving", solving, client))


def trial(url: str) -> str:
    """An address as long as a client's, which proves nothing and leads to a page that says so."""
    folder, _, token = url.rpartition("/")
    return f"{folder}/{TRIAL.ljust(len(token), '0')}"


def is_trial(token: str) -> bool:
    return token.startswith(TRIAL)


def _token(settings: Settings, what: str, which: int, client: ClientId) -> str:
    return f"{which}{mark(settings, f'{what}:{which}:{client}', _MARK)}"


def _named(token: str) -> int | None:
    parts = _TOKEN.fullmatch(token)
    found = int(parts[1]) if parts else 0
    return found if 0 < found <= BIGINT_MAX else None


def _is(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def mark(settings: Settings, of: str, size: int) -> str:
    """Letters and digits that only this console can make of a text; of `size` bytes, a multiple of five."""
    made = hmac.new(_key(settings), of.encode(), hashlib.sha256).digest()
    return base64.b32encode(made[:size]).decode().lower()


@cache
def _key(settings: Settings) -> bytes:
    return hmac.new(secret_key(settings).encode(), b"links", hashlib.sha256).digest()
