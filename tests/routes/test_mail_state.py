"""What is said of letters that did not get through: at an account, in the list, and at the start page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from litestar import Litestar
from litestar.datastructures import State

from console import i18n
from console.domain import clock, db
from tests import factories
from tests.cast import ANNA, BORIS, OLEG, VERA, Person
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.words import say

STAFF = "/settings/staff"


@pytest.fixture
async def oleg(app: Litestar, sign_in: SignIn) -> Visitor:
    """The owner of a console with a mail server, who has just invited Nina."""
    oleg = await sign_in(OLEG)
    app.state = State({**app.state, "settings": replace(app.state.settings, smtp_url="smtp://127.0.0.1:25")})
    page = await oleg.open(f"{STAFF}/new")
    await oleg.send(page, STAFF, name="Nina O'Hara", email="nina@fifth.example")
    return oleg


async def note(status: str, error: str | None, due: timedelta = timedelta()) -> str:
    """The letter to Nina as a worker left it, due so long from now; the address of her account."""
    staff = await db.fetchval(
        "UPDATE staff_mail SET status = $1, error = $2, due_at = $3 RETURNING staff", status, error, clock.now() + due
    )
    return f"{STAFF}/{staff}"


@pytest.mark.parametrize(
    ("status", "error", "title", "why"),
    [
        ("failed", "recipient: 550 no <b>such</b> person", "was not delivered", "words.mail_recipient"),
        ("failed", "refused: 550 sender refused", "was not delivered", "words.mail_refused"),
        ("failed", "address", "was not delivered", "words.mail_address"),
        ("failed", "link", "was not delivered", "words.mail_link"),
        ("due", "later: 451 come back", "has not left yet", "words.mail_later"),
        ("due", "login: 535 who are you", "has not left yet", "words.mail_login"),
        ("due", "no_tls: certificate verify failed", "has not left yet", "words.mail_no_tls"),
        ("due", "away: refused", "has not left yet", "words.mail_away"),
        ("due", "ours: a template is broken", "has not left yet", "words.mail_ours"),
        ("unknown", "silent: TimeoutError", "may not have arrived", "words.mail_silent"),
        ("unknown", None, "may not have arrived", "words.mail_killed"),
    ],
)
async def test_an_account_says_why_its_letter_has_not_arrived(
    oleg: Visitor, status: str, error: str | None, title: str, why: str
) -> None:
    page = await oleg.open(await note(status, error, timedelta(minutes=5)))
    told = page.words(".callout")
    assert title in told
    assert say(why) in told
    assert (error or "").partition(": ")[2] in told
    assert ("The next attempt" in told) is (status == "due")
    assert ("send it once more" in told) is (status != "due")


async def test_a_letter_that_nobody_takes_up_shows_that_no_worker_runs(oleg: Visitor) -> None:
    assert not (await oleg.open(await note("due", None))).has(".callout")
    assert say("words.mail_nobody") in (await oleg.open(await note("due", None, -timedelta(minutes=6)))).words(
        ".callout"
    )


@pytest.mark.parametrize("status", ["sent", "skipped", "kept"])
async def test_a_letter_that_is_settled_is_not_spoken_of(oleg: Visitor, status: str) -> None:
    assert not (await oleg.open(await note(status, "later: 451 come back"))).has(".callout")


async def test_what_an_earlier_version_noted_is_shown_as_it_is(oleg: Visitor) -> None:
    page = await oleg.open(await note("due", "(451, 'later')", timedelta(minutes=5)))
    assert "Details: (451, 'later')" in page.words(".callout")


async def test_the_list_tells_delayed_letters_from_refused_ones(oleg: Visitor) -> None:
    await note("due", "away: refused", timedelta(minutes=5))
    assert "Mail delayed" in (await oleg.open(STAFF)).all("td .badge")
    await note("failed", "recipient: 550 gone")
    assert "Mail not sent" in (await oleg.open(STAFF)).all("td .badge")
    await note("unknown", None)
    assert "Mail in doubt" in (await oleg.open(STAFF)).all("td .badge")


async def test_the_list_tells_of_a_letter_to_somebody_who_is_active_too(oleg: Visitor) -> None:
    await note("due", "login: 535 who are you", timedelta(minutes=5))
    await db.execute("UPDATE staff SET password_hash = 'x' WHERE name = 'Nina O''Hara'")
    assert "Active Mail delayed" in (await oleg.open(STAFF)).all("td")


async def test_whoever_may_not_manage_an_account_does_not_read_what_the_server_said(
    oleg: Visitor, sign_in: SignIn
) -> None:
    account = await note("failed", "recipient: 550 no such person")
    await db.execute("UPDATE staff SET role = 'owner' WHERE name = 'Nina O''Hara'")
    told = (await (await sign_in(VERA)).open(account)).words(".callout")
    assert say("words.mail_recipient") in told
    assert "550" not in told


async def letter(to: Person, purpose: str, status: str, error: str | None, ago: timedelta) -> int:
    """A letter to somebody that was written so long ago."""
    return int(
        await db.fetchval(
            "WITH done AS (INSERT INTO operation (kind, actor, intent_id, payload_hash, at, result) VALUES"
            "  ('staff.link', $1, gen_random_uuid(), sha256(''), $5, $6) RETURNING id)"
            " INSERT INTO staff_mail (staff, operation, purpose, language, status, due_at, error, attempts)"
            " SELECT $1, id, $2, 'en', $3, $5, $4, 1 FROM done RETURNING id",
            to.id,
            purpose,
            status,
            error,
            clock.now() - ago,
            '{"result": null, "effects": []}',
        )
    )


HOUR = timedelta(hours=1)
PLACES = ["/", STAFF]


@pytest.mark.usefixtures("today")
@pytest.mark.parametrize("where", PLACES)
async def test_that_no_mail_leaves_is_told_where_managers_look_with_count_time_and_cause(
    sign_in: SignIn, where: str
) -> None:
    vera = await sign_in(VERA)
    for person in (OLEG, BORIS):
        await factories.staff(person)
    assert not (await vera.open(where)).has(".callout")
    await letter(OLEG, "password_changed", "due", "away: refused", 3 * HOUR)
    await letter(BORIS, "reset", "due", "away: refused", HOUR)
    await letter(BORIS, "two_step_on", "failed", "recipient: 550 gone", HOUR)
    page = await vera.open(where)
    told = page.words(".callout")
    assert told.startswith("3 letters to staff did not get through")
    assert told.index(say("words.mail_recipient")) < told.index(say("words.mail_away"))
    day = clock.business_date(clock.now(), ZoneInfo("UTC"))
    since = i18n.lately(clock.now() - 3 * HOUR, ZoneInfo("UTC"), day)
    assert f"{say('words.mail_away')} Since {since}: {OLEG.name}, {BORIS.name}" in told
    assert "550" not in told
    links = [node.attributes["href"] for node in page.tree.css(".callout a")]
    assert links == [f"{STAFF}/{one.id}" for one in (BORIS, OLEG, BORIS)]


async def test_many_who_wait_are_counted(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    for number in range(30, 37):
        person = Person(number, f"Person {number}", f"p{number}@fifth.example", BORIS.role, "en")
        await factories.staff(person)
        await letter(person, "reset", "due", "login: 535", HOUR)
    told = (await vera.open("/")).words(".callout")
    assert "7 letters to staff" in told
    assert told.endswith("Person 34 and 2 more")


@pytest.mark.parametrize("person", [ANNA, BORIS], ids=["front desk", "support"])
async def test_who_can_do_nothing_about_it_is_not_told(sign_in: SignIn, person: Person) -> None:
    visitor = await sign_in(person)
    await letter(person, "password_changed", "failed", "recipient: 550 gone", HOUR)
    assert not (await visitor.open("/")).has(".callout")


@pytest.mark.parametrize(
    ("status", "title"),
    [("failed", "was not delivered"), ("unknown", "may not have arrived"), ("due", "has not left yet")],
)
async def test_an_account_says_which_letter_without_a_link_did_not_get_through(
    sign_in: SignIn, status: str, title: str
) -> None:
    vera = await sign_in(VERA)
    await factories.staff(BORIS)
    await letter(BORIS, "password_changed", status, "recipient: 550 <b>gone</b>", -HOUR)
    told = (await vera.open(f"{STAFF}/{BORIS.id}")).words(".callout")
    assert f"letter {title}: {say('words.news_password_changed')}" in told
    assert say("words.mail_recipient") in told
    assert "550 <b>gone</b>" in told
    assert ("The next attempt" in told) is (status == "due")
    assert (f"tell {BORIS.name} yourself" in told) is (status != "due")
    assert not (await vera.open(f"{STAFF}/{VERA.id}")).has(".callout")


@pytest.mark.parametrize(
    ("smtp", "url", "told"),
    [
        ("smtp://127.0.0.1:25", "http://127.0.0.1:8000", True),
        ("smtp://127.0.0.1:25", "http://console.test", False),
        (None, "http://127.0.0.1:8000", False),
    ],
    ids=["told", "they open elsewhere", "no letter leaves"],
)
async def test_that_links_in_letters_open_for_nobody_else_is_told_among_the_staff(
    app: Litestar, sign_in: SignIn, smtp: str | None, url: str, told: bool
) -> None:
    vera = await sign_in(VERA)
    changed = replace(app.state.settings, smtp_url=smtp, public_url=url)
    app.state = State({**app.state, "settings": changed})
    page = await vera.open(STAFF)
    assert ("whoever looks after the console" in page.words(".callout.attention")) is told
    assert "PUBLIC_URL" not in page.words("main")


@pytest.mark.parametrize("settled", ["sent", "skipped", "kept", "later", "old", "used", "gone"])
async def test_what_is_settled_or_made_up_for_is_told_nowhere(sign_in: SignIn, settled: str) -> None:
    vera = await sign_in(VERA)
    await factories.staff(BORIS, retired_at=clock.now() if settled == "gone" else None)
    status = settled if settled in {"sent", "skipped", "kept"} else "failed"
    ago = timedelta(days=8) if settled == "old" else HOUR
    number = await letter(BORIS, "reset", status, "refused: 550", ago)
    if settled == "later":
        await letter(BORIS, "invitation", "sent", None, HOUR)
    if settled == "used":
        await db.execute(
            "INSERT INTO staff_token (token_hash, staff, operation, purpose, expires_at, used_at, ended)"
            " SELECT sha256(''), staff, operation, purpose, now(), now(), 'replaced' FROM staff_mail WHERE id = $1",
            number,
        )
    for where in PLACES:
        assert not (await vera.open(where)).has(".callout"), where
