"""Messages on the card of a client and in the outbox: what became of each and why, and what staff do about it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from litestar import Litestar
from litestar.datastructures import State

from console.domain import db
from console.routes import messages
from tests import factories
from tests.cast import ANNA, VERA
from tests.domain.messages.test_outbox import MAIL, PHONE, somebody
from tests.domain.messages.test_outbox_by_staff import FAILED, SENT, UNKNOWN, message
from tests.routes.conftest import SignIn
from tests.words import say

OUTBOX = "/messages"


async def test_the_card_shows_what_became_of_each_message_and_folds_away_what_was_withdrawn(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await factories.client()
    skipped = "status = 'skipped', reason = 'no_consent'"
    for key, become in enumerate((SENT, FAILED, UNKNOWN, skipped, "retired_at = due_at")):
        await message(client, str(key), become)
    page = await anna.open(f"/clients/{client}")
    rows = page.all(".client-messages > .messages .item")
    assert len(rows) == 4
    told = " | ".join(rows)
    for key in ("message_sent", "message_failed", "message_unknown", "message_no_consent"):
        assert say(f"words.{key}", "ru") in told
    assert "550 no such user" in told
    assert say("words.message_withdrawn", "ru") in page.words(".client-messages details .item")


async def test_a_message_that_waits_is_stopped_from_the_card_and_one_that_failed_is_sent_again(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await factories.client()
    due, failed = await message(client, "1"), await message(client, "2", FAILED)
    page = await anna.open(f"/clients/{client}")
    page = await anna.send(page, f"/messages/{due}/stop")
    page = await anna.open(f"/clients/{client}")
    await anna.send(page, f"/messages/{failed}/repeat")
    rows = await db.fetch("SELECT status, reason FROM message ORDER BY id")
    assert [tuple(row) for row in rows] == [("skipped", "staff"), ("due", None)]


async def test_what_is_stopped_is_given_back_its_time_from_the_toast(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    due = await message(await somebody(emails=MAIL), "1")
    page = await anna.send(await anna.open(OUTBOX), f"/messages/{due}/stop")
    assert say("Send it now", "ru") in (await anna.open(f"{OUTBOX}?status=skipped")).words(".messages .item")
    await anna.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert await db.fetchval("SELECT status FROM message") == "due"


async def test_what_failed_says_what_that_means_and_where_to_and_is_dismissed_by_somebody(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await somebody(emails=MAIL)
    refused = "status = 'failed', channel = 'email', reason = 'trouble', error = 'recipient: 550 5.1.1'"
    one = await message(client, "1", f"{refused}, try_at = now()")
    where = f"{OUTBOX}?status=failed"
    page = await anna.open(where)
    (row,) = page.all(".messages .item")
    assert say("words.mail_recipient", "ru").removesuffix(".") in row
    assert "anna@mail.example" in row
    assert page.words(".messages .confirm p").endswith("Отменить это нельзя.")
    await anna.send(page, f"/messages/{one}/dismissal")
    page = await anna.open(where)
    (row,) = page.all(".messages .item")
    assert f"{say('words.message_dismissed', 'ru')}: {ANNA.name}" in row
    assert not page.has(".messages form")
    assert not page.has("#rail a[href='/messages'] .count")


async def test_a_number_that_is_refused_is_told_in_words_and_named(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await somebody(phones=PHONE)
    await message(client, "1", "status = 'failed', channel = 'sms', reason = 'trouble', error = 'recipient'")
    (row,) = (await anna.open(f"{OUTBOX}?status=failed")).all(".messages .item")
    assert say("words.sms_refused", "ru").removesuffix(".") in row
    assert "921" in row


async def test_whoever_presses_late_is_told_so(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    due = await message(await factories.client(), "1")
    page = await anna.open(OUTBOX)
    await db.execute(f"UPDATE message SET {SENT}")
    page = await anna.send(page, f"/messages/{due}/stop")
    assert page.status == 409
    assert say("refused.message_not_due", "ru") in page.toast


async def test_a_client_with_many_messages_has_a_page_of_them(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await factories.client()
    for key in range(8):
        await message(client, str(key))
    page = await anna.open(f"/clients/{client}")
    assert len(page.all(".client-messages .item")) == 5
    assert page.has(f'.client-messages a[href="/clients/{client}/messages"]')
    assert len((await anna.open(f"/clients/{client}/messages")).all(".item")) == 8


def set_up_mail(app: Litestar) -> None:
    ways = replace(app.state.settings, smtp_url="smtp://127.0.0.1:25")
    app.state = State({**app.state, "settings": ways})


async def test_what_a_client_was_told_stands_on_the_card_beside_what_is_to_come(app: Litestar, sign_in: SignIn) -> None:
    set_up_mail(app)
    anna = await sign_in(ANNA)
    client = await somebody(emails=MAIL)
    told, badges = f"/clients/{client}", ".client-messages > .messages .item > .badge"
    for key in range(8):
        await message(client, f"due {key}", minutes=60 + key)
    sent, due = say("words.message_sent", "ru"), say("words.message_due", "ru")
    await message(client, "sent 1", SENT, minutes=-60)
    assert (await anna.open(told)).all(badges) == [due] * 4 + [sent]
    for key in range(2, 6):
        await message(client, f"sent {key}", SENT, minutes=-60 - key)
        await message(client, f"withdrawn {key}", "retired_at = due_at", minutes=-key)
    page = await anna.open(told)
    assert page.all(badges) == [due] * 2 + [sent] * 3


async def test_the_outbox_lists_what_waits_and_by_what_became_of_it(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await factories.client()
    await message(client, "1")
    await message(client, "2", FAILED)
    page = await anna.open(OUTBOX)
    assert len(page.all(".item")) == 1
    assert "Анна Петрова" in page.words(".item")
    page = await anna.open(f"{OUTBOX}?status=failed")
    assert "550 no such user" in page.words(".item")
    assert (await anna.open(f"{OUTBOX}?status=nonsense&before=x")).all(".item")


async def test_all_that_may_not_have_arrived_is_sent_again_by_one_press(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await factories.client()
    for key in range(3):
        await message(client, str(key), UNKNOWN)
    press = 'form[action="/messages/unknown/repeat"]'
    for other in ("due", "sent", "failed"):
        assert not (await anna.open(f"{OUTBOX}?status={other}")).has(press), "of others than that list shows"
    page = await anna.open(f"{OUTBOX}?status=unknown")
    assert len(page.all(".item")) == 3
    await anna.send(page, "/messages/unknown/repeat")
    assert await db.fetchval("SELECT count(*) FROM message WHERE status = 'due'") == 3
    assert not (await anna.open(f"{OUTBOX}?status=unknown")).has(press)


async def test_late_messages_are_told_of_in_the_outbox(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    await message(await factories.client(), "1", minutes=-60 * 24 * 3000)
    assert (await anna.open(OUTBOX)).has(".callout.attention")


async def test_each_attempt_is_told_and_that_a_doubtful_one_arrived_is_noted(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await factories.client()
    one = await message(client, "1", UNKNOWN)
    for outcome, channel, error in (("failed", "sms", "refused: 422"), ("unknown", "email", "silent")):
        await db.execute(
            "INSERT INTO message_attempt (message, at, channel, outcome, error) VALUES ($1, now(), $2, $3, $4)",
            one,
            channel,
            outcome,
            error,
        )
    page = await anna.open(f"/clients/{client}")
    refused, silent = page.all(".client-messages .attempts li")
    assert say("words.attempt_failed", "ru") in refused
    assert "422" in refused
    assert say("words.channel_email", "ru") in silent
    page = await anna.send(page, f"/messages/{one}/arrival")
    assert await db.fetchval("SELECT status FROM message") == "sent"
    page = await anna.open(f"/clients/{client}/messages")
    assert say("words.attempt_arrived", "ru") in page.all(".attempts li")[-1]
    assert not page.has(f'form[action="/messages/{one}/arrival"]')


HUNG_UP = "silent: Unexpected EOF received"


async def test_of_what_nobody_answered_it_is_said_that_no_answer_came_and_not_that_it_did_not_leave(
    sign_in: SignIn,
) -> None:
    vera = await sign_in(VERA)
    client = await factories.client()
    one = await message(client, "1", f"{UNKNOWN}, reason = 'trouble', error = '{HUNG_UP}'")
    await db.execute(
        "INSERT INTO message_attempt (message, at, channel, outcome, error) VALUES ($1, now(), 'email', 'unknown', $2)",
        one,
        HUNG_UP,
    )
    page = await vera.open(f"/clients/{client}")
    (row,) = page.all(".client-messages .item")
    assert say("words.message_no_answer") in row
    assert say("words.message_trouble") not in row
    assert "EOF" not in row
    await vera.send(page, f"/messages/{one}/repeat")
    history = (await vera.open(f"/clients/{client}/timeline")).words("main")
    assert say("words.message_no_answer").lower() in history
    assert "EOF" not in history
    assert say("words.message_trouble").lower() not in history


async def test_what_a_client_who_wants_no_messages_waits_for_is_said_to_be_skipped(
    app: Litestar, sign_in: SignIn
) -> None:
    anna = await sign_in(ANNA)
    client = await somebody(emails=MAIL)
    await message(client, "1")
    for where in (f"/clients/{client}", OUTBOX):
        (row,) = (await anna.open(where)).all(".messages .item")
        assert say("words.message_unwanted", "ru") in row
        assert say("words.message_no_channel", "ru") in row
    set_up_mail(app)
    (before,) = (await anna.open(f"/clients/{client}")).all(".client-messages .item")
    assert say("words.message_unwanted", "ru") not in before
    await db.execute("UPDATE client_profile SET channel = 'none'")
    for where in (f"/clients/{client}", OUTBOX):
        (row,) = (await anna.open(where)).all(".messages .item")
        assert say("words.message_unwanted", "ru") in row
        assert say("words.message_wants_none", "ru") in row


async def test_what_will_be_skipped_is_counted_and_listed_apart_from_what_is_due(
    app: Litestar, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_mail(app)
    anna = await sign_in(ANNA)
    await message(await somebody(emails=MAIL), "1")
    unwanted = say("words.message_unwanted", "ru")
    assert unwanted not in (await anna.open(OUTBOX)).words(".facts")
    silent = await factories.client("Silent", "Client")
    await db.execute("UPDATE client_profile SET channel = 'none' WHERE client = $1", silent)
    for key in ("2", "3"):
        await message(silent, key)
    page = await anna.open(OUTBOX)
    due, _, skipped = page.all(".facts dd")[:3]
    assert (due, skipped) == ("1", "2")
    assert unwanted in page.words(".facts")
    every, leaving, rest = (str(one.attributes["href"]) for one in page.tree.css("#main .segments a"))
    monkeypatch.setattr(messages, "PAGE", 1)
    (one,) = (await anna.open(leaving)).all(".messages .item")
    assert unwanted not in one
    first = await anna.open(rest)
    second = await anna.open(str(first.tree.css_first('main a[href*="after="]').attributes["href"]))
    assert all(unwanted in one for one in first.all(".messages .item") + second.all(".messages .item"))
    assert every == OUTBOX


async def test_the_navigation_counts_the_messages_that_somebody_has_to_see_to(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await factories.client()
    count = "#rail > .nav > .wide-only a[href='/messages'] .count"
    await message(client, "1")
    over = "try_at = now(), ends_at = now() - interval '1 minute'"
    for key, become in (("2", f"{FAILED}, {over}"), ("3", f"{UNKNOWN}, retired_at = due_at"), ("4", SENT)):
        await message(client, key, become)
    assert not (await anna.open("/clients")).has(count)
    for key, become in (("5", FAILED), ("6", UNKNOWN)):
        await message(client, key, f"{become}, try_at = now()")
    page = await anna.open("/clients")
    assert (page.words(count), page.has(f"{count}.urgent")) == ("2", False)
    tomorrow = "try_at = now(), ends_at = now() + interval '20 hours'"
    await message(client, "7", f"{FAILED}, {tomorrow}")
    page = await anna.open("/clients")
    assert (page.words(count), page.has(f"{count}.urgent")) == ("3", True)


async def test_the_outbox_says_where_no_way_to_clients_is_set_up(app: Litestar, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    assert (await anna.open(OUTBOX)).has("#main .callout")
    set_up_mail(app)
    assert not (await anna.open(OUTBOX)).has("#main .callout")


async def test_the_outbox_has_one_name_for_what_nobody_knows(sign_in: SignIn) -> None:
    page = await (await sign_in(ANNA)).open(OUTBOX)
    named = say("words.message_unknown", "ru")
    assert named in page.words(".facts")
    assert named in page.words(".tabs")


async def test_what_tells_of_a_series_says_from_when_till_when_and_how_many(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await factories.client()
    one = await message(client, "1")
    told = {"series": 1, "starts": "2026-06-03T09:00:00Z", "last_starts": "2026-06-24T09:00:00Z", "count": 4}
    await db.execute("UPDATE message SET variables = $2::jsonb WHERE id = $1", one, json.dumps(told))
    said = (await anna.open(f"/clients/{client}")).all(".client-messages .item")[0]
    for word in ("3 июн. 2026", "24 июн. 2026", "4 записи"):
        assert word in " ".join(said.split())


async def test_what_waits_is_paged_by_when_it_goes_though_what_the_page_ended_with_was_put_off(
    sign_in: SignIn,
) -> None:
    anna = await sign_in(ANNA)
    client = await factories.client()
    for number in range(messages.PAGE + 3):
        await message(client, f"{number}", minutes=200 - number)
    page = await anna.open(OUTBOX)
    ids = [row["id"] for row in await db.fetch("SELECT id FROM message ORDER BY try_at, id")]
    assert len(page.all(".item")) == messages.PAGE
    further = page.tree.css_first('main a[href*="after="]').attributes["href"]
    await db.execute("UPDATE message SET try_at = try_at + interval '1 year' WHERE id = $1", ids[messages.PAGE - 1])
    page = await anna.open(str(further))
    listed = [one for one in ids if page.has(f'form[action="/messages/{one}/stop"]')]
    assert listed == ids[messages.PAGE - 1 :]
    assert not page.has('main a[href*="after="]')


async def test_what_was_sent_is_listed_by_when_it_went_and_paged_so(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "PAGE", 3)
    anna = await sign_in(ANNA)
    client, when = await factories.client(), ".messages .item .soft .nowrap"
    for minutes in (2, 4, 1, 5, 3):
        await message(client, f"{minutes}", SENT, minutes)
    page = await anna.open(f"{OUTBOX}?status=sent")
    further = await anna.open(str(page.tree.css_first('main a[href*="before="]').attributes["href"]))
    assert [one[-1] for one in page.all(when) + further.all(when)] == ["5", "4", "3", "2", "1"]


@pytest.mark.parametrize("asked", ["after=1", "after=1&at=x", f"after=1&at={2**63 - 1}", f"after=1&at={10**18}"])
async def test_an_address_that_says_after_nothing_shows_the_first_page(sign_in: SignIn, asked: str) -> None:
    anna = await sign_in(ANNA)
    await message(await factories.client(), "1")
    assert len((await anna.open(f"{OUTBOX}?status=due&{asked}")).all(".item")) == 1
