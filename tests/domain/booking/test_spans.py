"""The database lets no booking begin or end at another time than its services."""

from __future__ import annotations

import asyncpg
import pytest

from console.domain import db
from tests.yard import HOUR, NOON, Yard, stands

LATER = "starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour'"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE booking SET ends_at = ends_at + interval '5 minutes'",
        f"UPDATE booking SET {LATER}",
        f"UPDATE booking_item SET {LATER}",
        "UPDATE booking_item SET retired_at = now()",
        "INSERT INTO booking_item (booking, service, starts_at, ends_at, buffer_before, buffer_after, version,"
        " operation) SELECT booking, service, ends_at, ends_at + INTERVAL '1h', 0, 0, 1, operation FROM booking_item",
        "INSERT INTO booking (client, location, starts_at, ends_at, status, source, version, operation)"
        " SELECT client, location, starts_at, ends_at, status, source, 1, operation FROM booking",
    ],
)
async def test_one_that_does_not_last_as_long_as_its_services_is_refused(yard: Yard, change: str) -> None:
    booking = await yard.book()
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await db.execute(change)
    assert refused.value.constraint_name == "booking_span"
    assert (await stands(booking))[0] == NOON


async def test_both_may_change_one_after_the_other(yard: Yard, as_owner: asyncpg.Connection) -> None:
    booking = await yard.book()
    async with as_owner.transaction():
        await as_owner.execute(f"UPDATE booking SET {LATER}")
        await as_owner.execute(f"UPDATE booking_item SET {LATER}")
    assert (await stands(booking))[0] == NOON + HOUR


async def test_one_that_was_taken_back_with_its_services_is_let_be(yard: Yard, as_owner: asyncpg.Connection) -> None:
    await yard.book()
    async with as_owner.transaction():
        await as_owner.execute("UPDATE booking SET retired_at = now()")
        await as_owner.execute("UPDATE booking_item SET retired_at = now()")
    await as_owner.execute(f"UPDATE booking_item SET {LATER}")
    assert await db.fetchval("SELECT starts_at FROM booking_item") == NOON + HOUR


async def test_a_service_that_goes_to_another_booking_is_looked_at_in_both(
    yard: Yard, as_owner: asyncpg.Connection
) -> None:
    left, other = await yard.book(yard.nina), await yard.book(yard.olga)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await as_owner.execute(f"UPDATE booking_item SET booking = {other} WHERE booking = {left}")
    assert refused.value.constraint_name == "booking_span"
    async with as_owner.transaction():
        await as_owner.execute(f"UPDATE booking SET retired_at = now() WHERE id = {left}")
        await as_owner.execute(f"UPDATE booking_item SET booking = {other} WHERE booking = {left}")


async def test_none_of_the_others_is_read_for_it_when_many_come_at_once(
    yard: Yard, as_owner: asyncpg.Connection
) -> None:
    first = await yard.book()
    read = (
        "SELECT sum(seq_tup_read + idx_tup_fetch)::int FROM pg_stat_xact_user_tables"
        " WHERE relname IN ('booking', 'booking_item')"
    )
    async with as_owner.transaction():
        for many in (100, 400):
            made = await as_owner.fetch(
                "INSERT INTO booking (client, location, starts_at, ends_at, status, source, operation) SELECT client,"
                " location, starts_at, ends_at, status, source, operation FROM booking, generate_series(1, $2)"
                " WHERE id = $1 RETURNING id",
                first,
                many,
            )
            await as_owner.execute(
                "INSERT INTO booking_item (booking, service, starts_at, ends_at, buffer_before, buffer_after,"
                " operation) SELECT b, service, starts_at, ends_at, 0, 0, operation FROM booking_item,"
                " unnest($2::bigint[]) AS b WHERE booking = $1",
                first,
                [row["id"] for row in made],
            )
            before = await as_owner.fetchval(read)
            await as_owner.execute("SET CONSTRAINTS span IMMEDIATE")
            await as_owner.execute("SET CONSTRAINTS span DEFERRED")
        assert await as_owner.fetchval(read) - before <= 4 * 400
