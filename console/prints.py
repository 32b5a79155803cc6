"""Documents of the programme, composed: a version in words and in a layout, ready to be rendered."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version as version_of
from typing import Any

import segno

from console import i18n, wording
from console.domain.business import queries as business
from console.domain.business.queries import Facts
from console.domain.errors import NotFound
from console.domain.intent import Actor
from console.domain.loyalty.queries import VersionView
from console.domain.loyalty.rules.programme import Counter, Programme
from console.domain.policies import actions, queries
from console.domain.policies.poster import Poster, poster
from console.domain.policies.procedures import procedures
from console.domain.policies.rules import PAPERS, Sheet, digest, offered
from console.domain.policies.sheet import Ground, Section, Table, headline, rules, stamp_validity, version_line
from console.printing import Printer
from console.stamp_grid import Grid, grid
from console.templating import document

LAYOUT = 1
"""Raised when something that the documents' text does not show makes them other ones."""

CARDS = 10
"""Stamp cards on a page, in two columns."""
APART = {"break", "examples"}
"""Sections that stand in boxes of their own."""
SCALES = {"a4": 1, "a3": 2**0.5}
"""How much larger a poster is than on A4."""
TITLES = {
    "rules": "title.print_rules",
    "procedures": "title.print_procedures",
    "poster": "title.print_poster",
    "stamps": "title.print_stamps",
}


@dataclass(frozen=True)
class Composed:
    """A document to be rendered, and the hash under which it is kept."""

    sheet: Sheet
    title: str
    html: str
    digest: bytes


async def composed(wanted: Sheet, one: VersionView, ground: Ground, public_url: str) -> Composed:
    """A document of a version in the language wanted. Raises `NotFound` where there is none of it."""
    if wanted.document not in offered(one.programme) or wanted.paper not in PAPERS[wanted.document]:
        raise NotFound
    facts = await business.business()
    drawn = await logo(facts)
    return await asyncio.to_thread(_composed, wanted, one, ground, public_url, facts, drawn)


async def logo(facts: Facts) -> str | None:
    """The logo of the business as a document has it: fetched from nowhere."""
    if facts.logo is None:
        return None
    picture = await business.picture(facts.logo)
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.content).decode()}"


def _composed(
    wanted: Sheet, one: VersionView, ground: Ground, public_url: str, facts: Facts, logo: str | None
) -> Composed:
    """In a thread: the examples are lived through, day by day."""
    with i18n.speaking(wanted.language):
        title = i18n.gettext(TITLES[wanted.document])
        html = document(
            f"pdf/{wanted.document}.html",
            title=title,
            business=facts.name,
            reached=reached(facts),
            logo=logo,
            paper=wanted.paper,
            scale=SCALES[wanted.paper],
            draft=one.number is None,
            version=wording.said(version_line(one.number, one.effective_from)),
            since=i18n.full_day(one.effective_from) if one.effective_from else None,
            **_link(one, public_url),
            **_content(wanted.document, one.programme, ground),
        )
    return whole(wanted, title, html)


def whole(wanted: Sheet, title: str, html: str) -> Composed:
    """A document with the hash under which it is kept."""
    made_by = f"{LAYOUT} weasyprint {version_of('weasyprint')}"
    return Composed(wanted, title, html, digest(wanted, html, made_by))


async def printed(one: Composed, printer: Printer, actor: Actor, now: datetime) -> bytes:
    """A document as it was handed out, or rendered and kept now. Raises `Unprintable`, `CutOff`, `Busy`."""
    kept = await queries.content(one.digest)
    if kept is not None:
        return kept
    return await keep(one.sheet, one.digest, await printer.pdf(one.html), actor, now)


async def keep(sheet: Sheet, digest: bytes, content: bytes, actor: Actor, now: datetime) -> bytes:
    """Keep a document, unless somebody was faster; answers what is kept."""
    with contextlib.suppress(actions.KeptAlready):
        await actions.keep(actions.once(actor, digest, now), sheet, digest, content)
    return await queries.content(digest) or content


def _content(name: str, programme: Programme, ground: Ground) -> dict[str, Any]:
    if name == "poster":
        return _poster(poster(programme, ground))
    if name == "stamps":
        assert programme.counter is not None
        told = poster(programme, ground)
        return {
            "headline": wording.said(headline(programme.counter)),
            "lead": " ".join(map(wording.said, told.lead)),
            "caption": [wording.said(one) for one in told.caption],
            "small": wording.said(stamp_validity(programme.counter)),
            "grid": stamp_cards(programme.counter),
            "cards": range(CARDS),
        }
    made = rules if name == "rules" else procedures
    return {"sections": [_section(one) for one in made(programme, ground)]}


def _section(one: Section) -> dict[str, Any]:
    return {
        "code": one.code,
        "title": wording.said(one.title),
        "sentences": [wording.said(told) for told in one.sentences],
        "table": _table(one.table),
        "ordered": one.ordered,
        "apart": one.code in APART,
    }


def _table(one: Table | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "heads": [wording.cell(head) for head in one.heads],
        "rows": [[wording.cell(value) for value in row] for row in one.rows],
    }


def _poster(one: Poster) -> dict[str, Any]:
    return {
        "headline": wording.said(one.headline),
        "stressed": i18n.gettext("sheet.stressed"),
        "lead": " ".join(map(wording.said, one.lead)),
        "grid": _stamps(one.stamps) if one.stamps else None,
        "caption": " ".join(map(wording.said, one.caption)),
        "title_of_table": wording.said(one.title) if one.title else None,
        "table": _table(one.table),
        "boxes": [
            {"code": box.code, "title": wording.said(box.title), "text": " ".join(map(wording.said, box.sentences))}
            for box in one.boxes
        ],
    }


def stamp_cards(counter: Counter) -> Grid:
    """The stamps of a card to cut out, and its free visit."""
    return grid(counter.stamps_required + 1, width=75, height=26, most=14, gap=2, enough=10)


def _stamps(count: int) -> Grid:
    return grid(count + 1, width=178, height=32, most=32, gap=4)


def reached(facts: Facts) -> str | None:
    """The telephone number of the business as it is written."""
    return i18n.phone(facts.phone) if facts.phone else None


def _link(one: VersionView, public_url: str) -> dict[str, str]:
    """Where the version itself can be looked at, and its code."""
    url = f"{public_url.rstrip('/')}/programme" + (f"/versions/{one.number}" if one.number else "/draft")
    return {"url": url, "qr": segno.make(url, error="m", micro=False).svg_data_uri(border=0, light="#fff")}
