"""Prints of the programme: they say what the version says, are tagged, fetch nothing, and come out the same again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from uuid import uuid4

import asyncpg
import pytest
from selectolax.lexbor import LexborHTMLParser

from console import i18n, prints, wording
from console.domain import db
from console.domain.intent import SYSTEM, TERMINAL, Intent
from console.domain.loyalty import actions as loyalty
from console.domain.loyalty import queries as versions
from console.domain.loyalty.presets import PRESETS
from console.domain.loyalty.queries import VersionView
from console.domain.loyalty.rules.programme import Counter, Programme, Tier, Tiers
from console.domain.policies import queries
from console.domain.policies.rules import PAPERS, Sheet, offered
from console.domain.policies.sheet import rules
from console.printing import Printer
from tests import paper
from tests.cast import NOW
from tests.domain.policies.programmes import ROUBLES
from tests.domain.policies.test_sheets import promised
from tests.patience import PATIENCE

URL = "https://console.example"


@pytest.fixture
async def printer() -> AsyncIterator[Printer]:
    made = Printer(seconds=PATIENCE)
    yield made
    await made.close()


def version(programme: Programme, number: int | None = 7) -> VersionView:
    day = date(2026, 6, 1) if number else None
    return VersionView(versions.VersionId(1), 1, 1, number, day, None, None, programme)


async def composed(
    document: str, language: str, programme: Programme, paper: str = "a4", number: int | None = 7
) -> str:
    wanted = Sheet(document, language, paper, versions.VersionId(1))
    return (await prints.composed(wanted, version(programme, number), ROUBLES, URL)).html


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("preset", PRESETS)
async def test_each_threshold_that_the_rules_print_is_the_versions(
    database: None, printer: Printer, preset: str, language: str
) -> None:
    programme = PRESETS[preset](450_000)
    pdf = await printer.pdf(await composed("rules", language, programme))
    with i18n.speaking(language):
        cells = [cell for one in promised(programme) for cell in one.split(" | ")]
        assert [one for one in cells if not paper.has(pdf, one)] == []
        examples = next(one for one in rules(programme, ROUBLES) if one.code == "examples").sentences
        assert [one for one in map(wording.said, examples) if not paper.has(pdf, one)] == []
        assert paper.has(pdf, i18n.words("sheet.version_line", {"number": 7, "day": i18n.full_day(date(2026, 6, 1))}))


@pytest.mark.parametrize(("document", "pages"), [("rules", 1), ("procedures", 2), ("poster", 1)])
async def test_each_page_says_its_version_once(database: None, printer: Printer, document: str, pages: int) -> None:
    pdf = await printer.pdf(await composed(document, "ru", PRESETS["both"](450_000)))
    said = "Версия7,действуетс1июня2026года"
    assert [page.count(said) for page in paper.by_page(pdf)] == [1] * pages


@pytest.mark.parametrize("document", PAPERS)
async def test_a_document_is_tagged_for_readers_who_hear_it(database: None, printer: Printer, document: str) -> None:
    pdf = await printer.pdf(await composed(document, "ru", PRESETS["both"](450_000)))
    told = paper.facts(pdf)
    assert (told["language"], told["tagged"], told["universal"]) == ("ru", True, True)
    assert told["title"] == i18n.catalogue("ru").gettext(prints.TITLES[document])
    tags = paper.tags(pdf)
    assert tags["H1"] == 1
    assert tags["Figure without /Alt"] == 0
    if document == "stamps":
        return
    assert tags["H2"] >= 2
    assert tags["Figure"] >= 1
    assert tags["TH"] >= 4
    assert tags["TD"] >= 6
    assert document == "poster" or tags["LI"] >= 10


@pytest.mark.parametrize("size", PAPERS["poster"])
@pytest.mark.parametrize("kind", [*PRESETS, "ten tiers and a long name"])
async def test_a_poster_is_one_page_whatever_the_programme(
    database: None, printer: Printer, as_owner: asyncpg.Connection, kind: str, size: str
) -> None:
    programme = PRESETS[kind](450_000) if kind in PRESETS else crowded()
    if kind not in PRESETS:
        await as_owner.execute("UPDATE business SET name = $1", "Служба уборки и ухода за домом " * 4)
    pdf = await printer.pdf(await composed("poster", "ru", programme, size))
    assert paper.pages(pdf) == 1


@pytest.mark.parametrize("language", i18n.LANGUAGES)
async def test_what_is_given_stands_out_of_a_posters_headline(database: None, language: str) -> None:
    html = await composed("poster", language, PRESETS["both"](450_000))
    headline = LexborHTMLParser(html).css_first("h1")
    stressed = headline.css_first(".stressed").text()
    assert stressed == i18n.catalogue(language).gettext("sheet.stressed")
    assert headline.text().endswith(stressed)


@pytest.mark.parametrize("preset", ["counter", "cumulative"])
async def test_the_procedures_of_a_short_programme_are_one_page(database: None, printer: Printer, preset: str) -> None:
    assert paper.pages(await printer.pdf(await composed("procedures", "en", PRESETS[preset](450_000)))) == 1


def crowded() -> Programme:
    both = PRESETS["both"](450_000)
    assert both.tiers is not None
    top = both.tiers.ladder[-1]
    more = [replace(top, code=f"t{n}", names={"ru": f"Уровень для самых верных клиентов {n}"}) for n in range(8)]
    return replace(
        both,
        counter=Counter(
            stamps_required=12, min_price=150_000, reward_max_value=600_000, services=frozenset({"1", "2"})
        ),
        tiers=replace(both.tiers, ladder=(*both.tiers.ladder[:2], *more)),
    )


@pytest.mark.parametrize("count", [1, 4, 12, 100])
async def test_a_stamp_card_has_room_for_each_stamp(database: None, printer: Printer, count: int) -> None:
    pdf = await printer.pdf(await composed("stamps", "en", Programme(Counter(stamps_required=count))))
    assert paper.pages(pdf) == 2
    assert paper.has(pdf, "".join(str(n) for n in range(1, count + 1)))


async def test_a_draft_says_that_it_is_one(database: None, printer: Printer) -> None:
    for document in PAPERS:
        html = await composed(document, "en", PRESETS["both"](450_000), number=None)
        assert paper.has(await printer.pdf(html), "Draft, not in force"), document


@pytest.mark.parametrize(("count", "rows"), [(4, 1), (5, 1), (6, 2), (10, 2)])
def test_the_stamps_of_a_card_stand_in_one_row_as_long_as_each_can_be_stamped(count: int, rows: int) -> None:
    drawn = prints.stamp_cards(Counter(stamps_required=count))
    assert (len(drawn.rows), drawn.size >= 100) == (rows, True)


async def test_a_programme_without_stamps_has_no_stamp_cards() -> None:
    assert "stamps" not in offered(PRESETS["shrinking"](450_000))


async def test_a_hostile_name_or_logo_fetches_and_reads_nothing(
    database: None, printer: Printer, as_owner: asyncpg.Connection, tmp_path: Path
) -> None:
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
    url = f"http://127.0.0.1:{server.server_port}"
    logo = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
        f'<image href="{url}/logo.png" width="9" height="9"/><image xlink:href="file://{secret}" width="9" height="9"/>'
        f"<style>@import url({url}/logo.css);</style></svg>"
    )
    bad = f'</title></style><img src="{url}/a.png"><link rel=attachment href="file://{secret}">'
    await as_owner.execute(
        "WITH l AS (INSERT INTO logo (operation, media_type, content) VALUES (1, 'image/png', $1) RETURNING id)"
        " UPDATE business SET name = $2, logo = (SELECT id FROM l)",
        logo.encode(),
        bad,
    )
    ladder = (Tier("a", {"en": bad}), Tier("b", {"en": bad}, 500, PRESETS["both"](1).tiers.ladder[1].enter))  # type: ignore[union-attr]
    hostile = Programme(Counter(services=frozenset({"1"})), Tiers(ladder))
    try:
        for document in PAPERS:
            pdf = await printer.pdf(await composed(document, "en", hostile))
            assert b"secret" not in pdf
            assert not paper.PdfReader(paper.BytesIO(pdf)).attachments
            assert document == "stamps" or paper.has(pdf, "<linkrel=attachment")
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


async def drafted() -> VersionView:
    found = await versions.draft()
    assert found is not None
    return found


async def test_the_same_print_again_is_handed_out_from_what_is_kept(
    database: None, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await drafted()
    wanted = Sheet("rules", "en", "a4", one.id)
    whole = await prints.composed(wanted, one, await queries.ground(NOW.date()), URL)
    first = await prints.printed(whole, printer, TERMINAL, NOW)
    monkeypatch.setattr(printer, "pdf", None)
    assert await prints.printed(whole, printer, SYSTEM, NOW) == first
    assert await db.fetchval("SELECT count(*) FROM printed") == 1


async def test_two_who_print_the_same_at_once_get_the_same(database: None, printer: Printer) -> None:
    one = await drafted()
    whole = await prints.composed(Sheet("poster", "ru", "a4", one.id), one, ROUBLES, URL)
    got = await asyncio.gather(*(prints.printed(whole, printer, who, NOW) for who in (TERMINAL, SYSTEM)))
    assert got[0] == got[1]
    assert await db.fetchval("SELECT count(*) FROM printed") == 1


async def test_another_name_or_version_is_another_print(database: None, as_owner: asyncpg.Connection) -> None:
    one = await drafted()
    wanted = Sheet("rules", "en", "a4", one.id)
    seen = {(await prints.composed(wanted, one, ROUBLES, URL)).digest}
    seen.add((await prints.composed(replace(wanted, language="ru"), one, ROUBLES, URL)).digest)
    await as_owner.execute("UPDATE business SET name = 'Clean Home'")
    seen.add((await prints.composed(wanted, one, ROUBLES, URL)).digest)
    assert len(seen) == 3


async def test_what_is_printed_is_the_version_in_force_else_the_next_else_the_draft(database: None) -> None:
    draft = await drafted()
    assert (await queries.standing(NOW.date())).number is None
    await loyalty.publish(Intent(uuid4(), TERMINAL, NOW), draft.id, draft.version, date(2026, 6, 1))
    await loyalty.start_draft(Intent(uuid4(), TERMINAL, NOW), PRESETS["counter"](1))
    second = await drafted()
    await loyalty.publish(Intent(uuid4(), TERMINAL, NOW), second.id, second.version, date(2026, 7, 1))
    standing = [(await queries.standing(day)).number for day in (NOW.date(), date(2026, 6, 1), date(2026, 7, 1))]
    assert standing == [1, 1, 2]
