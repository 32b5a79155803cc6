"""Which visits to come the free visits of a client are good for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date


def are_free(dates: Iterable[date], throughs: Iterable[date | None]) -> list[bool]:
    """Whether each of these visits, in the order of their dates, finds a free visit that is good on its date.

    The one that ends first is used before the others (section 1). `throughs`: their last days, None: it never ends.
    """
    left = sorted(throughs, key=lambda through: through or date.max)
    found = []
    for on in dates:
        while left and left[0] is not None and left[0] < on:
            del left[0]
        found.append(bool(left))
        del left[:1]
    return found
