"""The use case of what clients are told, and when."""

from __future__ import annotations

from dataclasses import asdict

from console.domain import db
from console.domain.business.tables import BUSINESS, Business
from console.domain.errors import Invalid, Stale
from console.domain.messages.settings_queries import chosen
from console.domain.messages.settings_rules import MessageSettings, problems
from console.domain.messages.settings_tables import ONE, MessageChoice
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.undo import restore


@operation("message_choice.change", permission=Permission.BUSINESS_CHANGE, undo=restore)
async def choose(op: Operation, version: int, settings: MessageSettings) -> dict[str, int]:
    """Say what clients are told, and when. `version`: 0 before anybody did. Raises `Stale`, `Invalid`."""
    await op.lock(Business, [BUSINESS])
    if wrong := problems(settings):
        raise Invalid(wrong)
    if (await chosen()).version != version:
        raise Stale("message_choice", ONE)
    values = {
        **asdict(settings),
        "off": sorted(settings.off),
        "reminders": [[one.days, one.minutes] for one in sorted(settings.reminders, key=lambda one: one.code)],
    }
    if await db.fetchval("SELECT EXISTS (SELECT FROM message_choice)"):
        await op.update(MessageChoice, ONE, None, {**values, "retired_at": None})
    else:
        await op.insert(MessageChoice, id=ONE, **values)
    return {"message_choice": ONE}
