"""Prints over HTTP: asked for by a link, waited for on a page that can be left, and handed out as they are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

from litestar import Litestar

from console.domain import db
from console.domain.errors import Problem
from console.domain.ids import OperationId
from console.domain.intent import TERMINAL, Intent
from console.domain.loyalty import actions, presets, queries
from console.domain.policies import jobs
from console.domain.undo import undo
from console.printing import Unprintable
from tests import paper
from tests.cast import ANNA, NOW, OLEG
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from workers.prints import print_waiting

ALL = "/programme/prints"


async def work(app: Litestar) -> None:
    while await print_waiting({"printer": app.state.printer}):
        pass


def links(page: Page) -> list[str]:
    return [one.attributes.get("href") or "" for one in page.tree.css("#main .card a")]


async def publish(number: int = 1) -> None:
    draft = await queries.draft()
    assert draft is not None
    await actions.publish(Intent(uuid4(), TERMINAL, NOW), draft.id, draft.version, date(2026, 1, number))


async def test_each_document_of_a_new_database_can_be_printed_as_a_draft(app: Litestar, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA, language="en")
    page = await anna.open(ALL)
    assert "marked as a draft" in page.words(".callout")
    asked = links(page)
    assert {one.split("?")[0].rpartition("/")[2] for one in asked} == {"rules", "poster", "stamps", "procedures"}
    for link in asked:
        assert (await anna.open(link)).has("#making progress")
    await work(app)
    for link in asked:
        made = await anna.open(link)
        assert made.words(".making-done") == "The print is ready."
        pdf = (await anna.open(f"{made.path}?as=pdf")).response
        assert pdf.headers["content-type"] == "application/pdf"
        assert paper.has(pdf.content, "Draft" if "language=en" in link else "Черновик")


async def test_a_print_is_waited_for_and_comes_without_scripts_or_by_asking_again(
    app: Litestar, sign_in: SignIn
) -> None:
    anna = await sign_in(ANNA, language="en")
    await publish()
    waiting = await anna.open(f"{ALL}/rules?language=en")
    assert waiting.words("#making label") == "Waiting for its turn…"
    assert (await anna.open(f"{waiting.path}?as=pdf")).status == 404
    behind = await anna.open(f"{ALL}/rules?language=ru")
    assert behind.words("#making label") == "1 print is made before this one."
    assert await jobs.claim(NOW.replace(year=2100)) is not None
    assert "drawn" in (await anna.open(waiting.path)).words("#making label")
    await db.execute("UPDATE print_job SET claimed_until = NULL, tries = 0")
    await work(app)
    part = await anna.open(f"{waiting.path}/progress", headers={"hx-request": "true"})
    assert not part.has("#page")
    assert not part.has("[hx-get]")
    assert part.tree.css_first("a.button").attributes["href"] == f"{waiting.path}?as=pdf"


async def test_a_print_is_handed_out_again_exactly_as_it_was(app: Litestar, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA, language="en")
    await publish()
    made = await anna.open(f"{ALL}/poster?language=en&paper=a3")
    await work(app)
    first = (await anna.open(f"{made.path}?as=pdf")).response.content
    await db.execute("UPDATE business SET name = 'Another name'")
    assert (await anna.open(f"{ALL}/poster?language=en&paper=a3")).path != made.path
    listed = (await anna.open(ALL)).tree.css_first("#main tbody a")
    assert listed.text() == "Poster, English, A3"
    assert (await anna.open(listed.attributes["href"] or "")).response.content == first
    history = await (await sign_in(OLEG)).open("/settings/history")
    assert "printed: Poster" in history.words("#main tbody")


async def test_an_old_version_is_printed_by_its_number(app: Litestar, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA, language="en")
    await publish()
    other = replace(presets.both(450_000), tiers=None)
    await actions.start_draft(Intent(uuid4(), TERMINAL, NOW), other)
    draft = await queries.draft()
    assert draft is not None
    await actions.publish(Intent(uuid4(), TERMINAL, NOW), draft.id, draft.version, date(2026, 12, 1))
    page = await anna.open(f"{ALL}?version=2")
    assert page.words(".page-head p") == "Version 2"
    made = await anna.open(f"{ALL}/rules?version=2&language=en")
    await work(app)
    pdf = (await anna.open(f"{made.path}?as=pdf")).response.content
    assert paper.has(pdf, "Version 2, in force from 1 December 2026")
    assert not paper.has(pdf, "Silver")


async def test_a_version_that_was_withdrawn_is_printed_no_more_and_what_was_handed_out_says_so(
    app: Litestar, sign_in: SignIn
) -> None:
    anna = await sign_in(ANNA, language="en")
    await publish()
    await actions.start_draft(Intent(uuid4(), TERMINAL, NOW), presets.both(450_000))
    draft = await queries.draft()
    assert draft is not None
    done = await actions.publish(Intent(uuid4(), TERMINAL, NOW), draft.id, draft.version, date(2026, 12, 1))
    await anna.open(f"{ALL}/rules?version=2&language=en")
    await work(app)
    assert (await anna.open("/programme/versions/2")).has(f"a[href='{ALL}?version=2']")
    await undo(Intent(uuid4(), TERMINAL, NOW), OperationId(done.operation_id))
    page = await anna.open("/programme/versions/2")
    assert not page.has(f"a[href='{ALL}?version=2']")
    assert "Withdrawn Was to be in force from 1 Dec 2026" in page.words(".page-head")
    assert (await anna.open(f"{ALL}/poster?version=2&language=en")).status == 404
    assert (await anna.open(f"{ALL}?version=2")).status == 404
    assert "Version 2 Withdrawn" in (await anna.open(ALL)).words("tbody")


async def test_a_print_that_cannot_be_made_says_why(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA, language="en")
    waiting = await anna.open(f"{ALL}/rules?language=en")
    job = await jobs.claim(NOW)
    assert job is not None
    await jobs.QUEUE.fail(job, Problem(Unprintable.key))
    failed = await anna.open(waiting.path)
    assert failed.has("#making .callout.danger")
    assert not failed.has("[hx-trigger]")


async def test_what_there_is_not_is_not_printed(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA, language="en")
    for address in (
        "nothing",
        "rules?version=7",
        "rules?version=x",
        "rules?version=0",
        "rules?paper=a3",
        "rules?language=fr",
        "rules?version=" + "9" * 40,
        "made/" + "0" * 64,
        "made/zz",
        "made/" + "A" * 64,
        "made/" + "0" * 64 + "/progress",
    ):
        assert (await anna.open(f"{ALL}/{address}")).status == 404, address
    assert await db.fetchval("SELECT count(*) FROM print_job") == 0


async def test_a_programme_that_was_dropped_leaves_nothing_to_print(sign_in: SignIn) -> None:
    anna: Visitor = await sign_in(ANNA, language="en")
    draft = await queries.draft()
    assert draft is not None
    await actions.drop_draft(Intent(uuid4(), TERMINAL, NOW), draft.id, draft.version)
    assert (await anna.open(ALL)).words(".empty h2") == "Nothing to print yet"
    assert (await anna.open(f"{ALL}/rules")).status == 404
