"""The visits of a client, as their card shows the latest, and all of them."""

from __future__ import annotations

from typing import Any

from console import i18n
from console.domain.clients.queries import ClientView
from console.domain.team.rules import Permission
from console.domain.visits.of_client import visits_of
from console.routes._page import Req
from console.routes.visits import url

MOST_ON_CARD = 5
MOST = 1000


async def visits(request: Req, one: ClientView, most: int = MOST_ON_CARD) -> dict[str, Any]:
    """The latest, each in a line; `all`: how many there are where not all are shown, else 0."""
    if not request.user.actor.may(Permission.VISIT_READ):
        return {"rows": [], "all": 0}
    found = await visits_of(one.id, most)
    return {
        "rows": [
            {
                "url": url(visit.id),
                "when": i18n.short_day(visit.on),
                "what": i18n.listing([i18n.spoken(names) for names in visit.names]),
                "price": i18n.money(visit.due, visit.currency),
                "free": visit.free,
            }
            for visit in found.latest
        ],
        "all": found.count if found.count > len(found.latest) else 0,
    }
