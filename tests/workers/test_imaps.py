"""A mailbox over TLS: only a server that proves to be the one of IMAP_URL is told the password."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.domain.tickets import mailbox
from tests.workers.box import tickets
from tests.workers.dovecot import Dovecot
from tests.workers.letters import letter
from workers.mailbox import poll_mailbox

pytestmark = pytest.mark.usefixtures("never_quiet")


def secured(context: dict[str, Any], dovecot: Dovecot, host: str) -> dict[str, Any]:
    return {"settings": replace(context["settings"], imap_url=dovecot.secure_url(host))}


async def trouble(context: dict[str, Any]) -> str:
    return str((await mailbox.position(context["settings"].mailbox)).trouble)


async def test_a_mail_comes_in_over_tls_from_a_server_that_is_trusted(
    looking: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate.chain))
    context = secured(looking, dovecot, "localhost")
    assert await poll_mailbox(context) == 0
    dovecot.deliver(letter())
    assert await poll_mailbox(context) == 1
    assert [one["subject"] for one in await tickets()] == ["A stamp is missing"]


async def test_a_server_of_another_name_is_refused(
    looking: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate.chain))
    context = secured(looking, dovecot, "127.0.0.1")
    await poll_mailbox(context)
    assert (await trouble(context)).startswith("no_tls: ")
    assert "127.0.0.1" in await trouble(context)


async def test_a_server_that_nobody_vouches_for_is_refused(looking: dict[str, Any], dovecot: Dovecot) -> None:
    context = secured(looking, dovecot, "localhost")
    await poll_mailbox(context)
    assert (await trouble(context)).startswith("no_tls: ")
