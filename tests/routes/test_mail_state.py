"""What an account says of the last letter with a link, where letters leave by a mail server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.datastructures import State

from console.domain import clock, db
from tests.cast import OLEG, VERA
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
