"""The receipt of a visit over HTTP: it says what the visit says and the card as it was then, whenever it is printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread

import asyncpg
import pytest
from litestar import Litestar
from pypdf import PdfReader

from console import i18n
from console.domain import db
from console.domain.loyalty.presets import PRESETS
from console.domain.policies.rules import RECEIPT_PAPERS
from console.domain.undo import undo
from console.domain.visits.actions import Entered, Paid
from tests import factories, paper
from tests.cast import ANNA, NOW, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.routes.test_prints import work
from tests.till import SOAP, USUAL, Desk, desk, means
from tests.yard import ALWAYS, yard

pytestmark = pytest.mark.usefixtures("today")

MM = 72 / 25.4


@dataclass(frozen=True)
class Counter:
    """Somebody at the desk who prints receipts."""

    app: Litestar
    anna: Visitor

    async def wait(self, visit: int, asked: str = "") -> Page:
        page = await self.anna.open(f"/visits/{visit}/receipt{asked}")
        await work(self.app)
        return page

    async def print(self, visit: int, asked: str = "") -> bytes:
        page = await self.wait(visit, asked)
        assert page.status == 200
        content: bytes = (await self.anna.open(f"{page.path}?as=pdf")).response.content
        return content


@pytest.fixture
async def at(app: Litestar, sign_in: SignIn, here: Desk) -> Counter:
    return Counter(app, await sign_in(ANNA, language="en"))


async def number_of(here: Desk, ago: int = 0, **more: object) -> int:
    return int((await here.come(ago, **more)).result["visit"])  # type: ignore[arg-type]


def told(pdf: bytes, *words: str) -> list[str]:
    """Those words that a receipt does not say."""
    return [one for one in words if not paper.has(pdf, one)]


def day(ago: int) -> str:
    one: date = NOW.date() - timedelta(ago)
    return i18n.full_day(one)


async def test_it_says_what_was_done_why_it_cost_less_and_how_it_was_paid(at: Counter, here: Desk) -> None:
    for ago in (40, 30, 20):
        await here.come(ago)
    number = await number_of(here, 10)
    lines = (Entered(USUAL, service=here.yard.service), Entered(SOAP, quantity=2, product=here.soap))
    paid = (Paid(here.cash, 60_000), Paid(here.card, 150_000), Paid(here.card, 5_000, tip=True))
    number = await number_of(here, 0, due=260_000, lines=lines, payments=paid)
    pdf = await at.print(number)
    facts = await db.fetchrow(
        "SELECT v.number, l.name, b.name AS business FROM visit v JOIN location l ON l.id = v.location, business b"
        " WHERE v.id = $1",
        number,
    )
    assert facts is not None
    assert not told(pdf, f"Receipt no. {facts['number']}", facts["name"], facts["business"], "12 May 2026, 12:30")
    assert not told(pdf, "Deep clean €2,000", "2 × €350 €700", f"Silver 5 % from {day(10)} −€100", "Total €2,600")
    assert not told(pdf, "Cash€600", "Card€1,500", "Tip, card€50", "Still owed€500")
    due = await db.fetchval("SELECT due FROM visit WHERE id = $1", number)
    assert due == USUAL - 10_000 + 2 * SOAP == 60_000 + 150_000 + 50_000


async def test_it_names_no_client(at: Counter, here: Desk) -> None:
    pdf = await at.print(await number_of(here))
    for one in ("Анна", "Петрова", "Anna", "7921"):
        assert not paper.has(pdf, one)


async def test_the_card_stands_on_it_as_it_was_then_whatever_came_later(at: Counter, here: Desk) -> None:
    first, second = [await number_of(here, ago) for ago in (40, 30)]
    third = await number_of(here, 20)
    before = {one: await at.print(one) for one in (first, second, third)}
    assert not told(before[second], "2 stamps of 4", "2 stamps to go, then one visit free", "Tier: Base")
    last = await number_of(here, 10)
    await here.come(0, due=0, free=True, paid=0)
    await undo(means(), (await here.come(0, due=190_000)).operation_id)
    await here.refund(first, 50_000)
    assert {one: await at.print(one) for one in (second, third)} == {one: before[one] for one in (second, third)}
    assert not told(
        await at.print(last), "The next visit can be free, good through", "0 stamps of 4", "Tier: Silver 5 %"
    )
    assert await db.fetchval("SELECT count(*) FROM printed WHERE visit = $1", second) == 1


async def test_a_free_visit_stands_on_it_with_what_it_was_worth(at: Counter, here: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await here.come(ago)
    pdf = await at.print(await number_of(here, 0, due=0, free=True, paid=0))
    assert not told(pdf, "Deep clean€2,000", "Free visit Deep clean −€2,000", "Total €0", "0 stamps of 4")


async def test_money_that_came_or_went_later_is_a_line_and_another_paper(at: Counter, here: Desk) -> None:
    number = await number_of(here, 3, paid=50_000)
    owing = await at.print(number)
    assert not told(owing, "Cash€500", "Still owed€1,500")
    await here.receive(number, 100_000)
    partly = await at.print(number)
    assert not told(partly, f"Cash received on {day(0)} €1,000", "Still owed€500", "1 stamp of 4")
    await here.refund(number, 30_000)
    back = await at.print(number)
    assert not told(back, f"Given back, cash {day(0)} −€300", "Still owed€500")
    page = await at.wait(number)
    handed_out = [one.attributes["href"] or "" for one in page.tree.css("#main tbody a")]
    assert [(await at.anna.open(one)).response.content for one in handed_out] == [back, partly, owing]


async def test_all_that_was_given_back_and_is_owed_no_more_leaves_no_card(at: Counter, here: Desk) -> None:
    number = await number_of(here, 3, paid=50_000)
    await here.refund(number, 50_000)
    pdf = await at.print(number)
    assert not told(pdf, "Total€2,000", f"Given back, cash {day(0)} −€500", f"Owed no more {day(0)} €1,500")
    assert told(pdf, "Still owed", "Your card after this visit") == ["Still owed", "Your card after this visit"]


async def test_a_mistake_that_was_taken_back_leaves_no_trace_on_it(at: Counter, here: Desk) -> None:
    number = await number_of(here, 3, paid=50_000)
    before = await at.print(number)
    mistaken = (await here.receive(number, 20_000, who=VERA)).operation_id
    undone = (await undo(means(), mistaken)).operation_id
    assert await at.print(number) == before
    await undo(means(), undone)
    assert not told(await at.print(number), f"Cash received on {day(0)} €200", "Still owed€1,300")


async def test_a_visit_that_was_taken_back_says_so_plainly_and_comes_back_as_it_was(at: Counter, here: Desk) -> None:
    done = await here.come()
    number = done.result["visit"]
    before = await at.print(number)
    gone = (await undo(means(), done.operation_id)).operation_id
    pdf = await at.print(number)
    assert not told(pdf, f"Taken back on {day(0)}: this visit does not count", f"Given back, cash {day(0)} −€2,000")
    assert told(pdf, "Your card after this visit") == ["Your card after this visit"]
    await undo(means(), gone)
    assert await at.print(number) == before


async def test_somebody_who_is_no_client_gets_one_without_a_card(at: Counter, here: Desk) -> None:
    pdf = await at.print(await number_of(here, client=None))
    assert not told(pdf, "Total€2,000", "Not a fiscal document.")
    assert told(pdf, "Your card") == ["Your card"]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("size", RECEIPT_PAPERS)
async def test_it_is_tagged_on_each_paper_and_in_each_language(
    at: Counter, here: Desk, size: str, language: str
) -> None:
    number = await number_of(here)
    pdf = await at.print(number, f"?paper={size}&language={language}")
    with i18n.speaking(language):
        title = i18n.words("title.receipt", {"number": "1"})
        total = i18n.gettext("Total") + i18n.money(USUAL, "EUR")
    assert not told(pdf, title, total)
    facts, tags = paper.facts(pdf), paper.tags(pdf)
    assert facts == {"title": title, "language": language, "tagged": True, "universal": True}
    assert (tags["H1"], tags["H2"], tags["Figure without /Alt"]) == (1, 1, 0)
    assert tags["TH"] >= 4
    assert paper.pages(pdf) == 1


async def test_a_roll_is_as_long_as_what_is_on_it(at: Counter, here: Desk) -> None:
    short = await number_of(here, client=None)
    lines = [Entered(SOAP, product=here.soap) for _ in range(20)]
    long = await number_of(here, client=None, due=20 * SOAP, lines=lines)
    boxes = [PdfReader(BytesIO(await at.print(one, "?paper=roll80"))).pages[0].mediabox for one in (short, long)]
    assert [round(float(box.width) / MM) for box in boxes] == [80, 80]
    heights = [float(box.height) / MM for box in boxes]
    assert 40 < heights[0] < 120
    assert heights[0] + 19 * 4 < heights[1] < heights[0] + 19 * 12


async def test_it_is_in_the_clients_language_unless_another_is_asked_for(at: Counter, here: Desk) -> None:
    number = await number_of(here)
    assert paper.has(await at.print(number), "Total")
    await db.execute("UPDATE client_profile SET language = 'ru' WHERE client = $1", here.client)
    assert paper.has(await at.print(number), "Итого")
    assert paper.has(await at.print(number, "?language=en"), "Total")


async def test_it_is_asked_for_by_a_link_and_waited_for_without_scripts_or_by_asking_again(
    at: Counter, here: Desk
) -> None:
    number = await number_of(here)
    page = await at.anna.open(f"/visits/{number}")
    links = [one.attributes["href"] or "" for one in page.tree.css(".visit-receipts a")]
    assert links == [f"/visits/{number}/receipt?paper={one}" for one in RECEIPT_PAPERS]
    waiting = await at.anna.open(links[1])
    assert waiting.words("#making label") == "Waiting for its turn…"
    assert (await at.anna.open(f"{waiting.path}?as=pdf")).status == 404
    await work(at.app)
    part = await at.anna.open(f"{waiting.path}/progress", headers={"hx-request": "true"})
    assert (part.has("#page"), part.has("[hx-get]")) == (False, False)
    assert part.tree.css_first("a.button").attributes["href"] == f"{waiting.path}?as=pdf"
    ready = await at.anna.open(waiting.path)
    others = [one.attributes["href"] for one in ready.tree.css("#main section .buttons a")]
    assert f"/visits/{number}/receipt?paper=a4&language=en" in others


async def test_what_was_finished_offers_its_receipt_until_it_is_undone(at: Counter, here: Desk) -> None:
    page = await at.anna.open(f"/visits/new?client={here.client}")
    page = await at.anna.send(page, "/visits", find="add", add="Deep clean")
    page = await at.anna.send(page, "/visits")
    number = await db.fetchval("SELECT id FROM visit")
    link = page.tree.css_first(".toast a")
    assert link.text() == "Print the receipt"
    assert link.attributes["href"] == f"/visits/{number}/receipt"
    undone = await at.anna.send(page, page.tree.css_first(".toast form").attributes["action"] or "")
    assert not undone.has(".toast a")


async def test_what_there_is_not_is_not_printed(at: Counter, here: Desk) -> None:
    one, other = await number_of(here, 1), await number_of(here)
    made = await at.wait(one)
    digest = made.path.rpartition("/")[2]
    for address in (
        "/visits/999/receipt",
        f"/visits/{'9' * 30}/receipt",
        f"/visits/{one}/receipt?paper=a3",
        f"/visits/{one}/receipt?paper=roll80%00",
        f"/visits/{one}/receipt?language=fr",
        f"/visits/{one}/receipts/zz",
        f"/visits/{one}/receipts/{'0' * 64}",
        f"/visits/{one}/receipts/{'0' * 64}/progress",
        f"/visits/{other}/receipts/{digest}",
        f"/visits/{other}/receipts/{digest}?as=pdf",
        f"/programme/prints/made/{digest}",
        f"/programme/prints/made/{digest}?as=pdf",
    ):
        assert (await at.anna.open(address)).status == 404, address
    assert not (await at.anna.open("/programme/prints")).has("#main tbody a")


@pytest.mark.parametrize("preset", PRESETS)
async def test_it_tells_of_a_card_only_what_the_programme_has(app: Litestar, sign_in: SignIn, preset: str) -> None:
    await factories.staff(VERA)
    rules = PRESETS[preset](USUAL)
    here = await desk(await yard(hours=ALWAYS), rules)
    at = Counter(app, await sign_in(ANNA, language="en"))
    pdf = await at.print(await number_of(here))
    assert paper.has(pdf, "Your card after this visit")
    assert paper.has(pdf, "stamp of") == bool(rules.counter)
    assert paper.has(pdf, "Tier:") == bool(rules.tiers)


async def test_a_hostile_name_address_or_logo_fetches_nothing(
    at: Counter, here: Desk, as_owner: asyncpg.Connection
) -> None:
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    logo = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="{url}/l.png"/></svg>'
    bad = f'</title></style><img src="{url}/a.png"><link rel=attachment href="file:///etc/hostname"><b id="end">'
    await as_owner.execute(
        "WITH l AS (INSERT INTO logo (operation, media_type, content) VALUES (1, 'image/png', $1) RETURNING id)"
        " UPDATE business SET name = $2, logo = (SELECT id FROM l)",
        logo.encode(),
        bad,
    )
    await as_owner.execute("UPDATE location SET name = $1, address = $1", bad)
    number = await number_of(here)
    try:
        for size in RECEIPT_PAPERS:
            pdf = await at.print(number, f"?paper={size}")
            assert paper.has(pdf, "<linkrel=attachment")
            assert not PdfReader(BytesIO(pdf)).attachments
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []
