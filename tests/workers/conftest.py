"""A real SMTP server on loopback, and what a worker's jobs are given."""

from __future__ import annotations

import email
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

import workers.courier
import workers.imap
import workers.mail
import workers.messages
import workers.sms
from console.config import Settings
from console.processes import free_port
from tests import factories
from tests.cast import ANNA
from tests.patience import PATIENCE
from tests.workers import letters
from tests.workers.dovecot import Dovecot
from workers.mailbox import poll_mailbox

workers.mail.LONGEST = workers.messages.LONGEST = PATIENCE  # no letter waits here because a machine is slow
workers.courier.PATIENCE = workers.sms.PATIENCE = workers.imap.PATIENCE = PATIENCE


@dataclass
class Postman:
    """Takes mail in, or answers what a test says; one that `echoes` quotes the letter that it refuses."""

    answers: dict[str, str] = field(default_factory=dict)
    letters: list[EmailMessage] = field(default_factory=list)
    echoes: bool = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.get(envelope.rcpt_tos[0])
        if self.echoes and answer:
            assert isinstance(envelope.content, bytes)
            said = [f"{answer.replace(' ', '-', 1)} {line}"[:400] for line in envelope.content.decode().splitlines()]
            return "\r\n".join([*said, f"{answer} {envelope.rcpt_tos[0]}"])
        if answer:
            return answer
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.letters.append(message)
        return "250 taken"


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def smtp(postman: Postman) -> Iterator[str]:
    """The URL of a mail server that is up."""
    controller = Controller(postman, hostname="127.0.0.1", port=free_port(), ready_timeout=PATIENCE)
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture(scope="session")
def dovecot_up() -> Iterator[Dovecot]:
    """A mail server that keeps mailboxes; where nobody may pass, as pytest's own directories are, it could not run."""
    with TemporaryDirectory(prefix="dovecot-") as home:
        server = Dovecot(Path(home))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def dovecot(dovecot_up: Dovecot) -> Dovecot:
    """Its mailbox, in which nothing lies."""
    dovecot_up.empty()
    return dovecot_up


@pytest.fixture
def context(settings: Settings, smtp: str) -> dict[str, Any]:
    """What arq hands to a job."""
    return {"settings": replace(settings, smtp_url=smtp, public_url="https://console.example")}


@pytest.fixture
async def never_quiet(database: None) -> None:
    """A business in which messages go to clients at any hour."""
    plain = {"off": [], "reminders": "[]", "per_client": 5, "per_day": 2000, "thanks": 2, "satisfaction": 24}
    await factories._insert("message_choice", id=1, quiet_from=0, quiet_until=0, **plain)


@pytest.fixture
async def looking(context: dict[str, Any], dovecot: Dovecot, never_quiet: None) -> dict[str, Any]:
    """A worker that looked into the mailbox once, when nothing lay there."""
    await factories.staff(ANNA)
    named = {"support_address": letters.DESK, "support_plus": True, "secret_key": "k" * 40, "imap_url": dovecot.url}
    made = {"settings": replace(context["settings"], **named)}
    assert await poll_mailbox(made) == 0
    return made
