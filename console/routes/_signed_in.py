"""Where somebody is signed in, as their own profile and the page of their account show it."""

from __future__ import annotations

from typing import Any

from console import i18n
from console.domain import clock
from console.domain.ids import StaffId
from console.domain.team import queries
from console.routes._page import Req


async def signed_in(request: Req, staff: int) -> list[dict[str, Any]]:
    """The browsers in which somebody is signed in, last used first."""
    zone = request.scope["state"]["business"].zone
    return [
        {
            "view": view,
            "agent": agent_words(view.agent),
            "started": i18n.moment(view.created_at, zone),
            "seen": i18n.moment(view.seen_at, zone),
            "current": view.id == request.user.session,
            "shared": view.shared,
        }
        for view in await queries.sessions(StaffId(staff), clock.now())
    ]


def agent_words(agent: str) -> str:
    """A browser and its system, as far as its User-Agent says."""
    browsers = (("Edg/", "Edge"), ("YaBrowser/", "Yandex"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
    systems = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
               ("Mac OS X", "macOS"), ("Linux", "Linux"))  # fmt: skip
    name = next((word for mark, word in browsers if mark in agent), "Safari" if "Safari/" in agent else "")
    system = next((word for mark, word in systems if mark in agent), "")
    return " · ".join(part for part in (name, system) if part) or agent[:60] or "–"
