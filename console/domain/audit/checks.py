"""What must be true of the trail; `console doctor` runs these."""

from __future__ import annotations

from console.domain import db
from console.domain.tables import Entity


async def results_are_recorded() -> list[str]:
    """Every committed operation says what it did."""
    rows = await db.fetch("SELECT id, kind FROM operation WHERE result IS NULL ORDER BY id LIMIT 20")
    return [f"operation {row['id']} ({row['kind']}) has no result" for row in rows]


async def undos_are_about_what_they_undo() -> list[str]:
    """An undo is told by the deed that it is about, also where it undoes an undo."""
    rows = await db.fetch(
        "SELECT u.id, u.deed FROM operation u JOIN operation o ON o.id = u.undoes"
        " WHERE u.deed IS DISTINCT FROM coalesce(o.deed, o.kind) ORDER BY u.id LIMIT 20"
    )
    return [f"operation {row['id']} undoes something else than {row['deed']}" for row in rows]


async def versions_match_the_trail() -> list[str]:
    """An entity's version is one more than the changes that the trail holds of it: nothing was edited past it."""
    found: list[str] = []
    for name in Entity.by_name:
        rows = await db.fetch(
            f'SELECT e.id, e.version, count(c.id) FILTER (WHERE NOT c.created) + 1 AS told FROM "{name}" e'  # noqa: S608
            " LEFT JOIN change c ON c.entity = $1 AND c.entity_id = e.id GROUP BY e.id, e.version"
            " HAVING e.version <> count(c.id) FILTER (WHERE NOT c.created) + 1 ORDER BY e.id LIMIT 20",
            name,
        )
        found += [f"{name} {row['id']} is at version {row['version']}, the trail says {row['told']}" for row in rows]
    return found


async def last_operations_match_the_trail() -> list[str]:
    """An entity names the operation that the trail says touched it last."""
    # Ids of changes, not of operations, follow the order of edits: they are given under the lock of the edited row.
    found: list[str] = []
    for name in Entity.by_name:
        rows = await db.fetch(
            f'SELECT e.id FROM "{name}" e WHERE e.operation IS DISTINCT FROM (SELECT c.operation FROM change c'  # noqa: S608
            " WHERE c.entity = $1 AND c.entity_id = e.id ORDER BY c.id DESC LIMIT 1) ORDER BY e.id LIMIT 20",
            name,
        )
        found += [f"{name} {row['id']} was last written by an operation that the trail does not know" for row in rows]
    return found


async def append_only_tables_are_guarded() -> list[str]:
    """The triggers that keep the trail stand and are on."""
    rows = await db.fetch(
        "SELECT t.name FROM unnest(ARRAY['actor', 'operation', 'change', 'former', 'refusal', 'logo', 'client_consent',"
        "  'erasure']) AS t (name)"
        " WHERE (SELECT count(*) FROM pg_trigger g WHERE g.tgrelid = to_regclass('public.' || t.name)"
        "  AND g.tgname LIKE 'append\\_only%' AND g.tgenabled <> 'D')"
        "  < CASE WHEN t.name IN ('former', 'operation') THEN 3 ELSE 2 END"
    )
    return [f"the table {row['name']} has lost a trigger that keeps it append-only" for row in rows]


async def the_role_is_modest() -> list[str]:
    """The application's role is no superuser and cannot switch the triggers off."""
    row = await db.fetchrow(
        "SELECT rolsuper, current_user AS name, pg_has_role(current_user, (SELECT relowner FROM pg_class"
        " WHERE oid = 'public.operation'::regclass), 'USAGE') AS owns FROM pg_roles WHERE rolname = current_user"
    )
    assert row is not None
    if row["rolsuper"]:
        return [f"the application signs in as the superuser {row['name']}"]
    if row["owns"]:
        return [f"the application's role {row['name']} owns the tables: give DATABASE_OWNER_URL a role of its own"]
    return []


async def the_role_makes_nothing_that_stops_a_dump() -> list[str]:
    """The application's role cannot make large objects, which the owner of the tables may not dump."""
    row = await db.fetchrow(
        "SELECT current_database() AS database, string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.proname) AS open"
        " FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace"
        " AND p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea')"
        " AND has_function_privilege(current_user, p.oid, 'EXECUTE')"
    )
    if row is None or row["open"] is None:
        return []
    return [
        "the application can make large objects, at which pg_dump by the owner stops: as a superuser, connected to"
        f" {row['database']}, run REVOKE EXECUTE ON FUNCTION {row['open']} FROM PUBLIC"
    ]


CHECKS = (
    results_are_recorded,
    undos_are_about_what_they_undo,
    versions_match_the_trail,
    last_operations_match_the_trail,
    append_only_tables_are_guarded,
    the_role_is_modest,
    the_role_makes_nothing_that_stops_a_dump,
)
