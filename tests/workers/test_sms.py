"""SMS by a gateway as there are: it knows who asks, refuses a number, is busy, hangs up, or is not there."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from console.composed import Composed
from console.config import ConfigError, Settings
from console.domain.team.trouble import Cause
from console.processes import free_port
from tests.workers.gateway import SECRET, Gateway, gateway
from workers.channels import Letter, Undelivered
from workers.sms import BySms, signature

ANNA = "+79213334512"
LETTER = Letter("17-abc", "Анна", ANNA, Composed("Subject", "Text", "<p>Text</p>", "Ждём вас 12 мая в 10:00"))


@pytest.fixture
def provider() -> Iterator[Gateway]:
    with gateway(Gateway()) as state:
        yield state


@pytest.fixture
def settings(provider: Gateway) -> Settings:
    return Settings(sms_url=provider.url, sms_secret=SECRET, sms_from="Fifth")


async def trouble(settings: Settings, letter: Letter = LETTER) -> Cause:
    with pytest.raises(Undelivered) as raised:
        await BySms(settings).send(letter)
    return raised.value.why.cause


async def test_it_goes_signed_with_a_key_and_what_the_phone_shows(settings: Settings, provider: Gateway) -> None:
    await BySms(settings).send(LETTER)
    told = {"to": ANNA, "text": "Ждём вас 12 мая в 10:00", "from": "Fifth", "id": "17-abc"}
    assert provider.sent == {"17-abc": told}


async def test_a_second_copy_is_the_same_message(settings: Settings, provider: Gateway) -> None:
    await BySms(settings).send(LETTER)
    await BySms(settings).send(LETTER)
    assert (len(provider.sent), len(provider.asked)) == (1, 2)


def test_the_signature_covers_the_instant_and_the_body() -> None:
    body = json.dumps({"to": ANNA}).encode()
    expected = hmac.new(SECRET.encode(), b"1700000000." + body, hashlib.sha256).hexdigest()
    assert signature(SECRET, "1700000000", body) == expected
    assert len({signature(SECRET, "1700000000", b"x"), signature(SECRET, "1700000001", b"x"), expected}) == 3


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (400, Cause.REFUSED),
        (404, Cause.REFUSED),
        (422, Cause.REFUSED),
        (499, Cause.REFUSED),
        (401, Cause.LOGIN),
        (403, Cause.LOGIN),
        (429, Cause.LATER),
        (503, Cause.LATER),
        (302, Cause.LATER),
        (409, Cause.SILENT),
        (500, Cause.SILENT),
        (502, Cause.SILENT),
        (504, Cause.SILENT),
    ],
)
async def test_what_it_answers_says_whether_it_went(
    settings: Settings, provider: Gateway, status: int, cause: Cause
) -> None:
    provider.answers[ANNA] = (status, "no")
    assert await trouble(settings) is cause


async def test_who_hangs_up_may_have_taken_it(settings: Settings, provider: Gateway) -> None:
    provider.hangs_up.add(ANNA)
    assert await trouble(settings) is Cause.SILENT
    assert len(provider.sent) == 1


async def test_another_secret_is_not_let_in(settings: Settings, provider: Gateway) -> None:
    assert await trouble(replace(settings, sms_secret="some other secret of mine")) is Cause.LOGIN
    assert provider.sent == {}


async def test_who_is_not_there_has_taken_nothing(settings: Settings) -> None:
    assert await trouble(replace(settings, sms_url=f"http://127.0.0.1:{free_port()}/")) is Cause.AWAY


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"SMS_URL": "http://sms.example.com/"}, "SMS_URL"),
        ({"SMS_URL": "sms.example.com"}, "SMS_URL"),
        ({"SMS_URL": "https://sms.example.com/"}, "SMS_SECRET"),
        ({"SMS_URL": "https://sms.example.com/", "SMS_SECRET": "short"}, "SMS_SECRET"),
        ({"SMS_DEDUPLICATES": "yes"}, "SMS_DEDUPLICATES"),
    ],
)
def test_a_gateway_that_cannot_be_trusted_is_refused_at_the_start(given: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        Settings.from_env(given)


def test_without_a_word_of_the_operator_it_knows_second_copies() -> None:
    given = {"SMS_URL": "https://sms.example.com/", "SMS_SECRET": SECRET}
    assert BySms(Settings.from_env(given)).deduplicates
    assert not BySms(Settings.from_env({**given, "SMS_DEDUPLICATES": "0"})).deduplicates
    assert Settings.from_env({**given, "SMS_URL": "http://127.0.0.1:9/"}).sms_url == "http://127.0.0.1:9/"
