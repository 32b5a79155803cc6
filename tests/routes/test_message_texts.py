"""Texts of messages are written in the settings, tried with a real client, and put back to ours."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from console import links, messaging
from console.config import Settings
from console.domain import db
from console.domain.booking import actions
from console.domain.booking.rules import CancelledBy
from console.domain.desk.message_samples import sample
from console.domain.ids import ClientId
from console.domain.messages.rules import AUTOMATIC, MessageKind
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.domain.messages.test_outbox_by_staff import message
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import HOUR, NOON, WEEK, intent, yard

LIST = "/settings/messages/texts"
URL = f"{LIST}/booking.confirmation/en"
MOVED = f"{LIST}/booking.moved/ru"
WRITTEN = {"subject": "See you {date}", "text": "Dear {client},\n\nsee you at {time}.", "sms": "{client}: {date}"}


async def stands(kind: str = "booking.confirmation") -> tuple[str, bool] | None:
    row = await db.fetchrow("SELECT subject, retired_at IS NULL AS holds FROM message_text WHERE kind = $1", kind)
    return None if row is None else (row["subject"], row["holds"])


async def test_a_manager_sees_every_kind_in_each_language_and_the_desk_none(sign_in: SignIn) -> None:
    page = await (await sign_in(VERA)).open(LIST)
    assert len(page.all(".item")) == len(AUTOMATIC)
    assert len(page.all(".item a")) == 2 * len(AUTOMATIC)
    assert (await (await sign_in(ANNA)).open(LIST)).status == 403


async def test_the_form_begins_with_our_own_text(sign_in: SignIn) -> None:
    page = await (await sign_in(VERA)).open(MOVED)
    assert page.value("subject") == say("told.booking.moved.subject", "ru")
    assert "{before}" in page.words(".message-names")
    assert "{tier}" not in page.words(".message-names")


async def test_what_is_written_holds_until_ours_is_taken_again(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(URL), URL, **WRITTEN)
    assert page.toast == say("done.message_text.change", name=say("words.message_booking_confirmation"))
    assert await stands() == (WRITTEN["subject"], True)
    assert page.all(".item .badge") == ["Own text: English"]
    page = await vera.open(URL)
    assert page.value("sms") == WRITTEN["sms"]
    await vera.send(page, f"{LIST}/1/reset")
    assert await stands() == (WRITTEN["subject"], False)
    page = await vera.open(URL)
    assert page.value("subject") == say("told.booking.confirmation.subject")
    await vera.send(page, URL, **{**WRITTEN, "subject": "Once more"})
    assert await stands() == ("Once more", True)


async def test_an_undo_takes_it_back(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(URL), URL, **WRITTEN)
    done = await db.fetchval("SELECT max(id) FROM operation")
    await vera.send(page, f"/operations/{done}/undo")
    assert await stands() == (WRITTEN["subject"], False)


@pytest.mark.parametrize("part", ["subject", "text", "sms"])
@pytest.mark.parametrize(
    ("typed", "key"), [("at {tier}", "problem.message_unknown"), ("at {time", "problem.message_braces")]
)
async def test_a_name_without_a_value_and_a_brace_left_open_are_told_at_the_field(
    sign_in: SignIn, part: str, typed: str, key: str
) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(URL), URL, **{**WRITTEN, part: typed})
    assert page.status == 422
    assert page.error(part) == say(key, name="{tier}")
    assert page.value(part) == typed
    assert await stands() is None


async def test_two_who_write_at_once_are_told_of_each_other(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    first, second = await vera.open(URL), await vera.open(URL)
    await vera.send(first, URL, **WRITTEN)
    page = await vera.send(second, URL, **{**WRITTEN, "subject": "Otherwise"})
    assert page.status == 409
    assert await stands() == (WRITTEN["subject"], True)


async def test_a_kind_or_a_language_that_is_none_is_not_there(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    for path in ("booking.nothing/en", "booking.moved/de"):
        assert (await vera.open(f"{LIST}/{path}")).status == 404


async def test_what_is_typed_is_shown_as_a_client_would_read_it_and_not_saved(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    here = await yard()
    await here.book(here.nina, NOON)
    page = await vera.send(await vera.open(URL), URL, **WRITTEN, who="Анна", find="preview")
    assert page.status == 200
    assert page.all("#preview .letter") == ["Dear Анна, see you at 12:00.", "Анна: Wed 13 May"]
    assert page.has(".stack:has([name=who]) > [autofocus] > #preview"), "right below who is asked for"
    assert len(page.tree.css("#main [autofocus]")) == 1
    assert page.value("subject") == WRITTEN["subject"]
    assert await stands() is None


async def test_how_it_reads_to_a_client_with_a_series_is_how_it_reads_of_all_of_it(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    here = await yard()
    await here.weekly()
    for url, told in ((URL, True), (f"{LIST}/booking.reminder/en", False)):
        page = await vera.open(url)
        assert ("{series}" in page.words(".message-names")) is told
        page = await vera.send(page, url, who="Анна", find="preview")
        mail, sms = page.all("#preview .letter")
        assert page.words("#preview .letter a.button") == say("See the bookings" if told else "See the booking")
        link = page.tree.css_first("#preview .letter a").attributes["href"] or ""
        assert link.rpartition("/")[2].startswith("trial")
        assert (await vera.open(urlsplit(link).path)).heading == say("title.link_trial")
        assert ("4 bookings from 13 May to 3 June 2026" in mail, "4 bookings until 3 June" in sms) == (told, told)


async def test_what_a_kind_tells_is_shown_of_the_next_booking_that_it_fits(
    sign_in: SignIn, settings: Settings, today: None
) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    here = await yard()
    url = f"{LIST}/booking.cancelled/en"
    stands, off = await here.book(here.nina, NOON), await here.book(here.nina, NOON + 3 * HOUR)
    await here.book(here.nina, NOON + WEEK)
    page = await vera.send(await vera.open(url), url, who="Анна", find="preview")
    assert (page.status, page.error("who")) == (422, say("problem.nothing_to_tell", name="Анна Петрова"))
    await actions.cancel(intent(), off, CancelledBy.CLIENT)
    page = await vera.send(page, url, who="Анна", find="preview")
    assert "Wednesday 13 May at 15:00" in page.all("#preview .letter")[0]
    for kind, booking, method in (
        (MessageKind.BOOKING_CONFIRMATION, stands, "PUBLISH"),
        (MessageKind.BOOKING_REMINDER, stands, "PUBLISH"),
        (MessageKind.BOOKING_CANCELLED, off, "CANCEL"),
    ):
        one = await sample(kind, ClientId(here.client), "en", NOW.date())
        assert one is not None
        (file,) = (await messaging.compose(one.outgoing, settings)).attachments
        assert links.token(settings, booking, here.client) not in file.content.decode()
        assert (one.outgoing.variables["booking"], file.params["method"]) == (booking, method)


async def test_what_is_made_up_is_said_to_be_and_what_a_client_was_told_is_shown(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.client()
    url = f"{LIST}/free_visit.issued/en"
    example = "An example: nothing like this has happened to Анна Петрова. What it tells is made up."
    page = await vera.send(await vera.open(url), url, who="Анна", find="preview")
    assert page.words("#preview .callout") == example
    await message(await db.fetchval("SELECT id FROM client"), "1")
    await db.execute("UPDATE message SET kind = 'free_visit.issued', variables = $1", '{"last": "2026-07-09"}')
    page = await vera.send(page, url, who="Анна", find="preview")
    assert not page.has("#preview .callout")
    assert "by 9 July 2026" in page.all("#preview .letter")[0]


async def test_who_is_not_found_or_has_nothing_to_be_told_is_named_at_the_field(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.client()
    told = {"name": "Анна Петрова"}
    for who, key in (("Zzz", "problem.nobody_found"), ("", "problem.required"), ("Анна", "problem.nothing_to_tell")):
        page = await vera.send(await vera.open(URL), URL, **WRITTEN, who=who, find="preview")
        assert (page.status, page.error("who")) == (422, say(key, **told))


async def test_clients_are_sent_what_the_business_wrote_in_their_language(sign_in: SignIn, settings: Settings) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    here = await yard()
    await here.book(here.nina, NOON)
    await vera.send(await vera.open(URL), URL, **WRITTEN)
    subjects = []
    for language in ("en", "ru"):
        one = await sample(MessageKind.BOOKING_CONFIRMATION, ClientId(here.client), language, NOW.date())
        assert one is not None
        subjects.append((await messaging.compose(one.outgoing, settings)).subject)
    assert subjects == ["See you Wednesday 13 May", "Вы записаны: среда, 13 мая, 12:00"]
