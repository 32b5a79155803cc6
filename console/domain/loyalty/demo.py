"""The demo's programme: a version that has been in force for long, and a draft of the next one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from console.domain.intent import Intent
from console.domain.loyalty import actions, presets, queries
from console.domain.loyalty.rules.programme import Counter


async def publish(intend: Callable[[str], Intent], usual: int, since: date, *, planned: Intent) -> None:
    """Do what is missing of it. `usual`: what a visit usually costs, in minor units; `planned`: who plans the next."""
    programme = presets.both(usual)
    draft = await queries.draft()
    if not await queries.published() and draft is not None:
        if draft.programme != programme:
            await actions.change_draft(intend("programme"), draft.id, draft.version, programme)
        now = await queries.by_id(draft.id)
        await actions.publish(intend("programme published"), now.id, now.version, since)
        draft = None
    if draft is None:
        await actions.start_draft(planned, replace(programme, counter=Counter(reward_valid_days=90)))
