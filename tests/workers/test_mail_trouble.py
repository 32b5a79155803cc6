"""Mail that meets trouble: one letter's trouble is its own, and nothing is lost or sent as something else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

import workers.mail
from console.domain import clock, db
from console.domain.ids import StaffId
from console.domain.intent import Intent
from console.domain.team import accounts, mail
from console.domain.team.rules import Role
from tests import factories
from tests.cast import OLEG
from tests.patience import PATIENCE
from tests.workers.conftest import Postman
from workers.mail import deliver_mail, sweep_mail


@pytest.fixture(autouse=True)
async def owner(database: None) -> None:
    await factories.staff(OLEG)


def intent() -> Intent:
    return Intent(uuid4(), OLEG.actor, clock.now())


async def invite(address: str = "nina@fifth.example", language: str = "en", name: str = "Nina") -> int:
    outcome = await accounts.invite(intent(), name, address, Role.SUPPORT, language)
    return int(outcome.result["staff"])


async def statuses() -> list[str]:
    return [row["status"] for row in await db.fetch("SELECT status FROM staff_mail ORDER BY id")]


async def make_due() -> None:
    await db.execute("UPDATE staff_mail SET due_at = now() - interval '1 second' WHERE status = 'due'")


@asynccontextmanager
async def server(greeting: bytes | None) -> AsyncIterator[str]:
    """A mail server that says one thing, or nothing at all, and then keeps the line open."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if greeting is not None:
            writer.write(greeting)
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    listening.close()


async def test_a_second_try_carries_the_same_message_id(context: dict[str, Any], postman: Postman) -> None:
    await invite()
    [claimed] = await mail.claim(clock.now())
    letters = [replace(claimed, attempts=attempt) for attempt in (1, 2)]
    written = workers.mail.write(claimed, "https://console.example")
    ids = {workers.mail.compose(context["settings"], letter, written)["Message-ID"] for letter in letters}
    assert ids == {f"<staff-{claimed.id}@console.example>"}


@pytest.mark.parametrize(
    ("address", "status", "recipient"),
    [
        ("nina@пример.рф", "sent", "nina@xn--e1afmkfd.xn--p1ai"),
        ("нина@fifth.example", "failed", None),
        (f"nina@{'x' * 70}.example", "failed", None),
    ],
    ids=["a domain in Cyrillic", "a name in Cyrillic", "a domain that cannot be"],
)
async def test_an_address_that_mail_cannot_carry_fails_alone(
    context: dict[str, Any], postman: Postman, address: str, status: str, recipient: str | None
) -> None:
    await invite(address)
    await invite("boris2@fifth.example")
    await deliver_mail(context)
    assert await statuses() == [status, "sent"]
    reached = [message["To"].addresses[0].addr_spec for message in postman.letters]
    assert reached == [recipient, "boris2@fifth.example"][recipient is None :]


@pytest.mark.parametrize(
    "name", ["Нина " * 19 + "Петрова", 'Nina "the Broom", Esq. <x@y>', "Nína Öst", "Nina\u202eanin"]
)
async def test_any_name_reaches_its_reader_as_it_is(context: dict[str, Any], postman: Postman, name: str) -> None:
    await invite(name=name, language="ru")
    await deliver_mail(context)
    [message] = postman.letters
    raw = dict(message.raw_items())["To"]  # Python 3.11 joins the words of a long name wrongly when it parses them
    shown, address = parseaddr(str(make_header(decode_header(raw.replace("\r\n", "")))))
    assert (shown, address) == (name, "nina@fifth.example")
    plain = message.get_body(("plain",))
    assert plain is not None
    assert name in plain.get_content()


