"""The files of `static/` under addresses that change with what is in them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"
FOLDER = "/static/"
FILES = frozenset(file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*") if file.is_file())


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file in static/, which changes with its content."""
    return f"{FOLDER}{name}?v={_fingerprint(name)}"


def is_current(path: str, query: bytes) -> bool:
    """Whether an address is that of a file as it is now, and not of another version of the console."""
    name = path.removeprefix(FOLDER)
    return name in FILES and asset(name) == f"{path}?{query.decode('latin-1')}"
