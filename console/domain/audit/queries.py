"""Reading the trail: who did what, when, to what, and which fields it touched. Nothing here writes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from piccolo.columns import ForeignKey

from console.domain import db
from console.domain.audit.naming import Key
from console.domain.errors import Invalid, NotFound
from console.domain.ids import OperationId
from console.domain.money import Money
from console.domain.plain import from_plain
from console.domain.tables import Entity


@dataclass(frozen=True)
class By:
    """Who did an operation, and when."""

    actor: int
    at: datetime
    kind: str


class Untold:
    """In place of a value that is secret, personal or erased."""


UNTOLD = Untold()


@dataclass(frozen=True)
class Ref:
    """A value that is another entity."""

    entity: str
    id: int


def refs(value: Any) -> list[Ref]:
    """The entities that a value speaks of."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, Ref)]


@dataclass(frozen=True)
class Field:
    """A field that was touched: its value before, and the one that it got. Either may be `UNTOLD`."""

    name: str
    former: Any
    new: Any


@dataclass(frozen=True)
class Touch:
    """What an operation did to one entity; a new one has no fields, but those that it is told by (`Entity.said`)."""

    entity: str
    id: int
    fields: Sequence[Field]
    new: bool = False


@dataclass(frozen=True)
class Deed:
    """What an operation is about. `undos`: 0 for the deed itself, 1 for its undo, 2 for doing it again, and so on.

    `kind`, `about` and `effects` are those of the deed itself; `about` names the entities, the one meant first.
    """

    kind: str
    undos: int
    about: Sequence[Key]
    effects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One operation in the trail. `own`: the rows of the one to whom it is told, who hears of no others' rows."""

    id: OperationId
    actor: int
    at: datetime
    reason: str | None
    undone: bool
    deed: Deed
    touched: Sequence[Touch]
    own: Collection[Key] | None = None


@dataclass(frozen=True)
class RefusedAttempts:
    """Attempts that were refused: the same of one person on one day. `id` and `at` are those of the last."""

    id: int
    at: datetime
    since: datetime
    times: int
    actor: int
    kind: str
    key: str


async def by(operation_id: int) -> By:
    """Who did an operation. Raises `NotFound`."""
    row = await db.fetchrow("SELECT actor, at, kind FROM operation WHERE id = $1", operation_id)
    if row is None:
        raise NotFound
    return By(**row)


async def result(operation_id: int) -> Any:
    """What an operation answered. Raises `NotFound`."""
    recorded = await db.fetchval("SELECT result FROM operation WHERE id = $1", operation_id)
    if recorded is None:
        raise NotFound
    return json.loads(recorded)["result"]


@dataclass(frozen=True)
class Said:
    """What an operation was about, and the consequences that it told: message keys with their values."""

    deed: Deed
    effects: Sequence[tuple[str, Mapping[str, Any]]]


async def said(operation_id: int, actor: int) -> Said | None:
    """What an operation of this actor did; None where there is no such."""
    recorded = await db.fetchval("SELECT result FROM operation WHERE id = $1 AND actor = $2", operation_id, actor)
    if recorded is None:
        return None
    told = await deeds([operation_id])
    return Said(told[operation_id], [(key, params) for key, params in json.loads(recorded)["effects"]])


@dataclass(frozen=True)
class Wanted:
    """What of the trail is asked for: `parts` are first parts of kinds, `until` is not within; None where all is."""

    parts: Collection[str] | None = None
    actor: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self, kind: str, args: list[Any]) -> str:
        """The same in SQL, after other conditions; `kind` is an expression, and `args` get the values."""
        asked = {
            f"split_part({kind}, '.', 1) = ANY({{}}::text[])": self.parts,
            "actor = {}": self.actor,
            "at >= {}": self.since,
            "at < {}": self.until,
        }
        found = []
        for condition, value in asked.items():
            if value is not None:
                args.append(value)
                found.append(f" AND {condition.format(f'${len(args)}')}")
        return "".join(found)


ALL = Wanted()
_MEANT = "coalesce(deed, kind)"
"""The kind of an operation; of an undo, that of the deed which it is about: as the index by things has it."""
LAST = 2**63 - 1
"""No operation comes after it."""


async def trail(wanted: Wanted = ALL, *, before: int | None = None, most: int = 50) -> list[Entry]:
    """The latest operations, newest first, `most` at a time; `before` an id for those before it."""
    args: list[Any] = [LAST if before is None else before, most]
    rows = await db.fetch(
        f"SELECT id FROM operation WHERE id < $1{wanted.conditions(_MEANT, args)} ORDER BY id DESC LIMIT $2",  # noqa: S608
        *args,
    )
    return await entries([row["id"] for row in rows])


