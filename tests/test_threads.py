"""What ties a mail to its ticket, however much of it the other side keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console import threads
from console.config import ConfigError, Settings
from console.threads import Ours

OURS = Settings(
    public_url="https://desk.example.com",
    secret_key="a key of this console, as long as it must be",
    support_address="support@example.com",
    support_plus=True,
)
OTHERS = replace(OURS, secret_key="the key of another console, which is as long")
TOKEN = threads.token(OURS, 1042)
KEY = "57-0123456789abcdef"


def test_a_subject_carries_the_token_of_its_ticket_once() -> None:
    subject = threads.subject(OURS, 1042, "Re: Уборка [#7-aaaaaaaa]")
    assert subject == f"Re: Уборка [#{TOKEN}]"
    assert threads.subject(OURS, 1042, subject) == subject
    assert len(TOKEN) == len("1042-") + 8


@pytest.mark.parametrize(
    "answer",
    [
        f"Re: Cleaning [#{TOKEN}]",
        f"[EXTERNAL] AW: [#{TOKEN.upper()}] x",
        f"Re: [#9-aaaaaaaa] [#{TOKEN}]",
        f"[# {TOKEN} ]",
    ],
)
def test_a_subject_that_was_answered_leads_to_its_ticket(answer: str) -> None:
    assert threads.of_subject(OURS, answer) == 1042


@pytest.mark.parametrize(
    "odd", ["", f"[#1043-{TOKEN[5:]}]", f"[#{TOKEN[:-1]}]", f"[#0{TOKEN}]", f"#{TOKEN}", f"[#{'9' * 400}-{TOKEN[5:]}]"]
)
def test_a_subject_with_no_token_of_ours_leads_nowhere(odd: str) -> None:
    assert threads.of_subject(OURS, odd) is None


def test_a_token_of_another_console_leads_nowhere() -> None:
    assert threads.of_subject(OTHERS, f"[#{TOKEN}]") is None
    assert threads.of_address(OTHERS, threads.reply_to(OURS, 1042)) is None
    assert threads.of_message_ids(OTHERS, threads.message_id(OURS, KEY, 1042)) is None


def test_an_answer_goes_to_an_address_of_its_ticket_where_the_mailbox_takes_a_plus() -> None:
    assert threads.reply_to(OURS, 1042) == f"support+{TOKEN}@example.com"
    assert threads.of_address(OURS, f"Support+{TOKEN.upper()}@EXAMPLE.com") == 1042
    assert threads.of_address(OURS, "support@example.com") is None


def test_it_goes_to_the_plain_address_where_nobody_said_that_a_plus_is_taken() -> None:
    plain = replace(OURS, support_plus=False)
    assert threads.reply_to(plain, 1042) == "support@example.com"
    unnamed = replace(plain, support_address="", mail_from="Fifth Visit <console@example.com>")
    assert threads.reply_to(unnamed, 1042) == "console@example.com"


def test_a_message_id_leads_to_its_message_and_its_ticket() -> None:
    made = threads.message_id(OURS, KEY, 1042)
    assert made == f"<message-{KEY}.{TOKEN}@desk.example.com>"
    header = f"<other@mail.example>\n {threads.message_id(OURS, KEY)} {made}"
    assert threads.ours(OURS, header) == [Ours(57, "0123456789abcdef"), Ours(57, "0123456789abcdef", 1042)]
    assert threads.of_message_ids(OURS, header) == 1042


def test_of_several_tickets_in_a_thread_the_last_one_is_meant() -> None:
    header = " ".join(threads.message_id(OURS, KEY, number) for number in (1042, 7))
    assert threads.of_message_ids(OURS, header) == 7


@pytest.mark.parametrize("given", ["support", "Support <support@example.com>", "поддержка@example.com", "a@"])
def test_a_support_address_is_a_bare_one(given: str) -> None:
    with pytest.raises(ConfigError, match="SUPPORT_ADDRESS"):
        Settings.from_env({"SUPPORT_ADDRESS": given})
