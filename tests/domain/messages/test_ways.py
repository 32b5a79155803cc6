"""By which way a message goes: the preferred one where it is open, else another, and never against what they said."""

from __future__ import annotations

import json

import pytest

from console.domain.clients.rules import Agreed, Channel, Preference, Purpose
from console.domain.ids import ClientId
from console.domain.messages import outbox_queries
from console.domain.messages.rules import MessageKind, Reason
from console.domain.messages.ways import PURPOSES, Reach, Way, way
from tests import factories
from tests.cast import NOW

SMS, EMAIL = Channel.SMS, Channel.EMAIL
BOTH = {SMS: "+79210000000", EMAIL: "anna@mail.example"}
EVERYTHING: Agreed = {(channel, purpose): True for channel in (SMS, EMAIL) for purpose in Purpose}
REMINDER, CONFIRMATION = MessageKind.BOOKING_REMINDER, MessageKind.BOOKING_CONFIRMATION


@pytest.mark.parametrize(
    ("by", "addresses", "first"),
    [
        (None, BOTH, EMAIL),
        (Preference.EMAIL, BOTH, EMAIL),
        (Preference.SMS, BOTH, SMS),
        (Preference.SMS, {EMAIL: "anna@mail.example"}, EMAIL),
        (Preference.EMAIL, {SMS: "+79210000000"}, SMS),
        (None, {SMS: "+79210000000"}, SMS),
    ],
)
def test_it_goes_as_they_prefer_and_otherwise_where_there_is_a_way(
    by: Preference | None, addresses: dict[Channel, str], first: Channel
) -> None:
    assert way(REMINDER, Reach(by, addresses, EVERYTHING), BOTH) == Way(first, addresses[first])


@pytest.mark.parametrize(
    ("kind", "agreed", "found"),
    [
        (REMINDER, {}, None),
        (REMINDER, {(EMAIL, Purpose.OFFERS): True}, None),
        (REMINDER, {(EMAIL, Purpose.REMINDERS): False, (SMS, Purpose.REMINDERS): True}, SMS),
        (MessageKind.TIER_WARNING, {(SMS, Purpose.OFFERS): True, (EMAIL, Purpose.REMINDERS): True}, SMS),
        (MessageKind.FREE_VISIT_ISSUED, {(EMAIL, Purpose.FEEDBACK): True}, None),
        (MessageKind.VISIT_THANKS, {(EMAIL, Purpose.FEEDBACK): True}, EMAIL),
        (CONFIRMATION, {}, EMAIL),
        (CONFIRMATION, {(EMAIL, Purpose.REMINDERS): False}, SMS),
        (CONFIRMATION, {(EMAIL, Purpose.OFFERS): False}, EMAIL),
        (MessageKind.BOOKING_CANCELLED, {(EMAIL, Purpose.REMINDERS): False, (SMS, Purpose.REMINDERS): False}, None),
    ],
)
def test_it_needs_their_consent_unless_it_answers_what_they_asked_for(
    kind: MessageKind, agreed: Agreed, found: Channel | None
) -> None:
    chosen = way(kind, Reach(None, BOTH, agreed), BOTH)
    assert chosen == (Way(found, BOTH[found]) if found else Reason.NO_CONSENT)


@pytest.mark.parametrize(
    ("reach", "set_up", "refused", "why"),
    [
        (Reach(Preference.NONE, BOTH, EVERYTHING), BOTH, (), Reason.WANTS_NONE),
        (Reach(None, {}, EVERYTHING), BOTH, (), Reason.NO_ADDRESS),
        (Reach(None, BOTH, {}), {}, (), Reason.NO_CONSENT),
        (Reach(None, BOTH, EVERYTHING), (), (), Reason.NO_CHANNEL),
        (Reach(None, BOTH, EVERYTHING), BOTH, (EMAIL, SMS), Reason.TROUBLE),
        (Reach(None, BOTH, EVERYTHING), (EMAIL,), (EMAIL,), Reason.TROUBLE),
    ],
)
def test_where_there_is_no_way_it_says_why(
    reach: Reach, set_up: tuple[Channel, ...], refused: tuple[Channel, ...], why: Reason
) -> None:
    assert way(REMINDER, reach, set_up, refused) is why


PHONE, MAIL = {SMS: BOTH[SMS]}, {EMAIL: BOTH[EMAIL]}


