"""Mails in no ticket, once whoever wrote them is erased."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from console.domain import db
from console.domain.desk import actions as desk_actions
from console.domain.ids import ClientId
from console.domain.tickets import mail, mail_queries
from console.domain.tickets.mail_rules import Envelope, MailAside
from tests import factories
from tests.cast import ANNA, VERA
from tests.domain.tickets.desk import intent

pytestmark = pytest.mark.usefixtures("database")


async def set_aside(sender: str) -> None:
    envelope = Envelope(sha256(sender.encode()).digest(), sender, "Zoe Quill", "Quince Lane", f"<{sender}>")
    await mail.set_aside(intent(), envelope, MailAside.TOO_LARGE, 7)


async def test_the_mails_of_who_is_erased_say_nothing_of_them_and_those_of_others_stay() -> None:
    await factories.staff(ANNA)
    await factories.staff(VERA)
    emails = json.dumps([{"address": "zoe@mail.example", "label": ""}, {"address": "quill@mail.example", "label": ""}])
    zoe = ClientId(await factories.client(emails=emails))
    for sender in ("zoe@mail.example", "quill@mail.example", "anna@mail.example"):
        await set_aside(sender)
    done = await desk_actions.erase(intent(VERA, reason="asked"), zoe)
    assert [one.sender for one in await mail_queries.aside()] == ["anna@mail.example"]
    left = "SELECT count(*) FROM ticket_mail WHERE ticket_mail::text ~ '(zoe|quill)@'"
    assert await db.fetchval(left) == 0
    told = [one.params["count"] for one in done.effects if one.params.get("entity") == "ticket_mail"]
    assert told == [2]
