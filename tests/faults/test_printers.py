"""Printing processes belong to their web process: they end with it, and it gets new ones."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
from selectolax.lexbor import LexborHTMLParser

from console.processes import alive
from tests.faults.conftest import House, wait_until
from tests.printers import printers

WEEK = "/team/week?as=pdf"
MANY = 8
"""Documents asked for at once: more than are in work at a time."""


@contextlib.contextmanager
def manager(house: House) -> Iterator[httpx.Client]:
    """A browser in which the demo's manager is signed in."""
    with httpx.Client(base_url=house.url, follow_redirects=True, timeout=60) as client:
        door = LexborHTMLParser(client.get("/sign-in").text)
        token = door.css_first("form[action='/demo/sessions'] [name=_csrf]")
        assert token is not None
        client.post("/demo/sessions", data={"_csrf": token.attributes["value"] or "", "role": "manager"})
        yield client


def print_week(client: httpx.Client) -> httpx.Response:
    return client.get(WEEK)


def is_pdf(answer: httpx.Response) -> bool:
    return answer.content.startswith(b"%PDF")


@contextlib.contextmanager
def printing(client: httpx.Client, web: int) -> Iterator[list[Future[httpx.Response]]]:
    """Many documents asked for at once, of which one is in work: the answers to come."""
    with ThreadPoolExecutor(MANY) as threads:
        answers = [threads.submit(print_week, client) for _ in range(MANY)]
        wait_until(lambda: printers(web)[1:])
        yield answers


def test_no_printing_process_is_left_of_a_web_process_that_was_killed(house: House) -> None:
    up = house.up()
    with manager(house) as client:
        web = up.child("console.cli serve")
        with printing(client, web) as answers:
            first = printers(web)
            up.kill_child("console.cli serve")
            assert any(isinstance(answer.exception(), httpx.TransportError) for answer in answers)
        wait_until(lambda: not any(alive(pid) for pid in first))
        wait_until(lambda: house.status("/readyz") == 200)
        assert is_pdf(print_week(client))


def test_printing_goes_on_when_the_server_was_killed_that_its_processes_come_from(house: House) -> None:
    up = house.up()
    with manager(house) as client:
        assert is_pdf(print_week(client))
        for _ in range(5):
            [server] = printers(up.child("console.cli serve"))
            os.kill(server, signal.SIGKILL)
            assert is_pdf(print_week(client))
