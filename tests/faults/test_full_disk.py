"""A disk that takes nothing more, as the kernel says it: a table's file leads to a device that is always full."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from selectolax.lexbor import LexborHTMLParser

from tests.faults.conftest import House
from tests.faults.test_printers import manager
from tests.pictures import png

SETTINGS = "/settings/business"
ALWAYS_FULL = Path("/dev/full")


def asked(house: House, sql: str) -> Any:
    """What the database answers."""

    async def ask() -> Any:
        connection = await asyncpg.connect(str(house.run_json()["database_owner_url"]))
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
    form = LexborHTMLParser(client.get(SETTINGS).text).css_first(f"form[action='{SETTINGS}']")
    assert form is not None
    fields: dict[str, Any] = {"languages": ["en", "ru"], "website": "https://full.example"}
    for node in form.css("input:not([type=file]):not([type=checkbox]), select, textarea"):
        chosen = node.css_first("option[selected]") if node.tag == "select" else node
        value = node.text() if node.tag == "textarea" else chosen.attributes.get("value") if chosen else ""
        fields.setdefault(node.attributes["name"] or "", value or "")
    return LexborHTMLParser(client.post(SETTINGS, data=fields, files={"logo": ("logo.png", png(64, 32))}).text)


def heading(page: LexborHTMLParser) -> str:
    node = page.css_first("h1")
    return node.text(strip=True) if node else ""


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
