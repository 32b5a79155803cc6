"""What fields make of what is typed."""

from __future__ import annotations

import pytest

from console import i18n
from console.routes import _fields as f
from tests.cast import VERA
from tests.routes.conftest import SignIn


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  Anna ", "Anna"),
        ("\u200bAnna\ufeff", "Anna"),
        ("\u2066Anna\u2069", "Anna"),
        ("Anna\u200d", "Anna"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🔧 Mia ❤️", "👩\u200d🔧 Mia ❤️"),
        ("e\u0301", "é"),
    ],
)
def test_a_name_is_kept_without_what_nobody_sees_at_its_ends(typed: str, read: str) -> None:
    assert f.text("name").value([typed]) == read


@pytest.mark.parametrize(
    "typed",
    [
        "\u200b",
        "\u00ad\u2060",
        "\u3164",
        "\u2800\u2800",
        " \ufeff ",
        "\ufe0f",
        "\u0301",
        "\u115f\u1160",
        "\u061c",
        "\u180e",
    ],
)
def test_a_name_that_nobody_can_see_is_none(typed: str) -> None:
    with pytest.raises(f.Bad) as bad:
        f.text("name").value([typed])
    assert bad.value.problem.key == "problem.required"
    assert f.text("name", required=False).value([typed]) is None


@pytest.mark.parametrize("typed", ["Anna\u202egnp", "\u202e", "a\u2067b"])
def test_text_that_turns_its_direction_is_refused(typed: str) -> None:
    with pytest.raises(f.Bad) as bad:
        f.text("name").value([typed])
    assert bad.value.problem.key == "problem.unreadable"


@pytest.mark.parametrize("typed", ["An\u200bna", "an\u2063na@fifth.example", "Anna\U000e0041B"])
def test_a_name_or_address_with_something_invisible_inside_is_refused(typed: str) -> None:
    with pytest.raises(f.Bad) as bad:
        (f.email() if "@" in typed else f.text("name")).value([typed])
    assert bad.value.problem.key == "problem.invisible"


@pytest.mark.parametrize(
    ("typed", "usual"),
    [
        ("ａｎｎａ@fifth.example", "anna@fifth.example"),
        ("anna＠fifth.example", "anna@fifth.example"),
        ("ANNA@ＦＩＦＴＨ.example", "anna@fifth.example"),
        ("ﬁona@fifth.example", "fiona@fifth.example"),
        ("anna@пример．рф", "anna@пример.рф"),
    ],
)
def test_an_address_in_letters_of_another_width_or_shape_is_refused_with_the_one_that_is_meant(
    typed: str, usual: str
) -> None:
    with pytest.raises(f.Bad) as bad:
        f.email().value([typed])
    assert (bad.value.problem.key, bad.value.problem.params) == ("problem.email_letters", {"usual": usual})


@pytest.mark.parametrize(
    "typed", ["анна@fifth.example", "josé@fifth.example", "anna@пример.рф", "straße@fifth.example"]
)
def test_an_address_in_letters_of_another_alphabet_is_taken(typed: str) -> None:
    assert f.email().value([typed])


def test_a_number_without_its_country_is_one_of_the_places_zone_where_the_business_has_no_phone() -> None:
    i18n.use_region(None, "Europe/Moscow")
    assert f.phone("phone").value(["8 (912) 345-67-89"]) == "+79123456789"
    i18n.use_region(None, "UTC")
    with pytest.raises(f.Bad):
        f.phone("phone").value(["8 (912) 345-67-89"])


@pytest.fixture
def in_russia() -> None:
    i18n.use_region("+78121234567")


@pytest.mark.usefixtures("in_russia")
@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("8 (921) 123-45-67", "+79211234567"),
        ("921 123 45 67", "+79211234567"),
        ("+7 921 123-45-67", "+79211234567"),
        ("tel:+7-921-123-45-67", "+79211234567"),
        ("+49 30 901820", "+4930901820"),
        ("00 44 20 7946 0018", "+442079460018"),
        ("0044 20 7946 0018", "+442079460018"),
        ("(00) 44 20 7946 0018", "+442079460018"),
        ("00 7 921 123-45-67", "+79211234567"),
    ],
)
def test_a_phone_is_read_as_the_country_of_the_business_writes_it(typed: str, number: str) -> None:
    assert f.phone("phone").value([typed]) == number


@pytest.mark.usefixtures("in_russia")
@pytest.mark.parametrize(
    "typed", ["+7 921 123-45-67 ext. 12", "8 921 123-45-67 доб. 12", "+7 921 123-45-67 x12", "tel:+79211234567;ext=12"]
)
def test_an_extension_is_refused_in_words(typed: str) -> None:
    with pytest.raises(f.Bad) as bad:
        f.phone("phone").value([typed])
    assert (bad.value.problem.key, bad.value.problem.params) == ("problem.phone_extension", {"extension": "12"})


@pytest.mark.usefixtures("in_russia")
@pytest.mark.parametrize(
    ("typed", "key", "example"),
    [
        ("+7 921 123-45-6", "problem.phone_short", "+7\N{NO-BREAK SPACE}"),
        ("921 123-45-6", "problem.phone_short", "+7\N{NO-BREAK SPACE}"),
        ("+7 921 123-45-678", "problem.phone_long", "+7\N{NO-BREAK SPACE}"),
        ("+44 20 7946 001", "problem.phone_short", "+44\N{NO-BREAK SPACE}"),
        ("+7 100 123-45-67", "problem.phone_unknown", "+7\N{NO-BREAK SPACE}"),
    ],
)
def test_a_number_that_its_country_does_not_have_is_refused_with_one_that_it_has(
    typed: str, key: str, example: str
) -> None:
    with pytest.raises(f.Bad) as bad:
        f.phone("phone").value([typed])
    assert bad.value.problem.key == key
    assert bad.value.problem.params["example"].startswith(example)


def test_a_date_out_of_range_is_told_the_range() -> None:
    with pytest.raises(f.Bad) as bad:
        f.day("on").value(["1899-12-31"])
    assert bad.value.problem.key == "problem.date_range"
    assert {"low", "high"} <= bad.value.problem.params.keys()


async def test_the_business_says_the_country_of_phones_without_a_code(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open("/settings/business")
    assert (await vera.send(page, "/settings/business", phone="8 921 123-45-67")).status == 422
    page = await vera.send(page, "/settings/business", phone="+7 812 123-45-67")
    page = await vera.send(page, "/settings/business", phone="8 921 123-45-67")
    assert (page.status, page.value("phone")) == (200, "+7 921 123-45-67")


@pytest.mark.parametrize(
    ("language", "typed", "currency", "minor"),
    [
        ("en", "12,345", "RUB", 1_234_500),
        ("en", "1,234,567.50", "EUR", 123_456_750),
        ("en", "12,345", "JPY", 12_345),
        ("en", "12,34", "EUR", 1_234),
        ("en", "1,234.500", "KWD", 1_234_500),
        ("ru", "12 345,50", "RUB", 1_234_550),
    ],
)
def test_an_amount_is_read_as_lists_write_it(language: str, typed: str, currency: str, minor: int) -> None:
    with i18n.speaking(language):
        assert f.money("price", currency).value([typed]) == minor


@pytest.mark.parametrize(("language", "currency"), [("en", "KWD"), ("ru", "RUB")])
def test_an_amount_that_could_be_two_or_none_is_asked_for_again(language: str, currency: str) -> None:
    typed = "0,345" if language == "ru" else "12,345"
    with i18n.speaking(language), pytest.raises(f.Bad):
        f.money("price", currency).value([typed])
