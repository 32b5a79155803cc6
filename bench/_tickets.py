"""A hundred thousand tickets of the benchmarks' clients, the same ones in every run; one in twelve is not solved.

They are copied into the tables past the use cases, with the trail that these would have written.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from console.domain.text import fold

MANY = 100_000
SEED = 7
OPEN_SHARE = 12
SINCE = datetime(2021, 1, 11, 8, tzinfo=UTC)
SUBJECTS = (
    "Нет штампа за уборку", "Скидка стала меньше", "Бесплатный визит сгорел", "Перенести запись", "Ключи у соседей",
    "Возврат за химчистку", "The stamp is missing", "A smaller discount", "Please move the booking", "The keys",
)  # fmt: skip
WORDS = (
    "вчера", "мастер", "приехал", "поздно", "окна", "кухня", "пол", "коридор", "балкон", "ковёр", "диван", "чек",
    "карта", "телефон", "договор", "оплата", "адрес", "квартира", "подъезд", "время", "утром", "вечером",
    "суббота", "спасибо", "пожалуйста", "прошу", "уточните", "перезвоните", "жду", "ответа",
)  # fmt: skip
STATUSES = ("open", "pending", "on_hold")
PRIORITIES = ("low", "normal", "normal", "normal", "high", "urgent")
CHANNELS = ("phone", "email", "chat", "in_person")

Row = tuple[Any, ...]


async def fill(superuser_url: str) -> int:
    """Copy them in; how many."""
    connection = await asyncpg.connect(superuser_url)
    try:
        if await connection.fetchval("SELECT count(*) >= $1 FROM ticket", MANY):
            return MANY
        await connection.execute("SET session_replication_role = replica")
        operation, staff = (
            await connection.fetchval("SELECT min(id) FROM operation"),
            [row["id"] for row in await connection.fetch("SELECT id FROM staff ORDER BY id")],
        )
        clients = [row["id"] for row in await connection.fetch("SELECT id FROM client ORDER BY id LIMIT 20000")]
        first = await connection.fetchval("SELECT coalesce(max(id), 0) + 1 FROM ticket")
        tickets, entries = _made(first, operation, staff, clients)
        for table, columns, rows in (("ticket", TICKET, tickets), ("ticket_entry", ENTRY, entries)):
            await connection.copy_records_to_table(table, columns=columns, records=rows)
            await connection.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
        await connection.execute(
            "INSERT INTO change (operation, entity, entity_id, fields, created)"
            " SELECT $1, 'ticket_entry', id, '{}', true FROM ticket_entry WHERE ticket >= $2",
            operation,
            first,
        )
        await connection.execute("SET session_replication_role = origin")
        await connection.execute("ANALYZE ticket, ticket_entry, change")
        return MANY
    finally:
        await connection.close()


TICKET = (
    *("id", "version", "operation", "number", "client", "subject", "channel", "priority", "status", "assignee"),
    *("tags", "folded", "opened_at", "solved_at", "closed_at", "first_replied_at", "resolution_due", "due_at"),
)
ENTRY = ("id", "version", "operation", "ticket", "client", "kind", "channel", "body", "folded", "at")


def _made(first: int, operation: int, staff: list[int], clients: list[int]) -> tuple[list[Row], list[Row]]:
    luck = random.Random(SEED)
    tickets, entries = [], []
    for at in range(MANY):
        number, opened = first + at, SINCE + timedelta(minutes=27 * at)
        client, channel = luck.choice(clients), luck.choice(CHANNELS)
        done = None if luck.randrange(OPEN_SHARE) == 0 else opened + timedelta(hours=luck.randrange(1, 90))
        status = luck.choice(STATUSES) if done is None else "closed"
        subject = f"{luck.choice(SUBJECTS)} {luck.choice(WORDS)}"
        due = opened + timedelta(hours=luck.randrange(4, 200)) if done is None and status != "pending" else None
        tickets.append(
            (
                *(number, 1, operation, number, client, subject, channel, luck.choice(PRIORITIES), status),
                *(luck.choice([*staff, None]), [], fold(subject), opened, done, done, done, due, due),
            )
        )
        entries.extend(_said(luck, len(entries), operation, number, client, channel, opened))
    return tickets, entries


def _said(
    luck: random.Random, at: int, operation: int, ticket: int, client: int, channel: str, opened: datetime
) -> Iterator[Row]:
    for n, kind in enumerate(("in", "out")[: luck.randrange(1, 3)]):
        body = " ".join(luck.choices(WORDS, k=20))
        yield (10**7 + at + n, 1, operation, ticket, client, kind, channel, body, fold(body), opened)
