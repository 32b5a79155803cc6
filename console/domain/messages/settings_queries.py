"""What the business wants its clients to be told, as it stands."""

from __future__ import annotations

import json
from dataclasses import dataclass

import asyncpg

from console.domain import db
from console.domain.messages.rules import MessageKind
from console.domain.messages.settings_rules import MessageSettings, Reminder


@dataclass(frozen=True)
class Chosen:
    """The settings, the version of their row, and the operation that saved them last; both 0 before anybody did."""

    settings: MessageSettings
    version: int = 0
    operation: int = 0


async def chosen() -> Chosen:
    return await db.once(_chosen, "message_choice")


async def _chosen() -> Chosen:
    row = await db.fetchrow(
        "SELECT version, operation, off, reminders, quiet_from, quiet_until, per_client, per_day, thanks, satisfaction"
        " FROM message_choice WHERE retired_at IS NULL"
    )
    return Chosen(MessageSettings()) if row is None else Chosen(_read(row), row["version"], row["operation"])


async def message_settings() -> MessageSettings:
    """What is told at all, and when."""
    return (await chosen()).settings


def _read(row: asyncpg.Record) -> MessageSettings:
    plain = ("quiet_from", "quiet_until", "per_client", "per_day", "thanks", "satisfaction")
    return MessageSettings(
        off=frozenset(MessageKind(kind) for kind in row["off"]),
        reminders=tuple(Reminder(*one) for one in json.loads(row["reminders"])),
        **{name: row[name] for name in plain},
    )
