"""One mail that is not handed out, not read or not written down: it is set aside, and stops no other."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from imapclient import IMAPClient

import workers.arrival
from console.domain import clock, db
from console.domain.intent import Intent
from console.domain.tickets import mail, mailbox
from console.domain.tickets.mail_rules import Envelope
from tests import factories
from tests.workers import letters
from tests.workers.box import mails, tickets
from tests.workers.dovecot import PASSWORD, Dovecot
from tests.workers.letters import ZOE, letter
from tests.workers.relay import relay
from workers.imap import Mailbox
from workers.mailbox import poll_mailbox

pytestmark = pytest.mark.usefixtures("never_quiet")

FINE = letter("Fine", Subject="Fine", Message_ID="<fine@mail.example>")
SLOW = (
    b"From: anna@mail.example\r\nSubject: Slow\r\nMessage-ID: <slow@mail.example>\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + (b"--b\r\nContent-Type: text/plain; format=flowed\r\n\r\n" + b"x \r\n" * 120_000)
    * 30
)


async def aside() -> list[tuple[str, str | None, int | None]]:
    rows = await db.fetch("SELECT aside, subject, uid FROM ticket_mail WHERE aside IS NOT NULL ORDER BY id")
    return [tuple(one) for one in rows]


async def trouble(context: dict[str, Any]) -> str | None:
    return (await mailbox.position(context["settings"].mailbox)).trouble


async def subjects() -> list[str]:
    return [one["subject"] for one in await tickets()]


def by_way_of(looking: dict[str, Any], dovecot: Dovecot, port: int) -> dict[str, Any]:
    settings = looking["settings"]
    return {"settings": replace(settings, imap_url=settings.imap_url.replace(f":{dovecot.port}/", f":{port}/"))}


async def test_what_the_server_does_not_hand_out_however_often_is_set_aside_by_its_number(
    looking: dict[str, Any], dovecot: Dovecot
) -> None:
    async with relay(dovecot.port, refused=rb"UID FETCH 1 ") as port:
        refusing = by_way_of(looking, dovecot, port)
        await poll_mailbox(refusing)
        dovecot.deliver(letter())
        dovecot.deliver(FINE)
        for _ in range(workers.arrival.MOST_TRIES - 1):
            assert await poll_mailbox(refusing) == 0
        assert await aside() == []
        assert await trouble(refusing) == "later: fetch failed: not this one"
        assert await poll_mailbox(refusing) == 2
    assert await aside() == [("withheld", None, 1)]
    assert await subjects() == ["Fine"]


async def test_of_what_is_not_handed_out_whole_the_head_is_told(looking: dict[str, Any], dovecot: Dovecot) -> None:
    async with relay(dovecot.port, refused=rb"UID FETCH 1 .*BODY.PEEK\[\]") as port:
        refusing = by_way_of(looking, dovecot, port)
        await poll_mailbox(refusing)
        dovecot.deliver(letter())
        for _ in range(workers.arrival.MOST_TRIES):
            await poll_mailbox(refusing)
    assert await aside() == [("withheld", "A stamp is missing", 1)]


@pytest.mark.parametrize("said", ["busy", "[UNAVAILABLE] busy", "[LIMIT] busy", "[INUSE] busy", "[SERVERBUG] busy"])
async def test_a_mail_that_a_busy_server_hands_out_later_is_no_worse_for_it(
    looking: dict[str, Any], dovecot: Dovecot, said: str
) -> None:
    async with relay(dovecot.port) as port:
        context = by_way_of(looking, dovecot, port)
        await poll_mailbox(context)
    dovecot.deliver(letter())
    dovecot.deliver(FINE)
    async with relay(dovecot.port, port=port, refused=rb"UID FETCH ", saying=said.encode()):
        for _ in range(workers.arrival.MOST_TRIES + 2 if "[" in said else 1):
            assert await poll_mailbox(context) == 0
        assert await trouble(context) == f"later: fetch failed: {said}"
    async with relay(dovecot.port, port=port):
        assert await poll_mailbox(context) == 2
    assert (await trouble(context), await aside()) == (None, [])
    assert await subjects() == ["A stamp is missing", "Fine"]


async def test_a_server_that_is_busy_for_ever_with_one_mail_keeps_the_others_for_an_hour(
    looking: dict[str, Any], dovecot: Dovecot
) -> None:
    async with relay(dovecot.port, refused=rb"UID FETCH 1 ", saying=b"[UNAVAILABLE] busy") as port:
        busy = by_way_of(looking, dovecot, port)
        await poll_mailbox(busy)
        dovecot.deliver(letter())
        dovecot.deliver(FINE)
        await poll_mailbox(busy)
        await db.execute("UPDATE mailbox_position SET trouble_since = trouble_since - interval '1 hour'")
        for _ in range(workers.arrival.MOST_TRIES):
            assert await aside() == []
            await poll_mailbox(busy)
    assert await aside() == [("withheld", None, 1)]
    assert await subjects() == ["Fine"]


async def test_a_file_that_the_server_cannot_read_stops_the_others_for_a_few_looks_only(
    looking: dict[str, Any], dovecot: Dovecot
) -> None:
    dovecot.deliver(letter()).chmod(0)
    dovecot.deliver(FINE)
    for _ in range(workers.arrival.MOST_TRIES + 2):
        await poll_mailbox(looking)
    assert await aside() == [("endless", None, 1)]
    assert await subjects() == ["Fine"]


async def test_a_message_id_with_a_zero_in_it_stops_nothing(looking: dict[str, Any], dovecot: Dovecot) -> None:
    dovecot.deliver(letter(sender=letters.DESK, Message_ID=None).replace(b"To:", b"Message-ID: <a\0b@c>\r\nTo:", 1))
    dovecot.deliver(FINE)
    await poll_mailbox(looking)
    assert await aside() == [("ours", "A stamp is missing", 1)]
    assert await subjects() == ["Fine"]


async def test_what_cannot_be_noted_by_its_head_is_noted_by_its_number(
    looking: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(letters.BOMB)
    dovecot.deliver(FINE)
    real = mail.set_aside

    async def too_odd(intent: Intent, envelope: Envelope, *more: Any) -> Any:
        return await real(intent, replace(envelope, subject="\0") if envelope.subject else envelope, *more)

    monkeypatch.setattr(mail, "set_aside", too_odd)
    await poll_mailbox(looking)
    assert await aside() == [("broken", None, 1)]
    assert await subjects() == ["Fine"]


async def test_what_takes_too_long_to_read_is_given_up(
    looking: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(SLOW)
    dovecot.deliver(FINE)
    monkeypatch.setattr(workers.arrival.READER, "seconds", 3.0)
    await poll_mailbox(looking)
    assert await aside() == [("endless", "Slow", 1)]
    assert await subjects() == ["Fine"]


async def test_what_takes_too_much_memory_is_given_up(
    looking: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(b"From: anna@mail.example\r\nSubject: Large\r\n\r\n" + b"x\r\n" * 5_000_000)
    dovecot.deliver(FINE)
    monkeypatch.setattr(workers.arrival.READER, "memory", 500_000_000)
    await poll_mailbox(looking)
    assert await aside() == [("endless", "Large", 1)]
    assert await subjects() == ["Fine"]


async def test_what_nobody_who_began_with_it_survived_is_begun_with_no_more(
    looking: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(letter())
    dovecot.deliver(FINE)
    for _ in range(workers.arrival.MOST_TRIES):
        with monkeypatch.context() as patch:
            patch.setattr(workers.arrival, "_received", killed)
            with pytest.raises(asyncio.CancelledError):
                await poll_mailbox(looking)
    assert await subjects() == []
    await poll_mailbox(looking)
    assert await aside() == [("endless", "A stamp is missing", 1)]
    assert await subjects() == ["Fine"]


async def killed(*_: object) -> None:
    raise asyncio.CancelledError


async def test_a_mail_that_was_taken_away_meanwhile_is_not_told_of(
    looking: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(letter())
    dovecot.deliver(FINE)
    real = Mailbox.size

    def size(box: Mailbox, uid: int) -> int | None:
        found = real(box, uid)
        if uid == 1:
            with IMAPClient("127.0.0.1", dovecot.port, ssl=False) as other:
                other.login(dovecot.user, PASSWORD)
                other.select_folder("INBOX")
                other.delete_messages([1])
                other.expunge()
        return found

    monkeypatch.setattr(Mailbox, "size", size)
    await poll_mailbox(looking)
    assert (await mails(), await subjects()) == ([("ordinary", None)], ["Fine"])


async def test_one_looks_at_a_time_and_who_died_is_in_the_way_of_nobody_for_long(
    looking: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(FINE)
    assert await mailbox.claim(looking["settings"].mailbox, clock.now())
    assert await poll_mailbox(looking) == 0
    later = clock.now() + mailbox.LEASE
    monkeypatch.setattr(clock, "now", lambda: later)
    assert await poll_mailbox(looking) == 1
    assert await mailbox.claim(looking["settings"].mailbox, later + timedelta(seconds=1))


async def test_a_server_that_does_not_say_the_next_number_brings_nothing_that_lay_there_before(
    context: dict[str, Any], dovecot: Dovecot
) -> None:
    for number in range(3):
        dovecot.deliver(letter(Message_ID=f"<{number}@mail.example>"))
    settings = replace(context["settings"], imap_url=dovecot.url, secret_key="k" * 40)
    async with relay(dovecot.port, dropped=rb"UIDNEXT") as port:
        silent = by_way_of({"settings": settings}, dovecot, port)
        assert [await poll_mailbox(silent), await poll_mailbox(silent)] == [0, 0]
        dovecot.deliver(FINE)
        assert await poll_mailbox(silent) == 1
    assert await subjects() == ["Fine"]


async def test_a_server_that_does_not_say_which_numbers_are_good_is_told_of_and_nothing_is_read_twice(
    looking: dict[str, Any], dovecot: Dovecot
) -> None:
    async with relay(dovecot.port) as port:
        through = by_way_of(looking, dovecot, port)
        await poll_mailbox(through)
        dovecot.deliver(FINE)
        assert await poll_mailbox(through) == 1
    dovecot.deliver(letter(Subject="Later"))
    async with relay(dovecot.port, port=port, dropped=rb"UIDVALIDITY"):
        assert await poll_mailbox(through) == 0
    assert "no UIDVALIDITY" in ((await mailbox.position(through["settings"].mailbox)).trouble or "")
    async with relay(dovecot.port, port=port):
        assert await poll_mailbox(through) == 1
    assert await subjects() == ["Fine", "Later"]
    assert (await mailbox.position(through["settings"].mailbox)).trouble is None


async def test_another_mail_of_the_same_name_is_kept_and_a_copy_is_not(
    looking: dict[str, Any], dovecot: Dovecot
) -> None:
    dovecot.deliver(letter())
    dovecot.deliver(b"Received: by another.way\r\n" + letter())
    dovecot.deliver(letter("My key is lost", Subject="Another matter"))
    dovecot.deliver(letter("My key is lost", Subject="Another matter"))
    assert await poll_mailbox(looking) == 4
    assert await subjects() == ["A stamp is missing", "Another matter"]
    assert await db.fetchval("SELECT count(*) FROM ticket_mail") == 2


async def test_who_writes_in_anothers_name_uses_up_nothing_of_theirs_and_who_gives_none_is_counted(
    looking: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "MOST_AN_HOUR", 2)
    from_there, from_here = b"Received: from x ([1.1.1.1]) by us\r\n", b"Received: from y ([8.8.8.8]) by us\r\n"
    for number in range(3):
        named = {"Subject": f"Forged {number}", "Message_ID": f"<forged{number}@mail.example>"}
        dovecot.deliver(from_there + letter(**named))
        nobody = {"Subject": f"Nobody {number}", "Message_ID": f"<nobody{number}@mail.example>"}
        dovecot.deliver(letter(sender=None, **nobody))
    dovecot.deliver(from_here + letter(Subject="Really"))
    await poll_mailbox(looking)
    assert await subjects() == ["Forged 0", "Nobody 0", "Forged 1", "Nobody 1", "Really"]
    assert await aside() == [("too_many", "Forged 2", None), ("too_many", "Nobody 2", None)]


async def test_who_writes_in_another_name_each_time_opens_no_more_tickets_than_strangers_do_in_an_hour(
    looking: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "MOST_OF_STRANGERS", 2)
    client = await factories.client()
    await db.execute(
        "UPDATE client_profile SET emails = $2::jsonb WHERE client = $1",
        client,
        json.dumps([{"address": "known@mail.example", "label": ""}]),
    )
    for number in range(4):
        named = {"Subject": f"Forged {number}", "Message_ID": f"<forged{number}@mail.example>"}
        dovecot.deliver(letter(sender=f"anybody{number}@mail.example", **named))
    dovecot.deliver(letter(sender="known@mail.example", Subject="Really", Message_ID="<really@mail.example>"))
    await poll_mailbox(looking)
    assert await subjects() == ["Forged 0", "Forged 1", "Really"]
    assert await aside() == [("flood", "Forged 2", None), ("flood", "Forged 3", None)]
    later = clock.now() + timedelta(minutes=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    dovecot.deliver(letter(sender="later@mail.example", Subject="Later", Message_ID="<later@mail.example>"))
    await poll_mailbox(looking)
    assert (await subjects())[-1] == "Later"


async def test_a_long_address_or_name_is_no_longer_at_its_ticket_than_at_its_mail(
    looking: dict[str, Any], dovecot: Dovecot
) -> None:
    dovecot.deliver(letter(sender=f"{'Zoe ' * 300}<{ZOE}>"))
    await poll_mailbox(looking)
    [ticket], kept = await tickets(), await db.fetchrow("SELECT sender, sender_name FROM ticket_mail")
    assert (ticket["sender"], ticket["sender_name"]) == (kept["sender"], kept["sender_name"])


async def test_what_lay_there_before_the_first_look_is_not_taken_for_new_by_a_higher_number(
    context: dict[str, Any], dovecot: Dovecot
) -> None:
    looks = {"settings": replace(context["settings"], imap_url=dovecot.url, secret_key="k" * 40)}
    old = dovecot.deliver(letter())
    os.utime(old, (1_700_000_000, 1_700_000_000))
    old.rename(old.with_name(f"{10**19 - 1}.last.here"))
    assert await poll_mailbox(looks) == 0
    dovecot.deliver(FINE)
    assert await poll_mailbox(looks) == 1
    dovecot.number_anew()
    assert [await poll_mailbox(looks), await poll_mailbox(looks)] == [1, 0]
    assert await subjects() == ["Fine"]
