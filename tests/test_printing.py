"""Documents: what they hold, what they never reach, and what ends when one takes too much."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pypdf import PdfReader

from console import apart, printing
from console.domain.errors import Busy
from console.printing import CutOff, Printer, Unprintable
from console.routes._edge import Left
from console.routes._printed import while_waiting
from console.templating import document
from tests.printers import printers

ENDLESS = "<table>" + "<tr><td>x</td></tr>" * 60_000 + "</table>"


@pytest.fixture
async def printer() -> AsyncIterator[Printer]:
    made = Printer()
    yield made
    await made.close()


def page(body: str) -> str:
    return f"<!doctype html><html lang=en><title>A page</title><body>{body}"


def text(pdf: bytes) -> str:
    return " ".join(" ".join(one.extract_text() for one in PdfReader(BytesIO(pdf)).pages).split())


async def test_a_document_holds_its_text_in_both_alphabets_and_is_tagged(printer: Printer) -> None:
    pdf = await printer.pdf(page("<h1>Price list</h1><p>Уборка и ещё раз уборка"))
    assert "Price list Уборка и ещё раз уборка" in text(pdf)
    root = PdfReader(BytesIO(pdf)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"


async def test_the_same_document_twice_is_the_same_to_the_byte(printer: Printer) -> None:
    first, second = await asyncio.gather(*(printer.pdf(page("<p>Once")) for _ in range(2)))
    assert first == second


async def test_nothing_outside_is_reached_by_address_or_by_path(printer: Printer, tmp_path: Path) -> None:
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None: ...

    secret = tmp_path / "secret.txt"
    secret.write_text("the owner's secret")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        pdf = await printer.pdf(
            page(
                f'<img src="{url}/a.png"><link rel=stylesheet href="{url}/b.css"><a rel=attachment href="file://{secret}">'
                f"x</a><style>@import url({url}/c.css); @font-face {{font-family: x; src: url({url}/d.ttf)}}</style>"
                f'<object data="file://{secret}"></object><p>Still here'
            )
        )
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []
    assert "Still here" in text(pdf)
    assert b"secret" not in pdf
    assert not PdfReader(BytesIO(pdf)).attachments


async def test_what_takes_too_long_is_given_up_and_the_next_one_is_printed() -> None:
    hasty = Printer(seconds=1)
    with pytest.raises(Unprintable):
        await hasty.pdf(page(ENDLESS))
    hasty.apart.seconds = 30
    assert "after it" in text(await hasty.pdf(page("<p>after it")))
    await hasty.close()


async def test_what_takes_too_much_memory_is_given_up_and_the_next_one_is_printed() -> None:
    small = Printer(memory=900 * 1024 * 1024)
    with pytest.raises(Unprintable):
        await small.pdf(page(ENDLESS * 3))
    assert "after it" in text(await small.pdf(page("<p>after it")))
    await small.close()


async def test_what_is_nested_too_deep_is_given_up_and_the_next_one_is_printed(printer: Printer) -> None:
    with pytest.raises(Unprintable):
        await printer.pdf(page("<div>" * 3_000))
    assert "after it" in text(await printer.pdf(page("<p>after it")))


async def test_a_document_whose_process_was_killed_can_be_tried_again_and_the_next_one_is_printed(
    printer: Printer,
) -> None:
    lost = asyncio.create_task(printer.pdf(page(ENDLESS)))
    while not printer.apart.under_way:  # noqa: ASYNC110 - a process that is killed before is asked for again
        await asyncio.sleep(0.02)
    working = printers(os.getpid())[1:]
    os.kill(working[0], signal.SIGKILL)
    with pytest.raises(CutOff):
        await lost
    assert "after it" in text(await printer.pdf(page("<p>after it")))


async def test_a_document_that_gets_no_process_can_be_tried_again(
    printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*how: object, **named: object) -> Any:
        raise EOFError

    monkeypatch.setattr(apart, "PAUSE", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(apart, "process", lambda **how: lambda function: gone)
        with pytest.raises(CutOff):
            await printer.pdf(page("<p>never"))
    assert "after it" in text(await printer.pdf(page("<p>after it")))


async def test_a_queue_that_is_full_says_so_at_once(printer: Printer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "WAITING", 1)
    first = asyncio.create_task(printer.pdf(page("<p>one")))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await printer.pdf(page("<p>two"))
    assert "one" in text(await first)


async def test_nobody_waits_for_a_document_that_is_no_longer_wanted(printer: Printer) -> None:
    unwanted = asyncio.create_task(printer.pdf(page(ENDLESS)))
    await asyncio.sleep(0)
    unwanted.cancel()
    with pytest.raises(asyncio.CancelledError):
        await unwanted
    assert "wanted" in text(await printer.pdf(page("<p>wanted")))
    while printers(os.getpid())[1:]:  # noqa: ASYNC110
        await asyncio.sleep(0.02)


async def test_what_a_reader_hung_up_on_is_printed_no_longer_and_keeps_no_place(
    printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "WAITING", 1)
    messages = iter(["http.request", "http.disconnect"])

    async def receive() -> Any:
        message = next(messages)
        while message == "http.disconnect" and not printers(os.getpid())[1:]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return {"type": message}

    with pytest.raises(Left):
        await while_waiting(receive, printer.pdf(page(ENDLESS)))
    while printers(os.getpid())[1:]:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    assert "after it" in text(await printer.pdf(page("<p>after it")))


async def test_a_long_text_that_may_break_at_every_letter_takes_no_longer_in_a_table(printer: Printer) -> None:
    long = "漢" * 5_000  # a column as wide as its text wants takes minutes of it
    table = {"heads": ["Text", "Important"], "rows": [[long, "yes"]], "beneath": [], "long": True}
    part = {"title": "Notes", "records": [], **table}
    history = [{"time": "1 May 2026", "line": long, "values": []}]
    html = document("pdf/client.html", title="A", business="B", made="now", parts=[part], history=history)
    assert len(PdfReader(BytesIO(await printer.pdf(html))).pages) > 1


def test_a_list_that_is_no_document_is_refused() -> None:
    printing.check_rows(printing.MOST_ROWS)
    with pytest.raises(printing.TooManyRows):
        printing.check_rows(printing.MOST_ROWS + 1)


def test_markup_in_a_name_is_a_name_in_a_document() -> None:
    week = {"title": "", "heads": [], "rows": [{"bookable": {"name": "<script>x</script>"}, "cells": [], "total": ""}]}
    html = document("pdf/week.html", title="</title><b>", business="<i>", week=week)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
