"""The trail on its page, and undoing from there."""

from __future__ import annotations

import pytest

from console.domain import db
from tests import factories
from tests.cast import ANNA, BORIS, OLEG, VERA, Person
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say

HISTORY = "/settings/history"
STAFF = "/settings/staff"


async def change(visitor: Visitor, person: Person = ANNA, **typed: str) -> Page:
    address = f"{STAFF}/{person.id}"
    return await visitor.send(await visitor.open(address), address, **typed)


def told(page: Page) -> list[str]:
    """What the trail says, newest first: who, what, which fields; without the time."""
    return [" ".join(line.css_first("th").text().split()) + " " + " ".join(line.css("td")[0].text().split())
            for line in page.tree.css("tbody tr")]  # fmt: skip


def undos(page: Page) -> list[str]:
    return [form.attributes["action"] or "" for form in page.tree.css("#main form[action$='/undo']")]


async def kinds_done() -> list[str]:
    return [row["kind"] for row in await db.fetch("SELECT kind FROM operation ORDER BY id")][1:]


async def test_it_says_who_did_what_to_which_fields_and_never_the_values(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    await change(oleg, name="Anna the Secret", role="support")
    page = await oleg.open(HISTORY)
    assert told(page)[0].startswith(f"{OLEG.name} {say('kind.staff.change')} {say('column.name')}")
    assert say("column.role") in told(page)[0]
    assert "Anna the Secret" not in page.words("tbody")
    assert told(page)[-1].startswith(say("actor.terminal"))


async def test_it_is_undone_from_the_history_and_done_again(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    await change(oleg, name="Another Anna")
    page = await oleg.open(HISTORY)
    page = await oleg.send(page, undos(page)[0])
    assert (page.path, page.toast) == (HISTORY, say("done.operation.undo"))
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", ANNA.id) == ANNA.name
    assert told(page)[0].startswith(f"{OLEG.name} {say('words.undid', what=say('kind.staff.change'))}")
    assert "undone" in told(page)[1]
    assert len(undos(page)) == 1
    page = await oleg.send(page, undos(page)[0])
    assert page.toast == say("done.redone")
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", ANNA.id) == "Another Anna"
    assert told(page)[0].startswith(f"{OLEG.name} {say('words.redid', what=say('kind.staff.change'))}")
    page = await oleg.send(page, undos(page)[0])
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", ANNA.id) == ANNA.name
    assert told(page)[0].startswith(f"{OLEG.name} {say('words.undid', what=say('kind.staff.change'))}")


async def test_the_history_offers_no_undo_of_what_somebody_did_to_their_own_profile(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await vera.send(await vera.open("/profile"), "/profile", name="Vera the Second")
    assert len(undos(await vera.open(HISTORY))) == 1
    assert undos(await oleg.open(HISTORY)) == []


async def test_the_toasts_undo_comes_back_to_the_page_it_was_pressed_on(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    page = await change(oleg, name="Another Anna")
    assert page.toast == say("done.staff.change")
    page = await oleg.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert (page.path, page.value("name")) == (f"{STAFF}/{ANNA.id}", ANNA.name)
    assert (await oleg.open(page.path)).toast == ""


async def test_an_undo_pressed_twice_happens_once(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    page = await change(oleg, name="Another Anna")
    address = page.tree.css_first(".toast form").attributes["action"]
    first, again = await oleg.send(page, address), await oleg.send(page, address)
    assert (first.status, again.status) == (200, 200)
    assert await kinds_done() == ["staff.change", "operation.undo"]
    other = await oleg.post(address or "", {"_csrf": page.fields(address)["_csrf"]})
    assert (other.status, other.words(".notice p")) == (409, say("refused.already_undone"))


async def test_an_undo_that_later_changes_stand_on_is_refused_and_they_are_named(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    first = await change(oleg, name="The first")
    await change(oleg, name="The second")
    page = await oleg.send(first, first.tree.css_first(".toast form").attributes["action"])
    assert page.status == 409
    expected = say("refused.has_dependants", count=1, operations=say("kind.staff.change"))
    assert page.words(".notice p") == expected
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", ANNA.id) == "The second"


async def test_a_later_change_of_another_field_is_not_in_the_way(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    first = await change(oleg, name="Another Anna")
    await change(oleg, role="support")
    await oleg.send(first, first.tree.css_first(".toast form").attributes["action"])
    row = await db.fetchrow("SELECT name, role FROM staff WHERE id = $1", ANNA.id)
    assert row is not None
    assert tuple(row) == (ANNA.name, "support")


async def test_undoing_an_invitation_closes_the_account_and_its_link(sign_in: SignIn, stranger: Visitor) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.open(f"{STAFF}/new")
    page = await oleg.send(page, STAFF, name="New", email="new@fifth.example")
    link = await db.fetchval("SELECT token FROM staff_mail")
    await oleg.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert await db.fetchval("SELECT retired_at IS NOT NULL FROM staff WHERE name = 'New'")
    assert (await stranger.open(f"/links/{link}")).status == 410
    assert await db.fetchval("SELECT status FROM staff_mail") == "skipped"


async def test_a_sent_link_cannot_be_undone_and_no_button_says_so(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    address = f"{STAFF}/{ANNA.id}"
    page = await oleg.send(await oleg.open(address), f"{address}/link")
    assert page.toast == say("done.staff.link")
    assert not page.has(".toast form")
    assert undos(await oleg.open(HISTORY)) == []
    number = await db.fetchval("SELECT max(id) FROM operation")
    page = await oleg.post(f"/operations/{number}/undo", {"_csrf": [page.value("_csrf")]})
    assert (page.status, page.words(".notice p")) == (409, say("refused.not_undoable"))


async def test_refused_attempts_are_listed_with_who_and_why(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await factories.staff(ANNA)
    page = await oleg.open(f"{HISTORY}?tab=refused")
    assert "Nothing was refused" in page.words("main")
    token = (await vera.open("/profile")).value("_csrf")
    await vera.post(f"{STAFF}/{OLEG.id}/retirement", {"_csrf": [token]})
    await change(oleg, email=VERA.email)
    lines = (await oleg.open(f"{HISTORY}?tab=refused")).all("tbody tr")
    assert len(lines) == 2
    assert lines[0].startswith(f"{OLEG.name} {say('kind.staff.change')} {say('why.refused.invalid')}")
    assert lines[1].startswith(f"{VERA.name} {say('kind.staff.retire')} {say('why.refused.forbidden')}")


async def test_a_refused_attempt_leaves_no_operation(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    await change(oleg, email=OLEG.email)
    assert await kinds_done() == []


@pytest.mark.parametrize("person", [ANNA, BORIS], ids=["front desk", "support"])
async def test_lower_roles_do_not_see_the_trail(sign_in: SignIn, person: Person) -> None:
    visitor = await sign_in(person)
    assert (await visitor.open(HISTORY)).status == 403


async def test_it_is_read_page_by_page(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await db.execute(
        "INSERT INTO operation (kind, actor, intent_id, payload_hash, at, result) SELECT 'session.end', $1,"
        " gen_random_uuid(), sha256('x'), now(), '{\"result\": null, \"effects\": []}' FROM generate_series(1, 70)",
        OLEG.id,
    )
    page = await oleg.open(HISTORY)
    assert len(told(page)) == 50
    older = page.tree.css_first(f"a[href^='{HISTORY}?before=']").attributes["href"]
    page = await oleg.open(older or "")
    assert len(told(page)) == 21
    assert not page.has(f"a[href^='{HISTORY}?before=']")


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "%00", "٣", ""])
async def test_a_place_in_the_trail_that_is_none_is_its_beginning(sign_in: SignIn, before: str) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.open(f"{HISTORY}?before={before}")
    assert (page.status, len(told(page))) == (200, 1)


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999"])
async def test_what_never_happened_cannot_be_undone(sign_in: SignIn, number: str) -> None:
    oleg = await sign_in(OLEG)
    token = (await oleg.open("/profile")).value("_csrf")
    page = await oleg.post(f"/operations/{number}/undo", {"_csrf": [token]})
    assert page.status in (400, 404)
    assert page.heading
