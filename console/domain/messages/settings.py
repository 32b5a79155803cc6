"""The use case of what clients are told, and when."""

from __future__ import annotations

from dataclasses import asdict

from console.domain import db
from console.domain.business.tables import BUSINESS, Business
from console.domain.errors import Invalid, Stale
from console.domain.messages.rules import HOLDING
from console.domain.messages.settings_queries import chosen
from console.domain.messages.settings_rules import MessageSettings, problems
from console.domain.messages.settings_tables import ONE, MessageChoice
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.undo import restoring

_HELD = (
    "WITH held AS (SELECT id FROM message WHERE status = 'due' AND retired_at IS NULL AND reason = ANY($2::text[])"
    "  AND try_at > $1 ORDER BY id FOR UPDATE)"
    " UPDATE message m SET try_at = $1, reason = NULL FROM held WHERE m.id = held.id RETURNING m.id"
)


async def _judge_anew(op: Operation) -> None:
    """What waits for the morning or for the next day is looked at again: it may leave, or wait for another hour."""
    if await db.fetch(_HELD, op.now, [one.value for one in HOLDING]):
        op.ring("message")


@operation("message_choice.change", permission=Permission.BUSINESS_CHANGE, undo=restoring(_judge_anew))
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
    await _judge_anew(op)
    return {"message_choice": ONE}
