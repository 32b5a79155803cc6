"""Whether a database is of the version of this code: no more migrations, no fewer, and the same kinds of operation."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from console import migrations
from console.domain import db, kinds

NEWER = (
    "This database was made by a newer version of Fifth Visit ({}): install that version, "
    "or point DATABASE_URL at another database."
)


class OtherVersion(RuntimeError):
    """The database is of another version than this code; the message says what to do."""


@cache
def known() -> dict[str, ModuleType]:
    """The migrations of this code by their ids."""
    names = (one.name for one in iter_modules(migrations.__path__))
    modules = [import_module(f"{migrations.__name__}.{name}") for name in names]
    return {module.ID: module for module in modules}


async def check() -> None:
    """Raise `OtherVersion` for a database whose operations this code could not read, explain or undo."""
    done = {row["name"] for row in await db.fetch("SELECT name FROM migration WHERE app_name = 'console'")}
    if newer := sorted(done - known().keys()):
        raise OtherVersion(NEWER.format(newer[-1]))
    if missing := sorted(known().keys() - done):
        raise OtherVersion(f"Run `console migrate`: the database lacks {missing[0]} and what came after it.")
    try:
        await kinds.check()
    except kinds.UnknownKind as unknown:
        raise OtherVersion(str(unknown)) from None
