"""Documents as PDF: HTML rendered by WeasyPrint, each document in a process of its own, a few at a time.

A page that takes too long or too much memory ends its process, not the console, and no other document shares
anything with it that could be left broken. Nothing outside is reached: only `data:` addresses are fetched.
"""

from __future__ import annotations

import asyncio
import base64
from math import ceil
from pathlib import Path
from typing import Any

from console.apart import Apart, Cut, Spent, preload
from console.domain.errors import Busy, Refused

PROCESSES = 2
"""Documents in work at a time."""
SECONDS = 30.0
"""How long one document may take."""
MEMORY = 1536 * 1024 * 1024
"""Bytes of address space of a rendering process; 5 000 table rows take a quarter of it."""
WAITING = 16
"""Documents in work or waiting; the next one is refused as `Busy`."""
MOST_ROWS = 2_000
"""Rows of a list in a document; longer ones are for a spreadsheet."""

STEPS = 10
"""Sizes that are tried of a document that is to fit a page, less one."""
ROLL = 5_000
"""The longest piece of a roll, in mm: a PDF has no longer page."""
PIXEL = 25.4 / 96
"""A pixel of a style sheet in mm."""
FAMILY = "Inter Sheet"
FONTS = {
    (FAMILY, 400): "Inter-Regular",
    (FAMILY, 600): "Inter-SemiBold",
    (f"{FAMILY} Display", 700): "InterDisplay-Bold",
}
"""The typeface of what is hung up and handed out, by family and weight: the same on every machine."""

preload("console.printing", "weasyprint")


class Unprintable(Refused):
    """A document that takes longer or more memory than one may, or is nested too deep."""

    key = "refused.unprintable"


class AgendaUnprintable(Unprintable):
    """As it is said of an agenda."""

    key = "refused.agenda_unprintable"


class PersonUnprintable(Unprintable):
    """As it is said of everything that is kept of a person."""

    key = "refused.person_unprintable"


class WeekUnprintable(Unprintable):
    """As it is said of a week of people."""

    key = "refused.week_unprintable"


class CutOff(Busy):
    """A document whose process somebody ended, or that had no process: the same again is made."""

    key = "refused.cut_off"


class TooManyRows(Refused):
    """A list that is too long for a document: `count` rows where `most` are printed."""

    key = "refused.too_many_rows"

    def __init__(self, rows: int) -> None:
        super().__init__(rows=rows, most=MOST_ROWS)


def check_rows(rows: int) -> None:
    """Raise `TooManyRows` for a list that is no document."""
    if rows > MOST_ROWS:
        raise TooManyRows(rows)


class Printer:
    """Prints a few documents at a time; the others wait their turn."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self.apart = Apart(seconds=seconds, memory=memory)
        self._waiting = 0
        self._turns = asyncio.Semaphore(PROCESSES)

    async def pdf(self, html: str) -> bytes:
        """A tagged PDF (PDF/UA-1) of a whole HTML document.

        Raises `Unprintable`, `CutOff`, or `Busy` when many are waiting.
        """
        if self._waiting >= WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with self._turns:
                return await self.apart.do(_render, html)
        except Spent:
            raise Unprintable from None
        except Cut:
            raise CutOff from None
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """End what is being printed."""
        await self.apart.close()


def fonts() -> str:
    """The style sheet that brings our typeface, whole: a document fetches nothing."""
    return "".join(
        f"@font-face {{ font-family: '{family}'; font-weight: {weight};"
        f" src: url(data:font/woff2;base64,{base64.b64encode((_FONTS / f'{file}.woff2').read_bytes()).decode()}) }}"
        for (family, weight), file in FONTS.items()
    )


_FONTS = Path(__file__).parent / "fonts"


def _fitting(given: Any, ours: list[Any], known: Any) -> list[Any]:
    """A style sheet that makes a document as large as it may be to stay on so many pages.

    Of one whose root says so: `data-fit="2 12 9.5"`, two pages, from 12 points of its root down to 9.5; one page where
    the smallest size needs no more.
    """
    from weasyprint import CSS

    told = given.etree_element.get("data-fit")
    if told is None:
        return []
    most_pages, most, least = (float(one) for one in told.split())
    sizes = [most - (most - least) * step / STEPS for step in range(STEPS + 1)]
    sheets = [CSS(string=f"html {{ font-size: {size:.2f}pt !important }}") for size in sizes]

    def pages(step: int) -> int:
        return len(given.render(stylesheets=[*ours, sheets[step]], font_config=known).pages)

    allowed = min(most_pages, pages(STEPS))
    small, large = STEPS, -1  # the first one that fits lies above one that does not
    while small - large > 1:
        middle = (small + large) // 2
        small, large = (middle, large) if pages(middle) <= allowed else (small, middle)
    return [sheets[small]]


def _rolled(given: Any, ours: list[Any], known: Any) -> list[Any]:
    """A style sheet that makes the one page of a roll as high as what is on it.

    Of a document whose root says how wide the roll is in mm, as in `data-roll="80"`; it ends beneath what is called
    `end`.
    """
    from weasyprint import CSS

    width = given.etree_element.get("data-roll")
    if width is None:
        return []
    endless = CSS(string=f"@page {{ size: {width}mm {ROLL}mm !important }}")
    page = given.render(stylesheets=[*ours, endless], font_config=known).pages[0]
    below = ceil(page.anchors["end"][-1] * PIXEL) if "end" in page.anchors else ROLL
    return [CSS(string=f"@page {{ size: {width}mm {below}mm !important }}")]


def _render(html: str) -> bytes:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=["data"])
    known = FontConfiguration()
    ours = [CSS(string=fonts(), font_config=known, url_fetcher=fetcher)] if FAMILY in html else []
    given = HTML(string=html, url_fetcher=fetcher)
    size = [*_fitting(given, ours, known), *_rolled(given, ours, known)]
    document: bytes = given.write_pdf(pdf_variant="pdf/ua-1", stylesheets=[*ours, *size], font_config=known)
    return document
