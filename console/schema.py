"""The live schema as readable text, and where it differs from the agreed one, which is in `schema.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from console.domain import db

AGREED = Path(__file__).with_name("schema.txt")

TABLES = """
    SELECT c.oid, c.relname AS name, c.relowner::regrole::text AS owner, c.relacl AS acl FROM pg_class c
    WHERE c.relkind IN ('r', 'v', 'm', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname
"""
COLUMNS = """
    SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attcollation <> t.typcollation THEN ' collate ' || a.attcollation::regcollation ELSE '' END
        || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
CONSTRAINTS = """
    SELECT conname || ' ' || pg_get_constraintdef(oid) || CASE WHEN condeferrable THEN ' !' ELSE '' END
    FROM pg_constraint WHERE conrelid = $1 AND contype NOT IN ('n', 't') ORDER BY contype DESC, conname
"""
INDEXES = """
    SELECT regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX (\\S+) ON public\\.\\S+', '\\2 \\1')
    FROM pg_index i WHERE i.indrelid = $1
        AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
    ORDER BY 1
"""
TRIGGERS = """
    SELECT regexp_replace(pg_get_triggerdef(oid), '^CREATE (CONSTRAINT )?TRIGGER (\\S+)', '\\2 \\1')
        || CASE tgenabled WHEN 'O' THEN '' ELSE ' DISABLED' END
    FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal ORDER BY tgname
"""
GRANTS = """
    SELECT grantee || ': ' || string_agg(what, ', ' ORDER BY what) FROM (
        SELECT a.grantee::regrole::text AS grantee, a.privilege_type AS what
        FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.oid = $1 AND a.grantee <> c.relowner AND a.privilege_type <> 'MAINTAIN' -- older servers have none
        UNION ALL
        SELECT a.grantee::regrole::text,
            a.privilege_type || ' (' || string_agg(t.attname, ', ' ORDER BY t.attname) || ')'
        FROM pg_attribute t, aclexplode(t.attacl) a WHERE t.attrelid = $1 GROUP BY 1, a.privilege_type
    ) granted GROUP BY grantee ORDER BY grantee
"""
SEQUENCES = """
    SELECT c.relname || ' of ' || c.relowner::regrole || '; ' || coalesce(string_agg(
        a.grantee::regrole || ': ' || a.privilege_type, ', ' ORDER BY a.grantee::regrole::text, a.privilege_type), '')
    FROM pg_class c LEFT JOIN aclexplode(c.relacl) a ON a.grantee <> c.relowner
    WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace GROUP BY c.oid ORDER BY 1
"""
FUNCTIONS = """
    SELECT pg_get_functiondef(p.oid) || 'owner: ' || p.proowner::regrole FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    ORDER BY p.proname
"""
EXTENSIONS = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"
SCHEMA = """
    SELECT coalesce(string_agg(a.grantee::regrole || ': ' || a.privilege_type, ', ' ORDER BY 1), '')
    FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'public' AND a.grantee <> n.nspowner
"""


async def described(connection: asyncpg.Connection) -> str:
    """Tables with their columns, constraints, indexes, triggers and grants; sequences; functions."""
    lines = [f"extensions: {', '.join(await _column(connection, EXTENSIONS))}"]
    lines += [f"schema public: {line}" for line in await _column(connection, SCHEMA)]
    for table in await connection.fetch(TABLES):
        lines += ["", f"table {table['name']} of {table['owner']}"]
        for word, query in (
            ("column", COLUMNS),
            ("constraint", CONSTRAINTS),
            ("index", INDEXES),
            ("trigger", TRIGGERS),
            ("granted to", GRANTS),
        ):
            lines += [f"  {word} {' '.join(line.split())}" for line in await _column(connection, query, table["oid"])]
    lines += ["", *(f"sequence {line}" for line in await _column(connection, SEQUENCES))]
    for function in await _column(connection, FUNCTIONS):
        lines += ["", *(line.rstrip() for line in function.splitlines())]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Differences:
    """Names, such as `booking: constraint booking_pkey`, of what is not as it was agreed."""

    missing: list[str]
    different: list[str]
    extra: list[str]

    def __iter__(self) -> Iterator[str]:
        """Each in words."""
        yield from (f"{name} is missing" for name in self.missing)
        yield from (f"{name} is not as agreed" for name in self.different)
        yield from (f"{name} is not ours" for name in self.extra)


async def differences() -> Differences:
    """Where the open database differs from the agreed schema; who owns what and may do what is left aside."""
    async with db.connection() as connection:
        return compared(await described(connection), AGREED.read_text())


def compared(live: str, agreed: str) -> Differences:
    """The same of two descriptions."""
    found, wanted = _parts(live), _parts(agreed)
    return Differences(
        [name for name in wanted if name not in found],
        [name for name in wanted if name in found and found[name] != wanted[name]],
        [name for name in found if name not in wanted],
    )


_PART = re.compile(r"  (column|constraint|index|trigger) (\S+) ?(.*)")
_FUNCTION = re.compile(r"CREATE OR REPLACE (?:FUNCTION|PROCEDURE) public\.(.*)")

_BRACKETS = re.compile(r"[()]")
"""A dump writes `a AND b AND c` where `(a AND b) AND c` was meant the same."""


def _parts(described: str) -> dict[str, str]:
    """Definitions by names."""
    parts: dict[str, str] = {}
    inside = ""
    for line in described.splitlines():
        if line.startswith("extensions: "):
            parts |= {f"extension {name}": "" for name in line.removeprefix("extensions: ").split(", ")}
        elif not inside.startswith("function ") and (found := re.match(r"(table|sequence) (\S+) of ", line)):
            inside = " ".join(found.groups())
            parts[inside] = ""
        elif found := _FUNCTION.fullmatch(line):
            inside = f"function {found[1]}"
            parts[inside] = ""
        elif inside.startswith("function "):
            if line.startswith(("owner: ", "$function$owner: ")):
                inside = ""
            else:
                parts[inside] += f"{line}\n"
        elif found := _PART.fullmatch(line):
            parts[f"{inside.removeprefix('table ')}: {found[1]} {found[2]}"] = _BRACKETS.sub("", found[3])
    return parts


async def _column(connection: asyncpg.Connection, query: str, *args: object) -> list[str]:
    return [row[0] for row in await connection.fetch(query, *args)]
