"""Mail by a server as there are: with TLS, with a name and a password, slow, and gone in the middle of a letter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

import workers.mail
from console.domain import clock, db
from console.domain.intent import Intent
from console.domain.team import accounts
from console.domain.team.rules import Role
from console.processes import free_port
from tests import factories
from tests.cast import OLEG
from tests.patience import PATIENCE
from tests.tls import Certificate, certificate
from tests.workers.conftest import Postman
from workers.mail import deliver_mail

PASSWORD = "se:cret/p@ss"
QUOTED = "se%3Acret%2Fp%40ss"
WIRE = "127.1"
"""This machine by a name that is not known to be it: as if over a wire."""


@pytest.fixture(autouse=True)
async def owner(database: None) -> None:
    await factories.staff(OLEG)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("tls"), WIRE)


@pytest.fixture
def trusted(shown: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process trusts the certificate, as README says: by `SSL_CERT_FILE`."""
    monkeypatch.setenv("SSL_CERT_FILE", str(shown.chain))


def _let_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"console", PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@contextmanager
def server(postman: Postman, shown: Certificate | None, **how: Any) -> Iterator[int]:
    """A mail server that wants STARTTLS, then a name and a password; its port."""
    asked = {"auth_required": True, "authenticator": _let_in, "auth_require_tls": True, **how}
    if shown:
        asked |= {"tls_context": shown.server(), "require_starttls": True}
    controller = Controller(postman, hostname="127.0.0.1", port=free_port(), ready_timeout=PATIENCE, **asked)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


async def send(context: dict[str, Any], url: str, address: str = "nina@fifth.example", name: str = "Nina") -> str:
    """Invite somebody and let a worker send it by that server; the letter's status and what was noted."""
    intent = Intent(uuid4(), OLEG.actor, clock.now())
    await accounts.invite(intent, name, address, Role.SUPPORT, "ru")
    await deliver_mail({"settings": replace(context["settings"], smtp_url=url, mail_from=FROM)})
    row = await db.fetchrow("SELECT status, error FROM staff_mail ORDER BY id DESC LIMIT 1")
    assert row is not None
    return f"{row['status']} {(row['error'] or '').partition(':')[0]}".strip()


FROM = "Пятый визит <console@fifth.example>"


@pytest.mark.usefixtures("trusted")
async def test_a_russian_letter_goes_over_starttls_with_a_name_and_a_password_and_arrives_whole(
    context: dict[str, Any], postman: Postman, shown: Certificate
) -> None:
    raw: list[bytes] = []

    class Whole(Postman):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
            assert isinstance(envelope.content, bytes)
            raw.append(envelope.content)
            assert (envelope.mail_from, session.ssl is not None, session.authenticated) == (
                "console@fifth.example",
                True,
                True,
            )
            return "250 taken"

    with server(Whole(), shown) as port:
        url = f"smtp://console:{QUOTED}@{WIRE}:{port}"
        assert await send(context, url, name="Нина Петрова-Водкина") == "sent"
    [sent] = raw
    assert sent.partition(b"\r\n\r\n")[0].isascii()
    message = message_from_bytes(sent, policy=default)
    assert message["Subject"] == "Вас приглашают: Fifth Visit"
    assert message["From"] == FROM
    assert message["To"].addresses[0].display_name == "Нина Петрова-Водкина"
    assert message["To"].addresses[0].addr_spec == "nina@fifth.example"
    assert message["Date"].datetime.tzinfo is not None
    assert message["Message-ID"].endswith("@console.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = message.iter_parts()  # type: ignore[attr-defined]
    assert "Здравствуйте, Нина Петрова-Водкина" in plain.get_content()
    assert "Здравствуйте, Нина Петрова-Водкина" in html.get_content()


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("login", "tls", "noted"),
    [
        (f"console:{QUOTED}@", True, "sent"),
        ("console:wrong@", True, "due login"),
        ("", True, "due login"),
        (f"console:{QUOTED}@", False, "due no_tls"),
    ],
    ids=["as it should be", "a wrong password", "no password", "no TLS"],
)
async def test_what_the_settings_lack_is_noted_and_the_letter_waits(
    context: dict[str, Any], postman: Postman, shown: Certificate, login: str, tls: bool, noted: str
) -> None:
    with server(postman, shown if tls else None) as port:
        assert await send(context, f"smtp://{login}{WIRE}:{port}") == noted
    assert len(postman.letters) == (noted == "sent")


