"""Reading mails as the programs of real people, and broken ones, write them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console import threads
from console.config import Settings
from console.domain.tickets.mail_rules import Arrived, MailKind
from tests.workers import letters
from tests.workers.letters import ZOE, letter
from workers.incoming import Ours, Unreadable, read
from workers.mail_headers import MOST_IDS

SETTINGS = Settings(secret_key="k" * 40, public_url="https://console.example", support_address="desk@sparkle.example")
TOKEN = threads.token(SETTINGS, 7)


def arrived(raw: bytes) -> Arrived:
    return read(raw, SETTINGS)


def test_outlook_in_koi8_is_read_and_what_it_repeats_is_told_apart() -> None:
    mail = arrived(letters.OUTLOOK)
    assert (mail.envelope.sender, mail.envelope.sender_name) == ("anna@mail.example", "Анна Петрова")
    assert (mail.envelope.subject, mail.body) == ("Re: Штамп", "Спасибо, штамп на месте.")
    assert "Здравствуйте!" in mail.quoted
    assert mail.kind is MailKind.ORDINARY


def test_of_gmail_the_plain_part_is_read_and_the_line_before_the_quotation_goes_with_it() -> None:
    mail = arrived(letters.GMAIL)
    assert mail.body == "Спасибо!"
    assert mail.quoted.startswith("чт, 26 нояб. 2026 г. в 10:00, Sparkle <desk@sparkle.example>:")
    assert "> your stamp is there." in mail.quoted


def test_an_iphone_writes_around_its_photo() -> None:
    mail = arrived(letters.IPHONE)
    assert mail.body == "The kitchen.\n\nSent from my iPhone"
    assert [(one.name, one.content) for one in mail.files] == [("Кухня.png", b"\x89PNG\r\n\x1a\n")]


@pytest.mark.parametrize(
    ("raw", "subject", "body"),
    [
        (letters.CP1251_UNDECLARED, "Привет", "Где мой штамп?"),
        (letters.FLOWED, "Flowed", "One paragraph that was broken for the way.\nAnother."),
        (letters.UNKNOWN_CHARSET, "Hello", "Still words."),
        (letters.SMIME, "Signed", "Signed words."),
        (letters.BROKEN_MIME, "Broken", "No part begins here."),
    ],
)
def test_odd_mails_are_read_as_well_as_they_can_be(raw: bytes, subject: str, body: str) -> None:
    mail = arrived(raw)
    assert (mail.envelope.subject, mail.body, mail.files) == (subject, body, [])


def test_html_becomes_text_and_none_of_its_scripts() -> None:
    mail = arrived(letters.HTML_ONLY)
    assert mail.body == "Добрый день!\n\nГде штамп?"
    assert mail.quoted == "Здравствуйте, Анна"


def test_an_invitation_comes_as_a_file_beside_its_text() -> None:
    mail = arrived(letters.INVITE)
    assert mail.body == "Let us meet."
    assert [one.name for one in mail.files] == ["text.ics"]


def test_very_many_parts_are_not_even_looked_at() -> None:
    with pytest.raises(Unreadable):
        arrived(letters.BOMB)


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: message/delivery-status\n\n" + b"\n" * 20_000,
        b"Content-Type: multipart/mixed; boundary*=us-ascii''x\n\n" + b"--x\n\n" * 20_000,
    ],
    ids=["blocks of a status", "another spelling of the boundary"],
)
def test_very_many_parts_are_made_of_no_spelling(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        arrived(raw)


def test_a_text_that_looks_like_ever_more_addresses_or_quotations_is_read_at_once() -> None:
    many = arrived(letter("<" + "@" * 300_000 + "\n\nOn Mon, 1 May 2026, Bob <b@b.example> wrote:\n> hi"))
    assert many.body.startswith("<@@")
    many = arrived(letter("\n".join(["From: a"] * 30_000)))
    assert many.body.count("From: a") == 30_000


def test_a_mail_without_a_message_id_goes_by_all_of_it() -> None:
    one, same, other = (arrived(letter(body, Message_ID=None)).envelope for body in ("a", "a", "b"))
    assert one.key == same.key != other.key
    assert one.message_id is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": f"Re: Stamp [#{TOKEN}]"},
        {"To": f"desk+{TOKEN}@sparkle.example"},
        {"In_Reply_To": threads.message_id(SETTINGS, "5-0123456789abcdef", 7)},
        {"References": f"<x@y> {threads.message_id(SETTINGS, '5-0123456789abcdef', 7)}"},
    ],
)
def test_any_of_three_tokens_leads_to_the_ticket(headers: dict[str, str]) -> None:
    assert arrived(letter(**headers)).numbers == [7]


def test_the_thread_is_surer_than_a_subject() -> None:
    other = threads.token(SETTINGS, 8)
    followed = threads.message_id(SETTINGS, "5-0123456789abcdef", 7)
    assert arrived(letter(Subject=f"Re: [#{other}]", In_Reply_To=followed)).numbers == [7, 8]


def test_a_token_that_is_not_ours_leads_nowhere() -> None:
    assert arrived(letter(Subject="Re: [#7-aaaaaaaa]")).numbers == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; owner-email=x"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<news.shop.example>"},
        {"Return_Path": "<>"},
    ],
)
def test_what_a_machine_wrote_by_itself_is_told(headers: dict[str, str]) -> None:
    assert arrived(letter(**headers)).kind is MailKind.AUTOMATIC


@pytest.mark.parametrize("headers", [{}, {"Auto_Submitted": "no"}, {"X_Auto_Response_Suppress": "All"}])
def test_what_a_person_wrote_is_told(headers: dict[str, str]) -> None:
    assert arrived(letter(**headers)).kind is MailKind.ORDINARY


def test_our_own_mail_is_known_by_its_sender_and_by_its_message_id() -> None:
    for raw in (
        letter(sender="desk@sparkle.example"),
        letter(Message_ID=threads.message_id(SETTINGS, "5-0123456789abcdef")),
    ):
        with pytest.raises(Ours):
            arrived(raw)


@pytest.mark.parametrize("ours", ["desk@sparkle.example", "console@sparkle.example"])
def test_what_a_form_of_our_website_mails_is_of_whoever_is_to_be_answered(ours: str) -> None:
    settings = replace(SETTINGS, mail_from="Sparkle <console@sparkle.example>")
    mail = read(letter(sender=f"Website <{ours}>", Reply_To="Max <MAX@web.example>"), settings)
    assert (mail.envelope.sender, mail.envelope.sender_name, mail.kind) == ("max@web.example", "Max", MailKind.FORM)


@pytest.mark.parametrize(
    "reply_to", ["", "Desk <DESK@sparkle.example>", f"desk+{TOKEN}@sparkle.example", "undisclosed recipients:;"]
)
def test_our_own_mail_that_is_to_be_answered_to_us_or_nobody_is_ours(reply_to: str) -> None:
    with pytest.raises(Ours):
        arrived(letter(sender="desk@sparkle.example", Reply_To=reply_to))
    sent = threads.message_id(SETTINGS, "5-0123456789abcdef")
    with pytest.raises(Ours):
        arrived(letter(sender="desk@sparkle.example", Reply_To="max@web.example", Message_ID=sent))


def test_a_form_that_answers_by_itself_is_a_machine() -> None:
    raw = letter(sender="desk@sparkle.example", Reply_To="max@web.example", Auto_Submitted="auto-replied")
    assert arrived(raw).kind is MailKind.AUTOMATIC


def test_a_bounce_names_the_message_that_came_back_and_a_delay_does_not() -> None:
    original = threads.message_id(SETTINGS, "5-0123456789abcdef", 7)
    mail, late = arrived(letters.bounce(original)), arrived(letters.bounce(original, "delayed"))
    assert (mail.kind, mail.numbers) == (MailKind.BOUNCE, [7])
    assert mail.bounced is not None
    assert (mail.bounced.message, mail.bounced.told) == (5, "0123456789abcdef")
    assert mail.bounced.said == "smtp; 550 5.1.1 no such mailbox"
    assert (late.kind, late.bounced) == (MailKind.BOUNCE, None)


def test_of_very_many_ids_and_recipients_the_nearest_are_looked_at() -> None:
    followed = threads.message_id(SETTINGS, "5-0123456789abcdef", 7)
    many = " ".join(f"<{number}@mail.example>" for number in range(5_000))
    mail = arrived(letter(References=f"{many} {followed}", To=", ".join(["a@mail.example"] * 5_000)))
    assert mail.numbers == [7]
    assert len(mail.before) == MOST_IDS


def test_long_names_are_cut_and_an_address_that_none_is_that_long_is_none() -> None:
    name = b"n" * 5_000 + b".png"
    mail = arrived(letters.IPHONE.replace(b"%D0%9A%D1%83%D1%85%D0%BD%D1%8F.png", name))
    assert [(len(one.name), one.name[-4:]) for one in mail.files] == [(120, ".png")]
    assert arrived(letter(sender=f"Zoe <{'z' * 300}@mail.example>")).envelope.sender == ""


def test_a_message_id_holds_nothing_that_a_database_does_not_take() -> None:
    raw = letter(Message_ID=None).replace(b"To:", b"Message-ID: <a\0b@mail.example>\nTo:", 1)
    assert arrived(raw).envelope.message_id is None


HANDED_ON = b"Received: from mx.mail.example ([8.8.%d.4])%sby mx.sparkle.example ([1.1.1.1]) with ESMTP\n"
RECEIVED = "from mx.mail.example (helo=[9.9.9.9] mx.mail.example [{}]) by mx.sparkle.example"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({}, {"Subject": "Other"}, True),
        ({"Received": RECEIVED.format("8.8.4.4")}, {"Received": RECEIVED.format("8.8.8.8")}, True),
        ({"Received": RECEIVED.format("8.8.4.4")}, {"Received": RECEIVED.format("1.1.1.1")}, False),
        ({"Received": RECEIVED.format("8.8.4.4")}, {"Received": RECEIVED.format("IPv6:2a00:1450::1")}, False),
        ({"Received": RECEIVED.format("127.0.0.1")}, {}, True),
        ({"sender": ZOE}, {"sender": "anna@mail.example"}, False),
        ({"sender": None}, {"sender": ""}, True),
    ],
)
def test_a_mail_is_of_who_wrote_it_and_of_the_network_that_it_came_from(
    one: dict[str, Any], other: dict[str, Any], alike: bool
) -> None:
    assert (arrived(letter(**one)).envelope.origin == arrived(letter(**other)).envelope.origin) is alike


def test_what_is_written_below_what_our_server_wrote_is_of_no_account() -> None:
    ours, forged = RECEIVED.format("8.8.4.4").encode(), RECEIVED.format("1.1.1.1").encode()
    honest = b"Received: " + ours + b"\n" + letter()
    assert arrived(b"Received: " + ours + b"\nReceived: " + forged + b"\n" + letter()).envelope.origin == (
        arrived(honest).envelope.origin
    )


@pytest.mark.parametrize("between", [b" ", b"\n\t", b"\r\n        ", b"\n "])
def test_a_mail_is_of_whoever_handed_it_over_and_not_of_who_took_it_however_the_line_is_folded(between: bytes) -> None:
    one, other = (arrived(HANDED_ON % (8, between) + letter()), arrived(HANDED_ON % (4, b" ") + letter()))
    assert one.envelope.origin == other.envelope.origin != arrived(letter()).envelope.origin


def test_a_copy_says_the_same_whatever_way_it_came_and_another_mail_of_its_name_does_not() -> None:
    one, copy, other = (
        arrived(raw).envelope for raw in (letter(), b"Received: by b\n" + letter(), letter("Something else"))
    )
    assert one.key == copy.key == other.key
    assert one.content == copy.content != other.content
