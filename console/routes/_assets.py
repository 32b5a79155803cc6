"""The files of `static/` under addresses that change with what is in them.

A script's has its version in its path, one for all of them: modules import one another by relative addresses, which
have the version of the page's own script by that, and each is there once.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"
FOLDER = "/static/"
FILES = frozenset(file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*") if file.is_file())
SCRIPTS = tuple(sorted(name for name in FILES if name.endswith(".js")))
_VERSION = re.compile(rf"\A{FOLDER}v-[0-9a-f]{{12}}/")


@cache
def _fingerprint(*names: str) -> str:
    digest = hashlib.sha256()
    for name in names:
        digest.update((STATIC / name).read_bytes())
    return digest.hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file in static/, which changes with its content."""
    if name in SCRIPTS:
        return f"{FOLDER}v-{_fingerprint(*SCRIPTS)}/{name}"
    return f"{FOLDER}{name}?v={_fingerprint(name)}"


def without_version(path: str) -> str:
    """The path of a file as it lies in static/."""
    return _VERSION.sub(FOLDER, path)


def is_file(path: str) -> bool:
    """Whether there is a file at an address, of whichever version: a folder is none, and nothing is below a file."""
    return without_version(path).removeprefix(FOLDER) in FILES


def is_current(path: str, query: bytes) -> bool:
    """Whether an address is that of a file as it is now, and not of another version of the console."""
    name = without_version(path).removeprefix(FOLDER)
    return name in FILES and asset(name) == (f"{path}?{query.decode('latin-1')}" if query else path)
