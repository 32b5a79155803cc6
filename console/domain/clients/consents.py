"""Use cases of consent. Its log is append-only: what was wrong is put right by another entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import asyncpg

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.clients import parts, rules, steps
from console.domain.clients.parts import ConsentEntry
from console.domain.clients.rules import Consented, ConsentSource
from console.domain.clients.tables import ClientConsent
from console.domain.errors import Invalid, Stale
from console.domain.ids import ClientId
from console.domain.operation import operation
from console.domain.running import Done, Operation
from console.domain.team.rules import Permission
from console.domain.undo import refuse_dependants, standing_on


async def _said_since(operations: Sequence[int]) -> Sequence[asyncpg.Record]:
    """Operations that wrote down something of the same channels and purposes later, and erasures."""
    later = await db.fetch(
        "SELECT mine.operation AS mine, o.id, o.kind, o.at, o.undoes FROM change c"
        " JOIN client_consent mine ON mine.id = c.entity_id JOIN client_consent later ON later.id > mine.id"
        "  AND (later.client, later.channel, later.purpose) = (mine.client, mine.channel, mine.purpose)"
        " JOIN operation o ON o.id = later.operation"
        " WHERE c.operation = ANY($1::bigint[]) AND c.entity = 'client_consent'"
        "  AND o.id <> mine.operation AND o.undoes IS DISTINCT FROM mine.operation"
        " GROUP BY mine.operation, o.id ORDER BY max(later.id) DESC",
        list(operations),
    )
    return [*await steps.erasures(operations), *later]


@standing_on(_said_since)
async def _take_back(op: Operation, done: Done) -> None:
    """The inverse: the contrary of every entry. Raises `HasDependants` where the client has said something since."""
    await steps.lock_to_undo(op, done)
    await refuse_dependants(done)
    rows = await db.fetch(
        "SELECT client, channel, purpose, NOT given AS given FROM client_consent WHERE id IN"
        " (SELECT entity_id FROM change WHERE operation = $1 AND entity = 'client_consent') ORDER BY id",
        done.id,
    )
    for row in rows:
        await op.insert(ClientConsent, **row, at=op.now, source=ConsentSource.CORRECTION.value)


@operation("client_consent.set", permission=Permission.CLIENT_CHANGE, undo=_take_back)
async def set_consents(
    op: Operation,
    client: ClientId,
    version: int | None,
    wanted: tuple[Consented, ...],
    source: ConsentSource,
    on: date | None = None,
) -> dict[str, int]:
    """Write down what a client consents to; only what changes makes an entry.

    `version`: how many entries there were when the form was rendered. `on`: the business date that it was said, today
    where None. Raises `Stale`, and `Invalid` (`on`) for a day to come, before they joined or before what was said last.
    """
    await steps.lock_to_edit(op, client)
    log = await parts.consent_log(client)
    if version is not None and version != len(log):
        raise Stale("client_consent", client)
    asked = {(one.channel, one.purpose): one.given for one in wanted}
    changed = rules.consents_changed(parts.holding(log), asked)
    at = await _instant(op, client, on, changed, log)
    if not changed:
        op.nothing_new()
    for one in changed:
        await op.insert(
            ClientConsent,
            client=client,
            channel=one.channel.value,
            purpose=one.purpose.value,
            given=one.given,
            at=at,
            source=source.value,
        )
    return {"client": client}


async def _instant(
    op: Operation, client: ClientId, on: date | None, changed: list[Consented], log: list[ConsentEntry]
) -> datetime:
    """When it was said: now, or the end of a day that is past."""
    zone = (await business()).zone
    today = clock.business_date(op.now, zone)
    if on is None or on == today:
        return op.now
    latest = {(one.channel, one.purpose): one for one in reversed(log)}
    said = [latest[pair] for one in changed if (pair := (one.channel, one.purpose)) in latest]
    days = [clock.business_date(one.at, zone) for one in said if one.source is not ConsentSource.CORRECTION]
    joined = await db.fetchval("SELECT joined_on FROM client_profile WHERE client = $1", client)
    if problem := rules.consent_day_problem(on, today, joined, days):
        raise Invalid({"on": problem})
    return clock.instant(datetime.combine(on + timedelta(days=1), time(), zone) - timedelta(seconds=1))
