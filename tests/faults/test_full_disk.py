"""A disk that takes nothing more, as the kernel says it: a table's file leads to a device that is always full."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
from selectolax.lexbor import LexborHTMLParser

from console import embedded
from tests.faults.conftest import House, wait_until
from tests.faults.test_printers import manager
from tests.pictures import png

SETTINGS = "/settings/business"
ALWAYS_FULL = Path("/dev/full")


def asked(house: House, sql: str, role: str = embedded.OWNER) -> Any:
    """What the database answers to a role."""
    url = urlsplit(str(house.run_json()["database_owner_url"]))
    passwords = json.loads((house.data_dir / "embedded.json").read_text())
    password = passwords["superuser" if role == embedded.SUPERUSER else "owner"]

    async def ask() -> Any:
        connection = await asyncpg.connect(
            host=url.hostname, port=url.port, user=role, password=password, database=embedded.DATABASE
        )
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(ask())


@contextlib.contextmanager
def full(house: House, table: str) -> Iterator[None]:
    """While the console is down: an empty table's file takes nothing."""
    path = house.data_dir / "postgres" / "cluster" / table
    aside = path.with_name(f"{path.name}.aside")
    path.rename(aside)
    path.symlink_to(ALWAYS_FULL)
    try:
        yield
    finally:
        path.unlink()
        aside.rename(path)


def send_logo(client: httpx.Client) -> LexborHTMLParser:
    """Give the business a logo and another website; the page that follows."""
    page = LexborHTMLParser(client.get(SETTINGS).text)
    return send_settings(client, page, "https://full.example", logo=("logo.png", png(64, 32)))


def send_settings(client: httpx.Client, page: LexborHTMLParser, website: str, **files: Any) -> LexborHTMLParser:
    """Give the business another website by a page of its settings; the page that follows."""
    form = page.css_first(f"form[action='{SETTINGS}']")
    assert form is not None
    fields: dict[str, Any] = {"languages": ["en", "ru"], "website": website}
    for node in form.css("input:not([type=file]):not([type=checkbox]), select, textarea"):
        chosen = node.css_first("option[selected]") if node.tag == "select" else node
        value = node.text() if node.tag == "textarea" else chosen.attributes.get("value") if chosen else ""
        fields.setdefault(node.attributes["name"] or "", value or "")
    return LexborHTMLParser(client.post(SETTINGS, data=fields, files=files).text)


def heading(page: LexborHTMLParser) -> str:
    node = page.css_first("h1")
    return node.text(strip=True) if node else ""


def next_segments(house: House) -> list[Path]:
    """The files that PostgreSQL writes ahead into next."""
    at = str(asked(house, "SELECT pg_walfile_name(pg_current_wal_lsn())", embedded.SUPERUSER))
    count = int(at[8:16], 16) * 256 + int(at[16:], 16)
    names = (f"{at[:8]}{one // 256:08X}{one % 256:08X}" for one in range(count + 1, count + 40))
    return [house.data_dir / "postgres" / "cluster" / "pg_wal" / name for name in names]


@contextlib.contextmanager
def full_ahead(house: House) -> Iterator[None]:
    """While the console is up: nothing more is written ahead."""
    first, *others = next_segments(house)
    made = [one for one in (first, *others) if one.exists()]
    for one in made:
        one.rename(one.with_name(f"{one.name}.aside"))
    first.symlink_to(ALWAYS_FULL)
    try:
        asked(house, "SELECT pg_switch_wal()", embedded.SUPERUSER)
        yield
    finally:
        first.unlink()
        for one in made:
            one.with_name(f"{one.name}.aside").rename(one)


def test_where_nothing_can_be_written_ahead_it_says_so_and_service_returns_by_itself(house: House) -> None:
    up = house.up()
    before = asked(house, "SELECT version FROM business")
    server = up.child("postgres")
    log = house.data_dir / "log" / "postgres.log"
    with manager(house) as client:
        page = LexborHTMLParser(client.get(SETTINGS).text)
        with full_ahead(house):
            assert heading(send_settings(client, page, "https://ahead.example")) == "The disk is full"
            wait_until(lambda: "all server processes terminated" in log.read_text())  # until then others still read
            for _ in range(2):
                answer = client.get(SETTINGS)
                assert (answer.status_code, heading(LexborHTMLParser(answer.text))) == (503, "The disk is full")
            assert client.get("/readyz").json()["database"] == "disk full"
        wait_until(lambda: house.status("/readyz") == 200)
        assert asked(house, "SELECT version FROM business") == before
        page = LexborHTMLParser(client.get(SETTINGS).text)
        assert heading(send_settings(client, page, "https://ahead.example")) == "Business"
    assert asked(house, "SELECT website FROM business") == "https://ahead.example"
    assert up.child("postgres") == server
    assert "the disk is full, so nothing is saved until there is room again" in up.said()
    assert "Traceback" not in up.said()


def test_what_a_full_disk_did_not_take_is_said_and_left_undone_until_there_is_room(house: House) -> None:
    up = house.up()
    table, size = str(asked(house, "SELECT pg_relation_filepath('logo')")), "SELECT pg_relation_size('logo')"
    assert asked(house, size) == 0
    before = asked(house, "SELECT version FROM business")
    up.end()
    with full(house, table):
        up = house.up()
        with manager(house) as client:
            assert heading(send_logo(client)) == "The disk is full"
            assert client.get(SETTINGS).status_code == 200
        assert "No space left on device" in up.said()
        assert "Traceback" not in up.said()
        assert asked(house, "SELECT version FROM business") == before
        up.end()
    house.up()
    with manager(house) as client:
        assert heading(send_logo(client)) != "The disk is full"
    assert asked(house, "SELECT website FROM business") == "https://full.example"
    assert asked(house, size) > 0