async def entries(
    operations: Sequence[int], only: Collection[Key] | None = None, *, personal: bool = False
) -> list[Entry]:
    """Operations as the trail tells them, newest first.

    `only`: the entities whose fields are told; `personal`: with the values that the trail otherwise only names.
    """
    ids = list(operations)
    rows = await db.fetch(
        "SELECT o.id, o.actor, o.at, o.reason, EXISTS (SELECT FROM operation x WHERE x.undoes = o.id) AS undone"
        " FROM operation o WHERE o.id = ANY($1::bigint[]) ORDER BY o.id DESC",
        ids,
    )
    told, touched = await deeds(ids), await _touched(ids, only, personal)
    return [Entry(**row, deed=told[row["id"]], touched=touched.get(row["id"], ())) for row in rows]


async def deeds(operations: Sequence[int]) -> dict[int, Deed]:
    """What operations are about, undos being about what they undo. Unknown ids are left out."""
    rows = await db.fetch(
        "WITH RECURSIVE chain AS (SELECT id AS entry, id, kind, undoes, result, 0 AS undos FROM operation"
        "  WHERE id = ANY($1::bigint[])"
        "  UNION ALL SELECT c.entry, o.id, o.kind, o.undoes, o.result, c.undos + 1"
        "  FROM chain c JOIN operation o ON o.id = c.undoes)"
        " SELECT entry, kind, undos, result -> 'result' AS result, result -> 'effects' AS effects,"
        " (SELECT json_agg(json_build_array(entity, entity_id)"
        "  ORDER BY change.id) FROM change WHERE operation = chain.id) AS touched FROM chain WHERE undoes IS NULL",
        list(operations),
    )
    return {
        row["entry"]: Deed(
            row["kind"],
            row["undos"],
            _about(row["kind"], json.loads(row["result"] or "null"), json.loads(row["touched"] or "[]")),
            dict(json.loads(row["effects"] or "[]")),
        )
        for row in rows
    }


def _about(kind: str, ids: Any, touched: Sequence[tuple[str, int]]) -> list[Key]:
    """The entities that a result names by their table, else those that were touched; those of the kind's name first."""
    values = ids.items() if isinstance(ids, dict) else ()
    said = [
        (name, one)
        for name, value in values
        for one in (value if isinstance(value, list) else [value])
        if isinstance(one, int)
    ]
    known = [key for key in said if key[0] in Entity.by_name] or [(entity, row_id) for entity, row_id in touched]
    return sorted(dict.fromkeys(known), key=lambda key: key[0] != kind.partition(".")[0])


async def _touched(operations: Sequence[int], only: Collection[Key] | None, personal: bool) -> dict[int, list[Touch]]:
    """What each operation did to which entity; the value that a field got is what the next change of it found."""
    rows = await db.fetch(
        "SELECT mine.id, mine.operation, mine.entity, mine.entity_id, mine.created, f.values AS former,"
        " field.name AS field,"
        " next.id IS NOT NULL AS changed_again, next.value AS next FROM change mine"
        " LEFT JOIN former f ON f.change = mine.id LEFT JOIN LATERAL (SELECT unnest(mine.fields)"
        "  UNION SELECT 'currency' WHERE 'minor' = ANY(mine.fields)"
        "  UNION SELECT said.name FROM unnest($4::text[], $5::text[]) AS said (entity, name)"
        "  WHERE mine.created AND said.entity = mine.entity) AS field (name) ON TRUE"
        " LEFT JOIN LATERAL (SELECT later.id, g.values -> field.name AS value FROM change later"
        "  LEFT JOIN former g ON g.change = later.id WHERE later.entity = mine.entity"
        "  AND later.entity_id = mine.entity_id AND later.id > mine.id AND field.name = ANY(later.fields)"
        "  ORDER BY later.id LIMIT 1) AS next ON TRUE WHERE mine.operation = ANY($1::bigint[]) AND ($2::text[] IS NULL"
        "  OR (mine.entity, mine.entity_id) IN (SELECT * FROM unnest($2::text[], $3::bigint[])))"
        " ORDER BY mine.id, field.name",
        list(operations),
        None if only is None else [entity for entity, _ in only],
        None if only is None else [row_id for _, row_id in only],
        [entity for entity, columns in Entity.said.items() for _ in columns],
        [column for columns in Entity.said.values() for column in columns],
    )
    now = await _present({(row["entity"], row["entity_id"]) for row in rows if row["field"]})
    fields: dict[tuple[int, int, str, int, bool], list[Field]] = {}
    for row in rows:
        key = (row["id"], row["operation"], row["entity"], row["entity_id"], row["created"])
        known = fields.setdefault(key, [])
        name = row["field"]
        present = now.get((row["entity"], row["entity_id"]), {})
        if name is None:
            continue
        former = json.loads(row["former"] or "{}")
        after = {name: json.loads(row["next"])} if row["next"] else {}
        new = after if row["changed_again"] else present
        values = (_value(row["entity"], name, plain, personal) for plain in (former, new))
        known.append(Field(name, *values))
    found: dict[int, list[Touch]] = {}
    for (_, operation, entity, row_id, created), touched in fields.items():
        found.setdefault(operation, []).append(Touch(entity, row_id, _with_currency(touched), created))
    return found


