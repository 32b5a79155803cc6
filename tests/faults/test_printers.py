"""Printing processes belong to their web process: they end with it, and it gets new ones."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
from selectolax.lexbor import LexborHTMLParser

from tests.faults.conftest import House, wait_until

WEEK = "/team/week?as=pdf"


@contextlib.contextmanager
def manager(house: House) -> Iterator[httpx.Client]:
    """A browser in which the demo's manager is signed in."""
    with httpx.Client(base_url=house.url, follow_redirects=True, timeout=60) as client:
        door = LexborHTMLParser(client.get("/sign-in").text)
        token = door.css_first("form[action='/demo/sessions'] [name=_csrf]")
        assert token is not None
        client.post("/demo/sessions", data={"_csrf": token.attributes["value"] or "", "role": "manager"})
        yield client


def printers(web: int) -> list[int]:
    """The processes that a web process prints with."""
    children = Path(f"/proc/{web}/task").glob("*/children")
    found = {int(pid) for listed in children for pid in listed.read_text().split()}
    return [pid for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def print_week(client: httpx.Client) -> httpx.Response:
    return client.get(WEEK)


def test_no_printing_process_is_left_of_a_web_process_that_was_killed(house: House) -> None:
    up = house.up()
    with manager(house) as client:
        assert print_week(client).content.startswith(b"%PDF")
        first = printers(up.child("console.cli serve"))
        assert first
        up.kill_child("console.cli serve")
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in first))
        wait_until(lambda: house.status("/readyz") == 200)
        assert print_week(client).content.startswith(b"%PDF")


def test_a_printing_process_that_was_killed_is_replaced(house: House) -> None:
    up = house.up()
    with manager(house) as client:
        print_week(client)
        first = printers(up.child("console.cli serve"))
        assert first
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        answers = [print_week(client) for _ in range(3)]
        assert [answer.content[:4] for answer in answers] == [b"%PDF"] * 3
