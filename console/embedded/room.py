"""Whether a server has no room left."""

from __future__ import annotations

import shutil
from pathlib import Path

SEGMENT_MB = 16
"""What PostgreSQL writes ahead goes into files of this size."""
LAST_WORDS_BYTES = 16_000
NO_ROOM = ("No space left on device", "Disk quota exceeded")
"""What the system says of a disk that takes nothing more."""


def lacks_room(data_dir: Path) -> bool:
    """Whether the embedded PostgreSQL, which does not answer, has no room: by its disk, or by its last words.

    It ends where it cannot write ahead, whoever of its processes was to; it tries again by itself until it can.
    """
    log = data_dir / "log" / "postgres.log"
    try:
        if shutil.disk_usage(data_dir).free < SEGMENT_MB * 2**20:
            return True
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - LAST_WORDS_BYTES))
            said = file.read().decode(errors="replace").rpartition("ready to accept connections")[2]
    except OSError:
        return False
    return any(words in said for words in NO_ROOM)
