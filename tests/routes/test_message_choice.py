"""A manager says what clients are told, and when; what is typed wrong is answered at its field."""

from __future__ import annotations

import pytest

from console.domain.messages.rules import MessageKind
from console.domain.messages.settings_queries import message_settings
from console.domain.messages.settings_rules import MessageSettings, Reminder
from tests.cast import ANNA, VERA
from tests.routes.conftest import SignIn
from tests.words import say

URL = "/settings/messages"


async def test_it_begins_with_what_usually_suits_and_keeps_what_is_chosen(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(URL)
    assert await message_settings() == MessageSettings()
    page = await vera.send(
        page,
        URL,
        told_tier_warning=None,
        reminders_1_count="2",
        reminders_1_at="1080",
        reminders_2_count="3",
        reminders_2_unit="hours",
        reminders_3_count="45",
        reminders_3_unit="minutes",
        quiet_from="none",
        quiet_until="none",
        per_client="0",
        thanks="24",
    )
    assert page.toast == say("done.message_choice.change")
    reminders = {Reminder(2, 1080), Reminder(None, 180), Reminder(None, 45)}
    chosen = await message_settings()
    assert set(chosen.reminders) == reminders
    assert (chosen.off, chosen.per_client, chosen.per_day, chosen.thanks) == (
        frozenset({MessageKind.TIER_WARNING}),
        0,
        2000,
        24,
    )
    assert not any(chosen.is_quiet(minute) for minute in range(24 * 60))
    page = await vera.open(URL)
    assert {page.value(f"reminders_{row}_count") for row in (1, 2, 3)} == {"2", "3", "45"}


async def test_each_delay_says_for_whom_another_number_holds(sign_in: SignIn) -> None:
    page = await (await sign_in(VERA)).open(URL)
    for of, said in (
        (".field:has([name=thanks])", "Another number holds for visits that are finished from now on."),
        (".field:has([name=satisfaction])", "Another number holds for tickets that are solved from now on."),
        (".group:has(.reminder)", "What is changed holds for bookings that were made before, too."),
    ):
        assert page.words(f"{of} > .hint").endswith(said)


async def test_how_long_before_is_said_without_a_number_in_its_words(sign_in: SignIn) -> None:
    """So that it is right of one day as of two: the number stands behind it."""
    vera = await sign_in(VERA, language="ru")
    page = await vera.open(URL)
    row = page.tree.css_first(".reminder")
    first, count, at = row.css("select, input")
    assert [one.text() for one in first.css("option")] == ["Дней", "Часов", "Минут"]
    assert count.attributes["value"] == "1"
    assert at.css_first("option[selected]").text() == "в\xa010:00"


async def test_a_reminder_is_taken_away_by_an_empty_number(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await vera.send(await vera.open(URL), URL, reminders_1_count="")
    assert (await message_settings()).reminders == ()


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        ({"reminders_1_count": "32"}, "reminders_1_count", "problem.reminder"),
        ({"reminders_1_count": "0", "reminders_1_unit": "hours"}, "reminders_1_count", "problem.reminder"),
        ({"reminders_2_count": "1"}, "reminders_2_count", "problem.twice"),
        ({"quiet_from": "none"}, "quiet_from", "problem.quiet_half"),
        ({"quiet_until": "none"}, "quiet_until", "problem.quiet_half"),
        ({"quiet_from": "0", "quiet_until": "1380"}, "quiet_until", "problem.quiet_long"),
    ],
)
async def test_what_means_nothing_is_answered_at_its_field(
    sign_in: SignIn, typed: dict[str, str], field: str, problem: str
) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(URL), URL, **typed)
    assert page.status == 422
    assert page.error(field) == say(problem, days=31, hours=16 if problem == "problem.quiet_long" else 48)
    assert await message_settings() == MessageSettings()


async def test_all_that_is_wrong_is_said_at_once(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(URL), URL, reminders_1_count="99", quiet_from="none")
    assert page.error("reminders_1_count")
    assert page.error("quiet_from")


async def test_who_chose_at_the_same_time_is_asked(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(URL)
    await vera.send(await vera.open(URL), URL, thanks="5")
    page = await vera.send(page, URL, thanks="6")
    assert page.status == 409
    assert (await message_settings()).thanks == 5


async def test_the_desk_does_not_say_what_clients_are_told(sign_in: SignIn) -> None:
    assert (await (await sign_in(ANNA)).open(URL)).status == 403
