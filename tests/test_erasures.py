"""`console erasures`: whoever a restored backup brings back is erased again by the list that lay beside it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from console import embedded
from console.config import Settings
from console.domain import clock, db
from console.domain.booking import actions, series
from console.domain.booking import checks as booked
from console.domain.booking.recurring import Recurrence, Unit
from console.domain.clients.finding import find
from console.domain.desk import checks, queries
from console.domain.desk.rules import Why
from console.domain.ids import TERMINAL_ACTOR
from console.domain.intent import TERMINAL, Intent
from console.domain.secret import Secret
from console.domain.team import accounts, door, mail
from console.domain.team import checks as team
from console.domain.team.browsers import Browser
from console.domain.team.queries import signed_in
from console.domain.team.rules import Role
from tests import factories
from tests.cast import ANNA, NOW, OLEG, PASSWORD, VERA
from tests.domain.desk.deeds import TRACES, erase, lived, traces, zoe
from tests.domain.desk.test_writers_erased import came
from tests.domain.desk.test_writers_erased import erase as erase_writer
from tests.server import TEMPLATE, Keeper, settings_for
from tests.test_cli import console
from tests.yard import ALWAYS, yard

LIVE, BACKUP = "erasures_live", "erasures_backup"


@pytest.fixture
async def live(keeper: Keeper, settings: Settings) -> AsyncIterator[Settings]:
    """A database that can be copied and put back whole, as a backup is."""
    await keeper.superuser(f"CREATE DATABASE {LIVE} TEMPLATE {TEMPLATE}")
    named = settings_for(keeper.server, LIVE)
    yield replace(settings, database_url=named.database_url, database_owner_url=named.database_owner_url)
    for name in (LIVE, BACKUP):
        await keeper.superuser(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def back_up(keeper: Keeper) -> None:
    await keeper.superuser(f"CREATE DATABASE {BACKUP} TEMPLATE {LIVE}")


async def restore(keeper: Keeper) -> None:
    await keeper.superuser(f"DROP DATABASE {LIVE} WITH (FORCE)")
    await keeper.superuser(f"CREATE DATABASE {LIVE} TEMPLATE {BACKUP}")


async def left(keeper: Keeper) -> set[str]:
    """What still says who Zoë was, in any column of any table."""
    connection = await asyncpg.connect(keeper.server.url(embedded.SUPERUSER, LIVE))
    try:
        tables = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        rows = [row[0] for (name,) in tables for row in await connection.fetch(f'SELECT t::text FROM "{name}" t')]
    finally:
        await connection.close()
    return traces("\n".join(rows))


def listed(file: str) -> list[str]:
    """The pseudonyms on a list."""
    return [one["pseudonym"] for one in json.loads(Path(file).read_text())["erasures"]]


async def test_a_restored_backup_brings_nobody_back_for_long(keeper: Keeper, live: Settings, tmp_path: Path) -> None:
    file = str(tmp_path / "erasures.json")
    async with db.pool(live.database_url or ""):
        await factories.staff(ANNA)
        await factories.staff(VERA)
        client = await lived()
    await back_up(keeper)
    async with db.pool(live.database_url or ""):
        later = await zoe()  # the backup does not know them
        await erase(client)
        await erase(later)
    done = await console(live, "erasures", "export", file)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = listed(file)
    assert first != second
    assert await left(keeper) == set()

    await restore(keeper)
    assert await left(keeper) == set(TRACES)
    done = await console(live, "erasures", "replay", file)
    assert (done.returncode, done.stdout) == (0, "1 erased now, 0 erased already, 1 unknown here\n")
    assert await left(keeper) == set()
    async with db.pool(live.database_url or ""):
        assert await find("Xanthopoulou") == []
        assert await checks.erased_clients_left_nothing() == await checks.erasures_are_listed() == []
        known = await queries.erasure(client)
        assert known is not None
        assert (known.actor, known.why) == (TERMINAL_ACTOR, Why.RESTORED)

    done = await console(live, "erasures", "replay", file)
    assert done.stdout == "0 erased now, 1 erased already, 1 unknown here\n"
    done = await console(live, "erasures", "export", "-")
    assert [one["pseudonym"] for one in json.loads(done.stdout)["erasures"]] == [first]


async def test_nothing_of_a_restored_backup_lets_anybody_in(keeper: Keeper, live: Settings, tmp_path: Path) -> None:
    file = str(tmp_path / "erasures.json")
    async with db.pool(live.database_url or ""):
        await factories.staff(ANNA)
        await factories.staff(VERA)
        await factories.staff(OLEG)
        client = await lived()
        here = Browser("127.0.0.1", "Firefox", "")
        entered = await door.sign_in(OLEG.email, Secret(PASSWORD), here, clock.now(), shared=False)
        invited = await accounts.invite(
            Intent(uuid4(), TERMINAL, clock.now()), "Igor", "igor@fifth.example", Role.FRONT_DESK, None
        )
        await db.execute("INSERT INTO link_request VALUES (gen_random_uuid(), 'olga@fifth.example', now())")
    await back_up(keeper)
    async with db.pool(live.database_url or ""):
        await erase(client)
    await console(live, "erasures", "export", file)
    await restore(keeper)
    done = await console(live, "restored", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "1 sessions ended, 1 links revoked, 2 letters withdrawn\n1 erased now, 0 erased already, 0 unknown here\n"
    )
    async with db.pool(live.database_url or ""):
        assert await signed_in(entered.token, clock.now()) is None
        assert await db.fetchval("SELECT count(*) FROM staff_token WHERE used_at IS NULL") == 0
        assert await mail.take_out(invited.result["mail"]) is None
        assert await db.fetchval("SELECT status FROM staff_mail WHERE id = $1", invited.result["mail"]) == "skipped"
        for check in team.CHECKS:
            assert await check() == []
    done = await console(live, "restored")
    assert done.stdout == "0 sessions ended, 0 links revoked, 0 letters withdrawn\n"


async def test_whom_the_backup_still_expected_is_erased_with_all_others_and_keeps_their_date(
    keeper: Keeper, live: Settings, tmp_path: Path
) -> None:
    file = str(tmp_path / "erasures.json")
    async with db.pool(live.database_url or ""):
        await factories.staff(ANNA)
        await factories.staff(VERA)
        there, came, weekly, last = [await zoe() for _ in range(4)]
        house = await yard(hours=ALWAYS)
        soon = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        await house.book(house.nina, soon, there)
        arrived = await house.book(house.olga, soon, came)
        await actions.arrive(Intent(uuid4(), TERMINAL, soon), arrived)
        rule = Recurrence(soon.date() + timedelta(days=3), 1, Unit.WEEK, tuple(range(7)), count=3)
        await series.begin(Intent(uuid4(), TERMINAL, clock.now()), house.asked(client=weekly), 720, rule)
    await back_up(keeper)
    async with db.pool(live.database_url or ""):
        await db.execute("UPDATE booking SET status = 'finished'")
        for client in (there, came, weekly, last):
            await erase(client)
        dates = await queries.erasures()
    await console(live, "erasures", "export", file)
    await restore(keeper)
    done = await console(live, "erasures", "replay", file)
    assert (done.returncode, done.stdout, done.stderr) == (0, "4 erased now, 0 erased already, 0 unknown here\n", "")
    async with db.pool(live.database_url or ""):
        assert await queries.erasures() == dates
        assert await db.fetchval("SELECT bool_and(erased_at = $1) FROM client", NOW)
        called_off = await db.fetch(
            "SELECT DISTINCT b.status, s.cancelled_by, o.reason FROM booking b JOIN status_change s"
            "  ON s.id = (SELECT max(id) FROM status_change WHERE booking = b.id)"
            " JOIN operation o ON o.id = s.operation"
        )
        assert [tuple(row) for row in called_off] == [("cancelled", "us", "restored")]
        assert await db.fetchval("SELECT count(*) FROM occupancy WHERE booking IS NOT NULL") == 0
        assert await db.fetchval("SELECT bool_and(retired_at IS NOT NULL) FROM series")
        for check in (*checks.CHECKS, *booked.CHECKS):
            assert await check() == []


async def test_whoever_cannot_be_erased_again_is_named_and_keeps_nobody_else_back(
    keeper: Keeper, live: Settings, tmp_path: Path
) -> None:
    file = str(tmp_path / "erasures.json")
    async with db.pool(live.database_url or ""):
        await factories.staff(ANNA)
        await factories.staff(VERA)
        clients = [await zoe() for _ in range(3)]
    await back_up(keeper)
    async with db.pool(live.database_url or ""):
        for client in clients:
            await erase(client)
    await console(live, "erasures", "export", file)
    first, second, third = listed(file)
    await restore(keeper)
    owner = await asyncpg.connect(live.database_owner_url)
    await owner.execute(f"ALTER TABLE client ADD CONSTRAINT stuck CHECK (id <> {clients[1]} OR erased_at IS NULL)")
    for words in (("erasures", "replay"), ("restored",)):
        done = await console(live, *words, file)
        assert done.returncode == 1
        assert done.stdout.endswith(", 0 unknown here\n")
        assert second in done.stderr
        assert not {first, third} & set(done.stderr.split())
    await owner.execute("ALTER TABLE client DROP CONSTRAINT stuck")
    await owner.close()
    done = await console(live, "erasures", "replay", file)
    assert (done.returncode, done.stdout) == (0, "1 erased now, 2 erased already, 0 unknown here\n")


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[]", "null", "no JSON", '{"format": "fifth-visit/erasures/1"}', "\x00"),
        json.dumps({"format": "fifth-visit/erasures/1", "erasures": [{"pseudonym": "Zoë"}]}),
        json.dumps({"format": "fifth-visit/erasures/1", "erasures": [7]}),
        *(
            json.dumps({"format": "fifth-visit/erasures/1", "erasures": [{"pseudonym": str(uuid4()), **at}]})
            for at in ({}, {"at": "yesterday"}, {"at": "2026-05-12T09:30:00"}, {"at": None})
        ),
        *(
            json.dumps({"format": "fifth-visit/erasures/1", "erasures": [{"pseudonym": str(uuid4()), "at": at}]})
            for at in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00")
        ),
        json.dumps({"format": "fifth-visit/erasures/2", "erasures": []}),
    ],
)
def test_what_is_no_list_of_erasures_is_refused_in_one_line(text: str) -> None:
    from console import erasures
    from console.processes import ServiceError

    with pytest.raises(ServiceError, match="no list of erasures"):
        erasures.read(text)


async def test_a_file_that_cannot_be_read_or_written_is_said_in_one_line(
    clean: None, settings: Settings, tmp_path: Path
) -> None:
    nowhere = str(tmp_path / "nowhere" / "erasures.json")
    for words in (("replay", nowhere), ("export", nowhere)):
        done = await console(settings, "erasures", *words)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert "erasures.json cannot be" in done.stderr


async def test_a_list_of_people_whom_nobody_knows_changes_nothing(
    clean: None, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "erasures.json"
    listed = [{"pseudonym": str(uuid4()), "at": "2026-05-12T09:30:00+00:00"}] * 2
    file.write_text(json.dumps({"format": "fifth-visit/erasures/1", "erasures": listed}))
    done = await console(settings, "erasures", "replay", str(file))
    assert (done.returncode, done.stdout) == (0, "0 erased now, 0 erased already, 1 unknown here\n")


async def test_who_wrote_by_mail_and_is_no_client_is_not_brought_back_either(
    keeper: Keeper, live: Settings, tmp_path: Path
) -> None:
    file = str(tmp_path / "erasures.json")
    async with db.pool(live.database_url or ""):
        await factories.staff(ANNA)
        await factories.staff(VERA)
        first = await came(sender="zoe.quill@mail.example", body="Quince Lane is dirty")
        theirs = await came(sender="other@post.example", body="It is dark")
    await back_up(keeper)
    async with db.pool(live.database_url or ""):
        later = await came(sender="later@mail.example")  # the backup does not know them
        await came(sender="zoe.quill@mail.example", body="Quince Lane again")
        for ticket in (first, later):
            await erase_writer(ticket)
    await console(live, "erasures", "export", file)
    assert len(listed(file)) == 2

    await restore(keeper)
    assert await left(keeper)
    done = await console(live, "erasures", "replay", file)
    assert (done.returncode, done.stdout) == (0, "1 erased now, 0 erased already, 1 unknown here\n")
    assert await left(keeper) == set()
    async with db.pool(live.database_url or ""):
        assert await db.fetchval("SELECT array_agg(id) FROM ticket WHERE client IS NULL") == [theirs]
        assert await checks.erased_clients_left_nothing() == await checks.erasures_are_listed() == []
        [(pseudonym, _)] = await queries.erasures()
        assert str(pseudonym) == listed(file)[0]

    done = await console(live, "erasures", "replay", file)
    assert done.stdout == "0 erased now, 1 erased already, 1 unknown here\n"
