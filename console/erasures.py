"""The list of erasures, kept outside of backups: who a restored backup brings back is erased again by it.

The file is JSON: `{"format": "fifth-visit/erasures/1", "erasures": [{"pseudonym": UUID, "at": ISO 8601, UTC}, …]}`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from console import i18n
from console.config import Settings
from console.domain import clock
from console.domain.desk import actions, queries
from console.domain.desk.rules import Why
from console.domain.errors import DomainError, NotFound
from console.domain.intent import TERMINAL, Intent, Outcome
from console.domain.tickets import writers
from console.processes import ServiceError
from console.reaching import working

FORMAT = "fifth-visit/erasures/1"
NAMESPACE = UUID("5f1f7e00-0000-4000-8000-000000000004")


Listed = Mapping[UUID, datetime]
"""When each pseudonym was erased."""


@dataclass(frozen=True)
class Replayed:
    """What a replay met: people erased now, erased already, pseudonyms that nobody here has; whom it left, and why."""

    erased: int
    already: int
    unknown: int
    left: Mapping[UUID, str]


def exported(settings: Settings) -> str:
    """The list as the text of a file. Raises `ServiceError`."""
    listed = working(settings, queries.erasures)
    erasures = [{"pseudonym": str(pseudonym), "at": at.isoformat()} for pseudonym, at in listed]
    return json.dumps({"format": FORMAT, "erasures": erasures}, indent=1) + "\n"


def replay(settings: Settings, text: str) -> Replayed:
    """Erase everybody on a list again whom this database knows; twice is once. Raises `ServiceError` for no list.

    Whoever was to come again by the backup is taken out of the plan. Where one cannot be erased the others are.
    """
    listed = read(text)
    return working(settings, lambda: _replay(listed))


def read(text: str) -> Listed:
    """Who is on a list, each once. Raises `ServiceError` for what is none."""
    try:
        held = json.loads(text)
        if held["format"] != FORMAT:
            raise ValueError
        found: dict[UUID, datetime] = {}
        for one in held["erasures"]:
            found.setdefault(UUID(one["pseudonym"]), clock.instant(datetime.fromisoformat(one["at"])))
        return found
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise ServiceError("This is no list of erasures: `console erasures export` writes one.") from None


async def _replay(listed: Listed) -> Replayed:
    here = await queries.brought_back(list(listed))
    wrote = await writers.by_pseudonym([one for one in listed if one not in here])
    met = len(here) + len(wrote)
    erased = 0
    left: dict[UUID, str] = {}
    for pseudonym, one in [*here.items(), *wrote.items()]:
        try:
            if one is not None:
                erase = actions.erase if pseudonym in here else actions.erase_writer
                erased += await _erase(erase, pseudonym, one, listed[pseudonym])
        except DomainError as error:
            left[pseudonym] = i18n.problem(error.problem)
        except asyncpg.IntegrityConstraintViolationError as error:
            left[pseudonym] = str(error).partition("\n")[0]
    return Replayed(erased, met - erased - len(left), len(listed) - met, left)


async def _erase(erase: Callable[..., Awaitable[Outcome[Any]]], pseudonym: UUID, one: int, at: datetime) -> bool:
    """Whether this erased a client, or who wrote a mail; somebody else may have, meanwhile."""
    intent = Intent(uuid5(NAMESPACE, str(pseudonym)), TERMINAL, clock.now(), reason=Why.RESTORED.value)
    try:
        return not (await erase(intent, one, at)).replayed
    except NotFound:
        return False
