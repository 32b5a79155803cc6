"""What of a source is here already, by the keys that it is known by there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from console.domain import db, secret
from console.domain.imports.settings import Setting
from console.domain.running import Operation

AT_ONCE = 5000
"""Marks that are made anew by one statement."""


def _mark(key: str) -> bytes:
    """It is made of phones and names: a plain hash of these would tell of the erased, since they are soon guessed."""
    return secret.mark(hashlib.sha256(key.encode()).digest())


async def mark_anew() -> None:
    """Make marks with our key where they are plain hashes still, as they were once; whoever is first does it."""
    while rows := await db.fetch("SELECT id, key FROM import_key WHERE NOT keyed ORDER BY id LIMIT $1", AT_ONCE):
        await db.execute(
            "UPDATE import_key k SET key = anew.key, keyed = true"
            " FROM unnest($1::bigint[], $2::bytea[]) AS anew (id, key) WHERE k.id = anew.id AND NOT k.keyed",
            [row["id"] for row in rows],
            [secret.mark(row["key"]) for row in rows],
        )


async def known(of: Setting, kind: str, keys: Iterable[str]) -> dict[str, int]:
    """What these keys became, of those that are known."""
    marks = {_mark(key): key for key in keys}
    rows = await db.fetch(
        "SELECT key, entity_id FROM import_key WHERE source = $1 AND kind = $2 AND key = ANY($3::bytea[])",
        of.source,
        kind,
        list(marks),
    )
    return {marks[row["key"]]: row["entity_id"] for row in rows}


async def note(op: Operation, of: Setting, kind: str, became: Mapping[str, int]) -> None:
    """Note what keys became."""
    if not became:
        return
    op.wrote_beside()
    await db.execute(
        "INSERT INTO import_key (operation, run, source, kind, keyed, key, entity_id)"
        " SELECT $1, $2, $3, $4, true, * FROM unnest($5::bytea[], $6::bigint[])",
        op.id,
        of.run,
        of.source,
        kind,
        [_mark(key) for key in became],
        list(became.values()),
    )
