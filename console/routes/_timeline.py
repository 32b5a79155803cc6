"""A client's timeline as the card, its own page and an export show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from console import i18n
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.desk import queries
from console.domain.ids import ClientId
from console.domain.team import queries as team
from console.domain.team.rules import Role
from console.domain.undo import offered
from console.routes import _actors, _trail, _undo_look
from console.routes._fields import as_id
from console.routes._page import Req

ALL = ""
PAGE = 20
BY_THE_WAY = {"import.take", "loyalty.night"}
"""Kinds of operation that are told only where they changed something that can be seen."""
MOST_UNDOS = 6
"""Of the latest operations so many offer their undo here; the older ones do in the history."""


async def part(request: Req, client: ClientId) -> dict[str, Any]:
    """What `_timeline.html` shows: `?show=` a part of the record, `?before=` an operation's id."""
    asked = request.query_params
    shown = asked.get("show", ALL) if asked.get("show", ALL) in queries.parts() else ALL
    before = as_id(asked.get("before", ""))
    told = await queries.timeline(client, part=shown or None, before=before, most=PAGE)
    url = f"/clients/{client}/timeline"
    return {
        "rows": await rows(request, told.entries, MOST_UNDOS if before is None else 0),
        "tabs": [
            {"label": label, "url": _url(url, show=name), "current": name == shown}
            for name, label in [(ALL, i18n.gettext("words.everything")), *_parts()]
        ],
        "older": _url(url, show=shown, before=told.older) if told.older else None,
    }


def _parts() -> list[tuple[str, str]]:
    return [(name, i18n.gettext(f"part.{name}")) for name in queries.parts()]


def _url(path: str, **asked: Any) -> str:
    query = {name: value for name, value in asked.items() if value}
    return f"{path}?{urlencode(query)}" if query else path


async def rows(request: Req, entries: Sequence[audit.Entry], undos: int) -> list[dict[str, Any]]:
    """Entries of the trail line by line; the first `undos` of them with their undo, where it may be offered."""
    zone = request.scope["state"]["business"].zone
    today = clock.business_date(clock.now(), zone)
    said = await _trail.words((one.deed for one in entries), zone, entries)
    people = await team.roles({one.actor for one in entries})
    standing = await offered([one.id for one in entries[:undos]], request.user.actor)
    seen = {one.id: [change for change in said.changes(one) if change.shown is not None] for one in entries}
    return [
        {
            "id": one.id,
            "line": i18n.words("words.told", {"who": who(people, one.actor), "what": said.told(one)}),
            "values": seen[one.id],
            "time": i18n.lately(one.at, zone, today),
            "moment": i18n.moment(one.at, zone),
            "at": one.at.isoformat(),
            "undone": one.undone,
            "undoable": one.id in standing,
            "look": _undo_look.url_of(one.id, one.deed),
        }
        for one in entries
        if seen[one.id] or one.deed.kind not in BY_THE_WAY
    ]


def who(people: Mapping[int, tuple[str, Role]], actor: int) -> str:
    """Somebody with their role: Anna Petrova (front desk)."""
    if actor not in people:
        return _actors.actor_words({}, actor)
    name, role = people[actor]
    return i18n.words("words.who", {"name": name, "role": role_words(role)})


def role_words(role: Role) -> str:
    """A role inside a sentence."""
    return i18n.lower_first(i18n.gettext(f"role.{role}"))
