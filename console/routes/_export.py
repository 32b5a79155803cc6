"""Everything that is kept of a person, to be handed over: as JSON for machines, and in words for a document.

The JSON holds `record`: part of the record, table, rows of column to value, dates and instants as ISO 8601, another
entity as `{"id", "name"}`, emails as people write them, of a booking its `services` with who does them and their prices
in minor units; `history`: what happened, when, and by which role, the newest first, with the values of then;
`meanings`: what each column is, in the language of the export.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from console import i18n
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.audit.naming import Key, Name, names
from console.domain.audit.touched import UNTOLD, Field, Ref, Touch, refs
from console.domain.booking import cards
from console.domain.booking.cards import ItemView
from console.domain.clients.queries import ClientView
from console.domain.desk import queries
from console.domain.desk.queries import Held
from console.domain.ids import ClientId
from console.domain.plain import to_plain
from console.domain.team import queries as team
from console.routes import _actors, _export_bookings, _names, _timeline, _trail
from console.routes._page import Req
from console.routes._trail import Words
from console.routes._values import named_words

FORMAT = "fifth-visit/client/1"
BOOKING = _export_bookings.BOOKING
SERVICES = "services"
AT_ONCE = 500


async def history(client: ClientId) -> list[audit.Entry]:
    """Everything that happened to a client."""
    found: list[audit.Entry] = []
    before: int | None = None
    while True:
        page = await queries.timeline(client, before=before, most=AT_ONCE, personal=True)
        found += page.entries
        before = page.older
        if before is None:
            return found


async def as_json(request: Req, one: ClientView) -> bytes:
    """The whole export as one JSON document."""
    held, happened = await queries.held(one.id), await history(one.id)
    named = await names(_refs(held))
    said = await _trail.words((entry.deed for entry in happened), _zone(request), happened)
    items = await _items(held)
    document = {
        "format": FORMAT,
        "exported_at": clock.now().isoformat(),
        "language": i18n.current(),
        "business": request.scope["state"]["business"].name,
        "record": _record(_with_services(held, lambda row: [_item(request, one) for one in items[row["id"]]]), named),
        "history": await _history(said, happened),
        "meanings": _meanings(_with_services(held, lambda row: [])),
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


async def _items(held: Sequence[Held]) -> dict[int, Sequence[ItemView]]:
    """The services of every booking, by its id."""
    ids = [row["id"] for one in held if one.entity == BOOKING for row in one.rows]
    return {booking.id: booking.items for booking in await cards.those(ids)}


def _with_services(held: Sequence[Held], services: Callable[[Mapping[str, Any]], Any]) -> list[Held]:
    """The record with the services of each booking beside its own columns."""
    return [
        replace(one, rows=[{**row, SERVICES: services(row)} for row in one.rows]) if one.entity == BOOKING else one
        for one in held
    ]


def _item(request: Req, one: ItemView) -> dict[str, Any]:
    """A service of a booking for machines; `minor` and `currency` None where no price was quoted."""
    return {
        "service": {"id": one.service, "name": _names.shown(request, one.names)},
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "by": [{"id": who.id, "name": who.name} for who in one.doers if who.is_person],
        "minor": one.minor,
        "currency": one.currency,
    }


def _zone(request: Req) -> Any:
    return request.scope["state"]["business"].zone


def _refs(held: Sequence[Held]) -> set[Key]:
    values = (value for one in held for row in one.rows for value in row.values())
    return {(ref.entity, ref.id) for value in values for ref in refs(value)}


def _record(held: Sequence[Held], named: dict[Key, Name]) -> dict[str, dict[str, Any]]:
    record: dict[str, dict[str, Any]] = {}
    for one in held:
        rows = [{name: _plain(f"{one.entity}.{name}", value, named) for name, value in row.items()} for row in one.rows]
        record.setdefault(one.part, {})[one.entity] = rows
    return record


WRITTEN: dict[str, Callable[[Any], Any]] = {
    "client_contact.email": i18n.email,
    "client_profile.emails": lambda emails: [{**one, "address": i18n.email(one["address"])} for one in emails],
}
"""What is kept as mail knows it, by `entity.column`: how a person wrote it."""


def _plain(column: str, value: Any, named: Mapping[Key, Name]) -> Any:
    if isinstance(value, Ref):
        return _named(value, named)
    if several := refs(value):
        return [_named(one, named) for one in several]
    return to_plain(WRITTEN[column](value) if value and column in WRITTEN else value)


def _named(one: Ref, named: Mapping[Key, Name]) -> dict[str, Any]:
    name = named.get((one.entity, one.id))
    return {"id": one.id, "name": named_words(name, quoted=False) if name else None}


async def _history(said: Words, entries: Sequence[audit.Entry]) -> list[dict[str, Any]]:
    roles = await _roles(entries)
    return [
        {
            "at": one.at.isoformat(),
            "by": roles[one.actor],
            "what": said.told(one),
            "fields": [_field(said, touch, field) for touch in one.touched for field in touch.fields],
            "undone": one.undone,
        }
        for one in entries
    ]


def _field(said: Words, touch: Touch, field: Field) -> dict[str, Any]:
    column, values = f"{touch.entity}.{field.name}", {"former": field.former, "new": field.new}
    told = {name: None if it is UNTOLD else _plain(column, it, said.known) for name, it in values.items()}
    return {"column": column, "id": touch.id, **told}


async def _roles(entries: Sequence[audit.Entry]) -> dict[int, str]:
    """Who acted, by their role: the names of colleagues are theirs, and not handed over."""
    actors = {one.actor for one in entries}
    people = await team.roles(actors)
    return {
        actor: _timeline.role_words(people[actor][1]) if actor in people else _actors.actor_words({}, actor)
        for actor in actors
    }


def _meanings(held: Sequence[Held]) -> dict[str, str]:
    return {f"{one.entity}.{name}": label for one in held for row in one.rows for name, label in _labels(one, row)}


def _labels(one: Held, row: Any) -> Iterator[tuple[str, str]]:
    yield from ((name, column_words(one.entity, name)) for name in row)


COLUMNS = {"id": "words.number", "retired_at": "words.removed_on", SERVICES: "column.series.services"}
"""Keys of the words for columns that several tables have."""
ENDS = {
    "booking.retired_at": "words.taken_back_on",
    "client.retired_at": "words.archived_on",
    "client_card.retired_at": "words.withdrawn_on",
    "fixed_card.retired_at": "words.ended_on",
    "membership.retired_at": "words.agreement_taken_back_on",
    "series.retired_at": "words.ended_on",
}
"""The same for what was not removed, but ended otherwise."""


def column_words(entity: str, name: str) -> str:
    """What a column is."""
    column = f"{entity}.{name}"
    key = ENDS.get(column) or COLUMNS.get(name) or f"column.{column}"
    return i18n.gettext(key)


async def in_words(request: Req, one: ClientView) -> dict[str, Any]:
    """What the document shows: parts of {title, records or none, heads, rows, beneath}, and the history's lines."""
    held, happened = await queries.held(one.id), await history(one.id)
    said = Words(await names(_refs(held)), _zone(request), kept=True)
    told = await _trail.words((entry.deed for entry in happened), _zone(request), happened, kept=True)
    roles = await _roles(happened)
    shown = [await _planned(request, said, one) if one.entity in PLANNED else _part(said, one) for one in held]
    return {
        "parts": [part for part in shown if part],
        "history": [
            {
                "time": i18n.moment(entry.at, _zone(request)),
                "line": i18n.words(
                    "words.told", {"who": i18n.upper_first(roles[entry.actor]), "what": told.told(entry)}
                ),
                "values": [change for change in told.changes(entry, longest=sys.maxsize) if change.shown is not None],
            }
            for entry in happened
        ],
    }


