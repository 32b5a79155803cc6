"""Mail to staff: once, in the reader's language, and never silently lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from console.config import Settings
from console.domain import clock, db
from console.domain.intent import Intent
from console.domain.team import accounts, mail
from console.domain.team.rules import Role
from console.mailing import write
from console.processes import free_port
from tests import factories
from tests.cast import OLEG
from tests.workers.conftest import Postman
from workers.mail import deliver_mail, sweep_mail

STATUS = "SELECT status FROM staff_mail ORDER BY id"


@pytest.fixture(autouse=True)
async def owner(database: None) -> None:
    await factories.staff(OLEG)


async def invite(address: str = "nina@fifth.example", language: str = "en", name: str = "Nina") -> int:
    intent = Intent(uuid4(), OLEG.actor, clock.now())
    outcome = await accounts.invite(intent, name, address, Role.SUPPORT, language)
    return int(outcome.result["mail"])


async def statuses() -> list[str]:
    return [row["status"] for row in await db.fetch(STATUS)]


async def test_an_invitation_arrives_once_with_its_link(context: dict[str, Any], postman: Postman) -> None:
    letter = await mail.one(await invite(), clock.now())
    assert letter is not None
    assert await deliver_mail(context) == 1
    assert await deliver_mail(context) == 0
    [message] = postman.letters
    assert message["To"] == "Nina <nina@fifth.example>"
    assert "Fifth Visit" in message["Subject"]
    assert message["Message-ID"].endswith("@console.example>")
    for part in message.iter_parts():
        assert f"https://console.example/links/{letter.token}" in part.get_content()
    assert {part.get_content_type() for part in message.iter_parts()} == {"text/plain", "text/html"}
    assert await statuses() == ["sent"]


async def test_it_says_who_invites_and_as_what_and_comes_from_the_business_by_its_name(
    context: dict[str, Any], postman: Postman
) -> None:
    await db.execute("UPDATE business SET name = 'Чистый дом'")
    await invite()
    await deliver_mail(context)
    [message] = postman.letters
    assert message["From"].addresses[0].display_name == "Чистый дом"
    assert message["From"].addresses[0].addr_spec == "console@localhost"
    for part in message.iter_parts():
        assert f"{OLEG.name} invites you to the console of Чистый дом. Your role: Support." in part.get_content()


@pytest.mark.parametrize(("role", "whom"), [(Role.SUPPORT, "a manager or owner"), (Role.MANAGER, "an owner")])
async def test_who_turns_two_step_sign_in_off_is_somebody_who_may(role: Role, whom: str) -> None:
    letter = mail.Mail(1, "two_step_on", "en", None, "Nina", "nina@fifth.example", "Home", role, None, False, 0)
    written = write(letter, "https://console.example")
    for text in (written.text, written.html):
        assert f"Ask {whom} to turn" in text


@pytest.mark.parametrize(
    "purpose", ["address_changed", "invitation", "password_changed", "reset", "two_step_off", "two_step_on"]
)
async def test_an_address_of_another_alphabet_stands_in_a_letter_as_it_was_written(purpose: str) -> None:
    address = "nina@xn--80a1acny.xn--p1ai"
    letter = mail.Mail(1, purpose, "en", None, "Nina", address, "Home", Role.SUPPORT, None, False, 0)
    written = write(letter, "https://console.example")
    assert all("nina@почта.рф" in text and "xn--" not in text for text in (written.text, written.html))


async def test_the_link_is_not_kept_in_clear_once_the_mail_has_left(context: dict[str, Any]) -> None:
    await invite()
    await deliver_mail(context)
    assert await db.fetchval("SELECT count(*) FROM staff_mail WHERE token IS NOT NULL") == 0


async def test_it_is_written_in_the_readers_language(context: dict[str, Any], postman: Postman) -> None:
    await invite(language="ru", name="Нина")
    await deliver_mail(context)
    [message] = postman.letters
    body = message.get_body(("plain",))
    assert body is not None
    assert "Здравствуйте, Нина" in body.get_content()


async def test_a_name_in_markup_stays_a_name(context: dict[str, Any], postman: Postman) -> None:
    await invite(name="<b>Nina</b>")
    await deliver_mail(context)
    html = postman.letters[0].get_body(("html",))
    assert html is not None
    assert "&lt;b&gt;Nina" in html.get_content()


async def test_a_name_of_several_lines_makes_no_header_and_no_second_line_of_the_subject(
    context: dict[str, Any], postman: Postman
) -> None:
    await db.execute("UPDATE business SET name = $1", "Clean\r\nBcc: spy@evil.example\r\n\r\nHome\u2028 \x85\x0b Ltd")
    await invite(name="Nina\nX-Spy: yes")
    await deliver_mail(context)
    [message] = postman.letters
    assert message["Subject"].endswith(": Clean Bcc: spy@evil.example Home Ltd")
    assert message["To"].addresses[0].display_name == "Nina X-Spy: yes"
    assert (message["Bcc"], message["X-Spy"]) == (None, None)
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("Hello Nina X-Spy: yes,")


async def test_a_server_that_is_down_delays_the_mail(context: dict[str, Any], settings: Settings) -> None:
    await invite()
    context["settings"] = replace(context["settings"], smtp_url=f"smtp://127.0.0.1:{free_port()}")
    await deliver_mail(context)
    row = await db.fetchrow("SELECT status, due_at > now() AS later, error FROM staff_mail")
    assert row is not None
    assert (row["status"], row["later"]) == ("due", True)
    assert row["error"]


async def test_a_mail_that_is_refused_for_good_has_failed_and_stops_no_other(
    context: dict[str, Any], postman: Postman
) -> None:
    postman.answers["nina@fifth.example"] = "550 no such person"
    await invite()
    await invite("boris2@fifth.example")
    await deliver_mail(context)
    assert await statuses() == ["failed", "sent"]
    assert len(postman.letters) == 1


async def test_a_mail_that_is_refused_for_now_is_tried_again(context: dict[str, Any], postman: Postman) -> None:
    postman.answers["nina@fifth.example"] = "451 later"
    await invite()
    await deliver_mail(context)
    assert await statuses() == ["due"]
    postman.answers.clear()
    await db.execute("UPDATE staff_mail SET due_at = now() - interval '1 second'")
    await deliver_mail(context)
    assert (await statuses(), len(postman.letters)) == (["sent"], 1)


async def test_a_mail_that_keeps_failing_has_failed_in_the_end(context: dict[str, Any], postman: Postman) -> None:
    postman.answers["nina@fifth.example"] = "451 later"
    await invite()
    for _ in range(len(mail.WAITS) + 1):
        await db.execute("UPDATE staff_mail SET due_at = now() - interval '1 second'")
        await deliver_mail(context)
    assert await statuses() == ["failed"]


async def test_two_workers_at_once_send_one_copy(context: dict[str, Any], postman: Postman) -> None:
    for number in range(10):
        await invite(f"person{number}@fifth.example")
    await asyncio.gather(*(deliver_mail(context) for _ in range(4)))
    assert len(postman.letters) == 10
    assert len({message["To"] for message in postman.letters}) == 10


async def test_a_claim_takes_one_mail_even_where_the_planner_believes_there_is_one(
    as_superuser: asyncpg.Connection,
) -> None:
    for number in range(10):
        await invite(f"person{number}@fifth.example")
    sizes = "UPDATE pg_class SET reltuples = $2, relpages = $3 WHERE relname = $1"
    for table, (rows, pages) in {"staff_mail": (1, 1000), "staff": (-1, 0), "business": (-1, 0)}.items():
        await as_superuser.execute(sizes, table, rows, pages)
    async with db.ENGINE.transaction():
        await db.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        assert len(await mail.claim(clock.now(), most=1)) == 1
    assert (await statuses()).count("claimed") == 1


async def test_a_mail_whose_worker_died_is_parked_and_not_sent_twice(context: dict[str, Any], postman: Postman) -> None:
    await invite()
    [claimed] = await mail.claim(clock.now())
    assert claimed.email == "nina@fifth.example"
    await db.execute("UPDATE staff_mail SET claimed_until = now() - interval '1 second'")
    await sweep_mail(context)
    assert (await statuses(), postman.letters) == (["unknown"], [])


async def test_without_a_server_the_mail_is_kept_for_the_mailbox(context: dict[str, Any], postman: Postman) -> None:
    number = await invite()
    context["settings"] = replace(context["settings"], smtp_url=None)
    await deliver_mail(context)
    kept = await mail.one(number, clock.now())
    assert kept is not None
    assert kept.status == "kept"
    assert f"/links/{kept.token}" in write(kept, "https://console.example").text
    assert postman.letters == []


async def test_what_was_kept_before_there_was_a_mail_server_is_sent_once_if_its_link_is_good(
    context: dict[str, Any], postman: Postman, as_owner: asyncpg.Connection
) -> None:
    without = {"settings": replace(context["settings"], smtp_url=None)}
    await invite()
    await invite("late@fifth.example", name="Late")
    await sweep_mail(without)
    assert await statuses() == ["kept", "kept"]
    await as_owner.execute(
        "UPDATE staff_token SET expires_at = now() WHERE staff = (SELECT id FROM staff WHERE name = 'Late')"
    )
    await sweep_mail(context)
    await sweep_mail(context)
    assert [letter["To"] for letter in postman.letters] == ["Nina <nina@fifth.example>"]
    assert await statuses() == ["sent", "kept"]
