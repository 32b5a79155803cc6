"""Signing in and out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
from litestar import Litestar

from console.config import Settings
from console.domain import clock, db
from console.domain.team import door, throttles
from console.domain.team.queries import token_hash
from tests import factories
from tests.cast import ANNA, NOW, OLEG, PASSWORD, VERA
from tests.page import Visitor
from tests.routes.doors import come_in, holding, is_in, live, sessions, token
from tests.words import say

Browsers = Callable[[], Visitor]
WRONG = "problem.sign_in"
TOO_MANY = "Too many attempts in a short time"


async def test_it_lets_somebody_in_with_mail_and_password(stranger: Visitor) -> None:
    await factories.staff(OLEG)
    page = await stranger.send(await stranger.open("/sign-in"), email="OLEG@fifth.example", password=PASSWORD)
    assert (page.status, page.path) == (200, "/")
    assert page.words(".person-name") == OLEG.name


async def test_a_wrong_password_and_an_unknown_mail_get_the_same_answer(stranger: Visitor) -> None:
    await factories.staff(OLEG)
    wrong = await come_in(stranger, OLEG, password="not this one at all")
    unknown = await come_in(stranger, ANNA)
    for page, person in ((wrong, OLEG), (unknown, ANNA)):
        assert (page.status, page.path) == (422, "/sign-in")
        assert page.error("password") == say(WRONG)
        assert page.value("email") == person.email
        assert page.value("password") == ""
    assert wrong.words("main") == unknown.words("main")
    assert await sessions(OLEG) == []


@pytest.mark.parametrize("columns", [{"retired_at": NOW}, {"password_hash": None}], ids=["left", "has no password"])
async def test_an_account_that_cannot_sign_in_answers_as_an_unknown_one(
    stranger: Visitor, columns: dict[str, object]
) -> None:
    await factories.staff(OLEG, **columns)
    page = await come_in(stranger, OLEG)
    assert (page.status, page.error("password")) == (422, say(WRONG))
    assert await sessions(OLEG) == []


async def test_a_password_is_the_same_however_its_letters_were_composed(app: Litestar, stranger: Visitor) -> None:
    await factories.staff(OLEG, password_hash=factories.quick_hash("пять визитов, ёлки"))
    assert (await come_in(stranger, OLEG, password="пять визитов, е\u0308лки")).path == "/profile"


async def test_after_ten_attempts_the_account_is_shut_for_a_while_even_to_the_right_password(
    stranger: Visitor,
) -> None:
    await factories.staff(OLEG)
    for _ in range(throttles.ATTEMPTS):
        assert (await come_in(stranger, OLEG, password="wrong and wrong")).status == 422
    page = await come_in(stranger, OLEG)
    assert (page.status, page.heading) == (429, TOO_MANY)
    assert page.has('#main a[href="/forgotten"]')
    assert page.words('#main a.button[href="/sign-in"]') == "Back to sign-in"
    assert 0 < int(page.response.headers["retry-after"]) <= throttles.WINDOW.total_seconds()
    assert await sessions(OLEG) == []


@pytest.mark.parametrize("by_mail", [False, True])
async def test_the_page_of_too_many_attempts_says_who_brings_the_link_where_no_letters_leave(
    app: Litestar, stranger: Visitor, by_mail: bool
) -> None:
    if by_mail:
        app.state.settings = replace(app.state.settings, smtp_url="smtp://127.0.0.1:1")
    for _ in range(throttles.ATTEMPTS + 1):
        page = await come_in(stranger, OLEG)
    assert say("A new password lets you in at once.") in page.words("#main")
    assert ("This console sends no letters: a manager or the owner" in page.words("#main")) is not by_mail


async def test_an_unknown_mail_is_shut_as_a_known_one(stranger: Visitor) -> None:
    answers = [(await come_in(stranger, OLEG)).status for _ in range(throttles.ATTEMPTS + 1)]
    assert answers == [422] * throttles.ATTEMPTS + [429]


async def test_the_account_opens_again_when_the_window_is_over(
    stranger: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await factories.staff(OLEG)
    for _ in range(throttles.ATTEMPTS + 1):
        await come_in(stranger, OLEG, password="wrong and wrong")
    later = clock.now() + throttles.WINDOW
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (await come_in(stranger, OLEG)).path == "/profile"


async def test_a_success_starts_the_accounts_counter_anew_and_leaves_the_guesses_of_the_address(
    browsers: Browsers,
) -> None:
    await factories.staff(OLEG)
    for _ in range(2):
        for _ in range(throttles.ATTEMPTS - 1):
            await come_in(browsers(), OLEG, password="wrong and wrong")
        assert (await come_in(browsers(), OLEG)).path == "/profile"
    counted = {row["key"]: row["attempts"] for row in await db.fetch("SELECT key, attempts FROM throttle")}
    assert counted == {"account:127.0.0.1": 2 * (throttles.ATTEMPTS - 1)}


async def test_right_passwords_of_many_behind_one_address_shut_nobody_out(
    app: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "ATTEMPTS_PER_ADDRESS", 4)
    await factories.staff(OLEG)
    await factories.staff(ANNA)
    for _ in range(6):
        assert (await come_in(holding(app), OLEG)).path == "/profile"
    assert await db.fetchval("SELECT count(*) FROM throttle") == 0
    guesses = [(await come_in(holding(app), OLEG, password="wrong and wrong")).status for _ in range(3)]
    assert (await come_in(holding(app), ANNA)).path == "/profile"
    guesses += [(await come_in(holding(app), OLEG, password="wrong and wrong")).status for _ in range(2)]
    assert guesses == [422] * 4 + [429], "what is right gives nobody more guesses"


async def test_an_address_that_tries_many_accounts_is_shut_and_others_are_not(
    app: Litestar, stranger: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "ATTEMPTS_PER_ADDRESS", 4)
    await factories.staff(OLEG)
    page = await stranger.open("/sign-in")
    for number in range(4):
        answer = await stranger.send(page, "/sign-in", email=f"{number}@fifth.example", password="guess guess")
        assert answer.status == 422
    assert (await come_in(stranger, OLEG)).status == 429
    assert (await come_in(holding(app, address="192.0.2.7"), OLEG)).path == "/profile"


@pytest.mark.parametrize("limit", ["account", "address"])
async def test_sixty_attempts_at_once_get_no_more_passwords_checked_than_the_limit(
    stranger: Visitor, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    checked = 0

    async def never(stored: str | None, password: object) -> bool:
        nonlocal checked
        checked += 1
        await asyncio.sleep(0)
        return False

    monkeypatch.setattr(door, "matches", never)
    await factories.staff(OLEG)
    page = await stranger.open("/sign-in")
    emails = [OLEG.email if limit == "account" else f"{number}@fifth.example" for number in range(60)]
    answers = await asyncio.gather(
        *(stranger.send(page, "/sign-in", email=email, password="guess guess") for email in emails)
    )
    most = throttles.ATTEMPTS if limit == "account" else throttles.ATTEMPTS_PER_ADDRESS
    assert checked == most
    assert sorted(answer.status for answer in answers) == [422] * most + [429] * (60 - most)


async def test_only_a_hash_of_the_token_is_kept(stranger: Visitor) -> None:
    await factories.staff(OLEG)
    await come_in(stranger, OLEG)
    (row,) = await sessions(OLEG)
    assert row["token_hash"] == token_hash(token(stranger))
    assert token(stranger) not in str(row)
    assert len(token(stranger)) >= 40


async def test_signing_in_again_ends_the_session_that_this_browser_had(app: Litestar, stranger: Visitor) -> None:
    await factories.staff(OLEG)
    await factories.staff(VERA)
    await come_in(stranger, OLEG)
    old = token(stranger)
    page = await stranger.open("/profile")
    fields = {"_csrf": [page.value("_csrf")], "email": [VERA.email], "password": [PASSWORD]}
    assert (await stranger.post("/sign-in", fields)).words(".person-name") == VERA.name
    assert token(stranger) not in ("", old)
    assert not await is_in(holding(app, old))
    assert (await live(OLEG), await live(VERA)) == (0, 1)


async def test_a_cookie_that_somebody_planted_never_becomes_a_session(app: Litestar) -> None:
    await factories.staff(OLEG)
    planted = "chosen-by-somebody-else-" * 2
    victim = holding(app, planted)
    assert (await come_in(victim, OLEG)).path == "/profile"
    assert token(victim) != planted
    assert not await is_in(holding(app, planted))


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "/\tevil", "//[", "http://[", "profile", "/" + "x" * 5000],
)  # fmt: skip
async def test_after_signing_in_it_goes_to_no_address_but_its_own(stranger: Visitor, wanted: str) -> None:
    await factories.staff(OLEG)
    page = await stranger.open("/sign-in", params={"next": wanted})
    assert page.value("next") == ""
    sent = {**page.fields("/sign-in"), "email": [OLEG.email], "password": [PASSWORD], "next": [wanted]}
    answer = await stranger.http.post("/sign-in", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("wanted", ["/" + "x" * 300_000, "/a\x00b", "/\ufffd\u2028"])
async def test_a_right_sign_in_is_one_whatever_it_shall_go_on_to(stranger: Visitor, wanted: str) -> None:
    await factories.staff(OLEG)
    page = await stranger.open("/sign-in")
    typed = {"email": [OLEG.email], "password": [PASSWORD], "next": [wanted, "/profile"]}
    answer = await stranger.http.post("/sign-in", data=page.fields("/sign-in") | typed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_stranger_is_led_to_the_door_and_then_to_the_page_asked_for(stranger: Visitor) -> None:
    await factories.staff(OLEG)
    door_page = await stranger.open("/settings/history?tab=refused&before=7")
    assert door_page.path == "/sign-in"
    page = await stranger.send(door_page, "/sign-in", email=OLEG.email, password=PASSWORD)
    assert str(page.response.url).endswith("/settings/history?tab=refused&before=7")


async def test_somebody_signed_in_passes_the_door(stranger: Visitor) -> None:
    await factories.staff(OLEG)
    await come_in(stranger, OLEG)
    assert (await stranger.http.get("/sign-in")).headers["location"] == "/"
    assert (await stranger.open("/sign-in?next=/settings/staff")).path == "/settings/staff"


async def test_a_shared_desk_is_signed_out_after_a_quarter_of_an_hour_and_ones_own_browser_is_not(
    browsers: Browsers, as_owner: asyncpg.Connection
) -> None:
    await factories.staff(OLEG)
    desk, own = browsers(), browsers()
    await come_in(desk, OLEG, shared="on")
    await come_in(own, OLEG)
    await as_owner.execute("UPDATE staff_session SET seen_at = seen_at - interval '14 minutes'")
    assert await is_in(desk)
    await as_owner.execute("UPDATE staff_session SET seen_at = seen_at - interval '16 minutes'")
    assert not await is_in(desk)
    assert await is_in(own)
    await as_owner.execute("UPDATE staff_session SET seen_at = seen_at - interval '13 hours'")
    assert not await is_in(own)


async def test_a_shared_desk_in_use_stays_signed_in(stranger: Visitor, as_owner: asyncpg.Connection) -> None:
    await factories.staff(OLEG)
    await come_in(stranger, OLEG, shared="on")
    for _ in range(3):
        await as_owner.execute("UPDATE staff_session SET seen_at = seen_at - interval '10 minutes'")
        assert await is_in(stranger)


async def test_a_session_ends_after_a_month_however_much_it_was_used(
    stranger: Visitor, as_owner: asyncpg.Connection
) -> None:
    await factories.staff(OLEG)
    await come_in(stranger, OLEG)
    (row,) = await sessions(OLEG)
    assert row["expires_at"] - row["created_at"] == timedelta(days=30)
    await as_owner.execute("UPDATE staff_session SET expires_at = now() - interval '1 second'")
    assert not await is_in(stranger)


async def test_signing_out_kills_the_session_and_the_cookie(app: Litestar, stranger: Visitor) -> None:
    await factories.staff(OLEG)
    page = await come_in(stranger, OLEG)
    old = token(stranger)
    assert (await stranger.send(page, "/sign-out")).path == "/sign-in"
    assert token(stranger) == ""
    assert not await is_in(holding(app, old))
    assert await live(OLEG) == 0


async def test_the_door_says_once_that_one_has_signed_out(stranger: Visitor) -> None:
    await factories.staff(OLEG)
    page = await stranger.send(await come_in(stranger, OLEG), "/sign-out")
    assert page.all(".callout p") == [say("words.signed_out_here")]
    assert not (await stranger.open("/sign-in")).has(".callout")


async def test_a_request_in_flight_does_not_revive_a_session_that_was_signed_out(
    app: Litestar, stranger: Visitor, as_owner: asyncpg.Connection
) -> None:
    await factories.staff(OLEG)
    page = await come_in(stranger, OLEG)
    old = token(stranger)
    await as_owner.execute("UPDATE staff_session SET seen_at = seen_at - interval '5 minutes'")
    async with as_owner.transaction():
        await as_owner.execute("SELECT 1 FROM staff WHERE id = $1 FOR UPDATE", OLEG.id)
        slow = asyncio.create_task(stranger.send(page, "/profile", name="Oleg the Slow"))
        await asyncio.sleep(0.1)
        other = holding(app, old)
        await other.send(page, "/sign-out")
        assert not slow.done()
    await slow
    assert not await is_in(holding(app, old))
    assert not await is_in(stranger)


async def test_a_password_that_was_right_a_moment_ago_opens_no_session_once_it_was_changed(
    stranger: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await factories.staff(OLEG)
    checks = door.matches

    async def slowly(stored: str | None, password: door.Secret) -> bool:
        right = await checks(stored, password)
        await db.execute("UPDATE staff SET password_hash = 'another' WHERE id = $1", OLEG.id)
        return right

    monkeypatch.setattr(door, "matches", slowly)
    page = await come_in(stranger, OLEG)
    assert (page.status, page.error("password")) == (422, say(WRONG))
    assert await sessions(OLEG) == []


async def test_htmx_is_sent_to_the_door_when_the_session_is_over(
    stranger: Visitor, as_owner: asyncpg.Connection
) -> None:
    await factories.staff(OLEG)
    await come_in(stranger, OLEG)
    await as_owner.execute("UPDATE staff_session SET revoked_at = now()")
    answer = await stranger.http.get("/settings/staff", headers={"hx-request": "true"})
    assert answer.headers["hx-redirect"].startswith("/sign-in")
    assert answer.text == ""
    sent = await stranger.http.post("/profile", headers={"hx-request": "true"}, data={"name": "Nobody"})
    assert "Nobody" not in sent.text
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", OLEG.id) == OLEG.name


async def test_where_nobody_has_an_account_the_door_shows_the_very_command_that_makes_one(
    stranger: Visitor, settings: Settings
) -> None:
    page = await stranger.open("/sign-in")
    typed = page.words("#first-owner")
    assert typed.startswith(f"CONSOLE_DATA_DIR={settings.data_dir} ")
    assert typed.endswith("console staff add --name 'Your Name' --email you@example.com")
    assert page.has('[data-copy="first-owner"]')
    await factories.staff(VERA)
    await factories.staff(OLEG, password_hash=None)
    assert "console staff link" in (await stranger.open("/sign-in")).words("#new-link")
    await db.execute("UPDATE staff SET password_hash = $1", factories.quick_hash())
    assert not (await stranger.open("/sign-in")).has(".callout code")


async def test_the_hourly_sweep_removes_what_is_of_no_more_use(browsers: Browsers) -> None:
    await factories.staff(OLEG)
    await come_in(browsers(), OLEG)
    await come_in(browsers(), ANNA)
    await door.sweep(clock.now())
    assert await db.fetchval("SELECT count(*) FROM throttle") > 0
    await door.sweep(clock.now() + timedelta(days=31))
    assert await db.fetchval("SELECT count(*) FROM throttle") == 0
    assert len(await sessions(OLEG)) == 1
    await door.sweep(clock.now() + timedelta(days=121))
    assert await sessions(OLEG) == []


async def test_who_is_held_back_is_offered_a_new_password(stranger: Visitor) -> None:
    for _ in range(throttles.ATTEMPTS + 1):
        page = await come_in(stranger, OLEG, password="not this one")
    assert page.status == 429
    assert page.has('#main a[href="/forgotten"]')


async def test_after_a_wrong_password_the_password_is_typed_again(stranger: Visitor) -> None:
    page = await stranger.open("/sign-in")
    assert page.tree.css_first("[autofocus]").attributes["name"] == "email"
    page = await stranger.send(page, "/sign-in", email=ANNA.email, password="wrong")
    assert [one.attributes["name"] for one in page.tree.css("[autofocus]")] == ["password"]
