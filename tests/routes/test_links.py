"""Invitations and links to choose a new password."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar

from console.config import Settings
from console.domain import clock, db
from console.domain.team import passwords, throttles
from tests import factories
from tests.cast import ANNA, BORIS, NOW, OLEG, PASSWORD, VERA, Person
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.routes.doors import come_in, holding, is_in, live, token
from tests.words import say

Browsers = Callable[[], Visitor]
STAFF = "/settings/staff"
NEW = "an entirely new sentence"


async def mails() -> list[dict[str, Any]]:
    rows = await db.fetch(
        "SELECT m.purpose, m.status, m.language, m.token, t.email FROM staff_mail m JOIN staff t ON t.id = m.staff"
        " ORDER BY m.id"
    )
    return [dict(row) for row in rows]


async def invited(sign_in: SignIn, **typed: str) -> str:
    """Invite somebody over the page; the link of their mail."""
    oleg = await sign_in(OLEG)
    page = await oleg.open(f"{STAFF}/new")
    await oleg.send(page, STAFF, **{"name": "New Person", "email": "new@fifth.example", "role": "support", **typed})
    return f"/links/{(await mails())[-1]['token']}"


async def asked(stranger: Visitor, person: Person = ANNA) -> Page:
    """Ask for a new password at the door, and let the worker answer."""
    page = await stranger.send(await stranger.open("/forgotten"), "/forgotten", email=person.email)
    await passwords.answer_requests(clock.now())
    return page


async def reset_link(stranger: Visitor) -> str:
    await factories.staff(ANNA)
    await asked(stranger)
    return f"/links/{(await mails())[-1]['token']}"


async def choose(visitor: Visitor, link: str, password: str = NEW) -> Page:
    return await visitor.send(await visitor.open(link), password=password)


async def test_an_invitation_is_a_mail_whose_link_lets_somebody_choose_a_password_and_in(
    sign_in: SignIn, stranger: Visitor, browsers: Browsers
) -> None:
    link = await invited(sign_in, language="ru")
    (mail,) = await mails()
    assert (mail["purpose"], mail["status"], mail["language"]) == ("invitation", "due", "ru")
    assert mail["email"] == "new@fifth.example"
    page = await choose(stranger, link)
    assert (page.status, page.words(".person-name")) == (200, "New Person")
    newcomer = Person(0, "New Person", "new@fifth.example", OLEG.role)
    assert (await come_in(browsers(), newcomer, password=NEW)).path == "/profile"
    assert [mail["purpose"] for mail in await mails()] == ["invitation"]


async def test_a_link_works_once(sign_in: SignIn, stranger: Visitor, browsers: Browsers) -> None:
    link = await invited(sign_in)
    late = browsers()
    opened = await late.open(link)
    await choose(stranger, link)
    for page in (await late.open(link), await late.send(opened, password="somebody else's choice")):
        assert (page.status, page.heading) == (410, say("title.link_spent"))
    assert not await is_in(late)
    assert (await mails())[0]["token"] is None


async def test_of_two_who_use_a_link_at_once_one_gets_in(app: Litestar, sign_in: SignIn) -> None:
    link = await invited(sign_in)
    visitors = [holding(app) for _ in range(6)]
    pages = [await visitor.open(link) for visitor in visitors]
    answers = await asyncio.gather(
        *(
            one.send(page, password=f"the choice of number {n}")
            for n, (one, page) in enumerate(zip(visitors, pages, strict=True))
        )
    )
    assert sorted(answer.status for answer in answers) == [200] + [410] * 5
    assert [await is_in(visitor) for visitor in visitors].count(True) == 1
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'password.choose'") == 1


async def test_a_newer_link_replaces_the_one_before(sign_in: SignIn, stranger: Visitor) -> None:
    old = await invited(sign_in)
    oleg = await sign_in(OLEG, exists=True)
    account = f"{STAFF}/{await db.fetchval('SELECT max(id) FROM staff')}"
    page = await oleg.send(await oleg.open(account), f"{account}/link")
    assert page.toast == say("done.staff.link", name="New Person")
    first, second = await mails()
    assert (first["status"], first["token"]) == ("skipped", None)
    assert (second["purpose"], second["status"]) == ("invitation", "due")
    assert (await stranger.open(old)).status == 410
    assert (await stranger.open(f"/links/{second['token']}")).status == 200


@pytest.mark.parametrize(("purpose", "lasts"), [("invitation", timedelta(days=7)), ("reset", timedelta(hours=2))])
async def test_a_link_runs_out(
    sign_in: SignIn, stranger: Visitor, monkeypatch: pytest.MonkeyPatch, purpose: str, lasts: timedelta
) -> None:
    link = await invited(sign_in) if purpose == "invitation" else await reset_link(stranger)
    opened = await stranger.open(link)
    almost, over = clock.now() + lasts - timedelta(minutes=1), clock.now() + lasts
    monkeypatch.setattr(clock, "now", lambda: almost)
    assert (await stranger.open(link)).status == 200
    monkeypatch.setattr(clock, "now", lambda: over)
    assert (await stranger.open(link)).status == 410
    assert (await stranger.send(opened, password=NEW)).status == 410


async def test_a_link_dies_with_the_account(sign_in: SignIn, stranger: Visitor) -> None:
    link = await invited(sign_in)
    oleg = await sign_in(OLEG, exists=True)
    account = f"{STAFF}/{await db.fetchval('SELECT max(id) FROM staff')}"
    await oleg.send(await oleg.open(account), f"{account}/retirement")
    assert (await stranger.open(link)).status == 410
    assert [mail["status"] for mail in await mails()] == ["skipped"]
    await oleg.send(await oleg.open(account), f"{account}/readmission")
    assert (await stranger.open(link)).status == 410


async def test_a_link_dies_when_the_address_it_was_sent_to_is_replaced(sign_in: SignIn, stranger: Visitor) -> None:
    link = await invited(sign_in, email="mistyped@fifth.example")
    oleg = await sign_in(OLEG, exists=True)
    account = f"{STAFF}/{await db.fetchval('SELECT max(id) FROM staff')}"
    await oleg.send(await oleg.open(account), account, email="right@fifth.example")
    assert (await stranger.open(link)).status == 410


@pytest.mark.parametrize("typed", [{"email": "right@fifth.example"}, {"role": "front_desk"}])
async def test_whose_invitation_is_put_right_gets_another_one(
    sign_in: SignIn, stranger: Visitor, typed: dict[str, str]
) -> None:
    await invited(sign_in, email="mistyped@fifth.example")
    oleg = await sign_in(OLEG, exists=True)
    account = f"{STAFF}/{await db.fetchval('SELECT max(id) FROM staff')}"
    page = await oleg.send(await oleg.open(account), account, **typed)
    assert say("words.invited_anew") in page.toast
    *_, last = await mails()
    assert (last["purpose"], last["status"]) == ("invitation", "due")
    assert last["email"] == typed.get("email", "mistyped@fifth.example")
    assert (await stranger.open(f"/links/{last['token']}")).status == 200
    page = await oleg.send(page, account, name="Only Another Name")
    assert len(await mails()) == 2, "a name leaves the invitation as it is"


@pytest.mark.parametrize("how", ["closed", "lowered"])
async def test_links_that_somebody_made_end_when_they_may_make_them_no_more(
    sign_in: SignIn, stranger: Visitor, how: str
) -> None:
    manager = await sign_in(VERA)
    await factories.staff(ANNA)
    await manager.send(
        await manager.open(f"{STAFF}/new"), STAFF, name="New", email="new@fifth.example", role="front_desk"
    )
    await manager.send(await manager.open(f"{STAFF}/{ANNA.id}"), f"{STAFF}/{ANNA.id}/link")
    links = [f"/links/{one['token']}" for one in await mails()]
    assert [(await stranger.open(link)).status for link in links] == [200, 200]
    oleg = await sign_in(OLEG)
    address = f"{STAFF}/{VERA.id}"
    page = await oleg.open(address)
    if how == "closed":
        page = await oleg.send(page, f"{address}/retirement")
    else:
        page = await oleg.send(page, address, role="support")
    assert say("words.links_ended_of", count=2, names=f"{ANNA.name} and New") in page.toast
    assert (await oleg.open("/")).all(".callout.attention li") == [
        f"{name}: {say('the link ended, a new one can be made')}" for name in (ANNA.name, "New")
    ]
    assert (await oleg.open(STAFF)).words("table").count(say("Link ended")) == 2
    told = (await oleg.open(f"{STAFF}/{ANNA.id}")).words(".callout.attention")
    assert say("The link to choose a password ended before it was used") in told
    assert say("You can make a new one below.") in told
    assert [(await stranger.open(link)).status for link in links] == [410, 410]
    assert {one["token"] for one in await mails()} == {None}
    latest = await db.fetchval("SELECT max(id) FROM operation")
    await oleg.send(page, f"/operations/{latest}/undo")
    assert not await db.fetchval("SELECT retired_at FROM staff WHERE id = $1", VERA.id)
    assert [(await stranger.open(link)).status for link in links] == [410, 410]


async def test_nobody_waits_for_a_link_any_more_who_got_a_new_one_or_signed_in(
    sign_in: SignIn, stranger: Visitor
) -> None:
    manager, oleg = await sign_in(VERA), await sign_in(OLEG)
    for person in (ANNA, BORIS):
        await factories.staff(person)
        await manager.send(await manager.open(f"{STAFF}/{person.id}"), f"{STAFF}/{person.id}/link")
    await oleg.send(await oleg.open(f"{STAFF}/{VERA.id}"), f"{STAFF}/{VERA.id}", role="support")
    said = say("the link ended, a new one can be made")
    assert len((await oleg.open("/")).all(".callout.attention li")) == 2
    await come_in(stranger, BORIS)
    await oleg.send(await oleg.open(f"{STAFF}/{ANNA.id}"), f"{STAFF}/{ANNA.id}/link")
    assert said not in (await oleg.open("/")).words("main")
    assert say("Link ended") not in (await oleg.open(STAFF)).words("table")


async def test_who_chose_a_password_by_one_of_two_links_waits_for_none(sign_in: SignIn, stranger: Visitor) -> None:
    await factories.staff(ANNA)
    for _ in range(2):
        await asked(stranger)
    await choose(stranger, f"/links/{(await mails())[0]['token']}")
    oleg = await sign_in(OLEG)
    assert say("Link ended") not in (await oleg.open(STAFF)).words("table")


async def test_only_a_hash_of_a_link_is_kept_beside_the_mail(sign_in: SignIn) -> None:
    link = await invited(sign_in)
    kept = await db.fetch("SELECT * FROM staff_token")
    assert len(kept) == 1
    assert link.rpartition("/")[2] not in str(kept)
    rest = "SELECT (SELECT json_agg(o) FROM operation o)::text || (SELECT json_agg(c) FROM change c)::text"
    assert link.rpartition("/")[2] not in await db.fetchval(rest)


@pytest.mark.parametrize(
    ("typed", "key", "params"),
    [
        ("", "problem.required", {}),
        ("too short", "problem.password_short", {"least": 10}),
        ("1234567890", "problem.password_common", {}),
        ("anna petrova", "problem.password_personal", {}),
        ("anna@fifth.example", "problem.password_personal", {}),
        ("nul \x00 in it!", "problem.unreadable", {}),
    ],
)
async def test_what_is_wrong_with_a_password_is_said_at_the_field_and_the_link_stays_good(
    stranger: Visitor, typed: str, key: str, params: dict[str, int]
) -> None:
    link = await reset_link(stranger)
    page = await choose(stranger, link, typed)
    assert (page.status, page.error("password")) == (422, say(key, ANNA.language or "", **params))
    assert (await stranger.send(page, password=NEW)).status == 200


async def test_somebody_who_forgot_gets_a_link_signs_in_by_it_and_is_told_that_the_password_changed(
    app: Litestar, stranger: Visitor
) -> None:
    link = await reset_link(stranger)
    elsewhere = holding(app)
    await come_in(elsewhere, ANNA)
    page = await choose(stranger, link)
    assert (page.status, page.words(".person-name")) == (200, ANNA.name)
    assert not await is_in(elsewhere)
    assert await live(ANNA) == 1
    reset, notice = await mails()
    assert (reset["purpose"], reset["token"]) == ("reset", None)
    assert (notice["purpose"], notice["status"], notice["language"], notice["token"]) == (
        "password_changed",
        "due",
        "ru",
        None,
    )
    assert (await come_in(holding(app), ANNA)).status == 422
    assert (await come_in(holding(app), ANNA, password=NEW)).path == "/profile"


async def test_the_answer_is_the_same_whether_there_is_such_an_account_or_not(stranger: Visitor) -> None:
    await factories.staff(ANNA)
    await factories.staff(OLEG, retired_at=NOW)
    pages = [await asked(stranger, person) for person in (ANNA, OLEG, Person(9, "", "no@where.example", ANNA.role))]
    assert {(page.status, page.path, page.words("main")) for page in pages} == {
        (200, "/forgotten/sent", pages[0].words("main"))
    }
    assert [mail["email"] for mail in await mails()] == [ANNA.email]


async def test_somebody_invited_who_asks_at_the_door_gets_the_invitation_again(
    sign_in: SignIn, stranger: Visitor
) -> None:
    await invited(sign_in)
    await asked(stranger, Person(0, "", "new@fifth.example", ANNA.role))
    assert [(mail["purpose"], mail["status"]) for mail in await mails()] == [("invitation", "due")] * 2


async def test_the_form_sent_again_with_another_address_asks_for_that_one(stranger: Visitor) -> None:
    await factories.staff(ANNA)
    await factories.staff(OLEG)
    page = await stranger.open("/forgotten")
    for email in (ANNA.email, ANNA.email, OLEG.email):
        await stranger.send(page, "/forgotten", email=email)
        await passwords.answer_requests(clock.now())
    assert [mail["email"] for mail in await mails()] == [ANNA.email, OLEG.email]


async def test_one_network_cannot_spend_what_an_account_may_be_asked_for(app: Litestar, stranger: Visitor) -> None:
    await factories.staff(ANNA)
    answers = [(await asked(stranger)).status for _ in range(throttles.ASKED + 1)]
    assert answers == [200] * throttles.ASKED + [429]
    elsewhere = holding(app, address="192.0.2.7")
    assert (await asked(elsewhere)).status == 200
    assert len(await mails()) == throttles.ASKED + 1


async def test_asking_is_throttled_by_network(stranger: Visitor) -> None:
    people = [Person(9, "", f"{number}@where.example", ANNA.role) for number in range(throttles.ASKED_PER_NETWORK + 1)]
    answers = [(await asked(stranger, person)).status for person in people]
    assert answers == [200] * throttles.ASKED_PER_NETWORK + [429]


async def test_nobody_s_inbox_is_flooded_from_many_networks_nor_told_from_one_that_is_not_there(app: Litestar) -> None:
    await factories.staff(ANNA)
    for person in (ANNA, Person(9, "", "no@where.example", ANNA.role)):
        answers = [(await asked(holding(app, address=f"192.0.2.{number}"), person)).status for number in range(9)]
        assert answers == [200] * throttles.ASKED_PER_ACCOUNT + [429] * (9 - throttles.ASKED_PER_ACCOUNT)
    assert len(await mails()) == throttles.ASKED_PER_ACCOUNT


async def test_whoever_knows_an_address_ends_no_link_by_asking(
    app: Litestar, sign_in: SignIn, stranger: Visitor
) -> None:
    link = await invited(sign_in)
    for _ in range(2):
        await asked(stranger, Person(0, "", "new@fifth.example", ANNA.role))
    await factories.staff(ANNA)
    await asked(stranger)
    reset = f"/links/{(await mails())[-1]['token']}"
    await asked(holding(app, address="192.0.2.7"))
    assert [(await stranger.open(one)).status for one in (link, reset)] == [200, 200]
    await choose(stranger, reset)
    assert [mail["token"] for mail in (await mails())[3:]] == [None] * 3


async def test_as_much_is_done_for_an_address_that_nobody_has(
    stranger: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await factories.staff(ANNA)
    page = await stranger.open("/forgotten")
    statements: list[list[str]] = []
    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        plain = getattr(db, name)

        async def counted(sql: str, *args: Any, plain: Any = plain) -> Any:
            statements[-1].append(sql)
            return await plain(sql, *args)

        monkeypatch.setattr(db, name, counted)
    for email in (ANNA.email, "no@where.example"):
        statements.append([])
        await stranger.http.post("/forgotten", data={**page.fields("/forgotten"), "email": email})
    known, unknown = statements
    assert known == unknown
    assert await db.fetchval("SELECT count(*) FROM link_request") == 2
    await passwords.answer_requests(clock.now())
    assert await db.fetchval("SELECT count(*) FROM link_request") == 0
    assert [mail["email"] for mail in await mails()] == [ANNA.email]


async def test_a_reset_opens_the_door_that_too_many_attempts_had_shut(app: Litestar, stranger: Visitor) -> None:
    link = await reset_link(stranger)
    for _ in range(throttles.ATTEMPTS + 1):
        await come_in(stranger, ANNA, password="what was it again")
    page = await choose(stranger, link)
    assert (page.status, page.words(".person-name")) == (200, ANNA.name)
    assert (await come_in(holding(app), ANNA, password=NEW)).path == "/profile"


async def test_an_older_form_of_a_link_cannot_choose_again_under_its_own_intent(
    app: Litestar, stranger: Visitor
) -> None:
    link = await reset_link(stranger)
    page = await stranger.open(link)
    await stranger.send(page, password=NEW)
    again = await stranger.send(page, password=PASSWORD)
    assert (again.status, again.heading) == (410, say("title.link_spent", "ru"))
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'password.choose'") == 1
    assert (await come_in(holding(app), ANNA, password=NEW)).path == "/profile"


async def test_the_same_form_sent_again_has_the_same_result(app: Litestar, stranger: Visitor) -> None:
    link = await reset_link(stranger)
    page = await stranger.open(link)
    for _ in range(3):
        answer = await stranger.send(page, password=NEW)
        assert (answer.status, answer.path, answer.words(".person-name")) == (200, "/", ANNA.name)
    assert await live(ANNA) == 1
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'password.choose'") == 1
    assert [mail["purpose"] for mail in await mails()] == ["reset", "password_changed"]


async def test_of_two_clicks_at_once_both_get_in(app: Litestar, sign_in: SignIn) -> None:
    link = await invited(sign_in)
    visitor = holding(app)
    page = await visitor.open(link)
    answers = await asyncio.gather(*(visitor.send(page, password=NEW) for _ in range(2)))
    assert [(answer.status, answer.path) for answer in answers] == [(200, "/")] * 2
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'password.choose'") == 1


async def test_clicks_at_once_open_one_session(app: Litestar, sign_in: SignIn) -> None:
    link = await invited(sign_in)
    visitor = holding(app)
    page = await visitor.open(link)
    answers = await asyncio.gather(*(visitor.send(page, password=NEW) for _ in range(5)))
    assert {(answer.status, answer.path) for answer in answers} == {(200, "/")}
    newcomer = "SELECT count(*) FROM staff_session s JOIN staff t ON t.id = s.staff WHERE t.email = 'new@fifth.example'"
    assert await db.fetchval(newcomer) == 1
    assert await is_in(visitor)


async def test_the_form_sent_again_after_signing_out_opens_another_session(app: Litestar, stranger: Visitor) -> None:
    link = await reset_link(stranger)
    page = await stranger.open(link)
    own = await stranger.send(page, password=NEW)
    ended = token(stranger)
    await stranger.send(own, "/sign-out")
    assert (await stranger.send(page, password=NEW)).path == "/"
    assert token(stranger) != ended
    assert not await is_in(holding(app, ended))


async def test_of_two_passwords_at_once_under_one_intent_one_gets_in(app: Litestar, sign_in: SignIn) -> None:
    link = await invited(sign_in)
    visitor = holding(app)
    page = await visitor.open(link)
    answers = await asyncio.gather(*(visitor.send(page, password=f"{NEW} {number}") for number in range(2)))
    assert sorted(answer.status for answer in answers) == [200, 410]


async def test_the_same_form_sent_again_works_for_a_browser_whose_session_had_run_out(
    app: Litestar, stranger: Visitor
) -> None:
    link = await reset_link(stranger)
    stale = holding(app, "a session of long ago")
    page = await stale.open(link)
    for _ in range(2):
        assert (await stale.send(page, password=NEW)).path == "/"


async def test_the_same_form_sent_again_does_not_go_round_what_came_after(app: Litestar, stranger: Visitor) -> None:
    link = await reset_link(stranger)
    page = await stranger.open(link)
    own = await stranger.send(page, password=NEW)
    own = await stranger.send(await stranger.open("/profile"), "/profile/password", current=NEW, password=PASSWORD)
    assert own.status == 200
    await stranger.send(own, "/sign-out")
    assert (await stranger.send(page, password=NEW)).status == 410
    assert not await is_in(stranger)
    await db.execute("UPDATE staff SET retired_at = now() WHERE id = $1", ANNA.id)
    assert (await stranger.send(page, password=PASSWORD)).status == 410


async def test_passwords_are_not_guessed_by_sending_the_form_again(app: Litestar, stranger: Visitor) -> None:
    link = await reset_link(stranger)
    page = await stranger.open(link)
    await stranger.send(page, password=NEW)
    answers = [(await stranger.send(page, password="guess and guess")).status for _ in range(throttles.ATTEMPTS + 1)]
    assert answers == [410] * throttles.ATTEMPTS + [429]


@pytest.mark.parametrize("token", ["x", "%00", "%ff", "a" * 900, "../../profile", "токен"])
async def test_a_link_that_never_was_is_answered_in_words(stranger: Visitor, token: str) -> None:
    page = await stranger.open(f"/links/{token}")
    assert page.status in (404, 410) or page.path == "/sign-in"
    assert page.heading


async def test_a_form_that_was_sent_opens_nothing_from_another_browser(
    app: Litestar, stranger: Visitor, browsers: Browsers
) -> None:
    link = await reset_link(stranger)
    page = await stranger.open(link)
    await stranger.send(page, password=NEW)
    thief = browsers()
    own = await thief.open("/sign-in")
    stolen = {**page.fields(), "_csrf": [own.value("_csrf")], "password": [NEW]}
    answer = await thief.post(link, stolen)
    assert (answer.status, answer.heading) == (410, say("title.link_spent"))
    assert not await is_in(thief)
    assert await live(ANNA) == 1


async def test_the_language_that_a_password_is_chosen_in_is_the_account_s_where_it_has_none(
    stranger: Visitor, browsers: Browsers
) -> None:
    for person, language, becomes in ((ANNA, None, "ru"), (OLEG, "en", "en")):
        await factories.staff(person, language=language)
        await asked(stranger, person)
        visitor = browsers()
        visitor.http.headers["accept-language"] = "ru"
        page = await choose(visitor, f"/links/{(await mails())[-1]['token']}")
        assert page.tree.css_first("html").attributes["lang"] == becomes
        assert await db.fetchval("SELECT language FROM staff WHERE id = $1", person.id) == becomes


async def test_the_page_of_a_link_speaks_the_language_chosen_for_whom_it_is_for_until_they_choose_another(
    sign_in: SignIn, browsers: Browsers
) -> None:
    link = await invited(sign_in, language="ru")
    visitor = browsers()
    visitor.http.headers["accept-language"] = "en"
    page = await visitor.open(link)
    assert page.tree.css_first("html").attributes["lang"] == "ru"
    assert (await visitor.send(page, password="short")).tree.css_first("html").attributes["lang"] == "ru"
    token = {"_csrf": [page.value("_csrf")], "language": ["en"]}
    await visitor.post("/preferences/language", token)
    assert (await visitor.open(link)).tree.css_first("html").attributes["lang"] == "en"


async def test_where_no_letters_leave_the_door_says_who_hands_the_link_over(stranger: Visitor) -> None:
    page = await asked(stranger)
    assert page.heading == say("title.forgotten_asked")
    assert "manager" in page.words("main")
    assert "spam" not in page.words("main")


async def test_an_only_owner_is_told_the_command_that_prints_a_link_and_others_hand_links_over(
    app: Litestar, stranger: Visitor, settings: Settings
) -> None:
    app.state.settings = replace(app.state.settings, public_url="http://127.0.0.1:8000")
    await factories.staff(OLEG)
    await factories.staff(VERA)
    command = f"CONSOLE_DATA_DIR={settings.data_dir} .venv/bin/console staff link you@example.com"
    for person in (OLEG, ANNA):
        assert (await asked(stranger, person)).words("#at-the-server") == command
    assert (await stranger.open("/forgotten")).words("#at-the-server") == command
    await factories.staff(ANNA, role="owner")
    assert not (await asked(stranger, OLEG)).has("#at-the-server")
    assert not (await stranger.open("/forgotten")).has("#at-the-server")


async def test_a_console_that_others_reach_names_no_directory_of_its_own(
    app: Litestar, stranger: Visitor, settings: Settings
) -> None:
    await factories.staff(OLEG)
    app.state.settings = replace(app.state.settings, public_url="https://desk.example")
    for page in (await stranger.open("/forgotten"), await stranger.open("/forgotten/sent")):
        assert page.words("#at-the-server") == ".venv/bin/console staff link you@example.com"
        assert str(settings.data_dir) not in page.response.text


async def test_who_asks_too_often_is_told_who_hands_a_link_over_and_led_in_no_circle(stranger: Visitor) -> None:
    await factories.staff(ANNA)
    for _ in range(4):
        page = await asked(stranger)
    assert page.status == 429
    assert "ask a manager or the owner" in page.words("main")
    assert not page.has('main a[href="/forgotten"]')


async def test_a_link_of_somebody_else_says_whom_it_signs_out_here(
    sign_in: SignIn, stranger: Visitor, browsers: Browsers
) -> None:
    link = await invited(sign_in)
    anna = await sign_in(ANNA, language="en")
    page = await anna.open(link)
    assert page.words(".callout").startswith(f"You are signed in as {ANNA.name}; this link is for New Person.")
    assert not (await stranger.open(link)).has(".callout")
    await anna.send(page, password=NEW)
    assert (await anna.open("/profile")).words(".person-name") == "New Person"
    assert await live(ANNA) == 0
