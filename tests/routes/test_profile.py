"""One's own account: its name and language (sessions, password and second step have files of their own)."""

from __future__ import annotations

import pytest

from console.domain import db
from console.routes._signed_in import agent_words
from tests.cast import ANNA, EVERYBODY, OLEG, PASSWORD, VERA, Person
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say


async def saved(person: Person) -> tuple[object, ...]:
    row = await db.fetchrow("SELECT name, language, role, email FROM staff WHERE id = $1", person.id)
    assert row is not None
    return tuple(row)


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.role.value)
async def test_everybody_changes_their_own_name(sign_in: SignIn, person: Person) -> None:
    visitor = await sign_in(person)
    page = await visitor.send(await visitor.open("/profile"), "/profile", name="  Another   Name ")
    assert (page.path, page.toast) == ("/profile", say("done.profile.change", person.language or "en"))
    assert page.words(".person-name") == "Another Name"
    assert await saved(person) == ("Another   Name", person.language, person.role.value, person.email)


async def test_a_change_of_ones_profile_touches_nothing_else_whatever_is_sent(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    page = await anna.open("/profile")
    fields = {**page.fields("/profile"), "role": ["owner"], "email": ["x@y.example"], "id": [str(OLEG.id)]}
    assert (await anna.post("/profile", fields)).status == 200
    assert await saved(ANNA) == (ANNA.name, "ru", "front_desk", ANNA.email)


async def test_a_language_of_ones_own_is_the_consoles_and_none_is_the_businesss(sign_in: SignIn) -> None:
    anna, oleg = await sign_in(ANNA), await sign_in(OLEG)
    assert (await anna.open("/profile")).heading == say("title.profile", "ru")
    assert (await oleg.open("/profile")).heading == say("title.profile")


async def test_the_language_of_the_profile_is_chosen_by_the_switch_alone(sign_in: SignIn) -> None:
    page = await (await sign_in(VERA)).open("/profile")
    assert not page.has("#page [name=language]:not(button)")
    assert page.all("#looks button[name=language]") == ["English", "Русский"]


async def test_it_says_what_is_missing_at_the_field(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open("/profile"), "/profile", name="   ")
    assert page.status == 422
    assert page.words("#profile-name-error") == say("problem.required")
    assert await saved(VERA) == (VERA.name, "en", "manager", VERA.email)


async def test_two_windows_with_ones_profile_collide_and_both_versions_are_shown(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    first, second = await vera.open("/profile"), await vera.open("/profile")
    await vera.send(first, "/profile", name="From the first")
    page = await vera.send(second, "/profile", name="From the second")
    assert page.status == 409
    assert {"From the first", "From the second"} <= set(page.all("table.compare td"))
    page = await vera.send(page, "/profile")
    assert page.value("name") == "From the second"


async def test_a_change_of_ones_profile_is_undone_by_the_toasts_button_and_done_again(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open("/profile"), "/profile", name="Vera the Second")
    page = await vera.send(page, page.tree.css_first(".toast form").attributes["action"])
    undone, again = (say(key, what=say("kind.profile.change")) for key in ("done.undid", "done.redid"))
    assert (page.path, page.toast, page.value("name")) == ("/profile", undone, VERA.name)
    page = await vera.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert (page.toast, page.value("name")) == (again, "Vera the Second")


async def test_nobody_undoes_what_somebody_else_did_to_their_own_profile(sign_in: SignIn) -> None:
    vera, oleg = await sign_in(VERA), await sign_in(OLEG)
    await vera.send(await vera.open("/profile"), "/profile", name="Vera the Second")
    number = await db.fetchval("SELECT max(id) FROM operation")
    token = (await oleg.open("/profile")).value("_csrf")
    assert (await oleg.post(f"/operations/{number}/undo", {"_csrf": [token]})).status == 403
    assert (await saved(VERA))[0] == "Vera the Second"


async def test_who_has_no_password_is_offered_neither_a_new_one_nor_a_second_step(sign_in: SignIn) -> None:
    vera = await sign_in(VERA, password_hash=None)
    page = await vera.open("/profile")
    assert not page.has('form[action="/profile/password"]')
    assert "has no password" in page.words("#password")
    assert (await vera.open("/profile/two-step")).path == "/profile"
    page = await vera.post(
        "/profile/password",
        {"_csrf": [page.value("_csrf")], "current": ["anything at all"], "password": ["an entirely new sentence"]},
    )
    assert page.status == 409
    assert await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", VERA.id) is None


async def test_the_trail_names_a_password_and_never_holds_it(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open("/profile")
    await vera.send(page, "/profile/password", current="five visits make one free", password="an entirely new sentence")
    fields = await db.fetchval("SELECT fields FROM change WHERE entity = 'staff' AND entity_id = $1", VERA.id)
    assert fields == ["password_hash"]
    everything = "SELECT string_agg(row::text, ' ') FROM (SELECT o::text FROM operation o UNION ALL"
    told = await db.fetchval(f"{everything} SELECT c::text FROM change c UNION ALL SELECT f::text FROM former f) row")
    assert "argon2" not in told
    assert "entirely new" not in told


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 YaBrowser/25.8 Mobile Safari/537.36", "Yandex · Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/18.0 Safari/605.1.15", "Safari · macOS"),
        ("curl/8.0", "curl/8.0"),
        ("", "–"),
    ],
)
def test_a_browser_is_named_as_people_name_it(agent: str, words: str) -> None:
    assert agent_words(agent) == words


async def test_a_browsers_name_is_text_and_nothing_else(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await db.execute("UPDATE staff_session SET agent = '<script>alert(1)</script>'")
    page = await vera.open("/profile")
    assert "<script>alert(1)</script>" in page.words("#sessions")
    assert not page.has("#sessions script")


async def change_password(visitor: Visitor, current: str, password: str) -> Page:
    page = await visitor.open("/profile")
    return await visitor.send(page, "/profile/password", current=current, password=password)


async def test_a_wrong_password_and_a_weak_new_one_are_both_said_at_once(sign_in: SignIn) -> None:
    page = await change_password(await sign_in(OLEG), "not my password", "short")
    assert page.error("current") == say("problem.password_wrong")
    assert page.error("password") == say("problem.password_short", least=10)


async def test_the_password_one_has_is_no_new_one(sign_in: SignIn) -> None:
    page = await change_password(await sign_in(OLEG), PASSWORD, PASSWORD)
    assert page.error("password") == say("problem.password_same")


async def test_one_wrong_field_is_explained_once(sign_in: SignIn) -> None:
    page = await change_password(await sign_in(OLEG), PASSWORD, "short")
    assert page.words("main").count(say("problem.password_short", least=10)) == 1
    assert not page.has(".callout.danger")
