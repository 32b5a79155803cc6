"""What of a source is here already, by the keys that it is known by there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from console.domain import db
from console.domain.imports.settings import Setting
from console.domain.running import Operation


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


async def known(of: Setting, kind: str, keys: Iterable[str]) -> dict[str, int]:
    """What these keys became, of those that are known."""
    hashes = {_hash(key): key for key in keys}
    rows = await db.fetch(
        "SELECT key, entity_id FROM import_key WHERE source = $1 AND kind = $2 AND key = ANY($3::bytea[])",
        of.source,
        kind,
        list(hashes),
    )
    return {hashes[row["key"]]: row["entity_id"] for row in rows}


async def note(op: Operation, of: Setting, kind: str, became: Mapping[str, int]) -> None:
    """Note what keys became."""
    if not became:
        return
    op.wrote_beside()
    await db.execute(
        "INSERT INTO import_key (operation, run, source, kind, key, entity_id)"
        " SELECT $1, $2, $3, $4, * FROM unnest($5::bytea[], $6::bigint[])",
        op.id,
        of.run,
        of.source,
        kind,
        [_hash(key) for key in became],
        list(became.values()),
    )
