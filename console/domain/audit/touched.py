"""Which fields operations touched, and what these were before and after. Nothing here writes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from piccolo.columns import ForeignKey

from console.domain import db
from console.domain.audit.naming import Key
from console.domain.money import Money
from console.domain.plain import from_plain
from console.domain.tables import Entity


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


async def touched(operations: Sequence[int], only: Collection[Key] | None, personal: bool) -> dict[int, list[Touch]]:
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