@pytest.mark.parametrize(
    ("addresses", "agreed", "set_up", "why"),
    [
        (BOTH, (SMS,), (EMAIL,), Reason.SMS_ALONE),
        (BOTH, (EMAIL,), (SMS,), Reason.EMAIL_ALONE),
        (BOTH, (SMS,), (), Reason.NO_CHANNEL),
        (BOTH, (), (EMAIL,), Reason.NO_CONSENT),
        (BOTH, (SMS, EMAIL), (), Reason.NO_CHANNEL),
        (PHONE, (SMS, EMAIL), (EMAIL,), Reason.SMS_UNREADY),
        (PHONE, (EMAIL,), (SMS, EMAIL), Reason.SMS_UNAGREED),
        (MAIL, (SMS, EMAIL), (SMS,), Reason.EMAIL_UNREADY),
        (MAIL, (SMS,), (SMS, EMAIL), Reason.EMAIL_UNAGREED),
        ({}, (SMS, EMAIL), (SMS,), Reason.NO_ADDRESS),
        (BOTH, (SMS, EMAIL), (SMS,), None),
        (PHONE, (SMS,), (SMS,), None),
        (MAIL, (EMAIL,), (EMAIL,), None),
    ],
)
async def test_it_says_of_mail_and_of_sms_what_bars_them_as_lists_say_it_before(
    kernel: None,
    addresses: dict[Channel, str],
    agreed: tuple[Channel, ...],
    set_up: tuple[Channel, ...],
    why: Reason | None,
) -> None:
    said: Agreed = {(one, Purpose.REMINDERS): True for one in agreed}
    found = way(REMINDER, Reach(None, addresses, said), set_up)
    assert (None if isinstance(found, Way) else found) is why
    reach = {"phones": [{"number": BOTH[SMS], "label": ""}] if SMS in addresses else []}
    reach["emails"] = [{"address": BOTH[EMAIL], "label": ""}] if EMAIL in addresses else []
    anna = ClientId(await factories.client(**{name: json.dumps(those) for name, those in reach.items()}))
    for one in agreed:
        told = {"channel": one.value, "purpose": "reminders", "given": True, "at": NOW, "source": "in_person"}
        await factories._insert("client_consent", client=anna, **told)
    due = {"kind": REMINDER.value, "variables": "{}", "dedupe_key": "1", "status": "due", "due_at": NOW}
    await factories._insert("message", client=anna, **due)
    [line] = await outbox_queries.of_client(anna, 1, set_up)
    assert line.skipped is why


def test_what_one_way_does_not_take_goes_the_other() -> None:
    assert way(REMINDER, Reach(None, BOTH, EVERYTHING), BOTH, refused=[EMAIL]) == Way(SMS, BOTH[SMS])


def test_what_may_have_gone_by_one_way_goes_by_no_other() -> None:
    reach = Reach(Preference.EMAIL, BOTH, EVERYTHING)
    assert way(REMINDER, reach, BOTH, bound=SMS) == Way(SMS, BOTH[SMS])
    assert way(REMINDER, reach, [EMAIL], bound=SMS) is Reason.NO_GATEWAY
    assert way(REMINDER, Reach(None, MAIL, EVERYTHING), BOTH, bound=SMS) is Reason.NO_PHONE


def test_nobody_is_asked_for_consent_to_what_answers_them() -> None:
    answers = {kind for kind in MessageKind if kind not in PURPOSES}
    assert answers == {
        CONFIRMATION,
        MessageKind.BOOKING_MOVED,
        MessageKind.BOOKING_CANCELLED,
        MessageKind.TICKET_REPLY,
    }


def test_what_one_of_us_wrote_goes_by_mail_alone_whatever_they_want_to_be_told() -> None:
    nothing = {(EMAIL, Purpose.REMINDERS): False}
    written = MessageKind.TICKET_REPLY
    assert way(written, Reach(Preference.NONE, BOTH, nothing), BOTH) == Way(EMAIL, BOTH[EMAIL])
    assert way(written, Reach(Preference.SMS, {SMS: BOTH[SMS]}, EVERYTHING), BOTH) is Reason.NO_EMAIL
    assert way(written, Reach(None, BOTH, nothing), [SMS]) is Reason.NO_MAIL_SERVER
    assert way(written, Reach(None, BOTH, EVERYTHING), BOTH, refused=[EMAIL]) is Reason.TROUBLE
