"""Colleagues: who may do what to whom, and that the business always has an owner."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.datastructures import State

from console.domain import clock, db
from console.domain.team import mail, passwords
from console.domain.team.rules import Role
from console.routes._fields import LONGEST_EMAIL
from tests import factories
from tests.cast import ANNA, BORIS, NOW, OLEG, PASSWORD, VERA, Person
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.routes.doors import is_in
from tests.words import say

Browsers = Callable[[], Visitor]
STAFF = "/settings/staff"
RITA = Person(21, "Rita Owner", "rita@fifth.example", OLEG.role, "en")
MAX = Person(22, "Max Manager", "max@fifth.example", VERA.role, "en")


def at(person: Person) -> str:
    return f"{STAFF}/{person.id}"


async def row(person: Person) -> dict[str, Any]:
    found = await db.fetchrow("SELECT name, email, role, retired_at, version FROM staff WHERE id = $1", person.id)
    assert found is not None
    return dict(found)


async def change(visitor: Visitor, person: Person, **typed: str) -> Page:
    return await visitor.send(await visitor.open(at(person)), at(person), **typed)


async def press(visitor: Visitor, person: Person, deed: str) -> Page:
    """Send a button's form without being shown it."""
    token = (await visitor.open("/profile")).value("_csrf")
    return await visitor.post(f"{at(person)}/{deed}", {"_csrf": [token]})


async def invite(visitor: Visitor, **typed: str) -> Page:
    page = await visitor.open(f"{STAFF}/new")
    return await visitor.send(page, STAFF, **{"name": "New", "email": "new@fifth.example", **typed})


async def last_undo(visitor: Visitor) -> Page:
    """Undo the latest operation, whether or not the history offers it."""
    token = (await visitor.open("/profile")).value("_csrf")
    latest = await db.fetchval("SELECT max(id) FROM operation")
    return await visitor.post(f"/operations/{latest}/undo", {"_csrf": [token]})


async def test_the_list_says_who_there_is_and_how_they_stand(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA, retired_at=NOW)
    await factories.staff(VERA, totp_secret="x" * 32)
    await factories.staff(BORIS, password_hash=None)
    page = await oleg.open(STAFF)
    rows = {item.split(" ")[0]: item for item in page.all("tbody tr")}
    assert list(rows) == ["Boris", "Oleg", "Vera", "Anna"]
    assert "Closed" in rows["Anna"]
    assert "Two-step" in rows["Vera"]
    assert "No password" in rows["Boris"]
    assert say("role.owner") in rows["Oleg"]
    assert page.words(".page-head p") == "3 people"


