"""At which location's till money comes or goes: the same field in every form that takes some or gives it back."""

from __future__ import annotations

from collections.abc import Sequence

from console.domain.business.queries import LocationView, open_locations
from console.routes import _fields as f
from console.routes._page import Req
from console.routes._session import Cookies

NAME = "location"


async def field(name: str = NAME, label: str = "field.payment_location") -> f.Field:
    """One of the locations that are open."""
    return one_of(await open_locations(), name, label)


def one_of(locations: Sequence[LocationView], name: str, label: str) -> f.Field:
    """One of some locations."""
    places = [(str(one.id), one.name) for one in locations]
    return f.choice(name, lambda: places, label=label)


def usual(request: Req, of: f.Field, location: int | None = None) -> str:
    """The location that it is for where that is open, else the one whose agenda was looked at last, else the first."""
    there = [value for value, _ in (of.choices() if of.choices else ())]
    kept = Cookies(request.app.state.settings).read(request, "place")
    return next((one for one in (str(location), kept) if one in there), next(iter(there), ""))
