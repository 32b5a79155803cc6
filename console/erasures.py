"""The list of erasures, kept outside of backups: who a restored backup brings back is erased again by it.

The file is JSON: `{"format": "fifth-visit/erasures/1", "erasures": [{"pseudonym": UUID, "at": ISO 8601, UTC}, …]}`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID, uuid5

from console.config import Settings
from console.domain import clock
from console.domain.desk import actions, queries
from console.domain.desk.rules import Why
from console.domain.errors import NotFound
from console.domain.ids import ClientId
from console.domain.operation import TERMINAL, Intent
from console.processes import ServiceError
from console.reaching import working

FORMAT = "fifth-visit/erasures/1"
NAMESPACE = UUID("5f1f7e00-0000-4000-8000-000000000004")


@dataclass(frozen=True)
class Replayed:
    """What a replay met: clients erased now, erased already, and pseudonyms that nobody here has."""

    erased: int
    already: int
    unknown: int


def exported(settings: Settings) -> str:
    """The list as the text of a file. Raises `ServiceError`."""
    listed = working(settings, queries.erasures)
    erasures = [{"pseudonym": str(pseudonym), "at": at.isoformat()} for pseudonym, at in listed]
    return json.dumps({"format": FORMAT, "erasures": erasures}, indent=1) + "\n"


def replay(settings: Settings, text: str) -> Replayed:
    """Erase everybody on a list again whom this database knows; twice is once. Raises `ServiceError` for no list."""
    pseudonyms = read(text)
    return working(settings, lambda: _replay(pseudonyms))


def read(text: str) -> list[UUID]:
    """The pseudonyms on a list, each once. Raises `ServiceError` for what is none."""
    try:
        held = json.loads(text)
        if held["format"] != FORMAT:
            raise ValueError
        return list(dict.fromkeys(UUID(one["pseudonym"]) for one in held["erasures"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ServiceError("This is no list of erasures: `console erasures export` writes one.") from None


async def _replay(pseudonyms: list[UUID]) -> Replayed:
    here = await queries.brought_back(pseudonyms)
    erased = 0
    for pseudonym, client in here.items():
        if client is not None:
            erased += await _erase(pseudonym, client)
    return Replayed(erased, len(here) - erased, len(pseudonyms) - len(here))


async def _erase(pseudonym: UUID, client: ClientId) -> bool:
    """Whether this erased them; somebody else may have, meanwhile."""
    intent = Intent(uuid5(NAMESPACE, str(pseudonym)), TERMINAL, clock.now(), reason=Why.RESTORED.value)
    try:
        return not (await actions.erase(intent, client)).replayed
    except NotFound:
        return False
