"""The live schema as readable text: what `schema.txt` holds and `test_schema.py` compares."""

from __future__ import annotations

import asyncpg

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
        FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = $1 AND a.grantee <> c.relowner
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


async def _column(connection: asyncpg.Connection, query: str, *args: object) -> list[str]:
    return [row[0] for row in await connection.fetch(query, *args)]