@pytest.mark.parametrize(
    ("scheme", "host", "noted"),
    [("smtp", WIRE, "due no_tls"), ("smtp+plain", WIRE, "sent"), ("smtp", "localhost", "sent")],
)
async def test_a_certificate_that_nobody_vouches_for_is_taken_on_this_machine_and_where_none_is_asked_for(
    context: dict[str, Any], postman: Postman, shown: Certificate, scheme: str, host: str, noted: str
) -> None:
    with server(postman, shown) as port:
        assert await send(context, f"{scheme}://console:{QUOTED}@{host}:{port}") == noted


@pytest.mark.parametrize(
    ("answer", "noted"),
    [
        ("550 5.7.1 spam", "failed refused"),
        ("451 4.7.1 later", "due later"),
        ("421 closing", "due later"),
    ],
)
async def test_what_the_server_says_to_a_letter_is_told_apart(
    context: dict[str, Any], smtp: str, postman: Postman, answer: str, noted: str
) -> None:
    postman.answers["nina@fifth.example"] = answer
    assert await send(context, smtp) == noted


async def test_a_recipient_who_is_refused_is_told_from_a_letter_that_is(context: dict[str, Any]) -> None:
    class Strict(Postman):
        async def handle_RCPT(  # noqa: N802
            self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
        ) -> str:
            return "550 5.1.1 no such person"

    controller = Controller(Strict(), hostname="127.0.0.1", port=free_port(), ready_timeout=PATIENCE)
    controller.start()
    try:
        assert await send(context, f"smtp://127.0.0.1:{controller.port}") == "failed recipient"
    finally:
        controller.stop()


@pytest.fixture
async def mute() -> AsyncIterator[Callable[[Callable[[], None] | None], Any]]:
    """Makes a mail server that takes a letter and says nothing to it: it tells us and waits, or it hangs up."""
    servers: list[asyncio.Server] = []

    async def begin(taken: Callable[[], None] | None) -> str:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 here\r\n")
            while line := await reader.readline():
                if line.startswith(b"DATA"):
                    writer.write(b"354 go on\r\n")
                elif line == b".\r\n":
                    if taken is None:
                        break
                    taken()
                    await reader.read()
                elif line.startswith((b"EHLO", b"MAIL", b"RCPT")):
                    writer.write(b"250 fine\r\n")
            writer.close()

        servers.append(await asyncio.start_server(talk, "127.0.0.1", 0))
        return f"smtp://127.0.0.1:{servers[-1].sockets[0].getsockname()[1]}"

    yield begin
    for one in servers:
        one.close()


@pytest.mark.parametrize("hangs_up", [False, True], ids=["silent", "hangs up"])
async def test_a_letter_that_was_given_away_and_never_confirmed_is_not_sent_again(
    context: dict[str, Any],
    mute: Callable[[Callable[[], None] | None], Any],
    monkeypatch: pytest.MonkeyPatch,
    hangs_up: bool,
) -> None:
    limits: list[asyncio.Timeout] = []
    limited = asyncio.timeout

    def noted(seconds: float | None) -> asyncio.Timeout:
        made = limited(seconds)
        if seconds == workers.mail.TIMEOUT:
            limits.append(made)
        return made

    def time_is_over() -> None:
        limits[-1].reschedule(asyncio.get_running_loop().time())

    monkeypatch.setattr(asyncio, "timeout", noted)
    url = await mute(None if hangs_up else time_is_over)
    assert await send(context, url) == "unknown silent"
    context["settings"] = replace(context["settings"], smtp_url=url)
    assert await deliver_mail(context) == 0
    assert await db.fetchval("SELECT token FROM staff_mail") is None