async def test_a_colleague_is_invited_and_can_be_changed_and_let_go(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await invite(oleg, role="support", language="ru")
    assert (page.heading, page.toast) == ("New", say("done.staff.invite", name="New"))
    page = await oleg.send(page, page.path, name="Newer", email="NEWER@fifth.example", role="manager")
    said = f"{say('done.staff.change', name='Newer')}. {say('words.invited_anew')}"
    assert (page.heading, page.toast) == ("Newer", said)
    saved = await db.fetchrow("SELECT name, email, role, language FROM staff WHERE id <> $1", OLEG.id)
    assert saved is not None
    assert tuple(saved) == ("Newer", "newer@fifth.example", "manager", "ru")
    page = await oleg.send(page, f"{page.path}/retirement")
    assert (page.path, page.toast) == (STAFF, say("done.staff.retire", name="Newer"))
    assert await db.fetchval("SELECT count(*) FROM staff WHERE retired_at IS NOT NULL") == 1


async def test_a_taken_address_is_said_at_the_field_and_nothing_typed_is_lost(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    page = await invite(oleg, name="Another Anna", email="Anna@Fifth.example", role="support")
    assert (page.status, page.error("email")) == (422, say("problem.email_taken"))
    assert (page.value("name"), page.value("email"), page.value("role")) == (
        "Another Anna",
        "Anna@Fifth.example",
        "support",
    )
    page = await change(oleg, ANNA, email=OLEG.email)
    assert (page.status, page.error("email")) == (422, say("problem.email_taken"))
    assert (await row(ANNA))["email"] == ANNA.email
    assert await db.fetchval("SELECT count(*) FROM actor WHERE kind = 'staff'") == 2


async def test_the_address_of_somebody_who_left_is_free_and_they_cannot_come_back_to_it(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA, retired_at=NOW)
    assert (await invite(oleg, email=ANNA.email)).status == 200
    page = await press(oleg, ANNA, "readmission")
    assert page.status == 422
    assert say("problem.email_taken") in page.words("main")
    assert (await row(ANNA))["retired_at"] == NOW


async def test_two_hundred_invitations_of_one_address_at_once_make_one_account(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.open(f"{STAFF}/new")
    fields = {**page.fields(STAFF), "name": ["New"], "email": ["new@fifth.example"]}
    intents = [{"intent": [str(uuid4())]} for _ in range(200)]
    answers = await asyncio.gather(*(oleg.http.post(STAFF, data=fields | one) for one in intents))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 422}
    assert await db.fetchval("SELECT count(*) FROM staff WHERE email = 'new@fifth.example'") == 1
    assert await db.fetchval("SELECT count(*) FROM staff_mail") == 1
    assert await db.fetchval("SELECT count(*) FROM actor WHERE kind = 'staff'") == 2


@pytest.mark.parametrize("whose", [OLEG, MAX, VERA], ids=["an owner", "another manager", "themselves"])
@pytest.mark.parametrize("deed", ["", "/retirement", "/readmission", "/link", "/two-step-removal"])
async def test_a_manager_cannot_touch_an_owner_or_a_manager(sign_in: SignIn, whose: Person, deed: str) -> None:
    vera = await sign_in(VERA)
    for person in {OLEG, MAX}:
        await factories.staff(person)
    before = await row(whose)
    page = await vera.open(at(whose))
    assert not page.has("#main form")
    fields = {"_csrf": page.value("_csrf"), "version": "1", "name": "X", "email": "x@y.example", "role": "support"}
    page = await vera.post(at(whose) + deed, {name: [value] for name, value in fields.items()})
    assert page.status == 403
    assert await row(whose) == before
    assert await db.fetchval("SELECT count(*) FROM staff_mail") == 0
    assert await db.fetchval("SELECT count(*) FROM refusal WHERE actor = $1", VERA.id) == 1


@pytest.mark.parametrize("role", ["owner", "manager", "nonsense"])
async def test_a_manager_is_refused_the_owners_account_whatever_they_send_there(sign_in: SignIn, role: str) -> None:
    vera = await sign_in(VERA)
    await factories.staff(OLEG)
    token = (await vera.open(at(OLEG))).value("_csrf")
    page = await vera.post(at(OLEG), {"_csrf": [token], "version": ["1"], "name": ["X"], "email": [""], "role": [role]})
    assert (page.status, page.heading) == (403, say("This is not open to your role"))


@pytest.mark.parametrize("role", ["manager", "owner"])
async def test_a_manager_gives_no_role_from_their_own_upwards(sign_in: SignIn, role: str) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    for page in (await vera.open(f"{STAFF}/new"), await vera.open(at(ANNA))):
        assert not page.has(f"input[value={role}]")
        assert page.has("input[value=support]")
    for page in (await invite(vera, role=role), await change(vera, ANNA, role=role)):
        assert (page.status, page.error("role")) == (422, say("problem.choice"))
    assert (await row(ANNA))["role"] == "front_desk"
    assert await db.fetchval("SELECT count(*) FROM staff") == 2


async def test_a_manager_changes_those_below(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    assert (await change(vera, ANNA, role="support", name="Anna P.")).status == 200
    assert (await row(ANNA))["role"] == "support"
    await press(vera, ANNA, "retirement")
    assert (await row(ANNA))["retired_at"] is not None
    await press(vera, ANNA, "readmission")
    assert (await row(ANNA))["retired_at"] is None


@pytest.mark.parametrize("person", [ANNA, BORIS], ids=["front desk", "support"])
async def test_lower_roles_see_and_change_no_accounts(sign_in: SignIn, person: Person) -> None:
    visitor = await sign_in(person)
    await factories.staff(OLEG)
    assert not (await visitor.open("/profile")).has(f'a[href="{STAFF}"]')
    assert (await visitor.open(STAFF)).status == 403
    assert (await visitor.open(at(OLEG))).status == 403
    assert (await press(visitor, OLEG, "retirement")).status == 403
    assert (await row(OLEG))["retired_at"] is None


async def test_a_manager_does_not_reach_above_themselves_by_undoing(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await factories.staff(MAX)
    await change(oleg, MAX, role="support")
    assert (await last_undo(vera)).status == 403
    assert (await row(MAX))["role"] == "support"
    await change(oleg, MAX, role="owner")
    assert (await last_undo(vera)).status == 403
    assert (await row(MAX))["role"] == "owner"
    await change(oleg, MAX, name="Max the Owner")
    assert (await last_undo(vera)).status == 403
    assert (await row(MAX))["name"] == "Max the Owner"


async def test_a_manager_undoes_what_an_owner_did_to_those_below(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await factories.staff(ANNA)
    await change(oleg, ANNA, name="Anna the Second")
    assert (await last_undo(vera)).status == 200
    assert (await row(ANNA))["name"] == ANNA.name


async def test_the_last_owner_stays_one(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(RITA, retired_at=NOW)
    page = await change(oleg, OLEG, role="manager")
    assert (page.status, page.error("role")) == (422, say("problem.last_owner"))
    assert (await row(OLEG))["role"] == "owner"
    assert await is_in(oleg)


async def test_an_owner_who_was_only_invited_does_not_count_as_one(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(RITA, password_hash=None)
    page = await change(oleg, OLEG, role="manager")
    assert (page.status, page.error("role")) == (422, say("problem.last_owner"))
    assert "invitation" in page.error("role")
    assert (await row(OLEG))["role"] == "owner"
    await db.execute("UPDATE staff SET password_hash = $2 WHERE id = $1", RITA.id, factories.quick_hash())
    await change(oleg, OLEG, role="manager")
    assert (await row(OLEG))["role"] == "manager"


async def test_an_owner_who_was_only_invited_can_be_let_go(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(RITA, password_hash=None)
    await press(oleg, RITA, "retirement")
    assert (await row(RITA))["retired_at"] is not None


@pytest.mark.parametrize("columns", [{"retired_at": NOW}, {"password_hash": None}], ids=["one left", "one was invited"])
async def test_the_last_owner_stays_one_when_a_promotion_is_undone(sign_in: SignIn, columns: dict[str, Any]) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(RITA, **columns)
    await factories.staff(MAX)
    await change(oleg, MAX, role="owner")
    promotion = await db.fetchval("SELECT max(id) FROM operation")
    await change(oleg, OLEG, role="manager")
    rest = await sign_in(MAX, exists=True)
    token = (await rest.open("/profile")).value("_csrf")
    page = await rest.post(f"/operations/{promotion}/undo", {"_csrf": [token]})
    assert page.status == 422
    assert say("problem.last_owner") in page.words("main")
    assert (await row(MAX))["role"] == "owner"


async def test_the_name_of_the_last_owner_can_be_changed_and_changed_back(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await change(oleg, OLEG, name="Oleg the Owner")
    assert page.heading == "Oleg the Owner"
    page = await oleg.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert page.toast == say("done.undid", what=say("kind.staff.change", name=OLEG.name))
    assert (await row(OLEG))["name"] == OLEG.name


@pytest.mark.parametrize("how", ["closing each other's account", "stepping down"])
async def test_of_two_owners_who_leave_at_once_one_stays(sign_in: SignIn, how: str) -> None:
    oleg, rita = await sign_in(OLEG), await sign_in(RITA)
    if how == "stepping down":
        deeds = (change(oleg, OLEG, role="manager"), change(rita, RITA, role="manager"))
    else:
        deeds = (press(oleg, RITA, "retirement"), press(rita, OLEG, "retirement"))
    pages = await asyncio.gather(*deeds)
    assert all(page.status < 500 for page in pages)
    owners = "SELECT count(*) FROM staff WHERE role = 'owner' AND retired_at IS NULL"
    assert await db.fetchval(owners) == 1


async def test_nobody_closes_their_own_account_not_even_by_undoing(sign_in: SignIn) -> None:
    oleg, rita = await sign_in(OLEG), await sign_in(RITA)
    assert not (await oleg.open(at(OLEG))).has("form[action$='/retirement']")
    page = await press(oleg, OLEG, "retirement")
    assert (page.status, page.words(".notice p")) == (409, say("refused.not_yourself"))
    await press(rita, OLEG, "retirement")
    await press(rita, OLEG, "readmission")
    oleg = await sign_in(OLEG, exists=True)
    page = await last_undo(oleg)
    assert (page.status, page.words(".notice p")) == (409, say("refused.not_yourself"))
    assert (await row(OLEG))["retired_at"] is None


async def test_a_form_of_somebody_who_was_let_go_meanwhile_does_nothing(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await factories.staff(ANNA)
    page = await vera.open(at(ANNA))
    await press(oleg, VERA, "retirement")
    answer = await vera.send(page, at(ANNA), name="By a ghost")
    assert answer.path == "/sign-in"
    assert (await row(ANNA))["name"] == ANNA.name


async def test_a_role_counts_as_it_is_when_the_change_is_made(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from console.domain.team import steps

    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    page = await vera.open(at(ANNA))
    looks = steps.account

    async def demoted_meanwhile(op: Any, staff: Any) -> Any:
        await db.execute("UPDATE staff SET retired_at = now() WHERE id = $1", VERA.id)
        return await looks(op, staff)

    monkeypatch.setattr(steps, "account", demoted_meanwhile)
    assert (await vera.send(page, at(ANNA), name="By a ghost")).status == 403
    assert (await row(ANNA))["name"] == ANNA.name


async def test_two_people_change_one_account_and_neither_loses_anything(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await factories.staff(ANNA)
    his, hers = await oleg.open(at(ANNA)), await vera.open(at(ANNA))
    await vera.send(hers, at(ANNA), name="Anna by Vera", role="support")
    collision = await oleg.send(his, at(ANNA), name="Anna by Oleg")
    assert collision.status == 409
    table = {item[0]: item[1:] for item in _cells(collision)}
    assert table[say("field.name") + " differs"] == ["Anna by Vera", "Anna by Oleg"]
    assert table[say("field.role") + " from them"] == [say("role.support"), say("role.front_desk")]
    assert ANNA.email in collision.all(".same dd")
    assert collision.heading.startswith("Anna by Vera")
    theirs = await oleg.open(collision.tree.css_first(".merge .buttons a").attributes["href"] or "")
    assert (theirs.path, theirs.value("name")) == (at(ANNA), "Anna by Vera")
    mine = await oleg.send(collision, at(ANNA))
    assert (mine.status, mine.value("name"), mine.value("role")) == (200, "Anna by Oleg", "support")
    again = await oleg.send(collision, at(ANNA))
    assert (again.status, again.path) == (200, at(ANNA))
    assert (await row(ANNA))["version"] == 3


async def test_what_one_does_to_ones_own_account_is_no_collision_with_the_form_that_others_have_open(
    sign_in: SignIn,
) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    his = await oleg.open(at(VERA))
    await vera.send(await vera.open("/profile"), "/profile/password", current=PASSWORD, password="an entirely new one")
    hers = await vera.open("/profile")
    await vera.post("/preferences/language", {"_csrf": [hers.value("_csrf")], "language": ["ru"]})
    page = await oleg.send(his, at(VERA), name="Vera by Oleg")
    assert (page.status, page.value("name")) == (200, "Vera by Oleg")
    assert tuple(await db.fetchrow("SELECT name, language FROM staff WHERE id = $1", VERA.id)) == ("Vera by Oleg", "ru")
    assert (await oleg.send(his, at(VERA), name="Vera again", intent=str(uuid4()))).status == 409


async def test_of_what_two_people_changed_theirs_is_taken_where_it_is_chosen(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await factories.staff(ANNA)
    his, hers = await oleg.open(at(ANNA)), await vera.open(at(ANNA))
    await vera.send(hers, at(ANNA), name="Anna by Vera")
    collision = await oleg.send(his, at(ANNA), name="Anna by Oleg", role="support")
    saved = await oleg.send(collision, at(ANNA), **{"take.name": "theirs"})
    assert (saved.status, saved.value("name"), saved.value("role")) == (200, "Anna by Vera", "support")


async def test_where_nobody_changed_the_same_nothing_is_asked(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await factories.staff(ANNA)
    his, hers = await oleg.open(at(ANNA)), await vera.open(at(ANNA))
    await vera.send(hers, at(ANNA), name="Anna by Vera")
    collision = await oleg.send(his, at(ANNA), role="support")
    assert (collision.status, collision.has(".compare input")) == (409, False)
    saved = await oleg.send(collision, at(ANNA))
    assert (saved.status, saved.value("name"), saved.value("role")) == (200, "Anna by Vera", "support")


def _cells(page: Page) -> list[list[str]]:
    return [
        [" ".join(cell.text().split()) for cell in line.css("th, td")]
        for line in page.tree.css("table.compare tbody tr")
    ]


async def test_nothing_differs_where_nothing_does(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.open(f"{STAFF}/new")
    fields = {**page.fields(STAFF), "name": ["New"], "email": ["new@fifth.example"]}
    await oleg.post(STAFF, fields)
    collision = await oleg.post(STAFF, {**fields, "name": ["Newer"]})
    assert collision.status == 409
    differing = [line[0] for line in _cells(collision) if line[0].endswith("differs")]
    assert differing == [say("field.name") + " differs"]
    assert (await oleg.open(collision.tree.css_first(".merge .buttons a").attributes["href"] or "")).heading == "New"


@pytest.mark.parametrize("number", ["0", "999", "99999999999999999999", "-1", "abc"])
async def test_an_account_that_is_not_there_is_not_found(sign_in: SignIn, number: str) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.open(f"{STAFF}/{number}")
    assert (page.status, bool(page.heading)) == (404, True)


async def test_without_a_mail_server_whoever_invites_gets_the_link_to_hand_over(
    sign_in: SignIn, stranger: Visitor
) -> None:
    vera = await sign_in(VERA)
    page = await invite(vera, role="support")
    assert "sent" not in page.toast
    link = _link(page)
    assert "yourself" in page.words(".callout.info")
    assert "7 days" in page.words(".callout.info")
    opened = await stranger.open(link)
    assert (opened.status, opened.heading) == (200, say("title.invitation"))
    page = await vera.send(page, f"{page.path}/link")
    assert "sent" not in page.toast
    assert _link(page) != link
    assert (await stranger.open(link)).status == 410
    opened = await stranger.open(_link(page))
    assert (await stranger.send(opened, password="an entirely new sentence")).path == "/"
    assert not (await vera.open(page.path)).has("#link")


async def test_one_s_own_link_and_address_are_told_to_oneself(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    page = await oleg.send(await oleg.open(at(OLEG)), f"{at(OLEG)}/link")
    assert _link(page)
    assert "yourself" not in page.words(".callout.info")
    assert page.words("#staff-email-hint") == say("hint.email_self")
    assert (await oleg.open(at(ANNA))).words("#staff-email-hint") == say("hint.email_no_letters")


async def test_a_link_that_leads_to_this_computer_alone_says_so(sign_in: SignIn, app: Litestar) -> None:
    vera = await sign_in(VERA)
    page = await invite(vera, role="support")
    only_here = "only on the computer that runs the console"
    assert only_here not in page.words(".callout.info")
    settings = replace(app.state.settings, public_url="http://127.0.0.1:8000")
    app.state = State({**app.state, "settings": settings})
    told = (await vera.open(page.path)).words(".callout.info")
    assert only_here in told
    assert "PUBLIC_URL" not in told


def _link(page: Page) -> str:
    assert page.has('[data-copy="link"]')
    return page.words("#link")


async def test_a_link_that_somebody_asked_for_at_the_door_is_there_to_be_handed_over_until_it_runs_out(
    sign_in: SignIn, stranger: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    await stranger.send(await stranger.open("/forgotten"), "/forgotten", email=ANNA.email)
    await passwords.answer_requests(clock.now())
    assert (await stranger.open(_link(await vera.open(at(ANNA))))).heading == say("title.reset", ANNA.language or "")
    over = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: over)
    assert not (await vera.open(at(ANNA))).has("#link")


async def test_a_link_is_shown_to_nobody_who_may_not_manage_the_account(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await factories.staff(MAX)
    assert (await oleg.send(await oleg.open(at(MAX)), f"{at(MAX)}/link")).has("#link")
    token = await db.fetchval("SELECT token FROM staff_mail")
    page = await vera.open(at(MAX))
    assert page.status == 200
    assert token not in page.response.text


async def test_a_link_that_the_terminal_printed_is_not_shown(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await invite(oleg)
    await mail.take_out(await db.fetchval("SELECT id FROM staff_mail"))
    assert not (await oleg.open(page.path)).has("#link")


async def test_with_a_mail_server_the_link_stays_in_the_mail(app: Litestar, sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    app.state = State({**app.state, "settings": replace(app.state.settings, smtp_url="smtp://127.0.0.1:25")})
    page = await invite(oleg)
    token = await db.fetchval("SELECT token FROM staff_mail")
    assert token
    assert token not in page.response.text
    assert "Send" in page.words(f'form[action="{page.path}/link"] button')


async def test_every_role_says_what_it_may_do(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    for page in (await oleg.open(f"{STAFF}/new"), await oleg.open(at(ANNA))):
        hints = page.all(".field-choices label small")
        assert hints == [say(f"hint.role_{role}") for role in Role]
        assert len(set(hints)) == len(Role)


@pytest.mark.parametrize(
    ("typed", "key"),
    [("İ" * 60 + "@" + "a" * 189 + ".com", "problem.too_long"), ("İ" * 33 + "@fifth.example", "problem.email")],
    ids=["all of it", "its first part"],
)
async def test_an_address_that_grows_too_long_in_lower_case_is_refused(sign_in: SignIn, typed: str, key: str) -> None:
    oleg = await sign_in(OLEG)
    assert len(typed) <= LONGEST_EMAIL
    page = await invite(oleg, email=typed)
    assert (page.status, page.error("email")) == (422, say(key, limit=LONGEST_EMAIL, length=len(typed.lower())))
    assert page.value("email") == typed


async def test_a_mail_that_did_not_arrive_is_shown(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await invite(oleg)
    for status, word in (("failed", "Mail not sent"), ("unknown", "Mail in doubt")):
        await db.execute("UPDATE staff_mail SET status = $1", status)
        assert word in (await oleg.open(STAFF)).words("tbody")
        assert (await oleg.open(page.path)).has(".callout.danger")
    await oleg.send(await oleg.open(page.path), f"{page.path}/link")
    assert "Mail" not in (await oleg.open(STAFF)).words("tbody")
    assert not (await oleg.open(page.path)).has(".callout.danger")


async def test_ones_own_address_takes_the_password(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.open(at(OLEG))
    for typed in ("", "not this one at all"):
        page = await oleg.send(page, at(OLEG), email="mine@fifth.example", current=typed)
        key = "problem.password_wrong" if typed else "problem.type_password"
        assert (page.status, page.error("current")) == (422, say(key))
        assert page.value("email") == "mine@fifth.example"
        assert await db.fetchval("SELECT email FROM staff WHERE id = $1", OLEG.id) == OLEG.email
    page = await oleg.send(page, at(OLEG), name="Oleg Renamed", email=OLEG.email, current="")
    assert page.status == 200, "the rest does not"
    page = await oleg.send(page, at(OLEG), email="mine@fifth.example", current=PASSWORD)
    assert page.path == "/sign-in"
    assert await db.fetchval("SELECT email FROM staff WHERE id = $1", OLEG.id) == "mine@fifth.example"
    assert await _told() == [OLEG.email]


async def test_ones_own_address_does_not_come_back_without_the_password(sign_in: SignIn) -> None:
    rita = await sign_in(RITA)
    await factories.staff(OLEG)
    await change(rita, OLEG, email="after@fifth.example")
    answer = await last_undo(await sign_in(OLEG, exists=True))
    assert (answer.status, say("refused.own_address") in answer.words("body")) == (409, True)
    assert (await row(OLEG))["email"] == "after@fifth.example"
    assert (await last_undo(rita)).status == 200


async def test_whose_address_a_manager_changes_is_told_at_the_one_of_before(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    page = await vera.send(await vera.open(at(ANNA)), at(ANNA), email="typo@fifth.example")
    assert page.status == 200
    assert not page.has("[name=current]")
    await vera.send(page, at(ANNA), email="right@fifth.example")
    assert await _told() == [ANNA.email, "typo@fifth.example"]


async def test_no_mail_tells_a_stranger_of_an_invitation_that_went_astray(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA, password_hash=None)
    await vera.send(await vera.open(at(ANNA)), at(ANNA), email="right@fifth.example")
    assert await _told() == []


async def _told() -> list[str]:
    """The addresses that letters of a new address go to."""
    letters = await mail.claim(clock.now())
    return [one.email for one in letters if one.purpose == "address_changed"]


async def test_an_address_of_another_alphabet_is_kept_for_mail_and_shown_to_people(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.open(f"{STAFF}/new")
    page = await oleg.send(page, STAFF, name="Иван", email="ivan@почта.рф", role="support")
    assert await db.fetchval("SELECT email FROM staff WHERE name = 'Иван'") == "ivan@xn--80a1acny.xn--p1ai"
    assert page.value("email") == "ivan@почта.рф"
    assert "ivan@почта.рф" in (await oleg.open(STAFF)).words("main")
    for path in ("/search?q=ivan@почта", "/search?q=ivan@xn--80a1"):
        shown = (await oleg.open(path)).words("main")
        assert "ivan@почта.рф" in shown, path
        assert "xn--80a1acny" not in shown, path
    page = await oleg.send(await oleg.open(f"{STAFF}/new"), STAFF, name="Ann", email="ivan@xn--80a1acny.xn--p1ai")
    assert page.error("email") == say("problem.email_taken")


async def test_a_manager_reads_why_an_owners_account_cannot_be_changed(sign_in: SignIn) -> None:
    vera = await sign_in(VERA, language="en")
    await factories.staff(OLEG)
    assert "Only an owner" in (await vera.open(f"{STAFF}/{OLEG.id}")).words("main")