UNSAID = {"id", "pseudonym"}
"""What a document leaves to the JSON."""


async def _planned(request: Req, said: Words, held: Held) -> dict[str, Any] | None:
    """The bookings, or the series, in a table of their own."""
    keys, rows = await _export_bookings.rows(request, said, held, column_words)
    if not rows:
        return None
    heads = [i18n.upper_first(i18n.gettext(key)) for key in keys]
    table = [one.cells for one in rows]
    beneath = [one.beneath for one in rows]
    return {"title": _title(held), "records": [], "heads": heads, "rows": table, "beneath": beneath, "long": False}


def _title(held: Held) -> str:
    own = TITLES.get(held.entity)
    return i18n.gettext(own) if own else i18n.gettext(f"part.{held.part}")


def _part(said: Words, held: Held) -> dict[str, Any] | None:
    """A table of the record by the columns that hold anything; of one or very wide rows the facts of each."""
    rows = [_words(said, held.entity, row) for row in held.rows]
    columns = [name for name in (held.rows[0] if rows else ()) if any(row.get(name) for row in rows)]
    columns.sort(key=lambda name: name == "retired_at")
    if not columns:
        return None
    heads = [i18n.upper_first(column_words(held.entity, name)) for name in columns]
    table = [[row.get(name, "") for name in columns] for row in rows]
    as_facts = held.part == PROFILE or len(columns) > MOST_COLUMNS
    facts = [[fact for fact in zip(heads, row, strict=True) if fact[1]] for row in table]
    shown = {"heads": heads, "rows": table, "beneath": [], "long": held.entity == "client_note"}
    return {"title": _title(held), "records": facts if as_facts else [], **shown}


PROFILE = "profile"
PLANNED = {_export_bookings.BOOKING, _export_bookings.SERIES}
MOST_COLUMNS = 7
"""More of them do not go across a page."""
TITLES = {
    "fixed_card": "title.fixed_cards",
    "loyalty_entry": "title.ledger",
    "membership": "title.memberships",
    "series": "title.series_list",
    "tier_entry": "title.tiers",
}
"""Keys of the titles of tables that share their part of the record with another one."""


def _words(said: Words, entity: str, row: Any) -> dict[str, str]:
    """The columns of a row that hold anything, in words."""
    held = {name: value for name, value in row.items() if name not in UNSAID and value not in (None, [], "")}
    return {name: said.value(f"{entity}.{name}", value, longest=sys.maxsize) or "" for name, value in held.items()}