async def test_a_fault_of_ours_with_one_letter_stops_no_other(
    context: dict[str, Any], postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = workers.mail.write

    def broken(letter: mail.Mail, url: str) -> Any:
        if letter.email == "nina@fifth.example":
            raise RuntimeError("a template is broken")
        return writes(letter, url)

    monkeypatch.setattr(workers.mail, "write", broken)
    await invite()
    await invite("boris2@fifth.example")
    assert await deliver_mail(context) == 2
    assert await statuses() == ["due", "sent"]
    assert await db.fetchval("SELECT error FROM staff_mail ORDER BY id LIMIT 1") == "ours: a template is broken"
    assert await db.fetchval("SELECT due_at > now() FROM staff_mail ORDER BY id LIMIT 1")


@pytest.mark.parametrize(
    "greeting", [None, b"550 go away \x00\xff\r\n", b"nonsense\r\n"], ids=["silent", "rude", "no mail"]
)
async def test_a_server_that_does_not_serve_delays_all_and_loses_none(
    context: dict[str, Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, greeting: bytes | None
) -> None:
    if greeting is None:
        monkeypatch.setattr(workers.mail, "TIMEOUT", 0.4)
        monkeypatch.setattr(workers.mail, "LONGEST", 0.5)
    for number in range(5):
        await invite(f"person{number}@fifth.example")
    async with server(greeting) as url:
        context["settings"] = replace(context["settings"], smtp_url=url)
        async with asyncio.timeout(PATIENCE):
            taken = await deliver_mail(context)
    assert taken <= 3 if greeting is None else taken == 5
    assert await statuses() == ["due"] * 5
    assert await db.fetchval("SELECT count(*) FROM staff_mail WHERE due_at > now() + interval '30 seconds'") == taken
    assert await db.fetchval("SELECT count(*) FROM staff_mail WHERE error IS NOT NULL") == taken
    assert len(caplog.messages) == taken
    assert all(line.isprintable() for line in caplog.messages)


async def test_each_wait_is_longer_than_the_one_before(context: dict[str, Any], postman: Postman) -> None:
    postman.answers["nina@fifth.example"] = "451 later"
    await invite()
    waits = []
    for _ in mail.WAITS:
        await make_due()
        await deliver_mail(context)
        waits.append(await db.fetchval("SELECT due_at - now() FROM staff_mail"))
    assert waits == sorted(waits)
    for wait, expected in zip(waits, mail.WAITS, strict=True):
        assert timedelta() < expected - wait < timedelta(seconds=30)


async def test_a_letter_whose_link_was_replaced_while_it_waited_is_not_sent(
    context: dict[str, Any], postman: Postman
) -> None:
    staff = await invite()
    [claimed] = await mail.claim(clock.now())
    await accounts.send_link(intent(), StaffId(staff))
    await mail.failed(claimed, clock.now(), "451 later", for_good=False)
    await make_due()
    await deliver_mail(context)
    assert await statuses() == ["failed", "sent"]
    assert len(postman.letters) == 1


async def test_a_letter_whose_link_has_run_out_is_not_sent_and_shown_as_failed(
    context: dict[str, Any], postman: Postman, as_owner: asyncpg.Connection
) -> None:
    await invite()
    await as_owner.execute("UPDATE staff_token SET expires_at = now()")
    await deliver_mail(context)
    assert (await statuses(), postman.letters) == (["failed"], [])
    assert await db.fetchval("SELECT token FROM staff_mail") is None


async def test_a_parked_letter_stays_parked_when_its_worker_comes_back(
    context: dict[str, Any], postman: Postman
) -> None:
    await invite()
    [claimed] = await mail.claim(clock.now())
    await db.execute("UPDATE staff_mail SET claimed_until = now() - interval '1 second'")
    await sweep_mail(context)
    await mail.sent(claimed, clock.now())
    await mail.failed(claimed, clock.now(), "late", for_good=False)
    await mail.kept(claimed, clock.now())
    assert await statuses() == ["unknown"]
    assert await db.fetchval("SELECT token FROM staff_mail") is None


async def test_a_claimed_letter_is_nobody_elses_while_the_lease_runs(context: dict[str, Any], postman: Postman) -> None:
    await invite()
    await mail.claim(clock.now())
    assert await mail.claim(clock.now()) == []
    await sweep_mail(context)
    assert (await statuses(), postman.letters) == (["claimed"], [])


async def test_a_letter_taken_out_is_not_sent_and_one_that_left_cannot_be_taken_out(
    context: dict[str, Any], postman: Postman
) -> None:
    for address in ("nina@fifth.example", "boris2@fifth.example"):
        await invite(address)
    first, second = [row["id"] for row in await db.fetch("SELECT id FROM staff_mail ORDER BY id")]
    token = await mail.take_out(first)
    assert token
    await deliver_mail(context)
    assert await statuses() == ["skipped", "sent"]
    assert await mail.take_out(second) is None
    assert await mail.take_out(first) is None


@pytest.mark.parametrize(("scheme", "status"), [("smtp", "due"), ("smtp+plain", "sent")])
async def test_no_mail_goes_over_a_wire_in_the_clear_unless_the_address_says_so(
    context: dict[str, Any], smtp: str, postman: Postman, scheme: str, status: str
) -> None:
    elsewhere = smtp.replace("smtp://127.0.0.1", f"{scheme}://127.1")  # the same server, by a name that is not known
    context["settings"] = replace(context["settings"], smtp_url=elsewhere)
    await invite()
    await deliver_mail(context)
    assert (await statuses(), len(postman.letters)) == ([status], int(status == "sent"))


async def test_what_the_server_quotes_of_a_letter_is_kept_nowhere(
    context: dict[str, Any], postman: Postman, caplog: pytest.LogCaptureFixture
) -> None:
    """Its link opens an account."""
    postman.echoes, postman.answers["nina@fifth.example"] = True, "554 5.7.1"
    await invite()
    token = await db.fetchval("SELECT token FROM staff_mail")
    await deliver_mail(context)
    assert await db.fetchval("SELECT error FROM staff_mail") == "refused: 554 5.7.1"
    assert "did not leave: refused: 554 5.7.1" in caplog.text
    for quoted in (token, "links/", "Nina", "nina@", "Subject"):
        assert quoted not in caplog.text