def _with_currency(fields: Sequence[Field]) -> list[Field]:
    """Fields with amounts in the currency that they had; an amount says it by itself."""
    named = {one.name: one for one in fields}
    if "minor" not in named or "currency" not in named:
        return list(fields)
    amount, currency = named["minor"], named["currency"]
    was = currency.new if currency.former is UNTOLD else currency.former
    told = replace(amount, former=_money(amount.former, was), new=_money(amount.new, currency.new))
    return [told if one is amount else one for one in fields if one is not currency]


def _money(minor: Any, currency: Any) -> Any:
    return Money(minor, currency) if isinstance(minor, int) and isinstance(currency, str) else minor


async def _present(entities: set[Key]) -> dict[Key, dict[str, Any]]:
    """Entities as they stand, in plain values, without what is secret."""
    asked = sorted({entity for entity, _ in entities} & Entity.by_name.keys())
    if not asked:
        return {}
    sql = " UNION ALL ".join(_as_plain(name, at) for at, name in enumerate(asked, start=1))
    ids = ([row_id for entity, row_id in entities if entity == name] for name in asked)
    return {(row["entity"], row["id"]): json.loads(row["values"]) for row in await db.fetch(sql, *ids)}


def _as_plain(name: str, at: int) -> str:
    """The open columns of an entity's rows with the ids of the placeholder `at`."""
    open_ = [one._meta.name for one in Entity.by_name[name]._meta.columns if not one._meta.secret]
    columns = ", ".join(f"'{column}', \"{column}\"" for column in open_)
    return (
        f"SELECT '{name}' AS entity, id, json_build_object({columns}) AS values"  # noqa: S608
        f' FROM "{name}" WHERE id = ANY(${at}::bigint[])'
    )


async def standing(entities: Collection[Key]) -> dict[Key, dict[str, Any]]:
    """Entities as they stand: column to value, personal ones too, secret ones never."""
    return {
        key: {name: _typed(key[0], name, plain) for name, plain in values.items()}
        for key, values in (await _present(set(entities))).items()
    }


def _value(entity: str, name: str, plain: Mapping[str, Any], personal: bool) -> Any:
    """A column's value from plain ones, `UNTOLD` where the trail only names it."""
    if name not in plain or entity not in Entity.by_name:
        return UNTOLD
    secret = Entity.by_name[entity]._meta.get_column_by_name(name)._meta.secret
    if secret or (not personal and name in Entity.personal.get(entity, ())):
        return UNTOLD
    return _typed(entity, name, plain[name])


def _typed(entity: str, name: str, plain: Any) -> Any:
    """A column's value: a date, an instant, a `Ref` or several, or as it stands."""
    column = Entity.by_name[entity]._meta.get_column_by_name(name)
    value = from_plain(column, plain)
    if (of := Entity.lists.get(entity, {}).get(name)) and value is not None:
        return [Ref(of, one) for one in value if one is not None]
    if isinstance(column, ForeignKey) and isinstance(value, int):
        return Ref(column._foreign_key_meta.resolved_references._meta.tablename, value)
    return value


MOST_FOLDED = 5000
"""Refused attempts that are looked through for one page."""


async def refused_attempts(
    zone: ZoneInfo, wanted: Wanted = ALL, *, before: int | None = None, most: int = 50
) -> tuple[list[RefusedAttempts], int | None]:
    """The latest attempts that were refused, newest first, `most` lines at a time; slips in a form are left out.

    Whatever one person was refused again and again on a day in the zone is one line. The second part is the id to
    give as `before` for what is older, None where nothing is.
    """
    args: list[Any] = [before, Invalid.key, zone.key, most, MOST_FOLDED]
    rows = await db.fetch(
        "WITH latest AS (SELECT id, at, actor, kind, key, (at AT TIME ZONE $3)::date AS day FROM refusal"  # noqa: S608
        f"  WHERE key <> $2 AND ($1::bigint IS NULL OR id < $1){wanted.conditions('kind', args)}"
        " ORDER BY id DESC LIMIT $5),"
        " led AS (SELECT *, row_number() OVER (PARTITION BY actor, kind, key, day ORDER BY id DESC) = 1 AS leads"
        "  FROM latest), counted AS (SELECT *, count(*) FILTER (WHERE leads) OVER (ORDER BY id DESC) AS line FROM led)"
        " SELECT max(id) AS id, min(id) AS first, max(at) AS at, min(at) AS since, count(*) AS times, actor, kind, key"
        " FROM counted WHERE line <= $4 GROUP BY actor, kind, key, day ORDER BY 1 DESC",
        *args,
    )
    first = min((row["first"] for row in rows), default=0)
    args = [first, Invalid.key]
    narrowed = wanted.conditions("kind", args)
    older = await db.fetchval(
        f"SELECT EXISTS (SELECT FROM refusal WHERE key <> $2 AND id < $1{narrowed})",  # noqa: S608
        *args,
    )
    found = [RefusedAttempts(**{name: value for name, value in row.items() if name != "first"}) for row in rows]
    return found, first if older else None
